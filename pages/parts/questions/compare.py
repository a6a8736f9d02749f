"""The pinned comparison, several scenarios in one table, and the reader's own figures."""

import pandas as pd
import streamlit as st

from model.analysis import own_figures
from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.number_text import ended, plain_number, range_text
from model.scenario.links import MOST_IN_TABLE, clean_title
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import SettingError
from pages.parts import cached, state
from pages.parts.charts import bar_charts, difference
from pages.parts.downloads import exports
from pages.parts.wording import difference as words
from pages.parts.wording import own_figures as own_words
from pages.parts.wording import scenarios
from pages.parts.wording.answer import year
from pages.parts.wording.from_links import plain


def show(scenario: Scenario, _: Answer) -> None:
    """The difference from the pinned scenario, the table of kept scenarios, and own figures."""
    pinned = st.session_state.pin
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Pin this scenario", on_click=_pin, args=(scenario,))
        st.selectbox(
            "Or pin a case",
            list(cases()),
            index=None,
            key="pin_case",
            format_func=lambda name: cases()[name].label,
            on_change=_pin_case,
        )
        if pinned:
            st.button("Swap", on_click=_swap)
            st.button("Unpin", on_click=_pin, args=(None,))
    if pinned:
        _difference(state.shown(scenario), state.shown(pinned))
    else:
        st.caption(words.NOTHING_PINNED)
    _table(scenario)
    if st.toggle("Your own figures over the chart", key="fold_own", persist_state="session"):
        _own(scenario)


def _pin(scenario: Scenario | None) -> None:
    """Compare with `scenario` from now on, or with nothing."""
    st.session_state.pin = scenario
    st.rerun()  # the whole page, not only the fragment with the button


def _pin_case() -> None:
    """Pin the case that was chosen; the box is left empty, so that it can be chosen again."""
    name, st.session_state.pin_case = st.session_state.pin_case, None
    if name:
        _pin(case(name))


def _swap() -> None:
    """Pin the present scenario and show the pinned one."""
    session = st.session_state
    pinned, session.pin = session.pin, session.scenario
    state.set_scenario(pinned)


def _difference(scenario: Scenario, pinned: Scenario) -> None:
    """The difference as a chart, and what made it."""
    result = cached.comparison(scenario, pinned)
    if not result.times.size:
        st.caption(words.NO_OVERLAP)
        return
    total = result.total
    if not (total.line.any() or total.low.any() or total.high.any()):
        st.caption(words.NOT_YET)
        return
    rows, spec = difference.difference_rows(result), cached.spec(difference.difference_lines)
    st.vega_lite_chart(rows, spec, key="difference", alt=words.LINES)
    st.caption(words.LINES_NOTE)
    label, key = "What made the difference", "fold_explain"
    if st.toggle(label, key=key, persist_state="session", help=words.EXPLAIN_HELP):
        _explanation(scenario, pinned)


def _explanation(scenario: Scenario, pinned: Scenario) -> None:
    """A bar for each changed setting, from the pinned total to the present one."""
    try:
        parts = cached.explanation(pinned, scenario)
    except SettingError:
        st.caption(words.CANNOT_MIX)
        return
    finding = words.made_by(parts)
    st.markdown(finding)
    rows, spec = bar_charts.attribution_rows(parts), cached.spec(bar_charts.attribution_bars)
    st.vega_lite_chart(rows, spec, key="waterfall", alt=words.BARS.format(finding=finding))
    st.caption(words.BARS_NOTE)


def _table(scenario: Scenario) -> None:
    """Kept scenarios with their headline numbers."""
    rows = st.session_state.table
    full = len(rows) >= MOST_IN_TABLE
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name for this scenario", max_chars=80, key="row_name")
        st.button("Add to the table", on_click=_add_row, disabled=full)
        if rows:
            st.button("Empty the table", on_click=_empty_table)
    if full:
        st.caption(words.TABLE_FULL.format(most=MOST_IN_TABLE))
    if not rows:
        return
    frame = table_frame(rows)
    st.dataframe(frame, hide_index=True)
    st.download_button(
        "Download the table (CSV)",
        frame.to_csv(index=False, float_format=plain_number),
        "scenarios.csv",
        "text/csv",
        on_click="ignore",
    )


def _add_row() -> None:
    """Keep the present scenario in the table under the name in the box, or else its case."""
    session = st.session_state
    title = clean_title(session.row_name) or scenarios.named(session.scenario)
    session.table = (*session.table, (title, session.scenario))[-MOST_IN_TABLE:]
    session.row_name = ""  # the next row is another scenario


def _empty_table() -> None:
    """Keep no scenario in the table."""
    st.session_state.table = ()


def table_frame(rows: tuple[tuple[str, Scenario], ...]) -> pd.DataFrame:
    """One row a kept scenario: its users at the end, million people, and its range."""
    frame_rows = []
    for title, scenario in rows:
        answer = cached.answer(scenario)
        ends = dict(zip(PLATFORMS, answer.total.line[-1].round(1), strict=True))
        changes = scenarios.changes(scenario).partition(": ")[2].rstrip(".")
        frame_rows.append(
            {
                "Scenario": exports.no_formula(title),  # Streamlit's table has a CSV of its own
                "By": int(year(answer.times[-1])),
                **{f"{name}, million": users for name, users in ends.items()},
                "WeChat, 80% range": range_text(answer.total.low[-1, 0], answer.total.high[-1, 0]),
                "Ahead of LINE, % of runs": round(100 * answer.ahead[0]),
                "Ahead of KakaoTalk, % of runs": round(100 * answer.ahead[1]),
                "Case": cases()[scenario.case].label,
                "Changed": changes or "nothing",
            }
        )
    return pd.DataFrame(frame_rows)


def _own(scenario: Scenario) -> None:
    """A file with the reader's own figures, and how the projection does against them."""
    session = st.session_state
    box = f"own_file_{session.own_taken}"  # a new and empty box after each file taken
    file = st.file_uploader(
        own_words.FILE,
        "csv",
        key=box,
        on_change=_take_own,
        args=(box,),
        max_upload_size=1,
        help=own_words.FILE_HELP,
    )
    if file and session.own_refused:
        st.error(plain(session.own_refused))
    if session.own:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(own_words.FROM_FILE.format(file=plain(session.own_name)), width="content")
            st.button("Remove the figures", on_click=_set_own, args=("", ()))
        table = own_figures.scores(session.own, cached.answer(scenario))
        st.markdown(own_words.score_sentence(table))
        st.dataframe(table.round(2), column_config=own_words.HEADS, hide_index=True)
        st.caption(own_words.NOTE)


def _take_own(box: str) -> None:
    """Take the figures of the file in the box; a bad file changes nothing."""
    session, file = st.session_state, st.session_state[box]
    session.own_refused = ""
    if file is None:
        return
    name = file.name[:60]
    try:
        figures = own_figures.read_figures(file.getvalue())
    except SettingError as error:
        session.own_refused = ended(own_words.REFUSED.format(file=name, error=error))
        return
    session.own_taken += 1
    _set_own(name, figures)


def _set_own(name: str, figures: tuple[own_figures.Figure, ...]) -> None:
    """Show the figures of a file, or none."""
    st.session_state.own_name, st.session_state.own = name, figures
    # a run of the whole page from this callback made the browser drop the box after 3 to 11 files
    st.rerun(["results", "tools"])
