"""Root search: where the gap of each lever crosses 0 next to its present value.

The gap is met where it is 0 or more. A curve of few runs finds the neighbourhood of a crossing, all
runs the value; method: brentq of scipy on a PCHIP curve through the values tried.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used: not for the first screen
from numpy.typing import NDArray

from model.analysis.effort import LIMIT, counted
from model.analysis.sampling import DRAWS, FEW

GRID = 13  # values of a lever that are tried first
CLOSE = 3e-4  # a gap that counts as none: 0.03 % of the users
ROUNDS = 8  # the second is the last unless the gap bends sharply
ROUGH = 0.01  # of a lever's range, between two values about a crossing
Values = Mapping[str, NDArray]  # lever -> values to try (value,)
# (values, runs of each) -> the gap at each value, and the share of runs that meet it (2, value)
Gaps = Callable[[Values, int], dict[str, NDArray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where a lever just meets its goal.

    value : the one tried that meets it, next to the crossing; None without a crossing
    enough : share of the runs that meet the goal there, 0-1
    met : the goal is met at the present value
    rough : the search ended before the value was known well, as it may where runs take long
    """

    value: float | None
    enough: float | None
    met: bool
    rough: bool


def search(
    gaps: Gaps,
    now: Mapping[str, float],
    ends: Mapping[str, tuple[float, float]],
    *,
    few: int = FEW,
    nearest: int | None = None,
) -> dict[str, Crossing]:
    """The crossing of each lever that is next to its present value.

    now, ends : lever -> its present value and the ends of its range, which the values include
    few : runs with which it begins;  nearest : so many levers alone, those that cross next to now
    """
    with counted() as spent:
        values, away = _neighbourhoods(gaps, now, ends, few)
        if nearest is not None:
            crossing = sorted(away, key=lambda lever: away[lever])
            values = {lever: values[lever] for lever in crossing[:nearest]}
        curves = {lever: np.empty((3, 0)) for lever in values}
        for _ in range(1 + ROUNDS):
            if not values:
                break
            before, size = sum(spent), sum(x.size for x in values.values())
            for lever, found in gaps(values, DRAWS).items():
                joined = np.append(curves[lever], [values[lever], *found], axis=1)
                curves[lever] = joined[:, np.unique(joined[0], return_index=True)[1]]
            each = (sum(spent) - before) / size
            inside = {lever: _inside(curve, now[lever]) for lever, curve in curves.items()}
            values = {lever: x for lever, x in inside.items() if x.size}
            if sum(spent) + each * sum(x.size for x in values.values()) > LIMIT:
                break
    return {lever: _crossing(curve, now[lever]) for lever, curve in curves.items()}


def _neighbourhoods(
    gaps: Gaps, now: Mapping[str, float], ends: Mapping[str, tuple[float, float]], few: int
) -> tuple[dict[str, NDArray], dict[str, float]]:
    """Values of each lever to try with all runs; how far off it crosses with few, if it does."""
    values = {lever: np.unique([*np.linspace(*ends[lever], GRID), now[lever]]) for lever in now}
    found, away = gaps(values, few), {}
    for lever, x in values.items():
        gap, about = found[lever][0], []
        left = _next_crossing(x, gap, now[lever])
        if left is not None:
            about = [_root(x, gap, left), *x[max(left - 1, 0) : left + 3]]
            away[lever] = abs(about[0] - now[lever])
        # both ends too: few runs can cross on the wrong side of `now`, or where all do not
        values[lever] = np.unique([now[lever], x[0], x[-1], *about])
    return values, away


def _inside(curve: NDArray, now: float) -> NDArray:
    """Where to look next for the crossing: (value,), nothing if it is known or there is none."""
    x, gap, _ = curve
    left = _next_crossing(x, gap, now)
    if left is None or gap[left : left + 2].max() <= CLOSE:
        return np.empty(0)
    low, high = x[left], x[left + 1]
    about = _root(x, gap, left) + (high - low) * np.array([-0.02, 0.0, 0.02])
    values = np.concatenate([about, np.linspace(low, high, 5)[1:-1]])
    return values[(values > low) & (values < high)]


def _crossing(curve: NDArray, now: float) -> Crossing:
    """The result from all values that were tried."""
    x, gap, share = curve
    met, left = bool(gap[x == now][0] >= 0), _next_crossing(x, gap, now)
    if left is None:
        return Crossing(value=None, enough=None, met=met, rough=False)
    at = left + int(gap[left + 1] >= 0)
    is_wide = x[left + 1] - x[left] > ROUGH * (x[-1] - x[0])
    rough = bool(is_wide and gap[at] > CLOSE)
    return Crossing(value=float(x[at]), enough=float(share[at]), met=met, rough=rough)


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
