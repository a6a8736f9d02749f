"""The parts of the page that show results: each is drawn again by itself when a slider moves."""

import streamlit as st

from pages.parts import cached, state, wording
from pages.parts.charts import fan


@st.fragment(key="results")
def show() -> None:
    """The answer as a sentence, what concern costs, what was changed; cards and chart."""
    state.shown("results")
    views = (st.session_state[key] for key in ("scenario", "outside", "band", "pin"))
    # all is worked out before anything is sent, and the chart, which takes longest to send, is sent
    # first: the browser then has all of it at once and draws once
    drawn = cached.drawn(*views)
    words = st.container()
    spec = cached.spec(fan.FANS[st.session_state.scale])
    chart = {**spec, "datasets": drawn.fan}
    st.vega_lite_chart(None, chart, key=st.session_state.scale, alt=wording.CHART)
    st.markdown(drawn.hindsight)
    with words:
        if st.session_state.title:
            st.markdown(f"**{wording.plain(st.session_state.title)}**")
        st.subheader(drawn.sentence, anchor=False)
        st.markdown(drawn.lines)
        if st.session_state.notes:
            said = [wording.from_outside(*note) for note in st.session_state.notes]
            st.warning("  \n".join(said))
            st.button("Dismiss the notes", on_click=state.dismiss)
        with st.container(horizontal=True):
            for card in drawn.cards:
                st.metric(**card, delta_color="off", border=True)
    state.write_address()  # last: the browser draws everything again when its address changes


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    state.shown("strip")
    answer = cached.answer(st.session_state.scenario, st.session_state.outside)
    st.bottom.markdown(wording.short(answer, st.session_state.band))
