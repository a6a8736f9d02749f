"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from model.analysis.bands import Answer
from model.analysis.market_facts import events_of, evidence_of, market_names
from pages.parts import cached, state
from pages.parts.charts import bar_charts, one_market, tiles
from pages.parts.wording import markets as words


def show() -> None:
    """One of the views of the markets."""
    scenario, answer = st.session_state.scenario, cached.answer_now(st.session_state.at)
    view = st.segmented_control(
        "Show",
        list(words.SHOW),
        key="show",
        persist_state="session",
        format_func=words.SHOW.get,
        required=True,
    )
    if view == "lead":
        _tiles(answer)
    elif view == "cost" and scenario["concern"] == 0:
        st.caption(words.NO_COST)
    elif view == "cost":
        rows = bar_charts.cost_rows(answer)
        _chart("cost_bars", bar_charts.cost_bars, rows, words.COST)
        st.caption(words.COST_NOTE)
    else:
        _one_market(answer)


def _tiles(answer: Answer) -> None:
    """All markets as tiles; a click, or the box and its button, opens one."""
    rows, names = tiles.tile_rows(answer), market_names()
    said = words.most_users(answer, rows)
    st.markdown(said)
    st.vega_lite_chart(
        rows,
        cached.spec(tiles.tile_map),
        key=state.mark_key("tiles"),
        alt=words.TILES.format(said=said),
        on_select=_open_tile,
        selection_mode="tile",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        market = st.selectbox(
            "A market", list(names), key="tile_market", format_func=names.get, width=300
        )
        st.button("Open this market", on_click=_open, args=(market,))
    st.caption(f"{words.TILES_NOTE} {words.GIVEN}")


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


def _one_market(answer: Answer) -> None:
    """One market: all platforms, what is given from outside, its evidence and events."""
    scenario = st.session_state.scenario
    names = market_names()
    market = st.selectbox(
        "Market", list(names), key="market", persist_state="session", format_func=names.get
    )
    rows = one_market.market_rows(answer, market)
    _chart("one_market", one_market.market_lines, rows, words.LINES.format(market=names[market]))
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
