"""The curves under the four main sliders: where each leads before it is touched.

They are worked out when the sliders have rested (follow.js), and left out while the server is busy:
nobody waits for a curve.
"""

from collections.abc import Callable

import streamlit as st

from model.analysis.sensitivity import plausible
from model.scenario.settings import all_settings
from pages.parts import cached, state, turns
from pages.parts.charts.curve import EMPTY, slider_curve

NAMES = ("wechat", "concern", "line", "kakao")


def are_wanted() -> bool:
    """Whether curves are drawn and those of the present scenario are not there yet."""
    session = st.session_state
    return not state.is_phone() and session.curves_of != state.shown(session.scenario)


def draw() -> None:
    """Draw the curves, unless the server is busy or a slider has moved again.

    The message that says that sliders rest can bring the next value of one: to draw only some
    fragments ends the run, and its own callback would never be called. Nothing is worked out here:
    a message that comes meanwhile would be overwritten by what the sliders held before.
    """
    session = st.session_state
    scenario = session.scenario
    moved = any(session.get(f"set_{name}", now) != now for name, now in scenario.values)
    if moved or not turns.TURNS.is_idle():
        return
    session.curves_of = state.shown(scenario)
    # with "follow": what it sent last is lost if this run began before that had left
    state.draw_only([*(f"curve_{name}" for name in NAMES), "follow"])


def _fragment(name: str) -> Callable[[], None]:
    """The fragment that draws the curve of one slider, or keeps its place."""

    def curve() -> None:
        session = st.session_state
        scenario, text = session.scenario, EMPTY
        if session.curves_of == state.shown(scenario) and not state.guess_is_asked():
            points = cached.slider_curves(session.curves_of)[name]
            one = all_settings()[name]
            dark = st.context.theme.type == "dark"
            ends = (one.low, one.high)
            text = slider_curve(points, scenario[name], ends, plausible(one), dark=dark)
        st.html(text)

    return st.fragment(curve, key=f"curve_{name}")


SHOW = {name: _fragment(name) for name in NAMES}
