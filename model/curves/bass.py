"""Bass (1969) diffusion of one category, in continuous time.

dA/dt = (p + q A/m) (m - A),  A(0) = 0,  with A the cumulative adopters (people) and t in years (in
periods when p and q are per period); p, q and m as in BassParams.
Sources: Bass (1969), Management Science 15(5):215-227, doi:10.1287/mnsc.15.5.215;
Srinivasan & Mason (1986), Marketing Science 5(2):169-178, doi:10.1287/mksc.5.2.169.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.curves.families import M_RANGE, RATE_RANGE, Curve, Series
from model.curves.fits import CurveFit, fit_curve


@dataclass(frozen=True, kw_only=True, slots=True)
class BassParams:
    """One adoption curve."""

    p: float  # coefficient of innovation, 1/year
    q: float  # coefficient of imitation, 1/year
    m: float  # market potential, people

    def __post_init__(self) -> None:
        if not (0 < self.p < math.inf and 0 <= self.q < math.inf and 0 < self.m < math.inf):
            raise ValueError(f"need finite p > 0, q >= 0 and m > 0, got {self}")


def cumulative_adopters(t: ArrayLike, params: BassParams) -> NDArray:
    """Cumulative adopters (people) at `t` years since launch; same shape as `t`, 0 before it."""
    p, q, m = params.p, params.q, params.m
    elapsed = np.maximum(t, 0.0)
    decay = np.exp(-(p + q) * elapsed)  # the decaying form cannot overflow
    return m * p * -np.expm1(-(p + q) * elapsed) / (p + q * decay)


def bass_regression(adoptions: ArrayLike) -> tuple[float, float, float]:
    """Coefficients (a, b, c) of y_i = a + b Y_(i-1) + c Y_(i-1)^2 by ordinary least squares.

    Y is the cumulative sum of the adoptions y, with Y_0 = 0 (Bass 1969).
    """
    y = np.asarray(adoptions, dtype=float)
    total = np.abs(y).sum()
    if not 0 < total < math.inf:
        raise ValueError(f"need finite adoptions that are not all zero, got {adoptions!r}")
    before = (np.cumsum(y) - y) / total  # in units of the total, so the squares stay comparable
    columns = np.column_stack([np.ones_like(before), before, before**2])
    a, b, c = np.linalg.lstsq(columns, y / total, rcond=None)[0]
    return float(a * total), float(b), float(c / total)


def params_from_regression(a: float, b: float, c: float) -> BassParams:
    """Bass parameters from the regression: p = a/m, q = -c m, m the positive root of a+bm+cm^2."""
    if not (a > 0 and c < 0):
        raise ValueError(f"a positive p, q and m need a > 0 and c < 0, got a={a}, b={b}, c={c}")
    m = (-b - math.sqrt(b**2 - 4 * a * c)) / (2 * c)
    return BassParams(p=a / m, q=-c * m, m=m)


BASS = Curve(
    params=BassParams,
    level=cumulative_adopters,
    start=lambda rate, mid, m: BassParams(p=rate * math.exp(-rate * mid), q=rate, m=m),
    bounds={"p": (1e-100, RATE_RANGE[1]), "q": RATE_RANGE, "m": M_RANGE},
)


def fit_bass(series: Series) -> CurveFit:
    """Non-linear least-squares fit of Bass (Srinivasan & Mason 1986); p and q are per period.

    One search begins at the regression of Bass (1969), where that has a meaning.
    """
    values = np.asarray(series.values)
    adoptions = values if series.kind == "adoptions" else np.diff(values, prepend=0.0)
    try:
        starts = [params_from_regression(*bass_regression(adoptions))]
    except ValueError:
        starts = []
    return fit_curve(BASS, series, starts=starts)
