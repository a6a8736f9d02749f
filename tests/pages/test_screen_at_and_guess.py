"""An earlier quarter, a guess and the reader's own figures, as they stand on the screen."""

import math

import numpy as np
import pytest

from model.analysis.bands import answer, market_paths
from model.scenario.scenario import case, change, later_quarters, until
from tests.pages.screen import (
    ORIGIN,
    PLATFORMS,
    about,
    about_span,
    at_origin,
    both_runs,
    charts,
    click,
    line_of,
    million,
    month,
    open_page,
    press,
    times_of,
    words,
)

QUARTERS = {"2015Q1": 4, "2018Q4": 19}  # quarters after the start
SIDES = ("below", "inside", "above")  # of the range, at its ends


@pytest.mark.parametrize(("quarter", "ahead"), QUARTERS.items())
def test_text_and_markets_are_of_the_quarter_that_the_link_names(quarter, ahead):
    app, where = (open_page(at=quarter, open=view) for view in ("over", "where"))
    users = both_runs(case())[0].total[ahead, 0]
    line, when = line_of(users), month(2014.25 + ahead / 4)
    assert app.header[0].value == f"About {about(line)} WeChat users abroad by {when}"
    part = answer(until(case(), quarter))
    span = about_span(part.total.low[-1, 0], part.total.high[-1, 0])
    assert f"**{span}**" in words(app)
    ((_, frames),), ((_, tiles),) = charts(app), charts(where)
    middles = line_of(both_runs(case())[0].markets[ahead, 0])
    np.testing.assert_allclose(tiles[""].users.sum(), middles.sum(), rtol=0.01)
    assert frames["chosen"].year.tolist() == [2014.25 + ahead / 4]
    assert len(frames["path"]) == 3 * 41  # the chart shows the whole projection
    app.selectbox(key="at").set_value(None).run()
    assert "March 2024" in app.header[0].value
    assert "at" not in app.query_params


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_answer_at_a_quarter_is_that_of_the_whole_projection(quarter):
    scenario = change(case(), {"concern": 50, "wechat": 200})
    whole, part = answer(scenario), answer(until(scenario, quarter))
    n = part.times.size
    assert part.times[-1] == whole.times[n - 1]
    np.testing.assert_allclose(part.total.line, whole.total.line[:n], rtol=1e-5)
    np.testing.assert_allclose(part.total.high, whole.total.high[:n], rtol=1e-5)
    paths = market_paths(scenario).markets[n - 1]
    np.testing.assert_allclose(part.market_ends.line, paths, rtol=1e-4, atol=1e-5)


def test_no_quarter_and_none_of_its_own_leave_a_scenario_as_it_is():
    scenario = case()
    for quarter in (None, "2030Q1", later_quarters(scenario)[-1]):
        assert until(scenario, quarter) is scenario


@pytest.mark.parametrize("quarter", ["2014Q2", "2024Q2", "x"])
def test_a_quarter_outside_the_projection_is_named(quarter):
    app = open_page(at=quarter)
    assert "2015Q1" in app.warning[0].value
    assert "2024Q1" in app.warning[0].value
    assert "March 2024" in app.header[0].value


def test_a_shorter_horizon_takes_the_quarter_back():
    app = open_page(at="2018Q4")
    app.slider(key="set_horizon").set_value(3.0).run()
    assert "March 2017" in app.header[0].value
    app.run()
    assert not app.exception
    assert app.selectbox(key="at").value is None


@pytest.mark.parametrize(
    ("horizon", "clicked", "at"),
    [
        ("10", "2018Q4", "2018Q4"),
        ("10", "2014Q2", "2015Q1"),  # the nearest that can be shown
        ("10", "2024Q1", None),
        ("1.25", "2015Q1", "2015Q1"),
        ("1", "2014Q4", None),  # a projection of one year has no earlier quarter
    ],
)
def test_a_click_on_the_chart_answers_for_its_quarter(horizon, clicked, at):
    app = click(open_page(horizon=horizon), "at", name=clicked)
    assert not app.exception and app.session_state["at"] == at
    time = 2014.25 + float(horizon) if at is None else int(at[:4]) + int(at[-1]) / 4
    assert app.header[0].value.endswith(f"by {month(time)}")


def test_questions_follow_the_quarter():
    early, late = (open_page(open="matters", **where) for where in ({"at": "2015Q4"}, {}))
    said = [
        next(one.value for one in app.markdown if "matters most" in one.value)
        for app in (early, late)
    ]
    assert said[0] != said[1]


def every_text(app):
    """Everything that a page says, outside charts too: sentences, labels, boxes, options, data."""
    return " ".join(str(one.proto) for one in app.main) + str([one.proto for one in app.sidebar])


def test_guess_first_hides_the_answer_until_there_is_a_guess():
    app = open_page(guess="first", open="solve", step="3", at="2018Q4")
    assert [one.value for one in app.header] == ["How many WeChat users abroad by March 2024?"]
    assert not [one for one in app.button_group if one.key.startswith(("open", "set_scenario"))]
    ((_, frames),) = charts(app)  # the chart of the guess alone
    found = answer(case())
    for end in ("line", "low", "high"):
        assert about(getattr(found.total, end)[-1, 0]) not in every_text(app)
    for name, frame in frames.items():
        times = frame.year if "year" in frame else []
        assert name in ("guess", "band") or all(time <= 2014.5 for time in times), name
    app.select_slider(key="set_guess").set_value(80).run()  # a key: the answer stays hidden
    assert app.header[0].value.endswith("?")
    ((_, frames),) = charts(app)
    assert frames["guess"][["year", "users"]].to_dict("records") == [{"year": 2024.25, "users": 80}]
    press(app, "Show the answer")
    assert app.query_params["guess"] == "80"
    assert "million WeChat users abroad" in app.header[0].value


@pytest.mark.parametrize("case_name", ["march-2014", "today"])
def test_the_chart_of_a_guess_holds_what_is_known_at_its_start(case_name):
    scenario = case(case_name)
    ((spec, frames),) = charts(open_page(guess="first", case=case_name))
    begin = ORIGIN[scenario.origin]
    start = frames["start"].set_index("platform")
    np.testing.assert_allclose(start.users[list(PLATFORMS)], at_origin(scenario), rtol=2e-3)
    assert set(start.year) == {begin}
    assert all(about(users) in label for users, label in zip(start.users, start.label, strict=True))
    seen = [*frames["observed"].year, *frames["range"].year]
    assert all(begin - 1 <= time <= begin + 0.25 for time in seen)
    assert sum(param.get("name") == "chosen" for param in spec["params"]) == 1
    assert frames["axis"].end[0] == times_of(scenario)[-1]


def test_bands_cover_every_height_once_and_are_the_steps_of_the_slider():
    app = open_page(guess="first")
    bands = charts(app)[0][1]["band"]
    assert bands.low[0] == 0 and bands.high.iloc[-1] == 2000
    assert bands.low[1:].tolist() == bands.high[:-1].tolist()
    for height in (3, 13.4, 47, 56, 149, 1101, 1999):  # the guess is the step that is nearest
        (band,) = bands[(bands.low <= height) & (height < bands.high)].users
        assert abs(bands.users - height).min() == abs(band - height)
    assert [str(one) for one in app.select_slider(key="set_guess").options] == [
        f"{one:.0f}" for one in bands.users
    ]


def test_the_handle_of_the_slider_moves_the_diamond_and_letting_go_shows_the_answer():
    app = open_page(guess="first")
    app.session_state["dragged"] = ("25", False)  # as follow.js sends it: the place on the track
    app.run()
    place = charts(app)[0][1]["guess"].users[0]
    assert place == float(app.select_slider(key="set_guess").options[25])
    for nonsense in ("x", "-1", "999", ""):
        app.session_state["dragged"] = (nonsense, True)
        app.run()
        assert charts(app)[0][1]["guess"].users[0] == place and not app.exception
    app.session_state["dragged"] = ("30", True)
    app.run()
    assert app.query_params["guess"] == "400"
    assert "million WeChat users abroad" in app.header[0].value


def test_the_notes_on_a_link_wait_for_the_guess():
    """One could say the number that a link showed."""
    app = open_page(v="2", guess="first", wechat="160", said="121", data="2020-01-01.abcdef")
    assert not app.warning
    assert "121" in press(app, "Skip").warning[0].value


@pytest.mark.parametrize("side", SIDES)
def test_the_side_of_a_guess(side):
    found = answer(case())
    low, high = found.total.low[-1, 0], found.total.high[-1, 0]
    guess = {"below": math.floor(low), "inside": math.ceil(low), "above": math.ceil(high)}[side]
    app = open_page(guess=str(guess))
    assert f"**Your guess: {million(guess)}** by March 2024, {side} the model's range." in words(
        app
    )
    assert charts(app)[0][1]["axis"].top[0] >= guess


@pytest.mark.parametrize("text", ["5001", "12.5", "many"])
def test_a_guess_that_is_none_is_named(text):
    app = open_page(guess=text)
    assert app.warning[0].value.count("guess") == 1
    assert "Your guess" not in words(app)


def test_a_guess_can_be_skipped_and_removed():
    app = open_page(guess="first")
    press(app, "Skip")
    assert "guess" not in app.query_params
    app = open_page(guess="30")
    press(app, "Remove the guess")
    assert "Your guess" not in words(app)
    press(app, "Guess first")
    assert app.header[0].value.endswith("?")


def test_guesses_of_a_class_are_dots_and_a_sentence_and_stay_in_the_session():
    app = open_page(guess="80")
    before = dict(app.query_params)
    lines = [
        *("https://example.org/?case=today&guess=45", "Anna: http://x/?guess=300&wechat=99 :-)"),
        *("12.5", "", "  7 "),
        *("many", "?guess=first", "5001", "/?guess=", "<b>90</b>"),
    ]
    app.text_area(key="pasted_guesses").set_value("\n".join(lines))
    press(app, "Put them on the chart")
    assert charts(app)[0][1]["guesses"].users.tolist() == [45, 300, 12.5, 7]
    total = answer(case()).total
    inside = sum(total.low[-1, 0] <= one <= total.high[-1, 0] for one in (45, 300, 12.5, 7))
    assert f"Median of 4 guesses: **28.8 million**; {inside} of 4 inside" in words(app)
    assert about_span(total.low[-1, 0], total.high[-1, 0]) in words(app)
    (note,) = [one.value for one in app.warning]
    assert all(f"line {number} (" in note for number in (6, 7, 8, 9, 10))
    assert "<b>" not in note.replace("\\<", "")
    assert dict(app.query_params) == before
    app.text_area(key="pasted_guesses").set_value("")
    press(app, "Put them on the chart")
    assert "Median" not in words(app) and not app.warning
    assert not len(charts(app)[0][1]["guesses"])


def test_of_many_bad_lines_five_are_named():
    app = open_page(guess="80")
    app.text_area(key="pasted_guesses").set_value("\n".join(["x" * 400] * 9))
    press(app, "Put them on the chart")
    note = app.warning[0].value
    assert note.count("line ") == 5 and "and 4 more" in note and len(note) < 500


def test_own_figures_stand_on_the_chart_and_never_in_the_address():
    app = open_page(open="compare")
    before = dict(app.query_params)
    text = "date,users,platform\n2016Q2,50,WeChat\n2018,1000,LINE\n"
    app.get("file_uploader")[0].set_value(("mine.csv", text.encode(), "text/csv")).run()
    assert "mine\\.csv: **1 of 2** figures lie inside the range." in words(app)
    assert dict(app.query_params) == before
    app.get("file_uploader")[0].set_value(("bad.csv", b"date,users\n2015,=x\n", "text/csv")).run()
    assert "row 2" in app.error[0].value
    assert "**1 of 2** figures" in words(app)  # nothing else changed
    next(one for one in app.button_group if one.key == "open").set_value("over").run()
    assert charts(app)[0][1]["own"].to_dict("records") == [
        {"platform": "WeChat", "year": 2016.5, "users": 50.0},
        {"platform": "LINE", "year": 2019.0, "users": 1000.0},
    ]


def test_a_guess_stays_one_of_the_end_when_an_earlier_quarter_is_shown():
    app = open_page(guess="100", at="2016Q4")
    assert "by March 2024, inside" in words(app)
    assert charts(app)[0][1]["guess"].to_dict("records") == [{"year": 2024.25, "users": 100.0}]
    assert "December 2016" in app.header[0].value
