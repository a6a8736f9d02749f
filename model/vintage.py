"""The evidence as it was known on a day: nothing published later, to the bit.

A calibration from March 2014 must not see what came after. Rows published after the day are
dropped before anything is computed; what is then missing is filled from the rest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from model.evidence import PLATFORMS, DataError, Evidence
from model.markets import by_market, decimal_year

DATED = ("addressable", "concern", "incumbents", "migrants", "observed")
ASIA_FIRST = {
    "Asia": 2.0,
    "West": 0.3,
    "Elsewhere": 1.0,
}  # weights for accounts not given by market
HOME_SHARE = {"KakaoTalk": "KOR"}  # accounts not abroad are at home


def as_of(known: Evidence, day: str) -> Evidence:
    """`known` without any row published after `day` (ISO date), gaps filled by market means."""
    kept = {}
    for name in DATED:
        table = getattr(known, name)
        kept[name] = table[table.published <= day].reset_index(drop=True)
        if kept[name].empty:
            raise DataError(f"data/{name}.csv has nothing published by {day}")
    # the survey of worry about privacy came later: all with an unfavourable view count
    kept["concern"] = kept["concern"].assign(privacy=1.0, concern=lambda rows: rows.unfavourable)
    names = known.markets.market
    kept["incumbents"] = _fill(kept["incumbents"], names, "share_pct")
    kept["concern"] = _fill(kept["concern"], names, "concern")
    kept["addressable"] = _extend(kept["addressable"])
    return replace(known, **kept)


def _fill(table: pd.DataFrame, names: pd.Series, column: str) -> pd.DataFrame:
    """`table` with one row of the mean for each market that has none."""
    missing = [name for name in names if name not in set(table.market)]
    mean = table.groupby("market")[column].last().mean()
    rows = pd.DataFrame({"market": missing, "year": table.year.max(), column: mean})
    return pd.concat([table, rows], ignore_index=True)


def _extend(table: pd.DataFrame) -> pd.DataFrame:
    """Addressable people two years on at each market's last known growth."""
    parts = [table]
    for market, rows in table.groupby("market"):
        last = rows.sort_values("year").tail(2)
        value, growth = last.addressable_millions.iloc[-1], 1.0
        if len(last) == 2:
            growth = value / last.addressable_millions.iloc[0]
        years = last.year.iloc[-1] + np.array([1, 2])
        ahead = value * growth ** np.array([1, 2])
        parts.append(pd.DataFrame({"market": market, "year": years, "addressable_millions": ahead}))
    return pd.concat(parts, ignore_index=True)


def accounts(known: Evidence, platform: str) -> pd.DataFrame:
    """Registered accounts abroad or in the world, dated: columns time (decimal year), value."""
    geography = "EX-CHINA" if platform == "WeChat" else "world"
    table = known.observed
    rows = table[
        (table.platform == platform)
        & (table.geography == geography)
        & (table.metric == "registered accounts")
    ]
    days = pd.to_datetime(rows.date)
    time = days.dt.year + (days.dt.day_of_year - 1) / 365.25
    return pd.DataFrame({"time": time, "value": rows.value}).sort_values("time", ignore_index=True)


def starting_accounts(known: Evidence, origin: str) -> pd.DataFrame:
    """Registered accounts at `origin` as an installed-base table: one row a platform and market.

    The total is interpolated between the dated counts; markets with counts of their own get
    their latest, scaled to the total's date, and the rest goes by addressable people, twice as
    much in Asia and 0.3 times in the West as elsewhere.
    """
    time = decimal_year(origin)
    names = tuple(known.markets.market)
    people = by_market(known.addressable, "addressable_millions", names, np.array([time]))[0]
    bloc = known.markets.bloc.map(ASIA_FIRST).to_numpy()
    rows = []
    for platform in PLATFORMS:
        counts = accounts(known, platform)
        total = float(np.exp(np.interp(time, counts.time, np.log(counts.value))))
        shares = _market_shares(known, platform, counts)
        if platform in HOME_SHARE:
            shares[HOME_SHARE[platform]] = 1 - shares.pop("abroad", 0.2)
        known_part = np.array([shares.get(name, 0.0) for name in names])
        known_part *= min(1.0, 0.9 / max(known_part.sum(), 1e-9))
        rest = np.where(known_part > 0, 0.0, people * bloc)
        weights = known_part + (1 - known_part.sum()) * rest / rest.sum()
        rows.append(
            pd.DataFrame(
                {
                    "origin": origin,
                    "platform": platform,
                    "market": names,
                    "value_millions": total * weights,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _market_shares(known: Evidence, platform: str, counts: pd.DataFrame) -> dict[str, float]:
    """Share of a platform's accounts by market, each count against the total of its own day."""
    table = known.observed
    rows = table[
        (table.platform == platform) & (table.metric == "registered accounts or users claimed")
    ].sort_values("date")
    shares = {}
    for row in rows.itertuples():
        day = pd.Timestamp(row.date)
        time = day.year + (day.day_of_year - 1) / 365.25
        total = float(np.interp(time, counts.time, counts.value))
        name = "abroad" if row.geography == "world less KOR" else row.geography
        shares[name] = row.value / total
    return shares
