"""Observed users beside the projection: each messenger outside its home market."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.evidence import load_evidence
from model.messengers import HOME, PLATFORMS
from model.quarters import QUARTER, decimal_year

AFTER = QUARTER  # years: the reading of mid-2024 stands at an end in March 2024


@lru_cache(maxsize=1)
def observed_totals() -> pd.DataFrame:
    """Users observed outside the home market, earliest first.

    columns : kind (observed | range), platform, quarter, year (decimal), users, low, high
    (million; low and high only where no single figure exists), source_id. Where only the world and
    the home market were published, the figure is their difference.
    """
    table = load_evidence().observed
    users = table[table.metric.isin(["users", "users, company profile", "users, range"])]
    parts = []
    for platform, home in HOME.items():
        own = users[users.platform == platform]
        parts.append(own[own.geography == (f"world less {home}" if home else "EX-CHINA")])
        if home:
            parts.append(_less_home(own, home))
    table = pd.concat(parts).rename(columns={"value": "users"})
    table = table.drop_duplicates(["platform", "quarter"])
    table["year"] = table.quarter.map(decimal_year).astype(np.float64)
    table["kind"] = np.where(table.low.isna(), "observed", "range")
    columns = ["kind", "platform", "quarter", "year", "users", "low", "high", "source_id"]
    return table[columns].sort_values(["platform", "year"], ignore_index=True)


def _less_home(users: pd.DataFrame, home: str) -> pd.DataFrame:
    """A messenger's figures for the world less those of its home market.

    The home market is interpolated between its figures; outside their span there is no row.
    """
    world, at_home = users[users.geography == "world"], users[users.geography == home]
    years = [part.quarter.map(decimal_year).to_numpy(float) for part in (world, at_home)]
    order = years[1].argsort()
    known = np.interp(years[0], years[1][order], at_home.value.to_numpy()[order], np.nan, np.nan)
    nearest = np.abs(np.subtract.outer(years[0], years[1])).argmin(axis=1)
    sources = [
        ";".join(dict.fromkeys(pair))
        for pair in zip(world.source_id, at_home.source_id.to_numpy()[nearest], strict=True)
    ]
    return world.assign(value=world.value - known, source_id=sources).dropna(subset="value")


def beside_observed(answer: Answer) -> list[tuple[str, str, float, Any]]:
    """For each platform the last observation, up to AFTER the end, beside what was projected.

    Gives (platform, quarter, projected users in million, row of observed_totals).
    """
    table, times, found = observed_totals(), answer.times, []
    table = table[table.year.between(times[0] + 0.01, times[-1] + AFTER + 0.01)]
    for row in table.groupby("platform").tail(1).itertuples():
        line = answer.total.line[:, PLATFORMS.index(row.platform)]
        found.append((row.platform, row.quarter, float(np.interp(row.year, times, line)), row))
    return sorted(found, key=lambda one: PLATFORMS.index(one[0]))
