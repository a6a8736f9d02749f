"""The questions below the chart: one at a time is open, and only that one is computed."""

from collections.abc import Callable

import streamlit as st

from pages.parts import state
from pages.parts.questions import (
    by_market,
    compare,
    goal_seek,
    lead_map,
    sharing,
    step_by_step,
    tornado,
)

TOOLS: dict[str, tuple[str, Callable[[], None]]] = {
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
    """The question that is open, below a choice of all of them."""
    opened = st.pills(
        "Look closer",
        list(TOOLS),
        key="open",
        persist_state="session",
        format_func=lambda name: TOOLS[name][0],
    )
    state.shown("tools", opened is not None)
    state.write_address()
    if opened != "share":
        st.session_state.refused = ""
    if opened:
        TOOLS[opened][1]()
