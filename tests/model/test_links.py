"""Links and scenario files: every view comes back exactly, and bad words are named, never fatal."""

import json
import random
import re
import time
import unicodedata
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from model import evidence as reader
from model.analysis.bands import answer, table
from model.evidence import DATA, data_version, load_evidence, read_evidence
from model.messengers import PLATFORMS
from model.scenario import links, scenario_file
from model.scenario.link_text import LONGEST_TITLE, MOST_NOTES, clean_title
from model.scenario.links import (
    DATA_VERSION,
    SLUG,
    View,
    changed_answer,
    parse_link,
    to_query,
)
from model.scenario.scenario import Scenario, case, cases, change, starting_quarters
from model.scenario.scenario_file import to_file
from model.scenario.settings import SettingError, all_settings, choices
from pages.parts.address import VIEWS

MANY = 10_000
SWITCHES = tuple(load_evidence().switches.switch)
ORIGINS = starting_quarters()
FREE = VIEWS | {"panel": ()}  # a view that takes any short word
DEFAULTS = tuple((name, options[0] if options else "") for name, options in VIEWS.items())
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # of direction
SCRIPTS = "aZ09 .~!*'()%&=#?+/<>\"\\|é中文ไทย한글🙂👩‍👧\u200f"


def from_query(query, views=VIEWS):
    """A link as the page reads it."""
    return links.from_query(query, views)


def from_file(text, views=VIEWS):
    """A scenario file as the page reads it."""
    return scenario_file.from_file(text, views)


def parsed(link):
    """The query of an address as a browser gives it."""
    return parse_qs(urlencode(link), keep_blank_values=True)


def unstamped(view):
    """As a short link holds it: without what was shown, and from which data."""
    return replace(view, shown_users=None, shown_data="")


def some_value(rng, setting):
    """A value in range: anywhere, at a step, an end, or with all its digits."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice([setting.low, setting.high])
    if kind == 1:
        steps = int((setting.high - setting.low) / setting.step)
        return setting.low + setting.step * rng.randint(0, steps)
    if kind == 2:
        return min(setting.high, max(setting.low, setting.high * 10 ** rng.uniform(-12, 0)))
    return rng.uniform(setting.low, setting.high)


START = {name: case(name) for name in cases()}


def some_scenario(rng, most=99):
    start = START[rng.choice(list(START))]
    most = rng.choice([2, 2, 4, min(most, len(all_settings()))])
    chosen = rng.sample(list(all_settings().values()), rng.randint(0, most))
    values = dict(start.values) | {setting.name: some_value(rng, setting) for setting in chosen}
    some = rng.sample(SWITCHES, rng.randint(0, len(SWITCHES)))
    events = rng.choice([start.events, some])
    return replace(
        start,
        values=tuple(values.items()),
        origin=rng.choice([start.origin] * 4 + [*ORIGINS]),
        events=rng.choice(
            [start.events] * 2 + [tuple(name for name in SWITCHES if name in events)]
        ),
    )


def some_title(rng):
    size = rng.choice([0, 5, 30, LONGEST_TITLE])
    return clean_title("".join(rng.choice(SCRIPTS) for _ in range(size)))


def some_view(rng):
    """A view as a page makes one, with all views named."""
    views = tuple(
        (name, rng.choice(options) if options else rng.choice(["", "solve", "what-if-2"]))
        for name, options in FREE.items()
    )
    rows = rng.choice([0] * 18 + [1, 8])
    return View(
        scenario=some_scenario(rng),
        views=views,
        pin=some_scenario(rng) if rng.random() < 0.3 else None,
        table=tuple((some_title(rng), some_scenario(rng, 6)) for _ in range(rows)),
        title=some_title(rng),
        shown_users=rng.choice([None, 0.0, rng.uniform(0, 3000), 10 ** rng.uniform(-9, 3)]),
        shown_data=rng.choice(["", "2026-02-10.3f9a2c"]),
    )


def test_every_view_comes_back():
    """10,000 views as short link, full link and file, through real addresses, to the last bit."""
    rng = random.Random(1)
    for number in range(MANY):
        view = some_view(rng)
        short = to_query(view, full=False, views=FREE)
        assert from_query(parsed(short), FREE) == (unstamped(view), [])
        full = to_query(view, full=True, views=FREE)
        assert from_query(parsed(full), FREE) == (view, [])
        assert full["v"] == "2" and {"case", "origin", "events", *all_settings()} <= full.keys()
        text = to_file(view)
        assert from_file(text.encode() if number % 2 else text, FREE) == (view, [])


def test_page_command_line_and_file_agree_on_every_number():
    """The page's answer to a link and the command line's projection of a file, to the last bit."""
    rng = random.Random(5)
    for _ in range(40):
        view = some_view(rng)
        linked = from_query(parsed(to_query(view, full=True, views=FREE)), FREE)[0].scenario
        filed = from_file(to_file(view), FREE)[0].scenario
        printed = table(filed)
        cells = printed[~printed.market.eq("EX-CHINA") & ~printed.platform.eq("established")]
        cells = cells.pivot(
            index=["quarter", "platform"], columns="market", values="users_millions"
        )
        shown = answer(linked)
        for k, platform in enumerate(PLATFORMS):
            found = cells.xs(platform, level="platform")[list(shown.names)].to_numpy()
            assert np.array_equal(shown.markets[:, k], found), filed


def test_the_longest_link_is_read():
    """Eight scenarios with every setting changed to many digits and long titles."""
    rng = random.Random(3)
    longest = {s.name: rng.uniform(s.low, s.high) for s in all_settings().values()}
    scenario = change(case("today"), longest | {"events": "+".join(SWITCHES[:-1])})
    title = clean_title("한" * 99)
    view = View(scenario=scenario, views=DEFAULTS, pin=scenario, title=title,
                shown_users=123.456789, table=((title, scenario),) * 8,
                shown_data="x" * 40)  # fmt: skip
    assert from_query(parsed(to_query(view, full=True, views=VIEWS)), VIEWS) == (view, [])
    assert from_file(to_file(view), VIEWS) == (view, [])


def test_short_link_is_todays_address():
    assert to_query(View(scenario=case()), full=False) == {}
    scenario = change(case("hard-line"), {"wechat": 160, "concern": 30, "events": "india-ban"})
    views = (("outside", "home"), ("band", "settings"))
    link = to_query(View(scenario=scenario, views=views), full=False, views=VIEWS)
    wanted = {"case": "hard-line", "wechat": "160", "concern": "30", "events": "india-ban"}
    assert link == wanted | {"outside": "home"}
    odd = change(case(), {"wechat": 400 / 3})
    assert to_query(View(scenario=odd), full=False) == {"wechat": "133.33333333333334"}


def test_a_scenario_inside_a_link_needs_no_escapes():
    scenario = change(case("hard-line"), {"wechat": 160.5, "events": "india-ban+us-ban"})
    link = to_query(View(scenario=case(), pin=scenario, table=(("A b~c", scenario),)), full=False)
    assert link["pin"] == "hard-line~events.india-ban.us-ban~wechat.160.5"
    assert link["table"] == link["pin"] + "~title.A%20b%7Ec"
    assert urlencode({"pin": link["pin"]}) == f"pin={link['pin']}"
    safe = re.compile("[a-z0-9_-]+")
    assert all(safe.fullmatch(name) for name in [*cases(), *all_settings(), *SWITCHES, *choices()])


def test_the_first_format_stays_valid():
    """An address without v, or with v=1, and one typed by hand with a plain plus sign."""
    wanted = change(case("hard-line"), {"wechat": 160, "events": "india-ban+surveys"})
    for format_number in ("", "v=1&", "v=2&"):
        link = f"http://localhost:8501/?{format_number}case=hard-line&wechat=160&events=india-ban%2Bsurveys"
        view, notes = from_query(parse_link(link))
        assert (view.scenario, notes) == (wanted, [])
    typed = parse_link("case=hard-line&wechat=160&events=india-ban+surveys")
    assert from_query(typed)[0].scenario == wanted


def test_without_the_names_of_views_they_are_kept_as_they_are():
    """The command line knows no page: it keeps views, and names a misspelt setting."""
    query = parse_link("?case=hard-line&outside=home&market=IDN&step=3&novel-view=a1&wechat=160")
    view, notes = links.from_query(query)
    assert notes == [] and view.scenario == change(case("hard-line"), {"wechat": 160})
    assert dict(view.views) == {
        "outside": "home", "market": "IDN", "step": "3", "novel-view": "a1"
    }  # fmt: skip
    for word, meant in (("conern=30", "concern"), ("marketin=300", "marketing"),
                        ("orgin=2024Q2", "origin"), ("evens=india-ban", "events")):  # fmt: skip
        _, (note,) = links.from_query(parse_link(word))
        assert f"did you mean {meant}?" in note
    for word in ("active_share=40", "some%20name=1", "outside=a+b"):
        assert len(links.from_query(parse_link(word))[1]) == 1
    again = scenario_file.from_file(to_file(view))
    assert again == (view, [])


def test_older_words_go_through_every_step(monkeypatch):
    """A word renamed in format 3 and its value doubled in format 4 are still understood."""
    steps = {2: lambda old: {("line" if k == "green" else k): v for k, v in old.items()}}
    steps[3] = lambda old: old | {"line": str(2 * float(old["line"]))}
    monkeypatch.setattr(links, "FORMAT", 4)
    monkeypatch.setattr(links, "STEPS", links.STEPS | steps)
    for query in ({"green": ["50"]}, {"v": ["1"], "green": ["50"]}, {"v": ["2"], "green": ["50"]}):
        assert from_query(query)[0].scenario["line"] == 100
    assert from_query({"v": ["4"], "line": ["50"]})[0].scenario["line"] == 50
    assert from_file('{"format": 2, "settings": {"green": 50}}')[0].scenario["line"] == 100


ADDED = ("descent_ties", "descent_growth", "line_indonesia", "pull", "spread")  # in 2026
ADDED += ("active_home", "active_abroad")


def old_words():
    """Every value as full links held them before; other settings than the defaults."""
    values = {name: one.low + one.step for name, one in all_settings().items() if name not in ADDED}
    return {name: f"{value:g}" for name, value in values.items()} | {"active_share": "40"}


@pytest.mark.parametrize("start", ["march-2014", "as-it-happened"])
def test_older_links_and_files_open(start):
    """One setting is gone and seven came since: each other value is used, and both are said."""
    words = old_words()
    query = {"v": ["2"], "case": [start]} | {name: [text] for name, text in words.items()}
    numbers = {name: float(text) for name, text in words.items()}
    text = json.dumps({"format": 2, "case": start, "settings": numbers})
    for view, notes in (from_query(query), from_file(text)):
        scenario = view.scenario
        for name in all_settings():
            wanted = case(start)[name] if name in ADDED else float(words[name])
            assert scenario[name] == wanted, name
        assert len(notes) == 2
        assert notes[1] == "active_share is no longer a setting; it is left out"
        wrong, _, instead = notes[0].rpartition("; ")
        for name in ADDED:
            assert name in wrong and f"{name} {case(start)[name]:g}" in instead


def test_what_is_not_an_older_link_says_nothing_about_missing_settings():
    """A short link, one by hand with its format, and a file with a few settings."""
    words = {name: [text] for name, text in old_words().items() if name != "active_share"}
    assert from_query(words)[1] == []
    assert from_query({"v": ["2"], "wechat": ["150"]})[1] == []
    assert from_file('{"format": 2, "settings": {"wechat": 150}}')[1] == []
    short = from_query({"active_share": ["29"], "wechat": ["150"]})
    assert short[0].scenario == change(case(), {"wechat": 150})
    assert short[1] == ["active_share is no longer a setting; it is left out"]
    pinned = from_query({"pin": ["today~active_share.29~wechat.150"]})
    assert pinned[0].pin == change(case("today"), {"wechat": 150})
    assert pinned[1] == ["pin: active_share is no longer a setting; it is left out"]


@pytest.mark.parametrize("newer", ["3", "99", "9" * 30])
def test_a_newer_format_is_refused(newer):
    query = {"v": [newer], "case": ["hard-line"], "wechat": ["160"], "bad": ["x"]}
    view, notes = from_query(query)
    assert view == View(scenario=case(), views=DEFAULTS)
    assert len(notes) == 1 and newer in notes[0] and "using March 2014" in notes[0]
    with pytest.raises(SettingError, match=f"{newer}.*newer"):
        from_file(f'{{"format": {newer}, "case": "hard-line"}}')


@pytest.mark.parametrize("garbage", ["", "0", "-1", "2.0", "two", "٣", "1e9", "<b>"])
def test_a_format_that_is_none_is_named_and_ignored(garbage):
    view, notes = from_query({"v": [garbage], "wechat": ["160"]})
    assert view.scenario["wechat"] == 160
    assert len(notes) == 1 and repr(garbage) in notes[0]


@pytest.mark.parametrize(
    ("link", "said", "instead"),
    [
        ("wechat=abc", "wechat: 'abc' is not a number", "using 172"),
        ("wechat=ınf", "wechat: 'ınf'", "using 172"),
        ("case=super-app&concern=101", "concern: 101 is outside 0 to 100", "using {concern}"),
        ("case=nobody", "case: 'nobody' is not one of march-2014", "using March 2014"),
        ("case=", "case: ''", "using March 2014"),
        ("origin=2013Q1", "origin: '2013Q1'", "using 2014Q1"),
        ("events=moon-ban", "events: 'moon-ban'", "using none"),
        ("events=", "events: ''", "using none"),
        ("unheard=1", "'unheard' is not a setting", "it is left out"),
        ("outside=mars", "outside: 'mars' is not known", "using china"),
        ("panel=A_B", "panel: 'A_B' is not known", "it is left out"),
        ("pin=nobody~wechat.1", "pin: 'nobody' is not a case", "it is left out"),
        ("pin=", "pin: '' is not a case", "it is left out"),
        ("pin=hard-line~wechat.x", "pin: wechat: 'x' is not a number", "using 172"),
        ("pin=hard-line~case.today", "pin: case", "it is left out"),
        ("pin=hard-line~line.1~line.2", "pin: 'line' appears more than once", "using the last"),
        ("pin=today~~today", "pin: 2 scenarios are too many", "using the first 1"),
        ("table=today~title.%250A", "table: '\\n'", "using ''"),
        ("table=" + "~~".join(["today"] * 9), "table: 9 scenarios", "using the first 8"),
        ("title=" + "x" * 81, "title: 'xxxx", "using '" + "x" * 40 + "'"),
        ("title=a%00b", "title: 'a\\x00b'", "using 'ab'"),
        ("said=nan", "said: 'nan'", "it is left out"),
        ("said=-1", "said: '-1'", "it is left out"),
        ("data=<b>", "data: '<b>'", "it is left out"),
        ("wechat=1&wechat=172", "'wechat' appears more than once", "using the last"),
        ("wechat=" + "1" * 30_000, "'wechat' is too long", "it is left out"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_what_is_used(link, said, instead):
    view, notes = from_query(parse_link("?" + link), FREE)
    instead = instead.replace("{concern}", f"{case('super-app')['concern']:g}")
    assert len(notes) == 1 and notes[0].startswith(said), notes
    assert notes[0].rpartition("; ")[2].endswith(instead)
    assert view.scenario.values == case(view.scenario.case).values


def test_good_words_beside_bad_ones_are_used():
    view, notes = from_query(parse_link("?embed=true&wechat=200&concern=no&pin=today~line.5~x.1"))
    assert view.scenario == change(case(), {"wechat": 200})
    assert view.pin == change(case("today"), {"line": 5})
    assert len(notes) == 2


def test_only_the_first_notes_are_shown():
    view, notes = from_query({f"word-{i}": ["1"] for i in range(57)})
    assert len(notes) == MOST_NOTES + 1 and notes[-1] == "37 more values were not used"
    assert view.scenario == case()


NUMBERS = ["nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "", " ", "1,5", "0x10", "1_0", "ınf",
           "٣", "१२", "--1", "1e", "9" * 300, "1" * 20_000, "1" * 100_000 + "x", "\x00", "\ud800",
           "<script>alert(1)</script>", "'; drop table", "🙂" * 50, "${x}", "None", "[]", "{}",
           "true"]  # fmt: skip
TEXTS = [*NUMBERS, "~", "~~", "~~~~~", "hard-line~", "hard-line~.", "hard-line~wechat", "%",
         "today~title.%FF", "today~wechat.nan", "today~wechat.1e400", "nobody~~nobody",
         "today~events.moon", "today~" + "~".join(f"a{i}.1" for i in range(900)),
         "../../x"]  # fmt: skip
NAMES = [*all_settings(), *VIEWS, "v", "case", "origin", "events", "pin", "table", "said", "data"]


def some_fuzz(rng):
    """Words of an address, and those of them that cannot be used."""
    query, bad = {}, {}
    for name in rng.sample(NAMES, rng.randint(1, 6)):
        value = rng.choice(NUMBERS if name in all_settings() else TEXTS)
        query[name] = [rng.choice(["1", ""]), value] if rng.random() < 0.2 else [value]
        zero = value == "1e-400" and (name in all_settings() or name == "said")
        free = VIEWS.get(name) == () and (value == "" or SLUG.fullmatch(value))
        if not (
            zero or free or (name == "data" and DATA_VERSION.fullmatch(value)) or name == "table"
        ):
            bad[name] = value
    for name in ("conern", "", "<b>", "\ud800", "x" * 5000, "कृपया", "v2"):
        if rng.random() < 0.05:
            query[name] = bad[name] = rng.choice(NUMBERS)
            query[name] = [query[name]]
    if rng.random() < 0.1:
        query["v"] = [rng.choice(["99", "3", "1", "2"])]
        bad.pop("v", None)
    return query, bad


def test_no_address_is_fatal():
    """10,000 bad addresses: a valid scenario, and every bad value named."""
    rng = random.Random(4)
    seen = 0
    for _ in range(MANY):
        query, bad = some_fuzz(rng)
        view, notes = from_query(query)
        assert_valid(view)
        assert len(notes) <= MOST_NOTES + 1
        assert all("\n" not in note and len(note) < 500 for note in notes), notes
        assert from_query(parsed(to_query(view, full=False, views=VIEWS)), VIEWS) == (
            unstamped(view),
            [],
        )
        if notes and "newer" in notes[0]:
            assert view == View(scenario=case(), views=DEFAULTS) and len(notes) == 1
        elif len(notes) <= MOST_NOTES:
            seen += len(bad)
            named = "\n".join(notes)
            for name, value in bad.items():
                shown = value[:20] in named or repr(value[:20])[1:-1] in named
                plain = name in all_settings() and len(value) < 20_000
                assert repr(name[:40])[1:-1] in named and (shown or not plain), (name, notes)
    assert seen > 2 * MANY


def assert_valid(view):
    """A view whose every scenario could have been set by hand."""
    for one in [view.scenario, view.pin, *(scenario for _, scenario in view.table)]:
        assert one is None or isinstance(one, Scenario)
        if one:
            again = {"origin": one.origin, "events": "+".join(one.events) or "none"}
            assert change(case(one.case), again | dict(one.values)) == one
    assert dict(view.views).keys() == VIEWS.keys()
    for name, value in view.views:
        assert value in VIEWS[name] if VIEWS[name] else not value or SLUG.fullmatch(value)
    assert len(view.title) <= LONGEST_TITLE
    # not str.isprintable, which knows neither letters newer than Python nor the joiner of emoji
    assert not {unicodedata.category(letter) for letter in view.title} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(letter) for letter in view.title} & TURNS


@pytest.mark.parametrize(
    "link",
    ["a&" * 50_000, "=" * 100_000, "&".join(f"a{i}=1" for i in range(15_000)),
     "wechat=" + "1" * 100_000 + "x", "pin=" + "~a" * 50_000, "table=" + "~~" * 50_000,
     "pin=today~" + "~".join(f"w{i}" for i in range(4_000)), "title=" + "%E0%A4" * 17_000,
     "&".join(["wechat=1"] * 12_000), "x" * 100_000, "%" * 100_000],
    ids=lambda link: link[:12],
)  # fmt: skip
def test_a_long_address_is_quick(link):
    start = time.perf_counter()
    view, notes = from_query(parse_link("http://x/?" + link))
    assert time.perf_counter() - start < 1
    assert notes and len(notes) <= MOST_NOTES + 1
    assert_valid(view)


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(), max_size=3), max_size=6))
@profile(derandomize=True, database=None, deadline=None, max_examples=200)
def test_any_text_at_all(query):
    view, notes = from_query(query)
    assert_valid(view)
    unknown = [name for name, values in query.items() if values and name not in NAMES]
    assert len(notes) >= len(
        [name for name in unknown if name not in ("title", *links.FROM_STREAMLIT)]
    )


@given(st.text() | st.binary())
@profile(derandomize=True, database=None, deadline=None, max_examples=200)
def test_any_link_text_and_file(text):
    if isinstance(text, str):
        assert_valid(from_query(parse_link(text))[0])
    try:
        assert_valid(from_file(text)[0])
    except SettingError as error:
        assert str(error)


UNUSABLE = {
    "not JSON": ("case: hard-line", "not JSON"),
    "empty": ("", "not JSON"),
    "cut off": ('{"case": "hard', "not JSON"),
    "binary": (b"\xff\xfe\x00PK", "not JSON"),
    "a list": ("[1, 2]", "a list"),
    "a number": ("1e400", "1e400"),
    "null": ("null", "null"),
    "too large": ('{"title": "' + "x" * 65_536 + '"}', "64 KB"),
    "nested lists": ("[" * 60_000, "nested"),
    "nested objects": ('{"settings":' * 5_000 + "1" + "}" * 5_000, "nested"),
}


@pytest.mark.parametrize(("text", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_of_which_nothing_can_be_used(text, said):
    with pytest.raises(SettingError, match=said):
        from_file(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"settings": {"wechat": "160"}}', "wechat: '160' is not a number"),
        ('{"settings": {"wechat": [160]}}', "wechat: a list is not a number"),
        ('{"settings": {"wechat": null}}', "wechat: null is not a number"),
        ('{"settings": {"wechat": true}}', "wechat: true is not a number"),
        ('{"settings": {"wechat": NaN}}', "wechat: NaN is outside"),
        ('{"settings": {"wechat": -Infinity}}', "wechat: -Infinity is outside"),
        ('{"settings": {"wechat": 1e400}}', "wechat: 1e400 is outside"),
        ('{"settings": {"wechat": ' + "9" * 9000 + "}}", "wechat: '99999"),
        ('{"settings": {"wechat": 401}}', "wechat: 401 is outside 0 to 400"),
        ('{"settings": {"wehcat": 40}}', "'wehcat' is not a setting; did you mean wechat"),
        ('{"settings": [1]}', "settings: a list is not an object"),
        ('{"settings": {"wechat": 9, "wechat": 172}}', "'wechat' appears more than once"),
        ('{"format": 2, "views": {"outside": "mars"}}', "outside: 'mars' is not known"),
        ('{"format": 2, "title": 5}', "title: '5' is not text"),
        ('{"case": {}}', "case: an object is not text"),
        ('{"format": 2, "table": "today"}', "table: 'today' is not a list of texts"),
        ('{"format": 2, "table": [5]}', "table: a list is not a list of texts"),
        ('{"format": 2, "pin": false}', "pin: false is not text"),
        ('{"format": 2, "said": 1e400}', "said: '1e400' is not known"),
        ('{"format": "two"}', "v: 'two' is not a number"),
        ('{"format": 2, "colour": "red"}', "'colour' is not a setting"),
    ],
)
def test_what_cannot_be_used_of_a_file_is_named(text, said):
    view, notes = from_file(text)
    assert len(notes) == 1 and notes[0].startswith(said), notes
    assert view == View(scenario=case(), views=DEFAULTS)


def test_nested_but_readable():
    """As deep as the reader goes: named, not followed."""
    deep = '{"settings": {"wechat": ' + "[" * 300 + "]" * 300 + "}}"
    assert from_file(deep)[1] == ["wechat: a list is not a number; it is left out"]


def test_a_file_can_be_read_by_a_person():
    view = View(
        scenario=change(case(), {"wechat": 160}), shown_users=121.25, shown_data=data_version()
    )
    found = json.loads(to_file(view))
    assert found["settings"]["wechat"] == 160 and found["format"] == 2
    assert list(found) == ["what", "format", "case", "origin", "events", "settings", "views",
                           "data", "said"]  # fmt: skip


def test_vintage_names_the_newest_day_and_the_content(monkeypatch, tmp_path):
    newest = max(
        day for day in load_evidence().sources.date_published if day[4:5] + day[7:8] == "--"
    )
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}\.[0-9a-f]{6}", data_version())
    assert data_version()[:10] >= newest
    for path in DATA.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    own = load_evidence()
    assert read_evidence(tmp_path).content == own.content
    story = tmp_path / "story.csv"
    story.write_text(story.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = read_evidence(tmp_path)
    monkeypatch.setattr(reader, "load_evidence", lambda: changed)
    assert data_version.__wrapped__() != data_version()


def test_a_changed_answer_is_told_at_the_digits_that_are_shown():
    view = View(scenario=case(), shown_users=121.4, shown_data="2026-02-10.3f9a2c")
    assert changed_answer(view, 120.6) == "" == changed_answer(replace(view, shown_users=None), 5.0)
    said = changed_answer(view, 118.2)
    assert "121 million" in said and "118 million" in said and said.count("\n") == 0
    assert view.shown_data in said and data_version() in said
    assert "the data did not" in changed_answer(replace(view, shown_data=data_version()), 118.2)
    assert "1.23 billion" in changed_answer(replace(view, shown_users=1234.0), 118.2)


@pytest.mark.parametrize(
    "text",
    ["https://x.org/app/?case=today&line=5#top", "?case=today&line=5", "case=today&line=5",
     " ?line=5&case=today \n", "http://[/?case=today&line=5"],
)  # fmt: skip
def test_a_link_is_an_address_or_its_end(text):
    assert from_query(parse_link(text))[0].scenario == change(case("today"), {"line": 5})


def test_an_address_without_words_is_the_default():
    assert parse_link("http://localhost:8501/") == {} == parse_link("")
    assert from_query({}) == (View(scenario=case(), views=DEFAULTS), [])


@pytest.mark.parametrize("text", ["{}", '{"name": "x", "version": 1}', '{"title": "only"}'])
def test_an_object_that_is_no_scenario_is_refused(text):
    with pytest.raises(SettingError, match="not a scenario file"):
        from_file(text)
