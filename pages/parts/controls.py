"""The controls beside the stage, each filled from the scenario; all others are on All settings.

A widget's key is "set_" and the setting's name. Its callback changes the scenario.
"""

import streamlit as st

from model.scenario.scenario import events_text, switches
from model.scenario.settings import Setting, all_settings
from pages.parts import address, cached, curves, state
from pages.parts.wording import controls as words

MAIN = (  # in the order of the sidebar
    *("wechat", "concern", "line", "kakao"),
    *("barrier", "attrition", "marketing", "horizon"),
)
ON_PHONE = ("wechat", "concern")  # beside the answer


def show(*, phone: bool = False) -> None:
    """Undo and Reset, the main sliders, events, and the way to all settings; on a phone the rest.

    Undo and Reset are there before a first move too: their keys must be.
    """
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=state.undo, shortcut="Ctrl+Z")
        st.button("Reset", on_click=state.reset, shortcut="Alt+Z")
    places = {}
    with st.container(gap="small" if phone else None):
        for name in MAIN:
            if not (phone and name in ON_PHONE):
                _slider(all_settings()[name])
            if name in curves.NAMES and not phone:
                places[name] = st.container()
    _events()
    address.reading_links("settings")
    if places:
        curves.show(places)


def on_phone() -> None:
    """The two sliders that stay at the bottom of a phone, and the others behind a button."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name in ON_PHONE:
            with st.container(width=128):
                _slider(all_settings()[name])
        with st.popover(words.OTHERS, type="tertiary"):
            show(phone=True)


def _slider(setting: Setting) -> None:
    value = st.session_state.scenario[setting.name]
    st.slider(
        setting.label,
        setting.low,
        setting.high,
        step=setting.step,
        key=_filled(setting.name, value),
        format=_format(setting, value),
        help=words.slider_help(setting, cached.producers()[setting.source_id]),
        on_change="ignore",  # follow.js tells of each move: only what it changes is drawn then
    )


def _filled(name: str, value: object) -> str:
    """The key of a widget, which shows `value` from now on."""
    key = f"set_{name}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _format(setting: Setting, value: float) -> str:
    """The printf format of a slider: its unit, with one decimal more for a value off its steps."""
    decimals = 0 if setting.step % 1 == 0 else 2 if setting.step < 0.1 else 1
    steps = value / setting.step
    decimals += abs(steps - round(steps)) > 1e-6  # a value that was fitted, solved or in a link
    number = f"%.{decimals}f"
    if setting.unit.startswith("%"):
        return f"{number}%%"
    if setting.unit.startswith("US$"):
        return f"US$ {number} M"
    if setting.unit.startswith("per 100"):
        return f"{number} per 100"
    return f"{number} yr" if setting.unit == "years" else number


def _events() -> None:
    """The dated events, each a switch."""
    on = st.session_state.scenario.events
    label = words.EVENTS.format(on=len(on), count=len(switches()))
    with st.popover(label, key="events", width="stretch"):
        st.caption(words.EVENTS_NOTE)
        for name, event in switches().items():
            key = _filled(f"event_{name}", name in on)
            st.toggle(event, key=key, on_change=_take_events)


def _take_events() -> None:
    """Change the events of the scenario to those that are switched on."""
    if state.knows_its_widgets():
        on = tuple(name for name in switches() if st.session_state[f"set_event_{name}"])
        state.set_values({"events": events_text(on)})
