"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from model.quarters import decimal_year, month_text
from model.scenario.scenario import later_quarters
from pages.parts import address, controls, results, state, wording
from pages.parts.questions import menu, sharing, step_by_step

st.set_page_config("How far could WeChat go abroad?", page_icon="💬", layout="wide")
phone, embedded = state.is_phone(), st.context.is_embedded

results.reconnect()
with results.refusal():
    address.begin()
    if not phone and not embedded:
        with st.sidebar:
            controls.show()

with st.container(gap="xxsmall"):
    if embedded:
        results.show()
        st.page_link(sharing.full_link(), label="Change the settings on the full page")
        st.stop()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("How far could WeChat go abroad?", anchor=False)
        st.selectbox(
            "Answer for",
            later_quarters(st.session_state.scenario)[:-1],
            key="at",
            index=None,
            persist_state="session",
            format_func=lambda quarter: month_text(decimal_year(quarter)),
            placeholder="Answer for the end",
            label_visibility="collapsed",
            width=200,
        )
    st.markdown(f":small[{wording.subtitle(st.session_state.scenario)}]")
    results.notes()
    step_by_step.banner()
    results.show()

if phone:
    controls.main()
    with st.expander("More settings"):
        controls.scenario()
        controls.others()
menu.show()
address.reading_links()
if phone:
    results.strip()
address.write()
