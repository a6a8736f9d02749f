"""Every figure and where it comes from, a tab at a time."""

import pandas as pd
import streamlit as st

from model.evidence import Evidence, load_evidence
from pages.parts import address, cached, record_tables, results
from pages.parts import evidence_tables as tables
from pages.parts.charts import evidence_charts as charts
from pages.parts.evidence_tables import sourced, titled

TALL = 420  # pixels of a table that scrolls
MESSENGERS = {
    "All": ("WeChat", "LINE", "KakaoTalk", "WhatsApp", "QQ"),
    "WeChat": ("WeChat",),
    "LINE": ("LINE",),
    "KakaoTalk": ("KakaoTalk",),
    "WhatsApp and QQ": ("WhatsApp", "QQ"),
}


def show(table: pd.DataFrame, title: str) -> None:
    """A table with its links and its height bounded; a dash stands for no figure."""
    columns = {
        "Link": st.column_config.LinkColumn(display_text=tables.DOMAIN),
        "Grade": st.column_config.TextColumn(help=tables.GRADE_HELP),
    }
    st.dataframe(
        table,
        height=TALL if len(table) > 11 else "content",
        column_config={name: how for name, how in columns.items() if name in table},
        hide_index=True,
        placeholder="–",
        alt=f"{title}: {len(table)} rows",
    )


def note(text: str) -> None:
    """A small line in the colour of the text: Streamlit's captions are paler than 4.5:1."""
    st.markdown(f":small[{text}]")


def observed(known: Evidence) -> None:
    """Observed users in a panel for each messenger and place, and the table of all figures."""
    st.header("What was observed", anchor=False)
    chosen = st.radio("Messenger", list(MESSENGERS), horizontal=True)
    platforms = MESSENGERS[chosen]
    note(
        "Users in million, by year; each panel has a scale of its own, from 0. **●** published by "
        "the company · **◇** survey or estimate by others · **┃** a range, because no single "
        "figure exists. The number is the last figure."
    )
    figures = charts.user_figures(known.observed)
    least = charts.ENOUGH if chosen == "All" else 1
    spec = cached.spec(charts.panel)
    with st.grid(min_column_width=250, gap=("small", "medium"), vertical_alignment="bottom"):
        for rows in charts.panels(figures, platforms, least):
            platform, geography = rows.iloc[0][["platform", "geography"]]
            name = f"{platform}, {tables.place(known, geography)}"
            with st.container(gap="xxsmall"):
                st.markdown(f"**{name}**")
                sent = {**spec, "datasets": charts.panel_data(rows, figures)}
                alt = charts.panel_finding(name, rows)
                st.vega_lite_chart(None, sent, key=f"panel {name}", alt=alt)
    if chosen == "All":
        note(f"Places with fewer than {charts.ENOUGH} figures: choose one messenger to see them.")
    st.subheader("Every figure", anchor=False)
    note("Also registered accounts and shares of the people online.")
    show(tables.observed(known, platforms), "Observed figures")


def starting(known: Evidence) -> None:
    """Users by messenger and market at each forecast origin."""
    st.header("Where the projections start", anchor=False)
    st.markdown(tables.home(known))
    origins = sorted(known.installed_base.origin.unique())
    origin = st.radio("Quarter", origins, horizontal=True)
    st.subheader("Users by market", anchor=False)
    note(
        "Reported: by the company. Survey: a share of the people online. Allocated: the rest of a "
        "total, shared out by the rule in the note."
    )
    show(tables.at_origin(known, known.installed_base, origin), "Users by market")
    st.subheader("Totals", anchor=False)
    show(tables.at_origin(known, known.totals, origin), "Totals")


def settings(known: Evidence) -> None:
    """Every setting and every fixed number."""
    st.header("Settings", anchor=False)
    note(
        "Default and range of every slider. Plausible from and to: where we thought before any fit "
        "that the value lies, with nine chances in ten. Equations are those of the method page."
    )
    show(tables.settings(known), "Settings")
    st.subheader("Fixed numbers", anchor=False)
    note("Numbers of the model that no slider moves.")
    show(sourced(known, known.constants), "Fixed numbers")


def markets(known: Evidence) -> None:
    """One table of the markets, chosen by its title."""
    st.header("Markets", anchor=False)
    title = st.selectbox("Table", list(tables.MARKET_TABLES))
    st.subheader(title, anchor=False)
    note(tables.MARKET_NOTES[title])
    show(tables.of_markets(known, title), title)


def fit_and_record(known: Evidence) -> None:
    """Past forecasts beside what came of them, and one table of how good the model is."""
    st.header("Past forecasts and what came", anchor=False)
    st.markdown(f"{record_tables.coverage(known)} {record_tables.about_the_record(known)}")
    group = st.radio("Group by", list(charts.GROUPS), horizontal=True)
    note(
        "Each line is one forecast with its 80% range including past error. **●** the range held "
        "what came · **✚** it missed, with its name. Beyond a quarter or four times it is cut. "
        "Click a mark to see its row."
    )
    rows = charts.record_rows(record_tables.named(known), charts.GROUPS[group])
    picked = st.vega_lite_chart(
        rows,
        cached.spec(charts.record_chart),
        key=f"record {group}",
        alt=charts.record_finding(rows),
        on_select="rerun",
        selection_mode="forecast",
    )
    if marks := picked.selection["forecast"]:
        show(record_tables.one_forecast(known, dict(marks[0])), "The forecast that was clicked")
    st.markdown(record_tables.leaders_right(known))
    title = st.selectbox("Table", list(FITS))
    st.subheader(title, anchor=False)
    said, table = FITS[title]
    st.markdown(said(known) if callable(said) else said)
    show(table(known), title)


FITS = {  # title of each table that can be chosen: a text above it, the table
    "Scores of the record": (record_tables.RECORD, record_tables.record),
    "Every forecast of the record": (
        "Million users: each forecast with both ranges, what came, and two simple methods.",
        record_tables.every_forecast,
    ),
    "Calibrated settings": (record_tables.CALIBRATION, record_tables.fits),
    "Error of the case As it happened": (
        "The case fitted to everything, against each series it was fitted to.",
        lambda known: record_tables.as_it_happened(known, cached.errors()),
    ),
    "KakaoTalk's own forecast of 2014": (
        "KakaoTalk's merger filing of 2014, beside the last figure known then and what came.",
        record_tables.filing,
    ),
}


def events(known: Evidence) -> None:
    """Dated events, and the claims of the article."""
    st.header("Events", anchor=False)
    note("Switch: the name of the event's switch in links, where the page has one.")
    show(sourced(known, known.dated_events, {"date": "Day", "platform": "Who"}), "Events")
    st.subheader("The article of March 2014", anchor=False)
    note("Its figures, and where each enters the page.")
    show(sourced(known, known.article), "The article of March 2014")


def sources(known: Evidence) -> None:
    """All sources, with a search."""
    st.header("All sources", anchor=False)
    st.markdown(tables.GRADES)
    search = st.text_input(
        "Search all columns", placeholder="for instance: Tencent 2013", live=True
    )
    table = tables.matching(known.sources, search)
    count = len(known.sources)
    st.markdown(f"**{len(table)}** of {count} sources" if search.strip() else f"{count} sources")
    link = table.url.where(table.url.str.startswith("http"))
    show(titled(table.assign(url=link), {"source_id": "Name in data/"}), "All sources")


TABS = {
    "Observed": observed,
    "Starting users": starting,
    "Settings": settings,
    "Markets": markets,
    "Fit and record": fit_and_record,
    "Events": events,
    "Sources": sources,
}

st.set_page_config("Sources and figures", page_icon="📚", layout="wide")
address.link_back()
st.title("Sources and figures", anchor=False)
with results.refusal():
    evidence = load_evidence()
note("Every figure has a source and a grade, from A (best) to D (assumption).")
opened = st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params")
for tab, draw in zip(opened, TABS.values(), strict=True):
    if tab.open:  # the others are neither computed nor sent
        with tab:
            draw(evidence)
