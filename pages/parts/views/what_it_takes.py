"""Goal seek: the value of each setting alone at which a goal is met."""

import streamlit as st

from model.analysis.bands import Answer
from model.analysis.goal_seek import Solved
from model.analysis.lever_pairs import PairSolved
from model.number_text import six_digits, three_digits
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.wording import goals as words

CARDS_ABREAST = 3
LAST_YEAR = 2035  # where the tables of data/ end


def show(scenario: Scenario, _: Answer) -> None:
    """A goal and a year, a card for each setting that has a value, a line for the others."""
    start, quarter = int(scenario.origin[:4]), scenario.origin[4:]
    longest = min(int(all_settings()["horizon"].high), LAST_YEAR - start)
    years = [f"{start + ahead}{quarter}" for ahead in range(1, longest + 1)]
    ends = min(round(scenario["horizon"]), longest) - 1
    with st.container(horizontal=True):
        goal = st.selectbox("Goal", list(words.GOALS), key="goal", format_func=words.GOALS.get)
        users = 100.0
        if goal == "reach":
            users = st.number_input("Million users", 1.0, 5000.0, users, 10.0, key="goal_users")
        by = st.selectbox(
            "By the end of",
            years,
            index=ends,
            key=f"goal_by_{years[ends]}",
            format_func=lambda quarter: month_text(decimal_year(quarter)),
        )
    text = f"reach={users:g}" if goal == "reach" else goal
    results = cached.solved(scenario, text, by)
    st.markdown(words.finding(results))
    columns = st.columns(CARDS_ABREAST)
    for i, card in enumerate([card for card in results if card.value is not None]):
        with columns[i % CARDS_ABREAST].container(border=True, height="stretch"):
            # without a button where the slider has this value already
            is_set = card.already and three_digits(card.value) == three_digits(card.now)
            _card({card.lever: card.value}, card, "" if is_set else "Use this")
    st.caption(words.NOTE)
    if not any(card.reached for card in results) and st.toggle(
        "Two settings together",
        key="fold_pairs",
        persist_state="session",
        help=words.PAIRS_HELP,
    ):
        _pairs(cached.solved_pairs(scenario, text, by))


def _pairs(pairs: list[PairSolved]) -> None:
    """A card for each pair of settings, the smallest change first."""
    st.caption(words.PAIRS if pairs else words.NO_PAIR)
    for column, pair in zip(st.columns(CARDS_ABREAST), pairs, strict=False):
        with column.container(border=True, height="stretch"):
            _card(dict(zip(pair.levers, pair.values, strict=True)), pair, "Use both")


def _card(values: dict[str, float], card: Solved | PairSolved, button: str) -> None:
    """The values of one setting or two that meet the goal, and a button that sets them."""
    labels = " and ".join(all_settings()[lever].label for lever in values)
    st.markdown(f"**{labels}**  \n{card.sentence}")
    if card.enough is not None:
        st.caption(words.enough(card.enough))
    if button:
        key = f"use_{'_'.join(values)}"
        rounded = {lever: six_digits(value) for lever, value in values.items()}  # for the link
        help_text = words.USE.format(settings=labels)
        st.button(button, key=key, on_click=state.set_values, args=(rounded,), help=help_text)
