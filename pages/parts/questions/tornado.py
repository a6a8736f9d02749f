"""The tornado: a bar for each setting."""

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import bar_charts, levers
from pages.parts.wording import levers as words


def show(scenario: Scenario, _: Answer) -> None:
    """The tornado; a click moves a slider; behind a toggle what would narrow the range."""
    scenario = state.shown(scenario)
    result = cached.tornado(scenario)
    finding = words.strongest(result)
    st.markdown(finding)
    st.markdown(words.advertising(scenario, cached.advertised(scenario)))
    st.vega_lite_chart(
        levers.lever_rows(result),
        cached.spec(levers.lever_bars),
        key=state.mark_key("tornado"),
        alt=words.BARS.format(finding=finding).replace("*", ""),
        on_select=_set_to_mark,
        selection_mode="bar",
    )
    st.caption(words.how_to_read(levers.MOST, len(result.bars)))
    if st.toggle(
        "What would narrow the range",
        key="fold_narrow",
        persist_state="session",
        help=words.NARROWING_HELP,
    ):
        _narrowing(scenario)


def _narrowing(scenario: Scenario) -> None:
    """A bar for each setting that would narrow the range most, if it were known."""
    found = cached.narrowed(scenario)
    finding = words.most_narrowing(found)
    st.markdown(finding)
    st.vega_lite_chart(
        bar_charts.reduction_rows(found),
        cached.spec(bar_charts.reduction_bars),
        key="narrowing",
        alt=words.NARROWING.format(finding=finding),
    )
    st.caption(words.NARROWING_NOTE)


def _set_to_mark() -> None:
    """Set a setting to the end of the bar that was clicked."""
    if mark := state.clicked("tornado", "bar"):
        setting = all_settings()[mark["setting"]]
        state.set_values({setting.name: min(max(mark["value"], setting.low), setting.high)})
