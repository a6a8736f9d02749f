"""Calibration: which growth, attrition and barrier the evidence speaks for.

Penalised least squares over the batch solver: residuals are log(projected / observed) / sigma,
and each calibrated setting adds one row, its distance from the prior in prior standard deviations.
The Jacobian is one batch of draws. Two fits:

march-2014        what was public by 31 March 2014: registered accounts of 2013 and early 2014,
                  the model started in March 2013 from what was known then
as-it-happened    all company figures since, the model started from data/installed_base.csv

A ceiling is never fitted. Global series alone cannot tell the effect of concern: its posterior
is as wide as its prior (see the column `informed`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import norm, qmc

from model.evidence import PLATFORMS, Evidence
from model.forcing import forcing
from model.markets import Markets, decimal_year, read_markets
from model.platforms import QUARTER
from model.projection import Projection, project
from model.scenario import Scenario, case, change
from model.settings import Setting, from_scale, prior, settings, to_scale
from model.vintage import accounts, as_of, starting_accounts

ORIGIN_DAY = "2014-03-31"
START_2013, QUARTERS_2013 = "2013Q1", 4
HORIZON = 12  # years that as-it-happened has evidence for
COMPANY_SIGMA = 0.05  # log units: company figures 3%, and as much again for the model itself
ACCOUNT_SIGMA = 0.10  # registered accounts follow users only roughly
OTHER_BASIS_SIGMA = 0.10  # company profiles, on another basis than the quarterly figures
DISCOUNT = 0.9  # weight of a quarter against the next later one
SERIES_WEIGHT = 4.0  # a series counts as at most this many independent figures
STARTS = 4
INFORMED = 0.7  # posterior/prior spread below which the data say something about a setting

GROWTH = ("wechat", "line", "kakao", "barrier", "attrition", "concern")
INNOVATION = ("wechat_innovation", "line_innovation", "kakao_innovation")
AT_HOME = ("line_japan", "line_key", "kakao_korea")
EARLY = (*GROWTH, *INNOVATION, *AT_HOME, "active_share")
LATER = (*GROWTH, *INNOVATION, *AT_HOME, "line_core", "kakao_core", "wechat_core")
LATER = (*LATER, "elasticity", "ceiling_abroad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is fitted to what.

    names : the calibrated settings
    observed : one row an observation, with log_value, sigma and whatever `predict` needs
    predict : settings by name (draw,) -> log of the projected figures, (observation, draw)
    """

    fit: str
    names: tuple[str, ...]
    observed: pd.DataFrame
    predict: Callable[[Mapping[str, NDArray]], NDArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A calibration.

    values : setting name -> fitted value, in the setting's unit
    spread : posterior standard deviation on the setting's own scale (log or logit)
    informed : posterior spread over prior spread; near 1 the data say nothing
    correlation : (setting, setting), in the order of `values`
    validity : one sentence on what the fit is worth
    """

    fit: str
    values: dict[str, float]
    spread: dict[str, float]
    informed: dict[str, float]
    correlation: NDArray
    observations: int
    cost: float
    converged: bool
    validity: str


def fit(problem: Problem) -> Fit:
    """Fit `problem` from several starts; the settings move in prior standard deviations."""
    chosen = [settings()[name] for name in problem.names]
    centre, spread = np.array([prior(setting) for setting in chosen]).T
    ends = [_ends(setting, c, s) for setting, c, s in zip(chosen, centre, spread, strict=True)]
    low, high = np.array(ends).T
    log_value = problem.observed.log_value.to_numpy()[:, None]
    sigma = problem.observed.sigma.to_numpy()[:, None]

    def misfit(points: NDArray) -> NDArray:
        """Weighted residuals (observation, draw) for points (draw, setting)."""
        scaled = centre + spread * points
        values = {
            setting.name: np.asarray(from_scale(setting, scaled[:, i]))
            for i, setting in enumerate(chosen)
        }
        return (problem.predict(values) - log_value) / sigma

    def residuals(point: NDArray) -> NDArray:
        return np.concatenate([misfit(point[None])[:, 0], point])

    def jacobian(point: NDArray) -> NDArray:
        step = np.where(point + 1e-4 < high, 1e-4, -1e-4)
        batch = misfit(np.vstack([point, point + np.diag(step)]))
        return np.vstack([(batch[:, 1:] - batch[:, :1]) / step, np.eye(point.size)])

    starts = norm.ppf(qmc.Sobol(len(chosen), seed=1).random(STARTS) * 0.7 + 0.15)
    starts[0] = 0.0
    solved = [
        least_squares(
            residuals,
            np.clip(start, low + 1e-3, high - 1e-3),
            jacobian,
            bounds=(low, high),
            x_scale="jac",
            max_nfev=80,
        )
        for start in starts
    ]
    best = min(solved, key=lambda result: result.cost)
    agreeing = sum(result.cost < 1.02 * best.cost for result in solved)
    return _report(problem, chosen, centre, spread, best, agreeing)


def _ends(setting: Setting, centre: float, spread: float) -> tuple[float, float]:
    """The range of a setting in prior standard deviations."""
    tiny = 1e-6 * (setting.high - setting.low)
    low = to_scale(setting, max(setting.low, tiny))
    high = to_scale(
        setting, min(setting.high, 100 - tiny) if setting.scale == "logit" else setting.high
    )
    return (float(low) - centre) / spread, (float(high) - centre) / spread


def _report(
    problem: Problem,
    chosen: list[Setting],
    centre: NDArray,
    spread: NDArray,
    best: object,
    agreeing: int,
) -> Fit:
    """The fit as values, spreads and a sentence."""
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    ratio = np.sqrt(np.diag(covariance))
    point = centre + spread * best.x
    names = [setting.name for setting in chosen]
    values = [float(from_scale(s, p)) for s, p in zip(chosen, point, strict=True)]
    informed = [name for name, r in zip(names, ratio, strict=True) if r < INFORMED]
    silent = [name for name in names if name not in informed]
    validity = (
        f"{len(problem.observed)} figures; {agreeing} of {STARTS} starts agree; the data inform "
        f"{', '.join(informed) or 'nothing'}; they leave {', '.join(silent) or 'nothing'} at the "
        f"prior."
    )
    return Fit(
        fit=problem.fit,
        values=dict(zip(names, values, strict=True)),
        spread=dict(zip(names, (ratio * spread).tolist(), strict=True)),
        informed=dict(zip(names, ratio.tolist(), strict=True)),
        correlation=covariance / np.outer(ratio, ratio),
        observations=len(problem.observed),
        cost=float(best.cost),
        converged=bool(best.status > 0),
        validity=validity,
    )


def march_2014(known: Evidence) -> Problem:
    """Registered accounts from March 2013 to March 2014, as public on 31 March 2014."""
    then = as_of(known, ORIGIN_DAY)
    start = starting_accounts(then, START_2013)
    where = read_markets(replace(then, installed_base=start), START_2013, QUARTERS_2013)
    scenario = case("march-2014")
    rows = []
    for k, platform in enumerate(PLATFORMS):
        counts = accounts(then, platform)
        counts = counts[counts.time > where.times[0] + 0.02]
        rows.append(pd.DataFrame({"platform": k, "time": counts.time, "value": counts.value}))
    observed = pd.concat(rows, ignore_index=True)
    age = (where.times[-1] - observed.time) / QUARTER
    observed["log_value"] = np.log(observed.value)
    observed["sigma"] = ACCOUNT_SIGMA / DISCOUNT ** (age / 2) * _crowding(observed.platform)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        registered = registered_accounts(scenario, values, where)
        found = []
        for row in observed.itertuples():
            part = (row.time - where.times[0]) / QUARTER
            i = min(int(part), QUARTERS_2013 - 1)
            before, after = registered[i, row.platform], registered[i + 1, row.platform]
            found.append(np.log(before + (part - i) * (after - before)))
        return np.array(found)

    return Problem(fit="march-2014", names=EARLY, observed=observed, predict=predict)


def registered_accounts(
    scenario: Scenario, values: Mapping[str, NDArray], where: Markets
) -> NDArray:
    """Accounts ever opened (time, platform, draw), in millions: those at the start and new ones.

    Joiners of a quarter are the growth of users and those who left in it. `where.base` holds
    accounts; the setting active_share says how many users an account stands for, at the start and
    when it is opened: many accounts are second ones or never used.
    """
    active = values["active_share"]
    shares = [active / active.mean() * 100] * 3
    scaled = replace(where, base=where.base * active.mean() / 100)
    own = {name: value for name, value in values.items() if name != "active_share"}
    own |= dict(zip([f"{k}_start" for k in ("wechat", "line", "kakao")], shares, strict=True))
    paths = project(scenario, own, where=scaled)
    every = {name: np.atleast_1d(value) for name, value in scenario.values} | own
    quarters = list(forcing(scenario, every, scaled))
    opened = [np.broadcast_to(where.base.sum(axis=1)[:, None], paths.users[0].sum(axis=1).shape)]
    for i, quarter in enumerate(quarters):
        middle = (paths.users[i] + paths.users[i + 1]) / 2
        share = middle / scaled.addressable[i][:, None]
        leaving = every["attrition"] / 100 * (1 - share) ** 2
        leaving = leaving * (1 + every["concern_attrition"] * np.asarray(quarter.worry))
        joined = paths.users[i + 1] - paths.users[i] + leaving * middle * QUARTER
        opened.append(opened[-1] + joined.sum(axis=1) * 100 / active)
    return np.stack(opened)


def as_it_happened(known: Evidence) -> Problem:
    """Company figures from 2014 to 2026, with the events on."""
    scenario = change(case("as-it-happened"), {"horizon": HORIZON})
    where = read_markets(known, scenario.origin, 4 * HORIZON)
    observed = later_figures(known, where)
    observed["sigma"] *= _crowding(observed.series)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        paths = project(scenario, values, where=where)
        found = figures(paths, observed)
        return np.log(_inside(found, observed))

    return Problem(fit="as-it-happened", names=LATER, observed=observed, predict=predict)


def later_figures(known: Evidence, where: Markets) -> pd.DataFrame:
    """Observed users after the origin: series, platform (number), markets, step, value, low, high.

    step : quarters after the origin;  markets : True for each market that the figure covers
    """
    table = known.observed
    users = table[table.metric.str.startswith("users") & table.platform.isin(PLATFORMS)]
    users = users[~users.metric.str.contains("survey|residual|forecast")]
    step = (users.quarter.map(decimal_year) - where.times[0]) / QUARTER
    users = users.assign(step=step.round().astype(int))
    users = users[(users.step > 0) & (users.step < where.times.size)].reset_index(drop=True)
    sigma = np.where(users.metric == "users", COMPANY_SIGMA, OTHER_BASIS_SIGMA)
    return pd.DataFrame(
        {
            "series": users.series,
            "platform": users.platform.map(PLATFORMS.index),
            "markets": [_covers(geography, where.names) for geography in users.geography],
            "quarter": users.quarter,
            "step": users.step,
            "value": users.value,
            "low": users.low,
            "high": users.high,
            "log_value": np.log(users.value),
            "sigma": sigma,
        }
    )


def _covers(geography: str, names: tuple[str, ...]) -> NDArray:
    """Which markets a geography of data/observed.csv covers."""
    if geography in ("world", "EX-CHINA"):
        return np.ones(len(names), dtype=bool)
    if geography.startswith("world less "):
        return ~np.isin(names, geography.removeprefix("world less ").split("+"))
    return np.isin(names, geography.split("+"))


def figures(paths: Projection, observed: pd.DataFrame) -> NDArray:
    """The projected counterpart of each observed figure (observation, draw), in millions."""
    found = [
        paths.users[row.step, row.platform][row.markets].sum(axis=0)
        for row in observed.itertuples()
    ]
    return np.array(found)


def _inside(found: NDArray, observed: pd.DataFrame) -> NDArray:
    """Within a band any value is as good; outside, the distance from its end counts.

    A weak pull to the middle of the band is left, so that the fit has one best point.
    """
    low, high = observed.low.to_numpy()[:, None], observed.high.to_numpy()[:, None]
    value = observed.value.to_numpy()[:, None]
    pull = value * (found / value) ** 0.25
    within = (found > low) & (found < high)
    end = np.where(found <= low, value * found / low, value * found / high)
    soft = np.where(
        within, pull, end * np.where(found <= low, (low / value) ** 0.25, (high / value) ** 0.25)
    )
    return np.where(np.isnan(low), found, soft)


def _crowding(series: pd.Series) -> pd.Series:
    """Factor on sigma, so that a series of many figures counts as SERIES_WEIGHT of them."""
    count = series.map(series.value_counts())
    return np.sqrt(np.maximum(count / SERIES_WEIGHT, 1.0))


def fingerprint(problem: Problem) -> str:
    """A short code of everything the fit was made from: data as known then, priors, names."""
    priors = [(n, settings()[n].prior_low, settings()[n].prior_high) for n in problem.names]
    seen = problem.observed.drop(columns="markets", errors="ignore").round(9).to_csv(index=False)
    centre = {
        name: np.array([from_scale(settings()[name], prior(settings()[name])[0])])
        for name in problem.names
    }
    at_prior = np.round(problem.predict(centre), 6).tobytes()  # people, concern and starts too
    return hashlib.sha256(repr(priors).encode() + seen.encode() + at_prior).hexdigest()[:16]


PROBLEMS = {"march-2014": march_2014, "as-it-happened": as_it_happened}


def tables(known: Evidence) -> dict[str, pd.DataFrame]:
    """Both fits as the tables kept in data/: fits, fit_correlations and fit_summary."""
    values, correlations, summary = [], [], []
    for name, make in PROBLEMS.items():
        problem = make(known)
        found = fit(problem)
        for one in found.values:
            row = {"fit": name, "setting": one, "value": found.values[one]}
            row |= {"spread": found.spread[one], "informed": found.informed[one]}
            values.append(row)
        for i, first in enumerate(found.values):
            for j, second in enumerate(found.values):
                if j < i:
                    row = {"fit": name, "setting": first, "other": second}
                    correlations.append(row | {"correlation": found.correlation[i, j]})
        row = {"fit": name, "fingerprint": fingerprint(problem), "cost": found.cost}
        row |= {"observations": found.observations, "converged": "yes" if found.converged else "no"}
        summary.append(row | {"validity": found.validity})
    made = {"fits": values, "fit_correlations": correlations, "fit_summary": summary}
    return {name: pd.DataFrame(rows) for name, rows in made.items()}


def store(known: Evidence, folder: Path) -> dict[str, pd.DataFrame]:
    """Make both fits again and write their tables to `folder`; gives the tables."""
    made = tables(known)
    for name, table in made.items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")
    return made
