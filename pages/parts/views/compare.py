"""The pinned comparison, several scenarios in one table, and the reader's own figures."""

import streamlit as st

from model.analysis import own_figures
from model.analysis.bands import Answer
from model.number_text import ended
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import SettingError
from pages.parts import cached, state
from pages.parts.charts import bar_charts, difference
from pages.parts.wording import difference as words
from pages.parts.wording import own_figures as own_words
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
    st.caption(words.note(result))
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
