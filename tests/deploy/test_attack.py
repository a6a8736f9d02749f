"""Attacks of a few seconds each: honest visitors go on, and the server stays."""

import asyncio

import pytest

from tests.attack import ATTACKS, measure
from tests.server import start_server

SECONDS = 5.0
LONGEST_MOVE, LONGEST_PROBE = 10.0, 5.0  # seconds; the attacker shares the machine


@pytest.mark.figures  # up to a minute each; messages that nobody sends: test_hostile.py
@pytest.mark.parametrize("name", ATTACKS)
def test_honest_visitors_go_on_while_another_attacks(name):
    with start_server() as server:
        moved, probed, kept, answered = asyncio.run(measure(name, server, SECONDS))
        assert moved and max(moved) < LONGEST_MOVE
        assert max(probed) < LONGEST_PROBE and max(kept) < 1_000
        assert answered and "500" not in answered
