"""The article's argument, step by step; each step sets the sliders and says what to look at."""

import streamlit as st

from model.scenario.story import story_steps
from pages.parts import state


def show() -> None:
    """One step of the story, with the way to the next and the one before."""
    steps = story_steps()
    now = min(int(st.session_state.step), len(steps))
    if now == 0:
        st.markdown(
            f"The article's argument in {len(steps)} steps. Each sets the sliders and says what "
            "to look at; stop at any step, and the settings stay."
        )
        st.button("Begin", on_click=_go_to_step, args=(1,))
        return
    step = steps[now - 1]
    st.markdown(f"**{now} of {len(steps)}: {step.title}**\n\n{step.text}\n\n*{step.look}*")
    if st.session_state.scenario != step.scenario:
        st.caption("You have moved something since; the step sets it again.")
    with st.container(horizontal=True):
        st.button("Back", on_click=_go_to_step, args=(now - 1,))
        st.button("Set again", on_click=_go_to_step, args=(now,))
        if now < len(steps):
            st.button("Next", on_click=_go_to_step, args=(now + 1,))


def _go_to_step(number: int) -> None:
    """Go to a step, and set the sliders to it."""
    st.session_state.step = str(number)
    if number:
        state.set_scenario(story_steps()[number - 1].scenario)
