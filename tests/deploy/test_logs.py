"""Logs hold nothing of a visitor: no address, title, setting or IP, whatever goes wrong."""

import asyncio
import logging
import re
import subprocess
import sys
import threading

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.parts.serving.logs import log_thread_error, private_record
from pages.parts.turns import Left
from tests.deploy.test_serving import get, send
from tests.server import ROOT, start_server
from tests.visitor import browser_headers, question, visit

TITLE, SETTING, HOST = "Geheimes Ziel 2031", "137.25", "evil-visitor.example"
QUERY = {"title": TITLE, "wechat": SETTING, "case": "hard-line", "open": "share"}
PERSONAL = ["Geheim", "2031", SETTING, HOST, "odd-request", "hard-line", "Mallory", "own-figures"]
PERSONAL += ["127.0.0.1", "::1", "203.0.113"]


def logged(name, message, *args, error=None):
    """The text of a line as a handler writes it."""
    raised = (type(error), error, error.__traceback__) if error else None
    record = private_record(name, logging.ERROR, "/x/there.py", 12, message, args, raised)
    return logging.Formatter("%(levelname)s %(message)s").format(record)


def test_a_line_of_others_keeps_its_place_and_wording_and_no_value():
    told = logged("streamlit.web", "Rejecting origin=%s, host=%r", HOST, TITLE)
    assert told == "ERROR streamlit.web:12 Rejecting origin=%s, host=%r"
    assert logged("asyncio", f"Task exception of {TITLE}") == "ERROR asyncio:12"
    own = "nothing is compiled yet: answers take longer for half a minute"
    assert logged("model.engine.compiled", own) == f"ERROR {own}"


def test_an_error_keeps_its_type_and_its_way():
    try:
        int(TITLE)
    except ValueError as error:
        told = logged("streamlit.app", "Uncaught app execution", error=error)
    assert TITLE not in told and told.endswith("ValueError")
    assert re.search(r"test_logs\.py:\d+ in test_an_error_keeps_its_type", told)


THREAD = """
import threading
from pages.parts.serving.logs import keep_private
keep_private()
thread = threading.Thread(target=int, args=("Geheimes",))
thread.start()
thread.join()
"""


def test_an_error_that_ends_a_thread_is_logged_without_its_words():
    run = subprocess.run(
        [sys.executable, "-c", THREAD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "a thread ended with an error" in run.stderr and "ValueError" in run.stderr
    assert "Geheimes" not in run.stderr


@pytest.mark.parametrize(("error", "lines"), [(Left(), 0), (ValueError(), 1)])
def test_a_visitor_who_has_left_is_no_error(caplog, error, lines):
    log_thread_error(threading.ExceptHookArgs((type(error), error, None, None)))
    assert len(caplog.records) == lines


def odd_messages(session):
    """Messages after which Streamlit logs something."""
    strange = BackMsg()
    strange.backend_operation_request.request_id = "odd-request"
    strange.backend_operation_request.deferred_file.file_id = TITLE
    gone = BackMsg.FromString(question(session))
    gone.rerun_script.fragment_id = TITLE
    widget = gone.rerun_script.widget_states.widgets.add()
    widget.id, widget.string_value = f"$$ID-{TITLE}-set_wechat", SETTING
    return [strange.SerializeToString(), gone.SerializeToString()]


async def visit_oddly(url):
    """Open a page with a title and settings, send it what is odd, and go on."""
    page, query = f"{url}/?title=Geheim", f"title={TITLE}&wechat={SETTING}&open=share"
    async with visit(page, query, await browser_headers(page)) as session:
        for message in odd_messages(session):
            await session.socket.send(message)
        await asyncio.sleep(0.5)
        await session.socket.send(b"\xff\xfeGeheim")


@pytest.mark.slow
def test_a_served_page_logs_nothing_of_who_visits_it():
    with start_server() as server:
        asyncio.run(visit_oddly(server.url))
        for path in ("/", "/evidence", "/api/project.csv", "/api/project.xml", f"/{HOST}"):
            get(server, path, QUERY)
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": f"https://{HOST}"}
        upgrade |= {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Version": "13"}
        assert send(server, "GET", f"/_stcore/stream?{SETTING}", **upgrade)[0] == 403
        upload = "/_stcore/upload_file/Mallory/own-figures"
        named = {"X_Forwarded_For": "203.0.113.5"}
        assert send(server, "PUT", upload, b"x" * 100, **named)[0] in (400, 403)
        assert send(server, "PUT", upload, b"x" * 3_000_000)[0] == 413
        log = server.log()
    assert "Rejecting WebSocket connection" in log  # something was logged, without its values
    assert "external IP" not in log  # nobody outside was asked for it
    found = [word for word in PERSONAL if word.casefold() in log.casefold()]
    assert not found, log
