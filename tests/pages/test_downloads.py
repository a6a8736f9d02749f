"""The downloads: each opens, says the same numbers as the model, and states what it rests on."""

import re
import struct
from xml.etree import ElementTree

import pytest

from model.analysis.attribution import explain
from model.scenario.links import clean_title
from model.scenario.scenario import case, change, events_between
from pages.parts import cached
from pages.parts.charts.fan import ROOM
from pages.parts.charts.labels import text_width
from pages.parts.downloads import paper, poster, provenance, render

SCENARIO = change(case("hard-line"), {"wechat": 160, "concern": 30.5, "events": "india-ban"})
TITLE = "Board <b>meeting</b> & 'co'"
LINK = "http://localhost:8501/?v=2&case=hard-line&wechat=160"
WHOLE = (SCENARIO, TITLE, LINK)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</text></svg><script>x</script>",
    "]]> <!-- &lt; &#0; **not bold**",
    "\x00\x08\ud800\ufffe\uffff\u202eend",
    '{"signal": "1"}',
    "W" * 80,
    "中文标题很长" * 13,
]


@pytest.fixture(scope="module")
def svg():
    return poster.picture(*WHOLE, "svg")


def words(svg):
    """All that is written in a picture, without the ends of lines."""
    parts = ElementTree.fromstring(svg).itertext()
    return " ".join(" ".join(parts).split())


@pytest.mark.slow
def test_png_is_twice_as_large_as_the_svg(svg):
    png = poster.picture(*WHOLE, "png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and png[12:16] == b"IHDR"
    tree = ElementTree.fromstring(svg)
    size = tuple(round(2 * float(tree.get(name))) for name in ("width", "height"))
    wide, high = struct.unpack(">II", png[16:24])
    assert wide == size[0] and abs(high - size[1]) <= 1


def test_hostile_titles_stay_text_in_a_picture(monkeypatch):
    """Nor is there an element that loads something: what draws pixels would ask any address."""
    title = " ".join(map(clean_title, HOSTILE))
    monkeypatch.setattr(provenance, "clean_title", lambda text: text)  # all of them in one picture
    tree = ElementTree.fromstring(poster.picture(SCENARIO, title, "x", "svg"))
    kinds = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert kinds == {"svg", "style", "rect", "g", "path", "text"}
    assert "".join(title.split()) in "".join("".join(tree.itertext()).split())


def written(tree):
    """The texts of a picture, each with its elements' own place and size of letters, pixels."""
    for one in tree.iter("{http://www.w3.org/2000/svg}text"):
        yield one.text, float(one.get("x")), float(one.get("font-size") or 12)


def test_a_title_as_wide_as_high_stays_within_the_picture():
    tree = ElementTree.fromstring(poster.picture(SCENARIO, "中文标题很长" * 13, "x", "svg"))
    wide = [
        x + size * sum(one in "中文标题很长" for one in text) for text, x, size in written(tree)
    ]
    assert 500 < max(wide) <= 900 - 20


@pytest.mark.slow
def test_letters_that_no_font_has_are_left_out_and_counted(monkeypatch):
    assert render.drawable("Größe: é") == "Größe: é"
    # U+0378 is no letter, U+E000 is for private use: no font of a server has them
    assert render.drawable("a\u0378b → \ue000") in ("ab → ", "ab  ")
    monkeypatch.setattr(render, "png", lambda svg, scale: svg.encode())
    png, svg = (
        words(poster.picture(SCENARIO, "Wide\u0378\ue000 open", LINK, form))
        for form in ("png", "svg")
    )
    assert "Wide open" in png and "Wide\u0378\ue000 open" in svg
    counted = "Left out: 2 letters of the title"
    assert counted in png and counted not in svg


def test_the_name_of_an_event_does_not_run_into_the_brackets():
    scenario = change(case(), {"events": "all", "horizon": 7})
    tree = ElementTree.fromstring(poster.picture(scenario, "", LINK, "svg"))
    names = [label for _, label in events_between(scenario, 2014, 2025)]
    ends = [x + text_width(text) for text, x, _ in written(tree) if text in names]
    # to the right of the plot, of the whole and of the chart stand brackets and labels
    assert len(ends) > 2 and max(ends) <= 900 - 2 * 20 - ROOM[False]
    assert "The US ban of September 2020" in " ".join(tree.itertext())  # the sentence names it too


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("make", [paper.report_html, paper.worksheet_html])
def test_hostile_titles_stay_text_in_a_file(make, title, monkeypatch):
    monkeypatch.setattr(cached, "solved", lambda *_: [])  # it takes seconds
    page = make(SCENARIO, title, "javascript:alert(1)//<b>")
    assert not re.search(r"<(script|img|b)\b", page) and 'href="javascript' not in page
    assert page.count("<svg") == page.count("</svg>") == 1 and page.encode()


def test_report_loads_and_runs_nothing():
    html = paper.report_html(*WHOLE)
    assert "<script" not in html and not re.search(r"\bon\w+=", html)
    assert not re.findall(r"(?:src|xlink:href)=|@import|url\(|<link|<iframe|<object", html)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise ImportError", "ended with code 1"),
        ("import os; os.abort()", "ended with code -6"),
        ("import time; time.sleep(9)", "not ready after 0.5 seconds"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_one_sentence(code, sentence, tmp_path, monkeypatch):
    (tmp_path / "vl_convert.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    if "sleep" in code:
        monkeypatch.setattr(render, "TIMEOUT", 0.5)
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        poster.picture(*WHOLE, "png")
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_missing_package_is_known_before_anybody_asks(monkeypatch):
    assert render.missing() == ""
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert render.missing() == render.NOT_INSTALLED
    with pytest.raises(ValueError, match="pip install -r requirements.txt"):
        poster.picture(*WHOLE, "png")


def test_a_report_beside_a_pin_of_another_start_comes_without_what_made_the_difference():
    html = paper.report_html(case(), "", LINK, case("today"))
    assert "About 55 million" in html and "What made the difference" not in html


@pytest.mark.slow
def test_the_report_explains_the_difference_from_the_pinned_scenario():
    after, before = change(case(), {"wechat": 160, "concern": 50}), case("hard-line")
    html = paper.report_html(after, "", LINK, before)
    cells = re.findall(r"<td>([^<]*)</td>", html.partition("What made the difference")[2])
    found = explain(before, after)
    assert cells[0] == "Pinned scenario"
    last = cells.index("This scenario")
    rows = [cells[i : i + 4] for i in range(4, last, 4)]
    assert len(rows) == len(found.contributions) > 1
    for row, one in zip(rows, found.contributions, strict=True):
        assert abs(float(row[3]) - one.users) <= 1
    ends = [float(cells[i].removesuffix(" million")) for i in (3, last + 3)]
    assert ends[0] + sum(float(row[3]) for row in rows) == ends[1]  # as printed
