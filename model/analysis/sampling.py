"""Sampling: 256 simulation runs with the uncertain settings varied, and the line in their middle.

setting on its own scale (log or logit) = value in the scenario + what the draw is off the fit's
growth of a platform in a market        = growth x exp(sigma z)
logit(share of established messengers)  = logit(share) + spread of the survey x z
users of a run                          = as solved x exp(s(h) z_k + r(h) z_km), at most everybody

draw : one of data/draws.csv, from the posterior of the case's fit;  sigma : the setting `spread`
z : standard normal numbers of a Latin hypercube, the same for every scenario (paired runs)
s, r : spread of the errors of past forecasts h quarters ahead, log units, of a platform and of each
    of its markets (data/error_spread.csv);  h counts from the last figures that the fit has seen

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

from model.analysis.effort import PROBE, between_batches, seconds_of
from model.analysis.random_numbers import RUNS, normal_by_market, normal_scores
from model.engine.inputs import RUN, MarketDraws, setting_values
from model.engine.markets import Markets, load_markets, scenario_markets
from model.engine.projection import Projection, project, project_concerns, total
from model.evidence import load_evidence
from model.messengers import PLATFORM_KEYS, PLATFORMS
from model.quarters import QUARTER, quarters_between
from model.scenario.scenario import Scenario, cases, fit_value
from model.scenario.settings import Z90, Setting, settings_and_parameters, to_scale

STORED = 1024  # draws that are kept of a fit
DRAWS = RUNS  # runs behind an answer, and behind every view of it
FEW = 32  # runs with which a search begins, the first of the same
LONGEST = 60  # quarters, as far as the page looks ahead
FIT_ORIGIN = "2014Q1"  # from which both fits project
RUNS_AT_ONCE = 4096  # as many as keep the arrays of their inputs small
LEAST = 1e-9  # million users; keeps the logarithm of nobody finite
LEVELS = (0.1, 0.9)  # the 80% band
INNER = (0.25, 0.75)  # the 50% band
MIDDLE = (0.25, 0.75)  # the half of the runs whose mean is the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The runs of a scenario.

    total : million users, each platform outside its home market, (time, platform, run)
    markets : million users in each market, (time, platform, market, run)
    """

    total: NDArray
    markets: NDArray


def error_scores(names: int, count: int) -> tuple[NDArray, NDArray]:
    """Normal numbers of past errors: in markets (platform, market, draw), of platforms."""
    return normal_by_market(names, count)[2:]


def uncertain() -> tuple[Setting, ...]:
    """The settings and parameters that differ between the runs, in the order of the files."""
    return tuple(one for one in settings_and_parameters().values() if one.drawn == "yes")


def draws(scenario: Scenario, count: int = DRAWS) -> dict[str, NDArray]:
    """Paired draws around the scenario: name -> (count,); up to STORED, the first of more."""
    found = {}
    for name, off in _departures(cases()[scenario.case].fit, scenario.origin).items():
        value = np.asarray(scenario[name])
        found[name] = _around(settings_and_parameters()[name], value, off[:count])
    return found


def around(scenario: Scenario, values: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """Draws of a scenario's fit, name -> (draw,), moved to where the scenario sets them."""
    fit, found = cases()[scenario.case].fit, {}
    for name, value in values.items():
        one = settings_and_parameters()[name]
        off = to_scale(one, value) - to_scale(one, fit_value(fit, name))
        found[name] = _around(one, np.asarray(scenario[name]), off)
    return found


@lru_cache(maxsize=4)
def _departures(fit: str, origin: str) -> dict[str, NDArray]:
    """How far each draw (STORED,) of a fit is off the fit's own value, on the setting's scale.

    Starting users at another origin than the fit's are drawn from the ranges of their totals. Where
    WeChat has more or fewer of them, so have the people of Chinese descent and those with home ties
    among whom it keeps them.
    """
    known = load_evidence()
    table = known.draws[known.draws.fit == fit].drop(columns="fit").dropna(axis=1)
    found = {}
    for name in table:
        one = settings_and_parameters()[name]
        found[name] = to_scale(one, table[name].to_numpy()) - to_scale(one, fit_value(fit, name))
    if origin != FIT_ORIGIN:
        numbers = normal_scores(len(PLATFORMS), STORED).T
        spreads = start_spread(known.totals, origin)
        found |= {name: spreads[name] * z for name, z in zip(spreads, numbers, strict=True)}
        for name in ("wechat_core", *(name for name in found if name.startswith("descent"))):
            found[name] = found[name] + found["wechat_start"]
    return found


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
    growth, share, _, _ = normal_by_market(len(markets.names), count)
    spreads = np.array([scenario["spread"]]) if spreads is None else spreads
    much = np.where(markets.leads, 0.0, np.where(np.array(markets.names) == "ROW", 0.5, 1.0))
    sigma = np.repeat(spreads / 100, count)
    return MarketDraws(
        growth=np.exp(sigma * much[:, :, None] * np.tile(growth, spreads.size)),
        established=markets.incumbent_spread[:, None] * np.tile(share, spreads.size),
    )


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
    between_batches.get()(0.0)  # an answer; it is never too much
    markets = scenario_markets(scenario)
    by_market, drawn = market_draws(scenario, markets, count), draws(scenario, count)
    concerns = concerns or (scenario["concern"],)
    paths = project_concerns(scenario, concerns, drawn, by_market)
    erring = [_with_errors(one, scenario, count) for one in paths]
    return [Runs(total=total(one), markets=one.users) for one in erring]


def _with_errors(path: Projection, scenario: Scenario, count: int) -> Projection:
    """A projection, whose runs are `count` for each of some points, with past forecast errors."""
    markets = scenario_markets(scenario)
    begin = round((path.times[0] - markets.times[0]) / QUARTER)
    during = slice(begin, begin + path.times.size)
    factor = _past_errors(cases()[scenario.case].fit, scenario.origin, len(path.names), count)
    users = path.users.reshape(*path.users.shape[:RUN], -1, count)
    users *= factor[during, :, :, None]
    people = load_markets(scenario.origin, LONGEST).addressable[during]
    np.minimum(users, people[:, None, :, None, None], out=users)
    return path


@lru_cache(maxsize=3)
def _past_errors(fit: str, origin: str, names: int, count: int) -> NDArray:
    """Factors on users (time, platform, market, run), from the origin LONGEST quarters on."""
    market, whole = error_scores(names, count)
    known_to = load_evidence().fit_summary.set_index("fit").known_to[fit]
    since = np.arange(LONGEST + 1) - max(quarters_between(origin, known_to), 0)
    table = load_evidence().error_spread.set_index("horizon_quarters")
    ends = np.clip(since, 0, len(table))
    s, r = (np.append(0.0, table[name])[ends, None, None, None] for name in ("total", "market"))
    return np.exp(s * whole[:, None, :] + r * market)


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
    drawn, by_market = _at_points(scenario, points, markets, count)
    path = project(scenario, drawn, by_market, markets=markets, last_only=last_only)
    return _with_errors(path, scenario, count)


def _at_points(
    scenario: Scenario, points: Mapping[str, NDArray], markets: Markets, count: int
) -> tuple[dict[str, NDArray], MarketDraws]:
    """The values of the settings of runs at some points, and how these runs differ by market."""
    size = next(iter(points.values())).size
    drawn = {name: np.repeat(value, count) for name, value in points.items()}
    for name, off in _departures(cases()[scenario.case].fit, scenario.origin).items():
        value = points.get(name, np.full(size, scenario[name]))
        drawn[name] = _around(settings_and_parameters()[name], value[:, None], off[:count]).ravel()
    spreads = points.get("spread", np.full(size, scenario["spread"]))
    return drawn, market_draws(scenario, markets, count, spreads)


def seconds(
    scenario: Scenario,
    points: Mapping[str, NDArray],
    *,
    markets: Markets | None = None,
    count: int = DRAWS,
) -> float:
    """About how long `run_totals` takes on a core."""
    markets = markets or scenario_markets(scenario)
    drawn, by_market = _at_points(scenario, points, markets, PROBE)
    values = setting_values(scenario, drawn)
    size = next(iter(points.values())).size
    return size * count * seconds_of(scenario, values, markets, by_market)


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
        between_batches.get()(seconds(scenario, some, markets=markets, count=count))
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
