"""Facts of single markets: users at the end of an answer, and what is given from outside."""

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.engine.markets import load_markets, scenario_markets
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import Scenario


def market_names() -> dict[str, str]:
    """Names of the markets by code, in the order of the data."""
    known = load_evidence().markets
    return dict(zip(known.market, known.name, strict=True))


def people_online(answer: Answer) -> np.ndarray:
    """Million people online at the end, one number a market."""
    return scenario_markets(answer.scenario).addressable[-1]


def survey(market: str, time: float) -> pd.Series:
    """The row of data/incumbents.csv nearest to a time (decimal year), the earlier of two."""
    rows = load_evidence().incumbents
    rows = rows[rows.market == market].sort_values("year")
    return rows.iloc[(rows.year - int(quarter_name(time)[:4])).abs().argmin()]


def market_table(answer: Answer) -> pd.DataFrame:
    """One row a market at the end, by code, most WeChat users first.

    columns : name;  WeChat, LINE, KakaoTalk, established, lost (to concern), million people;
        share, established_share (% of people online);  messenger (the strongest established one in
        the survey nearest to the end);  strongest (of all, by name)
    """
    online, ends = people_online(answer), answer.market_ends.line
    frame = pd.DataFrame(ends.T, index=list(answer.names), columns=list(PLATFORMS))
    frame["established"] = answer.established.line
    most = frame.idxmax(axis=1)
    frame["lost"] = answer.lost
    frame = frame.round(2)
    # not rounded: what shows them does, and a share rounded twice may be one digit off
    frame["share"] = 100 * ends[0] / online
    frame["established_share"] = 100 * answer.established.line / online
    frame["name"] = frame.index.map(market_names())
    frame["messenger"] = [survey(market, answer.times[-1]).messenger for market in frame.index]
    frame["strongest"] = most.where(most != "established", frame.messenger)
    return frame.sort_values("WeChat", ascending=False)


def at_the_start(scenario: Scenario, market: str) -> dict[str, float]:
    """Conditions given from outside in a market at the start.

    online, born_in_china : million people;  worried, established : shares (0-1), the latter of the
    strongest established messenger
    """
    markets = load_markets(scenario.origin, 1)
    i = markets.names.index(market)
    given = {
        "online": markets.addressable,
        "worried": markets.concern_then,
        "established": markets.incumbent,
        "born_in_china": markets.migrants,
    }
    return {name: float(values[0, i]) for name, values in given.items()}


def evidence_of(scenario: Scenario, market: str) -> pd.DataFrame:
    """The rows of the starting table for a market, with the producers of their sources."""
    base = load_evidence().installed_base
    return _with_source(base[(base.origin == scenario.origin) & (base.market == market)])


def events_of(market: str) -> pd.DataFrame:
    """The dated events that concern a market, with the producers of their sources."""
    events = load_evidence().dated_events
    return _with_source(events[events.markets.str.split(";").map(lambda codes: market in codes)])


def _with_source(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with a column source: the producers of their sources, each once."""
    producers = load_evidence().sources.set_index("source_id").producer
    source = [
        "; ".join(dict.fromkeys(producers[key] for key in keys.split(";")))
        for keys in rows.source_id
    ]
    return rows.assign(source=source)
