"""The markets from outside: people, concern, established messengers, home ties.

Yearly tables become values at times in decimal years (31 March 2014 is 2014.25); a yearly figure
stands for the middle of its year. Beyond the first and last row the value stays where it is.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from model.evidence import Evidence, load_evidence
from model.messengers import HOME_TURF, PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.scenario import Scenario
from model.scenario.settings import Z90, all_settings

MOST_USERS = 0.99  # of the people online at the origin
AT_ENDS = ("times", "addressable", "incumbent", "migrants")  # of quarters, the origin included
WITHIN = ("concern", "concern_then")  # each quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """The markets along one path of `quarters` quarters from an origin; times are their ends."""

    names: tuple[str, ...]  # ISO3 codes and ROW
    blocs: tuple[str, ...]
    times: NDArray  # decimal years, (time,), the origin and `quarters` more
    addressable: NDArray  # million people, (time, market)
    concern: NDArray  # as surveyed, 0-1, (quarter, market)
    concern_then: NDArray  # held at the origin, 0-1, (quarter, market)
    incumbent: NDArray  # share of the established messengers as surveyed, 0-1, (time, market)
    incumbent_spread: NDArray  # its standard deviation, logit, (market,)
    taken: NDArray  # largest share of people online that one of the three starts with, (market,)
    migrants: NDArray  # million China-born, (time, market)
    born: NDArray  # largest share born in China, 0-1, along the longest path, (market,)
    descent: NDArray  # people of Chinese descent, share of the population, (market,)
    base: NDArray  # million users at the origin, (platform, market)
    turf: NDArray  # whether a market is one of the platform's home markets, (platform, market)
    leads: NDArray  # whether it has the most users at the origin, established ones counted


def by_market(table: pd.DataFrame, column: str, names: tuple[str, ...], times: NDArray) -> NDArray:
    """A yearly column at `times`, (time, market), linear between the middles of years."""
    rows = table.sort_values("year")
    market, year, value = (rows[name].to_numpy() for name in ("market", "year", column))
    columns = [np.interp(times, year[market == m] + 0.5, value[market == m]) for m in names]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=128)
def load_markets(origin: str, quarters: int) -> Markets:
    """The project's markets for `quarters` quarters from `origin`."""
    longest = round(4 * all_settings()["horizon"].high)
    if quarters >= longest:
        return read_markets(load_evidence(), origin, quarters)
    full = load_markets(origin, longest)
    ends = {name: getattr(full, name)[: quarters + 1] for name in AT_ENDS}
    return replace(full, **ends, **{name: getattr(full, name)[:quarters] for name in WITHIN})


def scenario_markets(scenario: Scenario) -> Markets:
    """The project's markets from the origin of a scenario to its horizon."""
    return load_markets(scenario.origin, round(4 * scenario["horizon"]))


def read_markets(known: Evidence, origin: str, quarters: int) -> Markets:
    """The markets of some evidence for `quarters` quarters from `origin`."""
    start = decimal_year(origin)
    base = known.installed_base[known.installed_base.origin == origin]
    names = tuple(known.markets.market)
    table = base.pivot(index="platform", columns="market", values="value_millions")
    times = start + QUARTER * np.arange(quarters + 1)
    middles = times[:-1] + QUARTER / 2
    then = np.full_like(middles, start)
    share = known.incumbents.assign(share=known.incumbents.share_pct / 100)
    millions = known.migrants.assign(born=known.migrants.china_born / 1e6)
    people = by_market(known.addressable, "addressable_millions", names, times)
    migrants = by_market(millions, "born", names, times)
    users = table.loc[list(PLATFORMS), list(names)].to_numpy()
    # where a company counts more users than people are online, people are counted as it counts
    people = people * np.maximum(users.max(axis=0) / (MOST_USERS * people[0]), 1.0)
    incumbent = by_market(share, "share", names, times)
    most = np.maximum(users.max(axis=0), incumbent[0] * people[0])
    return Markets(
        names=names,
        blocs=tuple(known.markets.bloc),
        times=times,
        addressable=people,
        concern=by_market(known.concern, "concern", names, middles),
        concern_then=by_market(known.concern, "concern", names, then),
        incumbent=incumbent,
        incumbent_spread=_incumbent_spread(known.incumbents, names),
        taken=np.minimum(users / people[0], 1.0).max(axis=0),
        migrants=migrants,
        born=(migrants / people).max(axis=0),
        descent=_descent(known, names, start),
        base=users,
        turf=np.array([[m in HOME_TURF[k] for m in names] for k in PLATFORMS]),
        leads=users >= most,
    )


def _incumbent_spread(table: pd.DataFrame, names: tuple[str, ...]) -> NDArray:
    """Standard deviation (logit units, market) of each first share that comes with a 90% range."""
    ranged = table.dropna(subset=["low", "high"]).sort_values("year").groupby("market").first()
    low, high = (np.clip(ranged[end] / 100, 1e-3, 1 - 1e-3) for end in ("low", "high"))
    spread = (logit(high) - logit(low)) / (2 * Z90)
    return spread.reindex(names).fillna(spread.mean()).to_numpy()


def _descent(known: Evidence, names: tuple[str, ...], start: float) -> NDArray:
    """People of Chinese descent who keep ties, share of the population (market,), at the origin."""
    rows = known.descent.sort_values("year").groupby("market").descent_millions
    people = by_market(known.addressable, "population_millions", names, np.array([start]))[0]
    millions = rows.first() if start < 2014.5 else rows.last()
    counted = known.markets.set_index("market").descent_counted[list(names)].to_numpy() / 100
    return np.minimum(counted * millions.reindex(names).to_numpy() / people, 1.0)
