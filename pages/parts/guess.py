"""Guess first: a number before the answer is shown, then both beside what came.

The guess is a word of the address, so that a class can compare: guess=80 (million users).
guess=first asks for one.
"""

import re

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import about, range_text, users_text
from model.quarters import decimal_year, month_text
from pages.parts import state

FIRST = "first"  # in place of a number: nothing was guessed yet
MOST_GUESSED = 5000  # million people


def is_guess(text: str) -> bool:
    """Whether a word of an address is a guess, or asks for one."""
    return text == FIRST or (bool(re.fullmatch("[0-9]{1,4}", text)) and int(text) <= MOST_GUESSED)


def is_asked() -> bool:
    """Whether the answer is hidden until something is guessed."""
    return st.session_state.guess == FIRST


def number() -> int | None:
    """The guess, million users; None without one."""
    text = st.session_state.guess
    return int(text) if text and text != FIRST else None


def ask(answer: Answer) -> None:
    """The question about the end, in place of the answer; it can be skipped."""
    end = month_text(answer.times[-1])
    st.header("Before you look", anchor=False)
    start = users_text(answer.path[0, 0])
    st.markdown(
        f"In {month_text(answer.times[0])} WeChat had about {start} users abroad. "
        f"How many will it have by {end}? Your guess becomes part of the address of the page."
    )
    with (
        st.form("guess_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input(
            "Your guess, million users",
            0,
            MOST_GUESSED,
            None,
            key="guessed",
            width=240,
            format="%d",
        )
        st.form_submit_button("Show the answer", on_click=_take)
    st.button("Skip the guess", type="tertiary", on_click=give_up)


def _take() -> None:
    """Take the number that was typed; without one the question stays."""
    if st.session_state.guessed is not None:
        st.session_state.guess = str(st.session_state.guessed)
        st.rerun()


def start() -> None:
    """Hide the answer and ask."""
    st.session_state.guess = FIRST
    state.set_scenario(st.session_state.scenario, undoable=False)


def give_up() -> None:
    """Show the answer without a guess."""
    st.session_state.guess = None
    st.rerun()


def beside(answer: Answer) -> str:
    """The guess beside the range at the end and the last observation, in a sentence or two."""
    guess = float(number() or 0)
    low, high = answer.error_low[-1, 0], answer.error_high[-1, 0]
    side = "below" if guess < low else "above" if guess > high else "inside"
    by = month_text(answer.times[-1])
    sentence = f"**Your guess: {users_text(guess)}** by {by}, {side} the model's range."
    for platform, quarter, _, row in beside_observed(answer):
        if platform == PLATFORMS[0]:
            came = range_text(row.low, row.high) if row.kind == "range" else about(row.users)
            when = month_text(decimal_year(quarter))
            sentence += (
                f" Last known: {came}, {when}{' (our reading)' if row.kind == 'range' else ''}."
            )
    return sentence
