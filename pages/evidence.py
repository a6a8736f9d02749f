"""Every figure and where it comes from, a tab at a time."""

import streamlit as st

from model.evidence import Evidence, load_evidence
from model.messengers import PLATFORMS
from pages.parts import address, cached, results
from pages.parts import evidence_tables as tables
from pages.parts.charts import evidence_charts as charts
from pages.parts.evidence_tables import note, part, show
from pages.parts.wording import evidence as words

MESSENGERS = (*PLATFORMS, "WhatsApp", "QQ")
FITS = {  # title of each table that can be chosen: the text above it, the table
    "Scores of the record": (words.RECORD, tables.record),
    "Every forecast of the record": (words.EVERY_FORECAST, tables.every_forecast),
    "Calibrated settings": (words.CALIBRATION, tables.fits),
    "How the runs are drawn": (words.SAMPLER, tables.sampler),
}


def observed(known: Evidence) -> None:
    """Observed users of a messenger in a panel for each place, and the table of its figures."""
    st.header("What was observed", anchor=False)
    chosen = st.radio("Messenger", MESSENGERS, horizontal=True)
    note(words.OBSERVED)
    figures = charts.user_figures(known.observed)
    with st.grid(min_column_width=250, gap=("small", "medium"), vertical_alignment="bottom"):
        for geography, rows in charts.panels(figures, chosen):
            name = f"{chosen}, {tables.place(known, geography)}"
            spec = {**cached.spec(charts.panel), "datasets": charts.panel_data(rows, figures)}
            with st.container(gap="xxsmall"):
                st.markdown(f"**{name}**")
                finding = charts.panel_finding(name, rows)
                st.vega_lite_chart(None, spec, key=f"panel {name}", alt=finding)
    part("Every figure", words.EVERY_FIGURE, tables.observed(known, chosen), "Observed figures")
    st.header(words.FRESH, anchor=False)
    by_market = tables.fresh_by_market(known)
    st.markdown(words.freshness(known, by_market))
    note(words.FRESH_BY_MARKET)
    show(by_market, "The latest figure by market")


def starting(known: Evidence) -> None:
    """Users by messenger and market at each forecast origin."""
    st.header("Where the projections start", anchor=False)
    origins = sorted(known.installed_base.origin.unique())
    origin = st.radio("Quarter", origins, horizontal=True)
    by_market = tables.at_origin(known, known.installed_base, origin)
    part("Users by market", words.STARTING, by_market)
    st.subheader("Totals", anchor=False)
    show(tables.at_origin(known, known.totals, origin), "Totals")


def markets(known: Evidence) -> None:
    """One table of the markets, chosen by its title."""
    st.header("Markets", anchor=False)
    title = st.selectbox("Table", list(words.MARKETS))
    name, text = words.MARKETS[title]
    part(title, text, tables.of_markets(known, name))


def fit_and_record(known: Evidence) -> None:
    """Past forecasts beside what came of them, and one table of how good the model is."""
    st.header("Past forecasts and what came", anchor=False)
    st.markdown(f"{words.coverage(known)} {words.about_the_record(known)}")
    note(words.PAST_FORECASTS)
    rows = charts.record_rows(tables.record_rows(known))
    spec = cached.spec(charts.record_chart)
    st.vega_lite_chart(rows, spec, key="record", alt=charts.record_finding(rows))
    st.markdown(words.leaders_right(known))
    title = st.selectbox("Table", list(FITS))
    st.subheader(title, anchor=False)
    text, make = FITS[title]
    beaten = (tables.every_forecast(known).Nearest != words.METHODS["median"]).sum()
    st.markdown(text.format(count=beaten, all=len(known.record)))
    show(make(known), title)


def events(known: Evidence) -> None:
    """Dated events, and the claims of the article."""
    st.header("Events", anchor=False)
    note(words.EVENTS)
    show(tables.sourced(known, known.dated_events, platform="Who"), "Events")
    article = tables.sourced(known, known.article)
    part("The article of March 2014", words.ARTICLE, article)


def sources(known: Evidence) -> None:
    """All sources."""
    st.header("All sources", anchor=False)
    st.markdown(words.GRADES)
    link = known.sources.url.where(known.sources.url.str.startswith("http"))
    show(tables.titled(known.sources.assign(url=link)), "All sources")


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
