"""Who wins: WeChat against its rivals over growth and concern."""

import numpy as np
import streamlit as st

from model.analysis.bands import Answer
from model.analysis.sensitivity import level_at
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import lead_map
from pages.parts.wording import lead as words

MOVED = ("wechat", "concern")


def show(scenario: Scenario, answer: Answer) -> None:
    """The answer, the map, and two ways to go to a place on it: a click, or two numbers."""
    shown = state.shown(scenario)
    result = cached.lead_map_of(shown)
    finding = words.needed_growth(result, shown)
    st.markdown(finding)
    rival = st.segmented_control(
        "Against", PLATFORMS[1:], key="rival", persist_state="session", required=True
    )
    st.vega_lite_chart(
        lead_map.lead_rows(result, scenario, rival),
        cached.spec(lead_map.contours),
        key=state.mark_key("lead_map"),
        alt=words.MAP.format(finding=finding).replace("*", ""),
        on_select=_set_to_cell,
        selection_mode="cell",
    )
    _go_there(scenario, level_at(result, scenario["concern"], rival), rival)
    st.caption(words.how_to_read(rival))


def _go_there(scenario: Scenario, level: float, rival: str) -> None:
    """Two numbers and a button that sets the sliders to them, and one for the frontier."""
    with (
        st.form("lead_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        for name, label in zip(MOVED, (lead_map.GROWTH, lead_map.CONCERN), strict=True):
            setting, key = all_settings()[name], f"go_{name}"
            if st.session_state.get(f"{key}_from") != scenario[name] or key not in st.session_state:
                st.session_state[key] = st.session_state[f"{key}_from"] = scenario[name]
            st.number_input(
                label, setting.low, setting.high, step=setting.step, key=key, format="%g", width=260
            )
        st.form_submit_button("Go there", on_click=_set_to_numbers)
    if 0 < level < np.inf:
        growth = float(round(level, 1))
        st.button(
            words.to_the_frontier(rival, growth),
            on_click=state.set_values,
            args=({"wechat": growth},),
        )


def _set_to_numbers() -> None:
    """Set growth and concern to the numbers that were typed."""
    state.set_values({name: st.session_state[f"go_{name}"] for name in MOVED})


def _set_to_cell() -> None:
    """Set growth and concern to the cell that was clicked."""
    if cell := state.clicked("lead_map", "cell"):
        state.set_values({name: cell[name] for name in MOVED})
