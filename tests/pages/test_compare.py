"""Compare: what is compared, the printed numbers read back, and the pictures beside the runs."""

import re
from urllib.parse import quote

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.comparison import compare
from model.scenario.scenario import case, cases, change, until
from tests.kept import answer
from tests.pages.screen import (
    about,
    about_span,
    address,
    both_runs,
    button,
    charts,
    data,
    open_page,
    shown_text,
)
from tests.pages.test_strip import table

NUMBER = r"([\d.,]+) (million|billion)"
FAST = change(case(), {"wechat": 240})
EITHER = change(case(), {"wechat": 190, "concern": 35})  # fewer users in some runs, more in others


def box(app):
    return app.selectbox(key="compare_with")


def paste(app, text):
    app.text_input(key="pasted").input(text).run()
    return app


def sentence(app):
    """What the two are apart, as a person reads it."""
    found = [shown_text(one.value) for one in app.markdown]
    return next(one for one in found if re.search(r"(more|fewer|apart|no difference).* by ", one))


def wechat(scenario):
    """Million WeChat users at the end."""
    return float(answer(scenario).total.line[-1, 0])


def numbers(text):
    """The difference, and both users, of the first sentence."""
    size, word, now, then = re.search(
        r"has ([\d.]+) million (more|fewer) .*: ([\d.]+) against ([\d.]+) million", text
    ).groups()
    return float(size) * (1 if word == "more" else -1), float(now), float(then)


def bars(app):
    """The rows of the waterfall, and of the difference over time."""
    frames = [next(iter(frames.values())) for _, frames in charts(app)]
    (waterfall,) = [one for one in frames if "change" in one]
    (over_time,) = [one for one in frames if "low50" in one]
    return waterfall, over_time


def test_it_opens_on_something():
    """The default beside a world without concern; another one beside what it comes from."""
    assert box(open_page(open="compare")).value == list(cases()).index("no-concern")
    assert box(open_page(open="compare", case="hard-line")).value == 0
    app = open_page(open="compare", case="super-app", concern="60")
    assert box(app).value == list(cases()).index("super-app")
    assert "pin" not in app.query_params and button(app, "Stop").disabled


@pytest.mark.parametrize(
    ("address", "now", "then"),
    [
        ({"pin": "hard-line", "wechat": "240"}, FAST, case("hard-line")),
        ({"pin": "march-2014~wechat.240"}, case(), FAST),
        ({"pin": "march-2014~wechat.190~concern.35"}, case(), EITHER),
        ({"pin": "march-2014", "concern": "26"}, change(case(), {"concern": 26}), case()),
        ({"case": "hard-line"}, case("hard-line"), case()),
    ],
)
def test_the_difference_is_that_of_the_printed_users(address, now, then):
    text = sentence(open_page(open="compare", **address))
    size, here, there = numbers(text)
    assert size == pytest.approx(here - there)
    assert here == pytest.approx(wechat(now), abs=0.51)
    assert there == pytest.approx(wechat(then), abs=0.51)
    paired = both_runs(now)[0].total[-1, 0] - both_runs(then)[0].total[-1, 0]
    low, high = np.quantile(paired, [0.1, 0.9])
    ends = f"between {about(-low)} fewer and {about(high)} more"
    if low >= 0 or high < 0:
        ends = f"{about_span(*sorted(map(abs, (low, high))))} {'more' if low >= 0 else 'fewer'}"
    assert f"Four runs in five: {ends}." in text


def test_the_bars_lead_from_one_to_the_other_and_add_up():
    app = open_page(open="compare", pin="hard-line", wechat="240", marketing="400")
    waterfall, over_time = bars(app)
    assert list(waterfall.label.iloc[[0, -1]]) == ["Hard line", "This scenario"]
    assert_allclose(waterfall["from"].iloc[1:-1], waterfall["to"].iloc[:-2])
    now = change(FAST, {"marketing": 400})
    users = [wechat(case("hard-line")), wechat(now)]
    assert_allclose(waterfall["to"].iloc[[0, -1]], users, rtol=1e-6)
    assert_allclose(waterfall["to"].iloc[-2], users[1], rtol=1e-6)
    first, *parts, last = [float(re.sub("[^-0-9.]", "", text) or 0) for text in waterfall.text]
    assert first + sum(parts) == last == numbers(sentence(app))[1]
    apart = over_time[over_time.platform == "WeChat"].users.iloc[-1]
    assert apart == pytest.approx(users[1] - users[0], abs=0.002)


def test_the_small_picture_shows_80_percent_of_paired_runs():
    _, rows = bars(open_page(open="compare", pin="hard-line"))
    totals = [both_runs(one)[0].total[:, 0] for one in (case(), case("hard-line"))]
    low, high = np.quantile(totals[0] - totals[1], [0.1, 0.9], axis=-1)
    rows = rows[rows.platform == "WeChat"]
    assert_allclose(rows.low, low, atol=0.002)
    assert_allclose(rows.high, high, atol=0.002)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({}, "All of it is Security concern, an assumption (grade D)."),
        ({"marketing": "900", "pin": "march-2014"}, "All of it is WeChat marketing abroad, its"),
        ({"events": "all", "pin": "march-2014"}, "All of it is Events"),
        ({"concern": "60", "wechat": "190", "pin": "march-2014"}, "Most of it is Security concern"),
        ({"concern": "15", "wechat": "180", "pin": "march-2014"}, "The largest part is Security"),
    ],
)
def test_what_made_most_of_it_and_the_grade_of_its_source(address, said):
    text = sentence(open_page(open="compare", **address))
    assert said in text
    sources = data("sources").set_index("source_id").grade
    if "marketing" in address:
        rows = data("settings").set_index("name").source_id
        assert text.endswith(f"its source is of grade {sources[rows['marketing']]}.")
    if "events" in address:
        grades = set(sources[";".join(data("switches").source_id).split(";")])
        assert len(grades) > 1 and text.endswith(f"is of grade {min(grades)}.")


def test_a_case_and_a_kept_one_are_chosen_in_the_box():
    """The kept one by its title; the present one as it is now, then a slider shows what it does."""
    kept = table(("*Mine*", "march-2014~wechat.240"))
    app = open_page(open="compare", table=kept)
    box(app).select(list(cases()).index("hard-line")).run()
    assert address(app)["pin"] == "hard-line"
    assert "than Hard line: 55 against 10 million" in sentence(app)
    box(app).select(len(cases())).run()
    assert sentence(app).startswith("March 2014 has") and "than “*Mine*”: " in sentence(app)
    assert bars(app)[0].label.tolist()[0] == "“*Mine*”"
    box(app).select("now").run()
    assert sentence(app).startswith("The same as March 2014: no difference by March 2024.")
    app.run().slider(key="set_concern").set_value(60).run()
    app.run()
    assert sentence(app).startswith("This scenario has")
    assert "than March 2014: " in sentence(app)


def test_swap_and_stop():
    app = open_page(open="compare", pin="hard-line", wechat="240")
    before = numbers(sentence(app))
    button(app, "Swap").click().run()
    assert app.session_state.scenario == case("hard-line")
    assert sentence(app).startswith("Hard line has") and "than March 2014, changed" in sentence(app)
    assert numbers(sentence(app)) == (-before[0], before[2], before[1])
    button(app, "Stop").click().run()
    assert "pin" not in app.run().query_params
    assert "than March 2014: " in sentence(app)


def test_a_pasted_link_is_compared_with():
    link = "https://example.org/app?case=hard-line&wechat=240&utm_source=x&title=Hers"
    app = paste(open_page(open="compare"), link)
    other = change(case("hard-line"), {"wechat": 240})
    assert "by March 2024 than the link “Hers”: " in sentence(app)
    size, here, there = numbers(sentence(app))
    assert size == pytest.approx(here - there)
    assert there == pytest.approx(wechat(other), abs=0.51)
    assert bars(app)[0].label[0] == "The link “Hers”" == box(app).options[-1]
    assert app.text_input(key="pasted").value == "" and app.session_state.pin == other
    box(app).select(list(cases()).index("hard-line")).run()
    assert sentence(app).startswith("March 2014 has")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nonsense", "'nonsense' is no address of the page"),
        ("https://example.org/", "it holds no setting of this page"),
        ("?concern=500", "concern: 500 is outside"),
        ("?wechta=100", "did you mean wechat?"),
        ("?case=<b>x", "is not one of march-2014"),
    ],
)
def test_a_bad_link_is_refused_in_one_sentence_and_changes_nothing(text, part):
    app = open_page(open="compare", pin="hard-line")
    before = sentence(app)
    paste(app, text)
    assert app.error[0].value.count("\n") == 0
    said = shown_text(app.error[0].value)
    assert said.startswith("The link was not used: ") and part in said
    assert sentence(app) == before and app.text_input(key="pasted").value == text
    assert app.session_state.pin == case("hard-line")
    assert not app.run().error


def test_other_ends_are_compared_at_the_last_quarter_that_both_have():
    app = open_page(open="compare", pin="hard-line~horizon.3", wechat="240")
    text = sentence(app)
    assert "by March 2017 than Hard line, changed" in text
    ends = [until(one, "2017Q1") for one in (FAST, case("hard-line"))]
    size, here, there = numbers(text)
    assert (here, there) == pytest.approx([wechat(one) for one in ends], rel=0.051, abs=0.051)
    assert size == pytest.approx(here - there)
    assert any("end at different times" in one.value for one in app.caption)
    assert "Look ahead" not in " ".join(bars(app)[0].label)


def test_other_starts_have_no_bars_and_without_a_common_time_nothing():
    app = open_page(open="compare", pin="today", horizon="15")
    assert "start at different times" in sentence(app)
    assert not [frames for _, frames in charts(app) if "change" in next(iter(frames.values()))]
    found = compare(answer(change(case(), {"horizon": 15})), answer(case("today")))
    assert found.times.tolist() == np.arange(2025.75, 2029.3, 0.25).tolist()
    apart = open_page(open="compare", pin="today")
    assert any("do not overlap in time" in one.value for one in apart.markdown)


def test_today_is_compared_with_nobody_worried_as_nothing_else_begins_then():
    app = open_page(open="compare", case="today")
    assert sentence(app).startswith("Today has ") and "than Today, changed" in sentence(app)
    free, now = wechat(change(case("today"), {"concern": 0})), wechat(case("today"))
    assert numbers(sentence(app))[1:] == pytest.approx([now, free], rel=0.051, abs=0.051)
    assert len(charts(app)) == 2


def test_an_earlier_quarter_counts_for_both():
    text = sentence(open_page(open="compare", pin="hard-line", at="2016Q4"))
    assert "by December 2016 than Hard line" in text
    ends = [until(one, "2016Q4") for one in (case(), case("hard-line"))]
    assert numbers(text)[1:] == pytest.approx([wechat(one) for one in ends], rel=0.051)


def test_hostile_titles_stay_letters():
    title = "[l](http://x.y) **b**"
    app = open_page(open="compare", table=table((title, "march-2014~wechat.240")))
    box(app).select(len(cases())).run()
    assert f"than “{title}”: " in sentence(app)
    paste(app.run(), f"?wechat=260&title={quote(title)}")
    assert box(app).options[-1] == f"The link “{title}”"
    assert f"than the link “{title}”: " in sentence(app)
