"""The strip of scenarios, each with its answer: the built-in ones and those the reader keeps."""

import streamlit as st

from model.scenario.links import MOST_IN_TABLE, clean_title
from model.scenario.scenario import Scenario, case, cases
from pages.parts import cached, state
from pages.parts.views import story
from pages.parts.wording import scenarios as words


def show() -> None:
    """A chip for each scenario, the present one chosen; beside them Keep or Remove where it fits.

    The row has one height, so that nothing below it moves. A story and a guess have none.
    """
    if story.now() or state.guess_is_asked() or st.context.is_embedded:
        return
    scenario = st.session_state.scenario
    (titles, ones), chosen = zip(*all_rows(), strict=True), _chosen(scenario)
    users = [cached.users_at(one, state.shown(one)["horizon"]) for one in ones]
    with st.container(horizontal=True, height=38, border=False, vertical_alignment="center"):
        st.pills(
            words.STRIP,
            range(len(titles)),
            key=_filled(chosen),
            format_func=words.chips(titles, users).__getitem__,
            label_visibility="collapsed",
            width="stretch",
            wrap=False,
            on_change=_take,
        )
        if chosen is not None and chosen >= len(cases()):
            place = chosen - len(cases())
            st.button(words.REMOVE, type="tertiary", key="remove", on_click=_remove, args=(place,))
        elif chosen is None:
            _keep(scenario)


def all_rows() -> list[tuple[str, Scenario]]:
    """Title and scenario of each chip: the cases, then those that were kept."""
    return [(one.label, case(name)) for name, one in cases().items()] + [*st.session_state.table]


def name_of(scenario: Scenario) -> str:
    """The name of a scenario of a chip; "" for another one."""
    titles, ones = zip(*all_rows(), strict=True)
    return words.names(titles)[ones.index(scenario)] if scenario in ones else ""


def _chosen(scenario: Scenario) -> int | None:
    """The chip of a scenario: of several that show the same, the one that was pressed."""
    same = [number for number, (_, one) in enumerate(all_rows()) if one == scenario]
    pressed = st.session_state.get(_key())
    return pressed if pressed in same else next(iter(same), None)


def _key() -> str:
    return f"set_scenario_{st.session_state.chips}"


def _filled(chosen: int | None) -> str:
    """The key of the row, which shows `chosen` from now on: a new one if it held another choice.

    A message that left the browser before it heard of this still holds the old choice, and would
    choose it again.
    """
    if st.session_state.get(_key()) != chosen:
        st.session_state.chips += 1
        st.session_state[_key()] = chosen
    return _key()


def _take() -> None:
    """Show the scenario whose chip was pressed; the chosen one again changes nothing."""
    number = st.session_state[_key()]
    if number is None:
        st.session_state[_key()] = _chosen(st.session_state.scenario)
    elif state.knows_its_widgets():
        state.set_scenario(all_rows()[number][1])


def _keep(scenario: Scenario) -> None:
    """A box for a name; the form sends it with the button, also without Enter."""
    is_full = len(st.session_state.table) >= MOST_IN_TABLE
    help_text = words.FULL.format(most=MOST_IN_TABLE) if is_full else None
    with st.popover(words.KEEP, type="tertiary", disabled=is_full, help=help_text):
        with st.form("keep", border=False):
            placeholder = words.short(scenario)
            st.text_input(words.NAME, max_chars=80, key="row_name", placeholder=placeholder)
            st.form_submit_button(words.KEEP_THIS, on_click=_add)


def _add() -> None:
    """Keep the present scenario under the name in the box, or else by what was changed."""
    session = st.session_state
    title = clean_title(session.row_name) or words.short(session.scenario)
    session.table = (*session.table, (title, session.scenario))[:MOST_IN_TABLE]
    session.row_name = ""  # the next one is another scenario


def _remove(number: int) -> None:
    """Keep a scenario no longer; the page goes on showing it."""
    table = st.session_state.table
    st.session_state.table = (*table[:number], *table[number + 1 :])
