"""The stage: one view at a time, always in the same place, and the choice between them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario
from pages.parts import cached, state, turns
from pages.parts.views import (
    compare,
    guess,
    over_time,
    share,
    what_it_takes,
    what_matters,
    where,
    who_wins,
)
from pages.parts.wording import page as words

# by their names in the address; each shows a scenario and its answer for the quarter that is chosen
VIEWS: dict[str, Callable[[Scenario, Answer], None]] = {
    "over": over_time.show,
    "where": where.show,
    "lead": who_wins.show,
    "matters": what_matters.show,
    "solve": what_it_takes.show,
    "compare": compare.show,
    "share": share.show,
}


def turn() -> AbstractContextManager:
    """One turn for all that is drawn with a quick view; with a slow one each part has its own.

    A page that waited for its answer, and again for its picture, would stand in line twice.
    """
    is_quick = st.session_state.open in state.QUICK_VIEWS or st.context.is_embedded
    return cached.drawing() if is_quick and not state.guess_is_asked() else nullcontext()


def show() -> None:
    """The choice of the view, and the one that is chosen; a slow one follows no drag."""
    session = st.session_state
    if state.guess_is_asked():
        guess.ask(session.scenario)
        return
    if session.open in state.QUICK_VIEWS or not state.is_dragged():
        session.staged = session.scenario
    with st.container(gap="xxsmall"):
        _show_chosen(session.staged, cached.answer(state.shown(session.staged)))


def _show_chosen(scenario: Scenario, answer: Answer) -> None:
    """The choice, and below it the view."""
    st.segmented_control(
        "View",
        list(VIEWS),
        **state.confirmed("open"),
        format_func=words.VIEWS.get,
        required=True,
        wrap=False,
    )
    is_quick = st.session_state.open in state.QUICK_VIEWS
    with nullcontext() if is_quick else st.spinner(words.RUNNING):  # shown after half a second
        try:  # a browser that lost what its widgets hold sends none
            VIEWS.get(st.session_state.open, over_time.show)(scenario, answer)
        except turns.Refused as error:
            st.info(str(error))


def embedded() -> None:
    """The chart alone, for the page in a frame."""
    scenario = st.session_state.scenario
    over_time.chart(scenario, cached.answer(state.shown(scenario)))
