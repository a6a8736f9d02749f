"""What each market brings from outside: people, concern, established messengers, home ties.

Yearly tables become values at times in decimal years (31 March 2014 is 2014.25); a yearly figure
stands for the middle of its year. Beyond the first and last row the value stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.evidence import HOME_TURF, PLATFORMS, Evidence, evidence
from model.platforms import QUARTER

HOME_TIES_MOST = 0.6  # home ties are at most this share of a market's starting users


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """The markets along one path of `quarters` quarters from an origin.

    names : ISO3 codes and ROW;  blocs : bloc of each market
    times : decimal years, (quarters + 1,)
    addressable : million people, (quarters + 1, market)
    concern, concern_then : 0-1, (quarters, market), as surveyed / held at the origin
    incumbent, incumbent_then : 0-1, (quarters, market), likewise
    migrants : million China-born, (quarters + 1, market)
    base : million users at the origin, (platform, market)
    turf : True where a market is one of the platform's home markets, (platform, market)
    """

    names: tuple[str, ...]
    blocs: tuple[str, ...]
    times: NDArray
    addressable: NDArray
    concern: NDArray
    concern_then: NDArray
    incumbent: NDArray
    incumbent_then: NDArray
    migrants: NDArray
    base: NDArray
    turf: NDArray


def decimal_year(quarter: str) -> float:
    """The end of a quarter like 2014Q1 as a decimal year: 2014.25."""
    return int(quarter[:4]) + int(quarter[5]) / 4


def quarter_name(time: float) -> str:
    """The opposite of decimal_year: 2014.25 is 2014Q1."""
    count = round(time / QUARTER) - 1
    return f"{count // 4}Q{count % 4 + 1}"


def by_market(table: pd.DataFrame, column: str, names: tuple[str, ...], times: NDArray) -> NDArray:
    """A yearly column at `times`, (time, market), linear between the middles of years."""
    groups = {market: rows.sort_values("year") for market, rows in table.groupby("market")}
    columns = [np.interp(times, groups[m].year + 0.5, groups[m][column]) for m in names]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=128)
def markets(origin: str, quarters: int) -> Markets:
    """The project's markets for `quarters` quarters from `origin`."""
    return read_markets(evidence(), origin, quarters)


def read_markets(known: Evidence, origin: str, quarters: int) -> Markets:
    """As `markets`, from any evidence."""
    start = decimal_year(origin)
    base = known.installed_base[known.installed_base.origin == origin]
    names = tuple(known.markets.market)
    table = base.pivot(index="platform", columns="market", values="value_millions")
    times = start + QUARTER * np.arange(quarters + 1)
    middles = times[:-1] + QUARTER / 2
    then = np.full_like(middles, start)
    share = known.incumbents.assign(share=known.incumbents.share_pct / 100)
    born = known.migrants.assign(born=known.migrants.china_born / 1e6)
    return Markets(
        names=names,
        blocs=tuple(known.markets.bloc),
        times=times,
        addressable=by_market(known.addressable, "addressable_millions", names, times),
        concern=by_market(known.concern, "concern", names, middles),
        concern_then=by_market(known.concern, "concern", names, then),
        incumbent=by_market(share, "share", names, middles),
        incumbent_then=by_market(share, "share", names, then),
        migrants=by_market(born, "born", names, times),
        base=table.loc[list(PLATFORMS), list(names)].to_numpy(),
        turf=np.array([[m in HOME_TURF[k] for m in names] for k in PLATFORMS]),
    )
