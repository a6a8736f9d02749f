"""An invisible component: follows a slider while it is dragged, and reads the answer aloud.

After a cut of the line it asks for the page again, with the number of the last drawing that it saw.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import state

_component = st.components.v2.component(
    "live",
    html='<p role="status" aria-live="polite"></p>',
    css="p { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%) }",
    js=Path(__file__).with_name("live.js").read_text(encoding="utf-8"),
)


def show(answer: str) -> None:
    """Mount the component; it sends the next value of a slider once this answer is drawn."""
    session = st.session_state
    session.drawn = session.get("drawn", 0) + 1
    data = {"answer": answer.replace("**", ""), "drawn": session.drawn}
    _component(key="live", data=data, on_moved_change=_take_moved)


def missed_drawing() -> bool:
    """Whether the browser asks after a cut and missed a drawing: its widgets may be out of date."""
    moved = _moved()
    return "saw" in moved and moved["saw"] != st.session_state.drawn


def _moved() -> dict[str, Any]:
    """The message of the component; empty if the browser sent another one."""
    sent = st.session_state.live.moved if "live" in st.session_state else None
    return sent if isinstance(sent, dict) else {}


def _take_moved() -> None:
    """Show the value that a slider has now, or the whole page if the line was cut."""
    moved = _moved()
    if "saw" in moved:
        st.session_state.connection = None  # nor is the address up to date
        st.rerun()
    state.follow(str(moved.get("name")), moved.get("value"), moved.get("drag"))
