"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.number_text import about, range_text, users_text
from pages.parts import cached, state, wording
from pages.parts.charts import market_charts, market_data, tiles

PRICE = (
    "At the price that Facebook paid for each user of WhatsApp in February 2014 (US$ {price:.0f}: "
    "US$ {paid:.0f} billion for some {users:.0f} million), WeChat's {count} would be worth "
    "**US$ {worth:.3g} billion**. A reading of that one price, not a valuation."
)
GIVEN = (
    "Established messengers: a survey share, given from outside the model; after the start it "
    "grows as the setting Growth of established messengers says, or as surveyed later where that "
    "event is switched on. Their names are those of the survey nearest to the year shown."
)
SHOW = {
    "lead": "Who leads, and WeChat's share",
    "years": "Users by year",
    "cost": "Where concern costs most",
    "table": "Table",
    "one": "One market",
}


def show() -> None:
    """One of the views of the markets."""
    scenario, answer = st.session_state.scenario, cached.answer_now(st.session_state.at)
    view = st.segmented_control(
        "Show", list(SHOW), key="show", persist_state="session", format_func=SHOW.get, required=True
    )
    if view == "lead":
        _tiles(answer)
    elif view == "years":
        platform = st.segmented_control(
            "Messenger", PLATFORMS, key="platform", persist_state="session", required=True
        )
        rows = market_data.users_by_year(answer, platform)
        _chart("market_map", market_charts.users_by_year, rows, "Users by market and year")
    elif view == "cost" and scenario["concern"] == 0:
        st.caption("Nobody worries in this scenario, so concern costs nothing anywhere.")
    elif view == "cost":
        rows = market_data.cost(answer)
        _chart("cost_bars", market_charts.cost_bars, rows, "WeChat users lost to concern by market")
        st.caption("WeChat users in each market if nobody worried, less those in this scenario.")
    elif view == "table":
        _table(answer)
    else:
        _one_market(answer)
    st.markdown(_worth(answer))


def _tiles(answer: Answer) -> None:
    """All markets as tiles; a click, or the box and its button, opens one."""
    rows, names = market_data.tiles(answer), market_data.names()
    by = wording.year(answer.times[-1])
    ahead = rows[rows.kind == "WeChat"].market.tolist()
    most = rows.loc[rows.users.idxmax()]
    said = (
        f"By {by} WeChat has most users in {most.market}: {users_text(most.users)}, "
        f"{most.share} of people online. It is the strongest messenger in "
        f"{', '.join(ahead) or 'no market'}."
    )
    st.markdown(said)
    st.vega_lite_chart(
        rows,
        cached.spec(tiles.tile_map),
        key=state.mark_key("tiles"),
        alt=f"Tiles of the markets, coloured by WeChat's share of people online. {said}",
        on_select=_open_tile,
        selection_mode="tile",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        market = st.selectbox(
            "A market", list(names), key="tile_market", format_func=names.get, width=300
        )
        st.button("Open this market", on_click=_open, args=(market,))
    st.caption(
        "Each tile is a market, on a wide screen roughly where it lies. Colour and number: "
        "WeChat's share of people online. Last line: the messenger that is strongest there. "
        "Dashed outline: WeChat's starting users are allocated from a total, not from a figure "
        f"for this market. Click a tile to open its market. {GIVEN}"
    )


def _open(market: str) -> None:
    """Show one market."""
    st.session_state.market, st.session_state.show = market, "one"


def _open_tile() -> None:
    """Show the market whose tile was clicked."""
    if tile := state.clicked("tiles", "tile"):
        _open(tile["code"])


def _chart(
    key: str, make: Callable[[], alt.TopLevelMixin], rows: pd.DataFrame, description: str
) -> None:
    """A chart, with a description for screen readers."""
    st.vega_lite_chart(rows, cached.spec(make), key=key, alt=description)


def _table(answer: Answer) -> None:
    """All markets, to sort by any column and to filter by region."""
    frame = market_data.table(answer).drop(columns="Leader")
    regions = st.multiselect(
        "Regions", sorted(frame.Region.unique()), key="regions", persist_state="session"
    )
    rows = frame[frame.Region.isin(regions)] if regions else frame
    st.dataframe(rows, column_config=market_data.COLUMNS, hide_index=True)
    st.caption(GIVEN)


def _one_market(answer: Answer) -> None:
    """One market: all platforms, what is given from outside, its evidence and events."""
    scenario = st.session_state.scenario
    names = market_data.names()
    market = st.selectbox(
        "Market", list(names), key="market", persist_state="session", format_func=names.get
    )
    rows = market_data.one_market(answer, market)
    _chart("one_market", market_charts.one_market, rows, f"Users in {names[market]} by year")
    st.markdown(market_data.ends(answer, market))
    st.caption(
        "Bars at the right end: four runs in five. The line of a single market is a mean: a few "
        "runs far above the others can lift it over the bar. Grey: the strongest established "
        f"messenger. {GIVEN}"
    )
    with st.container(horizontal=True):
        for label, value, note in market_data.facts(scenario, market):
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    st.caption(
        "At the start of the projection. Strongest established messenger: % of people online. "
        "Worried: the share with an unfavourable view of China times the share worried about "
        "their data."
    )
    # lists, not tables: on a phone a table of texts is cut off
    st.markdown("**Where the start comes from**")
    for row in market_data.evidence_of(scenario, market).itertuples():
        span = range_text(row.low, row.high)
        users = f"{users_text(row.value_millions)} ({span}, {row.basis})"
        st.markdown(f"- **{row.platform} {users}**: {wording.plain(f'{row.note} ({row.source})')}")
    st.markdown("**Dated events**")
    events = market_data.events_of(market)
    for row in events.itertuples():
        text = wording.plain(f"{row.platform}: {row.summary} ({row.source})")
        st.markdown(f"- {row.date}, {text}")
    if events.empty:
        st.caption(f"None in the data concerns {names[market]} alone.")


def _worth(answer: Answer) -> str:
    """WeChat's users at the price that Facebook paid for each of WhatsApp's, in a sentence."""
    paid, users = market_data.price_paid()
    count, price = answer.path[-1, 0], 1000 * paid / users
    return PRICE.format(
        price=price, paid=paid, users=users, count=about(count), worth=price * count / 1000
    )
