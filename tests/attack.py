"""Attacks on a page that runs on this machine, and what honest visitors wait: `make attack`.

Each attack is bounded, comes from a process of its own, and speaks the server's own protocol from
an address of its own, as a proxy would name it; the honest ones, two who move a slider each second
or twenty who move one every five, come from others. A row has their waits, the longest of a probe,
the most memory, and what the attacker was answered: statuses of requests, codes of closed lines
(1008: over the budget). `--only messages,api` runs some of them, `--seconds` ends each earlier. It
prints and never fails: speeds depend on the machine, and the attacker shares its cores.
"""

import argparse
import asyncio
import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from model.scenario.settings import all_settings
from tests.server import memory, start_server
from tests.visitor import ask, connection, move, receive, visit, wait_text

HONEST, ATTACKER = "198.51.100", {"X-Forwarded-For": "203.0.113.66"}
LONGEST = 60.0  # seconds of an attack
FLOOD = 30.0  # seconds of pictures, and of quiet
FEW, CROWD = (2, 1.0), (20, 5.0)  # honest visitors, and seconds between two moves of each
VIEWS = ("lead", "matters", "solve", "compare")  # those that are questions
ROW = "{:<10}{:>7}{:>10}{:>10}{:>10}{:>10}  {}"
COLUMNS = ("attack", "moves", "p50", "p95", "probe", "memory", "the attacker was answered")


async def request(url, path, method="GET", body=b"", **headers):
    """The status and the headers of an answer to one request on a connection of its own."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = {"Host": parts.netloc, "Connection": "close", **ATTACKER}
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


def extremes(number, settings=12):
    """Words of an address with some settings at one of their ends."""
    rng = random.Random(number)
    some = rng.sample([*all_settings().values()], settings)
    return {one.name: f"{rng.choice((one.low, one.high)):g}" for one in some}


def anywhere(number):
    """Words of an address with all settings at random places."""
    rng = random.Random(number)
    return {one.name: f"{rng.uniform(one.low, one.high):g}" for one in all_settings().values()}


async def quiet(url, seen):
    """Nothing, beside the visitors."""
    await asyncio.sleep(FLOOD)


async def messages(url, seen, count=16_000):
    """Messages of two bytes, of every kind, on a new line when one is closed."""

    async def flood(message):
        sent = 0
        while sent < count:
            try:
                async with connection(url, ATTACKER) as socket:
                    while sent < count:
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

    kinds = [BackMsg(**{name: True}) for name in ("load_git_info", "clear_cache", "stop_script")]
    kinds += [BackMsg(set_run_on_save=True), BackMsg(rerun_script={})]
    await asyncio.gather(*(flood(kind.SerializeToString()) for kind in kinds))


async def requests(url, seen, path, count, words=extremes, at_once=500, every=0.0):
    """Requests for a path, each for another scenario, `every` seconds one."""
    few = asyncio.Semaphore(at_once)

    async def call(number):
        await asyncio.sleep(number * every)
        async with few:
            status, _ = await request(url, f"{path}?{urlencode(words(number))}")
            seen[status] += 1

    await asyncio.gather(*map(call, range(count)))


async def sessions(url, seen, words, count=20):
    """Sessions that open links with these words, each with others."""

    async def open_one(number):
        async with visit(url, urlencode(words(number)), ATTACKER):
            seen["opened"] += 1

    await asyncio.gather(*map(open_one, range(count)))


def table(number):
    """Words of a link with a table of eight extreme scenarios."""
    words = [extremes(8 * number + row) for row in range(8)]
    rows = ["~".join(["march-2014", *map(".".join, row.items())]) for row in words]
    return {"open": "compare", "table": "~~".join(rows)}


def hard_question(number):
    """Words of a link that opens a question for an extreme scenario."""
    words = extremes(number, settings=len(all_settings()))
    return words | {"open": VIEWS[number % len(VIEWS)], "pin": "march-2014"}


async def files(url, seen, lines=4, count=15):
    """Pictures and reports, so many of each on each line, all asked for before the first comes."""

    async def take():
        async with visit(url, "open=share", ATTACKER) as session:
            buttons = [one.download_button for one in session.drawn]
            places = {button.label: button.deferred_file_id for button in buttons}
            for label in ("Picture (PNG)", "Report") * count:
                asked = BackMsg()
                part = asked.backend_operation_request
                part.request_id, part.session_id = label, session.name
                part.deferred_file.file_id = places[label]
                await session.socket.send(asked.SerializeToString())
            for _ in range(2 * count):
                answer = await receive(session)
                while answer.WhichOneof("type") != "backend_operation_response":
                    answer = await receive(session)
                seen["refused" if answer.backend_operation_response.error_msg else "made"] += 1

    await asyncio.gather(*(take() for _ in range(lines)))


async def uploads(url, seen, count=400, at_once=20):
    """Files of 1 MB into one session, which stays open."""
    async with visit(url, "", ATTACKER) as session:
        asked, place = BackMsg(), ""
        asked.file_urls_request.file_names.append("x.csv")
        await session.socket.send(asked.SerializeToString())
        while not place:
            answer = (await receive(session)).file_urls_response
            place = answer.file_urls[0].upload_url if answer.file_urls else ""
        token = (await request(url, "/_stcore/health"))[1].split("_streamlit_xsrf=")[1]
        token = token.split(";")[0]
        body = b"--x\r\nContent-Disposition: form-data; name=a; filename=x.csv\r\n\r\n"
        body += bytes(1_000_000) + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "X-Xsrftoken": token}
        headers["Cookie"] = f"_streamlit_xsrf={token}"
        folder = urlsplit(place).path.rpartition("/")[0]
        for start in range(0, count, at_once):
            paths = [f"{folder}/{number}" for number in range(start, start + at_once)]
            asks = (request(url, path, "PUT", body, **headers) for path in paths)
            seen.update([status for status, _ in await asyncio.gather(*asks)])


ATTACKS = {
    "nobody": quiet,
    "messages": messages,
    "api": partial(requests, path="/api/project.csv", count=500),
    "files": files,
    "uploads": uploads,
    "previews": partial(requests, path="/", count=400, at_once=40),
    "tables": partial(sessions, words=table),
    "questions": partial(sessions, words=hard_question),
    "quiet": quiet,
    # fifty a second, however long an answer takes
    "pictures": partial(
        requests, path="/api/chart.png", count=1_500, words=anywhere, at_once=1_500, every=0.02
    ),
}
VISITORS = {"quiet": CROWD, "pictures": CROWD}  # else FEW


def attack(name, url, longest):
    """The answers to one attack; it ends after `longest` seconds whatever happens."""
    seen = Counter()

    async def run():
        async with asyncio.timeout(longest):
            await ATTACKS[name](url, seen)

    try:
        asyncio.run(run())
    except (TimeoutError, ConnectionClosed, InvalidStatus) as error:
        seen[type(error).__name__] += 1
    return {str(key): count for key, count in seen.items()}


async def honest(url, number, every, ended, waits):
    """Move a slider every so many seconds until the end."""
    rng = random.Random(number)
    async with visit(url, "", {"X-Forwarded-For": f"{HONEST}.{number}"}) as session:
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
    """Waits of the moves and of the probes, memory, and the answers to one attack."""
    ended, moved, probed, kept = asyncio.Event(), [], [], []
    count, every = VISITORS.get(name, FEW)
    visitors = range(1, count + 1)
    around = [
        asyncio.create_task(honest(server.url, number, every, ended, moved)) for number in visitors
    ]
    around.append(asyncio.create_task(probe(server, ended, probed, kept)))
    await asyncio.sleep(3 * every)
    for waits in (moved, probed):
        waits.clear()  # of the start, when all open the page
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as attacker:
        loop = asyncio.get_running_loop()
        answered = await loop.run_in_executor(attacker, attack, name, server.url, longest)
    ended.set()
    await asyncio.gather(*around)
    return moved, probed, kept, answered


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default=",".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=LONGEST)
    options = parser.parse_args()
    print(ROW.format(*COLUMNS))
    for name in options.only.split(","):
        with start_server() as server:
            moved, probed, kept, answered = asyncio.run(measure(name, server, options.seconds))
        waits = wait_text(moved, 0.5), wait_text(moved, 0.95), wait_text(probed, 1)
        told = ", ".join(f"{count} times {key}" for key, count in sorted(answered.items())) or "-"
        print(ROW.format(name, len(moved), *waits, f"{max(kept):.0f} MB", told), flush=True)


if __name__ == "__main__":
    main()
