"""The evidence page on the screen: verdicts, scores and tables worked out anew from data/."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.evidence import reader
from model.evidence.reader import load_evidence
from tests.pages.screen import ROOT, data, digits, open_page, seen

PAGE = "pages/evidence.py"
NAIVE = ["damped", "drift", "drift4", "last"]
NAMES = data("markets").set_index("market")["name"]


@pytest.fixture(scope="module")
def page():
    return seen(PAGE)


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
def test_the_verdict_gives_the_mean_error_of_each_method(page, horizon):
    said = next(text for text in under(page, "The back-test")[0] if "quarters ahead" in text)
    line = next(one for one in said.splitlines() if f"**{horizon} quarters ahead**" in one)
    given = re.search(r"mean scaled error (.*?)\. It loses", line)[1]
    found = {name: float(number) for name, number in (one.split(" ") for one in given.split(", "))}
    table = scores(horizon)
    assert set(found) == {*NAIVE, "model"}
    for name, number in found.items():
        assert number == pytest.approx(table[name].sum() / len(table), abs=0.00501), name
    lost = [one for one, row in table.iterrows() if row.model > min(row[NAIVE])]
    count, of = re.search(r"on (\d+) of (\d+): ", line).groups()
    assert (int(count), int(of)) == (len(lost), len(table))
    assert len(line.partition(f"of {of}: ")[2].rstrip(".").split("; ")) == len(lost)
    for one in lost:
        row = data("observed")
        row = row[row.series == one].iloc[0]
        assert f"{row.platform} {row.metric}: " in line


def test_the_verdict_gives_the_share_of_outcomes_that_were_held(page):
    said = next(text for text in under(page, "The back-test")[0] if "quarters ahead" in text)
    rows = data("backtest")

    def held(part):
        return f"{100 * (part.coverage80 * part.n).sum() / part.n.sum():.0f}%"

    model = rows[rows.method == "model"]
    others = model[model.series != "wechat_world_mau"]
    narrow = rows[rows.method == "model-parameters"]
    assert f"held **{held(model)}** of the outcomes ({held(others)} without WeChat's" in said
    assert f"fitted settings alone held {held(narrow)}," in said
    assert len({held(model), held(others), held(narrow)}) > 1


def test_the_back_test_has_a_column_a_method(page):
    table = under(page, "The back-test")[1][0]
    rows = data("backtest")
    for horizon in (4, 8, 12):
        own, shown = scores(horizon), table[table["Horizon quarters"] == horizon]
        assert len(shown) == len(own)
        for method in (*NAIVE, "model"):
            values = sorted(shown[method.capitalize()])
            assert values == pytest.approx(sorted(own[method]), abs=0.006)
        best = own[[*NAIVE, "model"]].idxmin(axis=1)
        assert sorted(shown["Best"]) == sorted(best)
        model = rows[(rows.method == "model") & (rows.horizon_quarters == horizon)]
        assert sorted(shown["Outcomes"]) == sorted(model.n)
        assert sorted(shown["Held by 80"]) == pytest.approx(sorted(model.coverage80), abs=0.006)
    for row in table.to_dict("records"):
        assert row[row["Best"].capitalize()] == min(row[m.capitalize()] for m in (*NAIVE, "model"))


def test_the_record_gives_coverage_and_wins_in_percent(page):
    texts, frames = under(page, "The record")
    rows, shown = data("record"), frames[0].set_index(["Kind", "Horizon quarters"])
    kinds = {"total": rows.market == "EX-CHINA", "market": rows.market != "EX-CHINA"}
    kinds["all"] = pd.Series(True, index=rows.index)
    for (kind, horizon), row in shown.iterrows():
        chosen = kinds[kind] & ((horizon == "all") | (rows.horizon_quarters.astype(str) == horizon))
        own = rows[chosen]
        assert row["N"] == len(own)
        for end in ("", " error"):
            low, high = (own[f"{side}80{end.replace(' ', '_')}"] for side in ("low", "high"))
            held = ((low <= own.observed) & (own.observed <= high)).mean()
            assert row[f"Coverage{end}"] == pytest.approx(100 * held, abs=0.51)
            assert row[f"Width{end}"] == pytest.approx(np.median(high / low), abs=0.006)
        error = {
            name: np.abs(np.log(own[column] / own.observed))
            for name, column in (("model", "median"), ("last", "last"), ("damped", "damped"))
        }
        for name, values in error.items():
            assert row[f"Error {name}"] == pytest.approx(np.mean(values), abs=0.006)
        for name in ("last", "damped"):
            wins = 100 * np.mean(error["model"] <= error[name])
            assert row[f"No worse than {name}"] == pytest.approx(wins, abs=0.51)
    assert ("all", "all") in shown.index and len(shown) == 11
    assert f"At each of {rows.origin.nunique()} origins" in texts[0]
    assert f"up to {rows.horizon_quarters.max()} quarters on" in texts[0]


def test_the_leaders_that_were_right_are_counted(monkeypatch):
    """With a table in which the projection is right more often than whoever led before."""
    rows = load_evidence().record_leaders.head(10).assign(actual="LINE", projected="LINE")
    rows = rows.assign(before=["LINE"] * 4 + ["WeChat"] * 6, origin=["2013Q4"] * 7 + ["2015Q1"] * 3)
    rows.loc[rows.index[-2:], "projected"] = "KakaoTalk"
    known = load_evidence().with_tables(record_leaders=rows)
    monkeypatch.setattr(reader, "load_evidence", lambda: known)
    texts = under(open_page(PAGE), "The record")[0]
    assert any(
        "in **80%** of 10 cases; whoever led it at the origin in 40%" in text for text in texts
    )


def test_the_leaders_of_the_record_are_those_of_the_data(page):
    rows = data("record_leaders")
    right, before = (100 * (rows[name] == rows.actual).mean() for name in ("projected", "before"))
    text = next(one for one in under(page, "The record")[0] if "projected to lead" in one)
    assert f"in **{right:.0f}%** of {len(rows)} cases" in text
    assert f"at the origin in {before:.0f}%" in text


def test_every_forecast_of_the_record_is_there(page):
    table = under(page, "Every forecast of the record, million users")[1][0]
    rows = data("record")
    for column in rows.columns.drop(["market", "platform", "origin"]):
        title = column.replace("_", " ").capitalize()
        assert_allclose(table[title], rows[column], atol=0.0501)
    for column in ("origin", "platform"):
        assert table[column.capitalize()].tolist() == rows[column].tolist()


def test_the_fits_say_how_much_the_data_tell(page):
    table = under(page, "The calibration")[1][0]
    rows, labels = data("fits"), data("settings").set_index("name").label
    assert table["Fit"].tolist() == rows.fit.tolist()
    assert table["Setting"].tolist() == [labels.get(name, name) for name in rows.setting]
    assert_allclose(table["Value"], rows.value, atol=0.0051)
    assert_allclose(table["Spread"], rows.spread, atol=0.0051)
    assert_allclose(table["Spread after / before"], rows.informed, atol=0.0051)


def test_the_settings_have_range_prior_and_source(page):
    table = under(page, "Settings")[1][0]
    rows, sources = data("settings"), data("sources").set_index("source_id")
    assert table["Label"].tolist() == rows.label.tolist()
    for title in ("Value", "Low", "High", "Unit", "Prior low", "Prior high", "Note"):
        own = rows[title.lower().replace(" ", "_")].fillna(-1).tolist()
        shown = table[title].fillna(-1).tolist()
        assert [str(one) for one in shown] == [str(one) for one in own], title
    first = rows.source_id.str.split(";").str[0]
    assert table["Producer"].tolist() == sources.producer[first].tolist()
    assert table["Grade"].tolist() == sources.grade[first].tolist()


@pytest.mark.parametrize("name", ["installed_base", "totals"])
def test_the_start_is_that_of_the_chosen_quarter(page, name):
    frames = under(page, "Where the projections start")[1]
    table = frames[["installed_base", "totals"].index(name)]
    rows = data(name)
    rows = rows[rows.origin == "2014Q1"]
    assert table["Value millions"].tolist() == rows.value_millions.tolist()
    assert table["Low"].tolist() == rows.low.tolist()
    assert table["High"].tolist() == rows.high.tolist()
    if name == "installed_base":
        assert table["Market"].tolist() == NAMES[rows.market].tolist()


def test_the_observed_figures_keep_value_unit_and_source(page):
    table, rows = under(page, "What was observed")[1][0], data("observed")
    for column in ("value", "low", "high"):
        assert table[column.capitalize()].fillna(-1).tolist() == rows[column].fillna(-1).tolist()
    assert table["Unit"].tolist() == rows.unit.tolist()
    sources = data("sources").set_index("source_id")
    first = rows.source_id.str.split(";").str[0]
    assert table["Producer"].tolist() == sources.producer[first].tolist()
    for shown, row in zip(table["Series"], rows.itertuples(), strict=True):
        assert shown.startswith(f"{row.platform} ")


def test_the_home_market_is_that_of_the_end_of_2013(page):
    rows = data("observed")
    rows = rows[rows.date == "2013-12-31"].set_index("series").value
    said = under(page, "At home in China")[0][0]
    assert f"together had **{digits(rows['wechat_world_mau'])} million**" in said
    assert f"same owner, **{digits(rows['qq_mau'])} million**" in said


def test_the_errors_of_the_case_are_percentages(page):
    table = under(page, "As it happened: error of the case against every series, %")[1][0]
    assert (table["Median error"] <= table["Largest error"]).all()
    assert table["Figures"].sum() <= len(data("observed"))
    assert table["Largest error"].max() > 1  # in %, not as a share


def test_what_others_forecast_is_compared_in_percent(page):
    table = under(page, "What others forecast")[1][0]
    for row in table.to_dict("records"):
        for name in ("Forecast", "Last"):
            error = 100 * abs(row[name] / row["Observed"] - 1)
            assert row[f"{name} error"] == pytest.approx(error, abs=0.3)


def test_the_method_page_shows_method_and_changes():
    app = seen("pages/method.py")
    shown = " ".join(text.value for text in app.markdown)
    assert not app.exception and "What this cannot tell you" in shown
    assert "What changed" in [one.value for one in app.header]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.splitlines()[-1] in shown


def test_the_method_page_gives_default_and_range_of_every_setting():
    shown = next(t.value for t in seen("pages/method.py").markdown if "| setting |" in t.value)
    rows = data("settings")
    for row in rows[rows.scale != "choice"].itertuples():
        cells = next(line for line in shown.splitlines() if line.startswith(f"| {row.label} |"))
        *_, default, ends, unit = [cell.strip() for cell in cells.strip("| ").split(" | ")]
        low, high = ends.split(" to ")
        assert (float(default), float(low), float(high)) == (float(row.value), row.low, row.high)
        assert unit.replace("&#36;", "$") == row.unit
