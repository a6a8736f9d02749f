"""Goal seek: the value of each setting alone at which a goal is met."""

import streamlit as st

from model.analysis.goal_seek import Solved
from model.analysis.lever_pairs import PairSolved
from model.number_text import three_digits
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, change
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.wording import goals as words

LAST_YEAR = 2035  # where the tables of data/ end


def show() -> None:
    """A goal and a year, a card for each setting that has a value, a line for the others."""
    scenario = st.session_state.scenario
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
    st.caption(words.ALONE)
    columns = st.columns(3)
    for i, card in enumerate([card for card in results if card.value is not None]):
        with columns[i % len(columns)].container(border=True, height="stretch"):
            _card(scenario, card)
    st.markdown("\n".join(f"- {card.sentence}" for card in results if card.value is None))
    if not any(card.reached for card in results) and st.toggle(
        "Two settings together",
        key="fold_pairs",
        persist_state="session",
        help=words.PAIRS_HELP,
    ):
        _pairs(scenario, cached.solved_pairs(scenario, text, by))


def _pairs(scenario: Scenario, pairs: list[PairSolved]) -> None:
    """A card for each pair of settings, the smallest change first."""
    if not pairs:
        st.caption(words.NO_PAIR)
        return
    st.caption(words.PAIRS)
    columns = st.columns(3)
    for column, pair in zip(columns, pairs, strict=False):
        values = dict(zip(pair.levers, pair.values, strict=True))
        with column.container(border=True, height="stretch"):
            labels = " and ".join(all_settings()[lever].label for lever in pair.levers)
            st.markdown(f"**{labels}**  \n{pair.sentence}")
            st.caption(words.enough(pair.enough))
            st.button(
                "Use both",
                key=f"use_{'_'.join(pair.levers)}",
                on_click=state.set_scenario,
                args=(change(scenario, values),),
                help=words.USE_BOTH,
            )


def _card(scenario: Scenario, card: Solved) -> None:
    """The value of one setting, and a button that sets it."""
    setting = all_settings()[card.lever]
    st.markdown(f"**{setting.label}**  \n{card.sentence}")
    if card.enough is not None:
        st.caption(words.enough(card.enough))
    if card.already and three_digits(card.value) == three_digits(card.now):
        return  # the slider has this value already
    st.button(
        "Use this",
        key=f"use_{card.lever}",
        on_click=state.set_scenario,
        args=(change(scenario, {card.lever: card.value}),),
        help=words.USE.format(setting=setting.label),
    )
