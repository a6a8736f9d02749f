"""Sampling: 256 simulation runs with the uncertain settings varied, and the line in their middle.

setting on its own scale (log or logit) = value in the scenario + L z
growth of a platform in a market        = growth x exp(sigma z)
logit(share of established messengers)  = logit(share) + spread of the survey x z

z : standard normal numbers of a Latin hypercube, the same for every scenario (paired runs)
L : Cholesky factor of the covariance that the calibration leaves;  sigma : the setting `spread`

The line is the mean of the middle half of the runs, quarter by quarter: near the median, but
smooth in every setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from model.analysis.random_numbers import RUNS, SEED, normal_scores
from model.engine.inputs import RUN, MarketDraws
from model.engine.markets import Markets, scenario_markets
from model.engine.projection import Projection, project, project_concerns, total
from model.evidence import load_evidence
from model.messengers import PLATFORM_KEYS, PLATFORMS
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import Z90, Setting, prior, settings_and_parameters

DRAWS = RUNS  # runs behind an answer, and behind every view of it
FEW = 32  # runs with which a search begins, the first of the same
RUNS_AT_ONCE = 4096  # as many as keep the arrays of their inputs small
LEAST = 1e-9  # million users; keeps the logarithm of nobody finite
LEVELS = (0.1, 0.9)  # the 80% band
MIDDLE = (0.25, 0.75)  # the half of the runs whose mean is the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The runs of a scenario.

    total : million users, each platform outside its home market, (time, platform, run)
    markets : million users in each market, (time, platform, market, run)
    """

    total: NDArray
    markets: NDArray


@lru_cache(maxsize=8)
def _normal(names: int, count: int) -> tuple[NDArray, NDArray, NDArray]:
    """Standard normal numbers, the same every time, up to DRAWS the first of more.

    For the settings (setting, draw), growth in markets (platform, market, draw) and the established
    messengers' shares (market, draw).
    """
    some, cells = len(uncertain()), len(PLATFORMS) * names
    numbers = normal_scores(some + cells + names, count).T
    growth = numbers[some : some + cells].reshape(len(PLATFORMS), names, count)
    return numbers[:some], growth, numbers[some + cells :]


def uncertain() -> tuple[Setting, ...]:
    """The settings and parameters that the bands draw, in the order of their random numbers."""
    drawn = (one for one in settings_and_parameters().values() if one.draw)
    return tuple(sorted(drawn, key=lambda one: one.draw or 0))


def draws(scenario: Scenario, count: int = DRAWS) -> dict[str, NDArray]:
    """Paired draws of the uncertain settings around the scenario: name -> (count,)."""
    return draws_with(scenario, uncertain(), _scenario_spread(scenario), count)


def scores(scenario: Scenario, count: int) -> tuple[NDArray, NDArray]:
    """`draws` in standard deviations (setting, draw), not clipped, and their correlations."""
    spread = _scenario_spread(scenario)
    unit = spread / np.linalg.norm(spread, axis=1, keepdims=True)
    return unit @ _normal(len(load_evidence().markets), count)[0], unit @ unit.T


def draws_with(
    scenario: Scenario, chosen: tuple[Setting, ...], spread: NDArray, count: int = DRAWS
) -> dict[str, NDArray]:
    """As `draws`, with another matrix of `joint_spread`.

    chosen : the uncertain settings and, after them, others that the bands do not draw
    """
    numbers, _, _ = _normal(len(load_evidence().markets), count)
    if len(chosen) > len(numbers):
        shape = (len(chosen) - len(numbers), count)
        more = np.random.default_rng(SEED).standard_normal(shape)
        numbers = np.concatenate([numbers, more])
    departures = zip(chosen, spread @ numbers, strict=True)
    return {one.name: _around(one, np.asarray(scenario[one.name]), x) for one, x in departures}


def _around(setting: Setting, value: NDArray, departure: NDArray) -> NDArray:
    """Values of a setting at a distance from `value`, on its own scale, within its range."""
    if setting.scale == "log":
        moved = value * np.exp(departure)
    else:
        moved = 100 * expit(logit(np.clip(value / 100, 1e-9, 1 - 1e-9)) + departure)
    return np.clip(moved, setting.low, setting.high)


def market_draws(
    scenario: Scenario, markets: Markets, count: int = DRAWS, spreads: NDArray | None = None
) -> MarketDraws:
    """How the same draws differ by market: growth abroad, share of the established messengers.

    Growth does not vary where a platform leads and is known best, and half as much in the rest of
    the world, which is many markets.

    spreads : the setting `spread` at several points (point,): their draws one after the other
    """
    _, growth, share = _normal(len(markets.names), count)
    spreads = np.array([scenario["spread"]]) if spreads is None else spreads
    much = np.where(markets.leads, 0.0, np.where(np.array(markets.names) == "ROW", 0.5, 1.0))
    sigma = np.repeat(spreads / 100, count)
    return MarketDraws(
        growth=np.exp(sigma * much[:, :, None] * np.tile(growth, spreads.size)),
        established=markets.incumbent_spread[:, None] * np.tile(share, spreads.size),
    )


def _scenario_spread(scenario: Scenario) -> NDArray:
    """The matrix of `joint_spread` for the fit and the origin of a scenario."""
    return _spread(cases()[scenario.case].fit, scenario.origin)


@lru_cache(maxsize=4)
def _spread(fit: str, origin: str) -> NDArray:
    """Matrix from independent normal numbers to departures of the settings, on their scales.

    Settings that were fitted move together as the fit says, the others by their priors alone.
    """
    table = load_evidence().fits
    fitted = table[table.fit == fit].set_index("setting").spread
    names = list(fitted.index)
    correlation = np.eye(len(names))
    pairs = load_evidence().fit_correlations
    for row in pairs[pairs.fit == fit].itertuples():
        i, j = names.index(row.setting), names.index(row.other)
        correlation[i, j] = correlation[j, i] = row.correlation
    start = start_spread(load_evidence().totals, origin)
    return joint_spread(uncertain(), dict(fitted), correlation, start)


def joint_spread(
    chosen: tuple[Setting, ...],
    fitted: Mapping[str, float],
    correlation: NDArray,
    start: Mapping[str, float],
) -> NDArray:
    """Matrix from independent normal numbers to departures of the chosen settings.

    fitted : setting -> its spread after the fit;  correlation : of these, in the same order
    start : setting -> spread where it is not that of the prior
    """
    names = list(fitted)
    spread = np.array(list(fitted.values()))
    covariance = correlation * np.outer(spread, spread)
    joint = np.diag([start.get(one.name, prior(one)[1]) ** 2 for one in chosen])
    own = [i for i, one in enumerate(chosen) if one.name in names]
    rows = [names.index(chosen[i].name) for i in own]
    joint[np.ix_(own, own)] = covariance[np.ix_(rows, rows)]
    return np.linalg.cholesky(joint)


def start_spread(totals: pd.DataFrame, origin: str) -> dict[str, float]:
    """Spread of the starting users at an origin, log units, from the ranges of their totals."""
    rows = totals[totals.origin == origin].set_index("platform")
    spread = np.log(rows.high / rows.low) / (2 * Z90)
    keys = dict(zip(PLATFORMS, PLATFORM_KEYS, strict=True))
    return {f"{keys[platform]}_start": value for platform, value in spread.items()}


def runs(
    scenario: Scenario,
    *,
    concerns: tuple[float, ...] = (),
    count: int = DRAWS,
) -> list[Runs]:
    """The `count` runs of a scenario for each value of concern (its own if none are given).

    The runs of all values differ in nothing but concern.
    """
    by_market = market_draws(scenario, scenario_markets(scenario), count)
    concerns = concerns or (scenario["concern"],)
    paths = project_concerns(scenario, concerns, draws(scenario, count), by_market)
    return [Runs(total=total(one), markets=one.users) for one in paths]


def _project_points(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    markets: Markets,
    count: int,
    *,
    last_only: bool = False,
) -> Projection:
    """The runs at each point, one point after the other.

    points : setting name -> value at each point (point,);  count : runs for each point
    last_only : see `project`
    """
    numbers, _, _ = _normal(len(load_evidence().markets), count)
    size = next(iter(points.values())).size
    drawn = {name: np.repeat(value, count) for name, value in points.items()}
    for setting, x in zip(uncertain(), _scenario_spread(scenario) @ numbers, strict=True):
        value = points.get(setting.name, np.full(size, scenario[setting.name]))
        drawn[setting.name] = _around(setting, value[:, None], x).ravel()
    spreads = points.get("spread", np.full(size, scenario["spread"]))
    by_market = market_draws(scenario, markets, count, spreads)
    return project(scenario, drawn, by_market, markets=markets, last_only=last_only)


def lines(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    *,
    markets: Markets | None = None,
    count: int = DRAWS,
) -> NDArray:
    """The line at the last quarter for many values of some settings (platform, point), in millions.

    points : setting name -> value at each point (point,);  count : runs for each point
    """
    return middle(run_totals(scenario, points, markets=markets, count=count))


def run_totals(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    *,
    markets: Markets | None = None,
    count: int = DRAWS,
) -> NDArray:
    """As `lines`, but every run: million users at the last quarter (platform, point, run)."""
    markets = markets or scenario_markets(scenario)
    parts, at_once = [], RUNS_AT_ONCE // count
    for first in range(0, next(iter(points.values())).size, at_once):
        some = {name: value[first : first + at_once] for name, value in points.items()}
        users = total(_project_points(scenario, some, markets, count, last_only=True))[0]
        parts.append(users.reshape(len(PLATFORMS), -1, count))
    return np.concatenate(parts, axis=1)


def middle(users: NDArray) -> NDArray:
    """The line of runs (..., run): the mean of their middle half, (...)."""
    return middle_of(np.sort(users, axis=RUN))


def middle_of(ordered: NDArray) -> NDArray:
    """As `middle`, of runs in order of size."""
    inside = slice(*(round(end * ordered.shape[RUN]) for end in MIDDLE))
    return ordered[..., inside].mean(axis=RUN)


def quantiles_of(ordered: NDArray, *levels: float) -> list[NDArray]:
    """The quantiles (...) of runs (..., run) in order of size; linear between two of them."""
    found = []
    for level in levels:
        place = level * (ordered.shape[RUN] - 1)
        low = min(int(place), ordered.shape[RUN] - 2) if ordered.shape[RUN] > 1 else 0
        high = min(low + 1, ordered.shape[RUN] - 1)
        part = place - low
        found.append((1 - part) * ordered[..., low] + part * ordered[..., high])
    return found


def split_total(totals: NDArray, ordered: NDArray) -> NDArray:
    """Totals split among their markets: a line for each, which add up to the line of the total.

    totals : (...,);  ordered : runs of the markets in order of size (..., market, run)

    Each market has the middle of its own runs. The middles of skewed runs add up to less than that
    of their sum: the difference goes to the markets by how far their 80% range reaches beyond, so
    that each stays in its range, and one that is certain stays where it is.
    """
    line, (low, high) = middle_of(ordered), quantiles_of(ordered, *LEVELS)
    rest = totals - np.sum(line, axis=-1)
    room = np.where(rest[..., None] >= 0, high - line, line - low).clip(0)
    room /= np.maximum(room.sum(axis=-1, keepdims=True), LEAST)
    return line + rest[..., None] * room
