"""Every figure and where it comes from."""

import pandas as pd
import streamlit as st

from pages.parts import cached, evidence_tables, state


def show(table: pd.DataFrame) -> None:
    """A table with its links, and a dash where there is no figure."""
    st.dataframe(table, column_config=evidence_tables.LINKS, hide_index=True, placeholder="–")


st.set_page_config("Sources and figures", page_icon="📚", layout="wide")
state.back_link()
st.title("Sources and figures")
with cached.refusal():
    known = cached.known()
st.markdown(evidence_tables.GRADES)

st.header("Settings")
st.caption("Default, range and prior of every slider; a guess says assumption.")
show(evidence_tables.settings(known))

st.header("Where the projections start")
st.caption("Users by messenger and market, million; allocated cells follow the rule in their note.")
origin = st.segmented_control(
    "Quarter", evidence_tables.origins(known), default=evidence_tables.origins(known)[0]
)
show(evidence_tables.base(known, origin))
show(evidence_tables.totals(known, origin))

st.header("What was observed")
show(evidence_tables.observed(known))

st.header("What the article says")
show(evidence_tables.sourced(known, known.article))

st.header("At home in China")
st.markdown(evidence_tables.home(known))

st.header("Events")
show(evidence_tables.sourced(known, known.dated_events))

st.header("Markets")
for name, table in evidence_tables.market_tables(known).items():
    st.subheader(name)
    show(table)

st.header("How others fared abroad")
st.caption("Other messengers and networks outside their home market: the reference class.")
show(evidence_tables.reference_class(known))

st.header("What concern does")
st.caption("What surveys and experiments say about concern over Chinese products and their use.")
show(evidence_tables.concern_effects(known))

st.header("Numbers behind the model")
st.caption("Fixed numbers that no slider moves.")
show(evidence_tables.constants(known))

st.header("The calibration")
st.markdown(evidence_tables.CALIBRATION)
show(evidence_tables.fits(known))
st.subheader("As it happened: error of the case against every series, %")
show(evidence_tables.errors(known, cached.errors()))

st.header("The record")
st.markdown(evidence_tables.RECORD)
show(evidence_tables.record(known))
st.markdown(evidence_tables.leaders_right(known))
st.subheader("Every forecast of the record, million users")
show(evidence_tables.record_rows(known))

st.header("The back-test of the one-platform form")
st.markdown(evidence_tables.verdict(known))
show(evidence_tables.backtest(known))
st.subheader("What others forecast: KakaoTalk's merger filing of 2014")
show(evidence_tables.titled(cached.published_forecast()))

st.header("All sources")
show(evidence_tables.titled(known.sources))
