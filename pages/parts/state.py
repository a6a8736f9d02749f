"""The scenario of a session: read from the address, kept, written back, undone.

One reader and one writer. The address holds the case and what was changed from it, in the words
of data/settings.csv: ?case=hard-line&wechat=160. The scenario itself is the only state; widgets
are views of it, filled from it before they are drawn and read once after.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from model.bands import OUTSIDE
from model.scenario import Scenario, case, cases, change, changed, events_text
from model.settings import SettingError, settings

VIEWS = {"outside": OUTSIDE, "platform": ("WeChat", "LINE", "KakaoTalk")}  # the first is default
LONGEST_UNDO = 50


def begin() -> Scenario:
    """The scenario of this run: from the address if it is new, else from the session."""
    state = st.session_state
    address = st.query_params.to_dict()
    fresh = "scenario" not in state
    if fresh or address != state.written:
        came_back = not fresh and not address  # from a reading page, with a bare address
        if not came_back:
            scenario, views, notes = read_address(
                {key: st.query_params.get_all(key) for key in st.query_params}
            )
            state.notes = notes
            state.update(views)
            if not fresh and scenario != state.scenario:
                state.past.append(state.scenario)
            adopt(scenario)
            state.written = address
    if fresh:
        state.past = []
        state.notes = state.get("notes", [])
    for name, options in VIEWS.items():
        state.setdefault(name, options[0])
    return state.scenario


def read_address(
    address: Mapping[str, list[str]],
) -> tuple[Scenario, dict[str, str], list[str]]:
    """Scenario and views of an address, with a sentence for each value that was not used."""
    notes, views, scenario = [], {}, case()
    repeated = [name for name, values in address.items() if len(values) > 1]
    notes += [f"{_short(name)} is there more than once; the last is used" for name in repeated]
    last = {name: values[-1] for name, values in address.items()}
    order = sorted(last, key=lambda name: name != "case")  # the case first: it sets all others
    for name in order:
        value = last[name]
        if name in VIEWS:
            if value in VIEWS[name]:
                views[name] = value
            else:
                notes.append(f"{name}: {_short(value)} is not known; {VIEWS[name][0]} is used")
        elif name in IGNORED:
            continue
        else:
            try:
                scenario = change(scenario, {name: value})
            except SettingError as error:
                notes.append(f"{error}{_instead(scenario, name)}")
    return scenario, views, notes


IGNORED = ("embed", "embed_options")  # Streamlit's own


def _short(text: str) -> str:
    return repr(text[:40])


def _instead(scenario: Scenario, name: str) -> str:
    """What is used in place of a value that could not be."""
    if name == "case":
        return f"; {cases()[scenario.case].label} is used"
    if name in settings():
        return f"; {scenario[name]:g} is used"
    return "; it is left out"


def write_address(scenario: Scenario) -> None:
    """Make the address say what differs from the default, if it does not already."""
    state = st.session_state
    wanted = {} if scenario.case == case().case else {"case": scenario.case}
    wanted |= {name: _text(now) for name, (_, now) in changed(scenario).items()}
    wanted |= {name: state[name] for name, (first, *_) in VIEWS.items() if state[name] != first}
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)
    state.written = wanted


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def adopt(scenario: Scenario) -> None:
    """Make `scenario` the one that all widgets show."""
    state = st.session_state
    state.scenario = scenario
    for name in [*settings(), "case", "origin", "events"]:
        state.pop(f"set_{name}", None)


def go_to(scenario: Scenario) -> None:
    """Change to `scenario` from a button, so that it can be undone."""
    st.session_state.past.append(st.session_state.scenario)
    adopt(scenario)


def keep(scenario: Scenario) -> None:
    """Remember what the widgets say now."""
    state = st.session_state
    if scenario != state.scenario:
        state.past.append(state.scenario)
        del state.past[:-LONGEST_UNDO]
        state.scenario = scenario
        state.notes = []


def undo() -> None:
    """Back to the scenario before the last change."""
    if st.session_state.past:
        adopt(st.session_state.past.pop())


def reset() -> None:
    """Back to the case as it is named."""
    go_to(case(st.session_state.scenario.case))


def events_of(names: tuple[str, ...]) -> str:
    """Switch names as the address writes them."""
    return events_text(names)
