"""A short soak of the server: nobody sees an error, and it keeps little of who has gone.

Each visitor opens a random scenario, some with a question, and moves sliders as fast as they are
answered. Streamlit keeps a session for two minutes after the visitor left, 128 at most.
SOAK_MINUTES=10 soaks for longer; `pytest -s` prints a line every 15 seconds.
"""

import asyncio
import os
import random
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from model.scenario.settings import all_settings
from pages.parts.address import VIEWS
from tests.server import memory, start_server
from tests.visitor import ask, browser_headers, move, visit

MINUTES = float(os.environ.get("SOAK_MINUTES", "0.5"))
VISITORS = 4  # at a time
MOVES = 20  # of each visitor


def counts(server, answers):
    """Answers so far, and memory (MB), threads and open files of the server."""
    process = Path(f"/proc/{server.pid}")  # Linux alone tells threads and files
    threads, files = (len([*(process / name).glob("*")]) for name in ("task", "fd"))
    return {"answers": len(answers), "MB": memory(server.pid), "threads": threads, "files": files}


def words(rng):
    """A random address: some settings within their range, and sometimes a question."""
    found = {"open": rng.choice(VIEWS["open"])} if rng.random() < 0.3 else {}
    for setting in rng.sample([*all_settings().values()], 4):
        found[setting.name] = f"{rng.uniform(setting.low, setting.high):.3g}"
    return urlencode(found)


async def visitor(url, rng, end, answers):
    """Open page after page and move sliders until the end."""
    while time.monotonic() < end:
        async with visit(url, words(rng), await browser_headers(url)) as session:
            for _ in range(MOVES):
                if time.monotonic() < end:
                    move(session, rng)
                    answers.append(await ask(session))


async def soak(server):
    """The counts at the end; an error that a visitor sees is raised."""
    answers, end = [], time.monotonic() + 60 * MINUTES
    visitors = (visitor(server.url, random.Random(n), end, answers) for n in range(VISITORS))
    going = asyncio.gather(*visitors)
    while not going.done():
        await asyncio.wait([going], timeout=15.0)
        print(await asyncio.to_thread(counts, server, answers))
    await going
    return counts(server, answers)


@pytest.mark.full
def test_visitors_who_come_and_go_leave_little_behind():
    with start_server() as server:
        kept = asyncio.run(soak(server))
    assert kept["answers"] > 20
    assert kept["MB"] < 400 and kept["threads"] < 40 and kept["files"] < 200
