"""The strip of scenarios, each with its answer: the built-in ones and those the reader keeps."""

import streamlit as st

from model.number_text import three_digits, two_digits
from model.scenario.links import MOST_IN_TABLE, clean_title
from model.scenario.scenario import Scenario, case, cases
from pages.parts import cached, state
from pages.parts.wording import scenarios as words


def show(scenario: Scenario) -> None:
    """A chip for each scenario, the present one chosen, and a way to keep the present one."""
    rows = all_rows()
    chosen = next((number for number, (_, one) in enumerate(rows) if one == scenario), None)
    key = "set_scenario"
    if st.session_state.get(key) != chosen:
        st.session_state[key] = chosen
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            words.STRIP,
            range(len(rows)),
            key=key,
            format_func=lambda number: _label(*rows[number]),
            label_visibility="collapsed",
            wrap=False,
            on_change=_take,
        )
        if chosen is None and len(st.session_state.table) < MOST_IN_TABLE:
            _keep(scenario)
        elif chosen is not None and chosen >= len(cases()):
            st.button(words.REMOVE, key="remove", on_click=_remove, args=(chosen - len(cases()),))


def all_rows() -> list[tuple[str, Scenario]]:
    """Title and scenario of each chip: the cases, then those that were kept."""
    return [(one.label, case(name)) for name, one in cases().items()] + [*st.session_state.table]


def _label(title: str, scenario: Scenario) -> str:
    """The label of a chip: title and million WeChat users at the end."""
    users = cached.headline_users(scenario)
    return f"{words.plain_label(title)} **{three_digits(two_digits(users))}**"


def _take() -> None:
    """Show the scenario whose chip was pressed; the chosen one again changes nothing."""
    number = st.session_state.set_scenario
    if number is not None and state.knows_its_widgets():
        state.set_scenario(all_rows()[number][1])


def _keep(scenario: Scenario) -> None:
    """A box for a name; the form sends it with the button, also without Enter."""
    with st.popover(words.KEEP, type="tertiary"), st.form("keep", border=False):
        st.text_input(words.NAME, max_chars=80, key="row_name", placeholder=words.short(scenario))
        st.form_submit_button(words.KEEP_THIS, on_click=_add)


def _add() -> None:
    """Keep the present scenario under the name in the box, or else by what was changed."""
    session = st.session_state
    title = clean_title(session.row_name) or words.short(session.scenario)
    session.table = (*session.table, (title, session.scenario))[-MOST_IN_TABLE:]
    session.row_name = ""  # the next one is another scenario


def _remove(number: int) -> None:
    """Keep a scenario no longer; the page goes on showing it."""
    rows = list(st.session_state.table)
    del rows[number]
    st.session_state.table = tuple(rows)
