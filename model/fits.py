"""Least-squares fits of S-curves to one series, every family by the same machinery.

minimise  SSE = sum_i (observed_i - predicted_i)^2  over the logarithms of the parameters,
from several starts; standard errors from s^2 (J'J)^-1 with s^2 = SSE/(n-3) (Srinivasan & Mason
1986), J the Jacobian in the parameters' own units; AICc = n ln(SSE/n) + 2k + 2k(k+1)/(n-k-1) with
k = 4, the residual variance being the fourth parameter.
Sources: Srinivasan & Mason (1986), Marketing Science 5(2):169-178, doi:10.1287/mksc.5.2.169;
Hurvich & Tsai (1989), Biometrika 76(2):297-307; Hyndman & Koehler (2006), International Journal of
Forecasting 22(4):679-688, for MASE, the absolute forecast error in units of the mean absolute
one-step change up to the origin.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from model.curves import MIN_ROWS, SMALLEST, Curve, Series, largest_level, predicted

# Starts are spread over rate x n and midpoint / n, so they suit 5 rows as well as 500.
START_RATES = (1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0)
START_MIDPOINTS = (-0.25, 0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5)
STARTS_KEPT = 4
SHORT_SEARCH, LONG_SEARCH = 20, 100  # steps at most

AT_LIMIT = 1e-3  # closeness to a bound, on the scale of the search, that counts as being at it
POOR_FIT = 0.9  # share of the variance explained below which the sentence on validity says so
LATE_START = 0.2  # first level / largest level above which a series counts as cut off on the left
EXACT = 1e-18  # SSE / largest level squared below which residuals are rounding errors
FAR_AHEAD = 2.0  # m / largest level above which m is called an extrapolation

NO_DOUBT = "No sign against the fit: it converged and every estimate exceeds its standard error."

HORIZON = 4  # periods ahead
MOST_ORIGINS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveFit:
    """One fitted curve.

    params : the estimates
    standard_errors : by name, in the unit of the parameter; None where the data give none
    sse : sum of squared residuals, unit of the data squared
    aicc : corrected Akaike criterion, comparable between curves fitted to the same series; None
        where n is too small or the fit is exact
    n : number of observations;  converged : whether the search ended by itself
    validity : one sentence on what the estimates may be used for
    """

    params: Any
    standard_errors: Mapping[str, float | None]
    sse: float
    aicc: float | None
    n: int
    converged: bool
    validity: str


def fit_curve(curve: Curve, series: Series, *, starts: Sequence[Any] = ()) -> CurveFit:
    """Least-squares fit of `curve`, the best of several searches.

    The searches begin at `starts`, where those lie within the bounds of the curve, and at
    `starting_points`; the result is no worse than any of them.
    """
    observed, top = np.asarray(series.values), largest_level(series)

    def residuals(x: NDArray) -> NDArray:
        return (predicted(curve, _from_search(curve, x, top), series) - observed) / top

    bounds = _search_bounds(curve)
    # Short searches find the best valley, one long search its bottom.
    searches = [
        least_squares(residuals, x0, bounds=bounds, ftol=1e-3, xtol=1e-3, max_nfev=SHORT_SEARCH)
        for x0 in _search_starts(curve, [*starts, *starting_points(curve, series)], top)
    ]
    best = min(searches, key=lambda search: search.cost)
    search = least_squares(
        residuals, best.x, bounds=bounds, xtol=1e-10, ftol=1e-12, max_nfev=LONG_SEARCH
    )
    return _summary(curve, series, search)


def starting_points(curve: Curve, series: Series) -> list[Any]:
    """Parameters of the best few points of a coarse grid, best first.

    The level is proportional to m (or to the ceiling), so at each point of the grid that
    parameter is known from linear regression and only the shape needs a grid.
    """
    n, top = len(series.values), largest_level(series)
    unit = _scale_unit(curve, top)
    low, high = curve.bounds[curve.scale]
    observed = np.asarray(series.values) / top
    best: dict[float, tuple[float, Any]] = {}  # one midpoint per rate keeps the starts apart
    for rate, midpoint in product(START_RATES, START_MIDPOINTS):
        shape = {
            name: min(max(value, curve.bounds[name][0]), curve.bounds[name][1])
            for name, value in curve.start(rate / n, midpoint * n).items()
        }
        one = predicted(curve, curve.params(**shape, **{curve.scale: unit}), series) / top
        power = one @ one
        factor = min(max(one @ observed / power, low), high) if power > 0 else 1.0
        error = factor * one - observed
        params = curve.params(**shape, **{curve.scale: float(factor * unit)})
        if rate not in best or error @ error < best[rate][0]:
            best[rate] = (error @ error, params)
    ranked = sorted(best.values(), key=lambda pair: pair[0])
    return [params for _, params in ranked[:STARTS_KEPT]]


def _scale_unit(curve: Curve, top: float) -> float:
    """Measure of the searched scale: the largest level for m, and 1 for a ceiling."""
    return top if curve.scale == "m" else 1.0


def _search_bounds(curve: Curve) -> tuple[NDArray, NDArray]:
    """Lower and upper bounds on the scale of the search, each of shape (parameter,)."""
    ends = [b if name in curve.signed else np.log(b) for name, b in curve.bounds.items()]
    low, high = np.array(ends).T
    return low, high


def _search_starts(curve: Curve, starts: Sequence[Any], top: float) -> list[NDArray]:
    """Points on the scale of the search, each of shape (parameter,); none outside the bounds."""
    low, high = _search_bounds(curve)
    points = []
    for params in starts:
        values = asdict(params)
        values[curve.scale] /= _scale_unit(curve, top)
        x = [values[k] if k in curve.signed else math.log(values[k]) for k in curve.bounds]
        if np.all((low - 1e-9 <= x) & (x <= high + 1e-9)):
            points.append(np.clip(x, low + 1e-6, high - 1e-6))
    return points


def _from_search(curve: Curve, x: NDArray, top: float) -> Any:
    """Parameters in their own units from a point of the search."""
    values = {
        name: float(v) if name in curve.signed else math.exp(v)
        for name, v in zip(curve.bounds, x, strict=True)
    }
    values[curve.scale] *= _scale_unit(curve, top)
    return curve.params(**values)


def _summary(curve: Curve, series: Series, search: OptimizeResult) -> CurveFit:
    """Fit from the finished search, in the units of the data."""
    n, top = len(series.values), largest_level(series)
    params = _from_search(curve, search.x, top)
    sse = float(2 * search.cost * top**2)
    k = len(curve.bounds) + 1
    aicc = None
    if n > k + 1 and 2 * search.cost > EXACT:
        aicc = n * math.log(sse / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    errors = _standard_errors(curve, params, search)
    doubts = [] if search.success else ["the search stopped before it converged"]
    doubts += _doubts_on_parameters(curve, params, errors, top) + _doubts_on_fit(
        curve, params, series
    )
    return CurveFit(
        params=params,
        standard_errors=errors,
        sse=sse,
        aicc=aicc,
        n=n,
        converged=bool(search.success),
        validity=f"Use with care: {'; '.join(doubts)}." if doubts else NO_DOUBT,
    )


def _standard_errors(curve: Curve, params: Any, search: OptimizeResult) -> dict[str, float | None]:
    """Uncertainty (standard error, in the unit) of each parameter, None where the data give none.

    A parameter at its bound is held there, so that it does not blur the others; parameters whose
    effects cannot be told apart have no standard errors.
    """
    errors: dict[str, float | None] = dict.fromkeys(curve.bounds)
    low, high = _search_bounds(curve)
    size = np.linalg.norm(search.jac, axis=0)
    inside = (search.x - low > AT_LIMIT) & (high - search.x > AT_LIMIT)
    free = inside & (size > 1e-8 * size.max())
    if not free.any():
        return errors
    _, singular, axes = np.linalg.svd(search.jac[:, free] / size[free], full_matrices=False)
    if singular[-1] < 1e-7 * singular[0]:  # finite differences tell no more than this apart
        return errors
    variance = 2 * search.cost / (len(search.jac) - len(curve.bounds))
    spread = np.sqrt(variance * np.sum((axes / singular[:, None]) ** 2, axis=0)) / size[free]
    for name, error in zip(np.array(list(curve.bounds))[free].tolist(), spread, strict=True):
        # the search was on logarithms, and d(exp x) = exp(x) dx
        errors[name] = float(error) * (1.0 if name in curve.signed else getattr(params, name))
    return errors


def _doubts_on_parameters(
    curve: Curve, params: Any, errors: Mapping[str, float | None], top: float
) -> list[str]:
    """Clauses on what makes single parameters unreliable."""
    doubts = []
    for name, (low, high) in curve.bounds.items():
        value, error = getattr(params, name), errors[name]
        unit = _scale_unit(curve, top) if name == curve.scale else 1.0
        if value < unit * low * (1 + AT_LIMIT):
            doubts.append(f"{name} is at the lower limit of the search, {unit * low:.3g}")
        elif value > unit * high * (1 - AT_LIMIT):
            doubts.append(f"{name} is at the upper limit of the search, {unit * high:.3g}")
        elif error is None:
            doubts.append(f"{name} is not identified: the fit hardly depends on it")
        elif error > abs(value) and name not in curve.signed:
            doubts.append(
                f"{name} is not identified: its standard error ({error:.3g}) is larger than"
                f" {name} itself ({value:.3g})"
            )
        elif name == "m" and value > FAR_AHEAD * top:
            doubts.append(
                f"m is an extrapolation, {value / top:.1f} times the largest level so far"
            )
    return doubts


def _doubts_on_fit(curve: Curve, params: Any, series: Series) -> list[str]:
    """Clauses on what makes the curve as a whole unreliable."""
    observed = np.asarray(series.values) / largest_level(series)
    path = predicted(curve, params, series) / largest_level(series)
    change = np.abs(path if series.kind == "adoptions" else np.diff(path, prepend=0.0))
    rows = np.count_nonzero(change > 0.01 * change.max())
    doubts = []
    if rows <= len(curve.bounds):
        doubts = [f"{rows} of the rows hold the whole rise, too few to tell its shape"]
    residual, total = path - observed, np.sum((observed - observed.mean()) ** 2)
    if total == 0 or residual @ residual <= (1 - POOR_FIT) * total:
        return doubts
    explained = max(0.0, 1 - residual @ residual / total)
    doubts.append(f"the curve explains only {explained:.0%} of the variance")
    from_zero = curve.level(np.zeros(1), params)[0] == 0
    if from_zero and series.kind != "adoptions" and observed[0] > LATE_START:
        doubts.append(
            f"the series starts at {observed[0]:.0%} of its largest value, but this curve starts"
            " from zero one period before the first row"
        )
    return doubts


def rolling_origin(
    series: Series, curve: Curve, fit: Callable[[Series], CurveFit]
) -> dict[str, Any]:
    """Mean absolute scaled error 1 to 4 periods ahead, refitted at up to six origins; no unit.

    mase_last_value is the score of repeating the last value, on the same forecasts. A growing
    potential is extrapolated from the origin, as if its later rows were not known.
    """
    n, top = len(series.values), largest_level(series)
    origins = np.unique(np.linspace(MIN_ROWS, max(MIN_ROWS, n - HORIZON), MOST_ORIGINS).astype(int))
    scores: dict[int, list[float]] = {ahead: [] for ahead in range(1, HORIZON + 1)}
    naive = []
    for origin in origins.tolist():
        known, later = np.split(np.asarray(series.values), [origin])
        usual_change = np.mean(np.abs(np.diff(known)))
        later = later[:HORIZON]
        if later.size == 0 or usual_change < max(SMALLEST, 1e-12 * top):
            continue
        past = _first_rows(series, origin)
        path = predicted(curve, fit(past).params, past, n=origin + later.size)[origin:]
        for ahead, error in enumerate(np.abs(path - later) / usual_change, start=1):
            scores[ahead].append(float(error))
        naive += (np.abs(known[-1] - later) / usual_change).tolist()
    errors = [error for found in scores.values() for error in found]
    missing = f"needs more than {MIN_ROWS} rows, with a change in the first {MIN_ROWS} or more"
    return {
        "mase": float(np.mean(errors)) if errors else None,
        "mase_last_value": float(np.mean(naive)) if errors else None,
        "mase_by_horizon": {str(k): float(np.mean(v)) for k, v in scores.items() if v},
        "n": len(errors),
        "horizon": HORIZON,
        "reason": None if errors else missing,
    }


def _first_rows(series: Series, n: int) -> Series:
    """Series of the first `n` rows."""
    return replace(
        series,
        values=series.values[:n],
        potential=series.potential and series.potential[:n],
        periods=series.periods[:n],
    )
