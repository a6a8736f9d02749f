"""Two levers at once: both moved by the same number of prior spreads until WeChat meets a goal.

T(x_i) = T(now_i) +- u s_i  for both levers i;  u is smallest where  g(x_1, x_2) = 0

x : value of a lever, in its unit;  g : the gap of `goal_seek`, 0 where the goal is just met
T : the scale of its prior, ln(x + e) or ln((x + e) / (100 - x + e));  e : a tenth of the slider's
step, so that 0 and 100% can be left;  s : standard deviation of the prior on that scale. A lever
without a prior (marketing) counts in its unit, with its slider's range as the 90% range. Each lever
moves the way that helps, and stops at the end of its range.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from model.analysis.batch import Points
from model.analysis.effort import AIM
from model.analysis.goal_seek import (
    LEVERS,
    Goal,
    Solved,
    find_lever,
    gaps_at,
    lever_name,
    markets_until,
    solved,
)
from model.analysis.root_search import search
from model.analysis.sampling import FEW, seconds
from model.scenario.scenario import Scenario
from model.scenario.settings import Z90, Setting, all_settings, from_scale, prior, to_scale

BEST = 3  # pairs that are given
TRIED = 5  # pairs that are solved with all runs: the nearest of few runs
POINTS = 125  # with all runs of a scenario that take about as long as all of this


def solve_pairs(scenario: Scenario, goal: Goal, *, levers: Iterable[str] = LEVERS) -> list[Solved]:
    """The BEST pairs of levers that meet the goal with the smallest change, the smallest first.

    Nothing if the scenario meets the goal already, if no pair does, or of fewer than two levers.
    Raises SettingError as `goal_seek.solve` does.
    """
    settings = {lever: find_lever(lever) for lever in levers}
    pairs = {"+".join(pair): pair for pair in combinations(settings, 2)}
    if not pairs:
        return []
    ways, longest = dict.fromkeys(settings, 1.0), {}

    def moved(name: str, spreads: NDArray) -> Points:
        """Values of a pair of levers, or of one alone, so many spreads the way that helps."""
        alone = pairs.get(name, (name,))
        return {one: _moved(settings[one], scenario[one], ways[one] * spreads) for one in alone}

    gaps = partial(gaps_at, scenario, dict.fromkeys([*settings, *pairs], goal), moved)
    few, tried = _few(scenario, goal)
    either = gaps(dict.fromkeys(settings, np.array([-1.0, 1.0])), few)
    for lever, ((less, more), _) in either.items():
        one = settings[lever]
        ways[lever], end = (1.0, one.high) if more >= less else (-1.0, one.low)
        longest[lever] = abs(_position(one, end) - _position(one, scenario[lever]))
    ends = {name: (0.0, max(longest[lever] for lever in pair)) for name, pair in pairs.items()}
    found = search(gaps, dict.fromkeys(pairs, 0.0), ends, few=few, nearest=tried)
    if any(one.met for one in found.values()):
        return []
    spreads, results = {name: one.value for name, one in found.items() if one.value}, []
    for name in sorted(spreads, key=lambda name: spreads[name])[:BEST]:
        place = moved(name, np.array(spreads[name]))
        values = {lever: float(x) for lever, x in place.items()}
        sentence = _sentence(scenario, values, found[name].rough)
        results.append(solved(scenario, values, values, found[name], sentence))
    return results


def _few(scenario: Scenario, goal: Goal) -> tuple[int, int]:
    """Runs to begin with, and pairs to solve with all: fewer of both where runs take long."""
    now = {"wechat": np.array([scenario["wechat"]])}
    if POINTS * seconds(scenario, now, markets=markets_until(scenario, goal)) <= AIM:
        return FEW, TRIED
    return FEW // 2, BEST


def _moved(setting: Setting, value: float, spreads: NDArray) -> NDArray:
    """The values of a lever so many prior spreads away from `value`, within its range."""
    there = _position(setting, value) + spreads
    if setting.scale:
        edge, part = _edge(setting)
        found = from_scale(setting, there * prior(setting)[1]) / part - edge
    else:
        found = there * (setting.high - setting.low) / (2 * Z90)
    return np.where(spreads == 0, value, np.clip(found, setting.low, setting.high))


def _position(setting: Setting, value: float) -> float:
    """A lever's value in prior spreads, on the scale T of its prior."""
    if not setting.scale:
        return value * 2 * Z90 / (setting.high - setting.low)
    edge, part = _edge(setting)
    return float(to_scale(setting, (value + edge) * part) / prior(setting)[1])


def _edge(setting: Setting) -> tuple[float, float]:
    """The e of T, and the part of 100% + 2 e that 100% are; 1 on the scale that has no top."""
    edge = setting.step / 10
    return edge, 100 / (100 + 2 * edge) if setting.scale == "logit" else 1.0


def _sentence(scenario: Scenario, values: Mapping[str, float], rough: bool) -> str:
    """The values that both levers would need, in words."""
    first, second = (all_settings()[lever] for lever in values)
    ways = [_way(one, scenario[one.name], values[one.name], rough) for one in (first, second)]
    return f"{first.label} would have to {ways[0]} and {lever_name(second)} to {ways[1]}."


def _way(setting: Setting, now: float, value: float, rough: bool) -> str:
    """How a lever gets from one value to another: "rise to 200 per 100 a year"."""
    here, there = (setting.format(x, whole_unit=True) for x in (now, value))
    way = "stay at" if there == here else "rise to" if value > now else "fall to"
    return f"{way} {'about ' if rough else ''}{there}"
