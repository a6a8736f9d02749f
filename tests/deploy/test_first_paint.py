"""First paint: the HTML of an address says what its page says, and gives way to it."""

import random
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
import streamlit
from starlette.requests import Request

from model.analysis.bands import answer
from model.scenario import links
from model.scenario.scenario import case, cases, change, later_quarters, until
from model.scenario.settings import all_settings
from pages.parts.serving import first_paint, headers
from pages.parts.wording import answer as wording
from tests.pages.screen import open_page

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
PAGE = INDEX.read_text(encoding="utf-8")
HOSTILE = "\"'><script>alert(1)</script><b>**x** [y](http://e.vil) &lt; </svg>"
ASKS = [
    {},
    {"case": "today"},
    {"at": "2018Q4"},
    {"step": "3"},
    {"step": "1", "at": "2018Q4"},
    {"wechat": "90", "guess": "50"},
]


class Reader(HTMLParser):
    """Texts outside styles and scripts, by whether they are in the first paint; and all tags."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts, self.inside = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "div":
            self.inside = self.inside + 1 if self.inside or ("id", "first") in attrs else 0
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.inside -= tag == "div" and self.inside > 0
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, text):
        if self.inside:
            self.texts.append(text)


def painted(query, *, phone=False, embed=False):
    """The HTML of an address."""
    words = urlencode(query) if isinstance(query, dict) else query
    words += "&embed=true" * embed
    headers = [(b"host", b"a.example"), (b"user-agent", b"Mobi" if phone else b"")]
    scope = {"type": "http", "query_string": words.encode(), "headers": headers}
    return first_paint.with_answer(PAGE, Request(scope), "/")


def text_of(html):
    """What a reader without scripts and styles sees of the first paint, without its spaces."""
    return plain("".join(Reader(html).texts))


def plain(text):
    """A text without marks and spaces."""
    return "".join(text.replace("**", "").split())


def random_words(rng):
    """The words of a random link."""
    scenario = case(rng.choice(list(cases())))
    for setting in rng.sample(list(all_settings().values()), 3):
        steps = round((setting.high - setting.low) / setting.step)
        value = setting.low + setting.step * rng.randrange(steps + 1)
        scenario = change(scenario, {setting.name: value})
    at = rng.choice([None, *later_quarters(scenario)])
    views = (("at", at),) if at else ()
    return links.to_query(links.View(scenario=scenario, views=views), full=rng.random() < 0.5)


@pytest.mark.parametrize("seed", range(4))
def test_the_numbers_are_those_of_the_page(seed):
    rng = random.Random(seed)
    query = random_words(rng)
    view, _ = links.from_query({name: [text] for name, text in query.items()}, {"at": ()})
    end = until(view.scenario, dict(view.views)["at"] or None)
    found = text_of(painted(query))
    for sentence in (wording.headline(answer(end)), *wording.lines(answer(end), view.scenario)):
        assert plain(sentence) in found
    on_phone = text_of(painted(query, phone=True))
    assert plain(wording.below_headline(answer(end))) in on_phone


@pytest.mark.slow
@pytest.mark.parametrize("query", ASKS, ids=str)
def test_the_page_says_the_same(query):
    app = open_page(**query)
    found = text_of(painted(query))
    assert plain(app.header[0].value) in found
    if "step" not in query:  # a step says its own text
        below = next(one.value for one in app.main.markdown if "runs in five:" in one.value)
        assert plain(below) in found


def test_the_chart_shows_the_number_of_the_headline():
    """Read back from the picture alone: its scale from its labels, its line from its path."""
    rng = random.Random(5)
    for query in ({}, {"case": "nobody-worries"}, random_words(rng) | {"at": ""}):
        svg = re.search("<svg.*?</svg>", painted(query), re.DOTALL)[0]
        view, _ = links.from_query({name: [text] for name, text in query.items()}, {"at": ()})
        label = r'<text x="32" y="([0-9.]+)" class="f" text-anchor="end">([0-9,]+)</text>'
        ticks = [(float(y) - 4, float(n.replace(",", ""))) for y, n in re.findall(label, svg)]
        (zero, _), (top, most) = ticks[0], ticks[-1]
        lines = re.findall(r'<path class="p(\d)" fill="none"[^>]*dasharray[^>]* d="M([^"]+)"', svg)
        for (k, path), users in zip(lines, answer(view.scenario).total.line[-1], strict=True):
            steps = re.findall(r"-?[0-9]*\.?[0-9]+", path)
            y = sum(float(step) for step in steps[1::2])
            read = most * ((zero - y) / (zero - top)) ** 2
            grain = 2 * most * ((zero - y) / (zero - top)) / (zero - top)  # users of a pixel
            assert abs(read - users) <= 0.3 * grain + 0.01, k


def test_what_is_to_be_guessed_is_not_given_away():
    html = painted({"guess": "first", "wechat": "160"})
    number = wording.headline(answer(change(case(), {"wechat": 160})))
    assert number not in html and "<svg" not in html and "og:image" not in html
    assert not re.search('name="description" content="[^"]*[0-9]', html)
    assert plain("How many WeChat users abroad") in text_of(html)


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("embed", [False, True])
def test_a_title_stays_text(phone, embed):
    words = {"title": HOSTILE, "case": f"<i>{HOSTILE}", "at": "<i>", "wechat": "<i>"}
    html = painted(words, phone=phone, embed=embed)
    read, before = Reader(html), Reader(PAGE)
    assert embed or HOSTILE in " ".join(read.texts)
    scripts = [attrs for tag, attrs in read.tags if tag == "script"]
    assert scripts == [attrs for tag, attrs in before.tags if tag == "script"] + [{}]
    assert not [attrs for _, attrs in read.tags if any(name.startswith("on") for name in attrs)]
    hosts = [attrs["href"] for tag, attrs in read.tags if tag == "a"]
    assert not [one for one in hosts if "e.vil" in one]
    inline = headers.INLINE_SCRIPT.findall(PAGE + first_paint.SCRIPT)
    assert headers.INLINE_SCRIPT.findall(html) == inline


def test_nothing_is_waited_for_before_the_answer():
    """A browser draws nothing below styles that it still loads: they come behind the answer."""
    html = painted({})
    assert PAGE.count('rel="stylesheet"') == html.count('rel="stylesheet"') > 0
    assert html.index('id="first"') < html.index('rel="stylesheet"') < html.index('id="root"')
    assert len(html) - len(PAGE) < 15_000
