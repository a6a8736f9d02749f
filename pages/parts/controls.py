"""The controls: one widget for each row of data/settings.csv, filled from the scenario.

A widget's key is "set_" and the setting's name. Its callback changes the scenario. Widgets that are
folded away are not drawn; their settings stay as they are in the scenario.
"""

import streamlit as st

from model.evidence import load_evidence
from model.number_text import ended
from model.quarters import decimal_year, month_text
from model.scenario.gone import change_with_notes
from model.scenario.scenario import (
    case,
    cases,
    events_text,
    starting_quarters,
    typed_values,
)
from model.scenario.settings import Setting, SettingError, all_settings, choices
from pages.parts import cached, state
from pages.parts.wording import controls as words
from pages.parts.wording.from_links import plain


def show() -> None:
    """Draw all controls."""
    scenario()
    main()
    others()


def scenario() -> None:
    """The case the sliders start from, Undo and Reset."""
    chosen = st.session_state.scenario.case
    st.selectbox(
        "Scenario",
        list(cases()),
        key=_filled("case", chosen),
        format_func=lambda name: cases()[name].label,
        help=words.case_help(choices()["case"]["note"], cases()[chosen]),
        on_change=_take_case,
    )
    # also before a first move: its keys must be there
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=state.undo, shortcut="Ctrl+Z")
        st.button("Reset", on_click=state.reset, shortcut="Alt+Z")


def main() -> None:
    """Growth of the three messengers, and security concern."""
    st.caption(words.GROWTH)
    _sliders("growth")
    _slider(all_settings()["concern"])
    st.caption(words.LEVELS_OF_CONCERN)


def others() -> None:
    """All other settings; those that are folded away are not drawn."""
    _sliders("barrier", "attrition", "horizon")
    # toggles, because each expander on the page makes every redrawing slower
    if st.toggle("Marketing", key="fold_marketing", persist_state="session"):
        _sliders("marketing")
    if st.toggle("Concern by region", key="fold_Concern by region", persist_state="session"):
        _sliders("concern", but="concern")
    _events()
    more = sum(setting.group == "advanced" for setting in all_settings().values())
    if st.toggle(words.MORE.format(count=more), key="fold_more", persist_state="session"):
        _sliders("advanced")
    _origin()
    _exact()


def _sliders(*groups: str, but: str = "") -> None:
    """The sliders of some groups, in the order of the groups, without the setting `but`."""
    for group in groups:
        for setting in all_settings().values():
            if setting.group == group and setting.name != but:
                _slider(setting)


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
        on_change=state.take_slider,
        args=(setting.name,),
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


def _take_case() -> None:
    """Start from another case, which sets every control to it."""
    if state.knows_its_widgets():
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
        on_change=_take_origin,
    )
    if scenario.origin != case(scenario.case).origin:
        st.caption(words.OTHER_START)


def _take_origin() -> None:
    """Start at another quarter."""
    if state.knows_its_widgets():
        state.set_values({"origin": st.session_state.set_origin})


def _events() -> None:
    """The dated events, each a switch."""
    on, switches = st.session_state.scenario.events, load_evidence().switches
    label = words.EVENTS.format(on=len(on), count=len(switches))
    if not st.toggle(label, key="fold_events", persist_state="session"):
        return
    st.caption(words.EVENTS_NOTE)
    for row in switches.itertuples():
        key = _filled(f"event_{row.switch}", row.switch in on)
        st.toggle(row.label, key=key, on_change=_take_events)


def _take_events() -> None:
    """Change the events of the scenario to those that are switched on."""
    switches = load_evidence().switches.switch
    if state.knows_its_widgets():
        on = tuple(name for name in switches if st.session_state[f"set_event_{name}"])
        state.set_values({"events": events_text(on)})


def _exact() -> None:
    """A box for exact values, in the words of links and of the command line."""
    st.text_input(
        "Type exact values",
        key="exact",
        placeholder="wechat=137 concern=33",
        max_chars=400,
        help=words.EXACT_HELP.format(names=", ".join(list(all_settings())[:12])),
        on_change=_take_exact,
    )
    if refused := st.session_state.exact_refused:
        st.error(plain(refused))
    if unused := st.session_state.exact_unused:
        st.info("  \n".join(map(plain, unused)))


def _take_exact() -> None:
    """Set the values that were typed; on an error nothing changes and the text stays."""
    session = st.session_state
    session.exact_refused, session.exact_unused = "", ()
    try:
        changed, unused = change_with_notes(session.scenario, typed_values(session.exact))
    except SettingError as error:
        session.exact_refused = ended(words.REFUSED.format(error=error))
        return
    session.exact, session.exact_unused = "", tuple(map(ended, unused))
    state.set_scenario(changed)
