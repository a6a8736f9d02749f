"""An invisible component that scrolls the page to its top, where a step or a question begins.

On a phone both are asked for at the foot of the page.
"""

import streamlit as st

_component = st.components.v2.component(
    "to_top",
    js="""
let done = 0
export default ({data}) => {
  if (data.times > done) document.querySelector("[data-testid=stMain]").scrollTo({top: 0})
  done = data.times
}
""",
)


def go() -> None:
    """Scroll to the top with the next drawing of the page."""
    st.session_state.to_top += 1


def show() -> None:
    """Mount the component."""
    _component(key="scroll", data={"times": st.session_state.to_top})
