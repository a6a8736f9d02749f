"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from model import history
from pages.parts import cached, controls, frames, headline, state

st.set_page_config("How far could WeChat go abroad?", page_icon="💬", layout="wide")
phone = "Mobi" in (st.context.headers.get("User-Agent") or "")

with cached.refusal():
    scenario = state.begin()
    (st.header if phone else st.title)("How far could WeChat go abroad?")
    top = st.container()
    # a sidebar covers most of a phone and hides the answer
    with st.expander("Change the settings") if phone else st.sidebar:
        scenario = controls.controls(scenario)
    state.keep(scenario)
    outside, band = st.session_state.outside, st.session_state.band
    answer = cached.answer(scenario, outside)

with top:
    st.markdown(f"#### {headline.sentence(answer, outside, band)}")
    st.markdown(headline.cost(answer, scenario))
    st.caption(headline.limits(band, cached.coverage()))
    for note in st.session_state.notes:
        st.warning(headline.from_link(note))
    if changes := headline.changes(scenario):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(changes)
            st.button("Undo", on_click=state.undo, shortcut="Ctrl+Z")
            st.button("Reset", on_click=state.reset, shortcut="Ctrl+Shift+Z")

with st.container(horizontal=True):
    for card in headline.cards(answer):
        st.metric(**card, border=True)
with st.container(horizontal=True):
    views = state.VIEWS
    st.segmented_control(
        "Count users",
        views["outside"],
        key="outside",
        format_func=headline.PLACE.get,
        required=True,
        help=headline.COUNT,
    )
    st.segmented_control(
        "Band", views["band"], key="band", format_func=headline.BAND.get, required=True
    )
    st.segmented_control("Scale", views["scale"], key="scale", required=True, help=headline.SCALE)
st.vega_lite_chart(
    frames.fan(answer, cached.observed(outside), band),
    cached.spec(headline.CHARTS[st.session_state.scale]),
    key=st.session_state.scale,
    alt=headline.CHART,
)
st.caption(headline.LEGEND)
st.markdown(headline.in_hindsight(history.hindsight(answer, outside)))

markets = st.expander("Users by market", key="fold_markets", on_change="rerun")
if markets.open:
    with markets:
        st.segmented_control("Messenger", state.VIEWS["platform"], key="platform", required=True)
        st.vega_lite_chart(
            frames.market_years(answer, st.session_state.platform),
            cached.spec("market_map"),
            key="market_map",
            alt=f"{st.session_state.platform} users by market and year",
        )
        st.dataframe(
            frames.market_table(answer), column_config=frames.TABLE_COLUMNS, hide_index=True
        )

with st.container(horizontal=True):
    st.page_link("pages/evidence.py", label="Sources and figures")
    st.page_link("pages/method.py", label="How this works, and what it cannot tell you")
if phone:
    st.bottom.markdown(headline.short(answer))
state.write_address(scenario)
