"""A visitor without a browser: a session over the server's own websocket protocol."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

PATIENCE = 120.0  # seconds until a visitor gives up waiting


@dataclass
class Session:
    """One visitor: the connection, the address, and the sliders with the values they have."""

    socket: object
    query: str = ""
    page: str = ""
    name: str = ""  # the server's
    sliders: dict = field(default_factory=dict)  # by id: lowest, highest, step
    values: dict = field(default_factory=dict)
    drawn: list = field(default_factory=list)  # the elements of the last run


async def browser_headers(url):
    """Load the page as a browser does first; its cookies, which say which of several servers."""

    def load():
        with urlopen(url, timeout=PATIENCE) as page:
            return page.headers.get_all("Set-Cookie", [])

    cookies = "; ".join(text.split(";")[0] for text in await asyncio.to_thread(load))
    return {"Cookie": cookies} if cookies else {}


def connection(url, headers=None):
    """A websocket to the page at `url`.

    As a browser it does not give up on a server that is silent for 20 seconds.
    """
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return connect(
        f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream",
        subprotocols=["streamlit"],
        origin=url,
        additional_headers=headers,
        max_size=None,
        open_timeout=PATIENCE,
        ping_interval=None,
    )


@asynccontextmanager
async def visit(url, query="", headers=None):
    """A session that has opened the page with these words of an address."""
    async with connection(url, headers) as socket:
        session = Session(socket, query)
        await ask(session)
        yield session


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
        session.name = message.new_session.initialize.session_id or session.name
    elif kind == "page_info_changed":
        session.query = message.page_info_changed.query_string
    elif kind == "delta":
        element = message.delta.new_element
        session.drawn.append(element)
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


async def receive(session):
    """The next message of the server."""
    return ForwardMsg.FromString(await session.socket.recv())


async def ask(session, message=None):
    """Seconds from asking for a run of the page, or from another message, to its last message."""
    start = time.perf_counter()
    session.drawn = []
    async with asyncio.timeout(PATIENCE):
        await session.socket.send(message or question(session))
        while not note(session, await receive(session)):
            pass
    return time.perf_counter() - start


def move(session, rng):
    """Move a random slider to a random one of its places."""
    name = rng.choice(sorted(session.sliders))
    low, high, step = session.sliders[name]
    session.values[name] = low + step * rng.randrange(round((high - low) / step) + 1)


def wait_text(seconds, share):
    """The time that a share of the times stays below, in milliseconds."""
    return f"{1000 * np.quantile(seconds, share):,.0f} ms" if seconds else "-"
