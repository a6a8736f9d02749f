"""What really happened, in the form in which the projection can be laid beside it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from model.bands import Answer
from model.evidence import PLATFORMS, evidence
from model.markets import decimal_year

# count -> platform -> the geography in data/observed.csv that measures it
GEOGRAPHY = {
    "china": {"WeChat": "EX-CHINA", "LINE": "world", "KakaoTalk": "world"},
    "home": {"WeChat": "EX-CHINA", "LINE": "world less JPN", "KakaoTalk": "world less KOR"},
}


@lru_cache(maxsize=4)
def observed_totals(outside: str) -> pd.DataFrame:
    """Users observed outside China or the home market, earliest first.

    columns : kind (observed | range), platform, quarter, year (decimal), users, low, high
    (million; low and high only where no single figure exists), source_id. LINE and KakaoTalk have
    next to no users in China, so their world totals count as outside China.
    """
    table = evidence().observed
    users = table[table.metric.isin(["users", "users, company profile", "users, range"])]
    parts = [
        users[(users.platform == platform) & (users.geography == geography)]
        for platform, geography in GEOGRAPHY[outside].items()
    ]
    found = pd.concat(parts).rename(columns={"value": "users"})
    found["year"] = found.quarter.map(decimal_year).astype(np.float64)
    found["kind"] = np.where(found.low.isna(), "observed", "range")
    columns = ["kind", "platform", "quarter", "year", "users", "low", "high", "source_id"]
    return found[columns].sort_values(["platform", "year"], ignore_index=True)


def hindsight(answer: Answer, outside: str) -> list[tuple[str, str, float, pd.Series]]:
    """For each platform the last observation within the projection, beside what was projected.

    Gives (platform, quarter, projected users in million, row of observed_totals).
    """
    table, found = observed_totals(outside), []
    inside = table[table.year.between(answer.times[0] + 0.01, answer.times[-1] + 0.01)]
    for k, platform in enumerate(PLATFORMS):
        rows = inside[inside.platform == platform]
        if len(rows):
            last = rows.iloc[-1]
            projected = float(np.interp(last.year, answer.times, answer.path[:, k]))
            found.append((platform, str(last.quarter), projected, last))
    return found
