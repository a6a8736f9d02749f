"""The fragments that show results; each is drawn again by itself when a slider moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.evidence.reader import DataError
from pages.parts import address, cached, live, state, wording
from pages.parts.charts import fan, fan_data


@contextmanager
def refusal() -> Iterator[None]:
    """Stop with one sentence in place of results that bad data would give."""
    try:
        yield
    except DataError as error:
        st.error(f"The page cannot be shown, because its data are not in order: {error}.")
        st.stop()


@st.fragment(run_every=86_400)  # seconds
def reconnect() -> None:
    """Nothing; but a browser that has such a fragment runs the page again on a new server.

    Without it the first slider or button after a restart would be lost.
    """


@st.fragment(key="results")
def show() -> None:
    """The answer as text, and the chart; of one session at a time, see `cached`."""
    with cached.COMPUTING:
        _show()


def _show() -> None:
    session = st.session_state
    scenario, outside, band, pinned = session.scenario, session.outside, session.band, session.pin
    answer = cached.answer_now()
    other = cached.answer(pinned, outside) if pinned else None
    datasets = fan_data.fan(
        answer,
        outside,
        band,
        other,
        scenario=scenario,
        scale=session.scale,
        top_before=session.get("top", 0.0),
        fixed=cached.fixed_datasets,
    )
    session.top = datasets["axis"]["top"][0].as_py()
    lines = [wording.reach(answer, band), wording.cost(answer, scenario)]
    if pinned:
        against = cached.comparison(scenario, pinned, outside)
        lines += [wording.against(against, pinned)] if against.times.size else []
    # everything is computed before anything is sent, and the chart, which takes longest to send, is
    # sent first: the browser then has all of it at once and draws once
    above = st.container(gap="xxsmall")
    chart = {**cached.spec(fan.FANS[session.scale, state.is_phone()]), "datasets": datasets}
    st.vega_lite_chart(None, chart, key=session.scale, alt=wording.CHART)
    with above:
        if session.title:
            st.caption(f"**{wording.plain(session.title)}**")
        st.header(wording.headline(answer, outside), anchor=False)
        st.markdown("  \n".join(lines))
    if not st.context.is_embedded:
        live.show(wording.sentence(answer, outside, band))
        address.write()  # last: the browser draws everything again when its address changes


def notes() -> None:
    """The notes on a link or file, until they are dismissed."""
    if notes := st.session_state.notes:
        st.warning("  \n".join(wording.from_outside(place, note) for place, note in notes))
        st.button("Dismiss the notes", on_click=state.dismiss)


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    st.bottom.markdown(wording.short(cached.answer_now(), st.session_state.band))
