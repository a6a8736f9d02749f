"""The API where the data are damaged, without a server."""

from types import SimpleNamespace

import anyio
from starlette.requests import Request

from model.evidence import DataError
from pages.parts.serving import api


def test_the_api_says_which_data_are_damaged(monkeypatch):
    def damaged(link):
        raise DataError("data/fits.csv is missing")

    monkeypatch.setattr(api, "link_view", damaged)
    app = SimpleNamespace(state=SimpleNamespace())
    scope = {"type": "http", "path": "/", "query_string": b"", "server": ("a", 80), "app": app}
    answered = anyio.run(
        api.project, Request(scope | {"headers": [], "path_params": {"form": "csv"}})
    )
    assert (answered.status_code, answered.body) == (500, b"data/fits.csv is missing.\n")
