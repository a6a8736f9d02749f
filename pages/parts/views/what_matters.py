"""What matters: the article's two doubts as one bar, and WeChat's users by setting."""

import streamlit as st

from model.analysis.bands import Answer
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import doubts, levers
from pages.parts.wording import levers as words


def show(scenario: Scenario, _: Answer) -> None:
    """The bar of the doubts, then a bar for each setting; a click on one moves its slider."""
    scenario = state.shown(scenario)
    split, result = cached.doubts(scenario), cached.tornado(scenario)
    finding = words.doubts_sentence(split)
    st.markdown(finding)
    st.vega_lite_chart(
        doubts.doubts_rows(split),
        cached.spec(doubts.doubts_bar),
        key="doubts",
        alt=finding.replace("*", ""),
    )
    finding, phone = words.finding(result), state.is_phone()
    if not phone:  # there the picture comes first
        st.markdown(finding)
    st.vega_lite_chart(
        levers.lever_rows(result),
        cached.spec(levers.lever_bars, phone=phone),
        key=state.mark_key("levers"),
        alt=words.BARS.format(finding=finding).replace("*", ""),
        on_select=_set_to_end,
        selection_mode="bar",
    )
    if phone:
        st.markdown(finding)
    st.caption(words.advertising(scenario, cached.advertised(scenario)))


def _set_to_end() -> None:
    """Set a setting to the end of the bar that was clicked."""
    if mark := state.clicked("levers", "bar"):
        setting = all_settings()[mark["setting"]]
        state.set_values({setting.name: min(max(mark["value"], setting.low), setting.high)})
