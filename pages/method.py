"""How the model works, what it cannot tell, and what changed."""

from pathlib import Path

import streamlit as st

from model.evidence.reader import DATA
from model.scenario.settings import Setting, all_settings
from pages.parts import address, results

TABLE = "<!-- the table of settings, from data/settings.csv -->"


def row(setting: Setting) -> str:
    """The line of one setting in the table: label, symbol, equations, default and range."""
    symbol = f"${setting.symbol}$" if setting.symbol else ""
    equations = ", ".join(f"({number})" for number in setting.equation.split(";") if number)
    numbers = f"{setting.value:g} | {setting.low:g} to {setting.high:g} | {setting.unit}"
    return f"| {setting.label} | {symbol} | {equations} | {numbers.replace('$', '&#36;')} |"


st.set_page_config("How this works", page_icon="🧭", layout="centered")
address.link_back()
text = (Path(__file__).parent / "method.md").read_text(encoding="utf-8")
with results.refusal():
    rows = ["| setting | symbol | equation | default | range | unit |", "|---|---|---|---|---|---|"]
    rows += map(row, all_settings().values())
st.markdown(text.replace(TABLE, "\n".join(rows)))
st.header("What changed")
st.markdown((DATA.parent / "CHANGELOG.md").read_text(encoding="utf-8"))
