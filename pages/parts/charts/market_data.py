"""Rows of the market charts and tables, and the facts of one market."""

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.engine.markets import load_markets
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.number_text import range_text, users_text
from model.quarters import quarter_name
from model.scenario.scenario import Scenario
from pages.parts.charts.fan_data import apart
from pages.parts.charts.theme import ESTABLISHED
from pages.parts.wording import year

SHADES = (1.0, 2.0, 5.0, 10.0, 20.0)  # least WeChat share of each darker class of tiles, %
NARROW_COLUMNS = 3  # tiles side by side on a phone
SHORT_NAMES = {
    "United States": "US",
    "United Kingdom": "UK",
    "Rest of the world": "Rest of world",
}
SHORT_LEADERS = {
    "Facebook Messenger": "Messenger",
    "Facebook Messenger / WhatsApp": "Messenger, WhatsApp",
    "Facebook Messenger / Viber": "Messenger, Viber",
}
COLUMNS = {
    **{name: {"label": f"{name}, million", "type": "number"} for name in PLATFORMS},
    "Established": {"label": "Strongest established"},
    "EstablishedUsers": {"label": "Established, million", "type": "number"},
    "EstablishedShare": {"label": "Established, % online", "type": "number"},
    "Share": {"label": "WeChat, % online", "type": "number"},
    "Lost": {"label": "Lost to concern, million", "type": "number"},
}


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
    """One row a market at the end, most WeChat users first.

    Users, EstablishedUsers and Lost in million people, shares in % of people online. The strongest
    established messenger has the name of the survey nearest to the end. Leader: a platform or
    ESTABLISHED.
    """
    known, online = load_evidence().markets.set_index("market"), _online(answer)
    frame = pd.DataFrame(answer.markets[-1].T, index=list(answer.names), columns=list(PLATFORMS))
    frame["EstablishedUsers"] = answer.established[-1]
    most = frame.idxmax(axis=1)
    frame["EstablishedShare"] = 100 * frame.EstablishedUsers / online
    frame["Share"] = 100 * frame.WeChat / online
    frame["Lost"] = answer.lost
    frame = frame.round(2)
    established = [survey(market, answer.times[-1]).messenger for market in frame.index]
    is_platform = most != "EstablishedUsers"
    frame.insert(0, "Market", known.name[frame.index])
    frame.insert(1, "Most users", most.where(is_platform, established))
    frame.insert(frame.columns.get_loc("EstablishedUsers"), "Established", established)
    frame["Leader"] = most.where(is_platform, ESTABLISHED)
    frame["Region"] = known.region[frame.index]
    return frame.sort_values("WeChat", ascending=False)


def tiles(answer: Answer) -> pd.DataFrame:
    """Rows for tiles.tile_map: one a market, with its places, WeChat's share and who leads.

    shade : class of the share;  basis : whether WeChat's start is allocated or from a figure
    narrow_column, narrow_row : its place on a phone, most WeChat users first
    """
    frame = table(answer)
    known = load_evidence().markets.set_index("market").loc[frame.index]
    base = load_evidence().installed_base
    base = base[(base.origin == quarter_name(answer.times[0])) & (base.platform == "WeChat")]
    basis = base.set_index("market").basis[frame.index]
    return pd.DataFrame(
        {
            "code": frame.index,
            "market": frame.Market,
            "name": frame.Market.replace(SHORT_NAMES),
            "column": known.tile_column,
            "row": known.tile_row,
            "narrow_column": np.arange(len(frame)) % NARROW_COLUMNS,
            "narrow_row": np.arange(len(frame)) // NARROW_COLUMNS,
            "kind": frame.Leader,
            "leader": frame["Most users"],
            "leader_name": frame["Most users"].replace(SHORT_LEADERS),
            "share": [share_text(share) for share in frame.Share],
            "shade": np.digitize(frame.Share, SHADES),
            "basis": np.where(basis == "allocated", "allocated", "from a figure"),
            "users": frame.WeChat,
        }
    )


def share_text(share: float) -> str:
    """A share of people online, in %: "0.4%", "23%", and "0%" below 0.05."""
    return f"{share:.0f}%" if share >= 9.95 or share < 0.05 else f"{share:.1f}%"


def users_by_year(answer: Answer, platform: str) -> pd.DataFrame:
    """Rows for market_charts.users_by_year: one platform's users by market and year."""
    users = answer.markets[::4, PLATFORMS.index(platform)]
    order = np.argsort(-users[-1], kind="stable")
    labels = [names()[answer.names[i]] for i in order]
    frame = pd.DataFrame(users[:, order].round(3), columns=labels)
    frame.insert(0, "year", [int(time - 0.25) for time in answer.times[::4]])
    long = frame.melt("year", var_name="market", value_name="users")
    return long.assign(rank=long.market.map({name: rank for rank, name in enumerate(labels)}))


def cost(answer: Answer) -> pd.DataFrame:
    """Rows for market_charts.cost_bars: WeChat users lost to concern, most first."""
    frame = table(answer).sort_values("Lost", ascending=False)
    labels = [users_text(value) if value >= 0.005 else "none" for value in frame.Lost]
    return pd.DataFrame({"market": frame.Market, "lost": frame.Lost, "label": labels})


def one_market(answer: Answer, market: str, scale: str = "stretched") -> pd.DataFrame:
    """Rows for market_charts.one_market: users of each messenger by quarter in one market.

    low and high: the 80% band of the established messenger, and of the others at the end.
    """
    i, size = answer.names.index(market), answer.times.size
    name = survey(market, answer.times[-1]).messenger
    kinds = [*PLATFORMS, ESTABLISHED]
    users = np.vstack([answer.markets[:, :, i].T, answer.established[:, i]])
    low, high = np.full_like(users, np.nan), np.full_like(users, np.nan)
    low[:-1, -1], high[:-1, -1] = answer.market_low[:, i], answer.market_high[:, i]
    low[-1], high[-1] = answer.established_low[:, i], answer.established_high[:, i]
    # labels keep apart on the scale on which they are drawn
    power = 0.5 if scale == "stretched" else 1.0
    top = max(np.nanmax(high), users.max(), 1e-9) ** power
    places = apart(users[:, -1] ** power, 0.08 * top)
    label_at = np.full_like(users, np.nan)
    label_at[:, -1] = (places - max(places.max() - top, 0)).clip(0) ** (1 / power)
    return pd.DataFrame(
        {
            "year": np.tile(answer.times, len(kinds)),
            "quarter": [quarter_name(time) for time in answer.times] * len(kinds),
            "kind": np.repeat(kinds, size),
            "name": np.repeat([*PLATFORMS, name], size),
            "users": users.ravel().round(4),
            "low": low.ravel().round(4),
            "high": high.ravel().round(4),
            "label_at": label_at.ravel().round(4),
        }
    )


def ends(answer: Answer, market: str) -> str:
    """Users of each messenger in a market at the end, with their 80% ranges, in a sentence."""
    i, name = answer.names.index(market), survey(market, answer.times[-1]).messenger
    parts = [
        f"{platform} **{users_text(answer.markets[-1, k, i])}** "
        f"({range_text(answer.market_low[k, i], answer.market_high[k, i])})"
        for k, platform in enumerate(PLATFORMS)
    ]
    users, low, high = (
        float(part[-1, i])
        for part in (answer.established, answer.established_low, answer.established_high)
    )
    percent = [f"{100 * part / _online(answer)[i]:.0f}" for part in (users, low, high)]
    parts.append(
        f"{name} **{users_text(users)}**, {percent[0]}% of people online ({range_text(low, high)}, "
        f"{percent[1]} to {percent[2]}%)"
    )
    by = year(answer.times[-1])
    return f"In {by}, with the range of four runs in five in brackets: {'; '.join(parts)}."


def facts(scenario: Scenario, market: str) -> list[tuple[str, str, str | None]]:
    """Facts given from outside in a market at the start: label, value and note."""
    markets = load_markets(scenario.origin, round(4 * scenario["horizon"]))
    i = markets.names.index(market)
    row = survey(market, markets.times[0])
    note = row.messenger
    if not np.isnan(row.low):
        note = f"{note}, range {row.low:.0f} to {row.high:.0f}%"
    return [
        ("People online", users_text(markets.addressable[0, i]), None),
        ("Worried", f"{100 * markets.concern_then[0, i]:.0f}%", None),
        ("Strongest established messenger", f"{100 * markets.incumbent[0, i]:.0f}%", note),
        ("Born in China", users_text(markets.migrants[0, i]), None),
    ]


def evidence_of(scenario: Scenario, market: str) -> pd.DataFrame:
    """The rows of the starting table for a market, with the producers of their sources."""
    base = load_evidence().installed_base
    return _sourced(base[(base.origin == scenario.origin) & (base.market == market)])


def events_of(market: str) -> pd.DataFrame:
    """The dated events that concern a market, with the producers of their sources."""
    events = load_evidence().dated_events
    return _sourced(events[events.markets.str.split(";").map(lambda codes: market in codes)])


def _sourced(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with a column source: the producers of their sources, each once."""
    producers = load_evidence().sources.set_index("source_id").producer
    source = [
        "; ".join(dict.fromkeys(producers[key] for key in keys.split(";")))
        for keys in rows.source_id
    ]
    return rows.assign(source=source)


def price_paid() -> tuple[float, float]:
    """The price of WhatsApp (US$ billion) and its users (million) when Facebook bought it."""
    value = load_evidence().article.set_index("fact").value
    return float(value["Price paid for WhatsApp, February 2014"]), float(
        value["WhatsApp users at the time"]
    )
