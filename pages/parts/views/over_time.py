"""Over time: users of the three messengers by year, with their ranges and what was observed."""

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario, later_quarters
from pages.parts import cached, state
from pages.parts.charts import fan, fan_data
from pages.parts.views import guess, story
from pages.parts.wording import answer as words
from pages.parts.wording import compare
from pages.parts.wording import guess as guess_words
from pages.parts.wording.scenarios import named


def show(scenario: Scenario, answer: Answer) -> None:
    """A sentence, the chart, and what was observed beside this scenario."""
    if state.is_phone() or story.now():  # where the picture comes first
        chart(scenario, answer)
        st.markdown(_finding(scenario, answer))
    else:
        st.markdown(_finding(scenario, answer))
        chart(scenario, answer)
    st.caption("  \n".join(filter(None, (words.in_hindsight(answer), words.FAN_SOURCE))))


def _finding(scenario: Scenario, answer: Answer) -> str:
    """One line, so that the chart never moves: on the guess, the pinned scenario, or the states."""
    if guesses := guess.of_class():
        return guess_words.of_class(guesses, cached.answer(scenario))
    if (guessed := state.guess()) is not None:
        return guess_words.beside(guessed, cached.answer(scenario))
    if pinned := st.session_state.pin:
        shown = state.shown(scenario)
        apart = cached.comparison(shown, state.shown(pinned))
        if not apart.times.size:
            return compare.NO_OVERLAP
        users = cached.users_at(shown, apart.times[-1] - answer.times[0])
        return " ".join(compare.apart(apart, users, compare.THIN.format(name=named(pinned))))
    return words.finding(answer)


def chart(scenario: Scenario, answer: Answer) -> None:
    """The chart up to the end of the scenario; a click asks for the answer at that date."""
    session = st.session_state
    with cached.drawing():
        at_end = cached.answer(scenario)
        datasets = fan_data.fan_rows(
            at_end,
            cached.answer(session.pin) if session.pin else None,
            scenario=scenario,
            top_before=session.top,
            at=answer.times[-1] if answer.times.size < at_end.times.size else None,
            guess=state.guess(),
            guesses=guess.of_class(),
            own=session.own,
            phone=state.is_phone(),
            fixed=cached.fixed_datasets,
        )
        session.top = datasets["axis"]["top"][0].as_py()
        st.vega_lite_chart(
            None,
            {**cached.spec(fan.FANS[state.is_phone()]), "datasets": datasets},
            key="fan",
            alt=words.CHART,
            on_select=_take_click,
            selection_mode="at",
        )


def _take_click() -> None:
    """Show the answer for the quarter that was clicked, or the nearest that can be shown."""
    if marks := st.session_state.fan.selection["at"]:
        quarters = later_quarters(st.session_state.scenario)  # one alone if it looks a year ahead
        quarter = max(marks[0]["name"], quarters[0])
        st.session_state.at = None if quarter >= quarters[-1] else quarter
