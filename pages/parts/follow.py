"""An invisible component: follows a slider while it is dragged, and reads the answer aloud.

After a cut of the line it asks for the page again, with the number of the last drawing that it saw.
"""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from pages.parts import cached, state, turns
from pages.parts.wording.answer import sentence

_component = st.components.v2.component(
    "follow",
    html='<p role="status" aria-live="polite"></p>',
    css="p { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%) }",
    js=Path(__file__).with_name("follow.js").read_text(encoding="utf-8"),
)


def show() -> None:
    """Mount the component; it sends the next value of a slider once this answer is drawn."""
    session = st.session_state
    session.drawn += 1
    data = {"answer": "", "drawn": session.drawn, "heard": session.heard, "curves": False}
    if not state.guess_is_asked():
        data["curves"] = state.curves_are_wanted()
        with suppress(turns.Refused):  # which the page says
            answer = cached.answer(state.shown(session.scenario))
            data["answer"] = sentence(answer).replace("**", "")
    _component(key="follow", data=data, on_moved_change=state.take_message)
