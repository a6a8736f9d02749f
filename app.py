"""How far could WeChat go outside China? The what-if page, top to bottom."""

import streamlit as st

from model.evidence import DataError
from pages.parts import cached, controls, frames, headline, state

st.set_page_config("How far could WeChat go abroad?", page_icon="💬", layout="wide")
try:
    scenario = state.begin()
except DataError as error:
    st.error(f"The page cannot be shown, because its data are not in order: {error}.")
    st.stop()

with st.sidebar:
    scenario = controls.sidebar(scenario)
state.keep(scenario)
answer = cached.answer(scenario, st.session_state.outside)

st.title("How far could WeChat go abroad?")
for note in st.session_state.notes:
    st.warning(f"From the link: {note}.")
st.markdown(f"#### {headline.sentence(answer, st.session_state.outside)}")
st.markdown(headline.cost(answer, scenario))
st.caption("Not a forecast: it shows what the settings imply.")
changes = headline.changes(scenario)
if changes:
    line, undo, reset = st.columns([8, 1, 1], vertical_alignment="center")
    line.markdown(changes)
    undo.button("Undo", on_click=state.undo, shortcut="Ctrl+Z", disabled=not st.session_state.past)
    reset.button("Reset", on_click=state.reset)

for k, (column, platform) in enumerate(zip(st.columns(3), frames.PLATFORMS, strict=True)):
    column.metric(
        platform,
        headline.number(answer.path[-1, k]),
        f"{headline.number(answer.path[-1, k] - answer.path[0, k])} since the start",
        chart_data=answer.path[::2, k].round(2),
        border=True,
    )
st.segmented_control(
    "Count users",
    state.VIEWS["outside"],
    key="outside",
    format_func=headline.PLACE.get,
    required=True,
)
st.vega_lite_chart(
    frames.fan(answer, cached.observed(st.session_state.outside)),
    cached.spec("adoption_fan"),
    key="fan",
)
state.write_address(scenario)
