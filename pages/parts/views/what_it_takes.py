"""What would it take: the value of each setting alone at which a goal is met, or of a pair."""

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.goal_seek import Solved, goal_years, open_goal, order
from model.number_text import six_digits, three_digits
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.wording import goals as words


def show(scenario: Scenario, answer: Answer) -> None:
    """A goal and a year, and a row for each setting with a value, the most plausible first."""
    goal, by = _goal(scenario, answer)
    results = order(cached.solved(scenario, goal, by))
    cards = [one for one in results if one.values]
    met = any(one.already for one in results)
    st.markdown(words.finding(results))
    pairs = [] if cards or met else cached.solved_pairs(scenario, goal, by)
    with st.columns(1)[0].container(gap="xxsmall"):
        for card in (*cards, *pairs):
            with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                enough = f":small[:gray[{words.enough(card)}]]"
                st.markdown(f":small[{card.sentence}] {enough}", width="stretch")
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
            format_func=words.by_the_end,
            **options,
        )
    return goal, by


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
