"""The pinned comparison, and several scenarios in one table."""

import pandas as pd
import streamlit as st

from model.analysis import attribution, own_figures
from model.messengers import PLATFORMS
from model.number_text import ended, range_text
from model.scenario.links import MOST_IN_TABLE
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import SettingError
from pages.parts import cached, state, wording
from pages.parts.charts import difference, waterfall
from pages.parts.downloads import exports

OWN_COLUMNS = {
    "platform": "Messenger",
    "date": "Date",
    "users": "Your figure, million",
    "projected": "Projection, million",
    "low": "Low, million",
    "high": "High, million",
    "inside": "Inside the range",
    "ratio": "Off by (ratio)",
}


def show() -> None:
    """The difference from the pinned scenario, and the table of kept scenarios."""
    scenario, pinned = st.session_state.scenario, st.session_state.pin
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Pin this scenario", on_click=state.pin, args=(scenario,))
        st.selectbox(
            "Or pin a case",
            list(cases()),
            index=None,
            key="pin_case",
            format_func=lambda name: cases()[name].label,
            on_change=state.pin_case,
        )
        if pinned:
            st.button("Swap", on_click=state.swap)
            st.button("Unpin", on_click=state.pin, args=(None,))
    if pinned:
        _difference(scenario, pinned)
    else:
        st.caption(
            "Nothing is pinned. Pin this scenario, then move a slider: chart, cards and "
            "tables show the difference."
        )
    _kept(scenario)
    if st.toggle("Your own figures over the chart", key="fold_own", persist_state="session"):
        _own()


def _difference(scenario: Scenario, pinned: Scenario) -> None:
    """The difference as a sentence, a chart and by market."""
    result = cached.comparison(state.shown(scenario), state.shown(pinned))
    if not result.times.size:
        st.caption("The two have no time in common, so there is no difference to show.")
        return
    if not (result.path.any() or result.low.any() or result.high.any()):
        st.caption("No difference yet: move a slider, and a chart and a table show what it does.")
        return
    st.vega_lite_chart(
        difference.difference_rows(result),
        cached.spec(difference.difference_lines),
        key="difference",
        alt="Difference from the pinned scenario by year, one panel a messenger",
    )
    st.caption("Shaded: 80% of the differences between paired runs, the same for both scenarios.")
    if st.toggle(
        "What made the difference",
        key="fold_explain",
        persist_state="session",
        help="A bar for each setting that differs; some seconds where many do.",
    ):
        _explanation(scenario, pinned)
    st.caption("By market, at the end. The percentage is the middle of the runs' own changes.")
    table = difference.difference_by_market(result)
    st.dataframe(table, column_config=difference.COLUMNS, hide_index=True)


def _explanation(scenario: Scenario, pinned: Scenario) -> None:
    """A bar for each changed setting, from the pinned total to the present one."""
    try:
        found = cached.explanation(state.shown(pinned), state.shown(scenario))
    except SettingError:
        st.caption("The two start or end at different times, so their settings cannot be mixed.")
        return
    said = attribution.sentence(found)
    st.markdown(said)
    st.vega_lite_chart(
        waterfall.waterfall_rows(found),
        cached.spec(waterfall.attribution_bars),
        key="waterfall",
        alt=f"WeChat's users from the pinned scenario to this one, a bar a setting. {said}",
    )
    st.caption(
        "Each bar is the mean of what its setting makes over all orders in which the settings "
        "could be changed (Shapley values), so the bars add up to the difference. Purple: a "
        "company or a government decides it. Orange: an assumption."
    )


def _own() -> None:
    """A file with the reader's own figures, and how the projection does against them."""
    session = st.session_state
    st.file_uploader(
        "A CSV file with the columns date, users (million) and, optionally, platform",
        "csv",
        key="own_file",
        on_change=_take_own,
        max_upload_size=1,
        help="Dates like 2016-06-30, 2016-06, 2016Q2 or 2016, each messenger's in order. The file "
        "stays in this session: it is in no link and is not kept.",
    )
    if session.get("own_refused"):
        st.error(wording.plain(session.own_refused))
    if session.own:
        table = own_figures.scores(session.own, cached.answer_now())
        st.markdown(own_figures.score_sentence(table))
        st.dataframe(table.round(2), column_config=OWN_COLUMNS, hide_index=True)
        st.caption("Crosses on the chart. Off by: projection over figure.")


def _take_own() -> None:
    """Take the figures of the file; a bad file changes nothing."""
    session, file = st.session_state, st.session_state.own_file
    session.own_refused = ""
    try:
        session.own = own_figures.read_figures(file.getvalue()) if file else ()
    except SettingError as error:
        name = file.name[:60] if file else ""
        session.own_refused = ended(f"{name} was not used: {error}")
        return
    st.rerun()


def _kept(scenario: Scenario) -> None:
    """Kept scenarios with their headline numbers."""
    rows = st.session_state.table
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name for this scenario", max_chars=80, key="row_name")
        full = len(rows) >= MOST_IN_TABLE
        name = wording.named(scenario)
        st.button("Add to the table", on_click=state.add_row, args=(name,), disabled=full)
        if rows:
            st.button("Empty the table", on_click=state.empty_table)
    if full:
        st.caption(f"The table is full: a link carries at most {MOST_IN_TABLE} scenarios.")
    if not rows:
        return
    frame = table_frame(rows)
    st.dataframe(frame, hide_index=True)
    st.download_button(
        "Download the table (CSV)",
        frame.assign(Scenario=frame.Scenario.map(exports.no_formula)).to_csv(index=False),
        "scenarios.csv",
        "text/csv",
        on_click="ignore",
    )


def table_frame(rows: tuple[tuple[str, Scenario], ...]) -> pd.DataFrame:
    """One row a kept scenario: its users at the end, million people, and its range."""
    frame_rows = []
    for title, scenario in rows:
        answer = cached.answer(scenario)
        ends = dict(zip(PLATFORMS, answer.path[-1].round(1), strict=True))
        frame_rows.append(
            {
                "Scenario": title,
                "By": int(wording.year(answer.times[-1])),
                **{f"{name}, million": users for name, users in ends.items()},
                "WeChat, 80% range": range_text(answer.error_low[-1, 0], answer.error_high[-1, 0]),
                "Ahead of LINE, % of runs": round(100 * answer.ahead[0]),
                "Ahead of KakaoTalk, % of runs": round(100 * answer.ahead[1]),
                "Case": cases()[scenario.case].label,
                "Changed": wording.changes(scenario).partition(": ")[2].rstrip(".") or "nothing",
            }
        )
    return pd.DataFrame(frame_rows)
