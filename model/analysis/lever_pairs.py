"""Two levers at once: the smallest change of two settings with which WeChat meets a goal.

distance = sqrt(u_1^2 + u_2^2)  is smallest where  g(x_1, x_2) = 0;  one u a lever

x : value of a lever, in its unit;  g : the gap of `goal_seek`, 0 where the goal is just met
u : change of a lever in prior spreads, see `pair_surface`

Method: single paths on a coarse grid of every pair, one batch, give the shape of g; SOME runs at
the nearest point of each pair give its level. With all runs the best pairs are then turned to the
side where g is larger at the same distance, and put onto the goal. It is our own. Beside fine grids
of all runs 11 of 12 best pairs were within 0.5%; one that came third lay 10% further.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis.goal_seek import CLOSE, LEVERS, Goal, find_lever, gap_at
from model.analysis.pair_surface import (
    Aim,
    Now,
    Pair,
    Surface,
    aim_at,
    distance,
    nearest,
    reached,
    surfaces_of,
    towards,
)
from model.analysis.sampling import lines, middle, run_totals
from model.engine.markets import Markets
from model.engine.projection import project, total
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings

Places = Mapping[Pair, NDArray]  # values of both levers (2, point)
Gaps = Callable[[Places], dict[Pair, NDArray]]  # g at each of them (point,)
KNOTS = 5  # values of each lever on the coarse grid, beside the present one
SOME = 8  # runs, the first of all
LEVELS = 2  # times that the level of the surfaces is found
BEST = 3  # pairs that are solved with all runs
TURN, TURNS = 0.25, 3  # radians to the left and right, and looks at most
ENOUGH = 8e-4  # largest gap above 0 of a solved pair: 0.08% of the users
ROUNDS = 8  # the third is the last as a rule
ESTIMATE = "This is an estimate."


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSolved:
    """The values that two levers would need together, the smallest change that is enough.

    values : where the goal is just met, in the levers' units; None if that is nowhere
    now : the levers in the scenario
    distance : length of the change in prior spreads; infinite if the goal is nowhere met
    reached : there are such values
    exact : worked out with all runs, the goal met within 0.1%; else estimated from SOME runs, with
        users that may be off by half where they rise steeply
    enough : share of the runs that meet the goal there, 0-1; None if it is not exact
    sentence : the same in words, at most three significant digits
    """

    levers: Pair
    values: tuple[float, float] | None
    now: tuple[float, float]
    distance: float
    reached: bool
    exact: bool
    enough: float | None
    sentence: str


def solve_pairs(
    scenario: Scenario,
    goal: Goal,
    *,
    levers: Iterable[str] = LEVERS,
    best: int = BEST,
) -> list[PairSolved]:
    """Every pair of levers with its smallest change, the `best` pairs exactly and first.

    Nothing if the scenario meets the goal already, or of fewer than two levers. Raises SettingError
    as `goal_seek.solve` does.
    """
    now = {find_lever(lever).name: scenario[lever] for lever in levers}
    pairs = list(combinations(now, 2))
    if not pairs:
        return []
    rough, few, exact = (
        partial(_gaps, scenario, goal, line) for line in (_single_paths, _some, _both)
    )
    own = {pairs[0]: np.array([[now[lever]] for lever in pairs[0]])}
    some_now, now_gap = exact(own)[pairs[0]][0, :2]
    if now_gap >= 0:
        return []
    surfaces = surfaces_of(rough, now, now_gap, KNOTS)
    shifts = _levelled(few, surfaces, now, now_gap - some_now)
    places = reached(surfaces, shifts, now)
    order = sorted(places, key=lambda pair: distance(pair, places[pair], now))
    exactly: dict[Pair, tuple[NDArray, float]] = {}
    lacks: list[float] = []
    tried = 0
    while tried < len(order) and len(exactly) < best:
        some = order[tried : tried + best - len(exactly)]
        aims, lack = _turned(exact, {p: aim_at(surfaces[p], shifts[p], now) for p in some}, now)
        exactly |= _onto_goal(exact, now_gap, aims, now)
        tried, lacks = tried + len(some), [*lacks, lack]
    if lacks:
        more = np.mean(lacks) - (now_gap - some_now)
        places = reached(surfaces, {pair: x + more for pair, x in shifts.items()}, now)
    for pair in order[:tried]:  # those that no change puts onto the goal with all runs
        places.pop(pair, None)
    found = {pair: exactly.get(pair, (places.get(pair), None)) for pair in pairs}
    solved = [_solved(pair, now, *found[pair]) for pair in pairs]
    return sorted(solved, key=lambda one: (not one.exact, one.distance))


def _levelled(
    few: Gaps, surfaces: Mapping[Pair, Surface], now: Now, shift: float
) -> dict[Pair, float]:
    """The shift of each surface with which its gap is that of the line where the goal is met.

    shift : what SOME runs lack to all of them
    """
    shifts = dict.fromkeys(surfaces, 0.0)
    for _ in range(LEVELS):
        found = {pair: nearest(surfaces[pair], now, shifts[pair]) for pair in surfaces}
        gaps = few({pair: place[:, None] for pair, (place, _, _) in found.items()})
        shifts = {pair: float(gaps[pair][0]) + shift - gap for pair, (_, gap, _) in found.items()}
    return shifts


def _gaps(
    scenario: Scenario, goal: Goal, line: Callable[..., NDArray], places: Places
) -> dict[Pair, NDArray]:
    """The gap at each place of each pair, all other settings as in the scenario: one batch.

    line : as `goal_seek.gap_at` wants it. Places that several pairs share are worked out once.
    """
    names = sorted({lever for pair in places for lever in pair})
    ends = np.cumsum([place.shape[1] for place in places.values()])
    points = np.repeat([[scenario[name]] for name in names], ends[-1], axis=1)
    for (pair, place), end in zip(places.items(), ends, strict=True):
        points[[names.index(lever) for lever in pair], end - place.shape[1] : end] = place
    points, number = np.unique(points, axis=1, return_inverse=True)
    gap = gap_at(scenario, goal, line, dict(zip(names, points, strict=True)))
    return dict(zip(places, np.split(gap[number], ends[:-1]), strict=True))


def _some(*asked: Any, **options: Any) -> NDArray:
    """As `lines`, from SOME runs."""
    return lines(*asked, **options, count=SOME)


def _both(*asked: Any, **options: Any) -> NDArray:
    """As `lines`, from SOME runs, from all, and the users of every run (platform, point, 2 + run).

    SOME are the first of all.
    """
    users = run_totals(*asked, **options)
    both = np.stack([middle(users[..., :SOME]), middle(users)], axis=-1)
    return np.concatenate([both, users], axis=-1)


def _single_paths(
    scenario: Scenario, points: Mapping[str, NDArray], *, markets: Markets
) -> NDArray:
    """As `lines`, from the central path alone: million users (platform, point)."""
    paths = project(scenario, points, markets=markets, draft=True)
    return total(paths)[-1]


def _turned(exact: Gaps, aims: Mapping[Pair, Aim], now: Now) -> tuple[dict[Pair, Aim], float]:
    """Aims turned to where the gap at their distance is largest; and what SOME runs lack.

    All runs at each distance straight on, to the left and to the right; a parabola through the
    three gaps. Again for aims that turned far.
    """
    done, lacks = dict(aims), []
    for _ in range(TURNS):
        angles = {pair: aim.angle + TURN * np.array([-1, 0, 1]) for pair, aim in aims.items()}
        fans = {pair: towards(pair, angles[pair], aim.length, now) for pair, aim in aims.items()}
        far = {}
        for pair, gaps in exact(fans).items():
            lacks.append(gaps[1, 1] - gaps[1, 0])
            left, middle, right = gaps[:, 1]
            bend = left - 2 * middle + right
            turn = (left - right) / 2 / bend if bend < 0 else np.sign(right - left) * 2
            turn = float(np.clip(turn, -1.5, 1.5))
            gap = middle + turn * (right - left) / 2 + turn**2 * bend / 2
            aim = aims[pair]
            length = aim.length * (1 + np.clip((CLOSE - gap) / aim.rise, -0.2, 0.2))
            done[pair] = Aim(angle=aim.angle + TURN * turn, length=length, rise=aim.rise)
            if abs(turn) > 0.5:
                far[pair] = done[pair]
        aims = far
        if not aims:
            break
    return done, float(np.mean(lacks))


def _onto_goal(
    exact: Gaps, now_gap: float, aims: Mapping[Pair, Aim], now: Now
) -> dict[Pair, tuple[NDArray, float]]:
    """The place (2,) in the direction of each aim that just meets the goal, and enough: all runs.

    Only pairs for which there is one. Steps by the rise, then by secants, within a bracket.
    """
    tried = {pair: [(0.0, now_gap)] for pair in aims}  # lengths, gap there
    lengths = {pair: aim.length for pair, aim in aims.items()}
    done: dict[Pair, tuple[NDArray, float]] = {}
    for _ in range(ROUNDS):
        places = {
            pair: towards(pair, np.array([aims[pair].angle]), length, now)
            for pair, length in lengths.items()
        }
        for pair, gaps in exact(places).items():
            gap = float(gaps[0, 1])
            tried[pair].append((lengths[pair], gap))
            if 0 <= gap <= ENOUGH:
                done[pair] = places[pair][:, 0], float(np.mean(gaps[0, 2:] >= 0))
                del lengths[pair]
            else:
                lengths[pair] = _next_length(tried[pair], aims[pair].rise)
        if not lengths:
            break
    return done


def _next_length(tried: list[tuple[float, float]], rise: float) -> float:
    """The length to try next.

    tried : lengths and their gaps, the latest last;  rise : as in Aim
    """
    (before, gap_before), (last, gap) = tried[-2:]
    slope = rise / last if len(tried) == 2 else (gap - gap_before) / (last - before)
    low = max(length for length, at in tried if at < 0)
    high = min((length for length, at in tried if at >= 0), default=1.5 * max(low, last))
    step = last + (CLOSE - gap) / slope if slope > 0 else low
    return step if low < step < high else (low + high) / 2


def _solved(pair: Pair, now: Now, place: NDArray | None, enough: float | None) -> PairSolved:
    """The answer for one pair from its place, estimated where `enough` is None."""
    return PairSolved(
        levers=pair,
        values=None if place is None else (float(place[0]), float(place[1])),
        now=(now[pair[0]], now[pair[1]]),
        distance=np.inf if place is None else float(distance(pair, place, now)),
        reached=place is not None,
        exact=enough is not None,
        enough=enough,
        sentence=_sentence(pair, place, now) + (" " + ESTIMATE if enough is None else ""),
    )


def _sentence(pair: Pair, place: NDArray | None, now: Now) -> str:
    """The values that two levers would need together, in words."""
    first, second = (all_settings()[lever].label for lever in pair)
    if second.split()[0] not in PLATFORMS:
        second = second[0].lower() + second[1:]
    if place is None:
        return f"No values of {first} and {second} together are enough."
    moves = []
    for lever, value in zip(pair, place, strict=True):
        there, here = (
            all_settings()[lever].format(x, whole_unit=True) for x in (value, now[lever])
        )
        way = "stay at" if there == here else "rise to" if value > now[lever] else "fall to"
        moves.append(f"{way} {there}")
    return f"{first} would have to {moves[0]} and {second} to {moves[1]}."
