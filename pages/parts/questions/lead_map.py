"""Where the lead changes hands: WeChat against a rival over growth and concern."""

import numpy as np
import pandas as pd
import streamlit as st

from model.analysis.sensitivity import LeadMap, frontier, rivals_users
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.scenario.scenario import Scenario, change
from pages.parts import cached, state
from pages.parts.charts import question_charts


def show() -> None:
    """The map, with a click on a cell or a button to go to the frontier."""
    scenario = st.session_state.scenario
    found = cached.lead_map_of(scenario, st.session_state.outside)
    rival = st.segmented_control(
        "Against", PLATFORMS[1:], key="rival", persist_state="session", required=True
    )
    edge = frontier(found, rival)
    st.vega_lite_chart(
        frame(found, edge, scenario, rival),
        cached.spec(question_charts.lead_map),
        key=state.mark_key("lead_map"),
        alt="Map of WeChat's users against a rival's over WeChat growth and security concern",
        on_select=_go,
        selection_mode="cell",
    )
    st.caption(
        "WeChat's total against LINE's or KakaoTalk's; WhatsApp and other established messengers "
        "are not on this map. Green: WeChat has more users at the end. Dashed: the frontier, where "
        "the lead changes hands. Cross: where the sliders are now. Click a cell to go there. "
        f"{question_charts.FEW_RUNS}"
    )
    at_frontier = np.interp(scenario["concern"], found.concern, edge)
    if np.isnan(at_frontier):
        row = np.abs(found.concern - scenario["concern"]).argmin()
        ahead = found.users[-1, row, 0] > rivals_users(found, rival)[-1, row]
        leader = "WeChat" if ahead else rival
        st.markdown(f"At this concern {leader} leads at every growth on the map.")
    else:
        growth = float(round(at_frontier, 1))
        st.button(
            f"Go to the frontier at this concern: WeChat growth of {growth:.0f}% a year",
            on_click=state.set_to,
            args=(change(scenario, {"wechat": growth}),),
        )


def _go() -> None:
    """Set growth and concern to the cell that was clicked."""
    if cell := state.clicked("lead_map", "cell"):
        there = {name: cell[name] for name in ("wechat", "concern")}
        state.set_to(change(st.session_state.scenario, there))


def frame(found: LeadMap, edge: np.ndarray, scenario: Scenario, rival: str) -> pd.DataFrame:
    """Rows for tool_charts.lead_map."""
    wechat, other = found.users[..., 0], rivals_users(found, rival)
    ratio = np.maximum(wechat, 1e-6) / np.maximum(other, 1e-6)
    growth, concern = np.meshgrid(found.growth, found.concern, indexing="ij")
    wide, tall = np.diff(found.growth).mean() / 2, np.diff(found.concern).mean() / 2
    cells = pd.DataFrame(
        {
            "kind": "cell",
            "wechat": growth.ravel(),
            "concern": concern.ravel(),
            "left": growth.ravel() - wide,
            "right": growth.ravel() + wide,
            "under": concern.ravel() - tall,
            "over": concern.ravel() + tall,
            "ratio": np.log2(ratio).ravel().round(4),
            "said": [_said(rival, *pair) for pair in zip(wechat.flat, other.flat, strict=True)],
        }
    )
    line = pd.DataFrame({"kind": "frontier", "wechat": edge, "concern": found.concern})
    now = {"kind": ["now"], "wechat": [scenario["wechat"]], "concern": [scenario["concern"]]}
    return pd.concat([cells, line.dropna(), pd.DataFrame(now)], ignore_index=True)


def _said(rival: str, wechat: float, other: float) -> str:
    """Two numbers of users in words."""
    return f"WeChat {users_text(wechat)}, {rival} {users_text(other)}"
