"""The tornado: a bar and a curve for each setting."""

import streamlit as st

from model.analysis.sensitivity import Bar
from model.scenario.scenario import Scenario, change
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import bar_charts, tornado
from pages.parts.wording import levers as words


def show() -> None:
    """The tornado, to click or to choose from; behind a toggle what would narrow the range."""
    scenario = state.shown()
    result = cached.tornado(scenario)
    bars = result.bars[: tornado.MOST]
    curves = cached.curves(scenario, bars, result.users)
    answer = words.strongest(result)
    st.markdown(answer)
    st.vega_lite_chart(
        tornado.lever_rows(result, bars, curves, scenario),
        cached.spec(tornado.bars_and_curves),
        key=state.mark_key("tornado"),
        alt=words.BARS.format(answer=answer).replace("*", ""),
        on_select=_set_to_mark,
        selection_mode="bar",
    )
    _choose(bars)
    st.caption(words.how_to_read(len(bars), len(result.bars)))
    if st.toggle(
        "What would narrow the range",
        key="fold_narrow",
        persist_state="session",
        help="Which setting, if somebody found it out, would make WeChat's range narrower.",
    ):
        _narrowing(scenario)


def _narrowing(scenario: Scenario) -> None:
    """A bar for each setting that would narrow the range most, if it were known."""
    found = cached.narrowed(scenario)
    said = words.most_narrowing(found)
    st.markdown(said)
    st.vega_lite_chart(
        bar_charts.reduction_rows(found),
        cached.spec(bar_charts.reduction_bars),
        key="narrowing",
        alt=words.NARROWING.format(said=said),
    )
    st.caption(words.NARROWING_NOTE)


def _choose(bars: tuple[Bar, ...]) -> None:
    """A setting, an end of its range, and a button that sets the slider there."""
    known = {bar.setting: bar for bar in bars}
    if st.session_state.get("lever") not in known:
        st.session_state.lever = bars[0].setting
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Setting",
            list(known),
            key="lever",
            format_func=lambda name: all_settings()[name].label,
            width=300,
        )
        setting, bar = all_settings()[name], known[name]
        values = {"low": bar.low, "high": bar.high}
        end = st.segmented_control(
            "End of its range",
            list(values),
            key="lever_end",
            default="high",
            format_func=lambda end: f"{end}: {setting.format(values[end])}",
            required=True,
        )
        st.button(
            "Set the slider there",
            on_click=state.set_scenario,
            args=(change(st.session_state.scenario, {name: values[end]}),),
        )


def _set_to_mark() -> None:
    """Set a setting to the end of the bar, or to the point of the curve, that was clicked."""
    if mark := state.clicked("tornado", "bar"):
        setting = all_settings()[mark["setting"]]
        value = min(max(mark["value"], setting.low), setting.high)
        state.set_scenario(change(st.session_state.scenario, {setting.name: value}))
