"""Guess first: a number before the answer is shown, on the chart; then both beside what came.

The guess is a word of the address, so that a class can compare: guess=80 (million users).
guess=first asks for one. Guesses of a class are pasted, and stay in the session.
"""

import re

import streamlit as st

from model.scenario.scenario import Scenario
from pages.parts import cached, state, to_top
from pages.parts.charts.guess_chart import MILLIONS, empty_decade, guess_rows
from pages.parts.wording import guess as words

LONGEST_PASTE = 50_000  # characters
GUESS_WORD = re.compile(r"[?&]guess=([^&#\s]*)")  # of a link
NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]+)?")


def question(scenario: Scenario) -> None:
    """The question about the end, in place of the answer."""
    answer = cached.answer(scenario)
    st.header(words.question(answer), anchor=False)
    st.markdown(words.how(answer))


def ask(scenario: Scenario) -> None:
    """The chart with a handle, the slider that moves it too, and the way past."""
    _take_drag()
    answer, session = cached.answer(scenario), st.session_state
    if session.handle is None:  # the handle stands where the line begins
        start = answer.total.line[0, 0]
        session.handle = min(MILLIONS, key=lambda users: abs(users - start))
    with cached.drawing():
        spec = cached.spec(empty_decade, phone=state.is_phone())
        st.vega_lite_chart(
            None,
            {**spec, "datasets": guess_rows(answer, session.handle)},
            key=state.mark_key("guess_chart"),
            alt=words.CHART,
            on_select=_take_click,
            selection_mode="chosen",
        )
    session.setdefault("set_guess", session.handle)
    row = {"horizontal": not state.is_phone(), "vertical_alignment": "center"}
    with st.container(**row, gap="medium"):
        st.select_slider(words.label(answer), MILLIONS, key="set_guess", on_change="ignore")
        with st.container(horizontal=True, width="content"):
            st.button(words.SHOW, key="show_answer", on_click=_let_go)
            st.button(words.SKIP, key="skip", type="tertiary", on_click=set_guess, args=(None,))


def _take_drag() -> None:
    """Take where the handle of the slider stands, or was let go."""
    session = st.session_state
    if session.dragged is None:
        if not session.heard:  # no component tells of moves
            session.handle = session.get("set_guess", session.handle)
        return
    (place, is_let_go), session.dragged = session.dragged, None
    if place.isdecimal() and int(place) < len(MILLIONS):
        session.handle = MILLIONS[int(place)]
        if is_let_go:
            _let_go()


def _take_click() -> None:
    """Take the height at which the chart was clicked as the guess."""
    if band := state.clicked("guess_chart", "chosen"):
        set_guess(f"{band['users']:.0f}")


def _let_go() -> None:
    """Take the place of the handle as the guess."""
    set_guess(f"{st.session_state.handle}")


def set_guess(text: str | None) -> None:
    """Show the answer beside a guess, or without one, or ask for one, and draw the page again."""
    st.session_state.guess, st.session_state.move = text, None
    st.session_state.handle = None
    to_top.go()
    st.rerun()


def of_class() -> tuple[float, ...]:
    """The guesses of a class that were pasted, million users."""
    return st.session_state.class_guesses if state.guess() is not None else ()


def compare_with_class() -> None:
    """A box that takes the guesses of a class, beside a guess."""
    with st.popover(words.CLASS, type="tertiary"):
        with st.form("class", border=False):
            st.text_area(
                words.PASTE,
                key="pasted_guesses",
                persist_state="session",
                max_chars=LONGEST_PASTE,
                height=140,
                placeholder=words.EXAMPLE,
            )
            st.form_submit_button(words.PUT, on_click=_take_pasted)
        if bad := st.session_state.no_guesses:
            st.warning(words.left_out(bad, state.MOST_GUESSED))
        st.button(words.REMOVE, key="no_guess", on_click=set_guess, args=(None,))


def _take_pasted() -> None:
    """Take the guesses among the lines that were pasted, and note the lines that hold none."""
    session = st.session_state
    session.class_guesses, session.no_guesses = read_lines(session.pasted_guesses)
    st.rerun()  # the whole page: on a phone the box is in a fragment of its own


def read_lines(text: str) -> tuple[tuple[float, ...], tuple[tuple[int, str], ...]]:
    """The guesses in a text, one a line, and the number and text of each line that holds none."""
    guesses, bad = [], []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        found = GUESS_WORD.search(line)
        value = found[1] if found else line
        if NUMBER.fullmatch(value) and float(value) <= state.MOST_GUESSED:
            guesses.append(float(value))
        elif line:
            bad.append((number, line))
    return tuple(guesses), tuple(bad)
