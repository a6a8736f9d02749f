"""The fragments that show results; each is drawn again by itself when a slider moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.evidence.reader import DataError
from pages.parts import address, cached, state, wording
from pages.parts.charts import fan, fan_data


@contextmanager
def refusal() -> Iterator[None]:
    """Stop with one sentence in place of results that bad data would give."""
    try:
        yield
    except DataError as error:
        st.error(f"The page cannot be shown, because its data are not in order: {error}.")
        st.stop()


@st.fragment(key="results")
def show() -> None:
    """The answer as a sentence, the cost of concern, the changes; then cards and chart."""
    session = st.session_state
    scenario, outside, band, pinned = session.scenario, session.outside, session.band, session.pin
    answer = cached.answer(scenario, outside)
    other = cached.answer(pinned, outside) if pinned else None
    against = cached.comparison(scenario, pinned, outside) if pinned else None
    datasets = fan_data.fan(answer, outside, band, other, fixed=cached.fixed_datasets)
    hindsight = wording.in_hindsight(answer, outside)
    lines = [
        wording.cost(answer, scenario),
        f":small[:gray[{wording.limits(band, cached.coverage())}]]",
        wording.against(against, pinned) if against and against.times.size else "",
        wording.changes(scenario),
    ]
    # everything is computed before anything is sent, and the chart, which takes longest to send, is
    # sent first: the browser then has all of it at once and draws once
    above = st.container()
    chart = {**cached.spec(fan.FANS[session.scale]), "datasets": datasets}
    st.vega_lite_chart(None, chart, key=session.scale, alt=wording.CHART)
    st.markdown(hindsight)
    with above:
        if session.title:
            st.markdown(f"**{wording.plain(session.title)}**")
        st.subheader(wording.sentence(answer, outside, band), anchor=False)
        st.markdown("\n\n".join(lines))
        _notes()
        with st.container(horizontal=True):
            for card in wording.cards(answer, against, scenario):
                st.metric(**card, delta_color="off", border=True)
    address.write()  # last: the browser draws everything again when its address changes


def _notes() -> None:
    """The notes on a link or file, until they are dismissed."""
    if notes := st.session_state.notes:
        st.warning("  \n".join(wording.from_outside(place, note) for place, note in notes))
        st.button("Dismiss the notes", on_click=state.dismiss)


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    answer = cached.answer(st.session_state.scenario, st.session_state.outside)
    st.bottom.markdown(wording.short(answer, st.session_state.band))
