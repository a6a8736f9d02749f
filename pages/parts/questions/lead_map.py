"""The lead map: WeChat against a rival over growth and concern."""

import numpy as np
import streamlit as st

from model.analysis.sensitivity import frontier, rivals_users
from model.messengers import PLATFORMS
from model.scenario.scenario import change
from pages.parts import cached, state
from pages.parts.charts import lead_map
from pages.parts.questions.notes import FEW_RUNS


def show() -> None:
    """The map; a click on a cell, or a button for the frontier, sets the sliders."""
    scenario = st.session_state.scenario
    result = cached.lead_map_of(scenario, st.session_state.outside)
    rival = st.segmented_control(
        "Against", PLATFORMS[1:], key="rival", persist_state="session", required=True
    )
    edge = frontier(result, rival)
    st.vega_lite_chart(
        lead_map.heat_map_rows(result, edge, scenario, rival),
        cached.spec(lead_map.heat_map),
        key=state.mark_key("lead_map"),
        alt="Map of WeChat's users against a rival's over WeChat growth and security concern",
        on_select=_set_to_cell,
        selection_mode="cell",
    )
    st.caption(
        "WeChat's total against LINE's or KakaoTalk's; WhatsApp and other established messengers "
        "are not on this map. Green: WeChat has more users at the end. Dashed: the frontier, where "
        "the lead changes hands. Cross: where the sliders are now. Click a cell to go there. "
        f"{FEW_RUNS}"
    )
    at_frontier = np.interp(scenario["concern"], result.concern, edge)
    if np.isnan(at_frontier):
        row = np.abs(result.concern - scenario["concern"]).argmin()
        ahead = result.users[-1, row, 0] > rivals_users(result, rival)[-1, row]
        leader = "WeChat" if ahead else rival
        st.markdown(f"At this concern {leader} leads at every growth on the map.")
    else:
        growth = float(round(at_frontier, 1))
        st.button(
            f"Go to the frontier at this concern: WeChat growth of {growth:.0f}% a year",
            on_click=state.set_scenario,
            args=(change(scenario, {"wechat": growth}),),
        )


def _set_to_cell() -> None:
    """Set growth and concern to the cell that was clicked."""
    if cell := state.clicked("lead_map", "cell"):
        values = {name: cell[name] for name in ("wechat", "concern")}
        state.set_scenario(change(st.session_state.scenario, values))
