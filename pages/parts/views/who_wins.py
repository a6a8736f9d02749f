"""Who wins: WeChat against its rivals over growth and concern."""

import numpy as np
import streamlit as st

from model.analysis.bands import Answer
from model.analysis.sensitivity import LeadMap
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from pages.parts import cached, state
from pages.parts.charts import lead_map
from pages.parts.wording import lead as words

AXES = ("wechat", "concern")


def show(scenario: Scenario, answer: Answer) -> None:
    """The answer and the map; a click on it, or a button, moves the sliders."""
    shown = state.shown(scenario)
    result = cached.lead_map_of(shown)
    needed = cached.needed_growth(shown)
    finding = words.finding(needed, shown)
    if state.is_phone():  # where the picture comes first
        _map(result, scenario, finding)
        st.markdown(finding)
        _choices(needed)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(finding, width=520)
            _choices(needed)
        _map(result, scenario, finding)
    st.caption(words.note(st.session_state.rival, result.knots))


def _choices(needed: dict[str, float]) -> None:
    """A row of the rival, and a button that moves WeChat growth to where the two are level."""
    with st.container(horizontal=True):
        rival = st.segmented_control(
            "Against",
            PLATFORMS[1:],
            key="rival",
            persist_state="session",
            **state.confirmed("rival"),
            label_visibility="collapsed",
            required=True,
        )
        level = needed[rival]
        if 0 < level < np.inf:
            values = {"wechat": float(round(level, 1))}
            label = words.GO_THERE.format(growth=values["wechat"])
            st.button(label, type="tertiary", on_click=state.set_values, args=(values,))


def _map(result: LeadMap, scenario: Scenario, finding: str) -> None:
    """The map against the rival that is chosen; a click on a cell moves the sliders there."""
    phone = state.is_phone()
    st.vega_lite_chart(
        lead_map.lead_rows(result, scenario, st.session_state.rival, phone=phone),
        cached.spec(lead_map.contours, phone=phone),
        key=state.mark_key("lead_map"),
        alt=words.MAP.format(finding=finding).replace("*", ""),
        on_select=_set_to_cell,
        selection_mode="cell",
    )


def _set_to_cell() -> None:
    """Set growth and concern to the cell that was clicked."""
    if cell := state.clicked("lead_map", "cell"):
        state.set_values({name: cell[name] for name in AXES})
