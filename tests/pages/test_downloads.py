"""The downloads: each opens, says the same numbers as the model, and states what it rests on."""

import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree import ElementTree

import pytest

from model.analysis.attribution import explain
from model.scenario.links import clean_title
from model.scenario.scenario import case, change
from pages.parts.downloads import poster, provenance, render, report

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


@pytest.fixture(scope="module")
def html():
    return report.report_html(*WHOLE)


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


@pytest.mark.slow
def test_hostile_titles_stay_text_in_a_picture(monkeypatch):
    title, specs = " ".join(map(clean_title, HOSTILE)), []
    monkeypatch.setattr(provenance, "clean_title", lambda text: text)  # all of them in one picture
    draw = poster.draw
    monkeypatch.setattr(poster, "draw", lambda *of: specs.append(of[0]) or draw(*of))
    tree = ElementTree.fromstring(poster.picture(SCENARIO, title, "x", "svg"))
    assert not {element.tag.rpartition("}")[2] for element in tree.iter()} & {"script", "img"}
    sent = specs[0]["datasets"]["lines"][1]["text"]
    assert "".join(sent.split()) == "".join(title.split())
    written = {"".join("".join(one.itertext()).split()) for one in tree.iter()}
    for line in sent.split("\n"):  # whole, or cut off where a font of this machine is too broad
        line = "".join(line.split())
        assert line in written or any(
            one.endswith("…") and len(one) > 9 and line.startswith(one[:-1]) for one in written
        )


def widths(tree):
    """The number of square letters of each line, times the size of its letters, pixels."""
    svg = "{http://www.w3.org/2000/svg}"
    for text in tree.iter(f"{svg}text"):
        size = float(text.get("font-size", "0px")[:-2])
        for line in text.findall(f"{svg}tspan") or [text]:
            yield size * sum(letter in "中文标题很长" for letter in "".join(line.itertext()))


@pytest.mark.slow
def test_a_title_as_wide_as_high_stays_within_the_picture():
    tree = ElementTree.fromstring(poster.picture(SCENARIO, "中文标题很长" * 13, "x", "svg"))
    assert 0 < max(widths(tree)) <= 900 - 2 * 20


@pytest.mark.slow
def test_letters_that_no_font_has_are_left_out_and_counted(monkeypatch):
    assert render.drawable("Größe: é") == "Größe: é"
    # U+0378 is no letter, U+E000 is for private use: no font of a server has them
    assert render.drawable("a\u0378b → \ue000") in ("ab → ", "ab  ")
    drawn = []
    monkeypatch.setattr(poster, "draw", lambda spec, form: drawn.append(spec) or b"")
    for form in ("png", "svg"):
        poster.picture(SCENARIO, "Wide\u0378\ue000 open", LINK, form)
    png, svg = ([row["text"] for row in spec["datasets"]["lines"]] for spec in drawn)
    assert "Wide open" in png and "Wide\u0378\ue000 open" in svg
    counted = "Left out: 2 letters of the title"
    assert any(counted in text for text in png) and not any(counted in text for text in svg)


@pytest.mark.slow
def test_the_name_of_an_event_does_not_run_into_the_brackets():
    scenario = change(case(), {"events": "all"})
    tree = ElementTree.fromstring(poster.picture(scenario, "", LINK, "svg"))
    names = [one for one in tree.iter() if (one.text or "").startswith("The US ban")]
    assert all(name.get("text-anchor") == "end" for name in names)  # or left out
    assert "The US ban of September 2020" in " ".join(tree.itertext())  # the sentence names it too


@pytest.mark.slow
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_stay_text_in_a_file(title, monkeypatch):
    monkeypatch.setattr(report, "draw", lambda spec, form: b"")  # a picture takes a second
    page = report.report_html(SCENARIO, title, "javascript:alert(1)//<b>")
    assert not re.search(r"<(script|img|b|text|/svg)\b", page) and 'href="javascript' not in page
    assert page.encode()


def test_report_loads_and_runs_nothing(html):
    assert "<script" not in html and not re.search(r"\bon\w+=", html)
    loading = re.findall(r"(?:src|xlink:href)=|@import|url\(|<link|<iframe|<object", html)
    assert not loading and html.count("<svg") == 1


def test_nothing_is_loaded_from_an_address():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/x.csv"
        try:
            render.draw({"data": {"url": url}, "mark": "bar"}, "svg")
        except render.PictureError:
            pass
        server.shutdown()
    assert not asked


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
    html = report.report_html(*WHOLE)
    assert sentence in html and "<h2>Sources" in html


def test_a_missing_package_is_known_before_anybody_asks(monkeypatch):
    assert render.missing() == ""
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert render.missing() == render.NOT_INSTALLED
    with pytest.raises(ValueError, match="pip install -r requirements.txt"):
        poster.picture(*WHOLE, "png")


@pytest.mark.slow
def test_the_report_explains_the_difference_from_the_pinned_scenario():
    after, before = change(case(), {"wechat": 160, "concern": 50}), case("hard-line")
    html = report.report_html(after, "", LINK, before)
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
