"""Attacks on a page that runs on this machine, and what honest visitors wait: `make attack`.

Each attack is bounded, and speaks the server's own protocol from an address of its own, as a proxy
would name it; the honest ones, two who move a slider each second or twenty who move one every five,
come from others. A row has their waits, the longest of a probe, the most memory, and what the
attacker was answered: statuses of requests, codes of closed lines (1008: over the budget).
`--only messages,api` runs some of them, `--seconds` ends each earlier. It prints and never fails:
speeds depend on the machine, and the attacker shares its cores.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from model.scenario.settings import all_settings
from tests.bench import memory
from tests.browser.conftest import ROOT, start_server
from tests.load import Session, ask, move, note, percentile, question, text

ATTACKER, HONEST = "203.0.113.66", "198.51.100"
LONGEST = 60.0  # seconds of an attack
SENT = 16_000  # messages of a kind
CALLS, FILES, UPLOADS, LOADS, LINES = 500, 60, 400, 400, 20
RATE, FLOOD = 50, 30.0  # pictures a second, and for how many seconds
FEW, CROWD = (2, 1.0), (20, 5.0)  # honest visitors, and seconds between two moves of each
ROW = "{:<10}{:>7}{:>10}{:>10}{:>10}{:>10}  {}"
VIEWS = ("lead", "matters", "solve", "compare")  # those that are questions
COLUMNS = ("attack", "moves", "p50", "p95", "probe", "memory", "the attacker was answered")


def line(url, address):
    """A websocket to the page, as a proxy passes one on for a visitor."""
    stream = f"ws{url.removeprefix('http')}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
    return connect(stream, origin=url, additional_headers={"X-Forwarded-For": address}, **options)


async def request(url, path, method="GET", body=b"", **headers):
    """The status and the headers of an answer to one request on a connection of its own."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = {"Host": parts.netloc, "Connection": "close", "X-Forwarded-For": ATTACKER}
    lines |= {"Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        await reader.read()
        return int(answer.split(" ", 2)[1]), answer
    except (OSError, asyncio.IncompleteReadError):
        return 0, ""  # the server ended it
    finally:
        writer.close()


def extremes(rng, settings=12):
    """Words of an address with some settings at one of their ends."""
    some = rng.sample([*all_settings().values()], settings)
    return {one.name: f"{rng.choice((one.low, one.high)):g}" for one in some}


async def flood(url, message, seen):
    """Send a message again and again, on a new line when one is closed."""
    sent = 0
    while sent < SENT:
        try:
            async with line(url, ATTACKER) as socket:
                while sent < SENT:
                    sent += 1
                    await socket.send(message)
                    if sent % 50 == 0:
                        await asyncio.sleep(0)  # to hear that the line is closed
                await asyncio.wait_for(socket.wait_closed(), 5)
        except ConnectionClosed as closed:
            seen[closed.rcvd.code if closed.rcvd else "cut"] += 1
        except InvalidStatus as refused:
            seen[refused.response.status_code] += 1
            await asyncio.sleep(0.05)
        except TimeoutError:
            seen["line stays"] += 1


async def messages(url, seen):
    """Messages of two bytes, of every kind."""
    kinds = [BackMsg(**{name: True}) for name in ("load_git_info", "clear_cache", "stop_script")]
    kinds += [BackMsg(set_run_on_save=True), BackMsg(rerun_script={})]
    await asyncio.gather(*(flood(url, kind.SerializeToString(), seen) for kind in kinds))


async def api(url, seen):
    """Calls of the API on many connections at once, each for another scenario."""

    async def call(number):
        path = f"/api/project.csv?{urlencode(extremes(random.Random(number)))}"
        seen[(await request(url, path))[0]] += 1

    await asyncio.gather(*(call(number) for number in range(CALLS)))


async def take_files(url, seen, count):
    """Open the downloads, ask for a picture and a report as often as `count`, and wait for them."""
    async with line(url, ATTACKER) as socket:
        session, files, name, ended = Session(socket, "open=share"), {}, "", False
        await socket.send(question(session))
        while not ended:
            one = ForwardMsg.FromString(await socket.recv())
            name = one.new_session.initialize.session_id or name
            button = one.delta.new_element.download_button
            files[button.label] = button.deferred_file_id
            ended = note(session, one)
        for label in ("Picture (PNG)", "Report") * count:
            asked = BackMsg()
            part = asked.backend_operation_request
            part.request_id, part.session_id = label, name
            part.deferred_file.file_id = files[label]
            await socket.send(asked.SerializeToString())
        for _ in range(2 * count):
            answer = ForwardMsg()
            while answer.WhichOneof("type") != "backend_operation_response":
                answer = ForwardMsg.FromString(await socket.recv())
            seen["refused" if answer.backend_operation_response.error_msg else "made"] += 1


async def quiet(url, seen):
    """Nothing, beside the visitors of `pictures`."""
    await asyncio.sleep(FLOOD)


async def pictures(url, seen):
    """Pictures of random scenarios, so many a second however long an answer takes."""

    async def call(number):
        await asyncio.sleep(number / RATE)
        rng = random.Random(number)
        words = {one.name: f"{rng.uniform(one.low, one.high):g}" for one in all_settings().values()}
        seen[(await request(url, f"/api/chart.png?{urlencode(words)}"))[0]] += 1

    await asyncio.gather(*(call(number) for number in range(round(RATE * FLOOD))))


async def files(url, seen):
    """Pictures and reports, on four lines."""
    await asyncio.gather(*(take_files(url, seen, FILES // 4) for _ in range(4)))


async def uploads(url, seen):
    """Files of 1 MB into one session, which stays open."""
    async with line(url, ATTACKER) as socket:
        session, place = Session(socket), ""
        await ask(session)
        asked = BackMsg()
        asked.file_urls_request.file_names.append("x.csv")
        await socket.send(asked.SerializeToString())
        while not place:
            answer = ForwardMsg.FromString(await socket.recv()).file_urls_response
            place = answer.file_urls[0].upload_url if answer.file_urls else ""
        token = (await request(url, "/_stcore/health"))[1].split("_streamlit_xsrf=")[1]
        token = token.split(";")[0]
        body = b"--x\r\nContent-Disposition: form-data; name=a; filename=x.csv\r\n\r\n"
        body += bytes(1_000_000) + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "X-Xsrftoken": token}
        headers["Cookie"] = f"_streamlit_xsrf={token}"
        folder = urlsplit(place).path.rpartition("/")[0]
        for start in range(0, UPLOADS, 20):
            paths = [f"{folder}/{number}" for number in range(start, start + 20)]
            asks = (request(url, path, "PUT", body, **headers) for path in paths)
            seen.update([status for status, _ in await asyncio.gather(*asks)])


async def previews(url, seen):
    """Pages, each with a preview of another extreme scenario, forty at a time."""
    for start in range(0, LOADS, 40):
        rngs = map(random.Random, range(start, start + 40))
        asks = (request(url, f"/?{urlencode(extremes(rng))}") for rng in rngs)
        seen.update([status for status, _ in await asyncio.gather(*asks)])


async def tables(url, seen):
    """Sessions that open a link with a table of eight extreme scenarios."""

    async def open_one(number):
        rng = random.Random(number)
        rows = [
            "~".join(["march-2014", *(f"{a}.{b}" for a, b in extremes(rng).items())])
            for _ in range(8)
        ]
        async with line(url, ATTACKER) as socket:
            await ask(Session(socket, urlencode({"open": "compare", "table": "~~".join(rows)})))
            seen["opened"] += 1

    await asyncio.gather(*(open_one(number) for number in range(LINES)))


async def questions(url, seen):
    """Sessions that open every question, each for another extreme scenario."""

    async def open_one(number):
        words = extremes(random.Random(number), settings=len(all_settings()))
        view = VIEWS[number % len(VIEWS)]
        async with line(url, ATTACKER) as socket:
            await ask(Session(socket, urlencode(words | {"open": view, "pin": "march-2014"})))
            seen[view] += 1

    await asyncio.gather(*(open_one(number) for number in range(LINES)))


ATTACKS = (messages, api, files, uploads, previews, tables, questions, quiet, pictures)
ATTACKS = {one.__name__: one for one in ATTACKS}
VISITORS = {"quiet": CROWD, "pictures": CROWD}  # else FEW


async def attack(name, url, longest=LONGEST):
    """The answers to one attack; it ends after `longest` seconds whatever happens."""
    seen = Counter()
    try:
        async with asyncio.timeout(longest):
            await ATTACKS[name](url, seen)
    except (TimeoutError, ConnectionClosed, InvalidStatus) as error:
        seen[type(error).__name__] += 1
    return {str(key): count for key, count in seen.items()}


async def honest(url, number, every, ended, waits):
    """Move a slider every so many seconds until the end."""
    rng = random.Random(number)
    async with line(url, f"{HONEST}.{number}") as socket:
        session = Session(socket)
        await ask(session)
        await asyncio.sleep(rng.uniform(0, every))
        while not ended.is_set():
            move(session, rng)
            waits.append(await ask(session))
            await asyncio.sleep(max(0.0, every - waits[-1]))


async def probe(server, ended, waits, kept):
    """Ask whether the server is there, and note its memory, until the end."""
    while not ended.is_set():
        start = time.perf_counter()
        await request(server.url, "/_stcore/health")
        waits.append(time.perf_counter() - start)
        kept.append(memory(server.pid))
        await asyncio.sleep(0.25)


async def measure(name, server, longest=LONGEST):
    """Waits of a move and of a probe, memory, answers of one attack; without a name nobody's."""
    ended, moved, probed, kept = asyncio.Event(), [], [], []
    count, every = VISITORS.get(name, FEW)
    around = [
        asyncio.create_task(honest(server.url, number, every, ended, moved))
        for number in range(1, count + 1)
    ]
    around.append(asyncio.create_task(probe(server, ended, probed, kept)))
    await asyncio.sleep(3 * every)
    for waits in (moved, probed):
        waits.clear()  # of the start, when all open the page
    answered = {}
    if name:
        command = [sys.executable, "-m", "tests.attack", "--attack", name, "--url", server.url]
        command += ["--seconds", str(longest)]
        run = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
        answered = json.loads((await run.communicate())[0])
    else:
        await asyncio.sleep(7)
    ended.set()
    await asyncio.gather(*around)
    return moved, probed, kept, answered


def row_of(name, moved, probed, kept, answered):
    """Cells of one attack's row."""
    waits = text(percentile(moved, 0.5)), text(percentile(moved, 0.95)), text(max(probed))
    told = ", ".join(f"{count} times {key}" for key, count in sorted(answered.items())) or "-"
    return name or "nobody", len(moved), *waits, f"{max(kept):.0f} MB", told


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", type=lambda names: names.split(","), default=[*ATTACKS])
    parser.add_argument("--attack", help=argparse.SUPPRESS)  # in a process of its own
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=LONGEST)
    options = parser.parse_args()
    if options.attack:
        if urlsplit(options.url).hostname != "localhost":
            parser.error("only a server of this machine is attacked")
        print(json.dumps(asyncio.run(attack(options.attack, options.url, options.seconds))))
        return
    print(ROW.format(*COLUMNS))
    for name in ("", *options.only):
        with start_server(ROOT / "deploy" / "serve.py", ROOT) as server:
            found = asyncio.run(measure(name, server, options.seconds))
            print(ROW.format(*row_of(name, *found)), flush=True)


if __name__ == "__main__":
    main()
