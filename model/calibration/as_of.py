"""The evidence as it was known on a day: nothing published later, to the bit.

A calibration from March 2014 must not see what came after. Rows published after the day are
dropped before anything is computed; what is then missing is filled from the rest.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.engine.markets import by_market
from model.evidence import DataError, Evidence, constants
from model.messengers import HOME, PLATFORMS
from model.quarters import day_years, decimal_year

DATED = ("addressable", "concern", "incumbents", "migrants", "descent", "observed")
PRIVACY_KNOWN = "2016-12-31"  # the survey of late 2015 came out in 2016, the day is not known
SURE_YEARS = 2  # people online grow as before; later the rule of data/README.md holds
GAP_CLOSED, MOST_ONLINE = 0.1, 0.97  # of the gap in a year; share of people
CLAIMED = "registered accounts or users claimed"


def evidence_as_of(known: Evidence, day: str, years: int = SURE_YEARS) -> Evidence:
    """`known` without any row published after `day` (ISO date), gaps filled by market means.

    years : how many years people online are carried on after the last one known
    """
    kept = {}
    for name in DATED:
        table = getattr(known, name)
        kept[name] = table[table.published <= day].reset_index(drop=True)
        if kept[name].empty:
            raise DataError(f"data/{name}.csv has nothing published by {day}")
    if day < PRIVACY_KNOWN:  # all with an unfavourable view count
        kept["concern"] = kept["concern"].assign(privacy=1.0, concern=kept["concern"].unfavourable)
    names = known.markets.market
    kept["incumbents"] = _fill(kept["incumbents"], names, ["share_pct", "low", "high"])
    kept["concern"] = _fill(kept["concern"], names, ["concern"])
    kept["descent"] = _fill(kept["descent"], names, ["descent_millions", "low", "high"])
    kept["addressable"] = _extend(kept["addressable"], years)
    return known.with_tables(**kept)


def _fill(table: pd.DataFrame, names: pd.Series, columns: list[str]) -> pd.DataFrame:
    """`table` with one row of the means for each market that has none."""
    missing = sorted(set(names) - set(table.market), key=list(names).index)
    if not missing:
        return table
    last = table.groupby("market")[columns].last()
    # from a copy of each column: the last bit of a mean depends on how the table lies in memory
    means = {name: last[name].to_numpy(copy=True).mean() for name in columns}
    rows = pd.DataFrame({"market": missing, "year": table.year.max(), **means})
    return pd.concat([table, rows], ignore_index=True)


def _extend(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Addressable people `count` years on: two at each market's last known growth.

    After them each year closes a part of the gap to the largest share of people online.
    """
    parts = [table]
    for market, rows in table.groupby("market"):
        last = rows.sort_values("year").tail(2)
        value = last.addressable_millions.iloc[-1]
        growth = value / last.addressable_millions.iloc[0]
        years = last.year.iloc[-1] + np.arange(1, count + 1)
        ahead = value * growth ** np.arange(1, count + 1)
        people = last.population_millions.iloc[-1]
        for i in range(SURE_YEARS, count):
            gap = max(MOST_ONLINE * people - ahead[i - 1], 0.0)
            ahead[i] = ahead[i - 1] + GAP_CLOSED * gap
        part = {"market": market, "year": years, "population_millions": people}
        parts.append(pd.DataFrame(part | {"addressable_millions": ahead}))
    return pd.concat(parts, ignore_index=True)


def accounts(known: Evidence, platform: str) -> pd.DataFrame:
    """Registered accounts abroad or in the world, dated: columns time (decimal year), value."""
    geography = "EX-CHINA" if platform == "WeChat" else "world"
    rows = known.observed[known.observed.metric == "registered accounts"]
    return dated(rows[(rows.platform == platform) & (rows.geography == geography)])


def dated(figures: pd.DataFrame) -> pd.DataFrame:
    """Dated figures, earliest first: columns time (decimal year), value."""
    table = pd.DataFrame({"time": day_years(figures.date), "value": figures.value.to_numpy()})
    return table.sort_values("time", ignore_index=True)


def accounts_by_market(known: Evidence, platform: str) -> pd.DataFrame:
    """Registered accounts in single markets: columns market, time (decimal year), value.

    Accounts at home are those in the world less those abroad, where both are known.
    """
    table = known.observed
    rows = table[(table.platform == platform) & (table.metric == CLAIMED)]
    counts = pd.DataFrame(
        {"market": rows.geography, "time": day_years(rows.date), "value": rows.value}
    )
    abroad = counts.market == f"world less {HOME[platform]}"
    world = accounts(known, platform)
    at_home = np.interp(counts.time[abroad], world.time, world.value) - counts.value[abroad]
    counts.loc[abroad, "value"] = at_home
    counts.loc[abroad, "market"] = HOME[platform]
    counts = counts[counts.market.isin(known.markets.market) & (counts.value > 0)]
    return counts.sort_values(["market", "time"], ignore_index=True)


def covers(geography: str, names: Sequence[str]) -> NDArray:
    """Which of some markets a geography of data/observed.csv covers, True or False for each."""
    if geography in ("world", "EX-CHINA"):
        return np.ones(len(names), dtype=bool)
    if geography.startswith("world less "):
        return ~np.isin(names, geography.removeprefix("world less ").split("+"))
    return np.isin(names, geography.split("+"))


def starting_accounts(known: Evidence, origin: str) -> pd.DataFrame:
    """Registered accounts at `origin` as an installed-base table: one row a platform and market.

    The total is interpolated between the dated counts, and so are markets with counts of their
    own; before its first count a market grew as the total did. The rest goes by addressable
    people, weighted by region.
    """
    time = decimal_year(origin)
    names = tuple(known.markets.market)
    people = by_market(known.addressable, "addressable_millions", names, np.array([time]))[0]
    weight = np.array([constants()[f"accounts_{bloc.lower()}"] for bloc in known.markets.bloc])
    rows = []
    for platform in PLATFORMS:
        total = _count_at(accounts(known, platform), time)
        counted = _counted_markets(known, platform, time)
        given = np.array([counted.get(name, 0.0) for name in names])
        given *= min(1.0, 0.9 * total / max(given.sum(), 1e-9))
        rest = np.where(given > 0, 0.0, people * weight)
        value = given + (total - given.sum()) * rest / rest.sum()
        part = {"origin": origin, "platform": platform, "market": names, "value_millions": value}
        rows.append(pd.DataFrame(part))
    return pd.concat(rows, ignore_index=True)


def _count_at(counts: pd.DataFrame, time: float) -> float:
    """Accounts at a time (decimal year), in a straight line of logarithms between the counts."""
    return float(np.exp(np.interp(time, counts.time, np.log(counts.value))))


def _counted_markets(known: Evidence, platform: str, time: float) -> dict[str, float]:
    """Accounts at `time` in the markets that have counts of their own."""
    world = accounts(known, platform)
    values = {}
    for market, rows in accounts_by_market(known, platform).groupby("market"):
        values[market], first = _count_at(rows, time), rows.time.iloc[0]
        if time < first:
            values[market] *= _count_at(world, time) / _count_at(world, first)
    return values
