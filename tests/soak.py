"""A soak: visitors come, move sliders and go for some minutes; what does the server keep meanwhile?

python -m tests.soak [minutes]    prints a line a minute, and one at the end

Each visitor opens a random scenario, some with a question, and moves sliders as fast as they are
answered. Streamlit keeps a session for two minutes after the visitor left, 128 at most.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from model.scenario.settings import all_settings
from pages.parts.state import VIEWS
from tests.bench import memory
from tests.browser.conftest import ROOT, start_server
from tests.load import Session, ask, connection, move

VISITORS = 4  # at a time
MOVES = 20  # of each visitor
WITH_QUESTION = 0.3  # share of visitors
SERVER = ROOT / "deploy" / "serve.py"
# as in the image
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def counts(server, answers):
    """Answers so far, and memory (MB), threads and open files of the server."""
    process = Path(f"/proc/{server.pid}")  # Linux alone tells threads and files
    return {
        "answers": len(answers),
        "MB": round(memory(server.pid)),
        "threads": len([*(process / "task").glob("*")]),
        "files": len([*(process / "fd").glob("*")]),
    }


def words(rng):
    """A random address: some settings within their range, and sometimes a question."""
    found = {"open": rng.choice(VIEWS["open"])} if rng.random() < WITH_QUESTION else {}
    for setting in rng.sample([*all_settings().values()], 4):
        found[setting.name] = f"{rng.uniform(setting.low, setting.high):.3g}"
    return urlencode(found)


async def visitor(url, rng, end, answers, errors):
    """Open page after page and move sliders until the end."""
    while time.monotonic() < end:
        try:
            async with await connection(url) as socket:
                session = Session(socket, words(rng))
                await ask(session)
                for _ in range(MOVES):
                    if time.monotonic() < end:
                        move(session, rng)
                        answers.append(await ask(session))
        except Exception as error:  # whatever goes wrong is one error of the soak
            errors.append(f"{type(error).__name__}: {error}"[:100])


async def soak(server, minutes, *, every=60.0, say=lambda row: None):
    """The counts at the start and after each `every` seconds, and the errors of visitors."""
    answers, errors, rows = [], [], []
    end = time.monotonic() + 60 * minutes
    going = asyncio.gather(
        *(visitor(server.url, random.Random(n), end, answers, errors) for n in range(VISITORS))
    )
    while not rows or time.monotonic() < end:
        rows.append(await asyncio.to_thread(counts, server, answers))
        say(rows[-1])
        await asyncio.sleep(every)
    await going
    rows.append(counts(server, answers))
    return rows, errors


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10

    def say(row):
        print(*(f"{value:7} {name}" for name, value in row.items()), flush=True)

    with start_server(SERVER, ROOT, **MALLOC) as server:
        rows, errors = asyncio.run(soak(server, minutes, say=say))
        say(rows[-1])
    print(f"{len(errors)} errors", *sorted(set(errors)), sep="\n  ")


if __name__ == "__main__":
    main()
