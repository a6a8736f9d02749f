"""How good the record is: errors, intervals that include them, coverage.

The band including past forecast error is built as on the page (model/analysis/bands.py): each end
of the 80% band of the runs is moved out to the square root of its own distance and the error's,
squared and added, both in logarithms. The error has the spread

    s(h) = a h^b

h quarters ahead, with the a and b for which the band has the least mean interval score on the log
errors, L = width + (2 / 0.2) x distance of an outcome outside. A score for the very quantiles
that the band states, and one market that went quite differently does not set its width, as it
would in a mean square. In the record's own band a and b come from the other origins only. The page
uses those of all origins, with three assumptions: none of the error at the origin, growing as the
square root of time to 4 quarters and beyond 20, where nothing is tested.

Source: Gneiting & Raftery (2007), JASA 102, eq. 43 (interval score).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.bands import widened
from model.analysis.sampling import LEVELS
from model.calibration import record
from model.evidence import Evidence

SIZES = np.geomspace(0.005, 1.0, 107)[:, None, None]  # a, in steps of 5%
SLOPES = np.linspace(0.0, 1.0, 21)[:, None]  # b
LONGEST = 60  # quarters, as far as the page looks ahead
METHODS = {"model": "median", "last": "last", "damped": "damped"}


def distances(rows: pd.DataFrame, spread: NDArray) -> tuple[NDArray, NDArray]:
    """How far the ends of the band with an error of `spread` are from the median, log units.

    spread : (..., row);  each of the two results has its shape
    """
    below, above = np.log(rows["median"] / rows.low80), np.log(rows.high80 / rows["median"])
    return widened(below.to_numpy(), spread), widened(above.to_numpy(), spread)


def interval_score(rows: pd.DataFrame, spread: NDArray) -> NDArray:
    """Interval score of the 80% band with an error of `spread`, log units, (..., row)."""
    below, above = distances(rows, spread)
    error = np.log(rows.observed / rows["median"]).to_numpy()
    outside = np.maximum(-below - error, 0) + np.maximum(error - above, 0)
    return below + above + outside / LEVELS[0]


def error_curve(rows: pd.DataFrame) -> tuple[float, float]:
    """The a and b of the spread a h^b with the least mean interval score over `rows`."""
    spread = SIZES * rows.horizon_quarters.to_numpy() ** SLOPES
    mean = interval_score(rows, spread).mean(axis=-1)
    i, j = np.unravel_index(mean.argmin(), mean.shape)
    return float(SIZES[i, 0, 0]), float(SLOPES[j, 0])


def with_past_error(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with low80_error and high80_error, from the errors of all other origins."""
    wider = rows.copy()
    for name in ("high80_error", "low80_error"):
        wider.insert(rows.columns.get_loc("high80") + 1, name, np.nan)
    for origin in rows.origin.unique():
        own = rows.origin == origin
        a, b = error_curve(rows[~own])
        below, above = distances(rows[own], a * rows[own].horizon_quarters.to_numpy() ** b)
        wider.loc[own, "low80_error"] = rows["median"][own] / np.exp(below)
        wider.loc[own, "high80_error"] = rows["median"][own] * np.exp(above)
    return wider


def error_spread(rows: pd.DataFrame) -> pd.Series:
    """Standard deviation of the log error beyond that of the runs, by 1 to 60 quarters ahead."""
    a, b = error_curve(rows)
    ahead = pd.RangeIndex(1, LONGEST + 1, name="horizon_quarters")
    tested = np.clip(ahead, record.HORIZONS[0], record.HORIZONS[-1])
    return pd.Series(a * tested**b * np.sqrt(ahead / tested), index=ahead, name="spread")


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores by kind (total or market) and horizon, and of all; losing rows like the others.

    columns : kind, horizon_quarters (0: all), n;  coverage, coverage_error (0-1) and width,
    width_error (median of high over low) of the two bands;  error_model, error_last, error_damped
    (mean absolute log error);  no_worse_than_last, no_worse_than_damped (share of rows)
    """
    kind = rows.market.eq(record.TOTAL).map({True: "total", False: "market"})
    error = {name: np.log(rows[own] / rows.observed).abs() for name, own in METHODS.items()}
    each = {}
    for end in ("", "_error"):
        low, high = rows[f"low80{end}"], rows[f"high80{end}"]
        each[f"coverage{end}"] = rows.observed.between(low, high).astype(float)
        each[f"width{end}"] = high / low
    each |= {f"error_{name}": one for name, one in error.items()}
    for name in ("last", "damped"):
        each[f"no_worse_than_{name}"] = (error["model"] <= error[name]).astype(float)
    table = pd.DataFrame(each).assign(kind=kind, horizon_quarters=rows.horizon_quarters)
    every_horizon = table.assign(horizon_quarters=0)
    table = pd.concat([table, every_horizon, every_horizon.assign(kind="all")])
    how = {name: "median" if name.startswith("width") else "mean" for name in each}
    groups = table.groupby(["kind", "horizon_quarters"])
    means = groups.agg(how)
    means.insert(0, "n", groups.size())
    return means.reset_index()


def tables(known: Evidence) -> dict[str, pd.DataFrame]:
    """The tables kept in data/: record, record_leaders and error_spread."""
    made = [(record.rows(known, one), record.leaders(one)) for one in record.forecasts(known)]
    rows, leaders = (pd.concat(parts, ignore_index=True) for parts in zip(*made, strict=True))
    return {
        "record": with_past_error(rows),
        "record_leaders": leaders,
        "error_spread": error_spread(rows).reset_index(),
    }
