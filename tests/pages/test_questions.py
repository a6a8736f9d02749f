"""The questions below the chart, without a browser: each opens, and says what the model says."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from model.analysis.attribution import PLAYERS, explain
from model.analysis.bands import Band
from model.number_text import about, users_text
from model.scenario.links import from_query
from model.scenario.scenario import case, cases, change
from pages.parts.charts import bar_charts, fan_rows
from pages.parts.wording import answer as wording
from tests.kept import answer
from tests.pages.screen import ROOT, open_page, words

OPENED = [
    ("markets", {}),
    ("markets", {"wechat": "0", "line": "0", "kakao": "0"}),
    ("compare", {"horizon": "1", "pin": "hard-line~horizon.1"}),
    ("solve", {"concern": "100", "barrier": "100"}),
    ("solve", {"case": "today"}),
    ("lead", {"case": "hard-line", "attrition": "200", "marketing": "0"}),
    ("lead", {"wechat": "0", "line": "0", "kakao": "0"}),
    ("levers", {"concern": "0", "barrier": "0"}),
    ("levers", {"horizon": "1"}),
    ("share", {"concern": "100", "barrier": "100"}),
]


def button(app, label):
    return next(button for button in app.button if button.label.startswith(label))


@pytest.mark.parametrize(("tool", "settings"), OPENED)
def test_every_question_opens_at_the_extremes(tool, settings):
    app = open_page(open=tool, **settings)
    assert not app.exception and not app.error and not app.warning
    heads = [str(head) for table in app.dataframe for head in table.value.columns]
    assert not re.search(r"\bdraws?\b", " ".join([words(app), *heads]))


def test_pin_then_move_shows_the_difference():
    app = open_page(open="compare")
    assert "Nothing is pinned" in words(app)
    button(app, "Pin this").click().run()
    assert "The same as March 2014: no difference" in words(app) and not app.dataframe
    assert "No difference yet" in words(app)
    app.slider(key="set_concern").set_value(0).run()
    apart = answer(change(case(), {"concern": 0})).total.line[-1] - answer(case()).total.line[-1]
    assert about(apart[0]) in words(app)
    rows = app.dataframe[0].value.set_index("Market")
    assert rows.WeChat.sum() == pytest.approx(apart[0], rel=0.051)  # with those in no market
    rows = rows[:-1]
    ends = rows.Range.str.split(" to ", expand=True).astype(float)
    assert not (ends[0] > ends[1]).any() and (ends[0] < ends[1]).sum() > 5
    assert (rows.Percent > 0).all()
    assert dict(app.query_params)["pin"] in (case().case, [case().case])
    button(app, "Swap").click().run()
    assert app.slider(key="set_concern").value == case()["concern"]
    button(app, "Unpin").click().run()
    assert "pin" not in dict(app.query_params)


def test_several_scenarios_in_one_table_are_kept_in_the_link():
    app = open_page(open="compare")
    app.text_input(key="row_name").input("As the article").run()
    button(app, "Add to the table").click().run()
    app.slider(key="set_wechat").set_value(300).run()
    app.text_input(key="row_name").input("~Fast <b>").run()
    button(app, "Add to the table").click().run()
    shown = app.dataframe[-1].value
    assert list(shown["Scenario"]) == ["As the article", "~Fast <b>"]
    assert app.text_input(key="row_name").value == ""  # the next row is another scenario
    fast = answer(change(case(), {"wechat": 300})).total.line[-1]
    assert_allclose(shown["WeChat, million"].iloc[1], fast[0], atol=0.05)
    address = {k: v if isinstance(v, list) else [v] for k, v in dict(app.query_params).items()}
    view, notes = from_query(address)
    assert not notes
    assert [title for title, _ in view.table] == ["As the article", "~Fast <b>"]


def test_a_link_says_when_its_number_moved():
    app = open_page(v="2", case="march-2014", wechat="160", said="121", data="2020-01-01.abcdef")
    now = users_text(answer(change(case(), {"wechat": 160})).total.line[-1, 0])
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 121 million, now {now}" in said
    assert "2020-01-01.abcdef" in said
    button(app, "Dismiss").click().run()
    assert not app.warning


def test_a_complete_link_of_today_opens_without_a_note():
    """And without the box that made it; made there again, it is the same."""
    app = open_page(open="share", wechat="160", pin="no-concern~line.150", title="Mine")
    link = app.code[0].value
    assert "open=" not in link + app.code[1].value
    assert app.text_input(key="typed").value == "Mine"
    again = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, values in parse_qs(urlsplit(link).query).items():
        again.query_params[name] = values
    again.query_params["open"] = "share"
    again.run()
    assert not again.warning
    assert again.header[0].value == app.header[0].value
    assert again.code[0].value == link


def test_a_refused_value_is_not_taken_for_a_change_of_the_model():
    app = open_page(v="2", concern="500", said="192", data="2026-01-01.abcdef")
    said = app.warning[0].value.replace("\\", "")
    assert "It showed 192 million" in said and "not all of its values could be used" in said
    assert "the model changed" not in said and "concern: 500 is outside" in said


def test_a_difference_is_of_the_year_that_both_have():
    app = open_page(pin="hard-line~horizon.3")
    assert "WeChat users by March 2017 than in Hard line, changed" in words(app)


def test_a_row_without_a_name_says_that_its_case_was_changed():
    app = open_page(open="compare", case="no-concern", concern="100")
    button(app, "Add to the table").click().run()
    assert list(app.dataframe[-1].value["Scenario"]) == [f"{cases()['no-concern'].label}, changed"]


def test_clearing_the_box_of_cases_pins_nothing_and_a_case_can_be_pinned_again():
    app = open_page(open="compare")
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])
    button(app, "Unpin").click().run()
    assert app.selectbox(key="pin_case").value is None
    app.selectbox(key="pin_case").set_value(None).run()
    assert "pin" not in dict(app.query_params)
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])


def test_the_year_of_the_goal_follows_the_end_of_the_chart():
    app = open_page(open="solve")
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2024Q1"
    app.slider(key="set_horizon").set_value(7).run()
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2021Q1"


def test_a_year_is_the_one_in_which_the_path_ends():
    """One year and a half from March 2014 ends in September 2015, in words and in the table."""
    app = open_page(open="compare", horizon="1.5", table="march-2014~horizon.1.5")
    assert app.header[0].value.endswith(" by September 2015")
    assert list(app.dataframe[-1].value["By"]) == [2015]


def test_the_axes_reach_over_a_pinned_scenario():
    """Whichever of the two ends later or begins earlier; the labels stay at the end of the path.

    Or a quarter on, where something was observed then.
    """
    for horizon, pinned in ((5, case()), (10, change(case("today"), {"horizon": 2}))):
        now, other = answer(change(case(), {"horizon": horizon})), answer(pinned)
        alone, both = fan_rows.fan_rows(now), fan_rows.fan_rows(now, pinned=other)
        (axis,), (plain,) = both["axis"].to_pylist(), alone["axis"].to_pylist()
        assert axis["start"] == min(plain["start"], other.times[0]) <= now.times[0]
        assert axis["end"] == other.times[-1] > plain["end"]
        assert plain["end"] - now.times[-1] == (0.25 if horizon == 10 else 0)
        assert axis["top"] >= other.total.line.max()
        assert set(both["end"]["year"].to_pylist()) == {plain["end"]}
        assert both["pinned"].num_rows == other.total.line.size


@pytest.mark.parametrize(
    ("cost", "low", "high", "said"),
    [
        (31.2, 6.6, 99.8, "about 67 million: concern costs **31 million** (6.6 to 100)."),
        (0.0, 0.0, 0.0, "about as many: concern costs **next to nothing** (none)."),
        (3.0, -1.0, 9.0, "costs **3 million** (1 gained to 9 lost)."),
        (-2.0, -9.0, -1.0, "about 34 million: concern brings WeChat **2 million** (1 to 9)."),
    ],
)
def test_the_sentence_of_the_cost_is_true_at_its_edges(cost, low, high, said):
    result = answer(case())
    line, free = result.total.line.copy(), result.without_concern.copy()
    line[-1, 0], free[-1, 0] = 35.7, 35.7 + cost
    band = Band(line=cost, low=low, high=high, low50=low, high50=high)
    total = replace(result.total, line=line)
    other = replace(result, total=total, without_concern=free, cost=band)
    assert said in wording.cost(other, case())


def test_the_waterfall_leads_from_the_pinned_total_to_the_present_one():
    """Bars join, the last one ends at the headline; the switch alone makes it."""
    app = open_page(open="compare", pin="march-2014", concern="60", wechat="200", marketing="400")
    assert len(app.get("vega_lite_chart")) == 2
    app.toggle(key="fold_explain").set_value(True).run()
    assert not app.exception
    now = change(case(), {"concern": 60, "wechat": 200, "marketing": 400})
    rows = bar_charts.attribution_rows(explain(case(), now))
    assert list(rows.kind) == ["total", "somebody decides", "assumption", "assumption", "total"]
    assert_allclose(rows["from"].iloc[1:-1], rows["to"].iloc[:-2])
    assert_allclose(
        rows["to"].iloc[[0, -2, -1]],
        [answer(one).total.line[-1, 0] for one in (case(), now, now)],
        rtol=1e-6,
    )
    assert rows.label.iloc[0] == "Pinned scenario" and "25% → 60%" in list(rows.change)
    assert "Security concern made the largest part" in words(app)
    assert len(app.get("vega_lite_chart")) == 3
    shorter = open_page(open="compare", pin="march-2014", horizon="5", wechat="160")
    shorter.toggle(key="fold_explain").set_value(True).run()
    assert "start or end at different times" in words(shorter)


def test_a_waterfall_of_many_settings_has_one_bar_for_the_small_ones():
    found = explain(case(), case("as-it-happened"))
    rows = bar_charts.attribution_rows(found)
    assert len(rows) == len(found.contributions) + 2 == PLAYERS + 2
    assert rows.label.iloc[-2] == "All smaller changes together"
    assert rows.change.iloc[-2].endswith(" settings")
    assert rows["to"].iloc[-2] == pytest.approx(found.after)
