"""The questions below the chart: one at a time is open, and only that one is computed."""

from collections.abc import Callable

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario
from pages.parts import address, cached, state
from pages.parts.questions import (
    by_market,
    compare,
    goal_seek,
    lead_map,
    step_by_step,
    tornado,
)
from pages.parts.views import share
from pages.parts.wording import answer as words
from pages.parts.wording import page, scenarios

# by their names in the address; each shows a scenario and its answer for the quarter that is chosen
QUESTIONS: dict[str, tuple[str, Callable[[Scenario, Answer], None]]] = {
    "story": ("Story", step_by_step.show),
    "solve": ("What would it take?", goal_seek.show),
    "lead": ("Who wins", lead_map.show),
    "markets": ("Markets", by_market.show),
    "levers": ("What moves it", tornado.show),
    "compare": ("Compare", compare.show),
    "share": ("Share", share.show),
}


@st.fragment(key="tools")
def show() -> None:
    """The choice of questions, the one that is open, and what goes for the answer above."""
    if state.guess_is_asked():
        return
    opened = st.pills(
        "Look closer",
        list(QUESTIONS),
        key="open",
        persist_state="session",
        format_func=lambda name: QUESTIONS[name][0],
        label_visibility="collapsed",
    )
    address.write()
    scenario = st.session_state.scenario
    answer = cached.answer(state.shown(scenario))
    if opened:
        with st.spinner(page.RUNNING):  # shown after half a second
            QUESTIONS[opened][1](scenario, answer)
    below = filter(None, (scenarios.changes(scenario), words.in_hindsight(answer)))
    if text := "\n\n".join(below):
        st.caption(text)


def legend() -> None:
    """How to read the chart; no slider changes it, so that the browser draws it once."""
    if not state.guess_is_asked():
        st.caption(f"{words.limits(cached.coverage())}\n\n{words.LEGEND}")
