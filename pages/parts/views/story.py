"""The article's argument, step by step; each step sets the sliders and says what to look at."""

import streamlit as st

from model.scenario.story import story_steps
from pages.parts import cached, state
from pages.parts.views.guess import set_guess
from pages.parts.wording import story as words


def offer() -> None:
    """Ways into the page for who has never seen it: the story, and a guess before the answer."""
    if not _now():
        label = words.READ.format(count=len(story_steps()))
        st.button(label, type="tertiary", key="begin", on_click=_go_to_step, args=(1,))
    if state.guess() is not None:
        st.button(words.NO_GUESS, type="tertiary", key="no_guess", on_click=set_guess, args=(None,))
    elif not state.guess_is_asked():
        asked = (state.GUESS_ASKED,)
        st.button(
            words.GUESS_FIRST,
            type="tertiary",
            key="guess_first",
            on_click=set_guess,
            args=asked,
            help=words.GUESS,
        )


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
