"""The downloads: the tables of the report, the text of the picture, against data."""

import html
import math
import re
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest
import streamlit as st

from model.scenario.scenario import case, change
from tests.kept import answer
from tests.pages.screen import (
    PLATFORMS,
    about,
    about_span,
    at_origin,
    both_runs,
    by_year,
    data,
    digits,
    ends,
    line_of,
    month,
    open_page,
    quarter,
    surveyed,
    times_of,
)

SETTINGS = data("settings").set_index("name")
GROWTH = SETTINGS.value["wechat"]  # of WeChat, the default
CHANGES = {"wechat": 160.0, "concern": 30.5, "marketing": 500.0, "until": 2018.0, "horizon": 8.0}
SCENARIO = change(case("hard-line"), {**CHANGES, "events": "india-ban"})
CODES = tuple(data("markets").market)


def offered(**address):
    """Everything that the page offers to download: label -> (how it is made, file, media type)."""
    found = {}

    def keep(label, content, file_name, mime, **_):
        found[label] = (content, file_name, mime)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "download_button", keep)
        app = open_page(open="share", **address)
    assert not app.exception
    return found


@pytest.fixture(scope="module")
def files():
    values = {name: f"{value:g}" for name, value in CHANGES.items()}
    return offered(case="hard-line", events="india-ban", title="Mine", **values)


@pytest.fixture(scope="module")
def report(files):
    return files["Report"][0]()


def tables(text):
    """The tables of a report by their heading: head and rows."""
    found = {}
    for part in text.split("<h2>")[1:]:
        heading = html.unescape(part.partition("</h2>")[0])
        for table in re.findall(r"<table.*?</table>", part, flags=re.S):
            rows = [
                [html.unescape(cell).strip() for cell in re.findall(r"<t[hd]>(.*?)</t[hd]>", row)]
                for row in re.findall(r"<tr>(.*?)</tr>", table, flags=re.S)
            ]
            found.setdefault(heading, []).append(rows)
    return found


def table(text, start):
    """The only table of a report whose heading starts so: heading and rows."""
    ((heading, (rows,)),) = [item for item in tables(text).items() if item[0].startswith(start)]
    return heading, rows


def bare(text):
    return html.unescape(re.sub("<[^>]+>", "", text))


def test_the_report_gives_start_end_and_ranges(report):
    heading, rows = table(report, "Million users")
    assert heading == "Million users abroad, with their ranges"
    now, free = both_runs(SCENARIO)
    path, without = line_of(now.total), line_of(free.total)
    path[0] = at_origin(SCENARIO)
    low, high = ends(SCENARIO)
    first, last = (month(times_of(SCENARIO)[t]) for t in (0, -1))
    named = ["", f"Start, {first}", "80% range", f"End, {last}", "80% range", "50% range"]
    assert rows[0] == [*named, "If nobody worried"]
    inner = ends(SCENARIO, 50)
    for k, (name, row) in enumerate(zip(PLATFORMS, rows[1:], strict=True)):
        expected = [name]
        for t in (0, -1):
            expected += [digits(path[t, k]), f"{digits(low[t, k])} to {digits(high[t, k])}"]
        expected.append(" to ".join(digits(end[-1, k]) for end in inner))
        assert row == [*expected, digits(without[-1, k])]
    held = data("record").eval("low80 <= observed and observed <= high80").mean()
    assert f"held {100 * held:.0f}% of what came" in bare(report)


def test_the_report_gives_the_markets_with_most_wechat_users(report):
    heading, (head, *rows) = table(report, "Most WeChat users")
    end = times_of(SCENARIO)[-1]
    assert heading == f"Most WeChat users: 5 markets, {month(end)}, million users"
    assert head == [
        "Market",
        "WeChat",
        "WeChat, % online",
        "LINE",
        "KakaoTalk",
        "Lost to concern",
        "Strongest established, % online",
    ]
    found = answer(SCENARIO)
    most = np.argsort(-found.market_ends.line[0])[:5]
    names = data("markets").set_index("market")["name"]
    *rows, others, unplaced, every = rows
    whole = [*found.market_ends.line.sum(axis=1) + found.unplaced, found.cost.line]
    places = [max(0, min(2, 2 - math.floor(math.log10(users)))) for users in whole]
    assert [row[0] for row in rows] == [names[CODES[i]] for i in most]
    for i, row in zip(most, rows, strict=True):
        online = by_year("addressable", "addressable_millions", CODES[i], end)
        wechat, line, kakao = found.market_ends.line[:, i]
        expected = (wechat, line, kakao, found.lost[i])
        cells = [row[column] for column in (1, 3, 4, 5)]
        assert cells == [f"{of + 0.0:.{at}f}" for of, at in zip(expected, places, strict=True)]
        assert float(row[2]) == pytest.approx(100 * wechat / online, rel=6e-3, abs=0.0101)
        name = surveyed(CODES[i], int(quarter(end)[:4]))["messenger"]
        assert row[6] == f"{name}, {100 * found.established.line[i] / online:.0f}%"
    assert [others[0], unplaced[0]] == [
        f"The other {len(CODES) - 5} markets",
        "In one market or another, nobody knows which",
    ]
    for column in (1, 3, 4, 5):  # users and those lost: as printed they add up
        parts = sum(float(row[column]) for row in (*rows, others, unplaced))
        assert parts == pytest.approx(float(every[column]), abs=1e-6)
    assert float(every[1]) == float(digits(line_of(both_runs(SCENARIO)[0].total)[-1, 0]))
    numbers = [cell for row in (*rows, others, unplaced, every) for cell in row[1:6] if cell]
    assert all(len(cell.lstrip("-0.").replace(".", "")) <= 3 for cell in numbers)


def test_the_report_lists_what_was_changed(report):
    heading, rows = table(report, "Settings")
    label = data("cases").set_index("case").label["hard-line"]
    assert heading == f"Settings: the case {label}, changed"
    assert rows[0] == ["Setting", "In the case", "Here"]
    assert {row[0]: row[1:] for row in rows[1:]} == {
        SETTINGS.label["wechat"]: [f"{GROWTH} per 100 users a year", "160 per 100 users a year"],
        SETTINGS.label["concern"]: ["100%", "30.5%"],
        SETTINGS.label["marketing"]: ["US$ 200 M a year", "US$ 500 M a year"],
        SETTINGS.label["until"]: ["end of 2016", "end of 2018"],
        SETTINGS.label["horizon"]: ["10 years", "8 years"],
    }
    label = data("switches").set_index("switch").label["india-ban"]
    assert f"On the way (changed): {label}" in bare(report)
    assert data("cases").set_index("case").story["hard-line"] in bare(report)


def test_the_report_counts_and_grades_its_sources(report):
    part = report.partition("<h2>Sources")[2]
    total, known = int(re.match(r" \((\d+)\)", part)[1]), data("sources")
    shown, counted = set(), 0
    for paragraph in re.findall(r'<p class="sources">(.*?)</p>', part, flags=re.S):
        grade, _, producers = bare(paragraph).strip().partition(", ")
        for text in producers.partition(":")[2].strip().rstrip(".").split(";"):
            name, many = re.fullmatch(r"(.*?)(?: \((\d+)\))?", text.strip()).groups()
            own = known[(known.grade == grade) & (known.producer == name)]
            assert int(many or 1) <= len(own), text
            counted += int(many or 1)
            shown |= {*own.source_id}
        links = re.findall(r'<a href="([^"]*)">', paragraph)
        assert {*map(html.unescape, links)} <= {*known.url[known.grade == grade]}
    assert counted == total > 50
    base = data("installed_base")
    base = base[base.origin == SCENARIO.origin]
    for name in (base, data("settings"), data("addressable"), data("incumbents")):
        assert {one for ids in name.source_id for one in ids.split(";")} <= shown


def test_picture_and_report_say_answer_unit_band_and_sources(files, report):
    content, file, mime = files["Picture (SVG)"]
    assert file.endswith(".svg") and mime == "image/svg+xml"
    tree = ElementTree.fromstring(content())
    said = " ".join(" ".join(tree.itertext()).split())
    assert "Mine" in said and f"Made on {date.today().isoformat()}" in bare(report)
    users = line_of(both_runs(SCENARIO)[0].total)[-1]
    low, high = (end[-1, 0] for end in ends(SCENARIO))
    for text in (said, bare(report)):
        assert f"About {about(users[0])} WeChat users abroad by March 2022" in text
        assert f"Four runs in five: {about_span(low, high)}." in text
        assert "Million users abroad, square-root scale" in text
        for k, name in enumerate(PLATFORMS):
            assert f"{name} {about(users[k])}" in text
    for text in (
        f"WeChat growth {GROWTH} per 100 users a year → 160 per 100 users a year",
        "Look ahead 10 years → 8 years",
    ):
        assert text in said
    rests = int(re.search(r"rests on (\d+) sources", said)[1])
    shown = int(re.search(r"<h2>Sources \((\d+)\)", report)[1])
    assert 0.7 * shown < rests <= shown  # the report counts those of the observed figures as well
    observed = re.search(r"Observed: (.*?)\. The projection", said)[1]
    assert {"Data News"} <= set(observed.split(", ")) <= set(data("sources").producer)


def test_every_file_has_its_ending_and_type(files):
    kinds = {label: (file.rpartition(".")[2], mime) for label, (_, file, mime) in files.items()}
    assert kinds == {
        "Picture (PNG)": ("png", "image/png"),
        "Picture (SVG)": ("svg", "image/svg+xml"),
        "Report": ("html", "text/html"),
        "Worksheet": ("html", "text/html"),
        "Data (XLSX)": (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "Page to take away": ("html", "text/html"),
    }
    names = [file for _, file, _ in files.values()]
    assert all("hard-line" in file for file in names) and len({*names}) == len(names)
