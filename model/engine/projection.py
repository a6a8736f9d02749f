"""From a scenario to users: the one door through which every question reaches the solver.

Users of platform k in market m are  home ties + (addressable people - home ties) u[m, k].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.engine.forcing import BLOC_SETTINGS, at_home, ceiling, established, quarterly_forcing
from model.engine.markets import Markets, load_markets
from model.engine.solver import Rates, simulate, steps_per_quarter, without
from model.evidence.reader import constants
from model.messengers import HOME, PLATFORM_KEYS, PLATFORMS
from model.scenario.scenario import Scenario

PLATFORM_AXIS, MARKET_AXIS, DRAW_AXIS = 1, 2, 3  # of users (time, platform, market, draw)
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
        """The same for some of the draws."""
        growth, start, established = (
            part if np.ndim(part) == 0 or np.shape(part)[-1] == 1 else np.asarray(part)[..., chosen]
            for part in (self.growth, self.start, self.established)
        )
        return type(self)(growth=growth, start=start, established=established)

    def repeated(self, count: int) -> Self:
        """The same draws `count` times, one after the other."""
        growth, start, established = (
            part if np.ndim(part) == 0 else np.tile(part, count)
            for part in (self.growth, self.start, self.established)
        )
        return type(self)(growth=growth, start=start, established=established)


ALIKE = MarketDraws()  # every market as the settings say


def project(
    scenario: Scenario,
    draws: Mapping[str, NDArray] | None = None,
    by_market: MarketDraws = ALIKE,
    *,
    where: Markets | None = None,
    draft: bool = False,
) -> Projection:
    """Users by quarter for a scenario, in millions; one path, or one for each draw.

    draws : setting name -> values (draw,) that take the place of the scenario's own
    by_market : how the same draws differ by market
    where : other markets than those of the scenario's origin and horizon
    draft : single precision, and every draw that stays stable in the steps of the scenario's own
        path: some five times as fast; the line of many draws within 1e-5, the ends of their band
        within 3e-4, the wildest draw's total within 1e-3 and its shares within 2e-3
    """
    draws = draws or {}
    where = where or load_markets(scenario.origin, round(4 * scenario["horizon"]))
    values = {name: np.atleast_1d(value) for name, value in scenario.values}
    own, _ = _fastest(scenario, values, where, ALIKE)
    values |= {name: np.asarray(value, dtype=float) for name, value in draws.items()}
    count = max(value.size for value in values.values())
    rate, stiff = _fastest(scenario, values, where, by_market)
    steps = np.broadcast_to(steps_per_quarter(own if draft else rate, stiff), (count,))
    users = np.empty((where.times.size, len(PLATFORMS), len(where.names), count))
    for number in np.unique(steps):
        alike = np.flatnonzero(steps == number)
        for first in range(0, alike.size, DRAWS_AT_ONCE):
            chosen = alike[first : first + DRAWS_AT_ONCE]
            part = {k: v if v.size == 1 else v[chosen] for k, v in values.items()}
            apart = by_market.some(chosen)
            users[..., chosen] = _stable_users(scenario, part, apart, where, int(number), draft)
    return Projection(users=users, times=where.times, names=where.names)


def _fastest(
    scenario: Scenario, values: Mapping[str, NDArray], where: Markets, apart: MarketDraws
) -> tuple[NDArray, NDArray]:
    """Rates (draw,), 1/year, that decide the steps: for accuracy, and for stability.

    The error of a step grows with the share reached and the fifth power of the rate, so that
    growth under a lower ceiling may be somewhat faster; and leaving, which only decays, half as
    fast again. The stiffest are people with all platforms or none, at the sum of the rates: of
    leaving where a platform is rare, of joining where its market is full.
    """
    pace = at_home(values, where)
    worried = [values[name] / 100 for name in BLOC_SETTINGS.values()]
    worry = np.minimum(values["concern"] / 100 * reduce(np.maximum, worried), 1.0)
    worry = values["concern_attrition"] * worry
    worry = np.stack(np.broadcast_arrays(worry, *[worry * values["rival_concern"] / 100] * 2))
    share = established(scenario, values, where)[-1]
    leaving = values["attrition"] / 100 * pace * (1 + values["pull"] * share)
    leaving = leaving * (1 + worry[:, None])
    most = ceiling(values, where)
    imitation = _growth(values, where) * apart.growth
    growing = imitation * most
    accuracy = np.maximum(growing * most**0.2, leaving / 1.5)
    start = starting_users(values, where, apart)
    stay = contacts_who_stay(values, where, home_ties(values, where, start, 1)[0])
    paid = np.maximum(values["marketing"] / constants()["spend_reference"], 1.0)
    alone = [values[f"{key}_innovation"] / 100 for key in PLATFORM_KEYS]
    alone = np.stack(np.broadcast_arrays(*alone)) * paid ** values["elasticity"]
    full = growing + imitation * stay + alone[:, None] * pace + leaving * (1 - most) ** 2
    stiff = np.maximum(leaving, full).sum(axis=0)
    return accuracy.max(axis=(0, 1)), stiff.max(axis=0)


def _stable_users(
    scenario: Scenario,
    values: Mapping[str, NDArray],
    apart: MarketDraws,
    where: Markets,
    steps: int,
    draft: bool,
) -> NDArray:
    """As _users; again in finer steps where settings at the ends of their sliders ran away."""
    most = 1.01 * where.addressable.max(axis=0)[:, None]
    for finer in (1, 4, 16):
        with np.errstate(over="ignore", invalid="ignore"):
            users = _users(scenario, values, apart, where, finer * steps, draft)
            if bool((users[1:] <= most).all()):  # not so where a share is not a number
                break
    return users


def _users(
    scenario: Scenario,
    values: Mapping[str, NDArray],
    apart: MarketDraws,
    where: Markets,
    steps: int,
    draft: bool,
) -> NDArray:
    """Users (time, platform, market, draw) for draws that need the same number of steps."""
    draws = max(value.size for value in values.values())
    base = starting_users(values, where, apart)
    base = np.broadcast_to(base, (*base.shape[:2], draws))
    ties = home_ties(values, where, base)
    free = where.addressable[0][:, None] - ties[0]
    shares = np.clip((base - ties[0]) / free, 0.0, 1.0)
    z = without(shares).astype(np.float32 if draft else np.float64)
    quarters = quarterly_forcing(scenario, values, where, apart.established)
    path = simulate(z, quarters, rates(values, where, apart), steps)
    users = ties + (where.addressable[:, None, :, None] - ties) * path
    users[0] = base
    return users


def rates(values: Mapping[str, NDArray], where: Markets, apart: MarketDraws = ALIKE) -> Rates:
    """The rates of a path, from settings by name (draw,)."""
    ties = home_ties(values, where, starting_users(values, where, apart))
    return Rates(
        q=_growth(values, where) * apart.growth,
        attrition=values["attrition"] / 100 * at_home(values, where),
        barrier=values["barrier"] / 100,
        worry_leaves=values["concern_attrition"],
        pull=values["pull"],
        home_ties=contacts_who_stay(values, where, ties[0]),
    )


def starting_users(
    values: Mapping[str, NDArray], where: Markets, apart: MarketDraws = ALIKE
) -> NDArray:
    """Users at the origin (platform, market, draw), in millions."""
    start = np.stack(np.broadcast_arrays(*[values[f"{k}_start"] / 100 for k in PLATFORM_KEYS]))
    return where.base[:, :, None] * start[:, None, :] * apart.start


def _growth(values: Mapping[str, NDArray], where: Markets) -> NDArray:
    """Growth over the ceiling, q (platform, market, draw), 1/year: sliders and home markets."""
    growth = np.stack(np.broadcast_arrays(*[values[k] / 100 for k in PLATFORM_KEYS]))
    growth = growth[:, None, :] * at_home(values, where) / ceiling(values, where)
    more = where.descent[:, None] * values["descent_growth"] / 100
    return growth * (1 + np.stack([more, 0 * more, 0 * more]))


def contacts_who_stay(values: Mapping[str, NDArray], where: Markets, ties: NDArray) -> NDArray:
    """Contacts who never leave, as a share of all contacts (platform, market, draw), 0-1.

    Home ties in the market at the start and, for WeChat, contacts in China of people of Chinese
    descent.
    """
    share = ties / where.addressable[0][:, None]
    china = where.descent[:, None] * values["descent_ties"] / 100
    china = np.stack([china, 0 * china, 0 * china])
    return np.minimum(share + china * (1 - share), 0.95)


def home_ties(
    values: Mapping[str, NDArray], where: Markets, base: NDArray, times: int | None = None
) -> NDArray:
    """People who stay for their family (time, platform, market, draw), in millions.

    base : starting users (platform, market, draw);  times : how many quarters, all if not given
    """
    most = constants()["home_ties_most"] / 100 * base[0]
    born = where.migrants[:times, :, None]
    wechat = born * np.minimum(values["wechat_core"], most / np.maximum(born[0], 1e-9))
    abroad = ~where.turf
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
