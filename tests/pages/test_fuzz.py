"""Hostile input: addresses, figures, command lines, widget values end in a sentence, never worse.

Random inputs are the same in every run; the profile `long` (HYPOTHESIS_PROFILE=long) tries more.
"""

import math
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.analysis.own_figures import MOST_ROWS, read_figures
from model.cli.parser import main
from model.scenario import links
from model.scenario.links import MOST_IN_TABLE, MOST_NOTES
from model.scenario.scenario import cases, starting_quarters
from model.scenario.settings import SettingError, all_settings
from pages.parts.state import VIEWS
from tests.model.test_links import assert_valid
from tests.pages.screen import open_page

CALM = {"derandomize": True, "database": None, "deadline": None}
CALM["suppress_health_check"] = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("quick", max_examples=150, **CALM)
settings.register_profile("long", max_examples=20_000, **CALM)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
FEWER = settings(PROFILE, max_examples=max(1, PROFILE.max_examples // 3))

MARK = '<img src=x onerror="alert(1)">'
NAMES = [*all_settings(), *VIEWS, "case", "origin", "events", "pin", "table", "title"]
NAMES += ["said", "data", "v", "embed", "__class__", "", "wechat ", "WECHAT"]
WORDS = [*cases(), *starting_quarters(), "none", "all", "~", "~~", "~~~", "+", "%00", "\0", "1e999"]
WORDS += ["nan", "-inf", "-0", "0x10", "1_0", "١٢", "𝟙", "9" * 400, "../..", MARK, "${7*7}", "$x$"]
WORDS += ["[a](javascript:alert(1))", ":material/x:", "march-2014~wechat.160", "\ud800", "=1+1"]
word = st.one_of(st.sampled_from(WORDS), st.text(max_size=60), st.floats().map(str))
query = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), st.text(max_size=20)),
    st.lists(word, min_size=1, max_size=3),
    max_size=12,
)


def within_range(scenario):
    """Whether every value of a scenario is one that its slider could have."""
    limits = {name: (one.low, one.high) for name, one in all_settings().items()}
    return all(
        math.isfinite(value) and limits[name][0] <= value <= limits[name][1]
        for name, value in scenario.values
    )


@pytest.mark.slow
@PROFILE
@given(query)
def test_any_address_gives_a_view(words):
    view, notes = links.from_query(words, VIEWS)
    assert_valid(view)
    assert len(view.table) <= MOST_IN_TABLE and len(notes) <= MOST_NOTES + 1
    assert not any("\n" in note or len(note) > 500 for note in notes)
    written = links.to_query(view, full=True, views=VIEWS)
    again, notes = links.from_query({name: [text] for name, text in written.items()}, VIEWS)
    assert again.scenario == view.scenario and not notes  # its own link is whole


NASTY = [
    {"wechat": "1e999", "concern": "nan", "line": "-1"},
    {"title": "[a](javascript:alert(1)) $\\href{x}{y}$ :red[z] <b>", "pin": MARK},
    {"table": "~~".join([f"{MARK}~wechat.160"] * 30)},
    {"case": "../../etc/passwd", "origin": "2013Q9", "events": "none+all"},
    {"at": "9999Q9", "horizon": "1"},
    {"guess": "9" * 400, "outside": MARK},
    {"market": MARK, "open": "where", "show": "one"},
    {"rival": "WeChat", "open": "solve", "platform": "QQ"},
    {"step": "6", "open": "compare", "pin": "hard-line~concern.100"},
    {"said": "1e400", "data": MARK, "v": "2"},
    {"v": "99", "wechat": "\0"},
    {name: str(setting.high) for name, setting in all_settings().items()},
    {name: str(setting.low) for name, setting in all_settings().items()},
]


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_the_nastiest_addresses_on_the_page(words):
    app = open_page(**words)
    assert not app.exception and app.header
    assert within_range(app.session_state.scenario)
    texts = [one.value for kind in ("markdown", "caption", "warning") for one in app.get(kind)]
    for text in texts:
        assert not re.search(r"(?<!\\)<img|(?<!\\)\]\(javascript:", text), text


cell = st.one_of(word, st.sampled_from(["2016", "2016Q2", "2016-06", "2016-02-30", "48", "LINE"]))
rows = st.lists(st.lists(cell, max_size=4).map(",".join), max_size=8).map("\n".join)
sheet = rows.map(lambda text: f"date,users,platform\n{text}".encode("utf-8", "replace"))


@PROFILE
@given(st.one_of(st.binary(max_size=300), sheet))
def test_any_bytes_as_own_figures(data):
    try:
        figures = read_figures(data)
    except SettingError as error:
        assert str(error)
    else:
        assert 0 < len(figures) <= MOST_ROWS
        assert all(math.isfinite(one.users) and math.isfinite(one.time) for one in figures)


OPTIONS = ["--case", "--link", "--set", "--format", "--from", "--goal", "--by", "--lever"]
OPTIONS += ["--grid", "--list", "--quarters", "--help", "--", "-h", "-x"]
SETS = [f"{name}={one.high + 1:g}" for name, one in list(all_settings().items())[:4]]
VALUES = [*WORDS, *SETS, "wechat=160", "reach=50", "pass-line", "2020Q1", "?wechat=160", "/", "."]
arguments = st.lists(
    st.one_of(st.sampled_from(OPTIONS), st.sampled_from(VALUES), st.text(max_size=12)), max_size=6
)


@FEWER
@given(
    st.sampled_from(["cases", "project", "record", "solve", "explain", "", "calibrat"]), arguments
)
def test_any_command_line(command, words):
    """Exit code 0, or 2 with a line on stderr; argparse leaves by SystemExit."""
    try:
        code = main([command, *words])
    except SystemExit as stop:
        code = stop.code
    assert code in (0, 2)


@pytest.mark.parametrize("number", [1e6, math.nan])
def test_a_slider_outside_its_range(number):
    """As a browser could send it that is not Streamlit's own."""
    app = open_page(wechat="150")
    slider = next(one for one in app.slider if one.key == "set_wechat")
    slider.set_value(number)
    app.run()
    scenario = app.session_state.scenario
    assert within_range(scenario)
    assert not app.exception
