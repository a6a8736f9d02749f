"""Share: title, link and files to take away; more for modellers."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode, urlsplit

import streamlit as st

from model.analysis.bands import Answer
from model.scenario import links
from model.scenario.links import View
from model.scenario.scenario import Scenario, until
from model.scenario.take_away import citation, command_line, notebook_lines
from pages.parts import address, state, turns
from pages.parts.downloads import paper, poster, render, take_away, workbook
from pages.parts.downloads.provenance import short_link
from pages.parts.wording import share as words
from pages.parts.wording.page import TITLE

PICTURES = ("chart.png", "number.svg")  # of the API
TYPED = 0.4  # seconds in which a title that was typed just before a click arrives


def show(scenario: Scenario, _: Answer) -> None:
    """Title and link, buttons for files, and all that modellers may want."""
    session, view, page = st.session_state, address.view(), _page()
    session.setdefault("typed", session.title)
    naming = session.setdefault("naming", {})  # files are made outside the session
    naming["title"] = session.title
    title, link = st.columns(2, gap="medium")
    title.text_input(words.TITLE, max_chars=80, key="typed", live=True, on_change=_take_title)
    with link.container(gap="xxsmall"):
        st.markdown(f":small[{words.LINK}]")
        st.code(_link(view, page, full=False), language=None)
    if note := render.missing():
        st.caption(note)
    with st.container(horizontal=True):
        _files(view, page, naming)
        with st.popover(words.MODELLERS):
            _for_modellers(scenario, view, page)
    st.caption(words.FILES)


def full_link() -> str:
    """The complete link: format, every value, data vintage, pinned scenario, headline number."""
    return _link(address.view(), _page(), full=True)


def _page() -> str:
    """The address of the page without its words."""
    url = urlsplit(st.context.url or "http://localhost:8501/")
    return f"{url.scheme}://{url.netloc}{url.path or '/'}"


def _link(view: View, page: str, *, full: bool) -> str:
    """The short or the complete link to a view."""
    # the reader of the link wants the answer, not the box that made the link
    views = tuple(pair for pair in view.views if pair != ("open", "share"))
    query = urlencode(links.to_query(replace(view, views=views), full=full, views=state.VIEWS))
    return f"{page}?{query}" if query else page


def _files(view: View, page: str, naming: dict[str, str]) -> None:
    """A button for each file, which is made only when its button is pressed."""
    html, at = "text/html", dict(view.views).get("at")
    files: dict[str, tuple[str, str, Callable]] = {
        "Picture (PNG)": (".png", "image/png", lambda *of: poster.picture(*of, "png")),
        "Picture (SVG)": (".svg", "image/svg+xml", lambda *of: poster.picture(*of, "svg")),
        "Report": ("-report.html", html, lambda *of: paper.report_html(*of, view.pin)),
        "Worksheet": (
            "-worksheet.html",
            html,
            lambda scenario, *of: paper.worksheet_html(until(scenario, at), *of),
        ),
        "Data (XLSX)": (".xlsx", workbook.MIME, workbook.workbook_xlsx),
        "Page to take away": (".html", html, take_away.page_html),
    }
    if render.missing():
        del files["Picture (PNG)"], files["Picture (SVG)"]
    for label, (ending, mime, make) in files.items():
        made, name = partial(_made, make, view, page, naming), f"wechat-abroad-{view.scenario.case}"
        key = f"get_{label.lower()}"
        st.download_button(label, made, f"{name}{ending}", mime, key=key, on_click="ignore")


def _made(make: Callable, view: View, page: str, naming: dict[str, str]) -> str | bytes:
    """The file, with the title as typed until its button was pressed.

    make : takes scenario, title and complete link;  naming : holds the title
    """
    time.sleep(TYPED)
    titled = replace(view, title=naming["title"])
    with turns.TURNS.turn("file"):
        return make(view.scenario, titled.title, _link(titled, page, full=True))


def _for_modellers(scenario: Scenario, view: View, page: str) -> None:
    """The texts that few readers need, a tab each."""
    link = _link(view, page, full=True)
    rows = f"{page.rstrip('/')}/api/project.csv"
    at = tuple(pair for pair in view.views if pair[0] == "at")
    shown = View(scenario=scenario, views=at, title=view.title)
    pictures = [_link(shown, f"{page.rstrip('/')}/api/{name}", full=False) for name in PICTURES]
    texts = (
        link,
        f'<iframe src="{link.replace("&", "&amp;")}&amp;embed=true" title="{TITLE}" '
        'style="width:100%;height:600px;border:0" loading="lazy"></iframe>',
        command_line(scenario),
        notebook_lines(scenario),
        "\n".join([short_link(scenario, rows), *pictures]),
        citation(page),
    )
    tabs = st.tabs(list(words.TABS))
    for tab, note, text in zip(tabs, words.TABS.values(), texts, strict=True):
        with tab:
            st.caption(note)
            st.code(text, language=None, wrap_lines=True)


def _take_title() -> None:
    """Take the title that was typed."""
    session = st.session_state
    session.title = session.naming["title"] = links.clean_title(session.typed)
    st.rerun()  # the whole page: the title stands above the answer
