"""The article's argument, step by step; each step sets the sliders and says what to look at."""

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario
from model.scenario.story import story_steps
from pages.parts import cached, state
from pages.parts.guess import set_guess
from pages.parts.wording import story as words


def show(_: Scenario, __: Answer) -> None:
    """The story and its beginning; while it runs its steps stand above the answer."""
    if _now():
        st.markdown(words.RUNNING)
        return
    st.markdown(words.OFFER.format(count=len(story_steps())))
    with st.container(horizontal=True):
        st.button("Begin", on_click=_go_to_step, args=(1,))
        st.button("Guess first", on_click=set_guess, args=(state.GUESS_ASKED,), help=words.GUESS)
        if state.guess() is not None:
            st.button("Remove the guess", on_click=set_guess, args=(None,))


def banner() -> None:
    """The present step, with the way to the next and the one before; nothing before it begins."""
    now, steps = _now(), story_steps()
    if not now:
        return
    step = steps[now - 1]
    before = cached.answer(step.before) if step.before else None
    text = words.story_text(step, before, cached.answer(step.scenario))
    with st.container(border=True):
        st.markdown(words.STEP.format(now=now, count=len(steps), title=step.title, text=text))
        with st.container(horizontal=True):
            st.button("Back", on_click=_go_to_step, args=(now - 1,), disabled=now == 1)
            if now < len(steps):
                st.button("Next", on_click=_go_to_step, args=(now + 1,))
            st.button("Set the sliders again", on_click=_go_to_step, args=(now,))
            st.button("End the story", on_click=_go_to_step, args=(0,))


def _now() -> int:
    """The number of the present step; 0 before the story begins."""
    return min(int(st.session_state.step), len(story_steps()))


def _go_to_step(number: int) -> None:
    """Go to a step, and set the sliders to it; the story ends at 0, and the settings stay."""
    st.session_state.step = str(number)
    if number:
        state.set_scenario(story_steps()[number - 1].scenario)
    st.rerun()  # the whole page: the step stands above the answer
