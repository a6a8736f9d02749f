"""Links: every view comes back exactly, bad words are named, foreign ones left out."""

import random
import re
import time
import unicodedata
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest

from model import evidence as reader
from model.evidence import DATA, data_version, load_evidence, read_evidence
from model.number_text import six_digits
from model.scenario import links
from model.scenario.links import (
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
from model.scenario.settings import SettingError, all_settings
from pages.parts.state import VIEWS

MANY = 150
SWITCHES = tuple(load_evidence().switches.switch)
ORIGINS = starting_quarters()
FREE = VIEWS | {"panel": ()}  # a view that takes any short word
DEFAULTS = tuple((name, options[0] if options else "") for name, options in VIEWS.items())
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # of direction
SCRIPTS = "aZ09 .~!*'()%&=#?+/<>\"\\|é中文ไทย한글🙂👩‍👧\u200f"
USING, DEFAULT = f"using {case()['wechat']:g}", f"wechat={case()['wechat']:g}"


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
    """A value in range: an end, a step, or one with all its digits, small ones among them."""
    step = setting.low + setting.step * rng.randint(0, 9)
    small = setting.high * 10 ** rng.uniform(-12, 0)
    value = rng.choice([setting.low, step, small, rng.uniform(setting.low, setting.high)])
    return min(setting.high, max(setting.low, value))


def some_scenario(rng, most=99):
    start = case(rng.choice(list(cases())))
    chosen = rng.sample(list(all_settings().values()), rng.choice([0, 2, 4, min(most, 20)]))
    events = rng.sample(SWITCHES, rng.choice([0, 1, len(SWITCHES)]))
    others = {"origin": rng.choice(ORIGINS), "events": "+".join(events) or "none"}
    others = others if rng.random() < 0.4 else {}
    return change(start, {setting.name: some_value(rng, setting) for setting in chosen} | others)


def some_title(rng):
    return clean_title("".join(rng.choices(SCRIPTS, k=rng.choice([0, 5, 30, LONGEST_TITLE]))))


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
        shown_users=rng.choice([None, 0.0, six_digits(10 ** rng.uniform(-9, 3.5))]),
        shown_data=rng.choice(["", "2026-02-10.3f9a2c"]),
    )


def test_every_view_comes_back():
    """As short and as full link, through real addresses, to the last bit; users to six digits."""
    rng = random.Random(1)
    for _ in range(MANY):
        view = some_view(rng)
        short = to_query(view, full=False, views=FREE)
        assert from_query(parsed(short), FREE) == (unstamped(view), [])
        full = to_query(view, full=True, views=FREE)
        assert from_query(parsed(full), FREE) == (view, [])
        assert full["v"] == "2" and {"case", "origin", "events", *all_settings()} <= full.keys()
        # as the command line reads it
        assert link_view(urlencode(full))[0].scenario == view.scenario


def test_the_longest_link_is_read():
    """Eight scenarios with every setting changed to many digits and long titles."""
    rng = random.Random(3)
    longest = {s.name: rng.uniform(s.low, s.high) for s in all_settings().values()}
    scenario = change(case("today"), longest | {"events": "+".join(SWITCHES[:-1])})
    title = clean_title("한" * 99)
    view = View(scenario=scenario, views=DEFAULTS, pin=scenario, title=title,
                shown_users=123.457, table=((title, scenario),) * 8,
                shown_data="x" * 40)  # fmt: skip
    assert from_query(parsed(to_query(view, full=True, views=VIEWS)), VIEWS) == (view, [])


def test_a_short_link_holds_what_differs():
    """Nothing for the default; a scenario inside it in characters that need no escapes."""
    assert to_query(View(scenario=case()), full=False) == {}
    scenario = change(case("hard-line"), {"wechat": 400 / 3, "events": "india-ban+us-ban"})
    views = (("show", "table"), ("rival", "LINE"))
    view = View(scenario=scenario, views=views, pin=scenario, table=(("A b~c", scenario),))
    inside = "hard-line~events.india-ban.us-ban~wechat.133.33333333333334"
    assert to_query(view, full=False, views=VIEWS) == {
        "case": "hard-line", "events": "india-ban+us-ban", "wechat": "133.33333333333334",
        "show": "table", "pin": inside, "table": inside + "~title.A%20b%7Ec",
    }  # fmt: skip
    assert urlencode({"pin": inside}) == f"pin={inside}"


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
     ("Wechat=200", "wechat"), ("kako=1", "kakao"), ("orgin=2025Q3", "origin"),
     ("evens=india-ban", "events"), ("concernn=much", "concern"), ("cases=today", "case"),
     ("oriign=2025Q3", "origin"), ("titel=Mine", "title")],
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
    "fbclid": "IwAR0" + "aB-_9" * 30, "gclid": "Cj0KCQ", "igshid": "YmMyMTA2M2Y=", "li_fat_id": "a",
    "utm_source": "newsletter", "utm_medium": "e mail", "utm_id": "7", "mc_cid": "1", "mc_eid": "2",
    "_hsenc": "p2A", "ref": "share", "ref_src": "twsrc^tfw", "from": "timeline", "s": "20",
    "isappinstalled": "0", "scene": "334", "share_token": "t", "source": "wechat", "lang": "zh",
    "date": "1", "link": "1", "embed": "true", "कृपया": "१", "": "x", "a" * 5000: "b" * 70_000,
}  # fmt: skip


def test_words_of_messengers_are_left_out_without_a_note():
    """One by one and all together, by the page and by the command line."""
    wanted = View(scenario=change(case(), {"concern": 30}), views=DEFAULTS)
    for name, value in FOREIGN.items():
        assert from_query({name: [value, value], "concern": ["30"]}) == (wanted, []), name
    link = urlencode(FOREIGN | {"concern": "30"})
    assert from_query(parse_link(link)) == (wanted, [])
    assert link_view(link)[0].scenario == wanted.scenario
    assert links.known_words({name: [value] for name, value in FOREIGN.items()}, VIEWS) == {}


def test_random_foreign_words_change_nothing():
    """Any letters, near no word of ours: at least half of the letters are others."""
    rng, words = random.Random(8), {}
    while len(words) < 1000:
        name = rng.choices("bfjquvxyzBFJQ_-0123456789é中", k=rng.randint(2, 20))
        words["".join(name)] = ["".join(rng.choices(SCRIPTS + "0123456789", k=rng.randint(0, 9)))]
    wanted = View(scenario=case(), views=DEFAULTS), []
    assert from_query(words) == wanted == from_query(parse_link(urlencode(words, doseq=True)))
    for name, value in words.items():
        assert not links.meant_word(name, value, VIEWS), name


ADDED = ("pull", "spread")  # in 2026


def test_older_links_open():
    """One choice is gone and two settings came since: each other value is used, both are said."""
    values = {name: one.low + one.step for name, one in all_settings().items() if name not in ADDED}
    words = {name: f"{value:g}" for name, value in values.items()} | {"active_share": "40"}
    start = {"v": ["2"], "case": ["as-it-happened"]}
    view, (gone, note) = from_query(start | {name: [text] for name, text in words.items()})
    for name in all_settings():
        wanted = case("as-it-happened")[name] if name in ADDED else float(words[name])
        assert view.scenario[name] == wanted, name
    assert "active_share=40 is no longer a choice" in gone
    assert note.endswith("; using those of the case") and all(name in note for name in ADDED)
    assert from_query({"v": ["2"], "wechat": ["150"]})[1] == []  # typed by hand, not an older link


@pytest.mark.parametrize("newer", ["3", "9" * 30])
def test_a_newer_format_is_refused(newer):
    query = {"v": [newer], "case": ["hard-line"], "wechat": ["160"], "bad": ["x"]}
    view, notes = from_query(query)
    assert view == View(scenario=case(), views=DEFAULTS)
    assert len(notes) == 1 and newer in notes[0] and "using March 2014" in notes[0]
    with pytest.raises(SettingError, match=f"{newer}.*newer"):
        link_view(f"v={newer}&case=hard-line")


@pytest.mark.parametrize(
    ("link", "said", "instead"),
    [
        ("v=0", "v (the format): '0' is not a whole number from 1", "using 1"),
        ("v=%D9%A3", "v (the format): '\u0663' is not a whole number", "using 1"),
        ("wechat=abc", "wechat: 'abc' is not a number", USING),
        ("concern=101", "concern: 101 is outside 0 to 100", "using 25"),
        ("pin=today~active_share.29", "pin: 'active_share' is not a setting", "it is left out"),
        ("case=nobody", "case: 'nobody' is not one of march-2014", "using March 2014"),
        ("case=", "case: ''", "using March 2014"),
        ("origin=2013Q1", "origin: '2013Q1'", "using 2014Q1"),
        ("events=moon-ban", "events: 'moon-ban'", "using none"),
        ("show=mars", "show: 'mars' is not known", "using lead"),
        ("panel=A_B", "panel: 'A_B' is not known", "it is left out"),
        ("pin=nobody~wechat.1", "pin: 'nobody' is not a case", "it is left out"),
        ("pin=hard-line~wechat.x", "pin: wechat: 'x' is not a number", USING),
        ("pin=hard-line~case.today", "pin: case", "it is left out"),
        ("pin=today~~today", "pin: 2 scenarios are too many", "using the first 1"),
        ("table=today~title.%250A", "table: '\\n'", "using ''"),
        ("table=" + "~~".join(["today"] * 9), "table: 9 scenarios", "using the first 8"),
        ("title=" + "x" * 81, "title: 'xxxx", "using '" + "x" * 40 + "'"),
        ("title=a%00b", "title: 'a\\x00b'", "using 'ab'"),
        ("said=nan", "said: 'nan'", "it is left out"),
        ("said=-1", "said: '-1'", "it is left out"),
        ("data=<b>", "data: '<b>'", "it is left out"),
        (f"wechat=1&{DEFAULT}", "'wechat' appears more than once", "using the last"),
        ("wechat=" + "1" * 30_001, "wechat is too long", "it is left out"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_what_is_used(link, said, instead):
    view, notes = from_query(parse_link("?" + link), FREE)
    assert len(notes) == 1 and notes[0].startswith(said), notes
    assert notes[0].rpartition("; ")[2].endswith(instead)
    assert view.scenario.values == case(view.scenario.case).values


def test_only_the_first_notes_are_shown():
    view, notes = from_query({name: ["much"] for name in all_settings()})
    more = len(all_settings()) - MOST_NOTES
    assert len(notes) == MOST_NOTES + 1 and notes[-1] == f"{more} more values were not used"
    assert view.scenario == case()


NUMBERS = ["nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "", " ", "1,5", "0x10", "1_0", "ınf",
           "٣", "१२", "--1", "1e", "9" * 300, "1" * 20_000, "\x00", "\ud800",
           "<script>alert(1)</script>", "'; drop table", "🙂" * 50, "${x}", "None", "[]", "{}",
           "true"]  # fmt: skip


@pytest.mark.parametrize("name", ["wechat", "until", "barrier"])
def test_a_bad_number_is_named_and_its_default_used(name):
    """A bad number of any kind: one note with its name, and with its text unless it is long."""
    for text in set(NUMBERS) - {"1e-400"}:
        view, notes = from_query({name: [text], "concern": ["30"]})
        assert view.scenario == change(case(), {"concern": 30}), text
        (note,) = notes
        assert note.startswith(name) and (repr(text[:20])[1:-1] in note or len(text) > 20_000)


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
    ["a&" * 50_000, "&".join(f"a{i}=1" for i in range(15_000)), "wechat=" + "1" * 100_000 + "x",
     "conern=" + "1" * 100_000 + "x", "pin=" + "~a" * 50_000, "title=" + "%E0%A4" * 17_000,
     "pin=today~" + "~".join(f"w{i}" for i in range(4_000)), "&".join(["wechat=1"] * 12_000),
     "%" * 100_000],
    ids=lambda link: link[:12],
)  # fmt: skip
def test_a_long_address_is_quick(link):
    start = time.process_time()
    view, notes = from_query(parse_link("http://x/?" + link))
    assert time.process_time() - start < 1
    assert len(notes) <= MOST_NOTES + 1
    assert_valid(view)


def test_the_version_of_the_data_has_the_newest_day_and_the_content(monkeypatch, tmp_path):
    """Line ends are no content, a blank line is."""
    newest = max(
        day for day in load_evidence().sources.date_published if day[4:5] + day[7:8] == "--"
    )
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}\.[0-9a-f]{6}", data_version())
    assert data_version()[:10] >= newest
    for path in DATA.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_evidence(tmp_path).content == load_evidence().content
    with (tmp_path / "story.csv").open("a") as file:
        file.write("\n")
    changed = read_evidence(tmp_path)
    monkeypatch.setattr(reader, "load_evidence", lambda: changed)
    assert data_version.__wrapped__() != data_version()


@pytest.mark.parametrize(
    "text",
    ["https://x.org/app/?case=today&line=5#top", "?case=today&line=5", "case=today&line=5",
     " ?line=5&case=today \n", "http://[/?case=today&line=5",
     "?case=today&amp;line=5&amp;amp;utm_id=3"],  # copied from HTML
)  # fmt: skip
def test_a_link_is_an_address_or_its_end(text):
    assert from_query(parse_link(text))[0].scenario == change(case("today"), {"line": 5})
    assert parse_link("http://localhost:8501/") == {} == parse_link("")
