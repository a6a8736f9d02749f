"""The curves under the four main sliders: where each leads before it is touched.

They are worked out when the sliders have rested (follow.js), and left out while the server is busy:
nobody waits for a curve.
"""

from contextlib import suppress

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
    curves, dark = {}, st.context.theme.type == "dark"
    if session.curves_of == state.shown(session.scenario) and not state.guess_is_asked():
        with suppress(turns.Refused):  # a curve is no reason for a sentence
            curves = cached.slider_curves(session.curves_of)
    for name, place in places.items():
        text, one = EMPTY, all_settings()[name]
        if curves:
            ends, here = (one.low, one.high), session.scenario[name]
            text = slider_curve(curves[name], here, ends, plausible(one), dark=dark)
        place.html(text)
    _component(key="curves", on_rested_change=_take)


def _take() -> None:
    """Draw the curves of the present scenario, unless the server is busy."""
    session = st.session_state
    session.heard = session.heard or -1  # a browser is there, and tells of moves
    if turns.TURNS.is_idle():
        session.curves_of = state.shown(session.scenario)
