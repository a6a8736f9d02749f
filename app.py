"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from pages.parts import address, controls, follow, results, stage, state, strip, to_top
from pages.parts.views import share, story
from pages.parts.wording import page

st.set_page_config(page.TITLE, page_icon="💬", layout="wide")


@st.fragment
def live() -> None:
    """All that a slider moves, drawn by itself; what stands above and beside it stays."""
    if state.controls_are_behind():
        st.rerun()
    with st.container(gap=6):
        with results.refusal(ends=False), stage.turn():
            results.show()
            if st.context.is_embedded:
                stage.embedded()
                return
            strip.show()
            place = st.container(gap=6)
            results.foot()  # before the stage: it would look pale while a slow view is worked out
            with place:
                stage.show()
        follow.show()  # in any case: without it no slider moves anything
    address.write()


results.reconnect()
with results.refusal():
    address.begin()
    story.begin()
    state.take_sliders()
    st.session_state.controlled = st.session_state.scenario
    if not state.is_phone() and not st.context.is_embedded:
        with st.sidebar:
            controls.show()
if st.context.is_embedded:
    live()
    st.page_link(share.full_link(), label=page.FULL_PAGE)
    st.stop()
with st.container(gap=6):
    results.title()
    results.notes()
    to_top.show()
    live()
if state.is_phone() and not state.guess_is_asked():
    with st.bottom:
        controls.on_phone()
