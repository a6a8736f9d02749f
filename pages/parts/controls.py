"""The controls: one widget for each row of data/settings.csv, showing the scenario and no other.

A widget's key is "set_" and the setting's name. Widgets that are folded away are not drawn; their
settings stay what the scenario says.
"""

from collections.abc import Iterable

import streamlit as st

from model.evidence.reader import load_evidence
from model.scenario.scenario import Scenario, case, cases, change, events_text, starting_quarters
from model.scenario.settings import Setting, all_settings, choices
from pages.parts import cached, state

LEVELS = "0 none · 25 some · 50 strong · 75 talk of bans · 100 no one who worries joins"
ORIGIN_LABELS = {"2014Q1": "March 2014", "2024Q2": "June 2024"}


def show(scenario: Scenario) -> Scenario:
    """Draw all controls and give the scenario that they say."""
    _case(scenario)
    # also before a first move: its keys must be there
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=state.undo, shortcut="Ctrl+Z")
        st.button("Reset", on_click=state.reset, shortcut="Alt+Z")
    st.markdown("**Growth a year**")
    said = _sliders(scenario, [*_of("growth"), "concern"])
    st.caption(LEVELS)
    said |= _folded(scenario, "Concern by region", ["concern"], but=("concern",))
    said |= _sliders(scenario, _of("barrier", "marketing", "attrition", "horizon"))
    said |= _origin(scenario)
    said |= _events(scenario)
    said |= _folded(scenario, "More assumptions", ["advanced"])
    return change(scenario, said)


def _of(*groups: str) -> list[str]:
    """The settings of some groups, in the order of the groups."""
    return [one.name for group in groups for one in all_settings().values() if one.group == group]


def _sliders(scenario: Scenario, names: Iterable[str]) -> dict[str, object]:
    said: dict[str, object] = {}
    for name in names:
        said |= _slider(scenario, all_settings()[name])
    return said


def _slider(scenario: Scenario, setting: Setting) -> dict[str, object]:
    """One slider; whole numbers where the step is whole."""
    key, kind = f"set_{setting.name}", float if setting.step % 1 else int
    value = scenario[setting.name]
    kind = kind if value == kind(value) else float
    if key not in st.session_state:
        st.session_state[key] = kind(value)
    kind = type(st.session_state[key])
    value = st.slider(
        setting.label,
        kind(setting.low),
        kind(setting.high),
        step=kind(setting.step),
        key=key,
        format=_format(setting, value),
        help=_help(setting),
        on_change=state.moved,
        args=(setting.name,),
    )
    return {setting.name: value}


def _format(setting: Setting, value: float) -> str:
    """How a slider writes its value: the unit where it is short, decimals where it has them."""
    number = "%d" if setting.step % 1 == 0 else "%.2f" if setting.step < 0.1 else "%.1f"
    if abs(value / setting.step - round(value / setting.step)) > 1e-6:
        # a fitted or solved value, or a link's, lies between the steps: one decimal more
        number = {"%d": "%.1f", "%.1f": "%.2f", "%.2f": "%.3f"}[number]
    if setting.unit.startswith("%"):
        return f"{number}%%"
    if setting.unit.startswith("US$"):
        return f"US$ {number} M"
    return f"{number} yr" if setting.unit == "years" else number


def _help(setting: Setting) -> str:
    """What a setting is, its unit, default, range and where they come from."""
    default = f"Default {setting.value:g}, from {setting.low:g} to {setting.high:g}"
    source = cached.producers()[setting.source_id]
    return f"{setting.note}\n\n*{default} ({setting.unit}). Source: {source}.*"


def _folded(
    scenario: Scenario, label: str, groups: Iterable[str], but: tuple[str, ...] = ()
) -> dict[str, object]:
    """Settings that are only drawn while their fold is open."""
    # a toggle, because each expander on the page makes every redrawing slower
    if not st.toggle(label, key=f"fold_{label}", persist_state="session"):
        return {}
    return _sliders(scenario, [name for name in _of(*groups) if name not in but])


def _case(scenario: Scenario) -> None:
    """The case; choosing another one sets every control to it."""
    st.session_state.setdefault("set_case", scenario.case)
    st.selectbox(
        choices()["case"]["label"],
        list(cases()),
        key="set_case",
        format_func=lambda name: cases()[name].label,
        help=choices()["case"]["note"],
        on_change=lambda: state.go_to(case(st.session_state.set_case)),
    )
    st.caption(cases()[scenario.case].story)


def _origin(scenario: Scenario) -> dict[str, object]:
    """The forecast origin."""
    st.session_state.setdefault("set_origin", scenario.origin)
    picked = st.segmented_control(
        choices()["origin"]["label"],
        starting_quarters(),
        key="set_origin",
        format_func=lambda name: ORIGIN_LABELS.get(name, name),
        help=choices()["origin"]["note"],
        required=True,
    )
    if picked != case(scenario.case).origin:
        st.caption("The settings are still those of another start; the case Today goes with 2024.")
    return {"origin": picked or scenario.origin}


def _events(scenario: Scenario) -> dict[str, object]:
    """The dated events, each a switch."""
    said = {one: one in scenario.events for one in load_evidence().switches.switch}
    now = {one: st.session_state.get(f"set_event_{one}", on) for one, on in said.items()}
    label = f"{choices()['events']['label']} ({sum(now.values())} on)"
    if not st.toggle(label, key="fold_events", persist_state="session"):
        return {}
    on = []
    st.caption("What happened later, each to be switched on: what would it have changed?")
    for row in load_evidence().switches.itertuples():
        key = f"set_event_{row.switch}"
        st.session_state.setdefault(key, row.switch in scenario.events)
        if st.toggle(row.label, key=key):
            on.append(row.switch)
    return {"events": events_text(tuple(on))}
