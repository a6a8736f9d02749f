"""The page's address, read and written: case, changed settings, views, pinned scenario and table.

It holds what differs from the defaults, under the names of data/settings.csv:
?case=hard-line&wechat=160.
"""

import time
from contextlib import suppress
from dataclasses import replace

import streamlit as st
from streamlit.errors import StreamlitAPIException

from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.messengers import PLATFORMS
from model.scenario import links
from model.scenario.links import View
from model.scenario.scenario import later_quarters
from pages.parts import cached, guess, state, wording

# what the page shows of a scenario; the first value is the default, () takes any links.SLUG
VIEWS = {
    "platform": PLATFORMS,
    "open": ("none", "story", "solve", "lead", "markets", "levers", "compare", "share"),
    "show": ("lead", "years", "cost", "table", "one"),
    "market": (),
    "rival": PLATFORMS[1:],
    "step": tuple("0123456"),
    "at": (),
    "guess": (),
}
READING = {
    "pages/evidence.py": "Sources and figures",
    "pages/method.py": "How this works, and what it cannot tell you",
}
NOTHING = "none"  # in an address: no question is open
LATE = 0.5  # seconds in which the browser may not yet have heard of a new address


def begin() -> None:
    """Take the scenario of this run from the address if it is new; else keep the session's."""
    session, address = st.session_state, _address()
    is_first = "scenario" not in session
    if is_first:
        session.past, session.written, session.wrote_at, session.own = [], {}, 0.0, ()
        session.move, session.tells_back = None, False
    if session.move:  # a drag does not outlive a run of the page: the end of one may be lost
        session.move = replace(session.move, drag="")
    connection = st.context.headers.get("Sec-WebSocket-Key")
    if not is_first and connection != session.connection:
        session.written = address  # the line was cut: the browser may not have heard of one since
    elif is_first or is_new():
        # a bare address from a reading page, which draws no controls, says nothing
        if is_first or address or any(str(key).startswith("set_") for key in session):
            _show_view(*links.from_query(address, VIEWS))
        session.written = address
        session.tells_back = not is_first
    session.connection = connection
    for name in VIEWS:
        session.setdefault(name, _default(name))
    if session.at not in later_quarters(session.scenario)[:-1]:  # the end moved, or is chosen
        session.at = None


def is_new() -> bool:
    """Whether the browser went to another address, by Back or Forward.

    Shortly after a new one was written it may only not have heard of that; if it did go elsewhere,
    it tells again (live.js).
    """
    session = st.session_state
    return _address() != session.written and time.monotonic() - session.wrote_at > LATE


def _address() -> dict[str, list[str]]:
    """The words of the address that are ours, as the browser sent it last."""
    words = {key: st.query_params.get_all(key) for key in st.query_params}
    return links.known_words(words, VIEWS)


def _markets() -> tuple[str, ...]:
    """The markets by code, in the order of the data."""
    return tuple(load_evidence().markets.market)


def _default(name: str) -> str | None:
    """The default of a view."""
    values = _markets() if name == "market" else VIEWS[name]
    return None if not values or values[0] == NOTHING else values[0]


def _show_view(view: View, notes: list[str]) -> None:
    """Show what a link holds."""
    session = st.session_state
    state.set_scenario(view.scenario, rerun=False)
    session.move = None
    session.pin, session.table = view.pin, view.table
    session.title = session.typed = view.title
    views = {name: value or _default(name) for name, value in view.views}
    if views["market"] not in _markets():
        default = _default("market")
        notes = [*notes, f"market: {views['market']!r} is not known; {default} is used"]
        views["market"] = default
    if views["at"] and views["at"] not in later_quarters(view.scenario):
        quarters = later_quarters(view.scenario)
        between = f"is not a quarter from {quarters[0]} to {quarters[-1]}"
        notes = [*notes, f"at: {views['at']!r} {between}; the end is shown"]
        views["at"] = None
    if views["guess"] and not guess.is_guess(views["guess"]):
        most = f"a whole number of million users up to {guess.MOST_GUESSED}"
        notes = [*notes, f"guess: {views['guess']!r} is not {most}; it is left out"]
        views["guess"] = None
    session.update({name: None if value == NOTHING else value for name, value in views.items()})
    drift = wording.changed_answer(view, _headline_users(), complete=not notes)
    first = drift or view.gone  # one sentence about an older link is enough
    session.notes = [*([first] if first else []), *notes]


def _headline_users() -> float:
    """The WeChat users that are shown, million."""
    answer = cached.answer(state.shown())
    return float(answer.path[-1, 0])


def view() -> View:
    """Everything that a link to the page as it is now holds."""
    session = st.session_state
    values = [(name, session.get(name)) for name in VIEWS]
    return View(
        scenario=session.scenario,
        views=tuple((name, value) for name, value in values if value and value != _default(name)),
        pin=session.pin,
        table=session.table,
        title=session.title,
        shown_users=float(f"{_headline_users():.6g}"),  # far more digits than are shown
        shown_data=data_version(),
    )


def write() -> None:
    """Write what differs from the defaults into the address, if that was not written last.

    After Back or Forward it is written again, which changes nothing in the browser; but if the
    browser was only late, its address would stay another one than the server's.
    """
    session = st.session_state
    if session.move and session.move.drag:  # a slider is still moving
        return
    words = short_words()
    address = {name: [value] for name, value in words.items()}
    if address != session.written:
        session.wrote_at = time.monotonic()
    if address != session.written or session.tells_back:
        st.query_params.from_dict(words)
    session.written, session.tells_back = address, False


def short_words() -> dict[str, str]:
    """The words of the short link to the page as it is now; none for the page as it opens."""
    return links.to_query(view(), full=False, views=VIEWS)


@st.fragment(key="reading")
def reading_links() -> None:
    """Draw the links to the reading pages; with the scenario's words a reload there keeps them."""
    words = short_words() or None
    # a fragment that is drawn by itself in AppTest knows no pages
    with st.container(horizontal=True), suppress(StreamlitAPIException):
        for page, label in READING.items():
            st.page_link(page, label=label, query_params=words)


def link_back() -> None:
    """Draw the link from a reading page to the page itself."""
    # with its words: without them the browser would keep a stop of the bare page in its history
    if "scenario" in st.session_state:
        words = short_words()
    else:  # opened by an address or reloaded
        words = _address()
    try:
        st.page_link("app.py", label="Back to the page", query_params=words)
    except StreamlitAPIException:  # the reading page was started by itself, without app.py
        st.markdown("[Back to the page](/)")
