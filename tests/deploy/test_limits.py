"""Limits by visitor, before an application that notes what reaches it; a clock moved by hand."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.parts.serving import budgets, first_paint, limits
from pages.parts.serving.budgets import AT_A_TIME, BUDGETS, Used, take

CLASS = 40  # people behind one address
TEN_MINUTES = 600


def message(**fields):
    """A message as bytes: rerun_script={...}, clear_cache=True, ..."""
    return BackMsg(**fields).SerializeToString()


def operation(name):
    return message(backend_operation_request={"request_id": "7", name: {}})


MESSAGES = {
    field.name: message(**{field.name: {} if field.message_type else True})
    for field in BackMsg.DESCRIPTOR.fields
}
RERUN, DOWNLOAD = message(rerun_script={"query_string": "wechat=150"}), operation("deferred_file")
STREAM = {"type": "websocket", "path": "/demo/_stcore/stream", "headers": []}
STREAM |= {"extensions": {"websocket.http.response": {}}}


@pytest.fixture
def served():
    """The limits before an application: `line(messages)`, `ask(path)`, and the clock `now`."""
    now, kept = [0.0], [0.0]
    used = Used(clock=lambda: now[0])
    heard = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            heard.append(scope["path"])
            await served.during()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "websocket.accept"})
        while (one := await receive())["type"] == "websocket.receive":
            heard.append(one.get("bytes"))
        await send({"type": "websocket.send", "bytes": b"late"})

    async def during():
        pass

    limited = limits.limited(app, used, "/demo/", lambda: kept[0])

    async def run(scope, messages=()):
        waiting, sent = iter(messages), []

        async def receive():
            if scope["type"] == "http":
                served.read += 1
                return {"type": "http.request", "body": b"x", "more_body": served.read % 3 != 0}
            one = next(waiting, None)
            if one is None:
                return {"type": "websocket.disconnect", "code": 1001}
            kind = "text" if isinstance(one, str) else "bytes"
            return {"type": "websocket.receive", kind: one}

        async def send(one):
            sent.append(one)

        await limited(scope, receive, send)
        return sent

    def line(messages, host="203.0.113.5"):
        return asyncio.run(run(STREAM | {"client": (host, 1)}, messages))

    def request(path, host="203.0.113.5", method="GET", size=None):
        headers = [] if size is None else [(b"content-length", str(size).encode())]
        scope = {"type": "http", "path": path, "method": method, "headers": headers}
        return scope | {"client": (host, 1)}

    def ask(*args, **options):
        start, body = asyncio.run(run(request(*args, **options)))
        return start["status"], dict(start["headers"]), body["body"].decode()

    served = SimpleNamespace(read=0, now=now, kept=kept, used=used, heard=heard, line=line, ask=ask)
    served.run, served.request, served.during, served.limited = run, request, during, limited
    return served


def closed(sent):
    return next(one for one in sent if one["type"] == "websocket.close")


def test_only_messages_and_operations_that_the_page_sends_reach_streamlit(served):
    """One of the others runs git on the event loop, others write on the server."""
    files = [message(file_urls_request={"file_names": ["a"] * n}) for n in (1, 2_000)]
    names = ("deferred_file", "dataframe_chunk", "install_skills", "dismiss_skills_nudge")
    served.line([*MESSAGES.values(), *map(operation, names), *files, b""])
    sent = [one for name, one in MESSAGES.items() if name in limits.SENT[:3]]
    assert len(sent) == 3 and served.heard == [*sent, *map(operation, names[:2]), files[0]]


@pytest.mark.parametrize(
    ("noise", "code"), [("text", 1003), (b"\xff\xff\xff", 1002), (b"\x0a" * 9, 1002)]
)
def test_what_is_no_message_closes_the_line_before_streamlit_logs_it(served, noise, code):
    sent = served.line([RERUN, noise, RERUN])
    assert served.heard == [RERUN] and closed(sent)["code"] == code
    assert sent[-1]["type"] == "websocket.close"  # and nothing after it, whatever Streamlit draws


def test_a_flood_of_small_messages_closes_its_line_and_no_other(served):
    most = BUDGETS["messages"]["line"].most
    for flood in (MESSAGES["rerun_script"], MESSAGES["load_git_info"]):
        sent = served.line([flood] * 16_000)
        assert closed(sent)["code"] == 1008 and len(served.heard) <= most
        assert len(closed(sent)["reason"].encode()) <= 123  # of a websocket
        served.heard.clear()
    assert served.line([RERUN])[-1]["bytes"] == b"late" and served.heard == [RERUN]


def test_one_visitor_with_many_lines_is_limited_too_and_comes_back(served):
    most = BUDGETS["messages"]["visitor"].most
    for _ in range(40):
        served.line([RERUN] * 300)
    assert len(served.heard) == most
    served.line([RERUN], host="198.51.100.7")  # another visitor
    assert len(served.heard) == most + 1
    served.now[0] += 10
    served.line([RERUN] * 300)
    assert len(served.heard) == most + 301


def test_large_messages_are_limited_by_their_bytes(served):
    large = message(rerun_script={"query_string": "x" * 3_900_000})
    assert closed(served.line([large] * 10))["code"] == 1008 and len(served.heard) == 3


def test_a_download_past_its_budget_is_answered_with_a_sentence(served):
    most = int(BUDGETS["downloads"]["line"].most)
    sent = served.line([DOWNLOAD] * (most + 1) + [RERUN])
    assert served.heard == [DOWNLOAD] * most + [RERUN]  # and the page goes on
    answer = ForwardMsg.FromString(sent[1]["bytes"]).backend_operation_response
    assert answer.request_id == "7" and "try again in 5 seconds" in answer.error_msg


def test_lines_have_a_budget_of_those_that_are_open(served):
    async def open_many():
        ended = asyncio.Event()

        async def receive():
            await ended.wait()
            return {"type": "websocket.disconnect", "code": 1001}

        async def one(host):
            sent = []

            async def send(message):
                sent.append(message.get("status", 0))

            await served.limited(STREAM | {"client": (host, 1)}, receive, send)
            return sent[0]

        hosts = ["203.0.113.5"] * 400 + ["198.51.100.7"] * 200
        lines = [asyncio.create_task(one(host)) for host in hosts]
        await asyncio.sleep(0)
        ended.set()
        return await asyncio.gather(*lines)

    found = asyncio.run(open_many())
    assert found[:400].count(0) == AT_A_TIME["lines"]["visitor"]
    assert found.count(0) == AT_A_TIME["lines"]["server"]
    assert found[399] == 429 and found[-1] == 503
    assert not served.used.running


def test_api_calls_past_the_budget_are_refused_with_a_sentence_and_a_time(served):
    path, most = "/demo/api/project.csv", int(BUDGETS["api"]["visitor"].most)
    found = [served.ask(path) for _ in range(500)]
    assert [status for status, _, _ in found] == [200] * most + [429] * (500 - most)
    _, headers, text = found[-1]
    assert headers[b"retry-after"] == b"1"
    assert text == "Too many requests came from your address: please try again in 1 second.\n"
    assert served.ask(path, host="198.51.100.7")[0] == 200
    for number in range(10):
        [served.ask(path, host=f"198.51.100.{number}") for _ in range(60)]
    status, _, text = served.ask(path, host="192.0.2.1")
    assert status == 503 and text.startswith("The server has too much to do")


def test_five_hundred_calls_at_once_do_not_wait_for_each_other(served):
    async def flood():
        ended = asyncio.Event()
        served.during = ended.wait
        asked = [
            asyncio.create_task(served.run(served.request("/demo/api/project.csv")))
            for _ in range(500)
        ]
        await asyncio.sleep(0)
        refused = [one for one in asked if one.done()]
        ended.set()
        await asyncio.gather(*asked)
        return len(refused)

    served_at_once = AT_A_TIME["api"]["visitor"]
    assert asyncio.run(flood()) == 500 - served_at_once
    assert len(served.heard) == served_at_once and not served.used.running


UPLOAD = "/demo/_stcore/upload_file/a/b"


def test_uploads_have_a_budget_of_number_and_bytes(served):
    sizes = [served.ask(UPLOAD, method="PUT", size=1_048_800)[0] for _ in range(400)]
    whole = int(BUDGETS["upload bytes"]["visitor"].most // 1_048_800)
    assert sizes == [200] * whole + [429] * (400 - whole)
    other = {"method": "PUT", "host": "198.51.100.7"}
    small = [served.ask(UPLOAD, size=100, **other)[0] for _ in range(400)]
    assert small.count(200) == BUDGETS["uploads"]["visitor"].most


def test_uploads_in_memory_have_a_budget_of_all_sessions(served):
    served.kept[0] = budgets.MOST_KEPT
    status, headers, _ = served.ask(UPLOAD, method="PUT", size=1000)
    assert (status, headers[b"retry-after"]) == (503, b"120")
    assert served.read == 3  # its body is read, or a browser would see a cut line
    assert served.ask(UPLOAD, method="DELETE")[0] == 200  # makes room


@pytest.mark.parametrize(("size", "status"), [(None, 411), (60_000_000, 413)])
def test_the_length_of_an_upload_is_known_before_it_is_read(served, size, status):
    assert served.ask(UPLOAD, method="PUT", size=size)[0] == status
    assert not served.heard and not served.read


def load_pages(count):
    """The bodies of so many pages that one visitor loads at once."""
    ask = first_paint.previews(None, "plain", "/", Used(clock=lambda: 0.0))
    scope = {"type": "http", "path": "/", "method": "GET", "query_string": b"", "client": None}
    bodies = []

    async def send(one):
        bodies.extend([one["body"]] if "body" in one else [])

    async def load():
        await asyncio.gather(*(ask(scope, None, send) for _ in range(count)))

    asyncio.run(load())
    return bodies


def test_a_page_past_the_budget_of_previews_comes_without_one(monkeypatch):
    monkeypatch.setattr(first_paint, "with_answer", lambda *_: "preview")
    most, bodies = int(BUDGETS["previews"]["visitor"].most), load_pages(500)
    assert (bodies.count(b"preview"), bodies.count(b"plain")) == (most, 500 - most)


def test_previews_that_are_late_add_no_thread_and_are_not_waited_for(monkeypatch):
    """Each once kept a thread of its own: 46 of them, and a slider took 8.5 seconds."""
    ended, running = threading.Event(), []

    def slow(*_):
        running.append(1)
        ended.wait(20)
        return "preview"

    monkeypatch.setattr(first_paint, "with_answer", slow)
    monkeypatch.setattr(first_paint, "LONGEST_WAIT", 0.1)
    start = time.perf_counter()
    bodies = load_pages(40)
    taken = time.perf_counter() - start
    ended.set()
    assert bodies == [b"plain"] * 40 and len(running) == 2 and taken < 5


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3::9", "20010db800010002::/64"),
        ("2001:db8:1:2:ffff::1", "20010db800010002::/64"),
        ("fe80::1%eth0", "fe80000000000000::/64"),
        ("x" * 9_000, "x" * 64),
    ],
)
def test_a_visitor_is_an_address_or_the_network_of_a_household(host, name):
    assert limits.visitor({"client": (host, 1)}) == name


def test_use_that_has_come_back_is_forgotten(monkeypatch):
    monkeypatch.setattr(budgets, "MOST_BUCKETS", 100)
    now = [0.0]
    used = Used(clock=lambda: now[0])
    for number in range(10_000):
        now[0] += 1
        take(used, "api", {"visitor": str(number), "server": ""})
    assert len(used.buckets) < 200


def test_a_class_of_forty_behind_one_address_meets_no_limit_in_ten_minutes():
    """All at the same second: open, drag for ten seconds, hold keys, six files, an upload, the API.

    A page follows a drag with at most 12 messages a second, because the next one waits for the
    answer, and a server answers some 10 a second in all; here it answers three times as many.
    """
    now = [0.0]
    used = Used(clock=lambda: now[0])
    names = [{"line": str(n), "visitor": "class", "server": ""} for n in range(CLASS)]
    refused = []

    def all_do(kind, times=1, amount=1.0):
        for person in names:
            refused.extend(take(used, kind, person, amount) for _ in range(times))

    for second in range(TEN_MINUTES):
        now[0] = float(second)
        if second % 120 == 0:  # all load the page, twice
            all_do("previews", 2)
            all_do("lines", 2)
            all_do("messages", 6)
        if second % 60 < 10:  # all drag: the server's answers are shared out
            for number in range(30):
                person = names[(30 * second + number) % CLASS]
                refused.append(take(used, "messages", person))
                refused.append(take(used, "message bytes", person, 20_000))
        if second % 120 in (30, 31):  # all hold an arrow key
            all_do("messages", 30)
            all_do("message bytes", 30, 20_000)
        if second in (200, 500):  # all take every file, call the API, and upload a file
            all_do("downloads", 5)
            all_do("api", 3)
            all_do("uploads")
        if second == 200:
            all_do("upload bytes", 1, 1_048_576 + 300)  # the largest that there are
        if second == 500:
            all_do("upload bytes", 1, 100_000)
    assert not [one for one in refused if one]
    assert all(most >= CLASS for kind in AT_A_TIME.values() for most in kind.values())


def test_budgets_of_a_server_are_wider_than_a_visitor_s():
    """Else one visitor could take the service from everybody."""
    for kind in (*BUDGETS.values(), *AT_A_TIME.values()):
        sizes = [getattr(kind[level], "most", kind[level]) for level in ("visitor", "server")]
        assert sizes[1] >= 1.3 * sizes[0]
