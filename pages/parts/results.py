"""The fragments that show results; each is drawn again by itself when a slider moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.analysis.bands import Answer
from model.evidence import DataError
from model.number_text import ended
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, later_quarters
from pages.parts import address, cached, follow, guess, state
from pages.parts.charts import fan, fan_rows
from pages.parts.wording import answer as words
from pages.parts.wording import difference, from_links, page
from pages.parts.wording.guess import beside


@contextmanager
def refusal() -> Iterator[None]:
    """Stop with one sentence in place of results that bad data would give."""
    try:
        yield
    except DataError as error:
        st.error(ended(page.NOT_IN_ORDER.format(error=error)))
        st.stop()


@st.fragment(run_every=86_400)  # seconds
def reconnect() -> None:
    """Nothing; but a browser that has such a fragment runs the page again on a new server.

    Without it the first slider or button after a restart would be lost.
    """


@st.fragment(key="results")
def show() -> None:
    """The answer as text, and the chart; of one session at a time, see `cached`."""
    scenario = st.session_state.scenario
    with cached.DRAWING:
        at_end = cached.answer(scenario)
        if state.guess_is_asked():
            guess.ask(at_end)
        else:
            _show_answer(scenario, at_end, cached.answer(state.shown(scenario)))
    if not st.context.is_embedded:
        address.write()  # last: the browser draws all again when its address changes


def _show_answer(scenario: Scenario, at_end: Answer, answer: Answer) -> None:
    """The answer and its chart.

    Everything is computed before anything is sent, and the chart, which takes longest to send, is
    sent first: the browser then has all of it at once and draws once.
    """
    session = st.session_state
    pinned = session.pin
    datasets = fan_rows.fan_rows(
        at_end,
        cached.answer(pinned) if pinned else None,
        scenario=scenario,
        top_before=session.top,
        at=answer.times[-1] if answer.times.size < at_end.times.size else None,
        guess=state.guess(),
        own=session.own,
        phone=state.is_phone(),
        fixed=cached.fixed_datasets,
    )
    session.top = datasets["axis"]["top"][0].as_py()
    text = "  \n".join(_lines(scenario, pinned, at_end, answer))
    above = st.container(gap="xxsmall")
    st.vega_lite_chart(
        None,
        {**cached.spec(fan.FANS[state.is_phone()]), "datasets": datasets},
        key="fan",
        alt=words.CHART,
        on_select=_take_click,
        selection_mode="at",
    )
    st.caption(words.FAN_SOURCE)
    with above:
        if session.title:
            st.caption(f"**{from_links.plain(session.title)}**")
        _headline(scenario, words.headline(answer))
        st.markdown(text)
    if not st.context.is_embedded:
        follow.show(words.sentence(answer))


def _lines(
    scenario: Scenario, pinned: Scenario | None, at_end: Answer, answer: Answer
) -> list[str]:
    """The sentences below the headline."""
    lines = [words.reach(answer), words.cost(answer, scenario)]
    if (guessed := state.guess()) is not None:
        lines.append(beside(guessed, at_end))
    if pinned:
        change = cached.comparison(state.shown(scenario), state.shown(pinned))
        lines += [difference.against(change, pinned)] if change.times.size else []
    if st.context.is_embedded:  # the frame has no room for one more
        return lines
    # last, and empty if there is one state, so that nothing below moves when a slider does
    return [*lines, words.two_states(answer) or words.EMPTY]


def _headline(scenario: Scenario, text: str) -> None:
    """The headline, and beside it the choice of the quarter that it is for."""
    if st.context.is_embedded:
        st.header(text, anchor=False)
        return
    quarters = later_quarters(scenario)[:-1]
    if st.session_state.at not in quarters:  # the end moved, or is chosen
        st.session_state.at = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(text, anchor=False)
        st.selectbox(
            "Answer for",
            quarters,
            key="at",
            index=None,
            persist_state="session",
            format_func=lambda quarter: month_text(decimal_year(quarter)),
            placeholder=page.AT_THE_END,
            label_visibility="collapsed",
            width=200,
            on_change=state.redraw,
        )


def _take_click() -> None:
    """Show the answer for the quarter that was clicked, or the nearest that can be shown."""
    if marks := st.session_state.fan.selection["at"]:
        first, *_, end = later_quarters(st.session_state.scenario)
        quarter = max(marks[0]["name"], first)
        st.session_state.at = None if quarter >= end else quarter
        state.redraw()


def notes() -> None:
    """The notes on a link, until they are dismissed."""
    if notes := st.session_state.notes:
        st.warning("  \n".join(from_links.from_link(note) for note in notes))
        st.button("Dismiss the notes", on_click=_dismiss)


def _dismiss() -> None:
    """Remove the notes on a link."""
    st.session_state.notes = ()


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    if not state.guess_is_asked():
        answer = cached.answer(state.shown(st.session_state.scenario))
        st.bottom.markdown(words.short(answer))
