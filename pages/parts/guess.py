"""Guess first: a number before the answer is shown, then both beside what came.

The guess is a word of the address, so that a class can compare: guess=80 (million users).
guess=first asks for one.
"""

import re

import streamlit as st

from model.analysis.bands import Answer
from pages.parts import state
from pages.parts.wording import guess as words

MOST_GUESSED = 5000  # million people


def is_guess(text: str) -> bool:
    """Whether a word of an address is a guess, or asks for one."""
    is_number = re.fullmatch("[0-9]{1,4}", text)
    return text == state.GUESS_ASKED or bool(is_number and int(text) <= MOST_GUESSED)


def ask(answer: Answer) -> None:
    """The question about the end, in place of the answer; it can be skipped."""
    st.header("Before you look", anchor=False)
    st.markdown(words.question(answer))
    with (
        st.form("guess_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        label, key = "Your guess, million users", "guessed"
        st.number_input(label, 0, MOST_GUESSED, None, key=key, width=240, format="%d")
        st.form_submit_button("Show the answer", on_click=_take)
    st.button("Skip the guess", type="tertiary", on_click=set_guess, args=(None,))


def _take() -> None:
    """Take the number that was typed; without one the question stays."""
    if st.session_state.guessed is not None:
        set_guess(str(st.session_state.guessed))


def set_guess(text: str | None) -> None:
    """Show the answer beside a guess, or without one, or ask for one, and draw the page again."""
    st.session_state.guess, st.session_state.move = text, None
    st.rerun()
