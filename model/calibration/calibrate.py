"""Calibration: penalised least squares of growth, attrition, barrier and others on the evidence.

minimise  sum ((ln projected - ln observed) / sigma)^2  +  sum ((x - centre) / spread)^2

projected, observed : million users or accounts;  sigma : error of a figure, log units
x : a calibrated setting on its own scale, log or logit;  centre, spread : of its prior, there

The Jacobian is one batch of draws. Two fits:

march-2014        what was public by 31 March 2014: registered accounts of 2013 and early 2014,
                  the model started in March 2013 from what was known then
as-it-happened    all company figures since, the model started from data/installed_base.csv

A ceiling is never fitted. Global series alone cannot tell the effect of concern: its posterior
is as wide as its prior (see the column `informed`).
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy  # its parts load when they are used: only for a fit
from numpy.typing import NDArray

from model.calibration.targets import PROBLEMS, Problem
from model.evidence import NAMED, Evidence
from model.scenario.scenario import DEFAULT_FIT
from model.scenario.settings import Setting, from_scale, prior, settings_and_parameters, to_scale

STARTS = 8  # a power of 2, as Sobol's sequence wants it
STEP = 1e-4  # prior standard deviations: half of a difference that gives a slope
WIDER = (6.0, 2.0, 1.0)  # times the errors, one search after the other
EVALUATIONS = 150  # at most, of each search
AGREE = 1.05  # a start agrees whose misfit is at most this much of the best one's
INFORMED = 0.7  # posterior/prior spread below which the data say something about a setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A calibration.

    values : setting name -> fitted value, in the setting's unit
    spread : posterior standard deviation on the setting's own scale (log or logit)
    informed : posterior spread over prior spread; near 1 the data say nothing
    correlation : (setting, setting), in the order of `values`
    validity : one sentence on what the fit is worth
    """

    values: dict[str, float]
    spread: dict[str, float]
    informed: dict[str, float]
    correlation: NDArray
    cost: float
    converged: bool
    validity: str


def fit(problem: Problem, starts: int = STARTS, near: Mapping[str, float] | None = None) -> Fit:
    """Fit `problem` from several starts; the settings move in prior standard deviations.

    near : setting -> value at which the first start lies; at the prior's centre without one
    """
    chosen = [settings_and_parameters()[name] for name in problem.names]
    centre, spread = np.array([prior(setting) for setting in chosen]).T
    low, high = (np.array([_slider_ends(setting) for setting in chosen]).T - centre) / spread
    target = problem.observed.target.to_numpy()[:, None]
    sigma = problem.observed.sigma.to_numpy()[:, None]

    def misfit(points: NDArray, wider: float) -> NDArray:
        """Weighted residuals (figure, draw) for points (draw, setting), errors `wider` times."""
        scaled = centre + spread * points
        values = {one.name: from_scale(one, scaled[:, i]) for i, one in enumerate(chosen)}
        return (problem.predict(values) - target) / (sigma * wider)

    def residuals(point: NDArray, wider: float) -> NDArray:
        """Residuals of the figures and of the priors at one point."""
        return np.concatenate([misfit(point[None], wider)[:, 0], point])

    def jacobian(point: NDArray, wider: float) -> NDArray:
        """Slopes of the residuals (residual, setting), by central differences in one batch."""
        offsets = np.diag(np.full(point.size, STEP))
        batch = misfit(np.vstack([point + offsets, point - offsets]), wider)
        slopes = (batch[:, : point.size] - batch[:, point.size :]) / (2 * STEP)
        return np.vstack([slopes, np.eye(point.size)])

    def search(point: NDArray) -> "scipy.optimize.OptimizeResult":
        """The best point from one start; first with wide errors, so that it sees far."""
        options = {"bounds": (low, high), "max_nfev": EVALUATIONS}
        for wider in WIDER:
            point = np.clip(point, low + 2 * STEP, high - 2 * STEP)
            result = scipy.optimize.least_squares(
                residuals, point, jacobian, args=(wider,), **options
            )
            point = result.x
        return result

    near, first = near or {}, centre.copy()
    for i, setting in enumerate(chosen):
        if setting.name in near:
            first[i] = to_scale(setting, near[setting.name])
    middle = scipy.stats.qmc.Sobol(len(chosen), seed=1).random(starts) * 0.7 + 0.15
    points = scipy.special.ndtri(middle)  # over the middle of the priors
    points[0] = (first - centre) / spread
    results = [search(point) for point in points]
    best = min(results, key=lambda result: result.cost)
    agreeing = sum(result.cost < AGREE * best.cost for result in results)
    agreement = f"{len(target)} figures; {agreeing} of {starts} starts agree"
    return _fit_at(best, chosen, agreement)


def _fit_at(
    best: "scipy.optimize.OptimizeResult", chosen: Sequence[Setting], agreement: str
) -> Fit:
    """The fit at the best point, with what the curvature there says of each setting."""
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    ratio = np.sqrt(np.diag(covariance))
    centre, spread = np.array([prior(setting) for setting in chosen]).T
    point = centre + spread * best.x
    names = np.array([setting.name for setting in chosen])
    informed, silent = names[ratio < INFORMED], names[~(ratio < INFORMED)]
    return Fit(
        values={one.name: float(from_scale(one, x)) for one, x in zip(chosen, point, strict=True)},
        spread=dict(zip(names.tolist(), (ratio * spread).tolist(), strict=True)),
        informed=dict(zip(names.tolist(), ratio.tolist(), strict=True)),
        correlation=covariance / np.outer(ratio, ratio),
        cost=float(best.cost),
        converged=bool(best.status > 0),
        validity=f"{agreement}; the data inform {', '.join(informed) or 'nothing'}; they leave "
        f"{', '.join(silent) or 'nothing'} at the prior.",
    )


def _slider_ends(setting: Setting) -> NDArray:
    """Both ends of a setting's slider on its own scale, a little inside where they are infinite."""
    tiny = 1e-6 * (setting.high - setting.low)
    high = min(setting.high, 100 - tiny) if setting.scale == "logit" else setting.high
    return to_scale(setting, np.array([max(setting.low, tiny), high]))


def fingerprint(problem: Problem) -> str:
    """A short code of everything the fit was made from: data as known then, priors, names."""
    settings = [settings_and_parameters()[name] for name in problem.names]
    priors = [(one.name, one.prior_low, one.prior_high) for one in settings]
    seen = problem.observed.drop(columns="markets", errors="ignore").round(9).to_csv(index=False)
    centre = {one.name: np.array([from_scale(one, prior(one)[0])]) for one in settings}
    at_prior = np.round(problem.predict(centre), 6).tobytes()  # people, concern and starts too
    return hashlib.sha256(repr(priors).encode() + seen.encode() + at_prior).hexdigest()[:16]


def tables(known: Evidence) -> dict[str, pd.DataFrame]:
    """Both fits as the tables kept in data/: fits, fit_correlations and fit_summary."""
    parts: dict[str, list[pd.DataFrame]] = {"fits": [], "fit_correlations": [], "fit_summary": []}
    for name, make in PROBLEMS.items():
        problem = make(known)
        result = fit(problem)
        columns = {"value": result.values, "spread": result.spread, "informed": result.informed}
        values = pd.DataFrame(columns).rename_axis("setting").reset_index()
        one, other = np.tril_indices(len(values), -1)
        names = values.setting.to_numpy()
        pairs = {"setting": names[one], "other": names[other]}
        pairs |= {"correlation": result.correlation[one, other]}
        summary = {"fingerprint": fingerprint(problem), "cost": result.cost}
        summary |= {"observations": len(problem.observed)}
        summary |= {"converged": "yes" if result.converged else "no", "validity": result.validity}
        made = (values, pd.DataFrame(pairs), pd.DataFrame([summary]))
        for rows, frame in zip(parts.values(), made, strict=True):
            frame.insert(0, "fit", name)
            rows.append(frame)
    return {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}


def store_defaults(fits: pd.DataFrame, folder: Path) -> None:
    """Write the values of the march-2014 fit, rounded to their steps, as defaults."""
    fitted = fits[fits.fit == DEFAULT_FIT].set_index("setting").value
    for name in NAMED:
        path = folder / f"{name}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for line, row in table[table.name.isin(fitted.index)].iterrows():
            table.loc[line, "value"] = rounded(fitted[row["name"]], float(row.step))
        write(table, path)


def rounded(value: float, step: float) -> str:
    """A fitted value to its step."""
    return f"{round(value / step) * step:.6g}"


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table of data/ with 6 significant digits; a killed run leaves the old file."""
    _replace(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def store_rows(counts: Mapping[str, int], folder: Path) -> None:
    """Write how many rows each table now has into the Data Package."""
    path = folder / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    for name, count in counts.items():
        text = re.sub(rf'("path": "{name}.csv",\s*"rows": )\d+', rf"\g<1>{count}", text)
    _replace(path, text)


def _replace(path: Path, text: str) -> None:
    """Write a file that takes its name once it is whole."""
    beside = path.with_name(f"{path.name}.unfinished")
    beside.write_text(text, encoding="utf-8", newline="")
    os.replace(beside, path)
