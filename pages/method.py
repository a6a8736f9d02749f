"""How the model works, what it cannot tell, and what changed."""

from pathlib import Path

import streamlit as st

from model.evidence.reader import DATA
from pages.parts import state

st.set_page_config("How this works", page_icon="🧭", layout="centered")
state.back_link()
st.markdown((Path(__file__).parent / "method.md").read_text(encoding="utf-8"))
st.header("What changed")
st.markdown((DATA.parent / "CHANGELOG.md").read_text(encoding="utf-8"))
