"""The frames of the market views: rows for the charts and tables, nothing computed anew."""

from functools import lru_cache

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.engine.markets import load_markets
from model.evidence.reader import load_evidence
from model.messengers import PLATFORMS
from model.number_text import range_text, users_text
from model.quarters import quarter_name
from model.scenario.scenario import Scenario
from pages.parts.charts.fan import ESTABLISHED
from pages.parts.charts.fan_data import apart
from pages.parts.wording import year

SHORT = {"WeChat": "W", "LINE": "L", "KakaoTalk": "K", ESTABLISHED: "E"}
COLUMNS = {
    **{name: {"label": f"{name}, million", "type": "number"} for name in PLATFORMS},
    "Established": {"label": "Strongest established"},
    "EstablishedUsers": {"label": "Established, million", "type": "number"},
    "EstablishedShare": {"label": "Established, % online", "type": "number"},
    "Share": {"label": "WeChat, % online", "type": "number"},
    "Lost": {"label": "Lost to concern, million", "type": "number"},
}


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Names of the markets by code, in the order of the data."""
    known = load_evidence().markets
    return dict(zip(known.market, known.name, strict=True))


def _online(answer: Answer) -> np.ndarray:
    """Million people online in each market at the end."""
    origin = quarter_name(answer.times[0])
    return load_markets(origin, len(answer.times) - 1).addressable[-1]


def survey(market: str, time: float) -> pd.Series:
    """The row of data/incumbents.csv nearest to a time (decimal year), the earlier of two."""
    rows = load_evidence().incumbents
    rows = rows[rows.market == market].sort_values("year")
    return rows.iloc[int((rows.year - int(year(time))).abs().to_numpy().argmin())]


def table(answer: Answer) -> pd.DataFrame:
    """One row a market: users of each messenger at the end, shares, leader, cost of concern.

    The strongest established messenger has the name of the survey nearest to the end.
    """
    known, online = load_evidence().markets.set_index("market"), _online(answer)
    frame = pd.DataFrame(answer.markets[-1].T, index=list(answer.names), columns=list(PLATFORMS))
    frame["EstablishedUsers"] = answer.established[-1]
    most = frame.idxmax(axis=1)
    frame["EstablishedShare"] = 100 * frame.EstablishedUsers / online
    frame["Share"] = 100 * frame.WeChat / online
    frame["Lost"] = answer.lost
    frame = frame.round(2)
    frame.insert(0, "Market", known.name[frame.index])
    names = [survey(market, answer.times[-1]).messenger for market in frame.index]
    frame.insert(frame.columns.get_loc("EstablishedUsers"), "Established", names)
    leader = most.where(most != "EstablishedUsers", frame.Established)
    frame.insert(1, "Most users", leader)
    frame["Leader"] = most.where(most != "EstablishedUsers", ESTABLISHED)
    frame["Region"] = known.region[frame.index]
    return frame.sort_values("WeChat", ascending=False)


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `table` as a reader sees them: the leader by name only."""
    return frame.drop(columns="Leader")


def tiles(answer: Answer) -> pd.DataFrame:
    """Rows for tool_charts.tiles: one a market, with its place, leader and WeChat's share."""
    frame = table(answer)
    known = load_evidence().markets.set_index("market").loc[frame.index]
    return pd.DataFrame(
        {
            "code": frame.index,
            "market": frame.Market,
            "column": known.tile_column,
            "row": known.tile_row,
            "kind": frame.Leader,
            "leader": frame["Most users"],
            "letter": frame.Leader.map(SHORT),
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
    said = [users_text(value) if value >= 0.005 else "none" for value in frame.Lost]
    return pd.DataFrame({"market": frame.Market, "lost": frame.Lost, "said": said})


def one(answer: Answer, market: str, scale: str = "stretched") -> pd.DataFrame:
    """Rows for tool_charts.one_market: users of each messenger by quarter in one market.

    low and high: the 80% band of the established messenger, and of the others at the end.
    """
    at = answer.names.index(market)
    name = survey(market, answer.times[-1]).messenger
    columns = [*answer.markets[:, :, at].T, answer.established[:, at]]
    kinds, size = [*PLATFORMS, ESTABLISHED], answer.times.size
    blank = np.full(size - 1, np.nan)
    lows = [*([*blank, low] for low in answer.market_low[:, at]), answer.established_low[:, at]]
    highs = [*([*blank, end] for end in answer.market_high[:, at]), answer.established_high[:, at]]
    ends = np.array([column[-1] for column in columns])
    # labels keep apart on the scale on which they are drawn
    power = 0.5 if scale == "stretched" else 1.0
    top = max(np.nanmax(highs), np.max(columns), 1e-9) ** power
    places = apart(ends**power, 0.08 * top)
    places = (places - max(places.max() - top, 0)).clip(0) ** (1 / power)
    frame = pd.DataFrame(
        {
            "year": np.tile(answer.times, len(kinds)),
            "quarter": [quarter_name(time) for time in answer.times] * len(kinds),
            "kind": np.repeat(kinds, size),
            "name": np.repeat([*PLATFORMS, name], size),
            "users": np.concatenate(columns).round(4),
            "low": np.concatenate(lows).round(4),
            "high": np.concatenate(highs).round(4),
        }
    )
    heights = frame.kind.map(dict(zip(kinds, places, strict=True)))
    return frame.assign(label_at=heights.where(frame.year == answer.times[-1]).round(4))


def ends(answer: Answer, market: str) -> str:
    """Users of each messenger in a market at the end, with their 80% ranges, in a sentence."""
    at, name = answer.names.index(market), survey(market, answer.times[-1]).messenger
    parts = [
        f"{platform} **{users_text(users)}** ({range_text(low, high)})"
        for platform, users, low, high in zip(
            PLATFORMS,
            answer.markets[-1, :, at],
            answer.market_low[:, at],
            answer.market_high[:, at],
            strict=True,
        )
    ]
    users, low, high = (
        float(part[-1, at])
        for part in (answer.established, answer.established_low, answer.established_high)
    )
    percent = [f"{100 * part / _online(answer)[at]:.0f}" for part in (users, low, high)]
    parts.append(
        f"{name} **{users_text(users)}**, {percent[0]}% of people online ({range_text(low, high)}, "
        f"{percent[1]} to {percent[2]}%)"
    )
    by = year(answer.times[-1])
    return f"In {by}, with the range of four runs in five in brackets: {'; '.join(parts)}."


def facts(scenario: Scenario, market: str) -> list[tuple[str, str, str | None]]:
    """Facts given from outside in a market at the start: label, value and further words."""
    where = load_markets(scenario.origin, round(4 * scenario["horizon"]))
    i = where.names.index(market)
    found = survey(market, where.times[0])
    said = found.messenger
    if not np.isnan(found.low):
        said = f"{said}, range {found.low:.0f} to {found.high:.0f}%"
    return [
        ("People online", users_text(where.addressable[0, i]), None),
        ("Worried", f"{100 * where.concern_then[0, i]:.0f}%", None),
        ("Strongest established messenger", f"{100 * where.incumbent[0, i]:.0f}%", said),
        ("Born in China", users_text(where.migrants[0, i]), None),
    ]


def evidence_of(scenario: Scenario, market: str) -> pd.DataFrame:
    """The rows of the starting table for a market, with who made their sources."""
    base = load_evidence().installed_base
    return _sourced(base[(base.origin == scenario.origin) & (base.market == market)])


def events_of(market: str) -> pd.DataFrame:
    """The dated events that concern a market, with who made their sources."""
    events = load_evidence().dated_events
    return _sourced(events[events.markets.str.split(";").map(lambda codes: market in codes)])


def _sourced(rows: pd.DataFrame) -> pd.DataFrame:
    makers = load_evidence().sources.set_index("source_id").producer
    listed = [
        "; ".join(dict.fromkeys(makers[one] for one in ids.split(";"))) for ids in rows.source_id
    ]
    return rows.assign(source=listed)


@lru_cache(maxsize=1)
def price_paid() -> tuple[float, float]:
    """What Facebook paid for WhatsApp (US$ billion) and for how many users (million)."""
    value = load_evidence().article.set_index("fact").value
    return float(value["Price paid for WhatsApp, February 2014"]), float(
        value["WhatsApp users at the time"]
    )
