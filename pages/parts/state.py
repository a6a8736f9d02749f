"""The scenario of a session: read from the address, kept, written back, undone.

One reader and one writer. The address holds the case and what was changed from it, in the words
of data/settings.csv: ?case=hard-line&wechat=160. The scenario itself is the only state; widgets
are views of it, filled from it before they are drawn and read once after.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAPIException

from model.bands import BANDS, OUTSIDE
from model.scenario import Scenario, case, cases, change, changed
from model.settings import SettingError, settings

VIEWS = {
    "outside": OUTSIDE,
    "band": BANDS,
    "scale": ("stretched", "even"),
    "platform": ("WeChat", "LINE", "KakaoTalk"),
}  # the first is default
LONGEST_UNDO = 50


def begin() -> Scenario:
    """The scenario of this run: from the address if it is new, else from the session."""
    state = st.session_state
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    if "scenario" not in state:
        state.past, state.written = [], {}
        _read(address)
    elif address != state.written and not _moved() and (address or _drawn()):
        _read(address)  # Back, Forward, or an address typed over the old one
    for name, options in VIEWS.items():
        state.setdefault(name, options[0])
    return state.scenario


def _moved() -> bool:
    """Whether a control was just moved: then an old address is only late, not gone back to."""
    state = st.session_state
    moved = (state.get(f"set_{name}", value) != value for name, value in state.scenario.values)
    return any(moved)


def _drawn() -> bool:
    """Whether the controls were there in the last run: not so on coming from a reading page."""
    return any(str(key).startswith("set_") for key in st.session_state)


def _read(address: Mapping[str, list[str]]) -> None:
    """Take scenario, views and notes from the address."""
    state = st.session_state
    scenario, views, notes = read_address(address)
    if state.get("scenario", scenario) != scenario:
        state.past.append(state.scenario)
    adopt(scenario)
    state.notes = notes
    state.update(views)
    state.written = dict(address)


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
    lists = {name: [value] for name, value in wanted.items()}
    if lists != {key: st.query_params.get_all(key) for key in st.query_params}:
        st.query_params.from_dict(wanted)
    state.written = lists


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def adopt(scenario: Scenario) -> None:
    """Make `scenario` the one that all widgets show."""
    state = st.session_state
    state.scenario = scenario
    for key in [key for key in state if str(key).startswith("set_")]:
        del state[key]


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


def back_link() -> None:
    """Draw the way from a reading page to the page itself."""
    try:
        st.page_link("app.py", label="Back to the page")
    except StreamlitAPIException:  # the reading page was started by itself, without app.py
        st.markdown("[Back to the page](/)")
