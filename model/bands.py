"""Bands: how far the answer moves when the settings that nobody knows exactly are drawn again.

Settings with a prior are drawn around the scenario's own values, normal on the log or logit
scale, with quasi-random numbers that are the same for every scenario (paired draws). The spread
of such draws is a simulation band: it says what the settings imply, not how often it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm, qmc

from model.evidence import HOME, PLATFORMS
from model.markets import quarter_name
from model.projection import Projection, project, project_coarse
from model.scenario import Scenario
from model.settings import Setting, settings

DRAWS = 128  # a power of 2, as Sobol's sequence wants it
SEED = 2014
LEVELS = (0.1, 0.9)  # the 80% band
Z90 = norm.ppf(0.95)  # half of a 90% range in standard deviations
OUTSIDE = ("china", "home")  # count outside mainland China, or outside each one's home market


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the page says first: totals with their band, in million people.

    path, low, high : (time, platform), the scenario's own path and the 80% band of its draws
    without_concern : (time, platform), the same path if nobody worried
    markets : (time, platform, market), the path in each market
    times : decimal years, (time,);  names : markets
    """

    path: NDArray
    low: NDArray
    high: NDArray
    without_concern: NDArray
    markets: NDArray
    times: NDArray
    names: tuple[str, ...]


@lru_cache(maxsize=8)
def _normal(dimension: int, draws: int) -> NDArray:
    """Quasi-random standard normal numbers (dimension, draws), the same every time."""
    points = qmc.Sobol(dimension, seed=SEED).random(draws)
    return norm.ppf(np.clip(points, 1e-9, 1 - 1e-9)).T


def uncertain() -> tuple[Setting, ...]:
    """The settings that have a prior, in the order of the file."""
    return tuple(setting for setting in settings().values() if setting.prior_low is not None)


def prior_spread(setting: Setting) -> float:
    """Standard deviation of a setting's prior on its own scale, from its 90% range."""
    if setting.scale == "log":
        return float(np.log(setting.prior_high / setting.prior_low)) / (2 * Z90)
    low, high = logit(setting.prior_low / 100), logit(setting.prior_high / 100)
    return float(high - low) / (2 * Z90)


def draws(scenario: Scenario, count: int = DRAWS) -> dict[str, NDArray]:
    """Paired draws of the uncertain settings around the scenario: name -> (count,)."""
    found = {}
    for setting, normal in zip(uncertain(), _normal(len(uncertain()), count), strict=True):
        value, spread = scenario[setting.name], prior_spread(setting)
        if setting.scale == "log":
            drawn = value * np.exp(spread * normal)
        else:
            drawn = 100 * expit(logit(np.clip(value / 100, 1e-9, 1 - 1e-9)) + spread * normal)
        found[setting.name] = np.clip(drawn, setting.low, setting.high)
    return found


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
    both = project(scenario, {"concern": np.array([scenario["concern"], 0.0])})
    path, without_concern = np.moveaxis(total(both, outside), -1, 0)
    drawn = total(project_coarse(scenario, draws(scenario)), outside)
    low, high = np.quantile(drawn, LEVELS, axis=-1)
    return Answer(
        path=path,
        low=low,
        high=high,
        without_concern=without_concern,
        markets=both.users[..., 0],
        times=both.times,
        names=both.names,
    )


def table(scenario: Scenario) -> pd.DataFrame:
    """Every market, platform and quarter of a scenario, with the 80% simulation band.

    columns : case, quarter, market (ISO3, ROW, EX-CHINA), platform, users_millions, low, high
    """
    one = project(scenario)
    drawn = project_coarse(scenario, draws(scenario)).users
    users = _with_total(one.users)[..., 0]
    low, high = np.quantile(_with_total(drawn), LEVELS, axis=-1)
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
