"""The questions below the chart: one at a time is open, and only that one is computed."""

from collections.abc import Callable

import streamlit as st

from pages.parts import address, cached, guess, wording
from pages.parts.questions import (
    by_market,
    compare,
    goal_seek,
    lead_map,
    sharing,
    step_by_step,
    tornado,
)

QUESTIONS: dict[str, tuple[str, Callable[[], None]]] = {
    "story": ("Story", step_by_step.show),
    "solve": ("What would it take?", goal_seek.show),
    "lead": ("Who wins", lead_map.show),
    "markets": ("Markets", by_market.show),
    "levers": ("What moves it", tornado.show),
    "compare": ("Compare", compare.show),
    "share": ("Share", sharing.show),
}


@st.fragment(key="tools")
def show() -> None:
    """The choice of questions, the one that is open, and what goes for the chart above."""
    if guess.is_asked():
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
    if opened:
        with st.spinner("Running the model…"):  # shown after half a second
            QUESTIONS[opened][1]()
    _below()


def _below() -> None:
    """Differences from the case, the projection beside what was observed, how to read the chart."""
    session = st.session_state
    texts = [
        wording.changes(session.scenario),
        wording.in_hindsight(cached.answer_now(session.at)),
        wording.limits(cached.coverage()),
        wording.LEGEND,
    ]
    st.caption("\n\n".join(text for text in texts if text))
