"""The story on the stage: its steps set sliders and view, and name what is on the screen."""

import re

import pytest

from model.analysis.bands import answer
from model.scenario.scenario import case
from model.scenario.settings import all_settings
from model.scenario.story import story_steps
from pages.parts import controls
from tests.pages.screen import about, open_page, press, seen, words

STEPS = story_steps()


def view(app):
    """The view that is open, and all that can be opened, as they are called on the screen."""
    (row,) = [one for one in app.get("button_group") if one.key == "open"]
    return row.value, [option.content for option in row.proto.options]


def test_the_story_sets_the_sliders_opens_the_view_and_says_the_number():
    app = press(open_page(), f"Read it in {len(STEPS)} steps")
    for number, step in enumerate(STEPS, 1):
        assert f"Step {number} of {len(STEPS)}: {step.title}" in words(app)
        for name in controls.MAIN:
            assert app.slider(key=f"set_{name}").value == step.scenario[name]
        users = about(answer(step.scenario).total.line[-1, 0])
        assert users in app.header[0].value
        text = next(one.value for one in app.markdown if step.text[-20:] in one.value)
        assert users in text
        assert view(app)[0] == step.view and app.query_params["step"] == str(number)
        press(app, "Next") if step is not STEPS[-1] else None
    assert not app.exception


def test_a_step_names_controls_and_views_as_the_screen_does():
    app = seen(step="1")
    shown = {all_settings()[name].label for name in controls.MAIN} | set(view(app)[1])
    for step in STEPS:
        assert set(re.findall(r"\*\*(.+?)\*\*", step.text)) <= shown, step.title


def row_names(app):
    """The rows of buttons, without the number of the strip's."""
    return {one.key.rstrip("_0123456789") for one in app.get("button_group")}


def test_a_step_takes_the_place_of_the_scenarios_and_of_the_lines_of_the_answer():
    app = open_page()
    rows = row_names(app)
    assert "set_scenario" in rows and "Four runs in five" in words(app)
    press(app, f"Read it in {len(STEPS)} steps")
    assert row_names(app) == rows - {"set_scenario"}
    assert len(app.header) == 1 and app.header[0].value.startswith("About")
    assert not [one for one in app.button if one.label == "Guess first"]
    press(app, "End")
    assert "set_scenario" in row_names(app)
    assert "step" not in app.query_params


def test_the_buttons_are_the_same_in_every_step():
    """So that none moves: the first and the last step only take their sense from one."""
    found = []
    for number in range(1, len(STEPS) + 1):
        app = seen(step=str(number))
        row = [one for one in app.button if one.label in ("Back", "Next", "End")]
        found.append([one.label for one in row])
        assert [one.label for one in row if one.disabled] == (
            ["Back"] if number == 1 else ["Next"] if number == len(STEPS) else []
        )
    assert found == [["Back", "Next", "End"]] * len(STEPS)


def test_settings_of_the_reader_stay_and_can_be_set_again():
    app = open_page(step="6")
    labels = [one.label for one in app.button]
    assert "Set again" not in labels
    app.slider(key="set_concern").set_value(80).run()
    app.run()
    press(app, "Set again")
    assert app.slider(key="set_concern").value == STEPS[-1].scenario["concern"]
    app.slider(key="set_concern").set_value(80).run()
    app.run()
    press(app, "End")
    assert app.slider(key="set_concern").value == 80


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_a_link_that_names_a_step_alone_shows_its_scenario_and_view(number):
    """And no amount of money in it is a formula, as two dollar signs in a text would make it."""
    step, app = STEPS[number - 1], seen(step=str(number))
    assert app.session_state["scenario"] == step.scenario
    assert view(app)[0] == step.view
    assert step.title in words(app)
    assert not [one for one in app.markdown if re.search(r"(?<!\\)\$", one.value)]


def test_a_link_with_settings_keeps_them_beside_the_step():
    app = open_page(step="3", case="hard-line", open="where")
    assert app.session_state["scenario"] == case("hard-line")
    assert view(app)[0] == "where" and STEPS[2].title in words(app)


@pytest.mark.parametrize("word", [{"open": "where", "market": "IND"}, {"at": "2018Q4"}])
def test_a_reload_keeps_the_view_that_was_opened_in_a_step(word):
    """Also in the first step, which has the settings of a link without any."""
    app = open_page(step="1", **word)
    assert dict(app.query_params) == word | {"step": "1"}
    assert app.session_state["scenario"] == case() == STEPS[0].scenario
    for name, text in word.items():
        assert app.session_state[name] == text


def test_a_reload_keeps_the_default_that_was_gone_back_to_in_a_step():
    app = press(open_page(step="2"), "Reset")
    app.segmented_control(key="open").set_value("over").run()
    assert app.session_state["scenario"] == case() and not app.exception
    again = open_page(**dict(app.query_params))
    assert again.session_state["scenario"] == case() and view(again)[0] == "over"


def test_a_step_is_about_the_end_and_all_markets():
    app = open_page(at="2016Q4", market="HKG", open="where")
    press(app, f"Read it in {len(STEPS)} steps")
    press(app, "Next")
    assert "March 2024" in app.header[0].value
    assert "at" not in app.query_params and "market" not in app.query_params
