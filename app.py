"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from pages.parts import cached, controls, results, state, wording
from pages.parts.questions import menu

st.set_page_config("How far could WeChat go abroad?", page_icon="💬", layout="wide")
phone = "Mobi" in (st.context.headers.get("User-Agent") or "")

with cached.refusal():
    scenario = state.begin()
    (st.header if phone else st.title)("How far could WeChat go abroad?")
    # a sidebar covers most of a phone and hides the answer
    with st.expander("Change the settings") if phone else st.sidebar:
        scenario = controls.show(scenario)
    state.keep(scenario)
    results.show()

with st.container(horizontal=True):
    views = state.VIEWS
    st.segmented_control(
        "Count users",
        views["outside"],
        key="outside",
        persist_state="session",
        format_func=wording.PLACE.get,
        required=True,
        help=wording.COUNT,
    )
    st.segmented_control(
        "Band",
        views["band"],
        key="band",
        persist_state="session",
        format_func=wording.BAND.get,
        required=True,
    )
    st.segmented_control(
        "Scale",
        views["scale"],
        key="scale",
        persist_state="session",
        required=True,
        help=wording.SCALE,
    )
st.caption(wording.LEGEND)
menu.show()

with st.container(horizontal=True):
    st.page_link("pages/evidence.py", label="Sources and figures")
    st.page_link("pages/method.py", label="How this works, and what it cannot tell you")
if phone:
    results.strip()
state.write_address()
