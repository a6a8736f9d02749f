"""The other questions on the screen: comparison, goals, map of the lead and bars."""

import io
import re

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from numpy.testing import assert_allclose

from model.analysis import goal_seek
from model.analysis.goal_seek import LEVERS
from model.analysis.sampling import runs
from model.number_text import six_digits
from model.scenario.scenario import case, change
from tests.kept import answer
from tests.pages.screen import (
    PLATFORMS,
    about,
    both_runs,
    charts,
    column_titles,
    data,
    ends,
    line_of,
    marks,
    month,
    open_page,
    rough,
    seen,
    signed,
    span,
    titles,
    words,
)

LABELS = data("settings").set_index("name").label
UNITS = data("settings").set_index("name").unit
MARKETS = tuple(data("markets")["name"])


@pytest.fixture
def downloads(monkeypatch):
    """Everything that a page offers to download: label -> (content, file, media type)."""
    offered = {}

    def keep(label, content, file_name, mime, **_):
        offered[label] = (content, file_name, mime)

    monkeypatch.setattr(st, "download_button", keep)
    return offered


def paired(now, other):
    """80% of the differences of paired runs of two scenarios at the end."""
    totals = [runs(one)[0].total[-1] for one in (now, other)]
    return np.quantile(totals[0] - totals[1], [0.1, 0.9], axis=-1)


def test_the_kept_scenarios_are_in_a_table_and_its_file(downloads):
    kept = {"march-2014": case(), "hard-line": case("hard-line"), "wide": None}
    kept["wide"] = change(case(), {"wechat": 300, "horizon": 5})
    table = "march-2014~~hard-line~~march-2014~wechat.300~horizon.5"
    app = open_page(open="compare", table=table)
    shown = app.dataframe[-1].value
    content, file, mime = downloads["Download the table (CSV)"]
    assert file.endswith(".csv") and mime == "text/csv"
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(content), keep_default_na=False),
        pd.read_csv(io.StringIO(shown.to_csv(index=False)), keep_default_na=False),
    )
    assert len(shown) == len(kept)
    for scenario, (_, row) in zip(kept.values(), shown.iterrows(), strict=True):
        total = both_runs(scenario)[0].total
        for k, name in enumerate(PLATFORMS):
            assert row[f"{name}, million"] == pytest.approx(line_of(total)[-1, k], abs=0.051)
        low, high = (end[-1, 0] for end in ends(scenario))
        assert row["WeChat, 80% range"] == span(low, high)
        for k, name in ((1, "LINE"), (2, "KakaoTalk")):
            share = 100 * (total[-1, 0] > total[-1, k]).mean()
            assert row[f"Ahead of {name}, % of runs"] == pytest.approx(share, abs=0.51)
        assert row["By"] == 2014 + scenario["horizon"]
        assert row["Case"] == data("cases").set_index("case").label[scenario.case]
    assert shown.Changed[0] == shown.Changed[1] == "nothing"
    growth = f"WeChat growth {case()['wechat']:g} per 100 → 300 per 100"
    assert shown.Changed[2] == f"{growth}; Look ahead 10 yr → 5 yr"


def test_the_difference_from_the_pinned_by_market_and_quarter():
    now, other = case(), case("hard-line")
    app = seen(open="compare", pin="hard-line")
    table = app.dataframe[0]
    assert list(column_titles(table).values()) == [
        "Market",
        "WeChat, million",
        "WeChat, %",
        "WeChat, 80% of runs, million",
        "LINE, million",
        "KakaoTalk, million",
    ]
    rows = table.value.set_index("Market")
    a, b = (runs(one)[0].markets[-1] for one in (now, other))
    low, high = np.quantile(a - b, [0.1, 0.9], axis=-1)
    first, other_end = (line_of(runs(one)[0].total)[-1] for one in (now, other))
    apart, pinned = first - other_end, answer(other).market_ends.line[0]
    rows, unplaced = rows[:-1], rows.iloc[-1]
    assert list(abs(rows.WeChat)) == sorted(abs(rows.WeChat), reverse=True)
    assert unplaced.name == "In one market or another, nobody knows which"
    assert rows.WeChat.sum() + unplaced.WeChat == pytest.approx(rough(apart[0]))
    for i, market in enumerate(MARKETS):
        row = rows.loc[market]
        ends = [float(end) for end in row.Range.split(" to ")]
        wanted = list(dict.fromkeys([rough(low[0, i]) + 0.0, rough(high[0, i]) + 0.0]))
        assert ends == pytest.approx(wanted)
        assert low[0, i] - 0.051 <= row.WeChat <= high[0, i] + 0.051
        if pinned[i] < 0.05:
            assert np.isnan(row.Percent)
        else:
            own = 100 * np.sort(a[0, i] / b[0, i] - 1)[64:192].mean()
            assert row.Percent == pytest.approx(own, abs=0.51)
    spec, frames = charts(app)[-1]
    frame = frames[""]
    assert set(titles(spec, "y").values()) == {"Difference from the pinned (million users)"}
    totals = [runs(one)[0].total for one in (now, other)]
    low, high = np.quantile(totals[0] - totals[1], [0.1, 0.9], axis=-1)
    for k, name in enumerate(PLATFORMS):
        own = frame[frame.platform == name]
        assert_allclose(own.low, low[:, k], atol=0.002)
        assert_allclose(own.high, high[:, k], atol=0.002)
        inner = np.quantile((totals[0] - totals[1])[:, k], [0.25, 0.75], axis=-1)
        assert_allclose([own.low50, own.high50], inner, atol=0.002)
        assert own.users.iloc[-1] == pytest.approx(apart[k], abs=6e-4)
        assert own.label.iloc[-1] == f"{name} {signed(apart[k], 100 * apart[k] / other_end[k])}"
        assert list(own.year) == list(answer(now).times)
    areas = [m["encoding"] for m in marks(spec) if m["mark"]["type"] == "area"]
    fields = [(area["y"]["field"], area["y2"]["field"]) for area in areas]
    assert fields == [("low", "high"), ("low50", "high50")]


def test_advertising_is_said_at_its_peak_and_at_the_end():
    """Of the lines with and without it, the largest difference and its year, and the last one."""
    values = {"marketing": 1000, "until": 2016}
    texts = {name: str(value) for name, value in values.items()}
    said = words(seen(open="levers", horizon="8", **texts))
    with_it = change(case(), values | {"horizon": 8})
    paths = [
        line_of(runs(one)[0].total)[:, 0] for one in (with_it, change(with_it, {"marketing": 0}))
    ]
    apart = paths[0] - paths[1]
    assert apart[0] == pytest.approx(0, abs=1e-6)
    at = int(abs(apart).argmax())
    assert apart[at] > 1.2 * apart[-1]
    year = 2014 + at // 4  # the quarter at 0 ends in March 2014
    assert (
        f"**Advertising** abroad (US$ 1,000 M a year), against none: at most {about(apart[at])} "
        f"more, in {year}; {about(apart[-1])} more in 2022."
    ) in said


def test_a_difference_that_was_larger_before_the_end_is_said():
    now = change(case(), {"marketing": 1000})
    app = seen(marketing="1000", pin="march-2014", open="compare")
    apart = (line_of(runs(now)[0].total) - line_of(runs(case())[0].total))[:, 0]
    at = int(abs(apart).argmax())
    assert (abs(apart[at] - apart[-1]) > 0.1 * apart[at]) == ("At most it is" in words(app))
    if "At most it is" in words(app):
        when = month(answer(now).times[at])
        assert f"At most it is {about(apart[at])} more, in {when}." in words(app)


@pytest.fixture
def asked(monkeypatch):
    """Questions that the page asks the model to solve; a second call gets the first answer."""
    calls, real = [], goal_seek.solve

    def keep(scenario, goal, levers):
        solved = calls[0][-1] if calls else real(scenario, goal, levers)
        calls.append((scenario, goal, solved))
        return solved

    monkeypatch.setattr(goal_seek, "solve", keep)
    return calls


def test_each_goal_card_has_the_value_that_the_model_solves(asked):
    app = open_page(open="solve", wechat="120")
    scenario = change(case(), {"wechat": 120})
    ((given, goal, solved),) = asked
    assert (given, goal.rival, goal.by) == (scenario, "KakaoTalk", "2024Q1")
    assert {one.lever for one in solved} == {*LEVERS}
    cards = [text.value for text in app.markdown if re.match(r"\*\*[^*]+\*\*  \n", text.value)]
    buttons = {one.key.removeprefix("use_"): one for one in app.button if "use_" in str(one.key)}
    assert len(cards) == sum(one.value is not None for one in solved) > 1
    assert {one.lever for one in solved if one.value is not None} == set(buttons)
    for one in solved:
        if one.value is None:
            (never,) = re.findall(r"No value of ([^.]+) is enough\.", words(app))
            assert LABELS[one.lever] in never
            continue
        said = next(card for card in cards if card.startswith(f"**{LABELS[one.lever]}**"))
        way, number = re.search(r"would have to (rise|fall) to (?:US\$ )?([\d.]+)", said).groups()
        assert float(number) == float(f"{one.value:.3g}")
        assert way == ("rise" if one.value > scenario[one.lever] else "fall")
        distance = abs(float(f"{one.value:.3g}") - scenario[one.lever])
        assert f": {distance:.3g}" in said and UNITS[one.lever].removeprefix("US$ ") in said
        assert LABELS[one.lever] in buttons[one.lever].help
        moved = change(scenario, {one.lever: one.value})
        wechat, _, rival = line_of(runs(moved)[0].total)[-1]
        assert wechat == pytest.approx(rival, rel=2e-3)
    lever = list(buttons)[-1]
    buttons[lever].click().run()
    sent = app.query_params[lever]
    value = next(one.value for one in solved if one.lever == lever)
    assert float(sent[-1] if isinstance(sent, list) else sent) == six_digits(value)


def test_the_goal_is_the_one_that_was_chosen(asked):
    asked.append((None, None, None, []))  # nothing is solved
    app = open_page(open="solve", horizon="8")
    app.selectbox(key="goal").select("reach").run()
    app.number_input(key="goal_users").set_value(250.0).run()
    assert asked[-1][1] == goal_seek.Goal(rival="", users=250.0, by="2022Q1")
    app.selectbox(key="goal").select("pass-line").run()
    assert asked[-1][1] == goal_seek.Goal(rival="LINE", users=None, by="2022Q1")
    box = next(box for box in app.selectbox if box.label == "By the end of")
    box.select("2019Q1").run()
    assert asked[-1][1].by == "2019Q1"


def test_a_title_in_the_table_is_no_formula_in_its_csv(downloads):
    """Nor in the one that Streamlit makes of a table, in the browser."""
    app = open_page(open="compare", table="march-2014~title.%3D1%2B1")
    content, _, _ = downloads["Download the table (CSV)"]
    assert "\n'=1+1," in content
    assert "'=1+1" in [title for one in app.dataframe for title in one.value.get("Scenario", ())]
