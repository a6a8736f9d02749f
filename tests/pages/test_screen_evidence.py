"""The evidence page on the screen: verdicts, scores and tables worked out anew from data/."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.pages.screen import data, open_page, seen

PAGE = "pages/evidence.py"
NAMES = data("markets").set_index("market")["name"]

# Title of a table: its tab, its file in data/, and columns of the file with their heads.
TABLES = {
    "Markets and their leading messengers": ("Markets", "markets", {"name": "Market"}),
    "People online": ("Markets", "addressable", {
        "addressable_millions": "People online (million)",
    }),
    "Security concern": ("Markets", "concern", {"concern": "Concern index (0-1)"}),
    "Established messengers": ("Markets", "incumbents", {
        "share_pct": "Share of people online (%)", "basis": "How it is known",
        "low": "Low (%)", "high": "High (%)",
    }),
    "China-born people": ("Markets", "migrants", {"china_born": "China-born (people)"}),
    "People of Chinese descent": ("Markets", "descent", {
        "descent_millions": "Of Chinese descent (million)",
    }),
    "WeChat by market in mid-2024": ("Markets", "wechat_by_market", {
        "low80": "Low (million)", "central": "Users (million)", "high80": "High (million)",
        "grade": "Grade of the figures", "basis": "How it is known",
    }),
    "How others fared abroad": ("Markets", "reference_class", {"value": "Value", "unit": "Unit"}),
    "What concern does": ("Markets", "concern_effects", {"value": "Value", "unit": "Unit"}),
    "Calibrated settings": ("Fit and record", "fits", {
        "fit": "Fit", "value": "Median", "low": "Low (80% range)", "high": "High (80% range)",
        "best": "Best", "informed": "Spread after / before",
    }),
    "Every forecast of the record": ("Fit and record", "record", {
        "platform": "Messenger", "origin": "Origin", "horizon_quarters": "Quarters ahead",
        "observed": "What came (million)", "median": "Forecast (million)",
        "low80": "Low (million)", "high80": "High (million)",
        "last": "Last value (million)", "damped": "Damped trend (million)",
    }),
    "Events": ("Events", "dated_events", {"summary": "Summary"}),
    "The article of March 2014": ("Events", "article", {"said": "What the article says"}),
}  # fmt: skip
DECIMALS = {"record": 1, "fits": 2}  # of numbers that are rounded for the screen


@cache
def tab_with_choice(tab):
    return open_page(PAGE, tab=tab)


def table_of(tab, title):
    """A tab with the table that is chosen by its title, until another one is."""
    return tab_with_choice(tab).selectbox[0].select(title).run()


def fit(title):
    """The sentences and the table below a title of the tab "Fit and record"."""
    return under(table_of("Fit and record", title), title)


def under(page, header):
    """The sentences and tables below a header or subheader, up to the next one."""
    kinds, inside, texts, frames = ("Header", "Subheader"), False, [], []
    for element in page.main:
        kind = type(element).__name__
        if kind in kinds:
            inside = element.value.startswith(header)
        elif inside and kind in ("Markdown", "Caption"):
            texts.append(element.value)
        elif inside and kind == "Dataframe":
            frames.append(element.value)
    return texts, frames


@pytest.mark.parametrize("title", TABLES)
def test_a_table_has_the_rows_of_its_file(title):
    tab, name, heads = TABLES[title]
    chosen = tab in ("Markets", "Fit and record")
    page = table_of(tab, title) if chosen else seen(PAGE, tab=tab)
    table = under(page, title)[1][0]
    assert_rows(table, name, data(name), heads)


def test_every_figure_of_a_messenger_is_in_its_table():
    rows, page = data("observed"), open_page(PAGE)
    heads = {"metric": "What was counted", "date": "Day", "value": "Value", "unit": "Unit"}
    heads |= {"low": "Low", "high": "High", "note": "Note"}
    for messenger in ("WeChat", "LINE", "KakaoTalk", "WhatsApp", "QQ"):
        page.radio[0].set_value(messenger).run()
        table = under(page, "Every figure")[1][0]
        assert_rows(table, "observed", rows[rows.platform == messenger], heads)
    assert rows.platform.nunique() == 5


def assert_rows(table, name, rows, heads):
    """A table has the rows of data/, with the first source of each and its grade."""
    assert len(table) == len(rows)
    for column, head in heads.items():
        own, shown = rows[column], table[head]
        if pd.api.types.is_numeric_dtype(own):
            off = 0.501 * 10.0 ** -DECIMALS.get(name, 9)
            assert_allclose(shown.astype(float), own, rtol=0, atol=off, err_msg=head)
        else:
            assert list(map(str, shown.fillna(""))) == list(map(str, own.fillna(""))), head
    if "source_id" in rows and name != "markets":
        sources = data("sources").set_index("source_id")
        first = rows.source_id.str.split(";").str[0]
        assert table["Source"].tolist() == sources.producer[first].tolist()
        assert table["Grade"].tolist() == sources.grade[first].tolist() and "Link" in table
    assert not [head for head in table if "_" in head or head[0].islower()]


def test_the_record_gives_coverage_and_wins_in_percent():
    rows = data("record")
    shown = fit("Scores of the record")[1][0].set_index(["Forecasts", "Quarters ahead"])
    kinds = {"totals outside China": rows.market == "EX-CHINA"}
    kinds["single markets"] = ~kinds["totals outside China"]
    kinds["all"] = pd.Series(True, index=rows.index)
    for (kind, horizon), row in shown.iterrows():
        chosen = kinds[kind] & ((horizon == "all") | (rows.horizon_quarters.astype(str) == horizon))
        own = rows[chosen]
        assert row["Outcomes"] == len(own)
        held = ((own.low80 <= own.observed) & (own.observed <= own.high80)).mean()
        assert row["Held by the 80% range (%)"] == pytest.approx(100 * held, abs=0.51)
        middle = np.median(own.high80 / own.low80)
        assert row["Width of the range (high / low)"] == pytest.approx(middle, abs=0.006)
        heads = {"model": "model", "last": "last value", "damped": "damped trend"}
        error = {
            name: np.abs(np.log(own[column] / own.observed))
            for name, column in (("model", "median"), ("last", "last"), ("damped", "damped"))
        }
        for name, values in error.items():
            mean = np.mean(values)
            assert row[f"Error of the {heads[name]} (log)"] == pytest.approx(mean, abs=0.006)
        for name in ("last", "damped"):
            wins = 100 * np.mean(error["model"] <= error[name])
            assert row[f"No worse than the {heads[name]} (%)"] == pytest.approx(wins, abs=0.51)
    assert ("all", "all") in shown.index and len(shown) == 11


def test_the_coverage_sentence_counts_the_outcomes_inside():
    rows = data("record")
    said = under(seen(PAGE, tab="Fit and record"), "Past forecasts")[0][0]
    inside = rows.observed.between(rows.low80, rows.high80)
    total = rows.market == "EX-CHINA"
    assert f"{100 * inside.mean():.0f}% of all" in said
    for chosen, name in ((total, "totals outside China"), (~total, "figures of single markets")):
        assert f"{100 * inside[chosen].mean():.0f}% of {chosen.sum()} {name}" in said
    assert f"At each of {rows.origin.nunique()} past quarters" in said
    assert f"up to {rows.horizon_quarters.max()} quarters on" in said


def test_every_forecast_says_what_was_nearest_and_whether_its_range_held():
    """Nearest as a ratio: the median, the last value or the damped trend."""
    rows = data("record")
    off = {
        name: np.maximum(rows[name] / rows.observed, rows.observed / rows[name])
        for name in ("median", "last", "damped")
    }
    losing = off["median"] > np.minimum(off["last"], off["damped"])
    (text, *_), (table,) = fit("Every forecast of the record")
    assert f"In {losing.sum()} of {len(rows)} the last value" in text and 0 < losing.sum() < 40
    assert (table.Nearest != "model").tolist() == losing.tolist()
    for name, method in (("last", "last value"), ("damped", "damped trend")):
        other = {"last": "damped", "damped": "last"}[name]
        nearer = losing & (off[name] < off[other])
        assert (table.Nearest[nearer.to_numpy()] == method).all()
    held = (rows.low80 <= rows.observed) & (rows.observed <= rows.high80)
    assert (table.Range == "held").tolist() == held.tolist()
    assert (table.Range == "missed").tolist() == (~held).tolist()


def test_the_figures_of_the_sampler_are_those_of_the_data():
    table = fit("How the runs are drawn")[1][0].set_index("Fit")
    for row in data("fit_summary").itertuples():
        shown = table.loc[row.fit]
        assert shown["Effective draws"] == pytest.approx(row.effective, abs=0.51)
        others = shown[["R hat", "Moves taken (%)", "Distance of the two (prior spreads)"]]
        expected = [row.split, 100 * row.acceptance, row.seeds_apart]
        assert_allclose(others.astype(float), expected, rtol=0, atol=6e-4)


def test_the_leaders_of_the_record_are_those_of_the_data():
    rows = data("record_leaders")
    right, before = (100 * (rows[name] == rows.actual).mean() for name in ("projected", "before"))
    texts = under(seen(PAGE, tab="Fit and record"), "Past forecasts")[0]
    text = next(one for one in texts if "projected to lead" in one)
    assert f"in **{right:.0f}%** of {len(rows)} cases" in text
    assert f"at the origin in {before:.0f}%" in text


def test_the_start_is_that_of_the_chosen_quarter():
    page = open_page(PAGE, tab="Starting users")
    heads = {"value_millions": "Users (million)", "low": "Low (million)", "high": "High (million)"}
    for origin in ("2014Q1", "2025Q3"):
        page.radio[0].set_value(origin).run()
        for name, title in (("installed_base", "Users by market"), ("totals", "Totals")):
            table, rows = under(page, title)[1][0], data(name)
            rows = rows[rows.origin == origin]
            assert_rows(table, name, rows, heads)
            if name == "installed_base":
                assert table["Market"].tolist() == NAMES[rows.market].tolist()
