"""The entry for serving: its headers, previews and API, and the page under its strict policy."""

import html
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from model.analysis.bands import answer
from model.scenario.scenario import case, change, until
from tests.browser.conftest import ROOT, WATCH, settle, start_server


def get(server, path, query=None, method="GET"):
    """Status, headers and text of an answer."""
    address = f"{server.url}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method)) as found:
            return found.status, found.headers, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


@pytest.mark.parametrize(
    "path",
    ["/", "/evidence", "/_stcore/health", "/_stcore/host-config", "/api/project.csv", "/nowhere/x"],
)
def test_every_response_has_the_headers(server, path):
    _, headers, _ = get(server, path)
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    scripts = re.search("script-src ([^;]*)", policy)[1]
    assert (
        "unsafe" not in scripts.replace("'wasm-unsafe-eval'", "")
        and "*" not in scripts
        and "http" not in scripts
    )
    assert "object-src 'none'" in policy and "frame-ancestors *" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_the_operator_says_who_may_frame_the_page():
    with start_server(
        app=ROOT / "deploy" / "serve.py", folder=ROOT, FRAME_ANCESTORS="https://example.org"
    ) as server:
        policy = get(server, "/")[1]["content-security-policy"]
        assert policy.endswith("frame-ancestors https://example.org")


def test_what_breaks_the_policy_and_an_error_of_a_script_are_seen(open_page, context_for, server):
    """Else `open_page` could not fail."""
    page = open_page()
    page.evaluate("new Image().src = 'https://example.org/picture.png'")
    page.evaluate("void setTimeout(() => { throw new Error('of a script'); })")
    options = {"color_scheme": "light", "base_url": server.url}
    _, seen = context_for(**options)
    page.wait_for_timeout(200)
    assert "img-src https://example.org/picture.png" in seen
    assert any(what.startswith("script error") and "of a script" in what for what in seen)
    seen.clear()


def head(text):
    """Title and descriptions of a page."""
    title = re.findall("<title>(.*?)</title>", text, re.DOTALL)
    tags = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)" />', text))
    return [html.unescape(one) for one in title], {k: html.unescape(v) for k, v in tags.items()}


QUESTION = "How far could WeChat go abroad?"
HOSTILE_TITLE = '"><script>alert(1)</script>'
PREVIEWS = [
    ({}, QUESTION, case()),
    ({"wechat": "160"}, QUESTION, change(case(), {"wechat": 160})),
    ({"case": "hard-line", "title": HOSTILE_TITLE}, HOSTILE_TITLE, case("hard-line")),
    ({"fbclid": "IwAR0", "utm_source": "y", "from": "timeline"}, QUESTION, case()),
    ({"at": "2018Q4"}, QUESTION, until(case(), "2018Q4")),
    ({"wechat": "many", "x": "y" * 40_000}, QUESTION, case()),
]


@pytest.mark.parametrize(("query", "title", "scenario"), PREVIEWS, ids=range(6))
def test_a_preview_says_the_title_and_the_answer(server, query, title, scenario):
    status, _, text = get(server, "/", query)
    titles, tags = head(text)
    assert status == 200 and titles == [title] and tags["og:title"] == title
    users = answer(scenario).path[-1, 0]
    number = float(re.search("About ([0-9.]+) million WeChat users", tags["description"])[1])
    assert abs(number - users) <= 0.51 * 10 ** (len(str(round(users))) - 2)
    assert tags["og:description"] == tags["description"]
    assert "<script>alert" not in text and text.count("</head>") == 1


def test_a_preview_does_not_tell_what_is_to_be_guessed(server):
    _, tags = head(get(server, "/", {"guess": "first"})[2])
    assert not re.search("[0-9]", tags["description"])


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(
    "query", ["", "case=hard-line&wechat=160.5", "case=today&events=all&at=2026Q4"]
)
def test_the_api_is_the_command_line_byte_for_byte(server, form, query):
    status, headers, text = get(server, f"/api/project.{form}?{query}")
    words = [sys.executable, "-m", "model", "project", "--link", f"?{query}", "--format", form]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout
    assert status == 200 and text.encode() == printed
    assert headers["content-type"].startswith({"csv": "text/csv", "json": "application/json"}[form])
    if form == "json":
        assert len(json.loads(text)) > 1000


HOSTILE = [
    "wechat=many",
    "wechat=1e999",
    "wechat=-1",
    "case=../../etc/passwd",
    "case=<script>",
    "events=none%2Ball",
    "origin=2013Q9",
    "v=99",
    "wechatt=150",
    "pin=nothing~~~",
    "wechat=%00",
    "concern=%FF%FE",
    "wechat=1&wechat=2",
    "title=" + "x" * 31_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_answer_400_with_the_sentence_of_the_command_line(server, query):
    status, headers, text = get(server, f"/api/project.csv?{query}")
    assert status == 400 and headers["content-type"].startswith("text/plain")
    assert len(text.splitlines()) == 1 and "Traceback" not in text
    words = [sys.executable, "-m", "model", "project", "--link", f"?{query}"]
    refused = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2 and text.strip().rstrip(".") in refused.stderr


def test_another_form_is_not_found(server):
    assert get(server, "/api/project.xml")[0] == 404
    assert get(server, "/api/project.csv", method="POST")[0] == 405


def reruns(server):
    text = get(server, "/_stcore/metrics")[2]
    return int(re.search(r"page_rerun_seconds_count (\d+)", text)[1])


def test_reruns_are_counted_on_the_metrics_endpoint(server, browser):
    before = reruns(server)
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(server.url)
    settle(page)
    first = reruns(server)
    page.get_by_role("slider", name="WeChat growth").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    second = reruns(server)
    page.close()
    assert before < first < second
    buckets = re.findall(
        r'page_rerun_seconds_bucket{le="[^"]+"} (\d+)', get(server, "/_stcore/metrics")[2]
    )
    assert [int(one) for one in buckets] == sorted(int(one) for one in buckets)
    assert int(buckets[-1]) == second
