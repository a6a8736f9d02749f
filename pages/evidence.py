"""Every figure and where it comes from."""

import pandas as pd
import streamlit as st

from model.evidence.reader import load_evidence
from pages.parts import address, cached, results
from pages.parts import evidence_tables as tables
from pages.parts.evidence_tables import sourced, titled


def show(table: pd.DataFrame) -> None:
    """A table with its links; a dash stands for no figure."""
    st.dataframe(table, column_config=tables.LINKS, hide_index=True, placeholder="–")


st.set_page_config("Sources and figures", page_icon="📚", layout="wide")
address.link_back()
st.title("Sources and figures")
with results.refusal():
    known = load_evidence()
st.markdown(tables.GRADES)

st.header("Settings")
st.caption("Default, range and prior of every slider; a guess says assumption.")
show(tables.settings(known))

st.header("Where the projections start")
st.caption("Users by messenger and market, million; allocated cells follow the rule in their note.")
origins = sorted(known.installed_base.origin.unique())
origin = st.segmented_control("Quarter", origins, default=origins[0])
show(tables.at_origin(known, known.installed_base, origin))
show(tables.at_origin(known, known.totals, origin))

st.header("What was observed")
show(tables.observed(known))

st.header("What the article says")
show(sourced(known, known.article))

st.header("At home in China")
st.markdown(tables.home(known))

st.header("Events")
show(sourced(known, known.dated_events))

st.header("Markets")
st.subheader("Markets and their leading messengers")
show(tables.markets(known))
for name, title in tables.MARKET_TABLES.items():
    st.subheader(title)
    show(sourced(known, getattr(known, name)))

st.header("How others fared abroad")
st.caption("Other messengers and networks outside their home market: the reference class.")
show(sourced(known, known.reference_class))

st.header("What concern does")
st.caption("What surveys and experiments say about concern over Chinese products and their use.")
show(sourced(known, known.concern_effects))

st.header("Numbers behind the model")
st.caption("Fixed numbers that no slider moves.")
show(sourced(known, known.constants))

st.header("The calibration")
st.markdown(tables.CALIBRATION)
show(tables.fits(known))
st.subheader("As it happened: error of the case against every series, %")
show(titled(tables.named_series(known, cached.errors())))

st.header("The record")
st.markdown(tables.RECORD)
show(tables.record(known))
st.markdown(tables.leaders_right(known))
st.subheader("Every forecast of the record, million users")
show(titled(known.record).round(1))

st.header("The back-test of the one-platform form")
st.markdown(tables.verdict(known))
show(tables.backtest(known))
st.subheader("What others forecast: KakaoTalk's merger filing of 2014")
show(titled(cached.published_forecast()))

st.header("All sources")
show(titled(known.sources))
