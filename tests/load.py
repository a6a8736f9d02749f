"""A crowd on the page, beside a bare Streamlit app in the same run.

`make load`, or `python -m tests.load --sessions 1,20 --seconds 30`, or `--url https://...` for a
server that runs elsewhere. Each session speaks the server's own websocket protocol, as a browser
does, and moves a random slider to a random place every five seconds: nearly every answer is new.
It prints and never fails: speeds depend on the machine, and the crowd shares its cores.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.bench import BARE, memory
from tests.browser.conftest import ROOT, start_server

EVERY = 5.0  # seconds between two moves of a session
PATIENCE = 120.0  # seconds until a session gives up waiting
OPENING = 20  # sessions that may be opening at a time
COLUMNS = ("app", "sessions", "open p95", "moves", "moves/s", "p50", "p95", "CPU/move", "errors")
ROW = "{:10}{:>9}{:>10}{:>8}{:>9}{:>10}{:>10}{:>11}{:>8}{:>10}"


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
    """Load the page as a browser does first; several replicas say here which one is meant."""
    with urlopen(url, timeout=PATIENCE) as page:
        return "; ".join(text.split(";")[0] for text in page.headers.get_all("Set-Cookie", []))


async def visit(url, rng, times, gate):
    """Open the page, wait for all others, then move a slider every five seconds until the end.

    gate : limits the sessions that open at a time, says when all have, and when the end is
    """
    has_arrived = False
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    stream = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
    # a browser does not give up on a server that is silent for 20 seconds
    patient = {"max_size": None, "open_timeout": PATIENCE, "ping_interval": None}
    try:
        async with AsyncExitStack() as stack:
            async with gate.few:
                start = time.perf_counter()
                cookies = await asyncio.to_thread(cookies_of, url)
                opening = connect(
                    stream,
                    subprotocols=["streamlit"],
                    origin=url,
                    additional_headers={"Cookie": cookies} if cookies else None,
                    **patient,
                )
                session = Session(await stack.enter_async_context(opening), parts.query)
                await ask(session)
                times.opened.append(time.perf_counter() - start)
            has_arrived = True
            await gate.wait()
            if not session.sliders:
                raise RuntimeError("the page has no slider")
            due = time.perf_counter() + EVERY * rng.random()
            while due < gate.end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                move(session, rng)
                times.moved.append(await ask(session))
                due = max(due + EVERY, time.perf_counter())
    except Exception as error:  # whatever goes wrong is one error of the crowd
        times.errors.append(f"{type(error).__name__}: {error}"[:100])
        if not has_arrived:
            await gate.wait()


class Gate:
    """Opens when all sessions have arrived; then the seconds of the measurement begin."""

    def __init__(self, sessions, seconds, begin):
        self.few = asyncio.Semaphore(OPENING)
        self.missing, self.seconds, self.begin = sessions, seconds, begin
        self.opened, self.end = asyncio.Event(), 0.0

    async def wait(self):
        """Arrive, and wait for the others."""
        self.missing -= 1
        if self.missing == 0:
            self.begin()
            self.end = time.perf_counter() + self.seconds
            self.opened.set()
        await self.opened.wait()


async def crowd(url, sessions, seconds, begin=lambda: None):
    """The times that so many sessions see; `begin` is called when all are open."""
    times, gate = Times(), Gate(sessions, seconds, begin)
    visits = (visit(url, random.Random(number), times, gate) for number in range(sessions))
    await asyncio.gather(*visits)
    return times


def processor_seconds(pid):
    """Processor time that a process has used, or None where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return None
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(seconds, share):
    """The value that a share of the times stays below, as text in milliseconds."""
    if not seconds:
        return "-"
    place = min(len(seconds) - 1, int(share * len(seconds)))
    return f"{1000 * sorted(seconds)[place]:,.0f} ms"


def measure(name, url, sessions, seconds, pid=None):
    """The row of a crowd of one size, and its errors."""
    began = {}

    def begin():
        began.update(time=time.perf_counter(), used=processor_seconds(pid) if pid else None)

    times = asyncio.run(crowd(url, sessions, seconds, begin))
    taken = time.perf_counter() - began["time"]
    moves, cost = len(times.moved), "-"
    if began["used"] is not None and moves:
        cost = f"{1000 * (processor_seconds(pid) - began['used']) / moves:.0f} ms"
    row = ROW.format(
        *(name, sessions, percentile(times.opened, 0.95), moves, f"{moves / taken:.1f}"),
        *(percentile(times.moved, 0.5), percentile(times.moved, 0.95), cost, len(times.errors)),
        f"{memory(pid):.0f} MB" if pid else "-",
    )
    return row, sorted(set(times.errors))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sizes = [int(size) for size in "1,20,100,300".split(",")]
    parser.add_argument(
        "--sessions", type=lambda text: [int(size) for size in text.split(",")], default=sizes
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="that each crowd moves sliders")
    parser.add_argument("--url", help="of a server that runs; without it both apps are started")
    options = parser.parse_args()
    print(ROW.format(*COLUMNS, "memory"))
    with ExitStack() as stack:
        if options.url:
            servers = {"there": (options.url, None)}
        else:
            home = stack.enter_context(tempfile.TemporaryDirectory())
            bare = Path(home) / "bare.py"
            bare.write_text(BARE, encoding="utf-8")
            apps = {
                "the page": {"app": ROOT / "deploy" / "serve.py", "folder": ROOT},
                "bare": {"app": bare, "HOME": home},
            }
            started = {n: stack.enter_context(start_server(**app)) for n, app in apps.items()}
            servers = {name: (server.url, server.pid) for name, server in started.items()}
        for sessions in options.sessions:
            for name, (url, pid) in servers.items():
                row, errors = measure(name, url, sessions, options.seconds, pid)
                print("\n".join([row, *(f"  {error}" for error in errors)]), flush=True)


if __name__ == "__main__":
    main()
