"""Two levers at once: both moved by the same number of prior spreads until WeChat meets a goal.

T(x_i) = T(now_i) +- u s_i  for both levers i;  u is smallest where  g(x_1, x_2) = 0

x : value of a lever, in its unit;  g : the gap of `goal_seek`, 0 where the goal is just met
T : the scale of its prior, ln(x + e) or ln((x + e) / (100 - x + e));  e : a tenth of the slider's
step, so that 0 and 100% can be left;  s : standard deviation of the prior on that scale. A lever
without a prior (marketing) counts in its unit, with its slider's range as the 90% range. Each lever
moves the way that helps, and stops at the end of its range.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.analysis.goal_seek import (
    LEVERS,
    Batch,
    Goal,
    crossings,
    few_lines,
    find_lever,
    gaps_at,
    near_crossings,
    value_at,
)
from model.analysis.sampling import lines, run_totals
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from model.scenario.settings import Z90, Setting, all_settings, prior

Now = Mapping[str, float]  # lever -> its value in the scenario
BEST = 3  # pairs that are given
TRIED = 5  # pairs that are solved with all runs: the nearest of few runs


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSolved:
    """The values that two levers would need together.

    values : where the goal is just met, in the levers' units;  now : the levers in the scenario
    distance : how far each moves, prior spreads
    reached : the goal is met there
    enough : share of the runs that meet the goal there, 0-1
    sentence : the same in words, at most three significant digits
    """

    levers: tuple[str, str]
    values: tuple[float, float]
    now: tuple[float, float]
    distance: float
    reached: bool
    enough: float
    sentence: str


def solve_pairs(
    scenario: Scenario, goal: Goal, *, levers: Iterable[str] = LEVERS
) -> list[PairSolved]:
    """The BEST pairs of levers that meet the goal with the smallest change, the smallest first.

    Nothing if the scenario meets the goal already, if no pair does, or of fewer than two levers.
    Raises SettingError as `goal_seek.solve` does.
    """
    now = {find_lever(lever).name: scenario[lever] for lever in levers}
    pairs = {"+".join(pair): pair for pair in combinations(now, 2)}
    if not pairs:
        return []
    ways = _helpful_ways(scenario, goal, now)

    def moved(name: str, spreads: NDArray) -> Batch:
        return {lever: _moved(lever, now[lever], ways[lever] * spreads) for lever in pairs[name]}

    gaps = partial(gaps_at, scenario, goal, moved=moved)
    start = dict.fromkeys(pairs, 0.0)
    ends = {
        name: (0.0, max(_longest(lever, now[lever], ways[lever]) for lever in pair))
        for name, pair in pairs.items()
    }
    points, near = near_crossings(partial(gaps, few_lines), start, ends)
    nearest = sorted((away, name) for name, away in near.items() if away is not None)[:TRIED]
    if not nearest:
        return []
    curves = crossings(partial(gaps, lines), {n: points[n] for _, n in nearest}, start)
    if any(gap[0] >= 0 for _, gap in curves.values()):
        return []
    found = {name: value_at(curve, 0.0) for name, curve in curves.items()}
    places = {name: np.array([away]) for name, away in found.items() if away is not None}
    shares = gaps(run_totals, places) if places else {}
    solved = [
        _solved(pairs[name], now, moved(name, away), float(away[0]), float((share >= 0).mean()))
        for (name, away), share in zip(places.items(), shares.values(), strict=True)
    ]
    return sorted(solved, key=lambda one: one.distance)[:BEST]


def _helpful_ways(scenario: Scenario, goal: Goal, now: Now) -> dict[str, float]:
    """The direction in which each lever helps: 1 upwards, -1 downwards.

    Found by moving it by one prior spread either way.
    """

    def moved(lever: str, spreads: NDArray) -> Batch:
        return {lever: _moved(lever, now[lever], spreads)}

    both = {lever: np.array([-1.0, 1.0]) for lever in now}
    gaps = gaps_at(scenario, goal, few_lines, both, moved=moved)
    return {lever: 1.0 if more >= less else -1.0 for lever, (less, more) in gaps.items()}


def _moved(lever: str, value: float, spreads: NDArray) -> NDArray:
    """The values of a lever so many prior spreads away from `value`, within its range."""
    setting = all_settings()[lever]
    edge, there = setting.step / 10, _position(setting, value) + spreads
    if not setting.scale:
        found = there * (setting.high - setting.low) / (2 * Z90)
    elif setting.scale == "log":
        found = np.exp(there * prior(setting)[1]) - edge
    else:
        found = (100 + 2 * edge) * expit(there * prior(setting)[1]) - edge
    return np.where(spreads == 0, value, np.clip(found, setting.low, setting.high))


def _longest(lever: str, value: float, way: float) -> float:
    """Prior spreads from `value` to the end of a lever's range."""
    setting = all_settings()[lever]
    end = setting.high if way > 0 else setting.low
    return abs(float(_position(setting, end) - _position(setting, value)))


def _position(setting: Setting, value: float) -> float:
    """A lever's value in prior spreads, on the scale T of its prior."""
    edge = setting.step / 10
    if not setting.scale:
        return value * 2 * Z90 / (setting.high - setting.low)
    rest = np.log(100 - value + edge) if setting.scale == "logit" else 0.0
    return float((np.log(value + edge) - rest) / prior(setting)[1])


def _solved(
    pair: tuple[str, str], now: Now, place: Batch, distance: float, enough: float
) -> PairSolved:
    """The answer for one pair from its place."""
    values = {lever: float(place[lever][0]) for lever in pair}
    first, second = (all_settings()[lever].label for lever in pair)
    if second.split()[0] not in PLATFORMS:
        second = second[0].lower() + second[1:]
    moves = []
    for lever in pair:
        texts = [
            all_settings()[lever].format(x, whole_unit=True) for x in (values[lever], now[lever])
        ]
        same = texts[0] == texts[1]
        way = "stay at" if same else "rise to" if values[lever] > now[lever] else "fall to"
        moves.append(f"{way} {texts[0]}")
    return PairSolved(
        levers=pair,
        values=(values[pair[0]], values[pair[1]]),
        now=(now[pair[0]], now[pair[1]]),
        distance=distance,
        reached=True,
        enough=enough,
        sentence=f"{first} would have to {moves[0]} and {second} to {moves[1]}.",
    )
