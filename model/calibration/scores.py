"""How good the record is: the range with past errors, its coverage, and errors beside naive lines.

Errors of past forecasts are part of the runs, as on the page (model/analysis/sampling.py): users of
a run are multiplied by exp(s z_k + r z_km), with normal numbers z of the platform and of each of
its markets, and the spreads

    s(h) = a h^b,  r(h) = c h^b

h quarters ahead. a and c are the smallest sizes, in steps of 10%, with which the 80% range holds
80% of what came, of totals and of markets; b is the slope of SLOPES with the least interval score
of markets. In the record's own range they come from the other origins only. The page uses those of
all origins, with three assumptions: none of the error at the origin, growing as the square root of
time to 4 quarters and beyond 20, where nothing is tested.

Where the runs of a market differ more than tenfold (UNSURE), nobody can tell, and the forecast is
the damped trend.

Source: Gneiting & Raftery (2007), JASA 102, eq. 43 (interval score).
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import compress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sampling import DRAWS, LEVELS, LONGEST, error_scores
from model.analysis.states import UNSURE
from model.calibration import record
from model.evidence import Evidence
from model.messengers import PLATFORMS

SIZES = (0.0, *np.geomspace(0.01, 0.4, 40))  # a and c
SLOPES = (0.0, 0.25, 0.5)  # b
HELD = LEVELS[1] - LEVELS[0]  # share of what came
METHODS = {"model": "median", "last": "last", "damped": "damped"}
Spreads = tuple[float, float, float]  # a, b, c


def ranges(rows: pd.DataFrame, runs: Iterable[NDArray], known: Evidence, of: Spreads) -> NDArray:
    """Low end, median and high end of each row (3, row), million, its runs with past errors."""
    names = list(known.markets.market)
    market, whole = error_scores(len(names), DRAWS)
    found = []
    for row, users in zip(rows.itertuples(), runs, strict=True):
        k, growth = PLATFORMS.index(row.platform), row.horizon_quarters ** of[1]
        here = slice(None) if row.market == record.TOTAL else [names.index(row.market)]
        erring = users * np.exp(growth * (of[0] * whole[k] + of[2] * market[k, here]))
        found.append(np.quantile(erring.sum(axis=0), (LEVELS[0], 0.5, LEVELS[1])))
    return np.array(found).T


def interval_score(rows: pd.DataFrame, low: NDArray, high: NDArray) -> NDArray:
    """Interval score of the 80% range, log units, (row,)."""
    low, high, observed = np.log(low), np.log(high), np.log(rows.observed.to_numpy())
    outside = np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
    return high - low + outside / LEVELS[0]


def error_curve(rows: pd.DataFrame, runs: list[NDArray], known: Evidence) -> Spreads:
    """The a, b and c of the errors that `rows` show."""
    is_total = rows.market.eq(record.TOTAL).to_numpy()

    def some(kind: NDArray, of: Spreads) -> tuple[pd.DataFrame, NDArray, NDArray]:
        low, _, high = ranges(rows[kind], compress(runs, kind), known, of)
        return rows[kind], low, high

    def holds(kind: NDArray, of: Spreads) -> bool:
        own, low, high = some(kind, of)
        return bool(own.observed.between(low, high).mean() >= HELD)

    def smallest(kind: NDArray, curves: list[Spreads]) -> Spreads:
        place = bisect_left(curves, True, key=lambda of: holds(kind, of))
        return curves[min(place, len(curves) - 1)]

    each = [smallest(~is_total, [(0.0, b, c) for c in SIZES]) for b in SLOPES]
    _, b, c = min(each, key=lambda of: interval_score(*some(~is_total, of)).mean())
    return smallest(is_total, [(a, b, c) for a in SIZES])


def with_range(rows: pd.DataFrame, runs: list[NDArray], known: Evidence) -> pd.DataFrame:
    """`rows` with median, low80 and high80, the errors from all other origins."""
    found = np.empty((3, len(rows)))
    for origin in rows.origin.unique():
        own = (rows.origin == origin).to_numpy()
        of = error_curve(rows[~own], [*compress(runs, ~own)], known)
        found[:, own] = ranges(rows[own], compress(runs, own), known, of)
    low, median, high = found
    unsure = rows.market.ne(record.TOTAL) & (high / low > UNSURE)
    median = np.where(unsure, rows.damped, median)
    return rows.assign(median=median, low80=low, high80=high)[
        [*rows.columns[:5], "median", "low80", "high80", "last", "damped"]
    ]


def error_spread(of: Spreads) -> pd.DataFrame:
    """Spread of past errors by 1 to LONGEST quarters ahead, of a platform and of a market."""
    ahead = np.arange(1, LONGEST + 1)
    tested = np.clip(ahead, record.HORIZONS[0], record.HORIZONS[-1])
    growth = tested ** of[1] * np.sqrt(ahead / tested)
    columns = {"total": of[0] * growth, "market": of[2] * growth}
    return pd.DataFrame({"horizon_quarters": ahead} | columns)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores by kind (total or market) and horizon, and of all; losing rows like the others.

    columns : kind, horizon_quarters (0: all), n;  coverage (0-1) and width (median of high over
    low) of the 80% range;  error_model, error_last, error_damped (mean absolute log error);
    no_worse_than_last, no_worse_than_damped (share of rows)
    """
    kind = rows.market.eq(record.TOTAL).map({True: "total", False: "market"})
    error = {name: np.log(rows[own] / rows.observed).abs() for name, own in METHODS.items()}
    each = {
        "coverage": rows.observed.between(rows.low80, rows.high80).astype(float),
        "width": rows.high80 / rows.low80,
    }
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
    forecasts = record.forecasts(known)
    made = [record.rows(known, one) for one in forecasts]
    rows = pd.concat([table for table, _ in made], ignore_index=True)
    runs = [users for _, parts in made for users in parts]
    leaders = pd.concat([record.leaders(one) for one in forecasts], ignore_index=True)
    return {
        "record": with_range(rows, runs, known),
        "record_leaders": leaders,
        "error_spread": error_spread(error_curve(rows, runs, known)),
    }
