"""The API without a server: damaged data, and what an older address sets."""

from types import SimpleNamespace

import anyio
from starlette.requests import Request

from model.evidence import DataError
from pages.parts.serving import api


def answer_to(words):
    """The response to an address with these words."""
    app = SimpleNamespace(state=SimpleNamespace())
    scope = {"type": "http", "path": "/", "query_string": words, "server": ("a", 80), "app": app}
    return anyio.run(api.project, Request(scope | {"headers": [], "path_params": {"form": "csv"}}))


def test_the_api_says_which_data_are_damaged(monkeypatch):
    def damaged(link):
        raise DataError("data/fits.csv is missing")

    monkeypatch.setattr(api, "link_view", damaged)
    answered = answer_to(b"")
    assert (answered.status_code, answered.body) == (500, b"data/fits.csv is missing.\n")


def test_a_former_setting_in_an_older_address_is_named_beside_the_same_rows():
    plain, older = answer_to(b"horizon=1"), answer_to(b"horizon=1&line_core=10&rivals_until=x%0Ay")
    assert (older.status_code, older.body) == (200, plain.body)
    assert "x-note" not in plain.headers
    said = older.headers["x-note"]
    assert "LINE home ties (line_core=10) is no longer a setting; the fit's 5% is used" in said
    assert "rivals_until=" in said and "\n" not in said
