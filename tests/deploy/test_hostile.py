"""Hostile messages over the server's own protocol: others go on, and nothing but a refusal comes.

A session that speaks the protocol, as in the load test, stands for an honest visitor.
"""

import asyncio
import math
import random
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from model.scenario import links
from model.scenario.settings import all_settings
from pages.parts.state import VIEWS
from tests.deploy.test_serving import get, send
from tests.server import memory, start_server
from tests.visitor import ask, connection, move, question, visit

pytestmark = pytest.mark.full
LONGEST = 10  # seconds that an honest visitor may wait while others misbehave
NUMBERS = [math.nan, math.inf, -math.inf, 1e308, -1.0, 1e6, 0.1 + 0.2, 5e-324]


@pytest.fixture(scope="module")
def server():
    with start_server() as server:
        yield server
        # what is no message does not reach Streamlit, which would log an error
        assert "Traceback" not in server.log(), server.log()


async def honest(server, moves=3):
    """Open the page and move sliders; the longest wait, seconds."""
    rng, waits = random.Random(1), []
    async with visit(server.url) as session:
        for _ in range(moves):
            move(session, rng)
            waits.append(await ask(session))
    return max(waits)


def is_sound(query):
    """Whether every setting of an address is within its range."""
    scenario = links.from_query(parse_qs(query), VIEWS)[0].scenario
    limits = {name: (one.low, one.high) for name, one in all_settings().items()}
    return all(limits[name][0] <= value <= limits[name][1] for name, value in scenario.values)


def garbage(rng):
    """A message that no browser sends."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return "text, where bytes are expected"
    message = BackMsg()
    if kind == 2:
        message.rerun_script.query_string = "wechat=" + "9" * rng.randrange(5_000)
        message.rerun_script.page_script_hash = rng.randbytes(8).hex()
    else:
        message.rerun_script.fragment_id = rng.randbytes(8).hex()
    return message.SerializeToString() + rng.randbytes(rng.randrange(3))


def test_garbage_on_many_lines(server):
    """Whole frames of noise, unknown pages and fragments, 30 MB at once."""
    rng = random.Random(1)

    async def throw(message):
        try:
            async with connection(server.url) as socket, asyncio.timeout(2):
                await socket.send(message)
                await socket.recv()
        except (ConnectionClosed, TimeoutError):
            pass  # refused, or ignored

    async def run():
        noise = [garbage(rng) for _ in range(40)] + [bytes(30_000_000)]
        for start in range(0, len(noise), 10):
            await asyncio.gather(*(throw(one) for one in noise[start : start + 10]))
        return await honest(server)

    assert asyncio.run(run()) < LONGEST


def test_a_message_of_more_than_four_megabytes_ends_its_line(server):
    """Before the server has read it: one of 180 MB once took 800 MB of memory."""

    async def run():
        async with visit(server.url) as session:
            with pytest.raises(ConnectionClosed) as closed:
                await session.socket.send(bytes(60_000_000))
                while True:
                    await asyncio.wait_for(session.socket.recv(), LONGEST)
        return closed.value.rcvd.code

    before = memory(server.pid)
    assert asyncio.run(run()) == 1009  # too big
    assert memory(server.pid) < before + 40


def spoil(session, rng):
    """The session's message with numbers that a slider cannot have: out of range, or too many."""
    message = BackMsg.FromString(question(session))
    widget = rng.choice(message.rerun_script.widget_states.widgets)
    many = (1, 1, 0, 3, 5_000)[rng.randrange(5)]
    widget.double_array_value.data[:] = [rng.choice(NUMBERS) for _ in range(many)]
    if rng.randrange(3) == 0:
        widget.id = f"$$ID-{rng.randbytes(4).hex()}-set_wechat"
    return message.SerializeToString()


def test_numbers_that_no_slider_can_have(server):
    """The page draws no error, and its address holds no such value."""
    rng = random.Random(2)

    async def run():
        async with visit(server.url) as session:
            for _ in range(50):
                await asyncio.wait_for(ask(session, spoil(session, rng)), LONGEST)
                assert is_sound(session.query), session.query
            move(session, rng)
            await ask(session)
        return await honest(server)

    assert asyncio.run(run()) < LONGEST


def test_a_browser_that_lost_what_its_widgets_hold(server):
    """Sliders at their lowest and no view chosen, as once after a cut: the scenario stays."""

    async def run():
        async with visit(server.url, "wechat=150") as session:
            groups = [one.button_group.id for one in session.drawn]
            before = dict(session.values)
            session.values = {name: low for name, (low, _, _) in session.sliders.items()}
            lost = BackMsg.FromString(question(session))
            view = lost.rerun_script.widget_states.widgets.add()
            view.id = next(one for one in groups if one.endswith("open"))
            view.string_array_value.data[:] = []
            await ask(session, lost.SerializeToString())
            assert session.query == "wechat=150"
            assert session.values == before  # they are set again

    asyncio.run(run())


def test_one_session_cannot_starve_the_others(server):
    """1,500 messages at once: the line ends, no thread for each, an honest visitor gets answers."""

    async def flood():
        async with visit(server.url) as session:
            rng = random.Random(3)
            with pytest.raises(ConnectionClosed) as closed:
                for _ in range(1_500):
                    move(session, rng)
                    await session.socket.send(question(session))
                while True:
                    await asyncio.wait_for(session.socket.recv(), LONGEST)
        return closed.value.rcvd

    async def run():
        flooding = asyncio.create_task(flood())
        await asyncio.sleep(1)
        threads = len([*Path(f"/proc/{server.pid}/task").glob("*")])
        return await honest(server), threads, await flooding

    waited, threads, closed = asyncio.run(run())
    assert waited < LONGEST and threads < 80
    assert closed.code == 1008 and closed.reason.startswith("Too many requests")


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
UPGRADE |= {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Protocol": "streamlit"}


def handshake(server, origin, host="localhost"):
    """The status with which the server answers to a websocket of a page from `origin`."""
    names = {"Host": f"{host}:{server.port}", "Origin": origin}
    return send(server, "GET", "/_stcore/stream", **names, **UPGRADE)[0]


def test_a_page_of_another_origin_cannot_connect_and_the_operator_names_hosts(server):
    """Else a name of somebody else's that leads here would do."""
    assert handshake(server, server.url) == 101
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        assert handshake(server, origin) == 403
    names = {"STREAMLIT_SERVER_ALLOWED_HOSTS": "localhost wechat.example.org"}
    names |= {"FRAME_ANCESTORS": "https://example.org"}
    with start_server(**names) as own:
        policy = get(own, "/")[1]["content-security-policy"]
        assert policy.endswith("frame-ancestors https://example.org")
        for host, status in (("wechat.example.org", 101), ("evil.example", 403)):
            assert handshake(own, f"http://{host}:{own.port}", host) == status


def calls(server, address, count):
    """Statuses of that many calls of the API for a visitor whom a proxy names."""
    path, named = "/api/project.csv", {"X_Forwarded_For": address}
    return [send(server, "GET", path, **named)[0] for _ in range(count)]


def test_a_visitor_is_the_address_that_a_trusted_proxy_names(server):
    """By default only a proxy on the same machine is trusted."""
    assert calls(server, "203.0.113.5", 300)[-1] == 429
    assert calls(server, "203.0.113.6", 1) == [200]
    with start_server(FORWARDED_ALLOW_IPS="10.84.10.0/24") as server:
        assert calls(server, "203.0.113.5", 300)[-1] == 429
        assert calls(server, "203.0.113.6", 1) == [429]  # whoever it says it is


PATHS = ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/media/../app.py", "/%00"]
PATHS += ["/static/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "/_stcore/../../app.py"]
PATHS += ["/component/follow/..%2f..%2fstate.py", "/data/settings.csv", "/.streamlit/config.toml"]
PATHS += ["/api/project.csv/../../../data/settings.csv", "//etc/passwd"]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_to_a_file_of_the_server(server, path):
    status, text = send(server, "GET", path)
    assert status in (200, 301, 302, 307, 400, 403, 404)
    for secret in (b"root:", b"set_page_config", b"source_id", b"fastReruns", b"import "):
        assert status != 200 or secret not in text.split(b"<script", 1)[0]
