"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.market_facts import events_of, evidence_of, market_names
from model.scenario.scenario import Scenario
from pages.parts import cached, state
from pages.parts.charts import one_market, tiles
from pages.parts.wording import markets as words


def show(scenario: Scenario, answer: Answer) -> None:
    """One of the views of the markets."""
    view = st.segmented_control(
        "Show",
        list(words.SHOW),
        key="show",
        persist_state="session",
        format_func=words.SHOW.get,
        required=True,
    )
    if view == "lead":
        _tiles(answer, "share")
    elif view == "cost" and scenario["concern"] == 0:
        st.caption(words.NO_COST)
    elif view == "cost":
        _tiles(answer, "cost")
        st.caption(f"{words.COST_NOTE} {words.unplaced_cost(answer)}")
    else:
        _one_market(scenario, answer)


def _tiles(answer: Answer, by: str) -> None:
    """All markets as tiles; a click opens one."""
    rows = tiles.tile_rows(answer, by)
    finding = words.most_users(answer, rows)
    st.markdown(finding)
    st.vega_lite_chart(
        rows,
        cached.spec(tiles.TILES[by, state.is_phone()]),
        key=state.mark_key("tiles"),
        alt=words.TILES.format(finding=finding),
        on_select=_open_tile,
        selection_mode="tile",
    )
    if by == "share":
        st.caption(f"{words.unplaced(answer)} {words.TILES_NOTE} {words.GIVEN}")


def _open_tile() -> None:
    """Show the market whose tile was clicked."""
    if tile := state.clicked("tiles", "tile"):
        st.session_state.market, st.session_state.show = tile["code"], "one"


def _one_market(scenario: Scenario, answer: Answer) -> None:
    """One market: all platforms, what is given from outside, its evidence and events."""
    names = market_names()
    market = st.selectbox(
        "Market", list(names), key="market", persist_state="session", format_func=names.get
    )
    rows, spec = one_market.market_rows(answer, market), cached.spec(one_market.market_lines)
    alt = words.LINES.format(market=names[market])
    st.vega_lite_chart(rows, spec, key="one_market", alt=alt)
    if doubt := words.unsure(answer, market):
        st.markdown(doubt)
    if parts := words.two_states(answer, market):
        st.markdown(parts)
    st.markdown(words.ends(answer, market))
    st.caption(f"{words.LINES_NOTE} {words.GIVEN}")
    with st.container(horizontal=True):
        for label, value, note in words.facts(scenario, market):
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    st.caption(words.FACTS_NOTE)
    # lists, not tables: on a phone a table of texts is cut off
    st.markdown("**Where the start comes from**")
    for row in evidence_of(scenario, market).itertuples():
        st.markdown(words.start_of(row))
    st.markdown("**Dated events**")
    events = events_of(market)
    for row in events.itertuples():
        st.markdown(words.event(row))
    if events.empty:
        st.caption(words.NO_EVENT.format(market=names[market]))
