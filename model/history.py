"""What really happened, in the form in which the projection can be laid beside it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from model.evidence import evidence
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
