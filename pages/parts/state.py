"""The state of a session: scenario, undo, pinned scenario, table and notes.

The scenario is the only state of the controls: widgets are filled from it before they are drawn,
and their callbacks change it through set_scenario.

A slider does not run the script again: the parts of the page that show results are fragments, and
only these are drawn anew. All else stays as it is in the browser.
"""

from typing import Any

import streamlit as st

from model.scenario.link_text import MOST_IN_TABLE
from model.scenario.scenario import Scenario, case, change

LONGEST_UNDO = 50


def set_scenario(scenario: Scenario, *, undoable: bool = True, rerun: bool = True) -> None:
    """Show `scenario` from now on.

    undoable : Undo comes back to the scenario before it
    rerun : draw the page again; without it a button inside a fragment draws only that fragment
    """
    state = st.session_state
    if "scenario" in state and scenario != state.scenario:
        state.notes = []
        if undoable:
            state.past = [*state.past, state.scenario][-LONGEST_UNDO:]
    state.scenario = scenario
    if rerun:
        st.rerun()


def take_slider(name: str) -> None:
    """Take a slider's new value, and draw only the fragments that show results."""
    state = st.session_state
    set_scenario(change(state.scenario, {name: state[f"set_{name}"]}), rerun=False)
    fragments = {"results": True, "tools": state.open, "strip": is_phone()}
    st.rerun([key for key, is_shown in fragments.items() if is_shown])


def is_phone() -> bool:
    """Whether the page is on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def undo() -> None:
    """Back to the scenario before the last change."""
    if st.session_state.past:
        set_scenario(st.session_state.past.pop(), undoable=False)


def reset() -> None:
    """Back to the case without changes."""
    set_scenario(case(st.session_state.scenario.case))


def mark_key(chart: str) -> str:
    """The key of a chart whose marks can be clicked: a new one after each click.

    The chart would keep what was selected, and not report the same mark again.
    """
    return f"{chart}_{st.session_state.get('clicks', 0)}"


def clicked(chart: str, selection: str) -> dict[str, Any]:
    """The fields of the mark that was clicked; empty if none was."""
    state = st.session_state
    marks = state[mark_key(chart)].selection.get(selection)
    state.clicks = state.get("clicks", 0) + 1
    return dict(marks[0]) if marks else {}


def pin(scenario: Scenario | None) -> None:
    """Compare with `scenario` from now on, or with nothing."""
    st.session_state.pin = scenario
    st.rerun()  # the whole page, not only the fragment with the button


def pin_case() -> None:
    """Pin the case that was chosen; the box is left empty, so that it can be chosen again."""
    name, st.session_state.pin_case = st.session_state.pin_case, None
    if name:
        pin(case(name))


def swap() -> None:
    """Pin the present scenario and show the pinned one."""
    state = st.session_state
    pinned, state.pin = state.pin, state.scenario
    set_scenario(pinned)


def add_row(title: str) -> None:
    """Keep the present scenario in the table, under a name."""
    state = st.session_state
    state.table = (*state.table, (title, state.scenario))[-MOST_IN_TABLE:]
    state.row_name = ""  # the next row is another scenario


def empty_table() -> None:
    """Keep no scenario in the table."""
    st.session_state.table = ()


def dismiss() -> None:
    """Remove the notes on a link or file."""
    st.session_state.notes = []
