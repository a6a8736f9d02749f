"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from model.analysis.bands import Answer
from model.analysis.market_facts import (
    at_the_start,
    events_of,
    evidence_of,
    market_names,
    people_online,
    survey,
)
from model.messengers import PLATFORMS
from model.number_text import range_text, users_text
from model.quarters import decimal_year
from model.scenario.scenario import Scenario
from pages.parts import cached, state, wording
from pages.parts.charts import cost, one_market, tiles

GIVEN = (
    "Established messengers: a survey share, given from outside the model; after the start it "
    "grows as the setting Growth of established messengers says, or as surveyed later where that "
    "event is switched on. Their names are those of the survey nearest to the year shown."
)
SHOW = {
    "lead": "Who leads, and WeChat's share",
    "cost": "Where concern costs most",
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
    elif view == "cost" and scenario["concern"] == 0:
        st.caption("Nobody worries in this scenario, so concern costs nothing anywhere.")
    elif view == "cost":
        rows = cost.cost_rows(answer)
        _chart("cost_bars", cost.cost_bars, rows, "WeChat users lost to concern by market")
        st.caption("WeChat users in each market if nobody worried, less those in this scenario.")
    else:
        _one_market(answer)


def _tiles(answer: Answer) -> None:
    """All markets as tiles; a click, or the box and its button, opens one."""
    rows, names = tiles.tile_rows(answer), market_names()
    by = wording.year(answer.times[-1])
    ahead = rows[rows.leader == "WeChat"].market.tolist()
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


def _one_market(answer: Answer) -> None:
    """One market: all platforms, what is given from outside, its evidence and events."""
    scenario = st.session_state.scenario
    names = market_names()
    market = st.selectbox(
        "Market", list(names), key="market", persist_state="session", format_func=names.get
    )
    rows = one_market.market_rows(answer, market)
    _chart("one_market", one_market.market_lines, rows, f"Users in {names[market]} by year")
    st.markdown(_ends(answer, market))
    st.caption(
        "Bars at the right end: four runs in five. The line of a single market is a mean: a few "
        "runs far above the others can lift it over the bar. Grey: the strongest established "
        f"messenger. {GIVEN}"
    )
    with st.container(horizontal=True):
        for label, value, note in _facts(scenario, market):
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    st.caption(
        "At the start of the projection. Strongest established messenger: % of people online. "
        "Worried: the share with an unfavourable view of China times the share worried about "
        "their data."
    )
    # lists, not tables: on a phone a table of texts is cut off
    st.markdown("**Where the start comes from**")
    for row in evidence_of(scenario, market).itertuples():
        span = range_text(row.low, row.high)
        users = f"{users_text(row.value_millions)} ({span}, {row.basis})"
        st.markdown(f"- **{row.platform} {users}**: {wording.plain(f'{row.note} ({row.source})')}")
    st.markdown("**Dated events**")
    events = events_of(market)
    for row in events.itertuples():
        text = wording.plain(f"{row.platform}: {row.summary} ({row.source})")
        st.markdown(f"- {row.date}, {text}")
    if events.empty:
        st.caption(f"None in the data concerns {names[market]} alone.")


def _ends(answer: Answer, market: str) -> str:
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
    percent = [f"{100 * part / people_online(answer)[i]:.0f}" for part in (users, low, high)]
    parts.append(
        f"{name} **{users_text(users)}**, {percent[0]}% of people online ({range_text(low, high)}, "
        f"{percent[1]} to {percent[2]}%)"
    )
    by = wording.year(answer.times[-1])
    return f"In {by}, with the range of four runs in five in brackets: {'; '.join(parts)}."


def _facts(scenario: Scenario, market: str) -> list[tuple[str, str, str | None]]:
    """Facts given from outside in a market at the start: label, value and note."""
    given, row = at_the_start(scenario, market), survey(market, decimal_year(scenario.origin))
    span = "" if pd.isna(row.low) else f", range {row.low:.0f} to {row.high:.0f}%"
    established, note = f"{100 * given['established']:.0f}%", f"{row.messenger}{span}"
    return [
        ("People online", users_text(given["online"]), None),
        ("Worried", f"{100 * given['worried']:.0f}%", None),
        ("Strongest established messenger", established, note),
        ("Born in China", users_text(given["born_in_china"]), None),
    ]
