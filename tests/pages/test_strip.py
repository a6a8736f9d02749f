"""The strip of scenarios: chips with their answers, kept ones, and what a link holds of them."""

import re
from urllib.parse import quote

import pytest

from model.scenario.links import from_query
from model.scenario.scenario import case, cases, change, until
from tests.kept import answer
from tests.pages.screen import address, button, open_page, rough, shown_text

FAST = change(case(), {"wechat": 300})
HOSTILE = ["**b** _i_ `c`", "[l](http://x.y)", ":red[a] $x$", "=1+1", "<b>me@x.org</b>", "a~b.c%2"]


def chips(app):
    return next(one for one in app.get("button_group") if one.key.startswith("set_scenario"))


def labels(app):
    """The chips as a person reads them."""
    return [shown_text(option.content) for option in chips(app).proto.options]


def press(app, number):
    chips(app).set_value(number).run()
    return app


def keep(app, name):
    app.text_input(key="row_name").input(name)
    button(app, "Keep this scenario").click().run()
    return app.run()  # after a drawing of some parts AppTest knows only these


def table(*rows):
    """The word of a link: a title and the words of its scenario, each."""
    quoted = [(quote(title, safe="").replace("~", "%7E"), words) for title, words in rows]
    return "~~".join(f"{words}~title.{title}" for title, words in quoted)


def users(scenario):
    text = f"{rough(float(answer(scenario).total.line[-1, 0])):g}"
    return re.sub(r"\.0$", "", text)


def test_each_chip_has_its_answer():
    app = open_page()
    assert labels(app) == [f"{one.label} {users(case(name))}" for name, one in cases().items()]
    assert chips(app).value == 0


def test_the_chips_answer_for_the_quarter_that_is_shown():
    app = open_page(at="2016Q4")
    first, then = labels(app)[0], until(case(), "2016Q4")
    assert first == f"March 2014 {users(then)}" != f"March 2014 {users(case())}"
    assert f"About {users(then)} million" in app.header[0].value


def test_a_chip_shows_its_scenario_and_undo_comes_back():
    app = open_page(wechat="300")
    assert chips(app).value is None
    press(app, list(cases()).index("hard-line"))
    assert app.session_state.scenario == case("hard-line")
    assert f"About {users(case('hard-line'))} million" in app.header[0].value
    assert chips(app).value == list(cases()).index("hard-line")
    button(app, "Undo").click().run()
    assert app.session_state.scenario == FAST and chips(app).value is None


def test_a_scenario_is_kept_shown_and_removed():
    """The name counts with the button, without Enter; the next one is empty."""
    app = keep(open_page(wechat="300"), "  Mine ")
    assert labels(app)[-1] == f"Mine {users(FAST)}"
    assert chips(app).value == len(cases())
    press(app, 0)
    assert app.session_state.scenario == case()
    press(app, len(cases()))
    assert app.session_state.scenario == FAST
    button(app, "Remove").click().run()
    app.run()
    assert len(labels(app)) == len(cases()) and app.session_state.scenario == FAST
    assert "table" not in app.query_params
    keep(app, "")  # without a name: what was changed
    assert labels(app)[-1] == f"WeChat growth 300 per 100 {users(FAST)}"


def test_what_is_kept_is_in_the_link():
    app = keep(open_page(wechat="300"), "~Fast <b>")
    app.slider(key="set_wechat").set_value(250).run()
    keep(app, "Second")
    words = {name: [value] for name, value in address(app).items()}
    view, notes = from_query(words)
    assert not notes
    assert view.table == (("~Fast <b>", FAST), ("Second", change(case(), {"wechat": 250})))
    again = open_page(table=address(app)["table"])
    assert labels(again) == labels(app)


def test_eight_are_kept_and_then_no_more():
    rows = [(str(i), f"march-2014~wechat.{200 + i}") for i in range(8)]
    app = open_page(table=table(*rows), wechat="300")
    (popover,) = [one for one in app.get("popover") if "Keep" in one.proto.popover.label]
    assert popover.proto.popover.disabled
    assert "at most 8" in popover.proto.popover.help
    press(app, len(cases()) + 3)
    button(app, "Remove").click().run()
    app.run()
    assert [label.split()[0] for label in labels(app)[len(cases()) :]] == list("0124567")


def test_only_a_scenario_without_a_chip_can_be_kept():
    for words, count in (({}, 0), ({"wechat": "300"}, 1)):
        offered = [one.proto.popover.label for one in open_page(**words).get("popover")]
        assert sum("Keep" in label for label in offered) == count


def test_two_kept_ones_of_one_name_are_told_apart():
    """Also where a third has the name that the second one gets; each shows its own."""
    words = [f"march-2014~wechat.{value}" for value in (240, 241, 242)]
    app = open_page(table=table(*zip(["Mine", "Mine", "Mine (2)"], words, strict=True)))
    names = [label.rpartition(" ")[0] for label in labels(app)[len(cases()) :]]
    assert names == ["Mine", "Mine (2)", "Mine (2) (2)"]
    for i, value in enumerate((240, 241, 242)):
        press(app, len(cases()) + i)
        assert app.session_state.scenario["wechat"] == value


def test_a_kept_scenario_that_is_also_a_case_can_be_removed():
    app = open_page(table=table(("The same", "march-2014")))
    assert chips(app).value == 0
    press(app, len(cases()))
    assert chips(app).value == len(cases())
    button(app, "Remove").click().run()
    app.run()
    assert len(labels(app)) == len(cases())


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_shown_letter_for_letter(title):
    app = open_page(table=table((title, "march-2014~wechat.300")), wechat="300")
    cut = title if len(title) <= 26 else f"{title[:25].strip()}…"
    assert labels(app)[-1] == f"{cut} {users(FAST)}"
    assert not app.warning


def test_a_long_title_is_cut_in_the_chip_alone():
    title = "A very long title of a scenario that goes on and on, as people write them"
    app = open_page(table=table((title, "march-2014~wechat.300")), wechat="300", open="compare")
    assert labels(app)[-1] == f"A very long title of a sc… {users(FAST)}"
    assert any(shown_text(one.value).startswith(f"“{title}” has") for one in app.markdown)
    assert app.session_state.table[0][0] == title


def test_a_message_that_still_holds_the_old_chip_chooses_nothing():
    """The row has a new key once a slider moved; a press keeps it, and with it the focus."""
    app = open_page()
    first = chips(app).key
    app.slider(key="set_wechat").set_value(200).run()
    moved = chips(app.run()).key
    assert moved != first and chips(app).value is None
    press(app, 3)
    assert chips(app).key == moved and chips(app).value == 3
    press(app, None)  # the chosen one again
    assert chips(app).key == moved and chips(app).value == 3
