"""The frames of the market views: rows for the charts and tables, nothing computed anew."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from model.bands import Answer
from model.evidence import PLATFORMS, evidence
from model.markets import markets, quarter_name
from model.scenario import Scenario
from pages.parts.frames import apart
from pages.parts.headline import number

SHORT = {"WeChat": "W", "LINE": "L", "KakaoTalk": "K"}
COLUMNS = {
    **{name: {"label": f"{name}, million", "type": "number"} for name in PLATFORMS},
    "Share": {"label": "WeChat, % of people online", "type": "number"},
    "Lost": {"label": "Lost to concern, million", "type": "number"},
}


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Names of the markets by code, in the order of the data."""
    known = evidence().markets
    return dict(zip(known.market, known.name, strict=True))


def _online(answer: Answer) -> np.ndarray:
    """Million people online in each market at the end."""
    origin = quarter_name(answer.times[0])
    return markets(origin, len(answer.times) - 1).addressable[-1]


def table(answer: Answer) -> pd.DataFrame:
    """One row a market: users of each platform at the end, share, leader, cost of concern."""
    known = evidence().markets.set_index("market")
    frame = pd.DataFrame(answer.markets[-1].T, index=list(answer.names), columns=list(PLATFORMS))
    leader = frame.idxmax(axis=1)
    frame["Share"] = 100 * frame.WeChat / _online(answer)
    frame["Lost"] = answer.lost
    frame = frame.round(2)
    frame.insert(0, "Market", known.name[frame.index])
    frame["Most users"] = leader
    frame["Region"] = known.region[frame.index]
    return frame.sort_values("WeChat", ascending=False)


def tiles(answer: Answer) -> pd.DataFrame:
    """Rows for tool_charts.tiles: one a market, with its place, leader and WeChat's share."""
    frame = table(answer)
    known = evidence().markets.set_index("market").loc[frame.index]
    return pd.DataFrame(
        {
            "code": frame.index,
            "market": frame.Market,
            "column": known.tile_column,
            "row": known.tile_row,
            "leader": frame["Most users"],
            "letter": frame["Most users"].map(SHORT),
            "share": [f"{share:.2g}%" for share in frame.Share],
            "users": frame.WeChat,
        }
    )


def years(answer: Answer, platform: str) -> pd.DataFrame:
    """Rows for tool_charts.market_map: one platform's users by market and year."""
    users = answer.markets[::4, PLATFORMS.index(platform)]
    order = np.argsort(-users[-1], kind="stable")
    labels = [names()[answer.names[i]] for i in order]
    frame = pd.DataFrame(users[:, order].round(3), columns=labels)
    frame.insert(0, "year", [int(time - 0.25) for time in answer.times[::4]])
    long = frame.melt("year", var_name="market", value_name="users")
    return long.assign(rank=long.market.map({name: rank for rank, name in enumerate(labels)}))


def cost(answer: Answer) -> pd.DataFrame:
    """Rows for tool_charts.cost_bars: WeChat users lost to concern, most first."""
    frame = table(answer).sort_values("Lost", ascending=False)
    said = [number(value) if value >= 0.005 else "none" for value in frame.Lost]
    return pd.DataFrame({"market": frame.Market, "lost": frame.Lost, "said": said})


def one(answer: Answer, market: str) -> pd.DataFrame:
    """Rows for tool_charts.one_market: users of each platform by quarter in one market."""
    users = answer.markets[:, :, answer.names.index(market)]
    frame = pd.DataFrame(users.round(4), columns=list(PLATFORMS))
    frame.insert(0, "year", answer.times)
    frame.insert(1, "quarter", [quarter_name(time) for time in answer.times])
    long = frame.melt(["year", "quarter"], var_name="platform", value_name="users")
    ends = pd.Series(apart(users[-1], 0.08 * users.max()), index=PLATFORMS)
    last = long.year == answer.times[-1]
    return long.assign(label_at=long.platform.map(ends).where(last).round(4))


def facts(scenario: Scenario, market: str) -> list[tuple[str, str]]:
    """What is given from outside in a market at the start: label and value."""
    where = markets(scenario.origin, round(4 * scenario["horizon"]))
    i = where.names.index(market)
    return [
        ("People online", number(where.addressable[0, i])),
        ("Worried", f"{100 * where.concern_then[0, i]:.0f}%"),
        ("On the leading messenger", f"{100 * where.incumbent_then[0, i]:.0f}%"),
        ("Born in China", number(where.migrants[0, i])),
    ]


def evidence_of(scenario: Scenario, market: str) -> pd.DataFrame:
    """The rows of the starting table for a market, with who made their sources."""
    base = evidence().installed_base
    return _sourced(base[(base.origin == scenario.origin) & (base.market == market)])


def events_of(market: str) -> pd.DataFrame:
    """The dated events that concern a market, with who made their sources."""
    events = evidence().events
    return _sourced(events[events.markets.str.split(";").map(lambda codes: market in codes)])


def _sourced(rows: pd.DataFrame) -> pd.DataFrame:
    makers = evidence().sources.set_index("source_id").producer
    listed = [
        "; ".join(dict.fromkeys(makers[one] for one in ids.split(";"))) for ids in rows.source_id
    ]
    return rows.assign(source=listed)


@lru_cache(maxsize=1)
def price_paid() -> tuple[float, float]:
    """What Facebook paid for WhatsApp (US$ billion) and for how many users (million)."""
    value = evidence().article.set_index("fact").value
    return float(value["Price paid for WhatsApp, February 2014"]), float(
        value["WhatsApp users at the time"]
    )
