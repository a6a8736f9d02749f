"""Links: every view comes back exactly, bad words are named, foreign ones left out."""

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

from model.analysis.bands import answer, table
from model.evidence import version
from model.evidence.reader import DATA, load_evidence, read_evidence
from model.evidence.version import data_version
from model.messengers import PLATFORMS
from model.scenario import links
from model.scenario.links import (
    DATA_VERSION,
    LONGEST_TITLE,
    MOST_NOTES,
    SLUG,
    View,
    clean_title,
    link_view,
    parse_link,
    to_query,
)
from model.scenario.scenario import Scenario, case, cases, change, starting_quarters
from model.scenario.settings import SettingError, all_settings, choices
from pages.parts.address import VIEWS

MANY = 4_000
SWITCHES = tuple(load_evidence().switches.switch)
ORIGINS = starting_quarters()
FREE = VIEWS | {"panel": ()}  # a view that takes any short word
DEFAULTS = tuple((name, options[0] if options else "") for name, options in VIEWS.items())
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # of direction
SCRIPTS = "aZ09 .~!*'()%&=#?+/<>\"\\|é中文ไทย한글🙂👩‍👧\u200f"


def from_query(query, views=VIEWS):
    """A link as the page reads it."""
    return links.from_query(query, views)


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
    """4,000 views as short and as full link, through real addresses, to the last bit."""
    rng = random.Random(1)
    for _ in range(MANY):
        view = some_view(rng)
        short = to_query(view, full=False, views=FREE)
        assert from_query(parsed(short), FREE) == (unstamped(view), [])
        full = to_query(view, full=True, views=FREE)
        assert from_query(parsed(full), FREE) == (view, [])
        assert full["v"] == "2" and {"case", "origin", "events", *all_settings()} <= full.keys()


def test_page_and_command_line_agree_on_every_number():
    """The page's answer to a link and the command line's projection of it, to the last bit."""
    rng = random.Random(5)
    for _ in range(20):
        view = some_view(rng)
        link = urlencode(to_query(view, full=True, views=FREE))
        linked = from_query(parse_link(link), FREE)[0].scenario
        printed = table(link_view(link).scenario)
        totals = printed.market.isin(["EX-CHINA", "ABROAD"])
        cells = printed[~totals & ~printed.platform.eq("established")]
        cells = cells.pivot(
            index=["quarter", "platform"], columns="market", values="users_millions"
        )
        shown = answer(linked)
        for k, platform in enumerate(PLATFORMS):
            found = cells.xs(platform, level="platform")[list(shown.names)].to_numpy()
            assert np.array_equal(shown.markets[:, k], found), link


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


def test_short_link_is_todays_address():
    assert to_query(View(scenario=case()), full=False) == {}
    scenario = change(case("hard-line"), {"wechat": 160, "concern": 30, "events": "india-ban"})
    views = (("show", "table"), ("rival", "LINE"))
    link = to_query(View(scenario=scenario, views=views), full=False, views=VIEWS)
    wanted = {"case": "hard-line", "wechat": "160", "concern": "30", "events": "india-ban"}
    assert link == wanted | {"show": "table"}
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


@pytest.mark.parametrize(
    ("word", "meant"),
    [("conern=30", "concern"), ("concernn=30%", "concern"), ("marketin=300", "marketing"),
     ("Wechat=200", "wechat"), ("kako=1", "kakao"), ("orgin=2024Q2", "origin"),
     ("evens=india-ban", "events"), ("concernn=much", "concern"), ("cases=today", "case")],
)  # fmt: skip
def test_a_misspelt_setting_is_named(word, meant):
    """By the page and by the command line, among words of messengers."""
    name = word.partition("=")[0]
    with pytest.raises(SettingError, match=f"'{name}' is not a setting; did you mean {meant}\\?$"):
        link_view(f"?fbclid=x&{word}&utm_source=y")
    view, notes = from_query(parse_link(f"{word}&wechat=150&fbclid=x"))
    assert notes == [f"'{name}' is not a setting; did you mean {meant}? It is left out"]
    assert view.scenario == change(case(), {"wechat": 150})


# words that messengers, mail and advertisers are known to add
FOREIGN = {
    "fbclid": "IwAR0" + "aB-_9" * 30, "gclid": "Cj0KCQ", "dclid": "1", "yclid": "3",
    "igshid": "YmMyMTA2M2Y=", "igsh": "x", "ttclid": "E.C.P", "twclid": "2-1", "li_fat_id": "a-b",
    "utm_source": "newsletter", "utm_medium": "e mail", "utm_id": "7", "mc_cid": "1", "mc_eid": "2",
    "mkt_tok": "MTM4", "_hsenc": "p2A", "vero_id": "9", "ref": "share", "ref_src": "twsrc^tfw",
    "from": "timeline", "isappinstalled": "0", "scene": "334", "clicktime": "1", "nsukey": "k",
    "share_token": "t", "sharer_sharetime": "1", "s": "20", "t": "abc", "si": "x", "spm": "a1.b2",
    "source": "wechat", "lang": "zh", "date": "1", "sid": "5", "link": "1", "embed": "true",
    "कृपया": "१", "": "x", "a" * 5000: "b" * 70_000,
}  # fmt: skip


def test_words_of_messengers_are_left_out_without_a_note():
    wanted = View(scenario=change(case(), {"concern": 30}), views=DEFAULTS)
    for name, value in FOREIGN.items():
        assert from_query({name: [value, value], "concern": ["30"]}) == (wanted, []), name
    link = urlencode(FOREIGN | {"concern": "30"})
    assert from_query(parse_link(link)) == (wanted, [])
    assert link_view(link).scenario == wanted.scenario
    assert links.known_words(FOREIGN_ONLY, VIEWS) == {}


FOREIGN_ONLY = {name: [value] for name, value in FOREIGN.items()}


def test_5000_random_foreign_words_change_nothing():
    """Any letters, near no word of ours: at least half of the letters are others."""
    rng, wanted = random.Random(8), View(scenario=case(), views=DEFAULTS)
    words = {}
    while len(words) < 5000:
        name = "".join(
            rng.choice("bfjquvxyzBFJQ_-0123456789é中") for _ in range(rng.randint(2, 20))
        )
        words[name] = [
            "".join(rng.choice(SCRIPTS + "0123456789") for _ in range(rng.randint(0, 99)))
        ]
    assert from_query(words) == (wanted, []) == from_query(parse_link(urlencode(words, doseq=True)))
    for name, value in words.items():
        assert links.known_words({name: value}, VIEWS) == {}, name


def test_a_link_copied_from_html():
    """&amp; stands for &."""
    found = from_query(parse_link("?concern=30&amp;wechat=160&amp;amp;line=5&amp;utm_id=3"))
    wanted = change(case(), {"concern": 30, "wechat": 160, "line": 5})
    assert found == (View(scenario=wanted, views=DEFAULTS), [])


@pytest.mark.parametrize(
    ("link", "said"),
    [("outside=home&band=errors&scale=stretched", ""),
     ("outside=china", "outside=china is no longer a choice: each messenger is counted outside its "
      "home market"),
     ("band=settings", "band=settings is no longer a choice: the range includes past"),
     ("outside=mars&scale=even", "outside=mars and scale=even are no longer choices: each"),
     ("active_share=29", "active_share=29 is no longer a choice: active_home and active_abroad")],
)  # fmt: skip
def test_a_choice_that_is_gone_is_one_short_sentence(link, said):
    view, notes = from_query(parse_link(f"?{link}&wechat=150"))
    assert notes == [] and view.scenario == change(case(), {"wechat": 150})
    assert view.gone.startswith(said) and bool(view.gone) == bool(said)
    assert link_view(f"{link}&wechat=150").gone == view.gone


ADDED = ("descent_ties", "descent_growth", "line_indonesia", "pull", "spread")  # in 2026
ADDED += ("active_home", "active_abroad")


def old_words():
    """Every value as full links held them before; other settings than the defaults."""
    values = {name: one.low + one.step for name, one in all_settings().items() if name not in ADDED}
    return {name: f"{value:g}" for name, value in values.items()} | {"active_share": "40"}


@pytest.mark.parametrize("start", ["march-2014", "as-it-happened"])
def test_older_links_open(start):
    """One setting is gone and seven came since: each other value is used, and both are said."""
    words = old_words()
    query = {"v": ["2"], "case": [start]} | {name: [text] for name, text in words.items()}
    view, (note,) = from_query(query)
    for name in all_settings():
        wanted = case(start)[name] if name in ADDED else float(words[name])
        assert view.scenario[name] == wanted, name
    assert "active_share=40 is no longer a choice" in view.gone
    assert note.endswith("; using those of the case") and all(name in note for name in ADDED)


def test_what_is_not_an_older_link_says_nothing_about_missing_settings():
    """A short link, and one by hand with its format."""
    words = {name: [text] for name, text in old_words().items() if name != "active_share"}
    assert from_query(words)[1] == []
    assert from_query({"v": ["2"], "wechat": ["150"]})[1] == []
    pinned = from_query({"pin": ["today~active_share.29~wechat.150"]})
    assert pinned[0].pin == change(case("today"), {"wechat": 150})
    assert pinned[1] == ["pin: active_share is not a setting here; it is left out"]


@pytest.mark.parametrize("newer", ["3", "99", "9" * 30])
def test_a_newer_format_is_refused(newer):
    query = {"v": [newer], "case": ["hard-line"], "wechat": ["160"], "bad": ["x"]}
    view, notes = from_query(query)
    assert view == View(scenario=case(), views=DEFAULTS)
    assert len(notes) == 1 and newer in notes[0] and "using March 2014" in notes[0]
    with pytest.raises(SettingError, match=f"{newer}.*newer"):
        link_view(f"v={newer}&case=hard-line")


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
        ("show=mars", "show: 'mars' is not known", "using lead"),
        ("panel=A_B", "panel: 'A_B' is not known", "it is left out"),
        ("pin=nobody~wechat.1", "pin: 'nobody' is not a case", "it is left out"),
        ("pin=hard-line~wechat.x", "pin: wechat: 'x' is not a number", "using 172"),
        ("pin=hard-line~case.today", "pin: case", "it is left out"),
        ("pin=today~~today", "pin: 2 scenarios are too many", "using the first 1"),
        ("table=today~title.%250A", "table: '\\n'", "using ''"),
        ("table=" + "~~".join(["today"] * 9), "table: 9 scenarios", "using the first 8"),
        ("title=" + "x" * 81, "title: 'xxxx", "using '" + "x" * 40 + "'"),
        ("title=a%00b", "title: 'a\\x00b'", "using 'ab'"),
        ("said=nan", "said: 'nan'", "it is left out"),
        ("said=-1", "said: '-1'", "it is left out"),
        ("data=<b>", "data: '<b>'", "it is left out"),
        ("wechat=1&wechat=172", "'wechat' appears more than once", "using the last"),
        ("wechat=" + "1" * 30_001, "wechat is too long", "it is left out"),
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
    view, notes = from_query({name: ["much"] for name in all_settings()})
    more = len(all_settings()) - MOST_NOTES
    assert len(notes) == MOST_NOTES + 1 and notes[-1] == f"{more} more values were not used"
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
            zero
            or free
            or (name == "data" and DATA_VERSION.fullmatch(value))
            or name == "table"
            or (name == "pin" and not value.strip("~"))
        ):
            bad[name] = value
    for name in ("conern", "", "<b>", "\ud800", "x" * 5000, "कृपया", "v2"):
        if rng.random() < 0.05:
            query[name] = [rng.choice(NUMBERS)]
            if name == "conern":
                bad[name] = query[name][-1]
    if rng.random() < 0.1:
        query["v"] = [rng.choice(["99", "3", "1", "2"])]
        bad.pop("v", None)
    return query, bad


def test_no_address_is_fatal():
    """4,000 bad addresses: a valid scenario, and every bad value named."""
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
    assert len(notes) <= MOST_NOTES + 1
    assert_valid(view)


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(), max_size=3), max_size=6))
@profile(derandomize=True, database=None, deadline=None, max_examples=200)
def test_any_text_at_all(query):
    view, notes = from_query(query)
    assert_valid(view)
    known = links.known_words(query, VIEWS)
    assert len(notes) <= sum(len(values) + 1 for values in known.values())


@given(st.text())
@profile(derandomize=True, database=None, deadline=None, max_examples=200)
def test_any_link_text(text):
    assert_valid(from_query(parse_link(text))[0])


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
    monkeypatch.setattr(version, "load_evidence", lambda: changed)
    assert data_version.__wrapped__() != data_version()


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
