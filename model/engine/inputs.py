"""Everything the equations of an answer need, computed once for a batch of runs.

p = innovation (spend / US$ 200 M)^elasticity                    1/year
willing = access x ceiling (1 - worry),  worry = concern slider x concern index of the market

What changes by quarter is kept in small tables: `conditions` puts one quarter together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from model.engine.by_quarter import (
    Values,
    advertising,
    established,
    extra_concern,
    open_markets,
)
from model.engine.definition import TINY, Conditions, leaving, losing_access, willing, worry
from model.engine.groups import (
    DESCENT,
    born_by_group,
    grouped,
    home_ties,
    parts,
    starting_groups,
)
from model.engine.markets import Markets
from model.messengers import HOME, PLATFORM_KEYS
from model.scenario.scenario import Scenario, switched
from model.scenario.settings import all_settings

TIME, PLATFORM, MARKET, RUN = -4, -3, -2, -1  # axes, from the end: most arrays lack the first


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDraws:
    """How runs differ by market, beyond the settings that all markets share."""

    growth: NDArray | float = 1.0  # factor on growth, (platform, market, run)
    start: NDArray | float = 1.0  # factor on starting users, (platform, market, run)
    established: NDArray | float = 0.0  # added to the logit of their shares, (market, run)


ALIKE = MarketDraws()  # every market as the settings say


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the equations; arrays broadcast to the axes they name.

    Groups are those of `groups`; without axes an array is (group, market, run).
    """

    people: NDArray  # addressable, million, (time, market)
    part: NDArray  # share of the people who are in a group, 0-1
    start: NDArray  # million users
    ties: NDArray  # home ties, million people, WeChat's for each China-born person
    born: NDArray  # million China-born for WeChat, 1 for the others, (time, group, market)
    q: NDArray  # coefficient of imitation over the ceiling, 1/year
    attrition: NDArray  # 1/year
    theta: NDArray  # home ties as a share of all contacts, 0-1
    barrier: NDArray  # as in `definition`, (run,); so are the next two
    eta: NDArray
    gamma: NDArray
    ceiling: NDArray  # largest share of the people, 0-1
    innovation: NDArray  # p at the reference spending, 1/year
    advertised: NDArray  # factor on it in each quarter, (quarter, group, run)
    unadvertised: NDArray  # the factor where a platform leads, (run,)
    leads: NDArray  # whether it does, (group, market)
    slider: NDArray  # concern slider of each market, 0-1, (market, run)
    rival: NDArray  # part of WeChat's worry that falls on each group, (group, 1, run)
    concern: NDArray  # index, 0-1, (quarter, market)
    incident: NDArray  # added to it, (quarter, run)
    established: NDArray  # share of the established messengers, 0-1, (quarter, market, run)
    access: NDArray  # share of a market that is open, 0-1, (time, group, market)


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
    part, home = parts(values, markets), _at_home(values, markets)
    most, born = _ceiling(values, markets), born_by_group(markets)
    users = starting_users(values, markets, by_market)
    people = markets.addressable[0][:, None] * part
    ties = home_ties(values, markets, users)
    tied = ties * born[0][..., None]
    advertised, unadvertised = advertising(on, values, markets)
    rival = values["rival_concern"] / 100
    surveyed = any(row.effect == "concern" for row in on)
    growth = platform_percent(values)[:, None, :] * home * by_market.growth
    return Inputs(
        people=markets.addressable,
        part=part,
        start=starting_groups(users, tied, people, values["descent_first"] / 100),
        ties=ties,
        born=born,
        q=grouped(growth) / most,
        attrition=values["attrition"] / 100 * grouped(home),
        theta=tied / people,
        barrier=values["barrier"] / 100,
        eta=values["concern_attrition"],
        gamma=values["pull"],
        ceiling=most,
        innovation=grouped(platform_percent(values, "_innovation")[:, None, :] * home),
        advertised=grouped(advertised, axis=1),
        unadvertised=unadvertised,
        leads=grouped(markets.leads),
        slider=concern_slider(values, markets),
        rival=grouped(np.stack([np.ones_like(rival), rival, rival])[:, None, :]),
        concern=markets.concern if surveyed else markets.concern_then,
        incident=extra_concern(values, markets),
        established=established(scenario, values, markets, by_market.established),
        access=grouped(open_markets(on, markets), axis=1),
    )


def concern_slider(values: Values, markets: Markets) -> NDArray:
    """`slider` of Inputs: security concern times the concern of each market's region."""
    blocs = sorted(set(markets.blocs))
    own = [values[f"concern_{bloc.lower()}"] / 100 for bloc in blocs]
    places = [blocs.index(bloc) for bloc in markets.blocs]
    return values["concern"] / 100 * np.stack(np.broadcast_arrays(*own))[places]


def worry_in(given: Inputs, i: int) -> NDArray:
    """Share of people whom concern keeps away in quarter `i`, 0-1, (group, market, run)."""
    return worry(given.rival, given.slider, given.concern[i][:, None] + given.incident[i])


def willing_in(given: Inputs, i: int) -> NDArray:
    """Share of people who would use a platform in quarter `i`, 0-1, (group, market, run)."""
    return willing(given.access[i + 1][:, :, None], given.ceiling, worry_in(given, i))


def leaving_in(given: Inputs, i: int, loose: NDArray | float = 1.0) -> NDArray:
    """Rate (1/year) of leaving in quarter `i` without contacts or pull, (group, market, run).

    loose : share of contacts who may leave, 0-1;  multiplied first, as compiled code does
    """
    return leaving(given.attrition * loose**2, given.eta, worry_in(given, i))


def conditions(given: Inputs, i: int) -> tuple[Conditions, NDArray | None, NDArray]:
    """Conditions of quarter `i`; share of users who lose access, or None; people there before."""
    paid = given.advertised[i][:, None, :]
    advertised = np.where(given.leads[:, :, None], given.unadvertised, paid)
    loose = 1.0 - given.theta
    now, then = given.access[i + 1], given.access[i]
    shut = losing_access(then, now)
    established = given.established[i]
    staying = given.people[i] / np.maximum(given.people[i + 1], given.people[i])
    return (
        Conditions(
            p_and_q=tuple(given.innovation * advertised + given.q),
            q_loose=tuple(given.q * loose),
            unwilling=tuple(np.maximum(1.0 - willing_in(given, i), TINY)),
            leave=tuple(leaving_in(given, i, loose)),
            past=1.0 - given.barrier,
            fresh=given.barrier * (1.0 - established),
            gamma=given.gamma,
            established=established,
        ),
        shut[..., None] if shut.any() else None,
        staying[:, None],
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
    away = worry(given.rival, given.slider, 1.0)
    leave = leaving(given.attrition, given.eta, away) * (1.0 + given.gamma)
    growing = given.q * most
    accuracy = np.maximum(growing * most**0.2, leave / 1.5).max(axis=PLATFORM)
    paid = np.maximum(given.advertised.max(axis=0), given.unadvertised)[:, None, :]
    joining = growing + given.q * given.theta + given.innovation * paid
    full = joining + leave * (1 - most) ** 2
    each = np.maximum(leave, full)
    return accuracy, np.maximum(each[:DESCENT].sum(axis=PLATFORM), each[DESCENT])


def platform_percent(values: Values, name: str = "") -> NDArray:
    """A number of each platform, such as wechat_start, as a share (platform, run)."""
    return np.stack(np.broadcast_arrays(*[values[key + name] / 100 for key in PLATFORM_KEYS]))


def starting_users(values: Values, markets: Markets, by_market: MarketDraws = ALIKE) -> NDArray:
    """Users at the origin (platform, market, run), in millions."""
    start = platform_percent(values, "_start")
    return markets.base[:, :, None] * start[:, None, :] * by_market.start


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
    """Largest share of people online (group, market, run), 0-1: at home and abroad.

    People of Chinese descent are at home to WeChat. Each home market has its own ceiling, which
    the setting moves on the logit scale.
    """
    abroad, home = values["ceiling_abroad"] / 100, values["ceiling"] / 100
    moved = logit(np.clip(home, 1e-9, 1 - 1e-9)) - logit(all_settings()["ceiling"].value / 100)
    own = [values.get(f"ceiling_{name.lower()}") for name in markets.names]
    each = [home if one is None else expit(logit(one / 100) + moved) for one in own]
    at_home = np.stack(np.broadcast_arrays(*each))
    shares = [np.where(turf[:, None], at_home, abroad) for turf in markets.turf]
    return np.stack(np.broadcast_arrays(*shares, home))
