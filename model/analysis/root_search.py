"""Root search: where the gap of each lever crosses 0 next to its present value.

The gap is met where it is 0 or more. A curve of few runs finds the neighbourhood of a crossing, all
runs the value; method: brentq of scipy on a PCHIP curve through the values tried.

Where runs take long a search ends before its time is over: `is_rough` says where it did.
"""

from collections.abc import Callable, Mapping

import numpy as np
import scipy  # its parts load when they are used: not for the first screen
from numpy.typing import NDArray

from model.analysis.effort import LIMIT, Spent

Batch = Mapping[str, NDArray]  # lever -> values, or the gap at each of them
GRID = 13  # values of a lever that are tried first
CLOSE = 3e-4  # a gap that counts as none: 0.03 % of the users
ROUNDS = 8  # the second is the last unless the gap bends sharply
ROUGH = 0.01  # of a lever's range, between two values about a crossing


def near_crossings(
    rough: Callable[[Batch], Batch],
    now: Mapping[str, float],
    ends: Mapping[str, tuple[float, float]],
) -> tuple[dict[str, NDArray], dict[str, float | None]]:
    """Values of each lever to look at exactly, and where it nearly crosses next to `now`, if so.

    rough : the gap, nearly, at values of several levers, one batch
    now, ends : lever -> its present value and the ends of its range, which the values include
    """
    points = {lever: np.unique([*np.linspace(*ends[lever], GRID), now[lever]]) for lever in now}
    gap, near = rough(points), {}
    for lever, x in points.items():
        left = _next_crossing(x, gap[lever], now[lever])
        near[lever] = None if left is None else _root(x, gap[lever], left)
        about = [] if left is None else [near[lever], *x[max(left - 1, 0) : left + 3]]
        # both ends too: few runs can cross on the wrong side of `now`, or where all do not
        points[lever] = np.unique([now[lever], x[0], x[-1], *about])
    return points, near


def crossings(
    gaps: Callable[[Batch], Batch], points: Batch, now: Mapping[str, float], spent: Spent
) -> dict[str, NDArray]:
    """Values of each lever and the gap there (2, value), dense about the crossing next to `now`.

    gaps : the gap at values of several levers, one batch;  points : the first values of each
    spent : seconds of the question so far, which keep it within its time
    """
    curves = {lever: np.empty((2, 0)) for lever in points}
    for _ in range(1 + ROUNDS):
        before = spent.seconds
        gap = gaps(points)
        each = (spent.seconds - before) / sum(x.size for x in points.values())
        for lever, x in points.items():
            joined = np.append(curves[lever], [x, gap[lever]], axis=1)
            curves[lever] = joined[:, np.unique(joined[0], return_index=True)[1]]
        inside = {lever: _inside(now[lever], *curve) for lever, curve in curves.items()}
        points = {lever: x for lever, x in inside.items() if x.size}
        more = sum(x.size for x in points.values()) + len(curves)  # and what is found, once more
        if not points or spent.seconds + more * each > LIMIT:
            break
    return curves


def _inside(now: float, x: NDArray, gap: NDArray) -> NDArray:
    """Where to look next for the crossing: (value,), nothing if it is known or there is none."""
    left = _next_crossing(x, gap, now)
    if left is None or gap[left : left + 2].max() <= CLOSE:
        return np.empty(0)
    low, high = x[left], x[left + 1]
    about = _root(x, gap, left) + (high - low) * np.array([-0.02, 0.0, 0.02])
    points = np.concatenate([about, np.linspace(low, high, 5)[1:-1]])
    return points[(points > low) & (points < high)]


def _root(x: NDArray, gap: NDArray, left: int) -> float:
    """The crossing between a value and the next, by a smooth curve through those around it."""
    near = slice(max(left - 3, 0), left + 5)
    curve = scipy.interpolate.PchipInterpolator(x[near], gap[near])
    return scipy.optimize.brentq(curve, x[left], x[left + 1])


def _next_crossing(x: NDArray, gap: NDArray, now: float) -> int | None:
    """Number of the value before the crossing that is nearest to `now`; None without any."""
    met = gap >= 0
    left = np.flatnonzero(met[1:] != met[:-1])
    if not left.size:
        return None
    share = gap[left] / (gap[left] - gap[left + 1])
    away = np.abs(x[left] + share * (x[left + 1] - x[left]) - now)
    return int(left[np.argmin(away)])


def value_at(curve: NDArray, now: float) -> float | None:
    """The end of the bracket about the crossing next to `now` that meets the goal, if any."""
    x, gap = curve
    left = _next_crossing(x, gap, now)
    return None if left is None else float(x[left + int(gap[left + 1] >= 0)])


def is_rough(curve: NDArray, now: float) -> bool:
    """Whether the search ended before the crossing next to `now` was known well."""
    x, gap = curve
    left = _next_crossing(x, gap, now)
    if left is None or gap[left : left + 2].max() <= CLOSE:
        return False
    return bool(x[left + 1] - x[left] > ROUGH * (x[-1] - x[0]))
