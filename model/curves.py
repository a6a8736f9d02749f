"""S-curves, and what each of them predicts for an observed series.

adoptions per period    y_i = L(i) - L(i-1),   i = 1..n
cumulative or active    Y_i = L(i),            i = 1..n

L(t) is the level (unit of the data) at t periods; the first row is period 1. Besides Bass:
Gompertz                      L = m exp(-b exp(-c t))
logistic                      L = m / (1 + exp(-r (t - t0)))
growing potential             L = potential_t s(t),  s = c1 / (1 + exp(-r (t - t0))),  c1 <= 1
with m the market potential (unit of the data), c and r in 1/period, t0 in periods, b and the
ceiling c1 without unit.
A Bass curve is a logistic one shifted to start from zero, so for adoptions per period the two are
the same curve, with r = p + q, and their SSE agree; for levels they differ.
Source: Meade & Islam (2006), International Journal of Forecasting 22(3):519-545.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

KINDS = ("adoptions", "cumulative", "active")
MIN_ROWS = 5  # three parameters and their spread need two degrees of freedom
SMALLEST, LARGEST = 1e-30, 1e30  # beyond these, squares and ratios may leave double precision


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One observed series, evenly spaced in time.

    kind : "adoptions" (people or units per period), "cumulative" or "active" (levels)
    values : the observations, first period first
    potential : people who could adopt in each period, same unit as the levels, or None
    periods : the label of each row, for display, or empty
    """

    kind: str
    values: tuple[float, ...]
    potential: tuple[float, ...] | None = None
    periods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no curve can be fitted to."""
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if len(self.values) < MIN_ROWS:
            raise ValueError(f"need at least {MIN_ROWS} values, got {len(self.values)}")
        for value in self.values:
            if not 0 <= value <= LARGEST:
                raise ValueError(f"values must be numbers from 0 to {LARGEST:g}, got {value}")
        if max(self.values) < SMALLEST:
            raise ValueError(f"every value is zero (below {SMALLEST:g})")
        if self.potential is None:
            return
        if len(self.potential) != len(self.values):
            n_potential, n = len(self.potential), len(self.values)
            raise ValueError(f"need one potential per value, got {n_potential} for {n}")
        for value in self.potential:
            if not 0 < value <= LARGEST:
                raise ValueError(f"potential must be above 0, up to {LARGEST:g}, got {value}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One family of curves, proportional to its parameter `scale`.

    params : builds the parameters from their values by name
    level : level(t, params), same shape as t
    start : shape parameters that give a rate (1/period) and a midpoint (periods)
    bounds : where a search may go, by name; those of m in units of the largest level observed
    scale : name of the parameter that multiplies the curve: m, or the ceiling of a share
    signed : names searched as they are; all others are searched as logarithms, so stay positive
    """

    params: Callable[..., Any]
    level: Callable[[NDArray, Any], NDArray]
    start: Callable[[float, float], Mapping[str, float]]
    bounds: Mapping[str, tuple[float, float]]
    scale: str = "m"
    signed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GompertzParams:
    """m : market potential, unit of the data;  b : displacement;  c : growth rate, 1/period."""

    m: float
    b: float
    c: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LogisticParams:
    """m : market potential, unit of the data;  t0 : midpoint, periods;  r : rate, 1/period."""

    m: float
    t0: float
    r: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareParams:
    """ceiling : largest share of the potential;  t0 : midpoint, periods;  r : rate, 1/period."""

    ceiling: float
    t0: float
    r: float


def gompertz_level(t: NDArray, params: GompertzParams) -> NDArray:
    """Gompertz level (unit of m) at `t` periods; same shape as `t`."""
    return params.m * np.exp(-params.b * np.exp(-params.c * t))


def logistic_level(t: NDArray, params: LogisticParams) -> NDArray:
    """Logistic level (unit of m) at `t` periods; same shape as `t`."""
    return params.m * expit(params.r * (t - params.t0))


def logistic_share(t: NDArray, params: ShareParams) -> NDArray:
    """Share of the potential (0 to 1) at `t` periods; same shape as `t`."""
    return params.ceiling * expit(params.r * (t - params.t0))


M_RANGE = (1e-2, 1e4)
RATE_RANGE = (1e-8, 50.0)  # 1/period; at 50 the whole curve fits between two rows
T0_RANGE = (-1e4, 1e4)

GOMPERTZ = Curve(
    params=GompertzParams,
    level=gompertz_level,
    start=lambda rate, midpoint: {"b": math.exp(rate * midpoint), "c": rate},
    bounds={"m": M_RANGE, "b": (1e-6, 1e100), "c": RATE_RANGE},
)
LOGISTIC = Curve(
    params=LogisticParams,
    level=logistic_level,
    start=lambda rate, midpoint: {"t0": midpoint, "r": rate},
    bounds={"m": M_RANGE, "t0": T0_RANGE, "r": RATE_RANGE},
    signed=("t0",),
)
GROWING_POTENTIAL = Curve(
    params=ShareParams,
    level=logistic_share,
    start=lambda rate, midpoint: {"t0": midpoint, "r": rate},
    bounds={"ceiling": (1e-4, 1.0), "t0": T0_RANGE, "r": RATE_RANGE},
    scale="ceiling",
    signed=("t0",),
)


def largest_level(series: Series) -> float:
    """Largest level reached (unit of the data): the sum of adoptions, or the largest value."""
    return float(sum(series.values) if series.kind == "adoptions" else max(series.values))


def predicted(curve: Curve, params: Any, series: Series, *, n: int | None = None) -> NDArray:
    """Predicted observations for periods 1..n (default: the rows of `series`); shape (n,).

    Beyond the last row a potential goes on growing at its own mean rate over the last four rows.
    """
    n = len(series.values) if n is None else n
    level = curve.level(np.arange(n + 1.0), params)
    if curve.scale == "ceiling":
        level = level * _potential_from_zero(series.potential, n)
    return np.diff(level) if series.kind == "adoptions" else level[1:]


def _potential_from_zero(potential: Sequence[float], n: int) -> NDArray:
    """Potential (people) for periods 0..n, that of period 0 taken as the first; shape (n + 1,)."""
    known = np.asarray(potential)
    lag = min(4, known.size - 1)
    growth = (known[-1] / known[-1 - lag]) ** (1 / lag)
    ahead = known[-1] * growth ** np.arange(1, max(n - known.size, 0) + 1)
    return np.concatenate([known[:1], known, ahead])[: n + 1]
