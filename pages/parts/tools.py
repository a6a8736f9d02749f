"""The questions below the chart: one at a time is open, and only that one is computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts import compare, lead, levers, markets, sharing, solve, state, telling

TOOLS: dict[str, tuple[str, Callable[[], None]]] = {
    "markets": ("Markets", markets.markets),
    "compare": ("Compare", compare.compare),
    "solve": ("What would it take?", solve.solve),
    "lead": ("Where the lead changes hands", lead.lead),
    "levers": ("What moves it most", levers.levers),
    "story": ("Step by step", telling.telling),
    "share": ("Share", sharing.sharing),
}


@st.fragment(key="tools")
def tools() -> None:
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
