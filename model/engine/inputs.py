"""Everything the equations of an answer need, computed once for a batch of runs.

p = innovation (spend / US$ 200 M)^elasticity                    1/year
willing = access x ceiling (1 - worry),  worry = concern slider x concern index of the market

What changes by quarter is kept in small tables: `conditions` puts one quarter together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.engine.by_quarter import (
    Values,
    advertising,
    established,
    extra_concern,
    open_markets,
)
from model.engine.definition import TINY, Conditions, leaving, losing_access, willing, worry
from model.engine.markets import Markets
from model.evidence import constants
from model.messengers import HOME, PLATFORM_KEYS
from model.scenario.scenario import Scenario, switched

TIME, PLATFORM, MARKET, RUN = -4, -3, -2, -1  # axes, from the end: most arrays lack the first
BLOC_SETTINGS = {bloc: f"concern_{bloc.lower()}" for bloc in ("Asia", "West", "Elsewhere")}
MOST_TIES = 0.95  # of all contacts: home ties and contacts in China


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDraws:
    """How runs differ by market, beyond the settings that all markets share.

    growth : factor on growth;  start : factor on starting users;  (platform, market, run)
    established : added to the logit of the established messengers' shares, (market, run)
    """

    growth: NDArray | float = 1.0
    start: NDArray | float = 1.0
    established: NDArray | float = 0.0

    def some(self, chosen: NDArray) -> Self:
        """The same for some of the runs, by their numbers."""
        growth, start, established = (
            part
            if np.ndim(part) == 0 or np.shape(part)[RUN] == 1
            else np.asarray(part)[..., chosen]
            for part in (self.growth, self.start, self.established)
        )
        return type(self)(growth=growth, start=start, established=established)


ALIKE = MarketDraws()  # every market as the settings say


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the equations; arrays broadcast to the axes they name.

    people : addressable, million, (time, market);  start : million users, (platform, market, run)
    ties : home ties, million people, (platform, market, run), WeChat's for each China-born person
    born : million China-born for WeChat, 1 for the others, (time, platform, market)
    q : coefficient of imitation over the ceiling, attrition : 1/year, (platform, market, run)
    theta : home ties and contacts in China as a share of all contacts, (platform, market, run)
    barrier, eta, gamma : as in `definition`, (run,);  ceiling : 0-1, (platform, market, run)
    innovation : p at the reference spending, 1/year, (platform, market, run)
    advertised : factor on it for each amount of spending, (amount, platform, run)
    amount : number of the amount spent in each quarter, (quarter,)
    unadvertised : the factor where a platform leads, (run,);  leads : (platform, market)
    slider : concern slider of each market, 0-1, (market, run);  rival : part of WeChat's worry that
        falls on each platform, (platform, 1, run)
    concern : index, 0-1, (quarter, market);  incident : added to it, (quarter, run)
    established : share of the established messengers, 0-1, (quarter, market, run)
    access : share of a market that is open, 0-1, (time, platform, market)
    """

    people: NDArray
    start: NDArray
    ties: NDArray
    born: NDArray
    q: NDArray
    attrition: NDArray
    theta: NDArray
    barrier: NDArray
    eta: NDArray
    gamma: NDArray
    ceiling: NDArray
    innovation: NDArray
    advertised: NDArray
    amount: NDArray
    unadvertised: NDArray
    leads: NDArray
    slider: NDArray
    rival: NDArray
    concern: NDArray
    incident: NDArray
    established: NDArray
    access: NDArray


def setting_values(
    scenario: Scenario, draws: Mapping[str, NDArray] | None = None
) -> dict[str, NDArray]:
    """Every setting and parameter by name, in its unit: `draws` (run,), the others (1,)."""
    both = (*scenario.values, *scenario.parameters)
    values = {name: np.atleast_1d(value) for name, value in both}
    return values | {name: np.asarray(draw, dtype=float) for name, draw in (draws or {}).items()}


def make_inputs(
    scenario: Scenario, values: Values, markets: Markets, by_market: MarketDraws = ALIKE
) -> Inputs:
    """The inputs of a scenario with these values of its settings."""
    on = switched(scenario.events)
    home, most = _at_home(values, markets), _ceiling(values, markets)
    start = starting_users(values, markets, by_market)
    ties, born = _home_ties(values, markets, start)
    amount, advertised, unadvertised = advertising(on, values, markets)
    rival = values["rival_concern"] / 100
    surveyed = any(row.effect == "concern" for row in on)
    return Inputs(
        people=markets.addressable,
        start=start,
        ties=ties,
        born=born,
        q=_imitation(values, markets, by_market, home / most),
        attrition=values["attrition"] / 100 * home,
        theta=_contacts_who_stay(values, markets, ties * born[0][..., None]),
        barrier=values["barrier"] / 100,
        eta=values["concern_attrition"],
        gamma=values["pull"],
        ceiling=most,
        innovation=platform_percent(values, "_innovation")[:, None, :] * home,
        advertised=advertised,
        amount=amount,
        unadvertised=unadvertised,
        leads=markets.leads,
        slider=concern_slider(values, markets),
        rival=np.stack([np.ones_like(rival), rival, rival])[:, None, :],
        concern=markets.concern if surveyed else markets.concern_then,
        incident=extra_concern(values, markets),
        established=established(scenario, values, markets, by_market.established),
        access=open_markets(on, markets),
    )


def concern_slider(values: Values, markets: Markets) -> NDArray:
    """`slider` of Inputs: security concern times the concern of each market's region."""
    blocs = [values[BLOC_SETTINGS[bloc]] / 100 for bloc in markets.blocs]
    return values["concern"] / 100 * np.stack(np.broadcast_arrays(*blocs))


def worry_in(given: Inputs, i: int) -> NDArray:
    """Share of people whom concern keeps away in quarter `i`, 0-1, (platform, market, run)."""
    return worry(given.rival, given.slider, given.concern[i][:, None] + given.incident[i])


def willing_in(given: Inputs, i: int) -> NDArray:
    """Share of people who would use a platform in quarter `i`, 0-1, (platform, market, run)."""
    return willing(given.access[i + 1][:, :, None], given.ceiling, worry_in(given, i))


def leaving_in(given: Inputs, i: int, loose: NDArray | float = 1.0) -> NDArray:
    """Rate (1/year) of leaving in quarter `i` without any contact, (platform, market, run).

    loose : share of contacts who may leave, 0-1;  multiplied first, as compiled code does
    """
    y = given.established[i]
    return leaving(given.attrition * loose**2, given.eta, worry_in(given, i), given.gamma, y)


def conditions(given: Inputs, i: int) -> tuple[Conditions, NDArray | None, NDArray]:
    """Conditions of quarter `i`; share of users who lose access, or None; people there before."""
    paid = given.advertised[given.amount[i]][:, None, :]
    advertised = np.where(given.leads[:, :, None], given.unadvertised, paid)
    loose = 1.0 - given.theta
    now, then = given.access[i + 1], given.access[i]
    shut = losing_access(then, now)
    return (
        Conditions(
            p_and_q=tuple(given.innovation * advertised + given.q),
            q_loose=tuple(given.q * loose),
            unwilling=tuple(np.maximum(1.0 - willing_in(given, i), TINY)),
            leave=tuple(leaving_in(given, i, loose)),
            past=1.0 - given.barrier,
            fresh=given.barrier * (1.0 - given.established[i]),
        ),
        shut[:, :, None] if shut.any() else None,
        (given.people[i] / np.maximum(given.people[i + 1], given.people[i]))[:, None],
    )


def deciding_rates(given: Inputs) -> tuple[NDArray, NDArray]:
    """Rates (market, run), 1/year, that decide the steps: for accuracy, and for stability.

    The error of a step grows with the share reached and the fifth power of the rate, so that
    growth under a lower ceiling may be somewhat faster; and leaving, which only decays, half as
    fast again. The stiffest are people with all platforms or none, at the sum of the rates: of
    leaving where a platform is rare, of joining where its market is full.
    """
    most = given.ceiling
    # the most they can be, so that steps depend neither on the horizon nor on an incident
    leave = leaving(
        given.attrition, given.eta, worry(given.rival, given.slider, 1.0), given.gamma, 1.0
    )
    growing = given.q * most
    accuracy = np.maximum(growing * most**0.2, leave / 1.5).max(axis=PLATFORM)
    paid = np.maximum(given.advertised.max(axis=0), given.unadvertised)[:, None, :]
    full = growing + given.q * given.theta + given.innovation * paid + leave * (1 - most) ** 2
    return accuracy, np.maximum(leave, full).sum(axis=PLATFORM)


def platform_percent(values: Values, name: str = "") -> NDArray:
    """What each platform has, such as wechat_start, as a share (platform, run)."""
    return np.stack(np.broadcast_arrays(*[values[key + name] / 100 for key in PLATFORM_KEYS]))


def starting_users(values: Values, markets: Markets, by_market: MarketDraws = ALIKE) -> NDArray:
    """Users at the origin (platform, market, run), in millions."""
    start = platform_percent(values, "_start")
    return markets.base[:, :, None] * start[:, None, :] * by_market.start


def _home_ties(values: Values, markets: Markets, start: NDArray) -> tuple[NDArray, NDArray]:
    """`ties` and `born` of Inputs: their product is the people who stay for their family."""
    most = constants()["home_ties_most"] / 100 * start[0]
    wechat = np.minimum(
        values["wechat_core"], most / np.maximum(markets.migrants[0], 1e-9)[:, None]
    )
    line, kakao = (
        ~markets.turf[k][:, None] * start[k] * values[f"{PLATFORM_KEYS[k]}_core"] / 100
        for k in (1, 2)
    )
    others = np.ones_like(markets.migrants)
    born = np.stack([markets.migrants, others, others], axis=1)
    return np.stack(np.broadcast_arrays(wechat, line, kakao)), born


def _imitation(values: Values, markets: Markets, by_market: MarketDraws, pace: NDArray) -> NDArray:
    """Growth q over the ceiling (platform, market, run), 1/year; more among Chinese descent.

    pace : at home, over the ceiling
    """
    more = 1 + _descent(markets) * values["descent_growth"] / 100
    return platform_percent(values)[:, None, :] * pace * more * by_market.growth


def _contacts_who_stay(values: Values, markets: Markets, tied: NDArray) -> NDArray:
    """Contacts who never leave as a share of all (platform, market, run), 0-1.

    Home ties in the market at the start (`tied`, million people) and, for WeChat, contacts in
    China of people of Chinese descent.
    """
    ties = tied / markets.addressable[0][:, None]
    china = _descent(markets) * values["descent_ties"] / 100
    return np.minimum(ties + china * (1 - ties), MOST_TIES)


def _descent(markets: Markets) -> NDArray:
    """People of Chinese descent as a share of the population, for WeChat alone."""
    return np.multiply.outer([1.0, 0.0, 0.0], markets.descent)[..., None]


def _at_home(values: Values, markets: Markets) -> NDArray:
    """How fast people join and leave in a platform's home markets, relative to elsewhere.

    (platform, market, run); 1 elsewhere. At home most friends who could bring a person in have
    joined already, and the people who are left join slowly.
    """
    names = np.array(markets.names)[:, None]
    line = np.where(markets.turf[1][:, None], values["line_key"] / 100, 1.0)
    line = np.where(names == "IDN", values["line_indonesia"] / 100, line)
    line = np.where(names == HOME["LINE"], values["line_japan"] / 100, line)
    kakao = np.where(names == HOME["KakaoTalk"], values["kakao_korea"] / 100, 1.0)
    return np.stack(np.broadcast_arrays(np.ones_like(line), line, kakao))


def _ceiling(values: Values, markets: Markets) -> NDArray:
    """Largest share of people online (platform, market, run), 0-1: at home and abroad.

    People of Chinese descent abroad count as home to WeChat.
    """
    home, abroad = values["ceiling"] / 100, values["ceiling_abroad"] / 100
    at_home = markets.turf.astype(float)
    at_home[0] = markets.descent
    return abroad + (home - abroad) * at_home[:, :, None]
