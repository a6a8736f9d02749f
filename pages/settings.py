"""All settings: value, plausible range, source and grade of each, and a place to change them."""

from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from model.evidence import Evidence, load_evidence
from model.number_text import ended
from model.scenario.gone import change_with_notes
from model.scenario.scenario import case, every_value, typed_values
from model.scenario.settings import Setting, SettingError, all_settings
from pages.parts import address, cached, results, settings_table, state
from pages.parts.evidence_tables import note, part, show
from pages.parts.wording import answer as answer_words
from pages.parts.wording import settings as words
from pages.parts.wording.from_links import plain

FIRST = "wechat"  # the setting that is chosen at first


def table(known: Evidence) -> None:
    """Every setting; the row that is selected is the setting that is chosen."""
    session, names = st.session_state, known.settings.name.tolist()
    session.rows = {"selection": {"rows": [names.index(session.setting)]}}
    show(
        settings_table.settings(known, session.scenario),
        words.TABLE,
        key="rows",
        on_select=lambda: take_row(names),
        selection_mode=("single-row-required", "single-cell"),  # a click anywhere in a row
    )


def take_row(names: list[str]) -> None:
    """Choose the setting whose row or cell was clicked."""
    chosen = st.session_state.rows.selection
    row = chosen.cells[0][0] if chosen.cells else chosen.rows[0]
    st.session_state.setting = names[row]


def editor(known: Evidence) -> None:
    """The choice of a setting, its value, to be changed, and what could not be used."""
    session, labels = st.session_state, known.settings.set_index("name").label
    name = st.selectbox(words.CHOSEN, list(labels.index), key="setting", format_func=labels.get)
    if name in all_settings():
        number(all_settings()[name])
    else:
        now = {"case": session.scenario.case, **every_value(session.scenario)}
        note(words.CHOICE.format(name=name, value=now[name]))
    st.text_input(
        words.SEVERAL,
        key="exact",
        placeholder="wechat=137 concern=33",
        max_chars=400,
        help=words.SEVERAL_HELP,
        on_change=take_several,
    )
    for sentence in session.pop("unused", ()):
        st.warning(plain(ended(sentence)))


def number(setting: Setting) -> None:
    """A box for the value of a setting, and a button for that of its scenario."""
    session = st.session_state
    now, before = (one[setting.name] for one in (session.scenario, case(session.scenario.case)))
    session[f"value_{setting.name}"] = now
    # without ends: beyond them the browser would say why, but keep the number in its box
    st.number_input(
        words.VALUE.format(unit=setting.unit),
        value=None,
        step=setting.step,
        format="%g",
        key=f"value_{setting.name}",
        on_change=take_number,
        args=(setting,),
    )
    with st.container(horizontal=True):
        st.button(
            words.BACK_TO.format(value=settings_table.shown(before)),
            disabled=now == before,
            on_click=state.set_values,
            args=({setting.name: before},),
        )
        st.button(words.UNDO, disabled=not session.past, on_click=state.undo)


def take_number(setting: Setting) -> None:
    """Set the number that was typed, or say why not; an empty box changes nothing."""
    typed = st.session_state[f"value_{setting.name}"]
    if typed is None:
        return
    try:
        state.set_values({setting.name: f"{typed:.10g}"})
    except SettingError as error:
        kept = settings_table.shown(st.session_state.scenario[setting.name])
        st.session_state.unused = [words.refused(setting, error, kept)]


def take_several() -> None:
    """Set the values that were typed; on an error nothing changes and the text stays."""
    session = st.session_state
    try:
        changed, unused = change_with_notes(session.scenario, typed_values(session.exact))
    except SettingError as error:
        session.unused = [words.REFUSED.format(error=error)]
        return
    session.exact, session.unused = "", unused
    state.set_scenario(changed)


def details(known: Evidence) -> None:
    """Note, range, sources and equations of the chosen setting."""
    row = known.settings.set_index("name").loc[st.session_state.setting]
    st.header(row.label, anchor=False)
    st.markdown(plain(row.note))
    note(words.ends(row, settings_table.plausible(row.prior_low, row.prior_high)))
    sources = known.sources.set_index("source_id")
    for source in row.source_id.split(";"):
        st.markdown(words.source(sources.loc[source]))
    if row.equation:
        st.markdown(words.EQUATION.format(symbol=row.symbol))
        st.markdown(settings_table.equations(row.equation))
        with suppress(StreamlitAPIException):  # the page was started by itself, without app.py
            query = {"tab": "Equations"}
            st.page_link("pages/method.py", label=words.METHOD, query_params=query)


def fixed(known: Evidence) -> None:
    """One table of the numbers that no setting moves."""
    st.header(words.FIXED, anchor=False)
    title = st.radio("Table", list(words.FIXED_TABLES), horizontal=True)
    part(title, words.FIXED_TABLES[title], settings_table.fixed(known)[title])


st.set_page_config(words.TITLE, page_icon="🎚️", layout="wide")
results.reconnect()
with results.refusal():
    address.begin()
    evidence = load_evidence()
scenario = st.session_state.scenario
st.session_state.setdefault("setting", FIRST)
address.link_back()
st.title(words.TITLE, anchor=False)
results.notes()
note(words.ABOUT)
if not state.guess_is_asked():
    st.markdown(f"**{answer_words.headline(cached.answer(state.shown(scenario)))}**")
note(words.changed(scenario))
left, right = st.columns([3, 1], gap="medium")
with left:
    table(evidence)
with right:
    editor(evidence)
details(evidence)
fixed(evidence)
address.write()
