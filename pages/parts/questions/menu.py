"""The questions below the chart: one at a time is open, and only that one is computed."""

from collections.abc import Callable

import streamlit as st

from pages.parts import address
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
    "markets": ("Markets", by_market.show),
    "compare": ("Compare", compare.show),
    "solve": ("What would it take?", goal_seek.show),
    "lead": ("Where the lead changes hands", lead_map.show),
    "levers": ("What moves it most", tornado.show),
    "story": ("Step by step", step_by_step.show),
    "share": ("Share", sharing.show),
}


@st.fragment(key="tools")
def show() -> None:
    """The choice of questions, and the one that is open."""
    opened = st.pills(
        "Look closer",
        list(QUESTIONS),
        key="open",
        persist_state="session",
        format_func=lambda name: QUESTIONS[name][0],
    )
    address.write()
    if opened != "share":
        st.session_state.refused = ""
    if opened:
        QUESTIONS[opened][1]()
