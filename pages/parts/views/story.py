"""The article's argument, step by step; each step sets the sliders and opens the view to look at.

A step stands above the stage, in the place of the scenarios, so that the picture stays in sight.
"""

import streamlit as st

from model.number_text import ended
from model.scenario.story import Step, step_alone, story_steps
from pages.parts import cached, state, to_top
from pages.parts.views import guess
from pages.parts.wording import story as words


def offer() -> None:
    """Ways into the page for who has never seen it: the story, and a guess; not within them."""
    if now() or state.guess_is_asked():
        return
    label = words.READ.format(count=len(story_steps()))
    st.button(label, type="tertiary", key="begin", on_click=_go_to_step, args=(1,))
    if state.guess() is not None:
        guess.compare_with_class()
    else:
        options = {"help": words.GUESS, "on_click": guess.set_guess, "args": (state.GUESS_ASKED,)}
        st.button(words.GUESS_FIRST, type="tertiary", key="guess_first", **options)


def now() -> int:
    """The number of the step that is shown; 0 without one."""
    if st.context.is_embedded or state.guess_is_asked():
        return 0
    return min(int(st.session_state.step), len(story_steps()))


def begin() -> None:
    """Show the step that a link names; one that names nothing else shows the step's scenario."""
    session = st.session_state
    if session.step == session.step_shown:
        return
    session.step_shown, names_case = session.step, "case" in state.address_words()
    if now() and (step := step_alone(session.scenario, session, names_case=names_case)):
        _set_step(step)


def show() -> None:
    """The present step, with the way to the next and the one before; they keep their places."""
    number, steps, phone = now(), story_steps(), state.is_phone()
    step = steps[number - 1]
    before = cached.answer(step.before) if step.before else None
    text = words.story_text(step, before, cached.answer(step.scenario))
    at = {"now": number, "count": len(steps), "title": step.title}
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _button(words.BACK, number - 1, disabled=number == 1)
        _button(words.NEXT, number + 1, disabled=number == len(steps))
        _button(words.END, 0)
        st.markdown((words.STEP_ON_PHONE if phone else words.STEP).format(**at), width="content")
        if st.session_state.scenario != step.scenario:
            _button(words.AGAIN, number)
    st.markdown(f":small[{f'**{ended(step.title)}** ' if phone else ''}{text}]")


def _button(label: str, number: int, *, disabled: bool = False) -> None:
    options = {"on_click": _go_to_step, "args": (number,), "disabled": disabled}
    st.button(label, key=f"step_{label}", **options)


def _go_to_step(number: int) -> None:
    """Go to a step; the story ends at 0, and the settings stay."""
    st.session_state.step = st.session_state.step_shown = str(number)
    to_top.go()
    if number:
        _set_step(story_steps()[number - 1])
    st.rerun()  # the whole page: the sliders stand where the step sets them


def _set_step(step: Step) -> None:
    """Set the sliders to a step, and open its view, up to the end and with every market."""
    session = st.session_state
    session.open, session.at, session.market = step.view, None, None
    state.set_scenario(step.scenario)
