"""What would it take: the value of each setting alone at which a goal is met, or of a pair."""

from collections.abc import Sequence

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.goal_seek import Solved, goal_years, open_goal, order
from model.number_text import six_digits, three_digits
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.wording import goals as words

ABREAST = 4  # cards; more of them are a list, which takes less of the screen


def show(scenario: Scenario, answer: Answer) -> None:
    """A goal and a year, and a card for each setting with a value, the most plausible first."""
    goal, by = _goal(scenario, answer)
    results = order(cached.solved(scenario, goal, by))
    cards = [one for one in results if one.values]
    met = any(one.already for one in results)
    st.markdown(words.finding(results))
    pairs = [] if cards or met else cached.solved_pairs(scenario, goal, by)
    shown = [*cards, *pairs]
    if state.is_phone() or len(shown) > ABREAST:
        _list(shown)
    else:
        for column, card in zip(st.columns(ABREAST, gap="small"), shown, strict=False):
            with column.container(border=True, gap="xxsmall"):
                st.markdown(f":small[{card.sentence}]  \n{_enough(card)}")
                _use(card)
    st.caption(words.note(cards, pairs))


def _goal(scenario: Scenario, answer: Answer) -> tuple[str, str]:
    """The goal as the command line writes it, and the quarter; at first one not met yet."""
    session = st.session_state
    years, ends = goal_years(scenario)
    if "goal" not in session:
        session.goal, _, users = open_goal(answer).partition("=")
        session.goal_users = float(users or 100)
    with st.container(horizontal=True, gap="small"):
        options = {"label_visibility": "collapsed"}
        goal = st.selectbox(
            words.GOAL, list(words.GOALS), key="goal", format_func=words.GOALS.get, **options
        )
        if goal == "reach":
            session.setdefault("goal_users", 100.0)
            users = st.number_input(
                words.USERS, 1.0, 5000.0, step=10.0, key="goal_users", format="%g", **options
            )
            goal = f"reach={users:g}"
        by = st.selectbox(
            words.BY,
            years,
            index=ends,
            key=f"goal_by_{years[ends]}",
            format_func=lambda quarter: words.BY_THE_END.format(
                month=month_text(decimal_year(quarter))
            ),
            **options,
        )
    return goal, by


def _list(cards: Sequence[Solved]) -> None:
    """The cards as a row of text each, with its button at the right."""
    with st.columns(1)[0].container(gap="xxsmall"):
        for card in cards:
            with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                st.markdown(f":small[{card.sentence}] {_enough(card)}", width="stretch")
                _use(card)


def _enough(card: Solved) -> str:
    """In how many runs the value is enough, small and grey."""
    return f":small[:gray[{words.enough(card)}]]"


def _use(card: Solved) -> None:
    """A button that sets the values of a card, one setting or two; none if they are set."""
    shown = [list(map(three_digits, part.values())) for part in (card.values, card.now)]
    if card.already and shown[0] == shown[1]:
        return  # the slider has this value already
    names = " and ".join(all_settings()[lever].label for lever in card.values)
    st.button(
        words.USE,
        key=f"use_{'_'.join(card.values)}",
        type="tertiary",
        on_click=state.set_values,
        args=({lever: six_digits(value) for lever, value in card.values.items()},),  # for the link
        help=words.USE_HELP.format(settings=names),
    )
