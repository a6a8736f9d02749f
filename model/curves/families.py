"""S-curves, and the observations that each of them predicts.

adoptions per period    y_i = L(i) - L(i-1),   i = 1..n
cumulative or active    Y_i = L(i),            i = 1..n

L(t) is the level (unit of the data) at t periods; the first row is period 1. Besides Bass:
Gompertz                L = m exp(-b exp(-c t))
logistic                L = m / (1 + exp(-r (t - t0)))
growing potential       L = potential_t ceiling / (1 + exp(-r (t - t0))),  ceiling <= 1
with m the market potential (unit of the data), c and r in 1/period, t0 in periods, b and the
ceiling without unit. A Bass curve is a logistic one shifted to start from zero: for adoptions per
period the two are the same curve, with r = p + q, and their SSE agree; for levels they differ.
Source: Meade & Islam (2006), International Journal of Forecasting 22(3):519-545.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, make_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

KINDS = ("adoptions", "cumulative", "active")
MIN_ROWS = 5  # three parameters and their spread need two degrees of freedom
SMALLEST, LARGEST = 1e-30, 1e30  # beyond these, squares and ratios may leave double precision


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One observed series, evenly spaced in time; `read_series` checks it."""

    kind: str  # "adoptions" (people or units per period), "cumulative" or "active" (levels)
    values: tuple[float, ...]
    potential: tuple[float, ...] | None = None  # who could adopt by each period, unit as levels


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One family of curves, each proportional to its parameter `scale`."""

    params: Callable[..., Any]  # the parameters from their values by name
    level: Callable[[NDArray, Any], NDArray]  # level(t, params), same shape as t
    start: Callable[[float, float, float], Any]  # params from rate, midpoint and scale
    bounds: Mapping[str, tuple[float, float]]  # of a search; those of m x the largest level seen
    scale: str = "m"  # or the ceiling of a share


M_RANGE = (1e-2, 1e4)
RATE_RANGE = (1e-8, 50.0)  # 1/period; at 50 the whole curve fits between two rows
T0_RANGE = (-1e4, 1e4)

# Symbols and units are those at the top of this module.
GompertzParams = make_dataclass("GompertzParams", ["m", "b", "c"], frozen=True, kw_only=True)
LogisticParams = make_dataclass("LogisticParams", ["m", "t0", "r"], frozen=True, kw_only=True)
ShareParams = make_dataclass("ShareParams", ["ceiling", "t0", "r"], frozen=True, kw_only=True)

GOMPERTZ = Curve(
    params=GompertzParams,
    level=lambda t, params: params.m * np.exp(-params.b * np.exp(-params.c * t)),
    start=lambda rate, midpoint, m: GompertzParams(m=m, b=math.exp(rate * midpoint), c=rate),
    bounds={"m": M_RANGE, "b": (1e-6, 1e100), "c": RATE_RANGE},
)
LOGISTIC = Curve(
    params=LogisticParams,
    level=lambda t, params: params.m * expit(params.r * (t - params.t0)),
    start=lambda rate, midpoint, m: LogisticParams(m=m, t0=midpoint, r=rate),
    bounds={"m": M_RANGE, "t0": T0_RANGE, "r": RATE_RANGE},
)
GROWING_POTENTIAL = Curve(
    params=ShareParams,
    level=lambda t, params: params.ceiling * expit(params.r * (t - params.t0)),
    start=lambda rate, midpoint, ceiling: ShareParams(ceiling=ceiling, t0=midpoint, r=rate),
    bounds={"ceiling": (1e-4, 1.0), "t0": T0_RANGE, "r": RATE_RANGE},
    scale="ceiling",
)
RELATIVES = {"gompertz": GOMPERTZ, "logistic": LOGISTIC, "growing_potential": GROWING_POTENTIAL}


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
        known = np.asarray(series.potential)
        growth = (known[-1] / known[-5:][0]) ** (1 / len(known[-5:-1]))
        ahead = known[-1] * growth ** np.arange(1, n - known.size + 1)
        # period 0 has no potential of its own and takes that of the first row
        level = level * np.concatenate([known[:1], known, ahead])[: n + 1]
    return np.diff(level) if series.kind == "adoptions" else level[1:]
