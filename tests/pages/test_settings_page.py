"""The page of all settings: every row read back from data/, and each way to change a value."""

import re
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.screen import ROOT, address, data, open_page, seen

PAGE = "pages/settings.py"
ROWS = data("settings")
NUMBERS = ROWS[ROWS.scale != "choice"]
SOURCES = data("sources").set_index("source_id")


def choose(app, name):
    return app.selectbox(key="setting").set_value(name).run()


def type_value(app, value):
    return app.number_input[0].set_value(value).run()


def type_text(app, text):
    return app.text_input(key="exact").set_value(text).run()


def texts(app):
    return "\n".join(one.value for one in app.markdown)


def refusals(app):
    assert not app.exception
    return [one.value.replace("\\", "") for one in app.warning]


def headline(app):
    """The million users in the headline of either page."""
    found = [*app.header, *app.markdown]
    (text,) = [one.value for one in found if "WeChat users abroad by" in one.value][:1]
    number, scale = re.search(r"About ([\d.]+) (million|billion)", text).groups()
    return float(number) * {"million": 1, "billion": 1000}[scale]


def test_every_setting_is_there_with_its_value_range_source_and_grade():
    table = seen(PAGE).dataframe[0].value
    assert table["Name in links"].tolist() == ROWS.name.tolist()
    assert table["Setting"].tolist() == ROWS.label.tolist()
    assert table["Unit"].tolist() == ROWS.unit.tolist()
    sources = SOURCES.loc[ROWS.source_id.str.split(";").str[0]]
    assert table["Source"].tolist() == sources.producer.tolist()
    assert table["Grade"].tolist() == sources.grade.tolist()
    for shown, own in zip(table.itertuples(), ROWS.itertuples(), strict=True):
        if own.scale == "choice":
            continue
        assert float(shown.Value) == float(own.value)
        if own.prior_low == own.prior_low:
            ends = [float(end) for end in shown.Plausible.split(" to ")]
            assert ends == [own.prior_low, own.prior_high]
        else:
            assert shown.Plausible != shown.Plausible or shown.Plausible is None
    assert (table["In its scenario"] == table["Value"]).all()


def test_another_scenario_shows_its_own_values():
    table = seen(PAGE, case="hard-line", wechat="160").dataframe[0].value
    table = table.set_index("Name in links")
    own = data("case_settings")
    for row in own[own.case == "hard-line"].itertuples():
        if row.setting in table.index:
            assert float(table["In its scenario"][row.setting]) == float(row.value)
    assert table.Value["wechat"] == "160"
    assert table["In its scenario"]["wechat"] == NUMBERS.set_index("name").value["wechat"]


@pytest.mark.parametrize("name", ["wechat", "concern", "ceiling_abroad", "marketing", "horizon"])
def test_a_chosen_setting_has_its_note_range_equation_and_source(name):
    app = choose(open_page(PAGE), name)
    row = ROWS.set_index("name").loc[name]
    shown = texts(app).replace("\\", "")
    assert row.note.replace("\\", "") in shown
    assert f"Allowed: {row.low:g} to {row.high:g} ({row.unit})" in shown
    source = SOURCES.loc[row.source_id]
    assert f"grade {source.grade}:** {source.producer}" in shown
    if source.url.startswith("http"):
        assert f"]({source.url})" in shown
    assert app.number_input[0].value == float(row.value)
    assert row.unit in app.number_input[0].label
    assert row.label in [one.value for one in app.header]
    if row.equation != row.equation:
        assert "tag{" not in shown
        return
    method = (ROOT / "pages" / "method.md").read_text(encoding="utf-8").replace("\\", "")
    (equation,) = [one for one in re.findall(r"\$\$\n(.*?)\n\$\$", shown, re.S) if "tag{" in one]
    assert equation in method and equation.endswith(f"tag{{{row.equation:g}}}")
    assert f"${row.symbol}$".replace("\\", "") in shown


def test_settings_can_be_changed_and_no_other_moves():
    """Every third by one step, up or down; they are then in the address, and nothing else."""
    app, moved = open_page(PAGE), {}
    for row in NUMBERS[::3].itertuples():
        choose(app, row.name)
        value = float(row.value)
        moved[row.name] = value + (row.step if value < row.high else -row.step)
        type_value(app, moved[row.name])
        assert not refusals(app)
    assert {name: float(value) for name, value in address(app).items()} == pytest.approx(moved)


@pytest.mark.parametrize(("value", "rises"), [(260.0, True), (100.0, False)])
def test_a_changed_value_moves_the_headline_of_the_page_the_right_way(value, rises):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    before = headline(app)
    app.switch_page(PAGE).run()
    assert headline(app) == before
    type_value(app, value)
    here = headline(app)
    assert (here > before) == rises and here != before
    app.switch_page("app.py").run()
    assert headline(app) == here and address(app) == {"wechat": f"{value:g}"}


def test_the_link_back_keeps_what_was_changed():
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    app.switch_page(PAGE).run()
    type_value(app, 137.5)
    (link,) = [one.proto for one in app.get("page_link") if one.proto.label == "Back to the page"]
    assert parse_qs(link.query_string) == {"wechat": ["137.5"]}


def test_the_page_opens_by_itself_with_the_scenario_of_its_address():
    app = open_page(PAGE, case="hard-line", wechat="160", concren="4", fbclid="x")
    assert refusals(app) == [
        "From the link: 'concren' is not a setting; did you mean concern? It is left out."
    ]
    assert app.number_input[0].value == 160
    assert headline(app) == headline(seen(case="hard-line", wechat="160"))
    assert "Changed from the scenario Hard line: WeChat growth" in texts(app)
    assert address(app) == {"case": "hard-line", "wechat": "160"}


@pytest.mark.parametrize("value", [900.0, -1.0])
def test_a_value_out_of_range_is_refused_in_one_sentence(value):
    app = type_value(open_page(PAGE, wechat="160"), value)
    row = ROWS.set_index("name").loc["wechat"]
    ends = f"{value:g} is outside {row.low:g} to {row.high:g} ({row.unit})"
    assert refusals(app) == [f"WeChat growth: {ends}; 160 stays."]
    assert app.number_input[0].value == 160 and address(app) == {"wechat": "160"}
    assert not refusals(type_value(app, 170.0))  # gone with the next change


def test_an_emptied_box_changes_nothing():
    app = open_page(PAGE, wechat="160")
    app.number_input[0].set_value(None).run()
    assert not refusals(app) and app.number_input[0].value == 160


def test_several_values_are_taken_as_typed_or_refused_in_a_sentence():
    app = type_text(open_page(PAGE), "WeChat growth = 137.5, Concern: 33 %")
    assert not refusals(app) and not app.text_input(key="exact").value
    changed = {"wechat": "137.5", "concern": "33"}
    assert address(app) == changed and app.number_input[0].value == 137.5
    for typed, said in (
        ("wechat=900", "900 is outside 0 to 400"),
        ("wehcat=120", "did you mean wechat?"),
        ("wechat=137,5", "expected a number with a decimal point, such as 137.5;"),
        ("wechat=120 concern", "'concern' has no value; expected NAME=VALUE;"),
        ("line=high", "'high' is not a number"),
        ("events=parade", "'parade' is not one of none, all"),
    ):
        (sentence,) = refusals(type_text(app, typed))
        assert said in sentence and sentence.endswith("the settings stay as they were.")
        assert address(app) == changed and app.text_input(key="exact").value == typed
    type_text(app, "origin=2025Q3 case=hard-line")
    assert address(app) == {"case": "hard-line", "origin": "2025Q3"}


def test_a_former_setting_is_named_and_the_others_are_set():
    app = type_text(open_page(PAGE), "LINE home ties=10 concern=30")
    (sentence,) = refusals(app)
    assert "LINE home ties" in sentence and address(app) == {"concern": "30"}


def test_undo_and_the_value_of_the_scenario():
    app = type_value(open_page(PAGE), 137.5)

    def press(label):
        next(one for one in app.button if one.label == label).click().run()
        return app.number_input[0].value

    assert press("Back to 194") == 194 and not address(app)
    assert press("Undo") == 137.5 and press("Undo") == 194
    assert all(one.disabled for one in app.button)


def test_a_choice_says_how_it_is_typed():
    app = choose(open_page(PAGE), "origin")
    assert "`origin=2014Q1`" in texts(app) and not app.number_input


def test_a_guess_that_is_asked_for_is_not_spoilt():
    assert "WeChat users abroad by" not in texts(seen(PAGE, guess="first"))


@pytest.mark.parametrize(
    ("title", "name", "label"),
    [("Parameters of the fit", "parameters", "Parameter"), ("Constants", "constants", "Name")],
)
def test_the_numbers_that_no_setting_moves_are_those_of_the_data(title, name, label):
    app = open_page(PAGE)
    app.radio[0].set_value(title).run()
    table, rows = app.dataframe[1].value, data(name)
    own = rows.label if "label" in rows else rows.name
    assert table[label].tolist() == own.tolist()
    assert table.Value.astype(float).tolist() == rows.value.astype(float).tolist()
    for head, column in (("Unit", rows.unit), ("Note", rows.note)):
        assert table[head].fillna("").tolist() == column.fillna("").tolist()
    sources = SOURCES.loc[rows.source_id.str.split(";").str[0]]
    assert table.Grade.tolist() == sources.grade.tolist()
    assert table.Source.tolist() == sources.producer.tolist()
