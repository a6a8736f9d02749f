"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from pages.parts import address, controls, results, state, wording
from pages.parts.questions import menu

st.set_page_config("How far could WeChat go abroad?", page_icon="💬", layout="wide")
phone = state.is_phone()

with results.refusal():
    address.begin()
    (st.header if phone else st.title)("How far could WeChat go abroad?")
    # a sidebar covers most of a phone and hides the answer
    with st.expander("Change the settings") if phone else st.sidebar:
        controls.show()
    results.show()

with st.container(horizontal=True):
    for name, label, labels, about in wording.CHOICES:
        st.segmented_control(
            label,
            address.VIEWS[name],
            key=name,
            persist_state="session",
            format_func=lambda value, labels=labels: labels.get(value, value),
            required=True,
            help=about,
        )
st.caption(wording.LEGEND)
menu.show()

with st.container(horizontal=True):
    st.page_link("pages/evidence.py", label="Sources and figures")
    st.page_link("pages/method.py", label="How this works, and what it cannot tell you")
if phone:
    results.strip()
address.write()
