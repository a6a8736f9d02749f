"""The tornado: a bar for each setting, and on request the Sobol indices."""

import streamlit as st

from model.analysis.sensitivity import sobol
from model.scenario.scenario import change
from pages.parts import cached, state
from pages.parts.charts import tornado
from pages.parts.questions.notes import FEW_RUNS


def show() -> None:
    """The tornado, clickable; the indices behind a button."""
    scenario, outside = st.session_state.scenario, st.session_state.outside
    result = cached.tornado(scenario, outside)
    st.vega_lite_chart(
        tornado.tornado_rows(result),
        cached.spec(tornado.tornado_bars),
        key=state.mark_key("tornado"),
        alt="Bars of WeChat's users with each setting at the ends of its plausible range",
        on_select=_set_to_end,
        selection_mode="bar",
    )
    st.caption(
        "Each bar moves one setting alone to the ends of its plausible range (faint: low end, "
        "strong: high end); the dashed line is this scenario. Click a bar to set the slider there. "
        f"The {tornado.MOST} longest of {len(result.bars)} are shown. {FEW_RUNS}"
    )
    if st.button(
        "Work out how settings act together",
        help="Sobol indices of eight settings from 5,120 runs; takes some seconds.",
    ):
        bar = st.progress(0.0, "Running the model")
        indices = sobol(scenario, progress=bar.progress)
        bar.empty()
        st.vega_lite_chart(
            tornado.sobol_rows(indices),
            cached.spec(tornado.sobol_bars),
            key="sobol",
            alt="Shares of the variance by setting, alone and with interactions",
        )
        st.markdown(
            "Here these eight settings move at once, each over its whole plausible range, wherever "
            "their sliders stand. Strong: the share of the spread of WeChat's users (in steps of "
            "doubling) that a setting makes by itself; faint: with what it adds to others. "
            f"**{100 * indices.interactions:.0f}%** of the spread comes from settings acting "
            "together."
        )


def _set_to_end() -> None:
    """Set the setting of the clicked bar to that end of its range."""
    if end := state.clicked("tornado", "bar"):
        state.set_scenario(change(st.session_state.scenario, {end["setting"]: end["value"]}))
