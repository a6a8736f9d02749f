"""The downloads: each opens, says the same numbers as the model, and states what it rests on."""

import csv
import io
import re
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from model.analysis.attribution import explain
from model.analysis.bands import table
from model.analysis.sampling import runs
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.number_text import about, about_range
from model.scenario.links import clean_title, from_query
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.downloads import exports, poster, provenance, render, report
from tests.kept import answer

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


def test_csv_is_the_command_line_s_table_with_what_it_rests_on():
    text = exports.projection_csv(SCENARIO, TITLE, LINK)
    frame = pd.read_csv(io.StringIO(text))
    expected = table(SCENARIO)
    own = frame[list(expected.columns)]
    pd.testing.assert_frame_equal(own, expected.reset_index(drop=True), rtol=0, atol=5.1e-7)
    assert (frame.vintage == data_version()).all() and (frame.title == TITLE).all()
    printed = [sys.executable, "-m", "model", "project", *frame.settings[0].split()]
    rows = subprocess.run(printed, cwd=render.ROOT, capture_output=True, text=True).stdout
    cells = [line.split(",")[: len(expected.columns)] for line in text.splitlines()]
    assert frame.settings.nunique() == 1 and rows.split() == [",".join(row) for row in cells]
    assert from_query(parse_qs(frame.link[0].partition("?")[2]))[0].scenario == SCENARIO
    assert set(";".join(frame.sources).split(";")) <= set(load_evidence().sources.source_id)


def test_csv_rows_name_the_source_of_their_start():
    frame = pd.read_csv(
        io.StringIO(exports.projection_csv(SCENARIO, "", LINK)), keep_default_na=False
    )
    rows = frame.set_index(["market", "platform"]).sources
    base = load_evidence().installed_base
    for cell in base[base.origin == SCENARIO.origin].itertuples():
        assert {rows[cell.market, cell.platform].iloc[0]} == set(rows[cell.market, cell.platform])
        assert set(cell.source_id.split(";")) <= set(
            rows[cell.market, cell.platform].iloc[0].split(";")
        )
    assert "pew-research-center" in rows["USA", "WeChat"].iloc[0]
    assert "pew-research-center" not in rows["USA", "LINE"].iloc[0]


@pytest.mark.parametrize(
    "title", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠A1"]
)
def test_no_title_is_a_formula_for_a_spreadsheet(title):
    row = next(csv.DictReader(io.StringIO(exports.projection_csv(SCENARIO, title, LINK))))
    assert row["title"] == f"'{title}"


def test_svg_says_answer_settings_vintage_and_sources(svg):
    text = words(svg)
    result = answer(SCENARIO)
    assert f"About {about(result.path[-1, 0])} WeChat users abroad by" in text
    assert TITLE in text and f"Data of {data_version()}" in text and "not a forecast" in text
    for name, before, now in provenance.changes(SCENARIO):
        assert f"{name} {before} → {now}" in text
    assert "On the way (changed): India bans WeChat" in text
    assert "Data News" in text and "http://localhost:8501/?case=hard-line" in text


def test_svg_draws_the_frame_in_the_colours_of_the_light_page(svg):
    tree = ElementTree.fromstring(svg)
    assert tree.get("width") == "900"
    lines = [e for e in tree.iter() if e.get("stroke-width") == "2.5" and e.get("stroke-dasharray")]
    assert [line.get("stroke") for line in lines] == ["#07834A", "#1F4E9E", "#B26A00"]
    labels = words(svg)
    for k, name in enumerate(("WeChat", "LINE", "KakaoTalk")):
        assert f"{name} {about(answer(SCENARIO).path[-1, k])}" in labels


def cost_sentence(scenario):
    """Cost of concern with its range, from the runs."""
    now, free = runs(scenario, concerns=(scenario["concern"], 0.0))
    ends = [one.total[-1, 0] for one in (now, free)]
    low, high = np.quantile(ends[1] - ends[0], [0.1, 0.9])
    lines = [np.sort(end)[64:192].mean() for end in ends]
    return (
        f"Without security concern: about {about(lines[1])}. Concern costs about "
        f"{about(lines[1] - lines[0])} ({about_range(low, high)})."
    )


def test_picture_and_report_give_the_cost_of_concern_with_its_range(svg, html):
    sentence = cost_sentence(SCENARIO)
    assert sentence in words(svg)
    assert sentence in re.sub("</?strong>", "", html)


def test_the_report_names_the_established_messenger_of_each_market(html):
    """By name and share at the end, from data/; the other columns are the model's numbers."""
    result = answer(SCENARIO)
    part = next(one for one in html.split("<table") if "Strongest established, % online" in one)
    head, *cells = (
        re.findall("<t[hd]>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", part)
    )
    shown = [dict(zip(head, row, strict=True)) for row in cells]
    data = render.ROOT / "data"
    labels = pd.read_csv(data / "markets.csv").set_index("name").market
    people, surveys = (pd.read_csv(data / f"{k}.csv") for k in ("addressable", "incumbents"))
    assert len(shown) == report.TOP
    for row in shown:
        market = labels[row["Market"]]
        i = result.names.index(market)
        online = people[people.market == market].sort_values("year")
        online = np.interp(result.times[-1], online.year + 0.5, online.addressable_millions)
        named = surveys[surveys.market == market].sort_values("year").to_dict("records")
        nearest = min(named, key=lambda one: abs(one["year"] - 2024))["messenger"]
        share = 100 * result.established[-1, i] / online
        assert row["Strongest established, % online"] == f"{nearest}, {share:.0f}%"
        wechat, line, kakao = result.markets[-1, :, i]
        assert float(row["WeChat"]) == pytest.approx(wechat, rel=0.01, abs=0.006)
        assert float(row["LINE"]) == pytest.approx(line, rel=0.01, abs=0.006)
        assert float(row["KakaoTalk"]) == pytest.approx(kakao, rel=0.01, abs=0.006)
        assert float(row["WeChat, % online"]) == pytest.approx(
            100 * wechat / online, rel=0.01, abs=0.006
        )
    assert "given from outside the model" in html


def test_csv_has_the_established_messenger_with_its_own_sources():
    frame = pd.read_csv(
        io.StringIO(exports.projection_csv(SCENARIO, "", LINK)), keep_default_na=False
    )
    rows = frame[frame.platform == "established"]
    assert len(rows) == len(answer(SCENARIO).names) * answer(SCENARIO).times.size
    given = load_evidence().incumbents
    for market, sources in rows.groupby("market").sources:
        ids = ";".join(given[given.market == market].source_id).split(";")
        assert set(ids) <= set(sources.iloc[0].split(";")) and sources.nunique() == 1


def test_png_is_twice_as_large_as_the_svg(svg):
    png = poster.picture(*WHOLE, "png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and png[12:16] == b"IHDR"
    tree = ElementTree.fromstring(svg)
    size = tuple(round(2 * float(tree.get(name))) for name in ("width", "height"))
    wide, high = struct.unpack(">II", png[16:24])
    assert wide == size[0] and abs(high - size[1]) <= 1


def test_a_picture_of_everything_changed_is_as_wide():
    values = {name: one.low + 0.4 * (one.high - one.low) for name, one in all_settings().items()}
    everything = change(case(), values | {"events": "all"})
    drawn = poster.picture(everything, "", LINK, "svg")
    assert ElementTree.fromstring(drawn).get("width") == "900"
    assert "80% range" in words(drawn) and "Million users abroad" in words(drawn)


def test_hostile_titles_stay_text_in_a_picture(monkeypatch):
    title = " ".join(map(clean_title, HOSTILE))
    monkeypatch.setattr(poster, "clean_title", lambda text: text)  # all of them in one picture
    picture = poster.picture(SCENARIO, title, "x", "svg")
    tree = ElementTree.fromstring(picture)
    assert not {element.tag.rpartition("}")[2] for element in tree.iter()} & {"script", "img"}
    without_ends = "".join("".join(tree.itertext()).split())
    assert "".join(title.split()) in without_ends
    for line in tree.iter("{http://www.w3.org/2000/svg}text"):
        text, size = "".join(line.itertext()), float(line.get("font-size", "0px")[:-2])
        square = sum(letter in "中文标题很长" for letter in text)  # as wide as high
        assert square * size <= 900 - 2 * 20


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_stay_text_in_a_file(title, monkeypatch):
    monkeypatch.setattr(report, "draw", lambda spec, form: b"")  # a picture takes a second
    page = report.report_html(SCENARIO, title, "javascript:alert(1)//<b>")
    assert not re.search(r"<(script|img|b|text|/svg)\b", page) and 'href="javascript' not in page
    row = next(csv.DictReader(io.StringIO(exports.projection_csv(SCENARIO, title, LINK))))
    assert row["title"] == clean_title(title)
    assert page.encode()


def test_report_states_settings_vintage_sources_and_limits(html):
    result = answer(SCENARIO)
    assert f"About {about(result.path[-1, 0])} WeChat users abroad by" in html
    assert "Board &lt;b&gt;meeting&lt;/b&gt; &amp; &#39;co&#39;" in html
    assert (
        data_version() in html
        and "<td>160 per 100 users a year</td>" in html
        and "<td>30.5%</td>" in html
    )
    sources = load_evidence().sources.set_index("source_id")
    for key in {*provenance.used(SCENARIO), *provenance.observed(result)}:
        if sources.url[key].startswith("http"):
            assert f'href="{sources.url[key].replace("&", "&amp;")}"' in html
    assert len(report.limits()) >= 5 and "Whether security kept people away" in html
    assert 'href="http://localhost:8501/?v=2&amp;case=hard-line&amp;wechat=160"' in html


def test_report_loads_and_runs_nothing(html):
    assert "<script" not in html and not re.search(r"\bon\w+=", html)
    loading = re.findall(r"(?:src|xlink:href)=|@import|url\(|<link|<iframe|<object", html)
    assert not loading and html.count("<svg") == 1


def test_report_of_an_untouched_case_says_so():
    html = report.report_html(case(), "", LINK)
    assert "Settings as in the case." in html and "80% range" in html
    assert "<h1>How far could WeChat go" in html


def test_everything_is_made_from_any_folder_and_without_streamlit(tmp_path):
    """And vl-convert stays out of the process that asks for the picture."""
    script = f"""
import sys
sys.path.insert(0, {str(render.ROOT)!r})
from model.scenario.scenario import case
from pages.parts.downloads import poster, report
whole = (case(), "", "http://x/")
assert poster.picture(*whole, "svg").startswith(b"<svg")
assert "<svg" in report.report_html(*whole)
print([name for name in ("streamlit", "vl_convert") if name in sys.modules])
"""
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


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


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise ImportError", "pip install -r requirements.txt"),
        ("import os; os.abort()", "ended with code -6"),
        ("raise SystemExit(0)", "ended with code 0"),
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


def test_a_pinned_report_without_room_leaves_the_explanation_out():
    names = list(all_settings())[:20]
    many = {name: all_settings()[name].low for name in names if name != "horizon"}
    html = report.report_html(change(case(), many), "", LINK, case())
    assert "What made the difference" not in html


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
        assert abs(float(row[3]) - one.users) <= 0.06 * abs(one.users) + 0.05
    assert "What made the difference" not in report.report_html(*WHOLE, SCENARIO)
    far = change(before, {"horizon": 5})  # ends at another time: cannot be mixed
    assert "What made the difference" not in report.report_html(*WHOLE, far)
