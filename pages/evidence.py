"""Every figure and where it comes from."""

import pandas as pd
import streamlit as st

from model.evidence.reader import load_evidence
from pages.parts import address, cached, evidence_tables, results
from pages.parts.evidence_tables import sourced, titled


def show(table: pd.DataFrame, title: str = "", caption: str = "") -> None:
    """A table with its links, below a title and a caption; a dash stands for no figure."""
    if title:
        st.header(title)
    if caption:
        st.caption(caption)
    st.dataframe(table, column_config=evidence_tables.LINKS, hide_index=True, placeholder="–")


st.set_page_config("Sources and figures", page_icon="📚", layout="wide")
address.link_back()
st.title("Sources and figures")
with results.refusal():
    known = load_evidence()
st.markdown(evidence_tables.GRADES)

show(
    evidence_tables.settings(known),
    "Settings",
    "Default, range and prior of every slider; a guess says assumption.",
)

st.header("Where the projections start")
st.caption("Users by messenger and market, million; allocated cells follow the rule in their note.")
origins = sorted(known.installed_base.origin.unique())
origin = st.segmented_control("Quarter", origins, default=origins[0])
show(evidence_tables.at_origin(known, known.installed_base, origin))
show(evidence_tables.at_origin(known, known.totals, origin))

show(evidence_tables.observed(known), "What was observed")
show(sourced(known, known.article), "What the article says")

st.header("At home in China")
st.markdown(evidence_tables.home(known))

show(sourced(known, known.dated_events), "Events")

st.header("Markets")
st.subheader("Markets and their leading messengers")
show(evidence_tables.markets(known))
for name, title in evidence_tables.MARKET_TABLES.items():
    st.subheader(title)
    show(sourced(known, getattr(known, name)))

show(
    sourced(known, known.reference_class),
    "How others fared abroad",
    "Other messengers and networks outside their home market: the reference class.",
)
show(
    sourced(known, known.concern_effects),
    "What concern does",
    "What surveys and experiments say about concern over Chinese products and their use.",
)
show(
    sourced(known, known.constants),
    "Numbers behind the model",
    "Fixed numbers that no slider moves.",
)

st.header("The calibration")
st.markdown(evidence_tables.CALIBRATION)
show(evidence_tables.fits(known))
st.subheader("As it happened: error of the case against every series, %")
show(titled(evidence_tables.named_series(known, cached.errors())))

st.header("The record")
st.markdown(evidence_tables.RECORD)
show(evidence_tables.record(known))
st.markdown(evidence_tables.leaders_right(known))
st.subheader("Every forecast of the record, million users")
show(titled(known.record).round(1))

st.header("The back-test of the one-platform form")
st.markdown(evidence_tables.verdict(known))
show(evidence_tables.backtest(known))
st.subheader("What others forecast: KakaoTalk's merger filing of 2014")
show(titled(cached.published_forecast()))

show(titled(known.sources), "All sources")
