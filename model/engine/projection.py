"""From a scenario to users: the one door through which every question reaches the solver.

users[k, m] = ties[k, m] + (addressable people[m] - ties[k, m]) u[k, m]

users : users of platform k in market m, million people;  ties : home ties, million people
u : share of the people without home ties who use the platform, 0-1, from the solver
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.engine import forcing
from model.engine.forcing import BLOC_SETTINGS, Values, at_home, ceiling, platform_percent
from model.engine.markets import Markets, scenario_markets
from model.engine.solver import Rates, simulate, steps_per_quarter, without
from model.evidence import constants
from model.messengers import HOME, PLATFORMS
from model.scenario.scenario import Scenario

OUTSIDE = ("china", "home")  # count outside mainland China, or outside each one's home market
DRAWS_AT_ONCE = 256  # as many as keep the work arrays in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Users along the paths of a batch of draws.

    users : million people, (time, platform, market, draw);  row 0 is the installed-base table
    times : decimal years, (time,);  names : markets
    """

    users: NDArray
    times: NDArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDraws:
    """How draws differ by market, beyond the settings that all markets share.

    growth : factor on growth;  start : factor on starting users;  (platform, market, draw)
    established : added to the logit of the established messengers' shares, (market, draw)
    """

    growth: NDArray | float = 1.0
    start: NDArray | float = 1.0
    established: NDArray | float = 0.0

    def some(self, chosen: NDArray) -> Self:
        """The same for some of the draws, by their numbers."""
        growth, start, established = (
            part if np.ndim(part) == 0 or np.shape(part)[-1] == 1 else np.asarray(part)[..., chosen]
            for part in (self.growth, self.start, self.established)
        )
        return type(self)(growth=growth, start=start, established=established)


ALIKE = MarketDraws()  # every market as the settings say


def setting_values(
    scenario: Scenario, draws: Mapping[str, NDArray] | None = None
) -> dict[str, NDArray]:
    """Every setting by name, in its unit: `draws` (draw,), the others as in the scenario (1,)."""
    values = {name: np.atleast_1d(value) for name, value in scenario.values}
    return values | {name: np.asarray(draw, dtype=float) for name, draw in (draws or {}).items()}


def project(
    scenario: Scenario,
    draws: Mapping[str, NDArray] | None = None,
    by_market: MarketDraws = ALIKE,
    *,
    markets: Markets | None = None,
    draft: bool = False,
    one_batch: bool = False,
) -> Projection:
    """Users by quarter for a scenario, in millions; one path, or one for each draw.

    draws : setting name -> values (draw,) that take the place of the scenario's own
    by_market : how the same draws differ by market
    markets : other markets than those of the scenario's origin and horizon
    draft : single precision, and every draw that stays stable in the steps of the scenario's own
        path: some five times as fast; the line of many draws within 1e-5, the ends of their band
        within 3e-4, the wildest draw's total within 1e-3 and its shares within 2e-3
    one_batch : all draws in the steps of the stiffest, which is quicker where they are few; a path
        then depends on the others by some 1e-6
    """
    markets = markets or scenario_markets(scenario)
    values = setting_values(scenario, draws)
    count = max(value.size for value in values.values())
    rate, stiff = _fastest(scenario, values, markets, by_market)
    if draft:
        rate, _ = _fastest(scenario, setting_values(scenario), markets, ALIKE)
    steps = np.broadcast_to(steps_per_quarter(rate, stiff), (count,))
    if one_batch:
        steps = np.full(count, steps.max())
    users = np.empty((markets.times.size, len(PLATFORMS), len(markets.names), count))
    for number in np.unique(steps):
        alike = np.flatnonzero(steps == number)
        for first in range(0, alike.size, DRAWS_AT_ONCE):
            chosen = alike[first : first + DRAWS_AT_ONCE]
            part = {k: v if v.size == 1 else v[chosen] for k, v in values.items()}
            cells = by_market.some(chosen)
            users[..., chosen] = _users(scenario, part, cells, markets, int(number), draft)
    return Projection(users=users, times=markets.times, names=markets.names)


def _fastest(
    scenario: Scenario, values: Values, markets: Markets, by_market: MarketDraws
) -> tuple[NDArray, NDArray]:
    """Rates (draw,), 1/year, that decide the steps: for accuracy, and for stability.

    The error of a step grows with the share reached and the fifth power of the rate, so that
    growth under a lower ceiling may be somewhat faster; and leaving, which only decays, half as
    fast again. The stiffest are people with all platforms or none, at the sum of the rates: of
    leaving where a platform is rare, of joining where its market is full.
    """
    given = rates(values, markets, by_market)
    worried = [values[name] / 100 for name in BLOC_SETTINGS.values()]
    worry = np.minimum(values["concern"] / 100 * reduce(np.maximum, worried), 1.0)
    worry = values["concern_attrition"] * worry
    worry = np.stack(np.broadcast_arrays(worry, *[worry * values["rival_concern"] / 100] * 2))
    share = forcing.established(scenario, values, markets)[-1]
    leaving = given.attrition * (1 + values["pull"] * share) * (1 + worry[:, None])
    most = ceiling(values, markets)
    growing = given.q * most
    accuracy = np.maximum(growing * most**0.2, leaving / 1.5)
    paid = np.maximum(values["marketing"] / constants()["spend_reference"], 1.0)
    alone = platform_percent(values, "_innovation") * paid ** values["elasticity"]
    alone = alone[:, None] * at_home(values, markets)
    full = growing + given.q * given.home_ties + alone + leaving * (1 - most) ** 2
    stiff = np.maximum(leaving, full).sum(axis=0)
    return accuracy.max(axis=(0, 1)), stiff.max(axis=0)


@np.errstate(over="ignore", invalid="ignore")  # settings at the ends of their sliders run away
def _users(
    scenario: Scenario,
    values: Values,
    by_market: MarketDraws,
    markets: Markets,
    steps: int,
    draft: bool,
) -> NDArray:
    """Users (time, platform, market, draw) for draws that need the same number of steps.

    Solved again in finer steps where the users do not stay within the people.
    """
    draws = max(value.size for value in values.values())
    base = starting_users(values, markets, by_market)
    base = np.broadcast_to(base, (*base.shape[:2], draws))
    ties = home_ties(values, markets, base)
    shares = np.clip((base - ties[0]) / (markets.addressable[0][:, None] - ties[0]), 0.0, 1.0)
    z = without(shares).astype(np.float32 if draft else np.float64)
    given = rates(values, markets, by_market)
    most = 1.01 * markets.addressable.max(axis=0)[:, None]
    for finer in (1, 4, 16):
        quarters = forcing.quarterly_forcing(scenario, values, markets, by_market.established)
        path = simulate(z, quarters, given, finer * steps)
        users = ties + (markets.addressable[:, None, :, None] - ties) * path
        if (users[1:] <= most).all():  # not so where a share is not a number
            break
    users[0] = base
    return users


def rates(values: Values, markets: Markets, by_market: MarketDraws = ALIKE) -> Rates:
    """The rates of a path: growth q over the ceiling, attrition and contacts who never leave.

    These contacts, as a share of all, are the home ties in the market at the start and, for WeChat,
    contacts in China of people of Chinese descent, among whom WeChat also grows faster.
    """
    home = at_home(values, markets)
    descent = np.multiply.outer([1.0, 0.0, 0.0], markets.descent)[..., None]  # WeChat's alone
    growth = platform_percent(values)[:, None, :] * home / ceiling(values, markets)
    growth = growth * (1 + descent * values["descent_growth"] / 100)
    start = starting_users(values, markets, by_market)
    ties = home_ties(values, markets, start, 1)[0] / markets.addressable[0][:, None]
    china = descent * values["descent_ties"] / 100
    return Rates(
        q=growth * by_market.growth,
        attrition=values["attrition"] / 100 * home,
        barrier=values["barrier"] / 100,
        worry_leaves=values["concern_attrition"],
        pull=values["pull"],
        home_ties=np.minimum(ties + china * (1 - ties), 0.95),
    )


def starting_users(values: Values, markets: Markets, by_market: MarketDraws = ALIKE) -> NDArray:
    """Users at the origin (platform, market, draw), in millions."""
    start = platform_percent(values, "_start")
    return markets.base[:, :, None] * start[:, None, :] * by_market.start


def home_ties(values: Values, markets: Markets, base: NDArray, times: int | None = None) -> NDArray:
    """People who stay for their family (time, platform, market, draw), in millions.

    base : starting users (platform, market, draw);  times : how many quarters, all if not given
    """
    most = constants()["home_ties_most"] / 100 * base[0]
    born = markets.migrants[:times, :, None]
    wechat = born * np.minimum(values["wechat_core"], most / np.maximum(born[0], 1e-9))
    abroad = ~markets.turf
    line = abroad[1][:, None] * base[1] * values["line_core"] / 100
    kakao = abroad[2][:, None] * base[2] * values["kakao_core"] / 100
    return np.stack(np.broadcast_arrays(wechat, line, kakao), axis=1)


def total(projection: Projection, outside: str = OUTSIDE[0]) -> NDArray:
    """Users outside China or outside the home market (time, platform, draw), in millions."""
    counted = counts(projection.names, outside)
    if counted.all():
        return projection.users.sum(axis=2)
    return np.sum(projection.users, axis=2, where=counted[None, :, :, None])


def counts(names: tuple[str, ...], outside: str) -> NDArray:
    """Whether a market is part of a platform's total, (platform, market)."""
    inside = [[outside == "home" and name == HOME[k] for name in names] for k in PLATFORMS]
    return ~np.array(inside)
