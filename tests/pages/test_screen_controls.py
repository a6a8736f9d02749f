"""The controls on the screen: every slider's text, ends, step and value are its row of data/."""

import re

import pytest

from model.scenario.scenario import case
from tests.pages.screen import address, data, open_page, producer, seen

ROWS = {row["name"]: row for row in data("settings").to_dict("records")}
SHOWN = ["wechat", "concern", "line", "kakao"]  # the others are on the page of all settings
SHOWN += ["barrier", "attrition", "marketing", "horizon"]
CASES = pytest.mark.parametrize("name", ["march-2014", "as-it-happened"])


def sliders(app):
    return {one.key.removeprefix("set_"): one for one in app.slider}


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


def test_every_slider_is_its_row_of_the_table():
    """Label, ends, step and value; its help says note, default, range, unit and source."""
    shown = sliders(seen())
    assert list(shown) == SHOWN
    for name, slider in shown.items():
        row = ROWS[name]
        assert slider.label == row["label"]
        assert (slider.min, slider.max, slider.step) == (row["low"], row["high"], row["step"]), name
        assert slider.value == float(row["value"]), name
        assert slider.help.startswith(row["note"]), name
        rest = slider.help.removeprefix(row["note"])
        numbers = re.search(r"Default (\S+), from (\S+) to (\S+) \((.*)\)\. Source: (.*)\.\*", rest)
        value, low, high, unit, source = numbers.groups()
        expected = (float(row["value"]), row["low"], row["high"])
        assert (float(value), float(low), float(high)) == expected, name
        assert (unit, source) == (row["unit"], producer(row["source_id"])), name


@CASES
def test_values_stand_on_the_steps_of_their_sliders_and_have_units(name):
    """Those that were fitted too."""
    for setting, slider in sliders(seen(case=name)).items():
        row, value = ROWS[setting], case(name)[setting]
        steps, places = value / row["step"], decimals(row["step"])
        assert steps == pytest.approx(round(steps), abs=1e-6), setting
        assert slider.value == pytest.approx(value)
        printed = slider.proto.format % slider.value
        assert printed == with_unit(f"{value:.{places}f}", row["unit"]), setting


def test_every_slider_sets_its_own_setting():
    app, moved = open_page(), {}
    for name, slider in sliders(app).items():
        row = ROWS[name]
        step = row["step"] if float(row["value"]) < row["high"] else -row["step"]
        moved[name] = float(row["value"]) + step
        slider.set_value(moved[name])
    app.run()
    assert {name: float(value) for name, value in address(app).items()} == pytest.approx(moved)


@CASES
def test_each_event_has_its_switch(name):
    rows = data("switches")
    on = [one for one in data("cases").set_index("case").events[name].split("+") if one != "none"]
    app = seen(case=name)
    shown = {one.key.removeprefix("set_event_"): one for one in app.toggle if "event_" in one.key}
    assert list(shown) == rows.switch.tolist()
    for row in rows.itertuples():
        assert shown[row.switch].label == row.label
        assert shown[row.switch].value == (row.switch in on)


def test_an_event_that_is_switched_is_in_the_address():
    app, switch = open_page(), data("switches").switch[0]
    app.toggle(key=f"set_event_{switch}").set_value(True).run()
    assert address(app)["events"] == switch
    assert app.session_state.scenario.events == (switch,)


def test_a_former_setting_in_a_link_is_named_and_the_others_are_set():
    """LINE home ties have no slider any more."""
    linked = open_page(line_core="10", concern="40")
    assert linked.slider(key="set_concern").value == 40
    assert len(linked.warning) == 1 and linked.warning[0].value.count("LINE home ties") == 1


def test_a_phone_has_two_sliders_below_and_the_others_behind_a_button(on_phone):
    app = open_page()
    assert list(sliders(app))[:2] == SHOWN[:2] and set(sliders(app)) == set(SHOWN)
    assert not app.sidebar.slider
    app.slider(key="set_wechat").set_value(200).run()
    assert address(app)["wechat"] == "200"
