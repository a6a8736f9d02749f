"""Goal seek: the value of one setting at which WeChat would just meet a goal.

g(x) = ln(WeChat) - ln(rival)  or  ln(WeChat) - ln(goal),  and the goal is met where g(x) >= 0

x : the value of one setting, the lever, in its unit;  WeChat, rival, goal : million users at a
quarter, on the line of the answer. `root_search` says how the root is found.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.analysis.bands import Answer
from model.analysis.batch import Points, runs_of
from model.analysis.far_fetched import unusual
from model.analysis.root_search import Crossing, Values, search
from model.analysis.sampling import LEAST, middle
from model.engine.markets import Markets, load_markets
from model.messengers import PLATFORMS
from model.number_text import two_digits
from model.quarters import decimal_year, quarter_name, quarters_between
from model.scenario.scenario import Scenario, change
from model.scenario.settings import NUMBER, Setting, SettingError, all_settings

LEVERS = ("wechat", "line", "kakao", "concern", "barrier", "marketing", "attrition")
RIVALS = {"pass-line": "LINE", "pass-kakao": "KakaoTalk"}
LAST = "2035Q4"  # where the tables of data/ end
ROUND = (1, 2, 5, 10)  # first digits of the numbers that a goal aims at


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
    """The values that levers would need: one alone, or two together.

    values : lever -> where the goal is just met, in its unit; nothing if it is not in the range
    now : lever -> its present value;  already : the goal is met there
    enough : share of the runs that meet the goal at `values`, 0-1; None without any
    unusual : of the scenario with `values`, see `far_fetched`; None without any
    sentence : the same in words, at most three significant digits
    rough : the search ended before the values were known well
    """

    values: dict[str, float]
    now: dict[str, float]
    already: bool
    enough: float | None
    unusual: float | None
    sentence: str
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


def open_goal(answer: Answer) -> str:
    """A goal that is not met yet, as `parse_goal` reads it: a rival ahead, else a round number.

    The number is above the headline's, which has two digits.
    """
    users = answer.total.line[-1]
    for name, rival in reversed(RIVALS.items()):
        if users[0] < users[PLATFORMS.index(rival)]:
            return name
    shown = two_digits(float(users[0]))
    power = 10 ** np.floor(np.log10(max(shown, 1.0)))
    return f"reach={next(first * power for first in ROUND if first * power > shown):g}"


def goal_years(scenario: Scenario) -> tuple[list[str], int]:
    """The quarters of a goal, whole years after the start, and the place of the one of the end."""
    start, quarter = int(scenario.origin[:4]), scenario.origin[4:]
    longest = min(int(all_settings()["horizon"].high), int(LAST[:4]) - start)
    years = [f"{start + ahead}{quarter}" for ahead in range(1, longest + 1)]
    return years, min(round(scenario["horizon"]), longest) - 1


def solve(scenario: Scenario, goal: Goal, levers: Iterable[str]) -> list[Solved]:
    """For each lever alone the value at which the goal is just met, nearest to the present one.

    Raises SettingError for a lever that is not a numeric setting, or is the horizon.
    """
    settings = {lever: find_lever(lever) for lever in levers}
    results = []
    for lever, one in _crossings(scenario, dict.fromkeys(settings, goal), settings).items():
        values = {} if one.value is None else {lever: one.value}
        sentence = _sentence(goal, settings[lever], scenario[lever], one)
        results.append(solved(scenario, [lever], values, one, sentence))
    return results


def solved(
    scenario: Scenario, levers: Iterable[str], values: dict[str, float], one: Crossing, text: str
) -> Solved:
    """The result for one lever, or two, whose values are those of a crossing; text : in words."""
    return Solved(
        values=values,
        now={lever: scenario[lever] for lever in levers},
        already=one.met,
        enough=one.enough,
        unusual=unusual(change(scenario, values)) if values else None,
        sentence=text,
        rough=one.rough,
    )


def needed_growth(scenario: Scenario) -> dict[str, float]:
    """The growth from which WeChat's line is level with a rival's at the end, by rival.

    Per 100 users a year; 0 where WeChat leads at any growth, inf where it does at none. The same
    as `solve` gives for the lever wechat, for both rivals at once.
    """
    goals = {rival: parse_goal(text, "", scenario) for text, rival in RIVALS.items()}
    found = _crossings(scenario, goals, dict.fromkeys(goals, all_settings()["wechat"]))
    return {
        rival: (0.0 if one.met else np.inf) if one.value is None else one.value
        for rival, one in found.items()
    }


def _crossings(
    scenario: Scenario, goals: Mapping[str, Goal], levers: Mapping[str, Setting]
) -> dict[str, Crossing]:
    """Where each goal is just met, by the lever of the same name."""

    def moved(name: str, x: NDArray) -> Points:
        return {levers[name].name: x}

    now = {name: scenario[lever.name] for name, lever in levers.items()}
    ends = {name: (lever.low, lever.high) for name, lever in levers.items()}
    return search(partial(gaps_at, scenario, goals, moved), now, ends)


def order(results: Iterable[Solved]) -> list[Solved]:
    """The levers with a value first, the most plausible value first; then those without one.

    A value that somebody decides, or that the case has, is as plausible as any.
    """

    def rank(one: Solved) -> tuple[bool, float]:
        return not one.values, -(1.0 if one.unusual is None else one.unusual)

    return sorted(results, key=rank)


def find_lever(name: str) -> Setting:
    """The numeric setting of that name; raises SettingError if it cannot be varied in a batch."""
    known = [one for one in all_settings() if one != "horizon"]
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise SettingError(f"{name[:40]!r} is not a setting to vary; the nearest name is {near}")
    return all_settings()[name]


def markets_until(scenario: Scenario, goal: Goal) -> Markets:
    """The markets from a scenario's start to the quarter of a goal."""
    return load_markets(scenario.origin, quarters_between(scenario.origin, goal.by))


def gaps_at(
    scenario: Scenario,
    goals: Mapping[str, Goal],
    moved: Callable[[str, NDArray], Points],
    values: Values,
    count: int,
) -> dict[str, NDArray]:
    """The gap at each value of each lever, and the share of runs that meet the goal (2, value).

    goals : of each lever, all by the same quarter;  count : runs of each value
    moved : lever and its values -> the settings that move
    """
    markets = markets_until(scenario, next(iter(goals.values())))
    places = {name: moved(name, x) for name, x in values.items()}
    found = {}
    for name, users in runs_of(scenario, places, markets=markets, count=count).items():
        shares = (_gap(goals[name], users) >= 0).mean(axis=-1)
        found[name] = np.array([_gap(goals[name], middle(users)), shares])
    return found


def _gap(goal: Goal, users: NDArray) -> NDArray:
    """The gap g of million users (platform, ...)."""
    logs = np.log(np.maximum(users, LEAST))
    return logs[0] - (np.log(goal.users) if goal.users else logs[PLATFORMS.index(goal.rival)])


def _sentence(goal: Goal, setting: Setting, now: float, found: Crossing) -> str:
    """The value that one lever would need, or how far it may go, in words."""
    value, already = found.value, found.met
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
    amount = f"about {amount}" if found.rough else amount
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
