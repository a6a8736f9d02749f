"""The tornado: a bar and a curve for each setting."""

import streamlit as st

from model.analysis import narrowing
from model.analysis.sensitivity import Bar
from model.scenario.scenario import Scenario, change
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import narrowing_bars, tornado, tornado_rows


def show() -> None:
    """The tornado, to click or to choose from."""
    scenario = state.shown()
    result = cached.tornado(scenario)
    bars = result.bars[: tornado.MOST]
    curves = cached.curves(scenario, bars, result.users)
    answer = tornado_rows.sentence(result)
    st.markdown(answer)
    st.vega_lite_chart(
        tornado_rows.rows(result, bars, curves, scenario),
        cached.spec(tornado.bars_and_curves),
        key=state.mark_key("tornado"),
        alt=f"Bars and curves of WeChat's users by setting. {answer}".replace("*", ""),
        on_select=_set_to_mark,
        selection_mode="bar",
    )
    _choose(bars)
    st.caption(
        "Each setting moves alone; all others stay as they are. The curve on the right shows "
        "WeChat's users over the range of the setting, with a dot where it is now, all on one "
        f"scale. Click a bar or a curve to set the slider there. The {len(bars)} longest of "
        f"{len(result.bars)} are shown."
    )
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
    said = narrowing.sentence(found)
    st.markdown(said)
    st.vega_lite_chart(
        narrowing_bars.reduction_rows(found),
        cached.spec(narrowing_bars.reduction_bars),
        key="narrowing",
        alt=f"Bars of how much narrower WeChat's range would be. {said}",
    )
    st.caption(
        "If one setting were known and all others stayed as uncertain as they are. Thin line: two "
        "standard errors. Beside it: the grade of its best source, from A (best) to D "
        "(assumption), and what the fit to past figures made of its spread. From 2,048 runs of "
        "their own; the width is that of upper end over lower end."
    )


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
