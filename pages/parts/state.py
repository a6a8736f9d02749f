"""The scenario of a session: read from the address, kept, written back, undone.

One reader and one writer. The address holds the case and what was changed from it, in the words
of data/settings.csv: ?case=hard-line&wechat=160. The scenario itself is the only state; widgets
are views of it, filled from it before they are drawn and read once after.

A slider does not run the script again: it changes the scenario and has the parts of the page that
show results drawn anew, each a fragment with a key. All else stays as it is in the browser.
"""

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.scenario import links
from model.scenario.link_text import MOST_IN_TABLE
from model.scenario.links import View
from model.scenario.scenario import Scenario, case, change
from pages.parts import cached
from pages.parts.address import VIEWS

LONGEST_UNDO = 50
NOTHING = "none"  # what a link says where no question is open
ON_ITS_WAY = 0.5  # seconds in which the browser may still send the address before this one


def begin() -> Scenario:
    """The scenario of this run: from the address if it is new, else from the session."""
    state = st.session_state
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    if "scenario" not in state:
        state.past, state.written, state.wrote_at = [], {}, 0.0
        _read(address)
    elif address != state.written and not _late() and (address or _drawn()):
        _read(address)  # Back, Forward, or an address typed over the old one
    for name in VIEWS:
        state.setdefault(name, _first(name))
    state.shown = []
    return state.scenario


def _first(name: str) -> str | None:
    """What a view shows until it is told otherwise."""
    options = VIEWS[name] or known_markets()
    return None if options[0] == NOTHING else options[0]


def known_markets() -> tuple[str, ...]:
    """The markets by code, in the order of the data."""
    return tuple(load_evidence().markets.market)


def shown(part: str, open_now: bool = True) -> None:
    """Note that a part of the page, a fragment with this key, shows results of the scenario."""
    parts = st.session_state.shown
    if part in parts:
        parts.remove(part)
    if open_now:
        parts.append(part)


def moved(name: str) -> None:
    """Take a slider's new value, and draw only the parts that show results."""
    state = st.session_state
    if not st.context.headers.get("User-Agent"):
        return  # no browser that would keep the rest of the page: draw all of it
    before = state.scenario[name]
    keep(change(state.scenario, {name: state[f"set_{name}"]}))
    cached.ahead(name, before, state.scenario, state.outside, state.band, state.pin)
    st.rerun(state.shown)


def _late() -> bool:
    """Whether an old address is only late, not gone back to: a control was moved just now."""
    state = st.session_state
    if time.monotonic() - state.wrote_at < ON_ITS_WAY:
        return True
    values = state.scenario.values
    return any(state.get(f"set_{name}", value) != value for name, value in values)


def _drawn() -> bool:
    """Whether the controls were there in the last run: not so on coming from a reading page."""
    return any(str(key).startswith("set_") for key in st.session_state)


def _read(address: Mapping[str, list[str]]) -> None:
    """Take scenario, views, pin, table and notes from the address."""
    said, notes = links.from_query(address, VIEWS)
    adopt_view(said, notes, "link")
    st.session_state.written = dict(address)


def adopt_view(said: View, notes: list[str], place: str) -> None:
    """Make the page show what a link or a scenario file (`place`) says."""
    state = st.session_state
    if state.get("scenario", said.scenario) != said.scenario:
        state.past.append(state.scenario)
    adopt(said.scenario)
    state.pin, state.table, state.title = said.pin, said.table, said.title
    state.typed = said.title
    views = {name: value or _first(name) for name, value in said.views}
    if views["market"] not in known_markets():
        notes = [*notes, f"market: {views['market']!r} is not known; {_first('market')} is used"]
        views["market"] = _first("market")
    state.update({name: None if value == NOTHING else value for name, value in views.items()})
    now = cached.answer(said.scenario, state.outside).path[-1, 0]
    drift = links.changed_answer(said, float(now), complete=not notes)
    state.notes = [(place, note) for note in [*([drift.rstrip(".")] if drift else []), *notes]]


def view() -> View:
    """What a link to the page as it is now says."""
    state = st.session_state
    shown = tuple((name, state.get(name)) for name in VIEWS)
    said = float(cached.answer(state.scenario, state.outside).path[-1, 0])
    return View(
        scenario=state.scenario,
        views=tuple((name, value) for name, value in shown if value and value != _first(name)),
        pin=state.pin,
        table=state.table,
        title=state.title,
        shown_users=float(f"{said:.6g}"),  # far more digits than are shown
        shown_data=data_version(),
    )


def write_address() -> None:
    """Make the address say what differs from the default, if it does not already."""
    state = st.session_state
    wanted = links.to_query(view(), full=False, views=VIEWS)
    lists = {name: [value] for name, value in wanted.items()}
    here = {key: st.query_params.get_all(key) for key in st.query_params}
    # `here` may be late: what was written last can still be on its way to the browser
    if lists != here or lists != state.written:
        st.query_params.from_dict(wanted)
        state.wrote_at = time.monotonic()
    state.written = lists


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


def set_to(scenario: Scenario) -> None:
    """As go_to, from a button in a part of the page: all of it is drawn anew."""
    go_to(scenario)
    st.rerun()


def mark_key(chart: str) -> str:
    """The key of a chart whose marks can be clicked: a new one after each click.

    The chart would keep what was selected, and not report the same mark again.
    """
    return f"{chart}_{st.session_state.get('clicks', 0)}"


def clicked(chart: str, selection: str) -> dict[str, Any]:
    """The fields of the mark that was clicked; empty if none was."""
    state = st.session_state
    found = state[mark_key(chart)].selection.get(selection)
    state.clicks = state.get("clicks", 0) + 1
    return dict(found[0]) if found else {}


def pin_case() -> None:
    """Pin the case that was chosen; the box is left empty, so that it can be chosen again."""
    name, st.session_state.pin_case = st.session_state.pin_case, None
    if name:
        pin(case(name))


def pin(scenario: Scenario | None) -> None:
    """Compare with `scenario` from now on, or with nothing."""
    st.session_state.pin = scenario
    st.rerun()


def swap() -> None:
    """Pin the present scenario and go to the pinned one."""
    state = st.session_state
    pinned, state.pin = state.pin, state.scenario
    set_to(pinned)


def add_row(title: str) -> None:
    """Keep the present scenario in the table, under a name."""
    state = st.session_state
    state.table = (*state.table, (title, state.scenario))[-MOST_IN_TABLE:]
    state.row_name = ""  # the next row is another scenario


def empty_table() -> None:
    """Keep no scenario in the table."""
    st.session_state.table = ()


def dismiss() -> None:
    """Take the notes on the link away."""
    st.session_state.notes = []


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
    st.rerun()


def reset() -> None:
    """Back to the case as it is named."""
    set_to(case(st.session_state.scenario.case))


def back_link() -> None:
    """Draw the way from a reading page to the page itself."""
    # with its words: without them the browser would keep a stop of the bare page in its history
    known = "scenario" in st.session_state
    words = links.to_query(view(), full=False, views=VIEWS) if known else None
    try:
        st.page_link("app.py", label="Back to the page", query_params=words)
    except StreamlitAPIException:  # the reading page was started by itself, without app.py
        st.markdown("[Back to the page](/)")
