"""Every figure and where it comes from."""

import streamlit as st

from pages.parts import cached, state, tables

st.set_page_config("Sources and figures", page_icon="📚", layout="wide")
state.back_link()
st.title("Sources and figures")
with cached.refusal():
    known = cached.known()
st.markdown(tables.GRADES)

st.header("Settings")
st.caption("Default, range and prior of every slider; a guess says assumption.")
st.dataframe(tables.settings(known), column_config=tables.LINKS, hide_index=True)

st.header("Where the projections start")
st.caption("Users by messenger and market, million; allocated cells follow the rule in their note.")
origin = st.segmented_control("Quarter", tables.origins(known), default=tables.origins(known)[0])
st.dataframe(tables.base(known, origin), column_config=tables.LINKS, hide_index=True)
st.dataframe(tables.totals(known, origin), column_config=tables.LINKS, hide_index=True)

st.header("What was observed")
st.dataframe(tables.observed(known), column_config=tables.LINKS, hide_index=True)

st.header("What the article says")
st.dataframe(tables.sourced(known, known.article), column_config=tables.LINKS, hide_index=True)

st.header("At home in China")
st.markdown(tables.home(known))

st.header("Events")
st.dataframe(tables.sourced(known, known.events), column_config=tables.LINKS, hide_index=True)

st.header("Markets")
for name, table in tables.market_tables(known).items():
    st.subheader(name)
    st.dataframe(table, column_config=tables.LINKS, hide_index=True)

st.header("The calibration")
st.markdown(tables.CALIBRATION)
st.dataframe(tables.fits(known), hide_index=True)
st.subheader("As it happened: error of the case against every series, %")
st.dataframe(tables.errors(known, cached.errors()), hide_index=True)

st.header("The back-test")
st.markdown(tables.verdict(known))
st.dataframe(tables.backtest(known), hide_index=True)
st.subheader("What others forecast: KakaoTalk's merger filing of 2014")
st.dataframe(cached.published_forecast(), hide_index=True)

st.header("All sources")
st.dataframe(known.sources, column_config=tables.LINKS, hide_index=True)
