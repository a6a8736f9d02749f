"""Share: the complete link, downloads, and a scenario opened from a file."""

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import streamlit as st

from model.scenario import link_text, links, scenario_file, take_away
from model.scenario.settings import SettingError
from pages.parts import address, wording
from pages.parts.address import VIEWS
from pages.parts.downloads import exports, poster, render, report, workbook


def show() -> None:
    """Title, link and embed snippet; downloads; a file to open."""
    st.session_state.setdefault("typed", st.session_state.title)
    st.text_input(
        "Title (optional, shown above the answer)", max_chars=80, key="typed", on_change=_take_title
    )
    link = full_link()
    st.markdown("**Link to this page as it is**, with every value, the number shown and its data")
    st.code(link, language=None, wrap_lines=True)
    with st.expander("Embed it in another page"):
        st.code(embedded(link), language="html", wrap_lines=True)
    with st.expander("As a command, in a notebook, to cite"):
        scenario = st.session_state.scenario
        st.caption("Both print the numbers of this page from a copy of the project.")
        st.code(take_away.command_line(scenario), language=None, wrap_lines=True)
        st.code(take_away.notebook_lines(scenario), language=None, wrap_lines=True)
        st.code(take_away.citation(), language=None, wrap_lines=True)
    _downloads(link)
    st.file_uploader(
        "Open a scenario file (64 KB at most)",
        "json",
        key="file",
        on_change=_open_file,
        max_upload_size=1,
    )
    if st.session_state.get("refused"):
        st.error(wording.plain(st.session_state.refused))


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
        f'<iframe src="{link.replace("&", "&amp;")}&amp;embed=true" title="How far could WeChat '
        'go abroad?" style="width:100%;height:600px;border:0" loading="lazy"></iframe>'
    )


def _downloads(link: str) -> None:
    """Download buttons; each file is made only when its button is pressed."""
    view = address.view()
    scenario = view.scenario
    picture = projection = (scenario, view.title, link)
    files = {
        "Projection (CSV)": ("csv", "text/csv", lambda: exports.projection_csv(*projection)),
        "Projection (JSON)": (
            "json",
            "application/json",
            lambda: exports.projection_json(*projection),
        ),
        "Chart (SVG)": ("svg", "image/svg+xml", lambda: poster.picture(*picture, "svg")),
        "Chart (PNG)": ("png", "image/png", lambda: poster.picture(*picture, "png")),
        "Report (HTML, to print)": (
            "html",
            "text/html",
            lambda: report.report_html(*picture, view.pin),
        ),
        "Workbook (XLSX)": ("xlsx", workbook.MIME, lambda: workbook.workbook_xlsx(*picture)),
        "Scenario file": ("scenario.json", "application/json", lambda: scenario_file.to_file(view)),
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
    st.session_state.title = link_text.clean_title(st.session_state.typed)
    st.rerun()


def _open_file() -> None:
    """Show the scenario of an uploaded file, or keep the error to show below the box."""
    file = st.session_state.file
    st.session_state.refused = ""
    if file is None:
        return
    try:
        view, notes = scenario_file.from_file(file.getvalue(), VIEWS)
    except SettingError as error:
        st.session_state.refused = f"{file.name} was not opened: {error}."
        return
    address.show_view(view, notes, "file")
    st.rerun()
