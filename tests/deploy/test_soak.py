"""A short soak of the server: nobody sees an error, and it keeps little of who has gone."""

import asyncio

import pytest

from tests.browser.conftest import start_server
from tests.soak import MALLOC, SERVER, soak


@pytest.mark.full
def test_visitors_who_come_and_go_leave_little_behind():
    with start_server(SERVER, SERVER.parents[1], **MALLOC) as server:
        rows, errors = asyncio.run(soak(server, 1.0, every=15.0))
    assert errors == [] and rows[-1]["answers"] > 20
    assert rows[-1]["MB"] < 400
    assert rows[-1]["threads"] < 40 and rows[-1]["files"] < 200
