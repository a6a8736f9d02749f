"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.market_facts import events_of, evidence_of, market_names
from model.scenario.scenario import Scenario
from pages.parts import cached, state
from pages.parts.charts import one_market, tiles
from pages.parts.wording import markets as words


def show(scenario: Scenario, answer: Answer) -> None:
    """The map of the markets, or one of them in its place."""
    if st.session_state.market:
        _one_market(scenario, answer)
        return
    by = "cost" if st.session_state.show == "cost" else "share"
    rows = tiles.tile_rows(answer, by)
    finding = words.finding(answer, rows) if by == "share" else words.cost_finding(answer)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(finding, width=640)
        st.segmented_control(
            "Colour",
            list(words.SHOW),
            key="show",
            persist_state="session",
            **state.confirmed("show"),
            format_func=words.SHOW.get,
            label_visibility="collapsed",
            required=True,
        )
    st.vega_lite_chart(
        rows,
        cached.spec(tiles.tile_map, by=by, phone=state.is_phone()),
        key=state.mark_key("tiles"),
        alt=words.TILES.format(finding=finding),
        on_select=_open_tile,
        selection_mode="tile",
    )
    st.caption(words.note(answer) if by == "share" else words.cost_note(answer))


def _open_tile() -> None:
    """Show the market whose tile was clicked."""
    if tile := state.clicked("tiles", "tile"):
        st.session_state.market = tile["code"]


def _close() -> None:
    """Show all markets again."""
    st.session_state.market = None


def _one_market(scenario: Scenario, answer: Answer) -> None:
    """One market in the place of the map: a sentence, all platforms, and the ends of its ranges."""
    names = market_names()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button("All markets", on_click=_close)
        market = st.selectbox(
            "Market",
            list(names),
            key="market",
            persist_state="session",
            **state.confirmed("market"),
            format_func=names.get,
            label_visibility="collapsed",
            width=260,
        )
        with st.popover(words.BEHIND, type="tertiary"):
            _behind(scenario, answer, market)
    st.markdown(words.market_finding(answer, market))
    rows, spec = one_market.market_rows(answer, market), cached.spec(one_market.market_lines)
    alt = words.LINES.format(market=names[market])
    st.vega_lite_chart(rows, spec, key="one_market", alt=alt)
    st.caption(words.ends(answer, market))


def _behind(scenario: Scenario, answer: Answer, market: str) -> None:
    """The figures given from outside in a market, where its start comes from, and its events."""
    st.caption(words.LINES_NOTE)
    for line in words.facts(scenario, market):
        st.markdown(line)
    # lists, not tables: on a phone a table of texts is cut off
    st.markdown("**Where the start comes from**")
    for row in evidence_of(scenario, market).itertuples():
        st.markdown(words.start_of(row))
    events = events_of(market)
    if not events.empty:
        st.markdown("**Dated events**")
    for row in events.itertuples():
        st.markdown(words.event(row))
