"""How the model works, what it cannot tell, its words and its changes, a tab at a time."""

import re
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from model.evidence import DATA
from model.scenario.settings import Setting, all_parameters, all_settings
from pages.parts import address, results

MARK = "<!-- the table of {0}, from data/{0}.csv -->"  # in method.md
TABLES = {  # rows and heads of each
    "settings": (all_settings, "setting | symbol | equation | default | range | unit"),
    "parameters": (all_parameters, "parameter | symbol | equation | value | unit"),
}
TABS = {  # each shows a section of method.md, by its heading, or a file of the project
    "In plain words": "In plain words",
    "What it cannot tell you": "What this cannot tell you",
    "Equations": "Equations",
    "Fit and record": "Fit and record",
    "Glossary": DATA.parent / "GLOSSARY.md",
    "Changes": DATA.parent / "CHANGELOG.md",
}


def section(heading: str) -> str:
    """The section of method.md below a heading of the second level, with the heading."""
    text = (Path(__file__).parent / "method.md").read_text(encoding="utf-8")
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    found = next(part for part in parts if part.startswith(f"## {heading}\n"))
    for name, (rows, heads) in TABLES.items():
        found = found.replace(MARK.format(name), table(heads, rows().values()))
    return found


def table(heads: str, rows: Iterable[Setting]) -> str:
    """Settings or parameters as Markdown: label, symbol, equations, value, range if set, unit."""
    lines = [f"| {heads} |", "|---" * len(heads.split("|")) + "|"]
    for one in rows:
        symbol = f"${one.symbol}$" if one.symbol else ""
        equations = ", ".join(f"({number})" for number in one.equation.split(";") if number)
        ends = f"{one.low:g} to {one.high:g} | " if one.group else ""
        numbers = f"{one.value:g} | {ends}{one.unit}".replace("$", "&#36;")
        lines.append(f"| {one.label} | {symbol} | {equations} | {numbers} |")
    return "\n".join(lines)


st.set_page_config("How this works", page_icon="🧭", layout="centered")
address.link_back()
st.title("How this works", anchor=False)
with results.refusal():
    all_settings()
opened = st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params")
for tab, (name, text) in zip(opened, TABS.items(), strict=True):
    if not tab.open:  # neither read nor sent
        continue
    with tab:
        if isinstance(text, Path):
            st.header({"Changes": "What changed"}.get(name, name), anchor=False)
            st.markdown(text.read_text(encoding="utf-8").removeprefix("# Glossary\n"))
        else:
            st.markdown(section(text))
