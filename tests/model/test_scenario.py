"""Settings, cases and scenarios: what can be set, what is refused, and that nothing is lost."""

import math
import re
import sys

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from model.evidence import DataError, load_evidence
from model.scenario.scenario import (
    case,
    cases,
    change,
    changed,
    events_text,
    parse_events,
    starting_quarters,
)
from model.scenario.settings import (
    SettingError,
    all_parameters,
    all_settings,
    choices,
    settings_and_parameters,
)
from model.scenario.story import story_steps
from tests.model.by_hand import DATA, rows

FIXED = profile(derandomize=True, database=None, deadline=None, max_examples=60)
REQUIRED = ("wechat line kakao concern barrier marketing until attrition horizon").split()


SWITCHES = [row["switch"] for row in rows("switches")]


def refused(call, *words):
    """The message of the SettingError that a call raises, one line with all of the words."""
    with pytest.raises(SettingError) as caught:
        call()
    message = str(caught.value)
    assert len(message.splitlines()) == 1 and all(word in message for word in words), message
    return message


@pytest.mark.parametrize(
    ("table", "known"), [("settings", all_settings), ("parameters", all_parameters)]
)
def test_settings_and_parameters_are_the_rows_of_the_file(table, known):
    """Names that others rely on are there; numbers are those of the file, in its order."""
    found = [row for row in rows(table) if row["scale"] != "choice"]
    assert list(known()) == [row["name"] for row in found]
    for row in found:
        one = known()[row["name"]]
        assert (one.value, one.low, one.high, one.step) == tuple(
            float(row[column]) for column in ("value", "low", "high", "step")
        )
        assert (one.prior_low is None) == (row["prior_low"] == "")
        for column in ("label", "unit", "symbol", "equation", "source_id"):
            assert getattr(one, column) == row[column]
    assert set(REQUIRED) <= set(all_settings())
    assert set(choices()) == {"case", "origin", "events"}


METHOD = (DATA.parent / "pages" / "method.md").read_text(encoding="utf-8")


def test_symbols_and_equations_are_on_the_method_page():
    """Each symbol stands in a formula, and in every equation that its setting names."""
    math_text = " ".join(re.findall(r"\$+([^$]+)\$+", METHOD.replace(r"\$", "")))
    equations = dict(re.findall(r"\$\$([^$]+?)\\tag\{(\d)\}\s*\$\$", METHOD))
    equations = {number: formula for formula, number in equations.items()}
    assert list(equations) == [str(number) for number in range(1, 8)]
    without = set()
    for row in (*rows("settings"), *rows("parameters")):
        symbol = rf"(?<![A-Za-z\\]){re.escape(row['symbol'])}(?![A-Za-z])"
        assert bool(row["symbol"]) == bool(row["equation"])
        assert re.search(symbol, math_text), row["name"]
        for number in filter(None, row["equation"].split(";")):
            # x_0 stands in the formula of x, which equation 4 uses
            inside = symbol if row["symbol"] != "x_0" else "x"
            assert re.search(inside, equations[number]), (row["name"], number)
        without |= set() if row["symbol"] else {row["name"]}
    choices = {"case", "origin", "events", "horizon", "active_home", "active_abroad"}
    assert without == choices | {"wechat_start", "line_start", "kakao_start"}


@pytest.mark.parametrize("name", [row["case"] for row in rows("cases")])
def test_a_case_is_the_defaults_and_its_own_rows(name):
    (row,) = [row for row in rows("cases") if row["case"] == name]
    own = {}
    if row["fit"] != "march-2014":  # that fit is the defaults
        fits = [r for r in rows("fits") if r["fit"] == row["fit"]]
        own = {r["setting"]: float(f"{float(r['value']):.3g}") for r in fits}
        own |= {  # to the steps of the sliders
            key: round(round(own[key] / one.step) * one.step, 6)
            for key, one in all_settings().items()
            if key in own
        }
    own |= {r["setting"]: float(r["value"]) for r in rows("case_settings") if r["case"] == name}
    scenario = case(name)
    assert scenario.case == name and scenario.origin == row["origin"]
    assert scenario.origin in starting_quarters()
    assert set(scenario.events) == set(row["events"].split("+")) - {"none"}
    for key, one in settings_and_parameters().items():
        assert scenario[key] == pytest.approx(own.get(key, one.value), rel=1e-9)
    assert changed(scenario) == {}
    assert (cases()[name].label, cases()[name].story) == (row["label"], row["story"])


def test_without_a_name_the_first_case_is_meant():
    assert case() == case("") == case(next(iter(cases()))) == case("march-2014")


def test_a_scenario_is_a_key():
    """Equal ones are one key, however they came about; it cannot be changed in place."""
    one = change(case(), {"concern": 30, "wechat": "160"})
    other = change(case(), {"wechat": 160.0, "concern": "3e1"})
    assert one == other and len({one, other, case()}) == 2
    zero = change(case(), {"concern": "-0"})
    assert math.copysign(1, zero["concern"]) == 1 and zero == change(case(), {"concern": 0})
    with pytest.raises(AttributeError):
        one.origin = "2024Q2"


def values(name):
    one = all_settings()[name]
    return st.floats(one.low, one.high) | st.sampled_from([one.low, one.high, one.value])


CHANGES = st.fixed_dictionaries(
    {},
    optional={name: values(name) for name in all_settings()}
    | {
        "origin": st.sampled_from(starting_quarters()),
        "events": st.sets(st.sampled_from(SWITCHES)).map(lambda on: "+".join(sorted(on)) or "none"),
    },
)


@FIXED
@given(start=st.sampled_from(list(cases())), changes=CHANGES)
def test_changes_are_found_again(start, changes):
    """`changed` names just what differs from the case, and leads back to the scenario."""
    before = case(start)
    scenario = change(before, changes)
    found = changed(scenario)
    assert set(found) <= set(changes)
    for name, value in changes.items():
        if name == "events":
            assert set(scenario.events) == set(value.split("+")) - {"none"}
        else:
            now = scenario.origin if name == "origin" else scenario[name]
            was = before.origin if name == "origin" else before[name]
            assert now == value
            assert found.get(name, (was, was)) == (was, value)
            assert (name in found) == (was != value)
    assert change(before, {name: now for name, (_, now) in found.items()}) == scenario
    untouched = set(all_settings()) - set(changes)
    assert all(scenario[name] == before[name] for name in untouched)
    assert case(start) == before
    texts = {name: str(value) for name, value in changes.items()}
    # a case is applied first, in whatever order the words come
    assert change(case(), texts | {"case": start}) == scenario


@FIXED
@given(st.lists(st.sampled_from(SWITCHES), unique=True))
def test_events_and_their_text(names):
    """In any order; the table's order comes back."""
    on = parse_events("+".join(names))
    assert on == tuple(name for name in SWITCHES if name in names)
    assert parse_events(events_text(on)) == on


@pytest.mark.parametrize(
    ("table", "column", "value", "call"),
    [
        ("settings", "value", "1000", all_settings),
        ("settings", "value", "many", all_settings),
        ("settings", "scale", "", all_settings),
        ("case_settings", "value", "1000", cases),
        ("story", "changes", "wechat=1000", story_steps),
    ],
)
def test_a_row_that_cannot_be_used_is_named(monkeypatch, table, column, value, call):
    frame = getattr(load_evidence(), table).copy()
    line = frame.index[frame.eq("concern").any(axis=1).argmax()]
    frame[column] = frame[column].astype(object)
    frame.loc[line, column] = value
    known = load_evidence().with_tables(**{table: frame})
    monkeypatch.setattr(sys.modules[call.__module__], "load_evidence", lambda: known)
    with pytest.raises(DataError, match=rf"^data/{table}.csv, row {line}: .*(1000|'many'|'')"):
        call.__wrapped__()


def test_words_for_events():
    assert parse_events("none") == parse_events("") == () and events_text(()) == "none"
    assert parse_events("all") == tuple(SWITCHES)
    assert parse_events(SWITCHES[1] + "+" + SWITCHES[1]) == (SWITCHES[1],)


@pytest.mark.parametrize("name", list(all_settings()))
def test_range_of_each_setting(name):
    """Its ends are allowed, what is beyond is not; the message has name, value and range."""
    one = all_settings()[name]
    for value in (one.low, one.high, one.value):
        assert change(case(), {name: value})[name] == value
    for value in (one.low - one.step, one.high + one.step, math.nextafter(one.high, math.inf)):
        words = f"{one.low:g} to {one.high:g}"
        refused(lambda value=value: change(case(), {name: value}), f"{name}:", str(value), words)


NOT_NUMBERS = ["", " ", "many", "0x10", "1.2.3", "½", "∞", "−5", "五", "--5", "None"]
NOT_NUMBERS += ["٣٠", "３０", "3_0"]  # Python reads these as 30
NOT_NUMBERS += [None, True, [30], {"a": 1}, 1j, b"30"]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
def test_what_is_no_number(value):
    quoted = repr(value) if isinstance(value, str) else "concern:"
    refused(lambda: change(case(), {"concern": value}), "concern:", quoted, "is not a number")


@pytest.mark.parametrize("value", ["nan", "Infinity", "1e400", math.nan, -math.inf], ids=repr)
def test_numbers_that_are_not_finite(value):
    refused(lambda: change(case(), {"concern": value}), "concern:", str(value), "0 to 100")


def test_long_or_broken_text_is_cut():
    """A message stays one short line whatever was given."""
    for text in ("x" * 5000, "9" * 5000, "\n\n999", "a\nb\r\nc\u2028d"):
        for name in ("concern", "case", "origin", "events"):
            assert len(refused(lambda t=text, n=name: change(case(), {n: t}))) < 400
        refused(lambda text=text: change(case(), {text: 1}), "is not a setting")
    for name in ("", "Concern", "concern ", "values", "__class__"):
        refused(lambda name=name: change(case(), {name: 1}), repr(name), "is not a setting")


UNKNOWN = {
    "case": ["March-2014", "march-2015", "none"],
    "origin": ["", "2014", "2014Q2", "2014q1"],
    "events": ["india", "none+all", "india-ban+", "india-ban,us-ban", "ALL"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in UNKNOWN.items() for text in texts]
)
def test_an_unknown_choice(name, text):
    """The message has the value, and what can be chosen."""
    known = {"case": cases(), "origin": starting_quarters(), "events": SWITCHES}[name]
    message = refused(lambda: change(case(), {name: text}), f"{name}:", *known)
    assert name == "events" or repr(text) in message


def test_cases_that_speak_of_the_default_are_that_far_from_it():
    """Half as much again, a quarter less: of the defaults as the calibration left them."""
    default = case("march-2014")
    for name, setting, factor in (
        ("rivals-surge", "line", 1.5),
        ("rivals-surge", "kakao", 1.5),
        ("super-app", "attrition", 0.75),
        ("all-in", "marketing", 3),
    ):
        one = all_settings()[setting]
        assert case(name)[setting] == pytest.approx(factor * default[setting], abs=one.step)
