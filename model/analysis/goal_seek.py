"""Goal seek: the value of one setting at which WeChat would just meet a goal.

g(x) = ln(WeChat) - ln(rival)  or  ln(WeChat) - ln(goal),  and the goal is met where g(x) >= 0

x : the value of one setting, the lever, in its unit;  WeChat, rival, goal : million users at a
quarter, on the line of the answer. A curve of FEW runs finds the neighbourhood of g = 0, all runs
the value, as `root_search` says.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis.effort import counted
from model.analysis.far_fetched import unusual
from model.analysis.root_search import Batch, crossings, is_rough, near_crossings, value_at
from model.analysis.sampling import FEW, LEAST, lines, run_totals
from model.engine.markets import Markets, load_markets
from model.messengers import PLATFORMS
from model.quarters import decimal_year, quarter_name, quarters_between
from model.scenario.scenario import Scenario, change
from model.scenario.settings import NUMBER, Setting, SettingError, all_settings

LEVERS = ("wechat", "line", "kakao", "concern", "barrier", "marketing", "attrition")
RIVALS = {"pass-line": "LINE", "pass-kakao": "KakaoTalk"}
LAST = "2035Q4"  # where the tables of data/ end


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """An aim for WeChat by a quarter: pass a rival, or reach so many users.

    rival : LINE or KakaoTalk, or "" where `users` counts;  users : million, or None
    by : a quarter like 2020Q1
    """

    rival: str
    users: float | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The value that one lever alone would need.

    value : where the goal is just met, in the lever's unit; None if that is nowhere in its range
    now : the lever in the scenario;  already : the goal is met there
    reached : the goal is met at `value`, or where that is None anywhere in the range
    enough : share of the runs that meet the goal at `value`, 0-1; None where that is None
    unusual : of the scenario with `value`, see the module of that name; None where that is None
    sentence : the same in words, at most three significant digits
    rough : the search ended before the value was known well
    """

    lever: str
    value: float | None
    now: float
    reached: bool
    enough: float | None
    unusual: float | None
    sentence: str
    already: bool
    rough: bool


def parse_goal(text: str, by: str, scenario: Scenario) -> Goal:
    """The goal named pass-line, pass-kakao or reach=50 (million), by a quarter or the horizon.

    Raises SettingError with one sentence.
    """
    start, horizon = decimal_year(scenario.origin), round(4 * scenario["horizon"]) / 4
    by = by or quarter_name(start + horizon)
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", by):
        raise SettingError(f"by: {by[:40]!r} is not a quarter like 2020Q1")
    last = min(decimal_year(LAST), start + all_settings()["horizon"].high)
    # a scenario may itself look further than the tables
    if not start < decimal_year(by) <= max(last, start + horizon):
        span = f"after {scenario.origin} and up to {quarter_name(last)}"
        raise SettingError(f"by: {by} is not {span}")
    if text in RIVALS:
        return Goal(rival=RIVALS[text], users=None, by=by)
    name, sign, amount = text.partition("=")
    if name + sign != "reach=":
        raise SettingError(f"goal: {text[:40]!r} is not one of {', '.join(RIVALS)}, reach=50")
    amount = amount.strip()
    users = float(amount) if NUMBER.fullmatch(amount) else np.nan
    if not 0 < users < np.inf:
        raise SettingError(f"goal: {amount[:40]!r} is not a number of users above 0 (million)")
    return Goal(rival="", users=users, by=by)


def solve(scenario: Scenario, goal: Goal, levers: Iterable[str]) -> list[Solved]:
    """For each lever alone the value at which the goal is just met, nearest to the present one.

    Raises SettingError for a lever that is not a numeric setting, or is the horizon.
    """
    now = {find_lever(lever).name: scenario[lever] for lever in levers}
    ends = {lever: (all_settings()[lever].low, all_settings()[lever].high) for lever in now}
    gaps = partial(gaps_at, scenario, goal)
    with counted() as spent:
        points, _ = near_crossings(partial(gaps, few_lines), now, ends)
        curves = crossings(partial(gaps, lines), points, now, spent)
    values = {lever: value_at(curve, now[lever]) for lever, curve in curves.items()}
    found = {lever: np.array([value]) for lever, value in values.items() if value is not None}
    met = gaps(run_totals, found) if found else {}
    return [
        _solved(scenario, goal, all_settings()[lever], curve, met.get(lever))
        for lever, curve in curves.items()
    ]


def find_lever(name: str) -> Setting:
    """The numeric setting of that name; raises SettingError if it cannot be varied in a batch."""
    known = [one for one in all_settings() if one != "horizon"]
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise SettingError(f"{name[:40]!r} is not a setting to vary; the nearest name is {near}")
    return all_settings()[name]


def _alone(lever: str, x: NDArray) -> Batch:
    return {lever: x}


def gaps_at(
    scenario: Scenario,
    goal: Goal,
    line: Callable[..., NDArray],
    points: Batch,
    moved: Callable[[str, NDArray], Batch] = _alone,
) -> dict[str, NDArray]:
    """The gap at each value of each lever, all else as in the scenario: one batch.

    line : million users at the last quarter (platform, point), or of every run (..., run)
    moved : lever and its values -> the settings that move, setting name -> values
    """
    ends = np.cumsum([x.size for x in points.values()])
    places = [moved(lever, x) for lever, x in points.items()]
    names = dict.fromkeys(name for place in places for name in place)
    batch = {name: np.full(ends[-1], scenario[name]) for name in names}
    for place, end in zip(places, ends, strict=True):
        for name, x in place.items():
            batch[name][end - x.size : end] = x
    gaps = np.split(gap_at(scenario, goal, line, batch), ends[:-1])
    return dict(zip(points, gaps, strict=True))


def few_lines(*asked: Any, **options: Any) -> NDArray:
    """As `lines`, from FEW runs."""
    return lines(*asked, **options, count=FEW)


def markets_until(scenario: Scenario, goal: Goal) -> Markets:
    """The markets from a scenario's start to the quarter of a goal."""
    return load_markets(scenario.origin, quarters_between(scenario.origin, goal.by))


def gap_at(scenario: Scenario, goal: Goal, line: Callable[..., NDArray], batch: Batch) -> NDArray:
    """The gap g where several settings move at once (point,), or of every run (point, run).

    line : as `lines` or `run_totals`;  batch : setting name -> value at each point (point,)
    """
    found = line(scenario, batch, markets=markets_until(scenario, goal))
    users = np.log(np.maximum(found, LEAST))
    return users[0] - (np.log(goal.users) if goal.users else users[PLATFORMS.index(goal.rival)])


def _solved(
    scenario: Scenario, goal: Goal, setting: Setting, curve: NDArray, met: NDArray | None
) -> Solved:
    """The answer for one lever from its curve, and from every run's gap at its value."""
    now = scenario[setting.name]
    value, rough = value_at(curve, now), is_rough(curve, now)
    already = bool(curve[1][curve[0] == now][0] >= 0)
    return Solved(
        lever=setting.name,
        value=value,
        now=now,
        reached=value is not None or already,
        enough=None if met is None else float(np.mean(met >= 0)),
        unusual=None if value is None else unusual(change(scenario, {setting.name: value})),
        sentence=_sentence(goal, setting, now, value, already, rough),
        already=already,
        rough=rough,
    )


def _sentence(
    goal: Goal, setting: Setting, now: float, value: float | None, already: bool, rough: bool
) -> str:
    """The value that one lever would need, or how far it may go, in words."""
    lever = lever_name(setting)
    goal_met = "is ahead" if goal.rival else f"reaches {goal.users:g} million"
    if value is None:
        span = f"from {setting.low:g} to {_amount(setting, setting.high)}"
        if already:
            return f"WeChat {goal_met} already, whatever {lever} is {span}."
        return f"No value of {lever} {span} is enough."
    amount, up = _amount(setting, value), value > now
    if already and amount == _amount(setting, now):
        return f"WeChat {goal_met} already, only just: {lever} of {amount} is the limit."
    amount = f"about {amount}" if rough else amount
    if already and up and setting.name == "concern":
        return f"WeChat can bear security concern up to {amount}."
    if already:
        way = "up" if up else "down"
        return f"WeChat {goal_met} already; it stays so {way} to {lever} of {amount}."
    distance = f"{abs(float(f'{value:.3g}') - now):.3g}"
    unit = " points" if setting.unit.startswith("%") else " M" if "US$" in setting.unit else ""
    size = "hardly" if distance == "0" else distance + unit
    way, more = ("rise", "more") if up else ("fall", "less")
    return f"{setting.label} would have to {way} to {amount}: {size} {more} than now."


def lever_name(setting: Setting) -> str:
    """A setting's label within a sentence: "quitting", "LINE growth"."""
    label = setting.label
    return label if label.split()[0] in PLATFORMS else label[0].lower() + label[1:]


def _amount(setting: Setting, value: float) -> str:
    """A value with its unit, and years alone: "125% a year", "2016"."""
    return setting.format(value, whole_unit=setting.unit != "end of year")
