"""The curves under the four main sliders: where each leads before it is touched.

They are worked out when the sliders have rested (follow.js), and left out while the server is busy:
nobody waits for a curve.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from model.analysis.sensitivity import plausible
from model.scenario.settings import all_settings
from pages.parts import cached, state, turns
from pages.parts.charts.curve import EMPTY, slider_curve

NAMES = ("wechat", "concern", "line", "kakao")
_component = st.components.v2.component(
    "curves",
    js="""
let ask = () => {}
addEventListener("sliders-rest", () => ask())
export default ({setTriggerValue}) => {
  ask = () => setTriggerValue("rested", true)
}
""",
)


@st.fragment
def show(places: dict[str, DeltaGenerator]) -> None:
    """Draw the curve of each slider into its place, or keep the place."""
    session = st.session_state
    drawn = session.curves_of == state.shown(session.scenario) and not state.guess_is_asked()
    curves = cached.slider_curves(session.curves_of) if drawn else {}
    dark = st.context.theme.type == "dark"
    for name, place in places.items():
        text, one = EMPTY, all_settings()[name]
        if drawn:
            ends, here = (one.low, one.high), session.scenario[name]
            text = slider_curve(curves[name], here, ends, plausible(one), dark=dark)
        place.html(text)
    _component(key="curves", on_rested_change=_take)


def _take() -> None:
    """Draw the curves of the present scenario, unless the server is busy."""
    if turns.TURNS.is_idle():
        st.session_state.curves_of = state.shown(st.session_state.scenario)
