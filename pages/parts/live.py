"""An invisible component: follows a slider while it is dragged, and reads the answer aloud."""

from pathlib import Path

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


def _take_moved() -> None:
    """Show the value that a slider has now, or the whole page if the line was cut."""
    moved = st.session_state.live.moved or {}
    if moved.get("back"):
        st.rerun()
    state.follow(str(moved.get("name")), moved.get("value"), moved.get("drag"))
