"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from pages.parts import address, controls, follow, results, stage, state, strip, to_top
from pages.parts.views import share, story
from pages.parts.wording import page

st.set_page_config(page.TITLE, page_icon="💬", layout="wide")
phone, embedded = state.is_phone(), st.context.is_embedded

results.reconnect()
with results.refusal():
    address.begin()
    story.begin()
    if not phone and not embedded:
        with st.sidebar:
            controls.show()

with st.container(gap=6):
    if embedded:
        results.show()
        stage.embedded()
        st.page_link(share.full_link(), label=page.FULL_PAGE)
        st.stop()
    # All places are there before any is filled: a fragment that is drawn by itself then has its
    # own, also if the run before it was cut short, and whatever stands above it.
    parts = (
        *(results.title, results.notes, results.show, strip.show),
        *(stage.show, follow.show, to_top.show, results.foot),
    )
    for place, part in [(st.container(gap=6), part) for part in parts]:
        with place:
            part()

if phone and not state.guess_is_asked():
    with st.bottom:
        controls.on_phone()
address.write()
st.session_state.is_whole = True
