"""Forecast origins of the observed series: what was known at each, and what came of it.

The rules (quarters, what an origin sees, what is scored) are in model/calibration/backtest.py.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.calibration.as_of import covers
from model.evidence import Evidence
from model.quarters import day_years

SERIES = (
    "wechat_world_mau wechat_exchina_registered line_world_registered line_world_mau "
    "line_key4_mau line_exkey4_mau line_japan_mau kakao_registered kakao_world_mau "
    "kakao_korea_mau kakao_exkorea_mau whatsapp_world_mau"
).split()
STARTS = {"wechat_world_mau": "2013Q4"}  # the definition changed then
LONGEST = 12  # quarters; every horizon up to it counts in the choice of damping and in the spread
LEAST = 5  # quarters known at an origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One forecast origin of a series: the past known there, and the outcomes.

    quarter : quarters since year 0;  past : users (million) by quarter up to the origin, (n,)
    people : addressable people (million) from the first quarter to LONGEST after the origin
    ahead : horizons that can be scored, quarters;  observed : users then, same shape
    """

    series: str
    quarter: int
    past: NDArray
    people: NDArray
    ahead: NDArray
    observed: NDArray


def origins(known: Evidence, name: str) -> list[Origin]:
    """Every origin of a series, earliest first."""
    rows = known.observed[known.observed.series == name].sort_values("date")
    rows = rows[rows.quarter >= STARTS.get(name, "")]
    if rows.empty:
        return []
    times, logs = 4 * day_years(rows.date), np.log(rows.value.to_numpy())
    people = _people(known, rows.geography.iloc[0])
    first, last = int(np.ceil(times[0] - 1e-9)), int(np.floor(times[-1] + 0.5))
    fresh = [q for q in range(first, last + 1) if np.abs(times - q).min() <= 0.5 + 1e-9]
    scored = []
    for origin in fresh:
        ahead = np.array([q - origin for q in fresh if 0 < q - origin <= LONGEST])
        if origin - first + 1 < LEAST or ahead.size == 0:
            continue
        seen = times <= origin + 0.5 + 1e-9
        past = np.exp(np.interp(np.arange(first, origin + 1), times[seen], logs[seen]))
        one = Origin(
            series=name,
            quarter=origin,
            past=past,
            people=_extended(people, origin, np.arange(first, origin + LONGEST + 1)),
            ahead=ahead,
            observed=np.exp(np.interp(origin + ahead, times, logs)),
        )
        scored.append(one)
    return scored


def _people(known: Evidence, geography: str) -> pd.DataFrame:
    """Addressable people of a geography by year: columns n (million), published (latest date)."""
    table = known.addressable
    table = table[covers(geography, table.market)]
    columns = {"n": ("addressable_millions", "sum"), "published": ("published", "max")}
    return table.groupby("year").agg(**columns)


def _extended(people: pd.DataFrame, origin: int, quarters: NDArray) -> NDArray:
    """Addressable people at `quarters`, from what was published by the origin."""
    rows = people[4 * day_years(people.published) <= origin + 0.5]
    rows = rows if len(rows) else people.head(1)  # a level is needed; the first year's stands
    times, logs = 4 * (rows.index.to_numpy() + 0.5), np.log(rows.n.to_numpy())
    growth = (logs[-1] - logs[-2]) / 4 if len(logs) > 1 else 0.0
    beyond = np.maximum(quarters - times[-1], 0)
    return np.exp(np.interp(quarters, times, logs) + growth * beyond)
