"""The questions below the chart, without a browser: each opens, and says what the model says."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from model.bands import answer, quick_lines
from model.evidence import PLATFORMS
from model.scenario import case, cases, change
from model.sensitivity import frontier, lead_map, tornado
from model.share import from_query
from model.story import story
from pages.parts import cached, frames, headline, market_frames
from pages.parts.headline import brief, number, signed
from pages.parts.lead import frame
from pages.parts.levers import tornado_frame

ROOT = Path(__file__).parents[1]
TOOLS = ("markets", "compare", "solve", "lead", "levers", "story", "share")
EXTREMES = [
    {},
    {"case": "today"},
    {"wechat": "0", "line": "0", "kakao": "0"},
    {"concern": "100", "barrier": "100"},
    {"concern": "0", "barrier": "0"},
    {"horizon": "1"},
    {"case": "hard-line", "attrition": "200", "marketing": "0"},
]


def open_app(**address):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def button(app, label):
    return next(button for button in app.button if button.label.startswith(label))


def words(app):
    return " ".join(text.value for text in [*app.subheader, *app.markdown, *app.caption])


@pytest.mark.parametrize("settings", EXTREMES, ids=str)
@pytest.mark.parametrize("tool", TOOLS)
def test_every_question_opens_at_the_extremes(tool, settings):
    app = open_app(open=tool, **settings)
    assert not app.exception
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("show", ["lead", "years", "cost", "table", "one"])
def test_every_view_of_the_markets(show):
    app = open_app(open="markets", show=show, market="SGP")
    assert not app.exception
    assert not app.warning
    if show == "one":
        assert app.selectbox(key="market").value == "SGP"


def test_an_unknown_market_is_named():
    app = open_app(open="markets", show="one", market="XXX")
    assert not app.exception
    assert "XXX" in app.warning[0].value


def test_tiles_and_table_are_the_models_numbers():
    found = answer(case())
    tiles = market_frames.tiles(found)
    assert len(tiles) == len(found.names)
    assert not tiles.duplicated(["column", "row"]).any()
    assert_allclose(tiles.users.sum(), found.path[-1, 0], atol=0.01 * len(tiles))


def test_cost_by_market_adds_up_to_the_cost_of_the_headline():
    found = answer(case())
    whole = found.without_concern[-1, 0] - found.path[-1, 0]
    assert_allclose(found.lost.sum(), whole, rtol=1e-9)
    rows = market_frames.cost(found)
    assert rows.lost.is_monotonic_decreasing
    assert_allclose(rows.lost.sum(), whole, atol=0.01 * len(rows))


def test_pin_then_move_shows_the_difference():
    app = open_app(open="compare")
    assert "Nothing is pinned" in words(app)
    button(app, "Pin this").click().run()
    assert "The same as the pinned scenario" in words(app) and not app.dataframe
    assert "No difference yet" in words(app)
    app.slider(key="set_concern").set_value(0).run()
    apart = answer(change(case(), {"concern": 0})).path[-1] - answer(case()).path[-1]
    assert number(apart[0]) in words(app)
    assert app.metric[0].delta == f"{brief(signed(apart[0]))} vs the pinned"
    rows = app.dataframe[0].value.set_index("Market")
    assert_allclose(rows[list(PLATFORMS)].sum(), apart, atol=0.005 * len(rows))
    for name in PLATFORMS:
        ends = rows[f"80% of runs, {name}"].str.split(" to ", expand=True).astype(float)
        assert (ends[0] <= ends[1]).all() and (ends[0] < ends[1]).sum() > 5
    assert dict(app.query_params)["pin"] in (case().case, [case().case])
    button(app, "Swap").click().run()
    assert app.slider(key="set_concern").value == case()["concern"]
    button(app, "Unpin").click().run()
    assert "pin" not in dict(app.query_params)


def test_several_scenarios_in_one_table_are_kept_in_the_link():
    app = open_app(open="compare")
    app.text_input(key="row_name").input("As the article").run()
    button(app, "Add to the table").click().run()
    app.slider(key="set_wechat").set_value(300).run()
    app.text_input(key="row_name").input("~Fast <b>").run()
    button(app, "Add to the table").click().run()
    shown = app.dataframe[-1].value
    assert list(shown["Scenario"]) == ["As the article", "~Fast <b>"]
    assert app.text_input(key="row_name").value == ""  # the next row is another scenario
    fast = answer(change(case(), {"wechat": 300})).path[-1]
    assert_allclose(shown["WeChat, million"].iloc[1], fast[0], atol=0.05)
    address = {k: v if isinstance(v, list) else [v] for k, v in dict(app.query_params).items()}
    view, notes = from_query(address)
    assert not notes
    assert [title for title, _ in view.table] == ["As the article", "~Fast <b>"]


def test_a_solve_card_sets_the_slider_and_reaches_the_goal():
    app = open_app(open="solve", case="no-concern")
    app.selectbox(key="goal").select("pass-kakao").run()
    button(app, "Use this").click().run()
    assert not app.exception
    view, _ = from_query({k: [v] if isinstance(v, str) else v for k, v in app.query_params.items()})
    end = answer(view.scenario).path[-1]
    assert_allclose(end[0], end[2], rtol=2e-3)
    assert view.scenario != case("no-concern")


def test_the_cells_of_the_map_are_the_values_of_the_chart():
    scenario = change(case(), {"wechat": 200})
    rows = frame(lead_map(scenario), frontier(lead_map(scenario), "LINE"), scenario, "LINE")
    cells = rows[rows.kind == "cell"]
    assert len(cells) == 21 * 21
    here = cells[(cells.wechat == 200) & (cells.concern == scenario["concern"])].iloc[0]
    own = answer(scenario).path[-1]
    assert_allclose(2.0**here.ratio, own[0] / own[1], rtol=2e-3)
    assert here.said == f"WeChat {number(own[0])}, LINE {number(own[1])}"
    for _, cell in cells.sample(12, random_state=1).iterrows():
        there = change(scenario, {"wechat": cell.wechat, "concern": cell.concern})
        end = answer(there).path[-1]
        assert_allclose(2.0**cell.ratio, end[0] / end[1], rtol=0.2)  # of 16 runs, not 64


def test_bars_are_clickable_values_of_their_settings():
    found, now = tornado(case()), answer(case()).path[-1, 0]
    assert_allclose(found.users, now, rtol=1e-5)
    apart = []
    for row in tornado_frame(found).itertuples():
        assert_allclose(row.now, now, rtol=1e-4)
        few = quick_lines(case(), {row.setting: np.array([row.value])})[0, 0]
        assert_allclose(row.users, few, rtol=1e-3, atol=2e-3)
        apart.append(row.users / answer(change(case(), {row.setting: row.value})).path[-1, 0] - 1)
    # 16 runs against 64: as the caption says
    assert np.median(np.abs(apart)) < 0.1 and np.abs(apart).max() < 0.3


def test_the_story_sets_the_sliders_and_keeps_them():
    app = open_app(open="story")
    button(app, "Begin").click().run()
    for step in story():
        assert step.title in words(app)
        assert brief(number(answer(step.scenario).path[-1, 0])) == app.metric[0].value
        if step is not story()[-1]:
            button(app, "Next").click().run()
    app.slider(key="set_concern").set_value(80).run()
    assert "moved something since" in words(app)


def test_what_the_story_says_is_so():
    """Step 3: WeChat passes KakaoTalk and LINE stays ahead; step 4: the barrier weighs more."""
    calm = answer(story()[2].scenario).path[-1]
    assert calm[2] < calm[0] < calm[1]
    worried = answer(case()).path[-1, 0]
    free = answer(change(case(), {"barrier": 0})).path[-1, 0]
    assert free - worried > calm[0] - worried > 0


def test_a_title_is_plain_text():
    app = open_app(title="<script>alert(1)</script> **loud** [x](http://y)")
    shown = next(text.value for text in app.markdown if "alert" in text.value)
    assert r"\<script\>" in shown
    assert r"\*\*loud\*\*" in shown
    assert r"\[x\]" in shown


def test_the_concern_that_wechat_can_bear():
    """The question that has it: below its answer WeChat is ahead, above it is not."""
    for settings in ({"concern": 0}, {"wechat": 230}, {"case": "all-in", "concern": 60}):
        app = open_app(open="solve", **{name: str(value) for name, value in settings.items()})
        said = next(text.value for text in app.markdown if "**Security concern**" in text.value)
        value = float(re.search(r"([\d.]+)%", said)[1])
        scenario = change(case(settings.pop("case", "march-2014")), settings)
        for factor in (0.95, 1.05):
            end = answer(change(scenario, {"concern": factor * value})).path[-1]
            assert (end[0] > end[2]) == (factor < 1), said


def test_a_link_says_when_its_number_moved():
    app = open_app(v="2", case="march-2014", wechat="160", said="121", data="2020-01-01.abcdef")
    now = number(answer(change(case(), {"wechat": 160})).path[-1, 0])
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 121 million, now {now}" in said
    assert "2020-01-01.abcdef" in said
    button(app, "Dismiss").click().run()
    assert not app.warning


def test_a_complete_link_of_today_opens_without_a_note():
    app = open_app(open="share", wechat="160", pin="no-concern~line.150", title="Mine")
    link = app.code[0].value
    again = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, values in parse_qs(urlsplit(link).query).items():
        again.query_params[name] = values
    again.query_params["open"] = "share"
    again.run()
    assert not again.warning
    assert again.metric[0].value == app.metric[0].value
    assert again.code[0].value == link


def test_who_opens_a_link_does_not_see_the_box_that_made_it():
    app = open_app(open="share", wechat="160")
    links = [app.code[0].value, app.code[1].value]
    assert not any("open=" in link for link in links)


def test_a_refused_value_is_not_taken_for_a_change_of_the_model():
    app = open_app(v="2", concern="500", said="192", data="2026-01-01.abcdef")
    said = app.warning[0].value.replace("\\", "")
    assert "It showed 192 million" in said and "not all of its values could be used" in said
    assert "the model changed" not in said and "concern: 500 is outside" in said


def test_a_difference_is_of_the_year_that_both_have():
    app = open_app(pin="hard-line~horizon.3")
    assert all(card.delta.endswith(" vs pin 2017") for card in app.metric[:3])


def test_bars_on_one_side_keep_their_labels_outside():
    still = change(case(), {"horizon": 1, "wechat": 0, "line": 0, "kakao": 0})
    rows = tornado_frame(tornado(still))
    growth = rows[rows.setting == "wechat"].set_index("end")
    assert (growth.users > growth.now).all()  # both ends of the range are above no growth
    assert (growth.label_at == [growth.now.iloc[0], growth.users.max()]).all()
    assert list(growth.side) == ["left", "right"]


def test_the_events_are_counted_as_they_are_switched():
    app = open_app()
    next(one for one in app.toggle if one.key == "fold_events").set_value(True).run()
    for count in (1, 2):
        app.toggle(key=("set_event_india-ban", "set_event_us-ban")[count - 1]).set_value(True).run()
        assert next(one for one in app.toggle if one.key == "fold_events").label.endswith(
            f"({count} on)"
        )
    assert "on the way: " in words(app)


def test_a_row_without_a_name_says_that_its_case_was_changed():
    app = open_app(open="compare", case="no-concern", concern="100")
    button(app, "Add to the table").click().run()
    assert list(app.dataframe[-1].value["Scenario"]) == [f"{cases()['no-concern'].label}, changed"]


@pytest.mark.parametrize("band", ["settings", "errors"])
def test_the_strip_of_a_phone_shows_the_band_of_the_headline(band):
    found = answer(case())
    inside = headline.short(found, band).partition("(")[2].rstrip(")")
    assert f": {inside})" in headline.sentence(found, "china", band)


def test_a_newer_format_is_refused_with_a_sentence():
    app = open_app(v="99", wechat="300")
    assert len(app.warning) == 1
    assert "99" in app.warning[0].value
    assert app.slider(key="set_wechat").value == case()["wechat"]


def test_what_is_folded_away_is_not_computed():
    asked = (cached.tornado, cached.lead_map, cached.solved, cached.comparison)
    before = [question.cache_info() for question in asked]
    app = open_app(wechat="187")
    app.slider(key="set_line").set_value(185).run()
    assert [question.cache_info() for question in asked] == before


def test_clearing_the_box_of_cases_pins_nothing_and_a_case_can_be_pinned_again():
    app = open_app(open="compare")
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])
    button(app, "Unpin").click().run()
    assert app.selectbox(key="pin_case").value is None
    app.selectbox(key="pin_case").set_value(None).run()
    assert "pin" not in dict(app.query_params)
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])


def test_the_year_of_the_goal_follows_the_end_of_the_chart():
    app = open_app(open="solve")
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2024Q1"
    app.slider(key="set_horizon").set_value(7).run()
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2021Q1"


def test_a_year_is_the_one_in_which_the_path_ends():
    """One year and a half from March 2014 ends in September 2015, in words and in the table."""
    app = open_app(open="compare", horizon="1.5", table="march-2014~horizon.1.5")
    assert " by 2015 " in headline_of(app)
    assert list(app.dataframe[-1].value["By"]) == [2015]


def test_the_title_box_shows_the_title_of_what_was_opened():
    app = open_app(open="share", title="First")
    assert app.text_input(key="typed").value == "First"


def test_undo_is_there_before_the_first_move():
    app = open_app()
    before = headline_of(app)
    button(app, "Undo").click().run()
    assert not app.exception
    assert headline_of(app) == before


def headline_of(app):
    return app.subheader[0].value


def test_many_notes_stand_in_one_box():
    app = open_app(wechat="x", line="y", kakao="z")
    assert len(app.warning) == 1
    for value in ("'x'", "'y'", "'z'"):
        assert value in app.warning[0].value


def test_the_axes_reach_over_a_pinned_scenario():
    """Whichever of the two ends later or begins earlier; the labels stay at the end of the path."""
    for horizon, pinned in ((5, case()), (10, change(case("today"), {"horizon": 2}))):
        now, other = answer(change(case(), {"horizon": horizon})), answer(pinned)
        alone, both = frames.fan(now, "china"), frames.fan(now, "china", pinned=other)
        (axis,), (plain,) = both["axis"].to_pylist(), alone["axis"].to_pylist()
        assert axis["start"] == min(plain["start"], other.times[0]) <= now.times[0]
        assert axis["end"] == max(now.times[-1], other.times[-1]) > plain["end"] == now.times[-1]
        assert axis["top"] >= other.path.max()
        assert set(both["label"]["year"].to_pylist()) == {now.times[-1]}
        assert both["pinned"].num_rows == other.path.size
