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


def message(kind, **fields):
    """A message as bytes: rerun_script, clear_cache, ..."""
    made = BackMsg()
    part = getattr(made, kind)
    if isinstance(part, bool):
        setattr(made, kind, True)
    else:
        part.SetInParent()
        for name, value in fields.items():
            getattr(part, name).extend(value) if isinstance(value, list) else setattr(
                part, name, value
            )
    return made.SerializeToString()


def operation(name):
    made = BackMsg()
    made.backend_operation_request.request_id = "7"
    getattr(made.backend_operation_request, name).SetInParent()
    return made.SerializeToString()


RERUN, DOWNLOAD = message("rerun_script", query_string="wechat=150"), operation("deferred_file")


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
        scope = {"type": "websocket", "path": "/demo/_stcore/stream", "client": (host, 1)}
        scope |= {"headers": [], "extensions": {"websocket.http.response": {}}}
        return asyncio.run(run(scope, messages))

    def request(path, host="203.0.113.5", method="GET", size=None):
        headers = [] if size is None else [(b"content-length", str(size).encode())]
        client = (host, 1)
        return {"type": "http", "path": path, "method": method, "client": client} | {
            "headers": headers
        }

    def ask(*args, **options):
        start, body = asyncio.run(run(request(*args, **options)))
        return start["status"], dict(start["headers"]), body["body"].decode()

    served = SimpleNamespace(read=0, now=now, kept=kept, used=used, heard=heard, line=line, ask=ask)
    served.run, served.request, served.during, served.limited = run, request, during, limited
    return served


def closed(sent):
    return next(one for one in sent if one["type"] == "websocket.close")


@pytest.mark.parametrize("kind", sorted({f.name for f in BackMsg.DESCRIPTOR.fields}))
def test_messages_that_the_page_never_sends_do_not_reach_streamlit(served, kind):
    served.line([message(kind)])
    passes = kind in ("rerun_script", "stop_script", "file_urls_request")
    assert served.heard == [message(kind)] * passes


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("deferred_file", True),
        ("dataframe_chunk", True),
        ("install_skills", False),
        ("dismiss_skills_nudge", False),
    ],
)
def test_operations_that_write_on_the_server_are_dropped(served, name, passes):
    served.line([operation(name)])
    assert served.heard == [operation(name)] * passes


def test_a_question_for_many_addresses_of_uploads_is_dropped(served):
    few, many = (message("file_urls_request", file_names=["a"] * n) for n in (1, 2_000))
    served.line([many, few, b""])
    assert served.heard == [few]


@pytest.mark.parametrize(
    ("noise", "code"), [("text", 1003), (b"\xff\xff\xff", 1002), (b"\x0a" * 9, 1002)]
)
def test_what_is_no_message_closes_the_line_before_streamlit_logs_it(served, noise, code):
    sent = served.line([RERUN, noise, RERUN])
    assert served.heard == [RERUN] and closed(sent)["code"] == code
    assert sent[-1]["type"] == "websocket.close"  # and nothing after it, whatever Streamlit draws


def test_a_flood_of_small_messages_closes_its_line_and_no_other(served):
    most = BUDGETS["messages"]["line"].most
    for flood in (message("rerun_script"), message("load_git_info")):
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
    large = message("rerun_script", query_string="x" * 3_900_000)
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
                sent.append(message)

            scope = {"type": "websocket", "path": "/demo/_stcore/stream", "client": (host, 1)}
            scope |= {"extensions": {"websocket.http.response": {}}}
            await served.limited(scope, receive, send)
            return sent

        hosts = ["203.0.113.5"] * 400 + ["198.51.100.7"] * 200
        lines = [asyncio.create_task(one(host)) for host in hosts]
        await asyncio.sleep(0)
        ended.set()
        return [(await line)[0] for line in lines]

    found = asyncio.run(open_many())
    of_one, of_other = found[:400], found[400:]
    accepted = [one["type"] == "websocket.accept" for one in found]
    assert sum(accepted[:400]) == AT_A_TIME["lines"]["visitor"]
    assert sum(accepted) == AT_A_TIME["lines"]["server"]
    assert of_one[-1]["status"] == 429 and of_other[-1]["status"] == 503
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


def test_a_page_past_the_budget_of_previews_comes_without_one(monkeypatch):
    used, made = Used(clock=lambda: 0.0), []
    monkeypatch.setattr(first_paint, "with_answer", lambda *_: made.append(1) or "preview")
    ask = first_paint.previews(None, "plain", "/", used)
    scope = {"type": "http", "path": "/", "method": "GET", "query_string": b"", "client": None}

    async def load(times):
        bodies = []

        async def send(one):
            bodies.append(one.get("body"))

        for _ in range(times):
            await ask(scope, None, send)
        return bodies[1::2]

    most = int(BUDGETS["previews"]["visitor"].most)
    assert asyncio.run(load(most + 10)) == [b"preview"] * most + [b"plain"] * 10


def test_previews_that_are_late_add_no_thread_and_are_not_waited_for(monkeypatch):
    """Each once kept a thread of its own: 46 of them, and a slider took 8.5 seconds."""
    ended, running = threading.Event(), []

    def slow(*_):
        running.append(1)
        ended.wait(20)
        return "preview"

    monkeypatch.setattr(first_paint, "with_answer", slow)
    monkeypatch.setattr(first_paint, "LONGEST_WAIT", 0.1)
    ask = first_paint.previews(None, "plain", "/", Used())
    scope = {"type": "http", "path": "/", "method": "GET", "query_string": b"", "client": None}
    bodies = []

    async def load():
        async def send(one):
            bodies.append(one.get("body"))

        await asyncio.gather(*(ask(scope, None, send) for _ in range(40)))

    start = time.perf_counter()
    asyncio.run(load())
    taken = time.perf_counter() - start
    ended.set()
    assert [one for one in bodies if one is not None] == [b"plain"] * 40
    assert len(running) == 2 and taken < 5


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
