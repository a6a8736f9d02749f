"""How good the model is, in tables and sentences: both fits, the record and the back-test."""

import numpy as np
import pandas as pd

from model.calibration import record_scores
from model.evidence import Evidence
from pages.parts.evidence_tables import named_series, series_names, titled

CALIBRATION = (
    "Two fits: **march-2014** sees only what was public by 31 March 2014, **as-it-happened** sees "
    "everything. The last column is the spread after the fit over the spread before it: near 1, "
    "the data say nothing. Concern is in neither: figures for the whole world cannot tell what "
    "concern did."
)
RECORD = (
    "Held: share of outcomes inside the range. Width: high end over low end. Error: mean absolute "
    "error of the logarithm; 0.1 is about 10%. No worse than: share of outcomes for which the "
    "model's error is not larger. The rows where the model loses are here too."
)
KINDS = {"all": "all", "total": "totals outside China", "market": "single markets"}
SCORES = {  # heads of the scores of the record
    "kind": "Forecasts",
    "n": "Outcomes",
    "coverage": "Held by the runs (%)",
    "width": "Width of the runs (high / low)",
    "coverage_error": "Held with past error (%)",
    "width_error": "Width with past error (high / low)",
    "error_model": "Error of the model (log)",
    "error_last": "Error of the last value (log)",
    "error_damped": "Error of the damped trend (log)",
    "no_worse_than_last": "No worse than the last value (%)",
    "no_worse_than_damped": "No worse than the damped trend (%)",
}
ROWS = {  # heads of the rows of the record
    "market": "Place",
    "observed": "What came (million)",
    "median": "Forecast (million)",
    "low80": "Low, runs (million)",
    "high80": "High, runs (million)",
    "low80_error": "Low, with past error (million)",
    "high80_error": "High, with past error (million)",
    "last": "Last value (million)",
    "damped": "Damped trend (million)",
}
FILING = {  # heads of KakaoTalk's own forecast
    "forecast": "Forecast (million)",
    "last": "Last value (million)",
    "observed": "What came (million)",
    "forecast_error": "Error of the forecast (%)",
    "last_error": "Error of the last value (%)",
}
ERRORS = {"median_error": "Median error (%)", "largest_error": "Largest error (%)"}
METHODS = {  # heads of the methods of the back-test
    "model": "Model",
    "last": "Last value",
    "drift": "Drift",
    "drift4": "Drift of four quarters",
    "damped": "Damped trend",
}


def fits(known: Evidence) -> pd.DataFrame:
    """The calibrated values, and the spread of each after the fit over before it."""
    labels = known.settings.set_index("name").label
    named = known.fits.assign(setting=known.fits.setting.map(labels).fillna(known.fits.setting))
    return titled(named.rename(columns={"informed": "spread after / before"})).round(2)


def record(known: Evidence) -> pd.DataFrame:
    """Scores of the record by kind and horizon, shares in %, with the rows where it loses."""
    table = record_scores.summary(known.record)
    table["horizon_quarters"] = table.horizon_quarters.replace(0, "all").astype(str)
    shares = [name for name in table if name.startswith(("coverage", "no_worse"))]
    table[shares] = 100 * table[shares].round(2)
    table["kind"] = table.kind.map(KINDS)
    return titled(table.round(2), SCORES)


def every_forecast(known: Evidence) -> pd.DataFrame:
    """Every forecast of the record beside what came, million users."""
    return titled(named(known).round(1), ROWS)


def one_forecast(known: Evidence, mark: dict[str, object]) -> pd.DataFrame:
    """The row of the record for a mark of its chart: `name`, `origin` and `ahead`, years."""
    rows = named(known)
    own = (rows.platform + ", " + rows.market) == mark["name"]
    own &= (rows.origin == mark["origin"]) & (rows.horizon_quarters // 4 == mark["ahead"])
    return titled(rows[own].round(1), ROWS)


def named(known: Evidence) -> pd.DataFrame:
    """The record with the names of its markets."""
    names = dict(zip(known.markets.market, known.markets.name, strict=True))
    return known.record.assign(
        market=known.record.market.map({"EX-CHINA": "outside China"} | names)
    )


def coverage(known: Evidence) -> str:
    """How many forecasts of the record held what came, in a sentence."""
    table = record_scores.summary(known.record)
    table = table[table.horizon_quarters == 0].set_index("kind")
    held = {kind: f"{100 * row.coverage_error:.0f}%" for kind, row in table.iterrows()}
    n = table.n
    return (
        f"**The range including past error held {held['all']} of {n['all']} outcomes**, and was "
        f"made to hold 80%: {held['total']} of {n['total']} totals outside China, {held['market']} "
        f"of {n['market']} figures of single markets. The runs alone held "
        f"{100 * table.coverage['all']:.0f}%, which is why they are not called a prediction "
        "interval."
    )


def leaders_right(known: Evidence) -> str:
    """The share of markets that the projected messenger led, in a sentence."""
    table = known.record_leaders
    right, before = (100 * (table[name] == table.actual).mean() for name in ("projected", "before"))
    return (
        f"The messenger projected to lead a market did so in **{right:.0f}%** of {len(table)} "
        f"cases; whoever led it at the origin in {before:.0f}%."
    )


def about_the_record(known: Evidence) -> str:
    """How the record was made, and its limits."""
    rows = known.record
    return (
        f"At each of {rows.origin.nunique()} past quarters the page's own model was fitted to what "
        "had been published by then and projected up to "
        f"{rows.horizon_quarters.max()} quarters on; company figures of LINE and KakaoTalk came "
        "later. WeChat abroad has no such figures, so nothing here tests it. The outcomes are few "
        "and not independent."
    )


def as_it_happened(known: Evidence, errors: pd.DataFrame) -> pd.DataFrame:
    """The errors of the case "As it happened" against every series, %."""
    return titled(named_series(known, errors), ERRORS)


def backtest(known: Evidence) -> pd.DataFrame:
    """Scaled error (MASE) by series and horizon, a column a method, with the rows it loses."""
    table = named_series(known, known.backtest)
    keys = ["horizon_quarters", "series"]
    wide = table.pivot(index=keys, columns="method", values="mase")
    model = table[table.method == "model"].set_index(keys)
    wide = wide.drop(columns="model-parameters")[list(METHODS)]
    best = wide.idxmin(axis=1).map(METHODS)
    held = (100 * model.coverage80).round(0)
    wide = wide.rename(columns=METHODS).assign(best=best, outcomes=model.n, held=held)
    return titled(wide.reset_index(), {"held": "Held by the 80% interval (%)"}).round(2)


def verdict(known: Evidence) -> str:
    """The findings of the back-test, with the series on which it loses."""
    table, names = known.backtest, series_names(known)
    lines = [
        "The model's one-platform form, started at every quarter of every series with enough "
        "figures, against simple methods: the last value, the drift (a straight line, through all "
        "figures or the last four quarters) and Holt's damped trend (a line that levels off). "
        "Scaled error (MASE): error over the mean change of one quarter; lower is better.",
        "",
    ]
    for horizon in (8, 12):
        rows = table[(table.horizon_quarters == horizon) & (table.method != "model-parameters")]
        wide = rows.pivot(index="series", columns="method", values="mase")
        ids = wide.index[wide.model > wide.drop(columns="model").min(axis=1)]
        lost = [names[series] for series in ids]
        mean = ", ".join(f"{METHODS[name].lower()} {wide[name].mean():.2f}" for name in wide)
        lines.append(
            f"- **{horizon} quarters ahead**: mean scaled error {mean}. It loses to the best "
            f"simple method of the series on {len(lost)} of {len(wide)}: "
            f"{'; '.join(lost) or 'none'}."
        )
    model = table[table.method == "model"]
    others = model[model.series != "wechat_world_mau"]
    settings_alone = table[table.method == "model-parameters"]
    lines.append(
        f"- The 80% prediction interval held **{_held(model):.0f}%** of the outcomes "
        f"({_held(others):.0f}% without WeChat's world series, which has most of them); the band "
        f"from the fitted settings alone held {_held(settings_alone):.0f}%, which is why it is not "
        "called a prediction interval."
    )
    return "\n".join(lines)


def _held(rows: pd.DataFrame) -> float:
    """The share of the outcomes that lie inside the 80% band, in %."""
    return 100 * float(np.average(rows.coverage80, weights=rows.n))
