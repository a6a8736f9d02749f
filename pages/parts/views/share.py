"""Share: the complete link and downloads."""

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import streamlit as st

from model.analysis.bands import Answer
from model.scenario import links, take_away
from model.scenario.scenario import Scenario
from pages.parts import address
from pages.parts.downloads import exports, poster, render, report, workbook
from pages.parts.state import VIEWS
from pages.parts.wording import share as words
from pages.parts.wording.page import TITLE


def show(scenario: Scenario, _: Answer) -> None:
    """Title, link and embed snippet; downloads."""
    st.session_state.setdefault("typed", st.session_state.title)
    st.text_input(words.TITLE, max_chars=80, key="typed", on_change=_take_title)
    link = full_link()
    st.markdown(words.LINK)
    st.code(link, language=None, wrap_lines=True)
    with st.expander("Embed it in another page"):
        st.code(embedded(link), language="html", wrap_lines=True)
    with st.expander("As a command, in a notebook, to cite"):
        st.caption(words.COMMAND)
        st.code(take_away.command_line(scenario), language=None, wrap_lines=True)
        st.code(take_away.notebook_lines(scenario), language=None, wrap_lines=True)
        st.code(take_away.citation(), language=None, wrap_lines=True)
    _downloads(link)


def full_link() -> str:
    """The complete link: format, every value, data vintage, pinned scenario, headline number."""
    url = urlsplit(st.context.url or "http://localhost:8501/")
    view = address.view()
    # the reader of the link wants the answer, not the box that made the link
    views = tuple(pair for pair in view.views if pair != ("open", "share"))
    query = urlencode(links.to_query(replace(view, views=views), full=True, views=VIEWS))
    return f"{url.scheme}://{url.netloc}{url.path or '/'}?{query}"


def embedded(link: str) -> str:
    """A frame for another page."""
    return (
        f'<iframe src="{link.replace("&", "&amp;")}&amp;embed=true" title="{TITLE}" '
        'style="width:100%;height:600px;border:0" loading="lazy"></iframe>'
    )


def _downloads(link: str) -> None:
    """Download buttons; each file is made only when its button is pressed."""
    view = address.view()
    scenario = view.scenario
    asked = (scenario, view.title, link)
    files = {
        "Projection (CSV)": ("csv", "text/csv", lambda: exports.projection_csv(*asked)),
        "Chart (SVG)": ("svg", "image/svg+xml", lambda: poster.picture(*asked, "svg")),
        "Chart (PNG)": ("png", "image/png", lambda: poster.picture(*asked, "png")),
        "Report (HTML, to print)": (
            "html",
            "text/html",
            lambda: report.report_html(*asked, view.pin),
        ),
        "Workbook (XLSX)": ("xlsx", workbook.MIME, lambda: workbook.workbook_xlsx(*asked)),
    }
    if note := render.missing():
        st.caption(note)
        del files["Chart (SVG)"], files["Chart (PNG)"]
    with st.container(horizontal=True):
        for label, (ending, mime, make) in files.items():
            st.download_button(
                label,
                make,
                f"wechat-abroad-{scenario.case}.{ending}",
                mime,
                key=f"get_{ending}",
                on_click="ignore",
            )


def _take_title() -> None:
    """Take the title that was typed."""
    st.session_state.title = links.clean_title(st.session_state.typed)
    st.rerun()
