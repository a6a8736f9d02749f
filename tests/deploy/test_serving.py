"""The entry for serving: its headers, previews and API."""

import html
import http.client
import json
import re
import struct
import urllib.error
import urllib.request
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from model.analysis.bands import answer
from model.cli.parser import main
from model.scenario.scenario import case, change, until
from tests.server import start_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with start_server() as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


def get(server, path, query=None, method="GET"):
    """Status, headers and text of an answer, or bytes where it is a picture."""
    address = f"{server.url}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method)) as found:
            body = found.read()
            is_png = found.headers["content-type"] == "image/png"
            return found.status, found.headers, body if is_png else body.decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def send(server, method, path, body=None, **headers):
    """Status and bytes of an answer to a request as nobody's browser sends it."""
    line = http.client.HTTPConnection("localhost", server.port, timeout=20)
    line.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
    answer = line.getresponse()
    text = b"" if answer.status == 101 else answer.read()
    answer.close()
    line.close()
    return answer.status, text


@pytest.mark.parametrize(
    "path",
    ["/", "/evidence", "/_stcore/health", "/_stcore/host-config", "/api/project.csv", "/nowhere/x"]
    + ["/api/chart.svg", "/llms.txt"],
)
def test_every_response_has_the_headers(server, path):
    _, headers, _ = get(server, path)
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    scripts = re.search("script-src ([^;]*)", policy)[1]
    assert not re.search(r"unsafe|\*|http", scripts.replace("'wasm-unsafe-eval'", ""))
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
    ({"wechat": "160"}, change(case(), {"wechat": 160})),
    ({"case": "hard-line", "title": HOSTILE_TITLE}, case("hard-line")),
    ({"at": "2018Q4", "fbclid": "IwAR0"}, until(case(), "2018Q4")),
    ({"wechat": "many", "x": "y" * 40_000}, case()),
]


@pytest.mark.parametrize(("query", "scenario"), PREVIEWS, ids=range(4))
def test_a_preview_says_the_title_and_the_answer(server, query, scenario):
    status, _, text = get(server, "/", query)
    titles, tags = head(text)
    title = f"{query['title']} | {QUESTION}" if "title" in query else QUESTION
    assert status == 200 and titles == [title] and tags["og:title"] == title
    assert tags["og:site_name"] == QUESTION  # whatever the title says
    users = answer(scenario).total.line[-1, 0]
    number = float(re.search("About ([0-9.]+) million WeChat users", tags["description"])[1])
    assert abs(number - users) <= 0.51 * 10 ** (len(str(round(users))) - 2)
    assert tags["og:description"] == tags["description"]
    assert "<script>alert" not in text and text.count("</head>") == 1


def test_a_preview_has_a_picture_of_its_address(server):
    _, tags = head(get(server, "/", {"case": "hard-line", "at": "2018Q4", "title": "A & B"})[2])
    address = tags["og:image"].removeprefix(server.url)
    assert address.startswith("/api/chart.png?") and tags["twitter:card"] == "summary_large_image"
    status, headers, picture = get(server, address)
    assert status == 200 and headers["content-type"] == "image/png"
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)  # PNG: width and height come first
    assert get(server, address, method="HEAD")[0] == 200
    _, headers, svg = get(server, address.replace(".png", ".svg"))
    drawn = "".join(ElementTree.fromstring(svg).itertext())
    assert headers["content-type"] == "image/svg+xml"
    for words in ("A & B", "About 14 million WeChat users abroad by December 2018", server.url):
        assert words in drawn


def test_the_picture_is_named_under_the_name_that_the_visitor_asked_for(server):
    request = urllib.request.Request(server.url, headers={"Host": "wechat.example.org"})
    _, tags = head(urllib.request.urlopen(request).read().decode())
    assert tags["og:image"].startswith("http://wechat.example.org/api/chart.png")
    request = urllib.request.Request(server.url, headers={"Host": 'a"><script>x</script>'})
    assert "<script>x" not in urllib.request.urlopen(request).read().decode()


def test_a_number_a_sentence_and_the_list_for_programs_say_what_the_page_says(server):
    query = {"case": "hard-line", "title": HOSTILE_TITLE}
    description = head(get(server, "/", query)[2])[1]["description"]
    text = get(server, "/api/answer.md", query)[2]
    assert description in text.replace("**", "") and "<script>" not in text
    number = ElementTree.fromstring(get(server, "/api/number.svg", query)[2])
    drawn = "".join(one.text for one in number.iter() if one.tag.endswith("}text"))
    users, low, high = re.search(r"(\S+) million \((\S+) to (\S+)\)", drawn).groups()
    assert f"About {users} million" in description and f"{low} to {high} million" in description
    link = next(one.get("href") for one in number.iter() if one.tag.endswith("}a"))
    assert head(get(server, link.removeprefix(server.url))[2])[1]["description"] == description
    listed = get(server, "/llms.txt")[2]
    assert head(get(server, "/")[2])[1]["description"] in listed.replace("**", "")
    for address in re.findall(r"\((http\S+)\)", listed):
        assert get(server, address.removeprefix(server.url))[0] == 200


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


HOSTILE = ["wechat=many", "case=../../etc/passwd", "v=99", "concern=%FF%FE"]
HOSTILE += ["title=" + "x" * 31_000]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_answer_400_with_the_sentence_of_the_command_line(server, query, capsys):
    """So do pictures and sentences: tests/pages/test_serving_api.py."""
    status, headers, text = get(server, f"/api/project.csv?{query}")
    assert status == 400 and headers["content-type"].startswith("text/plain")
    assert len(text.splitlines()) == 1 and "Traceback" not in text
    assert main(["project", "--link", f"?{query}"]) == 2
    assert text.strip().rstrip(".") in capsys.readouterr().err


def test_another_form_is_not_found(server):
    for name in ("project.xml", "chart.svg.png", "%3Cb%3E"):
        status, headers, text = get(server, f"/api/{name}")
        assert status == 404 and not headers["content-type"].startswith("image/"), text
    assert get(server, "/api/project.csv", method="POST")[0] == 405
