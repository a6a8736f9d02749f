"""Who wins: WeChat against its rivals over growth and concern."""

import numpy as np
import streamlit as st

from model.messengers import PLATFORMS
from model.scenario.scenario import change
from model.scenario.settings import all_settings
from pages.parts import cached, state, wording
from pages.parts.charts import dots, lead_map, lead_rows

MOVED = ("wechat", "concern")


def show() -> None:
    """The answer, the map, and two ways to go to a place on it: a click, or two numbers."""
    scenario = st.session_state.scenario
    result = cached.lead_map_of(state.shown())
    answer = lead_rows.sentence(result, state.shown())
    st.markdown(answer)
    rival = st.segmented_control(
        "Against", PLATFORMS[1:], key="rival", persist_state="session", required=True
    )
    st.vega_lite_chart(
        lead_rows.rows(result, scenario, rival),
        cached.spec(lead_map.contours),
        key=state.mark_key("lead_map"),
        alt=f"Map of who has more users, over WeChat growth and security concern. {answer}".replace(
            "*", ""
        ),
        on_select=_set_to_cell,
        selection_mode="cell",
    )
    _go_there(lead_rows.level_at(result, scenario["concern"], rival), rival)
    if st.toggle("Runs you can count", key="fold_dots", persist_state="session"):
        _dots()
    st.caption(
        "WeChat against LINE and KakaoTalk; WhatsApp and other established messengers are not on "
        "this map. Coloured and dashed: the lines of WeChat and of that rival end level. Thin: "
        f"WeChat is ahead of {rival} in that share of runs. Dots: the cases, each at its own "
        "growth and concern; their other settings may differ from yours. Worked out at "
        "81 places, from all runs; smooth between them."
    )


def _dots() -> None:
    """WeChat's users at the end as fifty dots."""
    answer = cached.answer(state.shown())  # of all runs
    said = dots.dot_sentence(answer)
    st.markdown(said)
    st.vega_lite_chart(
        dots.dot_rows(answer),
        cached.spec(dots.dotplot),
        key="dots",
        alt=f"Fifty dots of WeChat's users on an axis. {said}".replace("*", ""),
    )
    st.caption(
        "The rivals' users differ from run to run too. Counted run by run, WeChat ends ahead of "
        f"LINE in {wording.runs(answer.ahead[0])}, of KakaoTalk in {wording.runs(answer.ahead[1])}."
    )


def _go_there(level: float, rival: str) -> None:
    """Two numbers and a button that sets the sliders to them, and one for the frontier."""
    scenario = st.session_state.scenario
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
            f"Go to the frontier at this concern: level with {rival} at growth of {growth:.0f}",
            on_click=state.set_scenario,
            args=(change(scenario, {"wechat": growth}),),
        )


def _set_to_numbers() -> None:
    """Set growth and concern to the numbers that were typed."""
    values = {name: st.session_state[f"go_{name}"] for name in MOVED}
    state.set_scenario(change(st.session_state.scenario, values))


def _set_to_cell() -> None:
    """Set growth and concern to the cell that was clicked."""
    if cell := state.clicked("lead_map", "cell"):
        values = {name: cell[name] for name in MOVED}
        state.set_scenario(change(st.session_state.scenario, values))
