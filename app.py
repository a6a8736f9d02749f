"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from pages.parts import address, controls, results, state
from pages.parts.questions import menu, step_by_step
from pages.parts.views import share
from pages.parts.wording import page

st.set_page_config(page.TITLE, page_icon="💬", layout="wide")
phone, embedded = state.is_phone(), st.context.is_embedded

results.reconnect()
with results.refusal():
    address.begin()
    if not phone and not embedded:
        with st.sidebar:
            controls.show()

with st.container(gap="xsmall"):
    if embedded:
        results.show()
        st.page_link(share.full_link(), label=page.FULL_PAGE)
        st.stop()
    with st.container(gap="xxsmall"):
        st.title(page.TITLE, anchor=False)
        st.markdown(f":small[{page.subtitle(st.session_state.scenario)}]")
    results.notes()
    step_by_step.banner()
    results.show()

if phone:
    controls.main()
    with st.expander("More settings"):
        controls.scenario()
        controls.others()
menu.show()
menu.legend()
address.reading_links()
if phone:
    results.strip()
address.write()
