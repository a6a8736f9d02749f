"""Replicas behind nginx: the page stays, whichever of them is lost or restarted."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from websockets.sync.client import connect

from deploy.replicas import nginx_conf
from tests.browser.conftest import BROWSER, ROOT, WATCH, free_port, settle, start_browser
from tests.load import crowd

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
SCRIPT = str(ROOT / "deploy" / "replicas.py")
LONGEST = 90  # seconds until a test gives up waiting


def wait_for(happened, about, log=lambda: ""):
    deadline = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < deadline, f"{about}\n{log()}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Two replicas behind nginx: url, address of the websocket, folder and log()."""
    if not NGINX:
        pytest.skip("no nginx found")
    folder = tmp_path_factory.mktemp("replicas")
    port, log = free_port(), folder / "log"
    command = [sys.executable, SCRIPT, "run", "--folder", str(folder), "--nginx", NGINX]
    first = free_pair()
    command += ["--port", str(port), "--first-port", str(first)]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    try:

        def is_up():
            assert process.poll() is None, log.read_text()
            return status(f"{url}/_stcore/health") == 200

        wait_for(is_up, "it did not start", log.read_text)
        stream = f"ws://127.0.0.1:{port}/_stcore/stream"
        known = {"folder": folder, "log": log.read_text, "ports": (first, first + 1)}
        yield SimpleNamespace(url=url, stream=stream, **known)
        assert process.poll() is None and "Traceback" not in log.read_text(), log.read_text()
        pids = [pid_of(folder, number) for number in (1, 2)]
    finally:
        process.terminate()
        assert process.wait(60) == 0, log.read_text()
    assert not [pid for pid in pids if is_alive(pid)], "replicas are left behind"


def free_pair():
    """The first of two ports that follow each other and are free."""
    while True:
        port = free_port()
        with socket.socket() as second, contextlib.suppress(OSError):
            second.bind(("127.0.0.1", port + 1))
            return port


def request(url, cookie=""):
    return urllib.request.urlopen(
        urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {}), timeout=30
    )


def status(url, cookie=""):
    """Status of an answer, 0 for none."""
    try:
        with request(url, cookie) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def chosen(headers):
    """The replica that an answer's cookie names, "" without one."""
    cookies = SimpleCookie(headers.get("Set-Cookie", ""))
    return cookies["replica"].value if "replica" in cookies else ""


def handshake(served, cookie=""):
    """The replica that the cookie of a websocket's handshake names."""
    headers = {"Cookie": cookie} if cookie else {}
    with connect(served.stream, additional_headers=headers, origin=served.url) as socket:
        return chosen(socket.response.headers)


def pid_of(folder, number):
    return int((folder / f"replica-{number}.pid").read_text())


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_page_api_and_websocket_are_answered(served):
    with request(served.url) as answer:
        assert "<title>How far could WeChat go abroad?</title>" in answer.read().decode()
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert chosen(answer.headers) in ("1", "2")
    with request(f"{served.url}/api/project.csv?wechat=160") as answer:
        assert answer.read().startswith(b"case,quarter,market,platform,users_millions,low,high")
    assert handshake(served) in ("1", "2")


def test_a_visitor_stays_with_a_replica(served):
    for number in ("1", "2"):
        with request(served.url, f"replica={number}") as answer:
            assert not chosen(answer.headers)
        assert handshake(served, f"replica={number}") == ""
    assert handshake(served, "replica=77") in ("1", "2")


def test_scripts_are_sent_compressed(served):
    with request(served.url) as answer:
        script = answer.read().decode().split('src="./static/js/')[1].split('"')[0]
    asked = urllib.request.Request(
        f"{served.url}/static/js/{script}", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"


def test_sessions_of_a_crowd_move_sliders(served):
    """Each visitor opens the page first, as a browser does: both replicas then serve the crowd."""
    before = [drawn(served, replica) for replica in (1, 2)]
    times = asyncio.run(crowd(served.url, sessions=4, seconds=1))
    assert times.errors == [] and len(times.opened) == 4 and times.moved
    assert all(
        drawn(served, replica) > count for replica, count in zip((1, 2), before, strict=True)
    )


def drawn(served, replica):
    """How often a replica drew results."""
    cookie = {"Cookie": f"replica={replica}"}
    request = urllib.request.Request(f"{served.url}/_stcore/metrics", headers=cookie)
    with urllib.request.urlopen(request) as answer:
        found = re.search(r"page_rerun_seconds_count (\d+)", answer.read().decode())
    return int(found[1]) if found else 0


def test_a_killed_replica_is_replaced_at_once_and_started_again(served):
    killed = pid_of(served.folder, 1)
    os.kill(killed, signal.SIGKILL)
    assert status(served.url, "replica=1") == 200
    assert status(f"{served.url}/api/project.csv", "replica=1") == 200
    assert handshake(served, "replica=1") == "2"
    wait_for(lambda: pid_of(served.folder, 1) != killed, "no new replica", served.log)
    wait_for(lambda: handshake(served, "replica=1") == "", "nobody returns to it", served.log)


def test_a_page_goes_on_when_its_replica_is_killed(served):
    if not BROWSER:
        pytest.skip("no Chromium or Chrome found")
    with start_browser() as browser:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()

        def replica():
            return next(one["value"] for one in context.cookies() if one["name"] == "replica")

        page.goto(f"{served.url}/?concern=30")
        settle(page)
        killed = replica()
        os.kill(pid_of(served.folder, int(killed)), signal.SIGKILL)
        wait_for(lambda: page.wait_for_timeout(100) or replica() != killed, "it did not move")
        settle(page)
        page.get_by_role("slider", name="WeChat growth").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**wechat=174**concern=30**")


class Stub(BaseHTTPRequestHandler):
    """A replica that has the files of no session, or of all: the server's `has_files`."""

    def do_GET(self):
        has = self.server.has_files or not self.path.startswith("/media/")
        self.send_response(200 if has else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_file_of_a_session_is_asked_of_the_other_replica_too(served, tmp_path):
    """A session was moved, and its cookie still names the replica that it was on."""
    stubs = [ThreadingHTTPServer(("127.0.0.1", 0), Stub) for _ in range(2)]
    stubs[0].has_files, stubs[1].has_files = False, True
    for stub in stubs:
        threading.Thread(target=stub.serve_forever, daemon=True).start()
    port, conf = free_port(), tmp_path / "nginx.conf"
    servers = [f"127.0.0.1:{stub.server_port}" for stub in stubs]
    conf.write_text(nginx_conf(f"127.0.0.1:{port}", servers, tmp_path))
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([NGINX, "-e", "stderr", "-p", str(tmp_path), "-c", str(conf)])
    try:
        wait_for(lambda: status(url) == 200, "nginx does not answer")
        assert status(f"{url}/media/chart.png", "replica=1") == 200
        assert status(f"{url}/media/chart.png", "replica=2") == 200
    finally:
        process.terminate()
        process.wait()
        for stub in stubs:
            stub.shutdown()
            stub.server_close()


def test_a_rolling_restart_leaves_no_moment_without_an_answer(served):
    """Not even where a replica is just back and nginx still takes it for lost."""
    os.kill(pid_of(served.folder, 2), signal.SIGKILL)

    def is_back():
        status(served.url, "replica=2")  # so that nginx notices
        return status(f"http://127.0.0.1:{served.ports[1]}/_stcore/health") == 200

    wait_for(is_back, "the killed one did not come back", served.log)
    before = [pid_of(served.folder, number) for number in (1, 2)]
    answers, done = [], threading.Event()

    def ask():
        while not done.is_set():
            for cookie in ("replica=1", "replica=2", ""):
                answers.append(status(f"{served.url}/?case=hard-line", cookie))
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        restart = [sys.executable, SCRIPT, "restart", "--folder", str(served.folder)]
        result = subprocess.run(restart, capture_output=True, text=True, timeout=2 * LONGEST)
    finally:
        done.set()
        asking.join()
    assert (result.returncode, result.stdout) == (0, "done\n"), served.log()
    after = [pid_of(served.folder, number) for number in (1, 2)]
    assert not set(before) & set(after)
    assert len(answers) > 20 and set(answers) == {200}, Counter(answers)


def test_a_restart_of_nothing_says_so(tmp_path):
    command = [sys.executable, SCRIPT, "restart", "--folder", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1 and "nothing runs" in result.stdout
