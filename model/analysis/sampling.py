"""Sampling: 64 runs in which what nobody knows is varied, and the line in the middle of them.

A run takes other values for the uncertain settings, around the scenario's own and as wide as the
calibration leaves them, another growth in each market and another share of the established
messengers. The random numbers are the same for every scenario (paired runs).

The line is the mean of the middle half of the runs, quarter by quarter: near the median, but
smooth in every setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from model.engine.markets import Markets, load_markets
from model.engine.projection import OUTSIDE, MarketDraws, project, total
from model.evidence.reader import load_evidence
from model.messengers import PLATFORM_KEYS, PLATFORMS
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import Z90, Setting, all_settings, prior

DRAWS = 64  # runs behind an answer; a power of 2, as Sobol's sequence wants it
FEW = 16  # runs at each point of a curve or map, the first of the same
RUNS_AT_ONCE = 512  # as many as keep the arrays of their users small
SEED = 2073  # of 120 one near 4,096 runs: on the default the line within 5%, the ends within 11%
LEAST = 1e-9  # million users; keeps the logarithm of nobody finite
LEVELS = (0.1, 0.9)  # the 80% band
MIDDLE = (0.25, 0.75)  # the half of the runs whose mean is the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The runs of a scenario.

    total : million users, (time, platform, run);  markets : (time, platform, market, run)
    """

    total: NDArray
    markets: NDArray


@lru_cache(maxsize=8)
def _normal(names: int, count: int) -> tuple[NDArray, NDArray, NDArray]:
    """Quasi-random standard normal numbers, the same every time; fewer are the first of more.

    For the settings (setting, draw), growth in markets (platform, market, draw) and the established
    messengers' shares (market, draw).
    """
    from scipy.stats import qmc  # takes a second to import: not for a sweep, which draws nothing

    some, cells = len(uncertain()), len(PLATFORMS) * names
    points = qmc.Sobol(some + cells + names, seed=SEED).random(count)
    numbers = ndtri(np.clip(points, 1e-9, 1 - 1e-9)).T
    growth = numbers[some : some + cells].reshape(len(PLATFORMS), names, count)
    return numbers[:some], growth, numbers[some + cells :]


def uncertain() -> tuple[Setting, ...]:
    """The settings that the bands draw, in the order of the file."""
    return tuple(setting for setting in all_settings().values() if setting.drawn == "yes")


def draws(scenario: Scenario, count: int = DRAWS) -> dict[str, NDArray]:
    """Paired draws of the uncertain settings around the scenario: name -> (count,)."""
    values = {one.name: np.atleast_1d(scenario[one.name]) for one in uncertain()}
    found = _around(values, _departures(scenario, count))
    return {name: value[0] for name, value in found.items()}


def _departures(scenario: Scenario, count: int) -> NDArray:
    """How far each draw is from the scenario on the settings' own scales, (setting, draw)."""
    numbers, _, _ = _normal(len(load_evidence().markets), count)
    return _spread(cases()[scenario.case].fit, scenario.origin) @ numbers


def draws_with(
    scenario: Scenario, chosen: tuple[Setting, ...], spread: NDArray, count: int = DRAWS
) -> dict[str, NDArray]:
    """As `draws`, with another matrix of `joint_spread`.

    chosen : the uncertain settings and, after them, others that the bands do not draw
    """
    values = {one.name: np.atleast_1d(scenario[one.name]) for one in chosen}
    numbers, _, _ = _normal(len(load_evidence().markets), count)
    more = np.random.default_rng(SEED).standard_normal((len(chosen) - len(numbers), count))
    found = _around(values, spread @ np.concatenate([numbers, more]), chosen)
    return {name: value[0] for name, value in found.items()}


def _around(
    values: dict[str, NDArray], moved: NDArray, chosen: tuple[Setting, ...] = ()
) -> dict[str, NDArray]:
    """Draws around each of several values (value,) of settings: (value, draw)."""
    found = {}
    for setting, away in zip(chosen or uncertain(), moved, strict=True):
        value = values[setting.name][:, None]
        if setting.scale == "log":
            drawn = value * np.exp(away)
        else:
            drawn = 100 * expit(logit(np.clip(value / 100, 1e-9, 1 - 1e-9)) + away)
        found[setting.name] = np.clip(drawn, setting.low, setting.high)
    return found


def market_draws(scenario: Scenario, where: Markets, count: int = DRAWS) -> MarketDraws:
    """How the same draws differ by market: growth abroad, share of the established messengers.

    Growth does not vary where a platform leads and is known best, and half as much in the rest of
    the world, which is many markets.
    """
    return _market_draws(scenario["spread"], where, 1, count)


def _market_draws(spread: NDArray | float, where: Markets, points: int, count: int) -> MarketDraws:
    """As market_draws, for the draws of several points one after the other."""
    _, growth, share = _normal(len(where.names), count)
    much = np.where(where.leads, 0.0, np.where(np.array(where.names) == "ROW", 0.5, 1.0))
    sigma = np.repeat(np.broadcast_to(spread, (points,)) / 100, count)
    return MarketDraws(
        growth=np.exp(sigma * much[:, :, None] * np.tile(growth, points)),
        established=where.incumbent_spread[:, None] * np.tile(share, points),
    )


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
    whole = np.diag([start.get(one.name, prior(one)[1]) ** 2 for one in chosen])
    for i, first in enumerate(chosen):
        for j, second in enumerate(chosen):
            if first.name in names and second.name in names:
                whole[i, j] = covariance[names.index(first.name), names.index(second.name)]
    return np.linalg.cholesky(whole)


def start_spread(totals: pd.DataFrame, origin: str) -> dict[str, float]:
    """Spread of the starting users at an origin, log units, from the ranges of their totals."""
    rows = totals[totals.origin == origin].set_index("platform")
    spread = np.log(rows.high / rows.low) / (2 * Z90)
    keys = dict(zip(PLATFORMS, PLATFORM_KEYS, strict=True))
    return {f"{keys[platform]}_start": value for platform, value in spread.items()}


def runs(
    scenario: Scenario, outside: str = OUTSIDE[0], *, concerns: tuple[float, ...] = ()
) -> list[Runs]:
    """The runs of a scenario for each value of security concern (its own if none are given).

    One batch: the runs of all values differ in nothing but concern.
    """
    where = load_markets(scenario.origin, round(4 * scenario["horizon"]))
    values = concerns or (scenario["concern"],)
    count = len(values)
    drawn = {name: np.tile(value, count) for name, value in draws(scenario).items()}
    drawn["concern"] = np.repeat(values, DRAWS)
    apart = market_draws(scenario, where).repeated(count)
    found = project(scenario, drawn, apart, where=where, draft=True)
    users = total(found, outside)
    parts = zip(np.split(users, count, axis=-1), np.split(found.users, count, axis=-1), strict=True)
    return [Runs(total=one, markets=cells) for one, cells in parts]


def lines(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    outside: str = OUTSIDE[0],
    *,
    where: Markets | None = None,
    count: int = DRAWS,
) -> NDArray:
    """The line at the last quarter for many values of some settings (platform, point), in millions.

    points : setting name -> value at each point (point,);  count : runs for each point
    """
    where = where or load_markets(scenario.origin, round(4 * scenario["horizon"]))
    size = next(iter(points.values())).size
    moved = _departures(scenario, count)
    found = np.empty((len(PLATFORMS), size))
    for first in range(0, size, RUNS_AT_ONCE // count):
        last = first + RUNS_AT_ONCE // count
        some = {name: np.asarray(value)[first:last] for name, value in points.items()}
        number = next(iter(some.values())).size
        values = {
            one.name: np.broadcast_to(some.get(one.name, scenario[one.name]), (number,))
            for one in uncertain()
        }
        drawn = {name: value.ravel() for name, value in _around(values, moved).items()}
        for name in some.keys() - values.keys():
            drawn[name] = np.repeat(some[name], count)
        apart = _market_draws(some.get("spread", scenario["spread"]), where, number, count)
        users = total(project(scenario, drawn, apart, where=where, draft=True), outside)[-1]
        users = users.reshape(len(PLATFORMS), number, count)
        found[:, first : first + number] = middle(users)
    return found


def quick_lines(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    outside: str = OUTSIDE[0],
    *,
    where: Markets | None = None,
) -> NDArray:
    """As `lines`, from FEW runs a point, scaled so that the scenario's own line is exact."""
    name = next(iter(points))
    own = {key: np.append(value, scenario[key]) for key, value in points.items()}
    few = lines(scenario, own, outside, where=where, count=FEW)
    exact = lines(scenario, {name: np.array([scenario[name]])}, outside, where=where)
    return few[:, :-1] * exact / np.maximum(few[:, -1:], LEAST)


def middle(users: NDArray) -> NDArray:
    """The line of runs (..., run): the mean of their middle half, (...)."""
    count = users.shape[-1]
    inside = slice(*(round(end * count) for end in MIDDLE))
    return np.sort(users, axis=-1)[..., inside].mean(axis=-1)


def shared_out(whole: NDArray, cells: NDArray, counted: NDArray | bool = True) -> NDArray:
    """A total shared out to its markets: a line for each, which add up to the line of the total.

    whole : (...,);  cells : the runs of the markets (..., market, run)
    counted : whether a market is part of the total, (..., market)

    Each market has the middle of its own runs. The middles of skewed runs add up to less than that
    of their sum: the difference goes to the markets by how far their 80% range reaches beyond, so
    that each stays in its range, and one that is certain stays where it is.
    """
    own, counted = middle(cells), np.broadcast_to(counted, cells.shape[:-1])
    low, high = np.quantile(cells, LEVELS, axis=-1)
    rest = whole - np.sum(own * counted, axis=-1)
    room = np.where(rest[..., None] >= 0, high - own, own - low).clip(0) * counted
    room /= np.maximum(room.sum(axis=-1, keepdims=True), LEAST)
    return own + rest[..., None] * room
