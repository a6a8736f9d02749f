"""Attacks of a few seconds each: honest visitors go on, and the server stays."""

import asyncio

import pytest

from tests.attack import ATTACKS, measure, messages
from tests.browser.conftest import ROOT, start_server

SECONDS = 5.0
LONGEST_MOVE, LONGEST_PROBE = 10.0, 5.0  # seconds; the attacker shares the machine


@pytest.mark.parametrize(
    "name",
    [  # the others take up to a minute each
        pytest.param(name, marks=pytest.mark.full if name is messages else pytest.mark.figures)
        for name in ATTACKS
    ],
)
def test_honest_visitors_go_on_while_another_attacks(name):
    with start_server(ROOT / "deploy" / "serve.py", ROOT) as server:
        moved, probed, kept, answered = asyncio.run(measure(name, server, SECONDS))
        assert moved and max(moved) < LONGEST_MOVE
        assert max(probed) < LONGEST_PROBE and max(kept) < 1_000
        assert answered and "500" not in answered
