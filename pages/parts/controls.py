"""The controls: one widget for each row of data/settings.csv, filled from the scenario.

A widget's key is "set_" and the setting's name. Its callback changes the scenario. Widgets that are
folded away are not drawn; their settings stay as they are in the scenario.
"""

import streamlit as st

from model.evidence.reader import load_evidence
from model.number_text import ended
from model.quarters import decimal_year, month_text
from model.scenario.scenario import (
    case,
    cases,
    change,
    events_text,
    starting_quarters,
    typed_values,
)
from model.scenario.settings import Setting, SettingError, all_settings, choices
from pages.parts import address, cached, live, state, wording

LEVELS = "0 none · 25 some · 50 strong · 75 talk of bans · 100 nobody who worries joins"
GROWTH = "**Growth**: new users that 100 users bring in within a year"


def show() -> None:
    """Draw all controls."""
    scenario()
    main()
    others()


def scenario() -> None:
    """The case the sliders start from, Undo and Reset."""
    _case()
    # also before a first move: its keys must be there
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=state.undo, shortcut="Ctrl+Z")
        st.button("Reset", on_click=state.reset, shortcut="Alt+Z")


def main() -> None:
    """Growth of the three messengers, and security concern."""
    st.caption(GROWTH)
    _sliders("growth")
    _slider(all_settings()["concern"])
    st.caption(LEVELS)


def others() -> None:
    """All other settings; those that are folded away are not drawn."""
    _sliders("barrier", "attrition", "horizon")
    # toggles, because each expander on the page makes every redrawing slower
    if st.toggle("Marketing", key="fold_marketing", persist_state="session"):
        _sliders("marketing")
    if st.toggle("Concern by region", key="fold_Concern by region", persist_state="session"):
        _sliders("concern", but="concern")
    _events()
    more = [one for one in all_settings().values() if one.group == "advanced"]
    if st.toggle(f"{len(more)} more assumptions", key="fold_more", persist_state="session"):
        _sliders("advanced")
    _origin()
    _exact()


def _exact() -> None:
    """A box for exact values, in the words of links and of the command line."""
    st.text_input(
        "Type exact values",
        key="exact",
        placeholder="wechat=137 concern=33",
        max_chars=400,
        help="Name and value of any setting, as in the address of the page: "
        + ", ".join(list(all_settings())[:12])
        + " and so on (all under Sources and figures). Enter sets them.",
        on_change=_take_exact,
    )
    if wrong := st.session_state.get("wrong"):
        st.error(wording.plain(wrong))


def _take_exact() -> None:
    """Set the values that were typed; on an error nothing changes and the text stays."""
    session = st.session_state
    session.wrong = ""
    try:
        changed = change(session.scenario, typed_values(session.exact))
    except SettingError as error:
        session.wrong = ended(f"Nothing was set. {error}")
        return
    session.exact = ""
    state.set_scenario(changed)


def _sliders(*groups: str, but: str = "") -> None:
    """The sliders of some groups, in the order of the groups, without the setting `but`."""
    for group in groups:
        for setting in all_settings().values():
            if setting.group == group and setting.name != but:
                _slider(setting)


def _slider(setting: Setting) -> None:
    value = st.session_state.scenario[setting.name]
    default = f"Default {setting.value:g}, from {setting.low:g} to {setting.high:g}"
    source = cached.producers()[setting.source_id]
    st.slider(
        setting.label,
        setting.low,
        setting.high,
        step=setting.step,
        key=_filled(setting.name, value),
        format=_format(setting, value),
        help=f"{setting.note}\n\n*{default} ({setting.unit}). Source: {source}.*",
        on_change=_take_slider,
        args=(setting.name,),
    )


def _take_slider(name: str) -> None:
    """Take the value of a slider; not an old one that the browser sent with Back."""
    if _are_known() and not address.is_new():
        state.take_slider(name)


def _are_known() -> bool:
    """Whether the browser knows what its widgets hold.

    If a line is cut while controls are drawn, it can miss that values were set: its sliders then
    stand at their lowest values and nothing is chosen as the start, which nobody can do by hand. A
    browser that asks for the page again can have values from before a drawing that it missed.
    """
    return st.session_state.get("set_origin") is not None and not live.missed_drawing()


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


def _take(setting: str, value: object) -> None:
    """Change one setting of the scenario."""
    if _are_known():
        state.set_scenario(change(st.session_state.scenario, {setting: value}))


def _case() -> None:
    """The case; choosing another one sets every control to it."""
    chosen = st.session_state.scenario.case
    st.selectbox(
        "Scenario",
        list(cases()),
        key=_filled("case", chosen),
        format_func=lambda name: cases()[name].label,
        help=f"{choices()['case']['note']}\n\n**{cases()[chosen].label}**: {cases()[chosen].story}",
        on_change=_take_case,
    )


def _take_case() -> None:
    """Start from another case."""
    if _are_known():
        state.set_scenario(case(st.session_state.set_case))


def _origin() -> None:
    """The forecast origin."""
    scenario = st.session_state.scenario
    st.segmented_control(
        choices()["origin"]["label"],
        starting_quarters(),
        key=_filled("origin", scenario.origin),
        format_func=lambda quarter: month_text(decimal_year(quarter)),
        help=choices()["origin"]["note"],
        required=True,
        on_change=lambda: _take("origin", st.session_state.set_origin),
    )
    if scenario.origin != case(scenario.case).origin:
        st.caption("The settings are still those of another start; the case Today goes with 2024.")


def _events() -> None:
    """The dated events, each a switch."""
    events = st.session_state.scenario.events
    switches = load_evidence().switches
    label = f"Events ({len(events)} of {len(switches)} on)"
    if not st.toggle(label, key="fold_events", persist_state="session"):
        return
    st.caption("What happened later, each to be switched on: what would it have changed?")
    for row in switches.itertuples():
        key = _filled(f"event_{row.switch}", row.switch in events)
        st.toggle(row.label, key=key, on_change=_take_events)


def _take_events() -> None:
    """Change the events of the scenario to those that are switched on."""
    switches = load_evidence().switches.switch
    on = tuple(name for name in switches if st.session_state[f"set_event_{name}"])
    _take("events", events_text(on))
