"""Bands: how far the answer moves when the settings that nobody knows exactly are drawn again.

Settings are drawn around the scenario's own values, normal on the log or logit scale and as wide
as the calibration leaves them, with quasi-random numbers that are the same for every scenario
(paired draws). The spread of such draws is a simulation band: it says what the settings imply, not
how often it is right. The second, wider band adds the error of past forecasts at the same horizon
(data/error_spread.csv), as independent of the first; its coverage is that of the back-test.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from model.evidence import HOME, PLATFORM_KEYS, PLATFORMS, evidence
from model.markets import quarter_name
from model.projection import Projection, project
from model.scenario import Scenario
from model.settings import Z90, Setting, prior, settings

DRAWS = 64  # a power of 2, as Sobol's sequence wants it
SEED = 2014
LEVELS = (0.1, 0.9)  # the 80% band
CONCERNS = tuple(range(0, 101, 5))  # %, where else the answer is worked out; 0 first
BANDS = ("settings", "errors")  # if the settings hold, or including past forecast error
OUTSIDE = ("china", "home")  # count outside mainland China, or outside each one's home market


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the page says first: totals with their band, in million people.

    path, low, high : (time, platform), the scenario's own path and the 80% band of its draws
    error_low, error_high : (time, platform), the same band including past forecast error
    without_concern : (time, platform), the same path if nobody worried
    by_concern : (concern, platform), the ends of the same path at each of CONCERNS
    markets : (time, platform, market), the path in each market
    lost : WeChat users that concern costs in each market at the end, (market,)
    drawn : (time, platform, draw), the draws behind the band
    drawn_markets : (platform, market, draw), users of the same draws in each market at the end
    ahead : share of draws in which WeChat ends ahead of LINE and of KakaoTalk, (2,)
    times : decimal years, (time,);  names : markets
    """

    path: NDArray
    low: NDArray
    high: NDArray
    error_low: NDArray
    error_high: NDArray
    without_concern: NDArray
    by_concern: NDArray
    markets: NDArray
    lost: NDArray
    drawn: NDArray
    drawn_markets: NDArray
    ahead: NDArray
    times: NDArray
    names: tuple[str, ...]


@lru_cache(maxsize=8)
def _normal(dimension: int, draws: int) -> NDArray:
    """Quasi-random standard normal numbers (dimension, draws), the same every time."""
    from scipy.stats import qmc  # takes a second to import: not for a sweep, which draws nothing

    points = qmc.Sobol(dimension, seed=SEED).random(draws)
    return ndtri(np.clip(points, 1e-9, 1 - 1e-9)).T


def uncertain() -> tuple[Setting, ...]:
    """The settings that the bands draw, in the order of the file."""
    return tuple(setting for setting in settings().values() if setting.drawn == "yes")


def draws(scenario: Scenario, count: int = DRAWS) -> dict[str, NDArray]:
    """Paired draws of the uncertain settings around the scenario: name -> (count,)."""
    moved = _spread(fit_of(scenario.case), scenario.origin) @ _normal(len(uncertain()), count)
    found = {}
    for setting, away in zip(uncertain(), moved, strict=True):
        value = scenario[setting.name]
        if setting.scale == "log":
            drawn = value * np.exp(away)
        else:
            drawn = 100 * expit(logit(np.clip(value / 100, 1e-9, 1 - 1e-9)) + away)
        found[setting.name] = np.clip(drawn, setting.low, setting.high)
    return found


@lru_cache(maxsize=32)
def fit_of(case: str) -> str:
    """The fit whose uncertainty a case has: the later one if its settings come from it."""
    cases = evidence().case_settings
    later = cases[(cases.case == case) & cases.note.str.contains("data/fits.csv")]
    return "as-it-happened" if len(later) else "march-2014"


@lru_cache(maxsize=4)
def _spread(fit: str, origin: str) -> NDArray:
    """Matrix from independent normal numbers to departures of the settings, on their scales.

    Settings that were fitted move together as the fit says, given the concern that is set; the
    others by their priors alone.
    """
    table = evidence().fits
    fitted = table[table.fit == fit].set_index("setting").spread
    names = list(fitted.index)
    correlation = np.eye(len(names))
    pairs = evidence().fit_correlations
    for row in pairs[pairs.fit == fit].itertuples():
        i, j = names.index(row.setting), names.index(row.other)
        correlation[i, j] = correlation[j, i] = row.correlation
    covariance = correlation * np.outer(fitted, fitted)
    given = names.index("concern")
    covariance -= np.outer(covariance[:, given], covariance[given]) / covariance[given, given]
    start = _start_spread(origin)
    whole = np.diag([start.get(one.name, prior(one)[1]) ** 2 for one in uncertain()])
    for i, first in enumerate(uncertain()):
        for j, second in enumerate(uncertain()):
            if first.name in names and second.name in names:
                whole[i, j] = covariance[names.index(first.name), names.index(second.name)]
    return np.linalg.cholesky(whole)


def _start_spread(origin: str) -> dict[str, float]:
    """Spread of the starting users at an origin, log units, from the ranges of their totals."""
    totals = evidence().totals
    rows = totals[totals.origin == origin].set_index("platform")
    spread = np.log(rows.high / rows.low) / (2 * Z90)
    keys = dict(zip(PLATFORMS, PLATFORM_KEYS, strict=True))
    return {f"{keys[platform]}_start": value for platform, value in spread.items()}


def total(projection: Projection, outside: str = OUTSIDE[0]) -> NDArray:
    """Users outside China or outside the home market (time, platform, draw), in millions."""
    users = projection.users.sum(axis=2)
    if outside == "home":
        for k, platform in enumerate(PLATFORMS):
            if HOME[platform]:
                users[:, k] -= projection.users[:, k, projection.names.index(HOME[platform])]
    return users


def answer(scenario: Scenario, outside: str = OUTSIDE[0]) -> Answer:
    """The totals of a scenario, with their 80% simulation band and what concern costs."""
    found = project(scenario, {"concern": np.array([scenario["concern"], *CONCERNS])})
    users = total(found, outside)
    around = project(scenario, draws(scenario), draft=True)
    drawn = total(around, outside)
    low, middle, high = np.quantile(drawn, [LEVELS[0], 0.5, LEVELS[1]], axis=-1)
    error_low = middle / np.exp(_with_past_error(np.log(middle / low)))
    error_high = middle * np.exp(_with_past_error(np.log(high / middle)))
    return Answer(
        path=users[..., 0],
        low=low,
        high=high,
        error_low=error_low,
        error_high=error_high,
        without_concern=users[..., 1],
        by_concern=users[-1, :, 1:].T,
        markets=found.users[..., 0],
        lost=found.users[-1, 0, :, 1] - found.users[-1, 0, :, 0],
        drawn=drawn.astype(np.float32),
        drawn_markets=around.users[-1].astype(np.float32),
        ahead=(drawn[-1, :1] > drawn[-1, 1:]).mean(axis=-1),
        times=found.times,
        names=found.names,
    )


def _with_past_error(away: NDArray) -> NDArray:
    """Distance of an end from the middle (time, platform), log units: spreads add as squares."""
    spread = np.concatenate([[0.0], evidence().error_spread.spread])[: len(away), None]
    return np.hypot(away, ndtri(LEVELS[1]) * spread)


def coverage() -> float:
    """Share of outcomes that the 80% prediction interval held in the back-test, 0-1."""
    table = evidence().backtest
    rows = table[table.method == "model"]
    return float(np.average(rows.coverage80, weights=rows.n))


def table(scenario: Scenario) -> pd.DataFrame:
    """Every market, platform and quarter of a scenario, with the 80% simulation band.

    columns : case, quarter, market (ISO3, ROW, EX-CHINA), platform, users_millions, low, high
    """
    one = project(scenario)
    users = _with_total(one.users)[..., 0]
    drawn = _with_total(project(scenario, draws(scenario), draft=True).users)
    low, high = np.quantile(drawn, LEVELS, axis=-1)
    quarters = [quarter_name(time) for time in one.times]
    names = [*one.names, "EX-CHINA"]
    index = pd.MultiIndex.from_product(
        [quarters, PLATFORMS, names], names=["quarter", "platform", "market"]
    )
    columns = {"users_millions": users, "low": low, "high": high}
    frame = pd.DataFrame({k: v.ravel() for k, v in columns.items()}, index=index).reset_index()
    frame.insert(0, "case", scenario.case)
    order = ["case", "quarter", "market", "platform", *columns]
    return frame[order].sort_values(["quarter", "market", "platform"], kind="stable")


def _with_total(users: NDArray) -> NDArray:
    """Users with the total of all markets as one more market at the end."""
    return np.concatenate([users, users.sum(axis=2, keepdims=True)], axis=2)
