"""The page's address, read and written: case, changed settings, views, pinned scenario and table.

It holds what differs from the defaults, under the names of data/settings.csv:
?case=hard-line&wechat=160.
"""

from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from model.evidence import data_version
from model.scenario import links
from model.scenario.links import View
from model.scenario.scenario import later_quarters
from model.scenario.story import step_alone
from pages.parts import cached, state
from pages.parts.state import VIEWS
from pages.parts.wording import from_links as words
from pages.parts.wording.page import BACK, READING

DEFAULTS = {name: next(iter(values), None) for name, values in VIEWS.items()}


def begin() -> None:
    """Take the scenario of this run from the address if it is new; else keep the session's."""
    session, address = st.session_state, state.address_words()
    is_first = "scenario" not in session
    for name, value in state.KEYS_AT_START.items():
        session.setdefault(name, value)
    state.end_drag()
    connection = st.context.headers.get("Sec-WebSocket-Key")
    if not is_first and connection != session.connection:
        # the line was cut: the browser may not have heard of one since
        session.written, session.unheard = address, ()
    elif is_first or state.is_elsewhere():
        # a bare address from a reading page, which draws no controls, says nothing
        if is_first or address or any(str(key).startswith("set_") for key in session):
            _show_view(*links.from_query(address, VIEWS))
        session.written, session.unheard = address, ()
    session.connection = connection
    for name, value in DEFAULTS.items():
        session.setdefault(name, value)


def _show_view(view: View, notes: list[str]) -> None:
    """Show what a link holds, but views that cannot be shown: each has a note."""
    session, quarters = st.session_state, later_quarters(view.scenario)
    state.set_scenario(view.scenario)
    session.pin, session.table = view.pin, view.table
    session.title = session.typed = view.title
    session.update({name: value or DEFAULTS[name] for name, value in view.views})
    can_be_shown = {
        "market": cached.markets().__contains__,
        "at": quarters.__contains__,
        "guess": state.is_guess,
    }
    gaps = {"first": quarters[0], "last": quarters[-1], "most": state.MOST_GUESSED}
    for name, is_good in can_be_shown.items():
        if session[name] and not is_good(session[name]):
            notes.append(words.NOT_SHOWN[name].format(value=session[name], **gaps))
            session[name] = DEFAULTS[name]
    if view.shown_users is not None:
        drift = words.changed_answer(view, _headline_users(), complete=not notes)
        notes = [drift, *notes] if drift else notes
    session.notes = tuple(notes)


def _headline_users() -> float:  # million
    return float(cached.answer(state.shown(st.session_state.scenario)).total.line[-1, 0])


def view(*, full: bool = True) -> View:
    """Everything that a link to the page as it is now holds; without `full` a short one."""
    session = st.session_state
    views = {name: session.get(name) or default for name, default in DEFAULTS.items()}
    return View(
        scenario=session.scenario,
        views=tuple(pair for pair in views.items() if pair not in DEFAULTS.items()),
        pin=session.pin,
        table=session.table,
        title=session.title,
        shown_users=_headline_users() if full else None,
        shown_data=data_version(),
    )


def write() -> None:
    """Write what differs from the defaults into the address, if that was not written last.

    Nor is it written again after Back or Forward: the browser may have gone on since.
    """
    session = st.session_state
    if state.is_dragged():
        return
    short = short_words()
    address = {name: [value] for name, value in short.items()}
    if address != session.written:
        st.query_params.from_dict(short)
        session.unheard = (*session.unheard, session.written)
        session.written = address


def short_words() -> dict[str, str]:
    """The words of the short link to the page as it is now; none for the page as it opens."""
    short, session = links.to_query(view(full=False), full=False, views=VIEWS), st.session_state
    step = step_alone(session.scenario, session, names_case=False)
    if step and step.scenario != session.scenario:  # the reader went back to the default
        short["case"] = session.scenario.case
    return short


def reading_links(*names: str) -> None:
    """Draw links to reading pages; with the scenario's words a reload there keeps them."""
    words = short_words() or None
    # a fragment that is drawn by itself in AppTest knows no pages
    with st.container(horizontal=True), suppress(StreamlitAPIException):
        for name in names:
            st.page_link(f"pages/{name}.py", label=READING[name], query_params=words)


def link_back() -> None:
    """Draw the link from a reading page to the page itself."""
    # with its words: without them the browser would keep a stop of the bare page in its history
    is_reloaded = "scenario" not in st.session_state  # or opened by an address
    try:
        query = state.address_words() if is_reloaded else short_words()
        st.page_link("app.py", label=BACK, query_params=query)
    except StreamlitAPIException:  # the reading page was started by itself, without app.py
        st.markdown(f"[{BACK}](/)")
