"""A crowd on the page: `make load`, or `python -m tests.load --sessions 1,20 --seconds 30`.

Each visitor moves a random slider to a random place every five seconds: nearly every answer is new.
Beside it the same crowd on the two small apps. `--url https://...` asks only a server that runs
elsewhere. It prints and never fails: speeds depend on the machine, and the crowd shares its cores.
"""

import argparse
import asyncio
import random
import time
from contextlib import AsyncExitStack, ExitStack
from urllib.parse import urlsplit

import numpy as np

from tests.server import SMALL_APPS, memory, start_server, start_small
from tests.visitor import Session, ask, browser_headers, move, visit, wait_text

EVERY = 5.0  # seconds between two moves of a session
OPENING = 20  # sessions that may be opening at a time
ROW = "{:>8}{:>8}{:>11}{:>8}{:>10}{:>11}{:>11}{:>8}{:>10}"
COLUMNS = ("sessions", "app", "open p95", "moves", "moves/s", "p50", "p95", "errors", "memory")


async def crowd(url, sessions, seconds):
    """So many sessions open the page, then all move sliders.

    Returns the seconds until a page was open, those until a move was answered, and the errors.
    """
    waited, moved, few = [], [], asyncio.Semaphore(OPENING)

    async def open_page(stack):
        async with few:
            start = time.perf_counter()
            headers = await browser_headers(url)
            session = await stack.enter_async_context(visit(url, urlsplit(url).query, headers))
            waited.append(time.perf_counter() - start)
            return session

    async def move_on(session, rng, end):
        due = time.perf_counter() + EVERY * rng.random()
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            move(session, rng)
            moved.append(await ask(session))
            due = max(due + EVERY, time.perf_counter())

    async with AsyncExitStack() as stack:
        opening = (open_page(stack) for _ in range(sessions))
        opened = await asyncio.gather(*opening, return_exceptions=True)
        end = time.perf_counter() + seconds
        moving = (
            move_on(session, random.Random(number), end)
            for number, session in enumerate(opened)
            if isinstance(session, Session)
        )
        ended = await asyncio.gather(*moving, return_exceptions=True)
    errors = [one for one in opened + ended if isinstance(one, Exception)]
    return waited, moved, [f"{type(error).__name__}: {error}"[:100] for error in errors]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", default="1,20,100,300")
    parser.add_argument("--seconds", type=float, default=30.0, help="that each crowd moves sliders")
    parser.add_argument("--url", help="of a server that runs; without it one is started")
    options = parser.parse_args()
    with ExitStack() as stack:
        urls, pids = {"page": options.url}, {}
        if not options.url:
            starts = {"page": start_server()} | {name: start_small(name) for name in SMALL_APPS}
            servers = {name: stack.enter_context(start) for name, start in starts.items()}
            urls = {name: server.url for name, server in servers.items()}
            pids = {name: server.pid for name, server in servers.items()}
        print(ROW.format(*COLUMNS))
        for sessions in map(int, options.sessions.split(",")):
            late = {}
            for name, url in urls.items():
                waited, moved, errors = asyncio.run(crowd(url, sessions, options.seconds))
                late[name] = np.quantile(moved or [np.nan], 0.95)
                times = wait_text(moved, 0.5), wait_text(moved, 0.95)
                speed = f"{len(moved) / options.seconds:.1f}"
                kept = f"{memory(pids[name]):.0f} MB" if pids else "-"
                row = (sessions, name, wait_text(waited, 0.95), len(moved), speed, *times)
                print(ROW.format(*row, len(errors), kept), flush=True)
                print(*(f"  {error}\n" for error in sorted(set(errors))), sep="", end="")
            for name in SMALL_APPS if pids else ():
                print(f"  p95: {late['page'] / late[name]:.1f} times the {name} app's")


if __name__ == "__main__":
    main()
