"""An earlier quarter, a guess and the reader's own figures, as they stand on the screen."""

import math

import numpy as np
import pytest

from model.analysis.bands import answer, market_paths
from model.scenario.scenario import case, change, later_quarters, until
from tests.pages.screen import (
    about,
    about_span,
    both_runs,
    charts,
    line_of,
    million,
    month,
    open_page,
    words,
)

QUARTERS = {"2015Q1": 4, "2018Q4": 19}  # quarters after the start
SIDES = ("below", "inside", "above")  # of the range, at its ends


@pytest.mark.parametrize(("quarter", "ahead"), QUARTERS.items())
def test_text_and_markets_are_of_the_quarter_that_the_link_names(quarter, ahead):
    app = open_page(at=quarter, open="markets", show="lead")
    users = both_runs(case())[0].total[ahead, 0]
    line, when = line_of(users), month(2014.25 + ahead / 4)
    assert app.header[0].value == f"About {about(line)} WeChat users abroad by {when}"
    part = answer(until(case(), quarter))
    span = about_span(part.total.low[-1, 0], part.total.high[-1, 0])
    assert f"**{span}**" in app.markdown[1].value
    (_, frames), (_, tiles) = charts(app)
    middles = line_of(both_runs(case())[0].markets[ahead, 0])
    np.testing.assert_allclose(tiles[""].users.sum(), middles.sum(), rtol=0.01)
    assert frames["chosen"].year.tolist() == [2014.25 + ahead / 4]
    assert len(frames["path"]) == 3 * 41  # the chart shows the whole projection
    app.selectbox(key="at").set_value(None).run()
    assert "March 2024" in app.header[0].value
    assert "at" not in app.query_params


def test_the_answer_at_a_quarter_is_that_of_the_whole_projection():
    scenario = change(case(), {"concern": 50, "wechat": 200})
    whole = answer(scenario)
    for quarter in later_quarters(scenario):
        part = answer(until(scenario, quarter)) if quarter in QUARTERS else None
        if part is not None:
            n = part.times.size
            assert part.times[-1] == whole.times[n - 1]
            np.testing.assert_allclose(part.total.line, whole.total.line[:n], rtol=1e-5)
            np.testing.assert_allclose(part.total.high, whole.total.high[:n], rtol=1e-5)
            paths = market_paths(scenario).markets[n - 1]
            np.testing.assert_allclose(part.market_ends.line, paths, rtol=1e-4, atol=1e-5)
    assert until(scenario, None) is scenario
    assert until(scenario, "2030Q1") is scenario
    assert until(scenario, later_quarters(scenario)[-1]) is scenario


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


def test_questions_follow_the_quarter():
    early, late = (open_page(open="lead", **where) for where in ({"at": "2015Q4"}, {}))
    assert early.markdown[2].value != late.markdown[2].value
    compared = open_page(open="compare", pin="hard-line", at="2016Q4")
    assert "by December 2016" in words(compared)
    assert "by March 2024 than" not in words(compared)


def test_guess_first_hides_the_answer_until_there_is_a_guess():
    app = open_page(guess="first", open="solve")
    assert [one.value for one in app.header] == ["Before you look"]
    assert not app.get("vega_lite_chart")
    assert "open" not in [one.key for one in app.button_group]
    assert "38 million" not in words(app)
    app.button[-2].click().run()  # without a number the question stays
    assert [one.value for one in app.header] == ["Before you look"]
    app.number_input(key="guessed").set_value(80)
    next(one for one in app.button if one.label == "Show the answer").click().run()
    assert app.query_params["guess"] == "80"
    assert "million WeChat users abroad" in app.header[0].value
    found = answer(case())
    assert found.total.low[-1, 0] < 80 < found.total.high[-1, 0]
    assert "**Your guess: 80 million** by March 2024, inside the model's range." in words(app)
    frame = charts(app)[0][1]["guess"]
    assert frame.to_dict("records") == [{"year": 2024.25, "users": 80.0}]


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
    next(one for one in app.button if one.label == "Skip the guess").click().run()
    assert "guess" not in app.query_params
    app = open_page(guess="30", open="story")
    next(one for one in app.button if one.label == "Remove the guess").click().run()
    assert "Your guess" not in words(app)
    next(one for one in app.button if one.label == "Guess first").click().run()
    assert app.header[0].value == "Before you look"


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
    assert charts(app)[0][1]["guess"].year.tolist() == [2024.25]
    assert "December 2016" in app.header[0].value
