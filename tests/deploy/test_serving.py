"""The entry for serving: its headers, previews and API."""

import html
import json
import re
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from model.analysis.bands import answer
from model.cli.parser import main
from model.scenario.scenario import case, change, until
from tests.browser.conftest import ROOT, start_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with start_server(ROOT / "deploy" / "serve.py", ROOT) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


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
    (
        {"case": "hard-line", "title": HOSTILE_TITLE},
        f"{HOSTILE_TITLE} | {QUESTION}",
        case("hard-line"),
    ),
    ({"fbclid": "IwAR0", "utm_source": "y", "from": "timeline"}, QUESTION, case()),
    ({"at": "2018Q4"}, QUESTION, until(case(), "2018Q4")),
    ({"wechat": "many", "x": "y" * 40_000}, QUESTION, case()),
]


@pytest.mark.parametrize(("query", "title", "scenario"), PREVIEWS, ids=range(6))
def test_a_preview_says_the_title_and_the_answer(server, query, title, scenario):
    status, _, text = get(server, "/", query)
    titles, tags = head(text)
    assert status == 200 and titles == [title] and tags["og:title"] == title
    assert tags["og:site_name"] == QUESTION  # whatever the title says
    users = answer(scenario).total.line[-1, 0]
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
def test_the_api_is_the_command_line_byte_for_byte(server, form, query, capsys):
    status, headers, text = get(server, f"/api/project.{form}?{query}")
    assert main(["project", "--link", f"?{query}", "--format", form]) == 0
    assert status == 200 and text == capsys.readouterr().out
    assert headers["content-type"].startswith({"csv": "text/csv", "json": "application/json"}[form])
    if form == "json":
        assert len(json.loads(text)) > 1000


HOSTILE = [
    "wechat=many",
    "wechat=1e999",
    "case=../../etc/passwd",
    "v=99",
    "wechatt=150",
    "concern=%FF%FE",
    "title=" + "x" * 31_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_answer_400_with_the_sentence_of_the_command_line(server, query, capsys):
    status, headers, text = get(server, f"/api/project.csv?{query}")
    assert status == 400 and headers["content-type"].startswith("text/plain")
    assert len(text.splitlines()) == 1 and "Traceback" not in text
    assert main(["project", "--link", f"?{query}"]) == 2
    assert text.strip().rstrip(".") in capsys.readouterr().err


def test_another_form_is_not_found(server):
    assert get(server, "/api/project.xml")[0] == 404
    assert get(server, "/api/project.csv", method="POST")[0] == 405
