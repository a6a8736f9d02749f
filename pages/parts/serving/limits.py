"""Limits by visitor, as ASGI middleware: nobody holds the others up.

Past a budget of budgets.py an answer is 429 (the visitor's) or 503 (the server's) with Retry-After
and a sentence, and a line is closed; a download is answered with the sentence, and its line stays.
Messages that the page never sends are dropped before Streamlit sees them: one of them runs git on
the event loop, another empties every cache. What is no message at all closes its line here, because
Streamlit would write it to the log. Messages of over 4 MB do not come so far: uvicorn closes their
line (server.maxMessageSize).

A visitor is the address of a connection; behind a proxy the one that it names, if the server
believes it (FORWARDED_ALLOW_IPS, of uvicorn).
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, ip_address
from itertools import count
from threading import Event

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from starlette.types import Message
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.parts.serving import budgets
from pages.parts.serving.budgets import Refusal, Used
from pages.parts.serving.headers import Application, Receive, Scope, Send
from pages.parts.turns import ASKER, TURNS, Asker, Left
from pages.parts.wording import page as words

SENT = ("rerun_script", "stop_script", "file_urls_request", "backend_operation_request")
BROKEN, NOT_BYTES, OVER_BUDGET, TRY_LATER = 1002, 1003, 1008, 1013  # codes of a closed line
LONGEST_READ = 10.0  # seconds for which the body of a refused upload is read
Names = dict[str, str]  # who asks, by level


def visitor(scope: Scope) -> str:
    """The address that a budget belongs to; of IPv6 its network, which one household has."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or f"{int(address) >> 64:x}::/64")


def kept_uploads() -> float:
    """Bytes of the uploads that Streamlit keeps until their sessions are dropped."""
    found = runtime.get_instance().uploaded_file_mgr.get_stats()
    return sum(one.byte_length for stats in found.values() for one in stats)


def limited(
    app: Application, used: Used, root: str = "/", kept: Callable[[], float] = kept_uploads
) -> Application:
    """An application within the budgets; `root` is the path of the page, with a slash at its end.

    kept : bytes of uploads in memory
    """
    numbers = count()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        kind = kind_of(scope, root)
        if not kind:
            return await app(scope, receive, send)
        names = {"visitor": visitor(scope), "line": str(next(numbers))}
        left = ask_as(names["line"], names["visitor"])
        try:
            with budgets.running(used, kind, names) as refusal:
                response = refused(refusal or budgets.take(used, kind, names))
                if kind == "uploads" and not response:
                    response = refused_body(used, names, scope, kept())
                if response:
                    if kind == "uploads" and response.status_code in (429, 503):
                        await _read_away(receive)
                    await response(scope, receive, send)
                elif kind == "lines":
                    await _line(app, used, names, scope, receive, send)
                elif kind == "api":
                    await _call(app, left, scope, receive, send)
                else:
                    await app(scope, receive, send)
        finally:
            left.set()

    return answer


def ask_as(name: str, visitor: str) -> Event:
    """Let what this task asks for wait its turn; set the event once nobody waits for it."""
    left = Event()

    def check() -> None:
        if left.is_set():
            raise Left

    ASKER.set(Asker(name, visitor, check))
    return left


async def _call(app: Application, left: Event, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request without a body, and set the event when its visitor hangs up."""

    async def until_left() -> None:
        while (await receive())["type"] == "http.request":
            await asyncio.sleep(0)
        left.set()

    async def nothing_more() -> Message:
        return {"type": "http.request"}

    watch = asyncio.create_task(until_left())
    try:
        await app(scope, nothing_more, send)
    finally:
        watch.cancel()


def kind_of(scope: Scope, root: str) -> str:
    """The kind of request that a budget is for, "" for all others."""
    if scope["type"] != "http":
        return "lines" if scope["type"] == "websocket" else ""
    if scope["path"].startswith(f"{root}api/"):
        return "api"
    is_upload = scope["path"].startswith(f"{root}_stcore/upload_file/")
    return "uploads" if is_upload and scope["method"] in ("PUT", "POST") else ""


def refused(refusal: Refusal | None) -> PlainTextResponse | None:
    """The response to a request past a budget."""
    if not refusal:
        return None
    return PlainTextResponse(
        words.over(refusal.level, refusal.seconds) + "\n",
        503 if refusal.level == "server" else 429,
        headers={"retry-after": str(max(1, math.ceil(refusal.seconds)))},
    )


def refused_body(used: Used, names: Names, scope: Scope, kept: float) -> PlainTextResponse | None:
    """The response to an upload of too many bytes, of one, of a visitor or of all sessions."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    if not length.isdigit():
        return PlainTextResponse(words.NO_LENGTH, 411)
    if int(length) > budgets.MOST_BODY:
        return PlainTextResponse(words.TOO_LARGE, 413)
    if kept + int(length) > budgets.MOST_KEPT:
        return refused(Refusal("server", budgets.RETRY_KEPT))
    return refused(budgets.take(used, "upload bytes", names, int(length)))


async def _read_away(receive: Receive) -> None:
    """Read a body that is not kept: who is still sending would see a cut line, not the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_READ):
            while (await receive()).get("more_body"):
                pass


async def _line(
    app: Application, used: Used, names: Names, scope: Scope, receive: Receive, send: Send
) -> None:
    """Serve a websocket; the application hears only of messages that pass."""
    is_closed = False

    async def receive_more() -> Message:
        nonlocal is_closed
        while (message := await receive())["type"] == "websocket.receive":
            reply = reply_to(used, names, message.get("bytes"))
            if reply is None:
                break
            is_closed = "code" in reply
            if reply:
                await send(reply)
            if is_closed:
                return {"type": "websocket.disconnect", "code": reply["code"]}
        return message

    async def send_more(message: Message) -> None:
        if not is_closed:  # Streamlit may still be drawing
            await send(message)

    await app(scope, receive_more, send_more)


def reply_to(used: Used, names: Names, data: bytes | None) -> Message | None:
    """The reply to a message that Streamlit must not see ({}: no reply); None where it goes on.

    data : None for a message of text
    """
    if data is None:
        return _close(NOT_BYTES, words.NOT_A_MESSAGE)
    refusal = budgets.take(used, "messages", names)
    if refusal := refusal or budgets.take(used, "message bytes", names, len(data)):
        code = TRY_LATER if refusal.level == "server" else OVER_BUDGET
        return _close(code, words.over(refusal.level, refusal.seconds))
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return _close(BROKEN, words.NOT_A_MESSAGE)
    kind, asked = message.WhichOneof("type"), message.backend_operation_request
    if kind not in SENT or len(message.file_urls_request.file_names) > budgets.MOST_FILES:
        return {}
    operation = asked.WhichOneof("payload") if kind == "backend_operation_request" else ""
    if operation in ("", "dataframe_chunk"):  # a part of a long table
        return None
    if operation != "deferred_file":  # a download
        return {}
    refusal = budgets.take(used, "downloads", names)
    if not refusal and TURNS.is_full("file"):
        refusal = Refusal("server", budgets.RETRY_AT_A_TIME)
    if not refusal:
        return None
    answer = ForwardMsg()
    answer.backend_operation_response.request_id = asked.request_id
    answer.backend_operation_response.error_msg = words.over(refusal.level, refusal.seconds)
    return {"type": "websocket.send", "bytes": answer.SerializeToString()}


def _close(code: int, reason: str) -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason}
