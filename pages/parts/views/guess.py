"""Guess first: a number before the answer is shown, then both beside what came.

The guess is a word of the address, so that a class can compare: guess=80 (million users).
guess=first asks for one.
"""

import streamlit as st

from model.scenario.scenario import Scenario
from pages.parts import cached, state
from pages.parts.wording import guess as words


def question(scenario: Scenario) -> None:
    """The question about the end, in place of the answer."""
    st.header(words.BEFORE, anchor=False)
    st.markdown(words.question(cached.answer(scenario)))


def ask(scenario: Scenario) -> None:
    """A box for the guess; it can be skipped."""
    with (
        st.form("guess_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input(
            words.LABEL, 0, state.MOST_GUESSED, None, key="guessed", width=240, format="%d"
        )
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
