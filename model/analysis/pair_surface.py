"""A pair of levers: the gap of a goal over both, distances in prior spreads, and the nearest place.

u = T(x) / s,  distance = sqrt((u_1 - now_1)^2 + (u_2 - now_2)^2)

x : value of a lever, in its unit;  T : the scale of its prior, ln(x + e) or
ln((x + e) / (100 - x + e));  e : a tenth of the slider's step, so that 0 and 100% can be left
s : standard deviation of the prior on that scale. A lever without a prior (marketing) counts in its
unit, with its slider's range as the 90% range.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # its parts load when they are used: not for the first screen
from numpy.typing import NDArray
from scipy.special import expit

from model.scenario.settings import Z90, Setting, all_settings, prior

Pair = tuple[str, str]
Now = Mapping[str, float]  # lever -> its value in the scenario
MESH = 65  # values of each lever at which a smooth surface is read
LEAST_RISE = 0.1  # of a gap that hardly grows with the change
SMALL = 0.03  # share of a change over which its rise is measured
SAME = 1e-9  # a value so near to the present one is that


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The gap of a pair on a fine mesh.

    values : (2, first, second), in the levers' units;  gap : (first, second)
    """

    levers: Pair
    values: NDArray
    gap: NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A direction from the present values of two levers, and how far to go.

    angle : radians, 0 along the first lever;  length : prior spreads
    rise : of the gap as the length grows, by the share of the length
    """

    angle: float
    length: float
    rise: float


def surfaces_of(
    gaps_at: Callable[[dict[Pair, NDArray]], Mapping[Pair, NDArray]],
    now: Now,
    now_gap: float,
    count: int,
) -> dict[Pair, Surface]:
    """The smooth surface of every pair of levers over both ranges, moved to `now_gap` at `now`.

    gaps_at : the gap (point,) at values of both levers (2, point) for each pair, in one batch
    count : values of each lever that are worked out, beside the present one
    """
    knots = {}
    for lever, value in now.items():
        setting = all_settings()[lever]
        knots[lever] = np.unique([*np.linspace(setting.low, setting.high, count), value])
    axes = {pair: [knots[lever] for lever in pair] for pair in combinations(now, 2)}
    gaps = gaps_at({pair: _mesh(*both) for pair, both in axes.items()})
    surfaces = {}
    for pair, (first, second) in axes.items():
        gap = gaps[pair].reshape(first.size, second.size)
        own = gap[first == now[pair[0]]][0][second == now[pair[1]]][0]
        fine = [
            _fine(x[0], x[-1], now[lever]) for lever, x in zip(pair, (first, second), strict=True)
        ]
        rows = scipy.interpolate.PchipInterpolator(second, gap + now_gap - own, axis=1)(fine[1])
        gap = scipy.interpolate.PchipInterpolator(first, rows, axis=0)(fine[0])
        surfaces[pair] = Surface(levers=pair, values=_mesh(*fine).reshape(2, *gap.shape), gap=gap)
    return surfaces


def _mesh(first: NDArray, second: NDArray) -> NDArray:
    """Every pair of two levers' values (2, point), the second fastest."""
    return np.stack(np.meshgrid(first, second, indexing="ij")).reshape(2, -1)


def _fine(low: float, high: float, now: float) -> NDArray:
    """MESH values from end to end, and the present one if it lies between."""
    return np.unique([*np.linspace(low, high, MESH), np.clip(now, low, high)])


def nearest(surface: Surface, now: Now, shift: float) -> tuple[NDArray, float, bool]:
    """The place (2,) nearest to `now` where gap + shift = 0, the surface's gap there, and True.

    Where it is above 0 nowhere: the place where it is highest, its gap there, and False.
    """
    crossings = []
    for turn in (False, True):  # along the first lever, then along the second
        gap = (surface.gap.T if turn else surface.gap) + shift
        values = surface.values.swapaxes(1, 2) if turn else surface.values
        i, j = np.nonzero((gap[:-1] >= 0) != (gap[1:] >= 0))
        share = gap[i, j] / (gap[i, j] - gap[i + 1, j])
        crossings.append(values[:, i, j] + share * (values[:, i + 1, j] - values[:, i, j]))
    places = np.concatenate(crossings, axis=1)
    if not places.size:
        best = np.unravel_index(surface.gap.argmax(), surface.gap.shape)
        return surface.values[:, best[0], best[1]], float(surface.gap[best]), False
    away = distance(surface.levers, places, now)
    return places[:, away.argmin()], -shift, True


def reached(
    surfaces: Mapping[Pair, Surface], shifts: Mapping[Pair, float], now: Now
) -> dict[Pair, NDArray]:
    """The nearest place (2,) of each pair that meets the goal somewhere."""
    found = {pair: nearest(surface, now, shifts[pair]) for pair, surface in surfaces.items()}
    return {pair: place for pair, (place, _, met) in found.items() if met}


def aim_at(surface: Surface, shift: float, now: Now) -> Aim:
    """The aim at the nearest place of a surface that meets the goal."""
    place, _, _ = nearest(surface, now, shift)
    pair = surface.levers
    ahead, across = positions(pair, place) - positions(pair, [now[lever] for lever in pair])
    angle, length = np.arctan2(across, ahead), np.hypot(ahead, across)
    steps = towards(pair, np.full(2, angle), length * np.array([1 - SMALL, 1 + SMALL]), now)
    fine = [surface.values[0, :, 0], surface.values[1, 0]]
    below, above = scipy.interpolate.RegularGridInterpolator(fine, surface.gap)(steps.T)
    return Aim(angle=angle, length=length, rise=max((above - below) / (2 * SMALL), LEAST_RISE))


def towards(pair: Pair, angle: NDArray, length: NDArray | float, now: Now) -> NDArray:
    """The values (2, ...) that far from `now` in a direction, or at the ends of their ranges."""
    moves = length * np.array([np.cos(angle), np.sin(angle)])
    values = []
    for lever, move in zip(pair, moves, strict=True):
        setting = all_settings()[lever]
        value = _value(setting, _position(setting, now[lever]) + move)
        values.append(np.where(np.abs(value - now[lever]) < SAME, now[lever], value))
    return np.array(values)


def distance(pair: Pair, place: NDArray, now: Now) -> NDArray:
    """Length of the change from `now` to values of both levers (2, ...), in prior spreads (...)."""
    start = positions(pair, [now[lever] for lever in pair])
    there = positions(pair, place)
    return np.hypot(there[0] - start[0], there[1] - start[1])


def positions(pair: Pair, place: NDArray | list[float]) -> NDArray:
    """Values of both levers (2, ...) in prior spreads."""
    return np.array(
        [_position(all_settings()[name], x) for name, x in zip(pair, place, strict=True)]
    )


def _position(setting: Setting, value: NDArray | float) -> NDArray:
    """A lever's value in prior spreads, on the scale T of its prior."""
    x, edge = np.asarray(value), setting.step / 10
    if not setting.scale:
        return x * 2 * Z90 / (setting.high - setting.low)
    rest = np.log(100 - x + edge) if setting.scale == "logit" else 0.0
    return (np.log(x + edge) - rest) / prior(setting)[1]


def _value(setting: Setting, position: NDArray) -> NDArray:
    """The opposite of _position, within the lever's range."""
    edge = setting.step / 10
    if not setting.scale:
        value = position * (setting.high - setting.low) / (2 * Z90)
    elif setting.scale == "log":
        value = np.exp(position * prior(setting)[1]) - edge
    else:
        value = (100 + 2 * edge) * expit(position * prior(setting)[1]) - edge
    return np.clip(value, setting.low, setting.high)
