"""What the calibration is fitted to: two problems, each with its evidence and its prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.evidence import PLATFORM_KEYS, PLATFORMS, Evidence
from model.forcing import forcing
from model.markets import Markets, decimal_year, read_markets
from model.platforms import QUARTER
from model.projection import Projection, project
from model.scenario import Scenario, case, change
from model.vintage import accounts, as_of, starting_accounts

ORIGIN_DAY = "2014-03-31"
START_2013, QUARTERS_2013 = "2013Q1", 4
HORIZON = 12  # years that as-it-happened has evidence for
COMPANY_SIGMA = 0.05  # log units: company figures 3%, and as much again for the model itself
ACCOUNT_SIGMA = 0.10  # registered accounts follow users only roughly
RANGE_SIGMA = 0.025  # beyond the end of a range, which is wide already
OTHER_BASIS_SIGMA = 0.10  # company profiles, on another basis than the quarterly figures
DISCOUNT = 0.9  # weight of a quarter against the next later one
PULL = 0.15  # within a band the distance from its middle counts this much
SERIES_WEIGHT = 4.0  # a series counts as at most this many independent figures
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
    own |= dict(zip([f"{k}_start" for k in PLATFORM_KEYS], shares, strict=True))
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
    sigma = users.metric.map({"users": COMPANY_SIGMA, "users, range": RANGE_SIGMA})
    sigma = sigma.fillna(OTHER_BASIS_SIGMA)
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

    A weaker pull to the middle of the band is left, so that the fit has one best point.
    """
    low = 1.05 * observed.low.to_numpy()[:, None]  # a little inside, as the case is rounded
    high = observed.high.to_numpy()[:, None] / 1.05
    value = observed.value.to_numpy()[:, None]
    pull = value * (found / value) ** PULL
    within = (found > low) & (found < high)
    end = np.where(found <= low, value * found / low, value * found / high)
    soft = np.where(
        within, pull, end * np.where(found <= low, (low / value) ** PULL, (high / value) ** PULL)
    )
    return np.where(np.isnan(low), found, soft)


def _crowding(series: pd.Series) -> pd.Series:
    """Factor on sigma, so that a series of many figures counts as SERIES_WEIGHT of them."""
    count = series.map(series.value_counts())
    return np.sqrt(np.maximum(count / SERIES_WEIGHT, 1.0))


def errors(known: Evidence) -> pd.DataFrame:
    """How far the case as-it-happened is from what was observed, by series.

    columns : series, figures, median_error, largest_error (% of the observed; of a band, the
    distance from its nearer end)
    """
    scenario = change(case("as-it-happened"), {"horizon": HORIZON})
    where = read_markets(known, scenario.origin, 4 * HORIZON)
    observed = later_figures(known, where)
    found = pd.Series(figures(project(scenario, where=where), observed)[:, 0])
    nearest = found.clip(observed.low, observed.high).where(observed.low.notna(), observed.value)
    percent = 100 * (found / nearest - 1).abs()
    rows = percent.groupby(observed.series).agg(["size", "median", "max"]).reset_index()
    rows.columns = ["series", "figures", "median_error", "largest_error"]
    return rows


PROBLEMS = {"march-2014": march_2014, "as-it-happened": as_it_happened}
