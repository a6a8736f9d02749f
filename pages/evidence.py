"""Every figure and where it comes from, a tab at a time."""

import pandas as pd
import streamlit as st

from model.evidence import Evidence, load_evidence
from pages.parts import address, cached, results
from pages.parts import evidence_tables as tables
from pages.parts.charts import evidence_charts as charts
from pages.parts.evidence_tables import note, show
from pages.parts.wording import evidence as words

MESSENGERS = {
    "All": ("WeChat", "LINE", "KakaoTalk", "WhatsApp", "QQ"),
    "WeChat": ("WeChat",),
    "LINE": ("LINE",),
    "KakaoTalk": ("KakaoTalk",),
    "WhatsApp and QQ": ("WhatsApp", "QQ"),
}
FITS = {  # title of each table that can be chosen: the text above it, the table
    "Scores of the record": (words.RECORD, tables.record),
    "Every forecast of the record": (words.EVERY_FORECAST, tables.every_forecast),
    "Where a simple method is better": (words.LOSING, tables.losing),
    "How far past forecasts missed": (words.ERROR_SPREAD, tables.error_spread),
    "Calibrated settings": (words.CALIBRATION, tables.fits),
    "How the runs are drawn": (words.SAMPLER, tables.sampler),
    "Error of the case As it happened": (
        words.AS_IT_HAPPENED,
        lambda known: tables.as_it_happened(known, cached.errors()),
    ),
    "KakaoTalk's own forecast of 2014": (words.FILING, tables.filing),
}


def observed(known: Evidence) -> None:
    """Observed users in a panel for each messenger and place, and the table of all figures."""
    st.header("What was observed", anchor=False)
    chosen = st.radio("Messenger", list(MESSENGERS), horizontal=True)
    note(words.OBSERVED)
    figures = charts.user_figures(known.observed)
    least = charts.ENOUGH if chosen == "All" else 1
    with st.grid(min_column_width=250, gap=("small", "medium"), vertical_alignment="bottom"):
        for rows in charts.panels(figures, MESSENGERS[chosen], least):
            panel(known, rows, figures)
    if chosen == "All":
        note(words.TOO_FEW.format(least=charts.ENOUGH))
    st.subheader("Every figure", anchor=False)
    note(words.EVERY_FIGURE)
    show(tables.observed(known, MESSENGERS[chosen]), "Observed figures")
    st.header(words.FRESH, anchor=False)
    by_market = tables.fresh_by_market(known)
    st.markdown(words.freshness(known, by_market))
    # one table at a time: on a phone each is a screen high
    how = st.radio("Newest figures", [words.BY_KIND, words.BY_MARKET], horizontal=True)
    st.subheader(how, anchor=False)
    if how == words.BY_MARKET:
        note(words.FRESH_BY_MARKET)
    show(by_market if how == words.BY_MARKET else tables.freshness(known), how)


def panel(known: Evidence, rows: pd.DataFrame, figures: pd.DataFrame) -> None:
    """The chart of the observed users of one messenger in one place."""
    platform, geography = rows.iloc[0][["platform", "geography"]]
    name = f"{platform}, {tables.place(known, geography)}"
    spec = {**cached.spec(charts.panel), "datasets": charts.panel_data(rows, figures)}
    with st.container(gap="xxsmall"):
        st.markdown(f"**{name}**")
        alt = charts.panel_finding(name, rows)
        st.vega_lite_chart(None, spec, key=f"panel {name}", alt=alt)


def starting(known: Evidence) -> None:
    """Users by messenger and market at each forecast origin."""
    st.header("Where the projections start", anchor=False)
    st.markdown(words.home(known))
    origins = sorted(known.installed_base.origin.unique())
    origin = st.radio("Quarter", origins, horizontal=True)
    st.subheader("Users by market", anchor=False)
    note(words.STARTING)
    show(tables.at_origin(known, known.installed_base, origin), "Users by market")
    st.subheader("Totals", anchor=False)
    show(tables.at_origin(known, known.totals, origin), "Totals")


def markets(known: Evidence) -> None:
    """One table of the markets, chosen by its title."""
    st.header("Markets", anchor=False)
    title = st.selectbox("Table", list(tables.MARKET_TABLES))
    name, heads = tables.MARKET_TABLES[title]
    st.subheader(title, anchor=False)
    note(words.MARKETS[name])
    show(tables.of_markets(known, name, heads), title)


def fit_and_record(known: Evidence) -> None:
    """Past forecasts beside what came of them, and one table of how good the model is."""
    st.header("Past forecasts and what came", anchor=False)
    st.markdown(f"{words.coverage(known)} {words.about_the_record(known)}")
    group = st.radio("Group by", list(charts.GROUPS), horizontal=True)
    note(words.PAST_FORECASTS)
    rows = charts.record_rows(tables.record_rows(known), charts.GROUPS[group])
    spec = cached.spec(charts.record_chart)
    st.vega_lite_chart(rows, spec, key=f"record {group}", alt=charts.record_finding(rows))
    st.markdown(words.leaders_right(known))
    title = st.selectbox("Table", list(FITS))
    st.subheader(title, anchor=False)
    text, make = FITS[title]
    table = make(known)
    st.markdown(text.format(count=len(table), all=len(known.record)))
    show(table, title)


def events(known: Evidence) -> None:
    """Dated events, and the claims of the article."""
    st.header("Events", anchor=False)
    note(words.EVENTS)
    show(tables.sourced(known, known.dated_events, {"date": "Day", "platform": "Who"}), "Events")
    st.subheader("The article of March 2014", anchor=False)
    note(words.ARTICLE)
    show(tables.sourced(known, known.article), "The article of March 2014")


def sources(known: Evidence) -> None:
    """All sources, with a search."""
    st.header("All sources", anchor=False)
    st.markdown(words.GRADES)
    search = st.text_input(
        "Search all columns", placeholder="for instance: Tencent 2013", live=True
    )
    table = tables.matching(known.sources, search)
    count = words.FOUND if search.strip() else words.COUNT
    st.markdown(count.format(found=len(table), count=len(known.sources)))
    link = table.url.where(table.url.str.startswith("http"))
    table = table.assign(url=link)
    show(tables.titled(table, {"source_id": "Name in data/"}), "All sources")


TABS = {
    "Observed": observed,
    "Starting users": starting,
    "Markets": markets,
    "Fit and record": fit_and_record,
    "Events": events,
    "Sources": sources,
}

st.set_page_config(words.TITLE, page_icon="📚", layout="wide")
address.link_back()
st.title(words.TITLE, anchor=False)
with results.refusal():
    evidence = load_evidence()
note(words.ABOUT)
opened = st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params")
for tab, draw in zip(opened, TABS.values(), strict=True):
    if tab.open:  # the others are neither computed nor sent
        with tab:
            draw(evidence)
