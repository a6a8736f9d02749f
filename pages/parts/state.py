"""The state of a session: its keys, and how they change.

The scenario is the only state of the controls: widgets are filled from it before they are drawn,
and their callbacks change it through set_scenario.

A slider does not run the script again: what it moves is one fragment (app.py), and only this is
drawn anew. A component tells of the move (follow.js), not the slider: so one run is enough, and
Streamlit lets it come to its end before the next one begins.
"""

import re
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from model.messengers import PLATFORMS
from model.scenario import links
from model.scenario.scenario import Scenario, case, change, until
from model.scenario.settings import SettingError

# widgets that a link holds too: the first value is the default, () takes any links.SLUG
VIEWS = {
    "open": ("over", "where", "lead", "matters", "solve", "compare", "share"),
    "show": ("lead", "cost"),
    "market": (),
    "rival": PLATFORMS[1:],
    "step": tuple("0123456"),
    "at": (),
    "guess": (),
}
KEYS_AT_START: dict[str, Any] = {  # those that are no widget's, beside the scenario
    "past": (),  # scenarios that Undo goes back to
    "move": None,  # the last one of a slider
    "pin": None,  # the scenario to compare with
    "table": (),  # title and scenario of each that is kept
    "title": "",
    "notes": (),  # on the link that was opened
    "own": (),  # the reader's own figures, the name of their file, why a file was not used, and
    "own_name": "",
    "own_refused": "",
    "own_taken": 0,  # how many files were taken
    "step_shown": "0",  # whose scenario was set
    "handle": None,  # of the guess: where it stands, million users; its place on the slider, and
    "dragged": None,  # whether it was let go
    "class_guesses": (),  # of others, million users; number and text of each line that was none
    "no_guesses": (),
    "to_top": 0,  # how often the page was scrolled to its top
    "top": 0.0,  # of the chart's axis until now, million users
    "clicks": 0,  # on marks of charts
    "chips": 0,  # choices of the strip that were not pressed
    "curves_of": None,  # the scenario, up to its date, whose curves stand under the sliders
    "drawn": 0,  # how often the answer was drawn
    "connection": None,  # of the browser
    "heard": 0,  # the number of the component's last message; 0 until it sends any
    "controlled": None,  # the scenario that the controls show
    "staged": None,  # that of the view
    "written": {},  # the words of the address that was written last
    "unheard": (),  # those of the addresses before it, until the browser tells that it knows it
}
MOST_GUESSED = 5000  # million people
GUESS_ASKED = "first"  # in place of a guess: the answer is hidden until something is guessed
LONGEST_UNDO = 50
KEY_REPEAT = 0.6  # seconds between two steps of a key that is held down
QUICK_VIEWS = ("over", "where")  # quick enough to follow a slider that is dragged


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The last move of a slider.

    drag : of a slider that is still moving, else "";  time : seconds, monotonic
    """

    name: str
    drag: str
    time: float


def set_scenario(scenario: Scenario, *, undoable: bool = True) -> None:
    """Show `scenario` from now on; undoable : Undo comes back to the one before it."""
    state = st.session_state
    if undoable and "scenario" in state and scenario != state.scenario:
        state.past = (*state.past, state.scenario)[-LONGEST_UNDO:]
    state.scenario = scenario
    state.move = None


def set_values(values: dict[str, Any]) -> None:
    """Change some settings of the present scenario."""
    set_scenario(change(st.session_state.scenario, values))


def take_message() -> None:
    """Take what the component says: a slider moved, or the page is asked for after a cut.

    number : of the message, which goes back once it is drawn;  name, value : of the slider
    drag : the number of the drag that moved it, 0 without one;  ends : the slider was let go
    """
    state, sent = st.session_state, _sent()
    if "saw" in sent:
        state.connection = None  # nor is the address up to date
        st.rerun()
    number, drag = sent.get("number"), sent.get("drag")
    state.heard = number if isinstance(number, int | float) else 0
    name, moves = str(sent.get("name")), bool(drag) and not sent.get("ends")
    if name == "guess":  # the handle of views/guess.py, which is no setting
        state.dragged = str(sent.get("value")), bool(drag) and not moves
        return
    controlled = state.controlled == state.scenario
    with suppress(SettingError):  # not from the page's own sliders
        _move(name, sent.get("value"), f"drag {drag}" if moves else "")
    if controlled:
        state.controlled = state.scenario


def take_sliders() -> None:
    """Take the values of sliders whose moves no component tells, as those of a script are."""
    state = st.session_state
    if state.heard or state.controlled is None or not knows_its_widgets():
        return
    for name, shown in state.controlled.values:
        value = state.get(f"set_{name}", shown)
        if value not in (shown, state.scenario[name]):
            _move(name, value, "")


def controls_are_behind() -> bool:
    """Whether the controls show another scenario than the session's."""
    return st.session_state.controlled != st.session_state.scenario


def curves_are_wanted() -> bool:
    """Whether curves stand under the sliders and those of the present scenario are not there."""
    return not is_phone() and st.session_state.curves_of != shown(st.session_state.scenario)


def _move(name: str, value: object, drag: str) -> None:
    """Change a setting; moves of a slider in a drag or shortly after each other undo as one."""
    state, now = st.session_state, time.monotonic()
    before = state.move
    goes_on = (
        before is not None
        and before.name == name
        and (now - before.time < KEY_REPEAT or (before.drag != "" and drag in ("", before.drag)))
    )
    set_scenario(change(state.scenario, {name: value}), undoable=not goes_on)
    if goes_on and state.past and state.past[-1] == state.scenario:  # back where it began
        state.past = state.past[:-1]
    state.move = Move(name=name, drag=drag, time=now)


def is_dragged() -> bool:
    """Whether a slider is still moving."""
    return bool(st.session_state.move and st.session_state.move.drag)


def end_drag() -> None:
    """Forget a drag: it does not outlive a run of the page, because its end may be lost."""
    if is_dragged():
        st.session_state.move = replace(st.session_state.move, drag="")


def knows_its_widgets() -> bool:
    """Whether the browser knows what its widgets hold.

    If a line is cut while controls are drawn, it can miss that values were set: its sliders then
    stand at their lowest values and nothing is chosen as the start, which nobody can do by hand. A
    browser that asks for the page again can have values from before a drawing that it missed.
    """
    state = st.session_state
    return state.get("open") is not None and _sent().get("saw", state.drawn) == state.drawn


def _sent() -> dict[str, Any]:
    """The message of the component that follows sliders; empty if the browser sent another one."""
    state = st.session_state
    sent = state.follow.moved if "follow" in state else None
    return sent if isinstance(sent, dict) else {}


def confirmed(name: str) -> dict[str, Any]:
    """Options of a widget without a label that is kept while another view is drawn.

    The browser is told of its own choice once that is drawn: the choice may have left before a
    drawing arrived that sets another, as Back does, and the browser would show that one as chosen.
    """
    told = {"on_change": _set_again, "args": (name,)}
    return {"key": name, "persist_state": "session", "label_visibility": "collapsed", **told}


def _set_again(name: str) -> None:
    """Set a widget to what it holds, which sends it to the browser."""
    st.session_state[name] = st.session_state[name]


def address_words() -> dict[str, list[str]]:
    """The words of the address that are ours, as the browser sent it last."""
    words = {key: st.query_params.get_all(key) for key in st.query_params}
    return links.known_words(words, VIEWS)


def is_elsewhere() -> bool:
    """Whether the browser went to another address, by Back or Forward.

    Else a message with an address from before the one that was written last has only left before
    that arrived.
    """
    state, words, run = st.session_state, address_words(), get_script_run_ctx()
    if words == state.written:
        if words not in state.unheard:  # else it may have come from before too
            state.unheard = ()
        return False
    return words not in state.unheard or bool(run and run.is_history_navigation)


def shown(scenario: Scenario) -> Scenario:
    """A scenario up to the quarter for which the answer is shown."""
    return until(scenario, st.session_state.at)


def is_guess(text: str) -> bool:
    """Whether a word of an address is a guess, or asks for one."""
    is_number = re.fullmatch("[0-9]{1,4}", text)
    return text == GUESS_ASKED or bool(is_number and int(text) <= MOST_GUESSED)


def guess_is_asked() -> bool:
    """Whether the answer is hidden until something is guessed."""
    return st.session_state.guess == GUESS_ASKED


def guess() -> int | None:
    """The guess, million users; None without one."""
    text = st.session_state.guess
    return int(text) if text and text != GUESS_ASKED else None


def is_phone() -> bool:
    """Whether the page is on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def undo() -> None:
    """Back to the scenario before the last change."""
    state = st.session_state
    if state.past:
        *earlier, before = state.past
        state.past = tuple(earlier)
        set_scenario(before, undoable=False)


def reset() -> None:
    """Back to the case without changes."""
    set_scenario(case(st.session_state.scenario.case))


def mark_key(chart: str) -> str:
    """The key of a chart whose marks can be clicked: a new one after each click.

    The chart would keep what was selected, and not report the same mark again.
    """
    return f"{chart}_{st.session_state.clicks}"


def clicked(chart: str, selection: str) -> dict[str, Any]:
    """The fields of the mark that was clicked; empty if none was."""
    state = st.session_state
    chosen = state.get(mark_key(chart))  # none from a chart that was drawn before the last click
    marks = chosen.selection.get(selection) if chosen else None
    state.clicks += 1
    return dict(marks[0]) if marks else {}
