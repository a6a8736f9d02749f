"""Least-squares fits of S-curves to one series, every family by the same machinery.

minimise  SSE = sum_i (observed_i - predicted_i)^2  over the logarithms of the parameters,
from several starts; standard errors from s^2 (J'J)^-1 with s^2 = SSE/(n-3) (Srinivasan & Mason
1986, doi:10.1287/mksc.5.2.169), J the Jacobian in the parameters' own units; AICc = n ln(SSE/n) +
2k + 2k(k+1)/(n-k-1) with k = 4, the residual variance being the fourth parameter (Hurvich & Tsai
1989, Biometrika 76(2):297-307); MASE, the absolute forecast error in units of the mean absolute
one-step change up to the origin (Hyndman & Koehler 2006, Int. J. of Forecasting 22(4):679-688).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import compress
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from model.curves.families import MIN_ROWS, SMALLEST, Curve, Series, largest_level, predicted

# Starts are spread over rate x n and midpoint / n, so they suit 5 rows as well as 500.
START_RATES = (1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0)
START_MIDPOINTS = (-0.25, 0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5)
STARTS_KEPT = 4
SHORT_SEARCH = {"xtol": 1e-3, "ftol": 1e-3, "max_nfev": 20}
LONG_SEARCH = {"xtol": 1e-10, "ftol": 1e-12, "max_nfev": 100}

AT_LIMIT = 1e-3  # closeness to a bound, on the scale of the search, that counts as being at it
POOR_FIT = 0.9  # share of the variance explained below which the sentence on validity says so
LATE_START = 0.2  # first level / largest level above which a series counts as cut off on the left
EXACT = 1e-18  # SSE / largest level squared below which residuals are rounding errors
FAR_AHEAD = 2.0  # m / largest level above which m is called an extrapolation

NO_DOUBT = "No sign against the fit: it converged and every estimate exceeds its standard error."
HORIZON, MOST_ORIGINS = 4, 6  # periods ahead, and forecast origins, of the score


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveFit:
    """One fitted curve, in the unit of the data."""

    params: Any
    standard_errors: Mapping[str, float | None]  # by name; None where the data give none
    sse: float  # sum of squared residuals
    aicc: float | None  # only between curves of one series; None if n is small or the fit exact
    n: int
    converged: bool
    validity: str  # one sentence: the reasons to doubt the estimates, or that there are none


def fit_curve(curve: Curve, series: Series, *, starts: Sequence[Any] = ()) -> CurveFit:
    """Least-squares fit of `curve`, no worse than any of `starts` and of `starting_points`.

    A start outside the bounds of the curve is moved to them.
    """
    n, k, top = len(series.values), len(curve.bounds) + 1, largest_level(series)
    units = [top if name == "m" else 1.0 for name in curve.bounds]
    ends = np.transpose(list(curve.bounds.values())) * units
    bounds = low, high = _to_search(curve, ends[0]), _to_search(curve, ends[1])

    def residuals(x: NDArray) -> NDArray:
        return (predicted(curve, _from_search(curve, x), series) - series.values) / top

    points = [_to_search(curve, astuple(p)) for p in (*starts, *starting_points(curve, series))]
    points = np.clip(points, low + 1e-6, high - 1e-6)
    # Short searches find the best valley, one long search its bottom.
    short = [least_squares(residuals, x, bounds=bounds, **SHORT_SEARCH) for x in points]
    best = min(short, key=lambda search: search.cost)
    search = least_squares(residuals, best.x, bounds=bounds, **LONG_SEARCH)

    params, sse, aicc = _from_search(curve, search.x), float(2 * search.cost * top**2), None
    side = np.where(high - search.x < AT_LIMIT, 1, np.where(search.x - low < AT_LIMIT, -1, 0))
    errors = _standard_errors(curve, params, search, side == 0)
    doubts = [] if search.success else ["the search stopped before it converged"]
    doubts += _doubts_on_parameters(params, errors, side, top)
    doubts += _doubts_on_fit(curve, params, series, search)
    if n > k + 1 and 2 * search.cost > EXACT:
        aicc = n * math.log(sse / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    validity = f"Use with care: {'; '.join(doubts)}." if doubts else NO_DOUBT
    return CurveFit(
        params=params,
        standard_errors=errors,
        sse=sse,
        aicc=aicc,
        n=n,
        converged=bool(search.success),
        validity=validity,
    )


def starting_points(curve: Curve, series: Series) -> list[Any]:
    """Parameters of the best few points of a coarse grid, best first."""
    n, best = len(series.values), []  # one midpoint per rate keeps the starts apart
    for rate in START_RATES:
        points = [_best_scale(curve, series, rate / n, mid * n) for mid in START_MIDPOINTS]
        best.append(min(points, key=itemgetter(0)))
    return [params for _, params in sorted(best, key=itemgetter(0))[:STARTS_KEPT]]


def _best_scale(curve: Curve, series: Series, rate: float, midpoint: float) -> tuple[float, Any]:
    """Smallest SSE for this rate and midpoint, and its parameters, by linear regression."""
    path = predicted(curve, curve.start(rate, midpoint, 1.0), series)  # at a scale of 1
    unit = largest_level(series) if curve.scale == "m" else 1.0
    low, high = np.multiply(curve.bounds[curve.scale], unit)
    power = path @ path
    scale = float(np.clip(path @ series.values / power, low, high)) if power > 0 else unit
    error = scale * path - series.values
    return float(error @ error), curve.start(rate, midpoint, scale)


def _to_search(curve: Curve, values: Iterable[float]) -> NDArray:
    """Point of the search, shape (parameter,): logarithms of all that must be positive."""
    pairs = zip(values, curve.bounds.values(), strict=True)
    return np.array([math.log(value) if low > 0 else value for value, (low, _) in pairs])


def _from_search(curve: Curve, x: NDArray) -> Any:
    """Parameters at a point of the search."""
    pairs = zip(x.tolist(), curve.bounds.items(), strict=True)
    return curve.params(**{k: math.exp(v) if low > 0 else v for v, (k, (low, _)) in pairs})


def _standard_errors(curve: Curve, params: Any, search: OptimizeResult, inside: NDArray) -> dict:
    """Standard error of each parameter, in its unit, by name; None where the data give none.

    A parameter at its bound is held there, so that it does not blur the others.
    """
    errors: dict[str, float | None] = dict.fromkeys(curve.bounds)
    size = np.linalg.norm(search.jac, axis=0)
    free = inside & (size > 1e-8 * size.max())
    slopes = search.jac[:, free] / size[free]
    # effects more alike than 1e-7 cannot be told apart by finite differences
    if not free.any() or np.linalg.matrix_rank(slopes, rtol=1e-7) < free.sum():
        return errors
    deviation = math.sqrt(2 * search.cost / (len(search.jac) - len(curve.bounds)))
    spread = deviation * np.linalg.norm(np.linalg.pinv(slopes), axis=1) / size[free]
    for name, error in zip(compress(curve.bounds, free), spread.tolist(), strict=True):
        logarithmic = curve.bounds[name][0] > 0  # and d(exp x) = exp(x) dx
        errors[name] = error * getattr(params, name) if logarithmic else error
    return errors


def _doubts_on_parameters(params: Any, errors: Mapping, side: NDArray, top: float) -> list[str]:
    """Clauses for the sentence on validity, about single parameters."""
    doubts = []
    for (name, error), at in zip(errors.items(), side, strict=True):
        value, end = getattr(params, name), "lower" if at < 0 else "upper"
        if at != 0:
            doubts.append(f"{name} is at the {end} limit of the search, {value:.3g}")
        elif error is None:
            doubts.append(f"{name} is not identified: the fit hardly depends on it")
        elif error > value and name != "t0":  # a midpoint may well be near 0
            doubts.append(f"{name} is not identified: its standard error exceeds its value")
        elif name == "m" and value > FAR_AHEAD * top:
            doubts.append(f"m is an extrapolation, {value / top:.1f} times the largest level yet")
    return doubts


def _doubts_on_fit(curve: Curve, params: Any, series: Series, search: OptimizeResult) -> list[str]:
    """Clauses for the sentence on validity, about the whole curve."""
    doubts, is_level = [], series.kind != "adoptions"
    observed = np.asarray(series.values) / largest_level(series)
    path = observed + search.fun
    change = np.abs(np.diff(path, prepend=0.0) if is_level else path)
    rows = np.count_nonzero(change > 0.01 * change.max())
    if rows <= len(curve.bounds):
        doubts.append(f"{rows} of the rows hold the whole rise, too few to tell its shape")
    total = np.sum((observed - observed.mean()) ** 2)
    explained = max(0.0, 1 - 2 * search.cost / total) if total > 0 else 1.0
    if explained < POOR_FIT:
        doubts.append(f"the curve explains only {explained:.0%} of the variance")
        if is_level and observed[0] > LATE_START and curve.level(np.zeros(1), params)[0] == 0:
            start = f"the series starts at {observed[0]:.0%} of its largest value"
            doubts.append(f"{start}, but this curve from zero one period before the first row")
    return doubts


def rolling_origin(
    series: Series, curve: Curve, fit: Callable[[Series], CurveFit]
) -> dict[str, Any]:
    """Mean absolute scaled error, of the curve and of the last value repeated; no unit.

    Forecasts 1 to 4 periods ahead from up to six origins, at each of which the curve is refitted.
    """
    n, least = len(series.values), max(SMALLEST, 1e-12 * largest_level(series))
    origins = np.linspace(MIN_ROWS, max(MIN_ROWS, n - HORIZON), MOST_ORIGINS).astype(int)
    scores: list[tuple[float, float, float]] = []  # periods ahead, errors of curve and last value
    for origin in np.unique(origins).tolist():
        known, later = np.split(np.asarray(series.values)[: origin + HORIZON], [origin])
        usual_change = np.mean(np.abs(np.diff(known)))
        if later.size == 0 or usual_change < least:
            continue
        potential = series.potential and series.potential[:origin]
        past = replace(series, values=series.values[:origin], potential=potential)
        path = predicted(curve, fit(past).params, past, n=origin + later.size)[origin:]
        errors = np.abs([path - later, known[-1] - later]) / usual_change
        scores += zip(range(1, HORIZON + 1), *errors.tolist(), strict=False)
    table = pd.DataFrame(scores, columns=["ahead", "mase", "last_value"], dtype=float)
    by_horizon = table.groupby("ahead")["mase"].mean()
    missing = f"needs more than {MIN_ROWS} rows, with a change in the first {MIN_ROWS} or more"
    return {
        "mase": float(table["mase"].mean()) if scores else None,
        "mase_last_value": float(table["last_value"].mean()) if scores else None,
        "mase_by_horizon": {f"{ahead:.0f}": mase for ahead, mase in by_horizon.items()},
        "n": len(scores),
        "horizon": HORIZON,
        "reason": None if scores else missing,
    }
