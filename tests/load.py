"""A crowd on the page: `make load`, or `python -m tests.load --sessions 1,20 --seconds 30`.

Each session speaks the server's own websocket protocol, as a browser does, and moves a random
slider to a random place every five seconds: nearly every answer is new. Beside it the same crowd on
the bare app and on the limit app of tests/bench.py. `--url https://...` asks only a server that
runs elsewhere. It prints and never fails: speeds depend on the machine, and the crowd shares its
cores.
"""

import argparse
import asyncio
import math
import random
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.bench import SMALL_APPS, memory, start_small
from tests.browser.conftest import ROOT, start_server

EVERY = 5.0  # seconds between two moves of a session
PATIENCE = 120.0  # seconds until a session gives up waiting
OPENING = 20  # sessions that may be opening at a time
ROW = "{:>8}{:>8}{:>11}{:>8}{:>10}{:>11}{:>11}{:>8}{:>10}"
COLUMNS = ("sessions", "app", "open p95", "moves", "moves/s", "p50", "p95", "errors", "memory")


@dataclass
class Session:
    """One visitor: the connection, the address, and the sliders with the values they have."""

    socket: object
    query: str = ""
    page: str = ""
    sliders: dict = field(default_factory=dict)  # by id: lowest, highest, step
    values: dict = field(default_factory=dict)


@dataclass
class Times:
    """The times of a crowd: seconds until a page was open and until a move was answered; errors."""

    opened: list = field(default_factory=list)
    moved: list = field(default_factory=list)
    errors: list = field(default_factory=list)


def question(session):
    """The message with which a browser asks to run the page: address and values of widgets."""
    message = BackMsg()
    rerun = message.rerun_script
    rerun.query_string, rerun.page_script_hash = session.query, session.page
    for name, value in session.values.items():
        widget = rerun.widget_states.widgets.add()
        widget.id = name
        widget.double_array_value.data.append(value)
    return message.SerializeToString()


def note(session, message):
    """Take from a message what a browser keeps; whether it ends a run of the page."""
    kind = message.WhichOneof("type")
    if kind == "new_session":
        session.page = message.new_session.page_script_hash
    elif kind == "page_info_changed":
        session.query = message.page_info_changed.query_string
    elif kind == "delta":
        element = message.delta.new_element
        shown = element.WhichOneof("type")
        if shown == "exception":
            raise RuntimeError(f"the page shows {element.exception.type}")
        if shown == "slider":
            slider = element.slider
            session.sliders[slider.id] = (slider.min, slider.max, slider.step)
            if slider.set_value:
                session.values[slider.id] = slider.value[0]
            else:
                session.values.setdefault(slider.id, slider.default[0])
    early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return kind == "script_finished" and message.script_finished != early


async def ask(session, message=None):
    """Seconds from asking for a run of the page, or from another message, to its last message."""
    start = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        await session.socket.send(message or question(session))
        while not note(session, ForwardMsg.FromString(await session.socket.recv())):
            pass
    return time.perf_counter() - start


def move(session, rng):
    """Move a random slider to a random one of its places."""
    name = rng.choice(sorted(session.sliders))
    low, high, step = session.sliders[name]
    session.values[name] = low + step * rng.randrange(round((high - low) / step) + 1)


def cookies_of(url):
    """Load the page as a browser does first; where several servers are, it says which one."""
    with urlopen(url, timeout=PATIENCE) as page:
        return "; ".join(text.split(";")[0] for text in page.headers.get_all("Set-Cookie", []))


async def connection(url):
    """A websocket to the page at `url`, with the cookies that loading it gives."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    cookies = await asyncio.to_thread(cookies_of, url)
    # a browser does not give up on a server that is silent for 20 seconds
    patient = {"max_size": None, "open_timeout": PATIENCE, "ping_interval": None}
    headers = {"Cookie": cookies} if cookies else None
    stream = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "origin": url, "additional_headers": headers}
    return connect(stream, **options, **patient)


async def crowd(url, sessions, seconds):
    """The times that so many sessions see: all open the page, then all move sliders."""
    times, few = Times(), asyncio.Semaphore(OPENING)

    def failed(error):  # whatever goes wrong is one error of the crowd
        times.errors.append(f"{type(error).__name__}: {error}"[:100])

    async def open_page(stack):
        try:
            async with few:
                start = time.perf_counter()
                socket = await stack.enter_async_context(await connection(url))
                session = Session(socket, urlsplit(url).query)
                await ask(session)
                times.opened.append(time.perf_counter() - start)
                return session
        except Exception as error:
            failed(error)

    async def move_on(session, rng, end):
        due = time.perf_counter() + EVERY * rng.random()
        try:
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                move(session, rng)
                times.moved.append(await ask(session))
                due = max(due + EVERY, time.perf_counter())
        except Exception as error:
            failed(error)

    async with AsyncExitStack() as stack:
        opened = await asyncio.gather(*(open_page(stack) for _ in range(sessions)))
        end = time.perf_counter() + seconds
        there = [(session, random.Random(number)) for number, session in enumerate(opened)]
        await asyncio.gather(*(move_on(*one, end) for one in there if one[0]))
    return times


def percentile(seconds, share):
    """The value that a share of the times stays below; not a number without times."""
    if not seconds:
        return math.nan
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def text(seconds):
    """A time in milliseconds."""
    return f"{1000 * seconds:,.0f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sizes = [1, 20, 100, 300]
    parser.add_argument(
        "--sessions", type=lambda text: [int(size) for size in text.split(",")], default=sizes
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="that each crowd moves sliders")
    parser.add_argument("--url", help="of a server that runs; without it one is started")
    options = parser.parse_args()
    with ExitStack() as stack:
        urls, pids = {"page": options.url}, {}
        if not options.url:
            starts = {"page": start_server(ROOT / "deploy" / "serve.py", ROOT)}
            starts |= {name: start_small(name) for name in SMALL_APPS}
            servers = {name: stack.enter_context(start) for name, start in starts.items()}
            urls = {name: server.url for name, server in servers.items()}
            pids = {name: server.pid for name, server in servers.items()}
        print(ROW.format(*COLUMNS))
        for sessions in options.sessions:
            late = {}
            for name, url in urls.items():
                times = asyncio.run(crowd(url, sessions, options.seconds))
                late[name] = percentile(times.moved, 0.95)
                waits = text(percentile(times.moved, 0.5)), text(late[name])
                speed = f"{len(times.moved) / options.seconds:.1f}"
                kept = f"{memory(pids[name]):.0f} MB" if pids else "-"
                opened = text(percentile(times.opened, 0.95))
                row = (sessions, name, opened, len(times.moved), speed, *waits)
                print(ROW.format(*row, len(times.errors), kept), flush=True)
                print(*(f"  {error}\n" for error in sorted(set(times.errors))), sep="", end="")
            ratios = [f"{late['page'] / late[name]:.1f} times the {name} app's" for name in pids][
                1:
            ]
            print(*([f"  p95: {' and '.join(ratios)}"] if ratios else []), sep="\n")


if __name__ == "__main__":
    main()
