"""The evidence page on the screen: verdicts, scores and tables worked out anew from data/."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model import evidence as reader
from model.evidence import load_evidence
from tests.pages.screen import data, digits, open_page, seen

PAGE = "pages/evidence.py"
NAIVE = ["damped", "drift", "drift4", "last"]
METHODS = {
    "model": "Model",
    "last": "Last value",
    "drift": "Drift",
    "drift4": "Drift of four quarters",
    "damped": "Damped trend",
}
NAMES = data("markets").set_index("market")["name"]
CASE = "Error of the case As it happened"


@cache
def table_of(tab, title):
    """A tab with the table that is chosen by its title."""
    return open_page(PAGE, tab=tab).selectbox[0].select(title).run()


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


def scores(horizon):
    """Scaled errors by series (rows) and method (columns) at a horizon in quarters."""
    rows = data("backtest")
    rows = rows[rows.horizon_quarters == horizon]
    return rows.pivot(index="series", columns="method", values="mase")


@pytest.mark.parametrize("horizon", [8, 12])
def test_the_verdict_gives_the_mean_error_of_each_method(horizon):
    said = next(
        text for text in fit("Back-test of the one-platform form")[0] if "quarters ahead" in text
    )
    line = next(one for one in said.splitlines() if f"**{horizon} quarters ahead**" in one)
    given = re.search(r"mean scaled error (.*?)\. It loses", line)[1]
    found = {
        name: float(number) for name, number in (one.rsplit(" ", 1) for one in given.split(", "))
    }
    table = scores(horizon)
    assert set(found) == {name.lower() for name in METHODS.values()}
    for name, title in METHODS.items():
        mean = table[name].sum() / len(table)
        assert found[title.lower()] == pytest.approx(mean, abs=0.00501), name
    lost = [one for one, row in table.iterrows() if row.model > min(row[NAIVE])]
    count, of = re.search(r"on (\d+) of (\d+): ", line).groups()
    assert (int(count), int(of)) == (len(lost), len(table))
    assert len(line.partition(f"of {of}: ")[2].rstrip(".").split("; ")) == len(lost)
    for one in lost:
        row = data("observed")
        row = row[row.series == one].iloc[0]
        assert f"{row.platform} {row.metric}: " in line


def test_the_verdict_gives_the_share_of_outcomes_that_were_held():
    said = next(
        text for text in fit("Back-test of the one-platform form")[0] if "quarters ahead" in text
    )
    rows = data("backtest")

    def held(part):
        return f"{100 * (part.coverage80 * part.n).sum() / part.n.sum():.0f}%"

    model = rows[rows.method == "model"]
    others = model[model.series != "wechat_world_mau"]
    narrow = rows[rows.method == "model-parameters"]
    assert f"held **{held(model)}** of the outcomes ({held(others)} without WeChat's" in said
    assert f"fitted settings alone held {held(narrow)}," in said
    assert len({held(model), held(others), held(narrow)}) > 1


def test_the_back_test_has_a_column_a_method():
    table = fit("Back-test of the one-platform form")[1][0]
    rows = data("backtest")
    for horizon in (4, 8, 12):
        own, shown = scores(horizon), table[table["Quarters ahead"] == horizon]
        assert len(shown) == len(own)
        for method in (*NAIVE, "model"):
            values = sorted(shown[METHODS[method]])
            assert values == pytest.approx(sorted(own[method]), abs=0.006)
        best = own[[*NAIVE, "model"]].idxmin(axis=1)
        assert sorted(shown["Best"]) == sorted(best.map(METHODS))
        model = rows[(rows.method == "model") & (rows.horizon_quarters == horizon)]
        assert sorted(shown["Outcomes"]) == sorted(model.n)
        held = sorted(100 * model.coverage80)
        assert sorted(shown["Held by the 80% interval (%)"]) == pytest.approx(held, abs=0.51)
    for row in table.to_dict("records"):
        assert row[row["Best"]] == min(row[title] for title in METHODS.values())


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
        for end, held_by, width in (
            ("", "by the runs", "of the runs"),
            ("_error", "with past error", "with past error"),
        ):
            low, high = (own[f"{side}80{end}"] for side in ("low", "high"))
            held = ((low <= own.observed) & (own.observed <= high)).mean()
            assert row[f"Held {held_by} (%)"] == pytest.approx(100 * held, abs=0.51)
            middle = np.median(high / low)
            assert row[f"Width {width} (high / low)"] == pytest.approx(middle, abs=0.006)
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
    inside = rows.observed.between(rows.low80_error, rows.high80_error)
    total = rows.market == "EX-CHINA"
    assert f"held {100 * inside.mean():.0f}% of {len(rows)} outcomes" in said
    for chosen, name in ((total, "totals outside China"), (~total, "figures of single markets")):
        assert f"{100 * inside[chosen].mean():.0f}% of {chosen.sum()} {name}" in said
    runs_alone = rows.observed.between(rows.low80, rows.high80).mean()
    assert f"runs alone held {100 * runs_alone:.0f}%" in said
    assert f"At each of {rows.origin.nunique()} past quarters" in said
    assert f"up to {rows.horizon_quarters.max()} quarters on" in said


def test_the_leaders_that_were_right_are_counted(monkeypatch):
    """With a table in which the projection is right more often than whoever led before."""
    rows = load_evidence().record_leaders.head(10).assign(actual="LINE", projected="LINE")
    rows = rows.assign(before=["LINE"] * 4 + ["WeChat"] * 6, origin=["2013Q4"] * 7 + ["2015Q1"] * 3)
    rows.loc[rows.index[-2:], "projected"] = "KakaoTalk"
    known = load_evidence().with_tables(record_leaders=rows)
    monkeypatch.setattr(reader, "load_evidence", lambda: known)
    texts = under(open_page(PAGE, tab="Fit and record"), "Past forecasts")[0]
    assert any(
        "in **80%** of 10 cases; whoever led it at the origin in 40%" in text for text in texts
    )


def test_the_leaders_of_the_record_are_those_of_the_data():
    rows = data("record_leaders")
    right, before = (100 * (rows[name] == rows.actual).mean() for name in ("projected", "before"))
    texts = under(seen(PAGE, tab="Fit and record"), "Past forecasts")[0]
    text = next(one for one in texts if "projected to lead" in one)
    assert f"in **{right:.0f}%** of {len(rows)} cases" in text
    assert f"at the origin in {before:.0f}%" in text


def test_every_forecast_of_the_record_is_there():
    table = fit("Every forecast of the record")[1][0]
    rows = data("record")
    heads = {
        "horizon_quarters": "Quarters ahead",
        "observed": "What came (million)",
        "median": "Forecast (million)",
        "low80": "Low, runs (million)",
        "high80": "High, runs (million)",
        "low80_error": "Low, with past error (million)",
        "high80_error": "High, with past error (million)",
        "last": "Last value (million)",
        "damped": "Damped trend (million)",
    }
    assert set(heads) == set(rows.columns) - {"market", "platform", "origin"}
    for column, title in heads.items():
        assert_allclose(table[title], rows[column], atol=0.0501)
    assert table["Origin"].tolist() == rows.origin.tolist()
    assert table["Messenger"].tolist() == rows.platform.tolist()
    assert table["Place"].tolist() == rows.market.map(NAMES).fillna("outside China").tolist()


def test_the_fits_say_how_much_the_data_tell():
    table = fit("Calibrated settings")[1][0]
    rows, labels = data("fits"), data("settings").set_index("name").label
    assert table["Fit"].tolist() == rows.fit.tolist()
    assert table["Setting"].tolist() == [labels.get(name, name) for name in rows.setting]
    assert_allclose(table["Value"], rows.value, atol=0.0051)
    assert_allclose(table["Spread"], rows.spread, atol=0.0051)
    assert_allclose(table["Spread after / before"], rows.informed, atol=0.0051)


def test_the_settings_have_range_prior_and_source():
    table = under(seen(PAGE, tab="Settings"), "Settings")[1][0]
    rows, sources = data("settings"), data("sources").set_index("source_id")
    assert table["Setting"].tolist() == rows.label.tolist()
    heads = {"value": "Default", "low": "Lowest", "high": "Highest", "unit": "Unit", "note": "Note"}
    heads |= {"prior_low": "Plausible from", "prior_high": "Plausible to"}
    for column, title in heads.items():
        own = rows[column].fillna(-1).tolist()
        shown = table[title].fillna(-1).tolist()
        assert [str(one) for one in shown] == [str(one) for one in own], title
    first = rows.source_id.str.split(";").str[0]
    assert table["Source"].tolist() == sources.producer[first].tolist()
    assert table["Grade"].tolist() == sources.grade[first].tolist()


@pytest.mark.parametrize("origin", ["2014Q1", "2024Q2"])
@pytest.mark.parametrize("name", ["installed_base", "totals"])
def test_the_start_is_that_of_the_chosen_quarter(name, origin):
    page = open_page(PAGE, tab="Starting users")
    page.radio[0].set_value(origin).run()
    table = under(page, {"installed_base": "Users by market", "totals": "Totals"}[name])[1][0]
    rows = data(name)
    rows = rows[rows.origin == origin]
    assert table["Users (million)"].tolist() == rows.value_millions.tolist()
    assert table["Low (million)"].tolist() == rows.low.tolist()
    assert table["High (million)"].tolist() == rows.high.tolist()
    if name == "installed_base":
        assert table["Market"].tolist() == NAMES[rows.market].tolist()


def test_the_observed_figures_keep_value_unit_and_source():
    table, rows = under(seen(PAGE), "Every figure")[1][0], data("observed")
    for column in ("value", "low", "high"):
        assert table[column.capitalize()].fillna(-1).tolist() == rows[column].fillna(-1).tolist()
    assert table["Unit"].tolist() == rows.unit.tolist()
    sources = data("sources").set_index("source_id")
    first = rows.source_id.str.split(";").str[0]
    assert table["Source"].tolist() == sources.producer[first].tolist()
    for column, title in (
        ("platform", "Messenger"),
        ("metric", "What was counted"),
        ("date", "Day"),
    ):
        assert table[title].tolist() == rows[column].tolist()


def test_the_home_market_is_that_of_the_end_of_2013():
    rows = data("observed")
    rows = rows[rows.date == "2013-12-31"].set_index("series").value
    said = under(seen(PAGE, tab="Starting users"), "Where the projections start")[0][0]
    assert f"together had **{digits(rows['wechat_world_mau'])} million**" in said
    assert f"same owner, **{digits(rows['qq_mau'])} million**" in said


def test_the_errors_of_the_case_are_percentages():
    table = fit(CASE)[1][0]
    assert (table["Median error (%)"] <= table["Largest error (%)"]).all()
    assert table["Figures"].sum() <= len(data("observed"))
    assert table["Largest error (%)"].max() > 1  # in %, not as a share


def test_what_others_forecast_is_compared_in_percent():
    table = fit("KakaoTalk's own forecast of 2014")[1][0]
    for row in table.to_dict("records"):
        for name in ("Forecast", "Last value"):
            error = 100 * abs(row[f"{name} (million)"] / row["What came (million)"] - 1)
            shown = row[f"Error of the {name.lower()} (%)"]
            assert shown == pytest.approx(error, abs=0.3)
