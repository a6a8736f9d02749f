"""A live server and a real browser. Tests take `open_page` or `page`.

The server is the entry for serving, so that every test runs under its policy; a page that breaks
the policy fails the test.

For a restart: `with start_server(port=port): ...` twice, under a page that stays open.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PHONES = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
VIEWS = {  # by their names in the address
    "over": "Over time",
    "where": "Where",
    "lead": "Who wins",
    "matters": "What matters",
    "solve": "What would it take",
    "compare": "Compare",
    "share": "Share",
}

# The page does not know of a rerun before the server announces it: a message that was sent and not
# answered means that one is coming. Times are performance.now(); `shown`: the last change in the
# main part.
WATCH = """
addEventListener("securitypolicyviolation", (event) => {
  window.forbidden?.(event.violatedDirective + " " + event.blockedURI);
});
window.live = {pressed: 0, sent: 0, answered: 0, changed: 0, shown: 0};
const now = () => performance.now(), send = WebSocket.prototype.send, heard = new WeakSet();
WebSocket.prototype.send = function (...data) {
  if (!heard.has(this)) this.addEventListener("message", () => { live.answered = now(); });
  heard.add(this);
  live.sent = now();
  return send.apply(this, data);
};
addEventListener("keydown", (event) => { live.pressed = event.timeStamp; }, true);
const bookkeeping = new Set(["class", "data-stale", "data-retained"]);
new MutationObserver((changes) => {
  for (const {target, attributeName} of changes) {
    const at = target.nodeType === 1 ? target : target.parentElement;
    if (!at || at.closest("head, [data-testid=stHeader], [data-testid=stStatusWidget]")) continue;
    live.changed = now();
    const drawn = at.closest("[data-testid=stMain]") && !at.closest("[data-testid=stSlider]");
    if (drawn && !bookkeeping.has(attributeName)) live.shown = now();
  }
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""
IDLE = """(quiet) => {
  const app = document.querySelector("[data-testid=stApp]"), now = performance.now();
  const waiting = live.sent >= live.answered && now - live.sent < 10000;
  return app && app.dataset.testScriptState === "notRunning" && !waiting
    && app.dataset.testConnectionState === "CONNECTED"
    && !app.querySelector("[data-testid=stSkeleton]") && now - live.changed > quiet;
}"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def start_server(app=ROOT / "app.py", folder=None, *, port=None, path="", **variables):
    """Serve `app` from its own folder, or another, until the end: url, port, pid and log().

    path : under which it is served, as "/demo"
    """
    port = port or free_port()
    url = f"http://localhost:{port}{path}"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")} | variables
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=localhost"]
    command += [
        "--browser.gatherUsageStats=false",
        *([f"--server.baseUrlPath={path}"] * bool(path)),
    ]
    with tempfile.TemporaryFile("w+") as output:

        def log():
            output.seek(0)
            return output.read()

        process = subprocess.Popen(
            command,
            cwd=folder or app.parent,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:

            def is_there():
                if process.poll() is not None:
                    raise RuntimeError(f"the server did not start on {url}:\n{log()}")
                return is_healthy(url)

            wait_for(is_there, f"no answer from {url}")
            yield SimpleNamespace(url=url, port=port, pid=process.pid, log=log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(happened, about, seconds=60):
    """Wait until `happened` returns true; TimeoutError with `about` if it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{about} within {seconds} s")
        time.sleep(0.05)


def is_healthy(url):
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.read() == b"ok"
    except OSError:
        return False


@contextmanager
def start_browser():
    """Chromium, for as long as the block runs."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)


def settle(page, quiet=250):
    """Wait until the script is idle, every message answered and the page still for `quiet` ms."""
    wait_until(page, IDLE, quiet)


def wait_until(page, script, value=None, *, seconds=120):
    """Ask the page until `script` is true there; TimeoutError if it is not within `seconds`.

    Playwright's own wait_for_function evaluates its text inside the page, which the policy forbids.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(script, value):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {script}")
        page.wait_for_timeout(50)


def violations(page):
    """Findings of axe-core above "minor": impact, rule, place and text of each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        (rule["impact"], rule["id"], node["target"], node["html"][:160])
        for rule in found.response["violations"]
        for node in rule["nodes"]
        if rule["impact"] != "minor"
    ]


def outside_requests(context):
    """Return a list that fills with the address of every request to another host."""
    seen = []

    def note(url):
        host = urlsplit(url).hostname
        if host and host not in ("localhost", "127.0.0.1"):
            seen.append(url)

    context.on("request", lambda request: note(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: note(socket.url)))
    return seen


def pytest_report_collectionfinish():
    if BROWSER:
        return f"browser tests: in {BROWSER}"
    return "browser tests: skipped, no Chromium or Chrome found (CHROMIUM=path names one)"


def pytest_collection_modifyitems(items):
    """Marks them, and puts them last: they are slow, and hold the event loop of their thread."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def browser():
    if not BROWSER:
        required = os.environ.get("REQUIRE_BROWSER") == "1"
        (pytest.fail if required else pytest.skip)("no Chromium or Chrome found")
    with start_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(browser):
    with start_server(app=ROOT / "deploy" / "serve.py", folder=ROOT) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


@pytest.fixture(scope="session")
def context_for(browser):
    """The browser context with some options, and what its pages did that no page may do.

    That is, requests to another host, what the server's policy forbids, and errors of scripts.
    Contexts are kept for all tests: a new one would fetch and compile all of Streamlit's scripts
    again.
    """
    kept = []

    def find(**options):
        for other, context, seen in kept:
            if other == options:
                return context, seen
        context = browser.new_context(**options)
        seen = outside_requests(context)
        context.expose_function("forbidden", lambda what: seen.append(what))
        context.on("weberror", lambda fault: seen.append(f"script error: {fault.error}"))
        context.add_init_script(WATCH)
        kept.append((options, context, seen))
        return context, seen

    yield find
    for _, context, _ in kept:
        context.close()


@pytest.fixture
def open_page(context_for, server):
    """Open a path in a new page, in a browser that stored nothing, and settle.

    No request may leave this machine, and nothing may break the server's policy.
    """
    used = []

    def open_path(path="/", *, dark=False, phone=False, **options):
        options |= {"color_scheme": "dark" if dark else "light", "base_url": server.url}
        context, seen = context_for(**options, **(PHONE if phone else {}))
        used.append((context, seen))
        page = context.new_page()
        stored = {"origin": server.url, "storageTypes": "cookies,local_storage"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
        page.goto(path)
        settle(page)
        return page

    yield open_path
    for context, _ in used:
        for page in context.pages:
            page.close()
    found = [what for _, seen in used for what in seen]
    for _, seen in used:
        seen.clear()  # one test fails, not all after it
    assert not found


@pytest.fixture
def page(open_page):
    return open_page()
