"""The controls on the screen: every slider's text, ends, step and value are its row of data/."""

import re

import pytest

from model.scenario.scenario import case
from tests.pages.screen import data, open_page, producer, seen

ROWS = {row["name"]: row for row in data("settings").to_dict("records")}
SLIDERS = {name: row for name, row in ROWS.items() if row["scale"] != "choice"}


def unfolded(**address):
    """The page with every fold of the controls open."""
    app = open_page(**address)
    for fold in [one.key for one in app.toggle]:
        app.toggle(key=fold).set_value(True)
    return app.run()


@pytest.fixture(scope="module")
def app():
    return unfolded()


@pytest.fixture(scope="module")
def fitted():
    """A case whose values lie between the steps of the sliders."""
    return unfolded(case="as-it-happened")


def sliders(app):
    return {one.key.removeprefix("set_"): one for one in app.slider}


def printed(slider):
    """The value as the slider prints it."""
    return slider.proto.format % slider.value


def decimals(step):
    return len(f"{step:g}".partition(".")[2])


def with_unit(number, unit):
    """A number as its unit is written on a slider."""
    if unit.startswith("%"):
        return f"{number}%"
    if unit.startswith("US$"):
        return f"US$ {number} M"
    if unit == "per 100 users a year":
        return f"{number} per 100"
    return f"{number} yr" if unit == "years" else number


def test_every_setting_has_a_slider_with_its_label(app):
    shown = sliders(app)
    assert set(shown) == set(SLIDERS)
    for name, slider in shown.items():
        assert slider.label == SLIDERS[name]["label"]


def test_every_slider_goes_from_end_to_end_in_its_steps(app):
    for name, slider in sliders(app).items():
        row = SLIDERS[name]
        assert (slider.min, slider.max, slider.step) == (row["low"], row["high"], row["step"]), name
        assert slider.value == float(row["value"]), name


def test_every_slider_says_default_range_unit_and_source(app):
    for name, slider in sliders(app).items():
        row = SLIDERS[name]
        assert slider.help.startswith(row["note"]), name
        rest = slider.help.removeprefix(row["note"])
        numbers = re.search(r"Default (\S+), from (\S+) to (\S+) \((.*)\)\. Source: (.*)\.\*", rest)
        value, low, high, unit, source = numbers.groups()
        expected = (float(row["value"]), row["low"], row["high"])
        assert (float(value), float(low), float(high)) == expected, name
        assert (unit, source) == (row["unit"], producer(row["source_id"])), name


def test_every_slider_prints_its_unit_and_the_decimals_of_its_step(app):
    for name, slider in sliders(app).items():
        row = SLIDERS[name]
        number = f"{float(row['value']):.{decimals(row['step'])}f}"
        assert printed(slider) == with_unit(number, row["unit"]), name


def test_fitted_values_stand_on_the_steps_of_their_sliders(fitted):
    for name, slider in sliders(fitted).items():
        row, value = SLIDERS[name], case("as-it-happened")[name]
        steps, places = value / row["step"], decimals(row["step"])
        assert steps == pytest.approx(round(steps), abs=1e-6), name
        assert slider.value == pytest.approx(value)
        assert printed(slider) == with_unit(f"{value:.{places}f}", row["unit"]), name


def test_every_slider_sets_its_own_setting():
    app, moved = unfolded(), {}
    for name, slider in sliders(app).items():
        row = SLIDERS[name]
        step = row["step"] if float(row["value"]) < row["high"] else -row["step"]
        moved[name] = float(row["value"]) + step
        slider.set_value(moved[name])
    app.run()
    address = dict(app.query_params)
    found = {
        name: float(value[-1] if isinstance(value, list) else value)
        for name, value in address.items()
        if name in SLIDERS
    }
    assert found == pytest.approx(moved)


def test_the_choices_have_the_labels_and_notes_of_their_rows():
    app = seen()
    box = app.selectbox(key="set_case")
    cases = data("cases")
    assert box.options == cases.label.tolist() and box.value == ROWS["case"]["value"]
    note, label, story = ROWS["case"]["note"], cases.label[0], cases.story[0]
    assert box.help == f"{note}\n\n**{label}**: {story}"
    start = next(one for one in app.get("button_group") if one.key == "set_origin")
    assert start.label == ROWS["origin"]["label"]
    assert start.proto.help == ROWS["origin"]["note"]
    assert [one.content for one in start.proto.options] == ["March 2014", "September 2025"]
    assert start.value == ROWS["origin"]["value"]


def test_each_event_has_its_switch(fitted):
    rows = data("switches")
    on = data("cases").set_index("case").events["as-it-happened"].split("+")
    shown = {
        one.key.removeprefix("set_event_"): one for one in fitted.toggle if "event_" in one.key
    }
    assert list(shown) == rows.switch.tolist()
    for row in rows.itertuples():
        assert shown[row.switch].label == row.label
        assert shown[row.switch].value == (row.switch in on)
    fold = next(one for one in fitted.toggle if one.key == "fold_events")
    assert fold.label == f"Events ({len(on)} of {len(rows)} on)"


def test_exact_values_are_taken_as_typed_or_refused_in_a_sentence():
    app = open_page()
    app.text_input(key="exact").set_value("WeChat growth = 137.5, Concern: 33 %").run()
    assert not app.error and not app.text_input(key="exact").value
    assert app.slider(key="set_wechat").value == 137.5 and app.slider(key="set_concern").value == 33
    for typed, said in (
        ("wechat=900", "900 is outside 0 to 400"),
        ("wehcat=120", "did you mean wechat?"),
        ("wechat=137,5", "expected a number with a decimal point, such as 137.5."),
        ("wechat=120 concern", "'concern' has no value; expected NAME=VALUE."),
        ("line=high", "'high' is not a number"),
    ):
        app.text_input(key="exact").set_value(typed).run()
        assert said in app.error[0].value.replace("\\", "") and not app.exception
        assert app.slider(key="set_wechat").value == 137.5
    next(button for button in app.button if button.label == "Undo").click().run()
    assert app.slider(key="set_wechat").value == float(ROWS["wechat"]["value"])


def test_a_former_setting_is_named_and_the_others_are_set():
    """In a link and among typed values; LINE home ties have no slider any more."""
    said = "LINE home ties"
    linked = open_page(line_core="10", concern="40")
    assert linked.slider(key="set_concern").value == 40
    assert len(linked.warning) == 1 and linked.warning[0].value.count(said) == 1
    app = open_page()
    app.text_input(key="exact").set_value("LINE home ties=10 concern=30").run()
    assert app.slider(key="set_concern").value == 30 and not app.error
    assert said in app.info[0].value and app.text_input(key="exact").value == ""
    app.text_input(key="exact").set_value("concern=20").run()
    assert not app.info
