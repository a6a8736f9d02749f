"""A soak: visitors come, move sliders and go for some minutes; what does the server keep meanwhile?

python -m tests.soak [minutes]    prints a line a minute, and one when all have gone. It never fails

Each visitor opens a random scenario, some with a question, and moves sliders as fast as they are
answered. Streamlit keeps a session for two minutes after the visitor left, 128 at most.
"""

import asyncio
import random
import re
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from websockets.asyncio.client import connect

from model.scenario.settings import all_settings
from pages.parts.address import VIEWS
from tests.bench import memory
from tests.browser.conftest import ROOT, start_server
from tests.load import Session, ask, move

VISITORS = 4  # at a time
MOVES = 20  # of each visitor
WITH_QUESTION = 0.3  # share of visitors
GONE = 130  # seconds until Streamlit has dropped the last session


def counts(server):
    """Memory, threads, open files and sessions of the server, and how often it drew results."""
    with urllib.request.urlopen(f"{server.url}/_stcore/metrics") as answer:
        text = answer.read().decode()
    drawn = re.search(r"page_rerun_seconds_count (\d+)", text)
    sessions = re.search(r"^active_sessions (\d+)", text, re.MULTILINE)
    process = Path(f"/proc/{server.pid}")  # Linux alone tells threads and files
    return {
        "answers": int(drawn[1]) if drawn else 0,
        "MB": round(memory(server.pid)),
        "sessions": int(sessions[1]) if sessions else 0,
        "threads": len([*(process / "task").glob("*")]),
        "files": len([*(process / "fd").glob("*")]),
    }


def words(rng):
    """A random address: some settings within their range, and a question."""
    found = {}
    if rng.random() < WITH_QUESTION:
        found["open"] = rng.choice(VIEWS["open"])
    for setting in rng.sample([*all_settings().values()], 4):
        found[setting.name] = f"{rng.uniform(setting.low, setting.high):.3g}"
    return urlencode(found)


async def visitor(url, rng, end, errors):
    """Open page after page and move sliders until the end."""
    stream = f"ws{url.removeprefix('http')}/_stcore/stream"
    while time.monotonic() < end:
        try:
            options = {"subprotocols": ["streamlit"], "origin": url, "max_size": None}
            async with connect(stream, **options, ping_interval=None) as socket:
                session = Session(socket, words(rng))
                await ask(session)
                for _ in range(MOVES):
                    if time.monotonic() < end:
                        move(session, rng)
                        await ask(session)
        except Exception as error:  # whatever goes wrong is one error of the soak
            errors.append(f"{type(error).__name__}: {error}"[:100])


async def print_counts(server, start, minutes):
    """A line now and after each minute."""
    for minute in range(minutes + 1):
        await asyncio.sleep(start + 60 * minute - time.monotonic())
        now = await asyncio.to_thread(counts, server)
        print(f"{minute:3} min", *(f"{value:7} {name}" for name, value in now.items()), flush=True)


async def soak(minutes):
    """Let visitors come and go for some minutes."""
    errors = []
    with start_server(app=ROOT / "deploy" / "serve.py", folder=ROOT) as server:
        start = time.monotonic()
        visits = [
            visitor(server.url, random.Random(number), start + 60 * minutes, errors)
            for number in range(VISITORS)
        ]
        await asyncio.gather(print_counts(server, start, minutes), *visits)
        await asyncio.sleep(GONE)
        print("gone   ", *(f"{value:7} {name}" for name, value in counts(server).items()))
        print(f"{len(errors)} errors", *sorted(set(errors)), sep="\n  ")


if __name__ == "__main__":
    asyncio.run(soak(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
