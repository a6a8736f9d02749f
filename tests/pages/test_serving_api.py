"""The API without a server: damaged data, older addresses, pictures past their budget."""

from types import SimpleNamespace

import anyio
import pytest
from starlette.requests import Request

from model.evidence import DataError
from pages.parts.downloads import render
from pages.parts.serving import api
from pages.parts.serving.budgets import BUDGETS, Used


def answer_to(words, name="project.csv", used=None):
    """The response to an address with these words."""
    app = SimpleNamespace(state=SimpleNamespace())
    scope = {"type": "http", "path": "/", "query_string": words, "server": ("a", 80), "app": app}
    request = Request(scope | {"headers": [], "path_params": {"name": name}, "client": None})
    used = used or Used(clock=lambda: 0.0)
    return anyio.run(lambda: api.reply(request, used=used, root="/"))


@pytest.mark.parametrize(
    ("place", "name", "error"),
    [
        (api, "link_view", DataError("data/fits.csv is missing")),
        (render, "png", render.PictureError("The picture cannot be drawn")),
    ],
)
def test_what_is_broken_here_is_one_sentence(monkeypatch, place, name, error):
    def broken(_):
        raise error

    monkeypatch.setattr(place, name, broken)
    answered = answer_to(b"wechat=31", "chart.png")
    assert (answered.status_code, answered.body.decode()) == (500, f"{error}.\n")


def test_a_former_setting_in_an_older_address_is_named_beside_the_same_rows():
    plain, older = answer_to(b"horizon=1"), answer_to(b"horizon=1&line_core=10&rivals_until=x%0Ay")
    assert (older.status_code, older.body) == (200, plain.body)
    assert "x-note" not in plain.headers
    said = older.headers["x-note"]
    assert "LINE home ties (line_core=10) is no longer a setting; the fit's 5% is used" in said
    assert "rivals_until=" in said and "\n" not in said


def test_new_pictures_have_a_budget_and_kept_ones_are_free(monkeypatch):
    drawn, used = [], Used(clock=lambda: 0.0)
    monkeypatch.setattr(render, "png", lambda svg: drawn.append(svg) or b"png")
    most = int(BUDGETS["downloads"]["line"].most)
    words = [b"wechat=%d" % growth for growth in range(100, 100 + most)]
    assert [answer_to(one, "chart.png", used).status_code for one in words] == [200] * most
    assert len(drawn) == most
    assert answer_to(words[-1], "chart.png", used).status_code == 200
    refused = answer_to(b"wechat=300", "chart.png", used)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    assert len(drawn) == most and len(refused.body.splitlines()) == 1
    assert answer_to(b"wechat=300", "chart.svg", used).status_code == 200


def test_worksheets_have_the_same_budget_as_pictures(monkeypatch):
    made, used = [], Used(clock=lambda: 0.0)
    monkeypatch.setattr(api.paper, "worksheet_html", lambda *of: made.append(of) or "<html>")
    most = int(BUDGETS["downloads"]["line"].most)
    words = [b"title=x&at=2018Q4&wechat=%d" % growth for growth in range(200, 200 + most)]
    answers = [answer_to(one, "worksheet.html", used) for one in words]
    assert [one.status_code for one in answers] == [200] * most == [200] * len(made)
    assert answers[0].headers["content-type"].startswith("text/html")
    scenario, title, link = made[0]
    assert (scenario["horizon"], title) == (4.75, "x") and "at=2018Q4" in link
    assert answer_to(words[0], "worksheet.html", used).status_code == 200
    assert answer_to(b"wechat=300", "worksheet.html", used).status_code == 429
    assert answer_to(b"wechat=300", "chart.png", used).status_code == 429


@pytest.mark.parametrize(
    "name", ["chart.svg", "chart.png", "number.svg", "worksheet.html", "answer.md"]
)
@pytest.mark.parametrize("words", [b"guess=first", b"at=2090Q4", b"at=%3Cb%3E", b"wechat=many"])
def test_what_cannot_be_answered_is_one_sentence(name, words):
    answered = answer_to(words, name)
    assert answered.status_code == 400 and len(answered.body.splitlines()) == 1
    assert answered.headers["content-type"].startswith("text/plain")
