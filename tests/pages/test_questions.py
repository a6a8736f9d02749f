"""The questions below the chart, without a browser: each opens, and says what the model says."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.attribution import PLAYERS, explain
from model.analysis.bands import Band
from model.number_text import users_text
from model.scenario.scenario import case, change
from pages.parts import state
from pages.parts.charts import fan_data, waterfall
from pages.parts.wording import answer as wording
from tests.kept import answer
from tests.pages.screen import ROOT, open_page, press, words

OPENED = [
    ("over", {"wechat": "400", "line": "0", "barrier": "0", "attrition": "0"}),
    ("where", {"wechat": "0", "line": "0", "kakao": "0"}),
    ("where", {"market": "IND", "case": "as-it-happened"}),
    ("compare", {"horizon": "1", "pin": "hard-line~horizon.1"}),
    ("solve", {"concern": "100", "barrier": "100"}),
    ("solve", {"case": "today"}),
    ("lead", {"case": "hard-line", "attrition": "200", "marketing": "0"}),
    ("matters", {"concern": "0", "barrier": "0"}),
    ("matters", {"horizon": "1"}),
    ("share", {"concern": "100", "barrier": "100"}),
]


@pytest.mark.parametrize(("view", "settings"), OPENED)
def test_every_view_opens_at_the_extremes(view, settings):
    app = open_page(open=view, **settings)
    assert not app.exception and not app.error and not app.warning
    heads = [str(head) for table in app.dataframe for head in table.value.columns]
    assert not re.search(r"\bdraws?\b", " ".join([words(app), *heads]))


@pytest.mark.parametrize("beside", [{"guess": "50"}, {"guess": "50", "step": "2"}])
def test_every_view_opens_beside_all_else_that_a_link_can_hold(beside):
    """A guess has a box of its own, for those of a class; it is not there within a story."""
    shown = {"horizon": "1", "pin": "hard-line~horizon.1", "title": "Mine"}  # quick to compute
    for view in state.VIEWS["open"]:
        app = open_page(open=view, **shown, **beside)
        assert not app.exception and not app.error, view
        assert len(app.text_area) == ("step" not in beside)


def test_a_link_says_when_its_number_moved():
    app = open_page(v="2", case="march-2014", wechat="160", said="121", data="2020-01-01.abcdef")
    now = users_text(answer(change(case(), {"wechat": 160})).total.line[-1, 0])
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 121 million, now {now}" in said
    assert "2020-01-01.abcdef" in said
    press(app, "Dismiss the notes")
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


def test_the_axes_reach_over_a_pinned_scenario():
    """Whichever of the two ends later or begins earlier; the labels stay at the end of the path.

    Or a quarter on, where something was observed then.
    """
    for horizon, pinned in ((5, case()), (10, change(case("today"), {"horizon": 2}))):
        now, other = answer(change(case(), {"horizon": horizon})), answer(pinned)
        alone, both = fan_data.fan_rows(now), fan_data.fan_rows(now, pinned=other)
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


def test_a_waterfall_of_many_settings_has_one_bar_for_the_small_ones():
    found = explain(case(), case("as-it-happened"))
    rows = waterfall.attribution_rows(found)
    assert len(rows) == len(found.contributions) + 2 == PLAYERS + 2
    assert rows.label.iloc[-2] == "All smaller changes together"
    assert rows.change.iloc[-2].endswith(" settings")
    assert rows["to"].iloc[-2] == pytest.approx(found.after)
