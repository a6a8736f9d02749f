"""The parts of the page that show results: each is drawn again by itself when a slider moves."""

from __future__ import annotations

import streamlit as st

from model import questions
from pages.parts import cached, charts, frames, headline, state


@st.fragment(key="results")
def results() -> None:
    """The answer as a sentence, what concern costs, what was changed; cards and chart."""
    state.shown("results")
    scenario, outside, band = (st.session_state[key] for key in ("scenario", "outside", "band"))
    answer = cached.answer(scenario, outside)
    pinned = st.session_state.pin
    against = cached.comparison(scenario, pinned, outside) if pinned else None
    concern = questions.bearable(answer, scenario)
    # all is worked out before anything is sent, so that the browser draws once
    frame = frames.fan(answer, outside, band, cached.answer(pinned, outside) if pinned else None)
    lines = [
        f"#### {headline.sentence(answer, outside, band)}",
        headline.cost(answer, scenario),
        f":small[:gray[{headline.limits(band, cached.coverage())}]]",
        headline.against(against, pinned) if against and against.times.size else "",
        headline.changes(scenario),
    ]
    if st.session_state.title:
        lines.insert(0, f"**{headline.plain(st.session_state.title)}**")
    words = st.container()
    # the chart takes longest to make: sent first, the browser can draw all of it in one go
    st.vega_lite_chart(
        frame,
        cached.spec(charts.FANS[st.session_state.scale]),
        key=st.session_state.scale,
        alt=headline.CHART,
    )
    st.markdown(headline.in_hindsight(answer, outside))
    with words:
        st.markdown("\n\n".join(lines))
        if st.session_state.notes:
            said = [headline.from_outside(*note) for note in st.session_state.notes]
            st.warning("  \n".join(said))
            st.button("Dismiss the notes", on_click=state.dismiss)
        with st.container(horizontal=True):
            for card in headline.cards(answer, against, concern):
                st.metric(**card, delta_color="off", border=True)
    state.write_address()  # last: the browser draws everything again when its address changes


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    state.shown("strip")
    answer = cached.answer(st.session_state.scenario, st.session_state.outside)
    st.bottom.markdown(headline.short(answer, st.session_state.band))
