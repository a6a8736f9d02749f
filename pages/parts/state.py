"""The state of a session: scenario, undo, pinned scenario, table and notes.

The scenario is the only state of the controls: widgets are filled from it before they are drawn,
and their callbacks change it through set_scenario.

A slider does not run the script again: the parts of the page that show results are fragments, and
only these are drawn anew. All else stays as it is in the browser.
"""

import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from model.scenario.links import MOST_IN_TABLE, clean_title
from model.scenario.scenario import Scenario, case, change, until
from model.scenario.settings import SettingError

LONGEST_UNDO = 50
HELD = 0.6  # seconds between two steps of a key that is held down
FOLLOW = ("markets",)  # questions that are quick enough to follow a slider that is dragged


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The last move of a slider.

    drag : of a slider that is still moving, else ""
    time : seconds, monotonic;  near : the scenario before the drag
    """

    name: str
    drag: str
    time: float
    near: Scenario


def set_scenario(scenario: Scenario, *, undoable: bool = True, rerun: bool = True) -> None:
    """Show `scenario` from now on.

    undoable : Undo comes back to the scenario before it
    rerun : draw the page again; without it a button inside a fragment draws only that fragment
    """
    state = st.session_state
    if undoable and "scenario" in state and scenario != state.scenario:
        state.past = [*state.past, state.scenario][-LONGEST_UNDO:]
    state.scenario = scenario
    if rerun:
        state.move = None
        st.rerun()


def take_slider(name: str) -> None:
    """Take the value of a slider that was let go, and draw only the fragments that show results."""
    state = st.session_state
    _move(name, state[f"set_{name}"], "")
    st.rerun(["results", "tools", "reading", *(["strip"] if is_phone() else [])])


def follow(name: str, value: object, drag: object) -> None:
    """Take the value of a slider that is being dragged; `drag` numbers the drag, 0 ends it."""
    state = st.session_state
    try:
        _move(name, value, f"drag {drag}" if drag else "")
    except SettingError:  # not from the page's own sliders
        return
    others = ["tools"] if not drag or state.open in FOLLOW else []
    others += ["strip"] if is_phone() else []
    others += [] if drag else ["reading"]
    if others:  # without them the fragment with the component is drawn anyway
        st.rerun(["results", *others])


def _move(name: str, value: object, drag: str) -> None:
    """Change a setting; moves of a slider in a drag or shortly after each other undo as one.

    drag : of a slider that is still moving, else ""
    """
    state, now = st.session_state, time.monotonic()
    before = state.get("move")
    goes_on = (
        before is not None
        and before.name == name
        and (now - before.time < HELD or (before.drag != "" and drag in ("", before.drag)))
    )
    near = before.near if goes_on and before.drag else state.scenario
    set_scenario(change(state.scenario, {name: value}), undoable=not goes_on, rerun=False)
    if goes_on and state.past and state.past[-1] == state.scenario:  # back where it began
        state.past = state.past[:-1]
    state.move = Move(name=name, drag=drag, time=now, near=near)


def shown(scenario: Scenario | None = None) -> Scenario:
    """The scenario (or another) up to the quarter for which the answer is shown."""
    state = st.session_state
    return until(scenario or state.scenario, state.at)


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


def add_row(name: str) -> None:
    """Keep the present scenario in the table under the name in the box, or else under `name`."""
    state = st.session_state
    title = clean_title(state.row_name) or name  # as it is now: the button may be older
    state.table = (*state.table, (title, state.scenario))[-MOST_IN_TABLE:]
    state.row_name = ""  # the next row is another scenario


def empty_table() -> None:
    """Keep no scenario in the table."""
    st.session_state.table = ()


def dismiss() -> None:
    """Remove the notes on a link."""
    st.session_state.notes = []
