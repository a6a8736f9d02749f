"""Chromium, and the page in it: wait until it rests, read it, move its sliders, choose a view."""

import os
import re
import shutil
import time
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from model.analysis.bands import answer
from model.number_text import about
from model.scenario.links import from_query
from pages.parts.state import VIEWS

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
SIZES = {
    "laptop": (1366, 768),
    "desk": (1440, 900),
    "tall": (1366, 1700),
    "phone": (375, 812),
    "frame": (700, 600),  # of a page that embeds ours
}
MAIN = "[data-testid=stMain]"
CHART = f"{MAIN} [data-testid=stVegaLiteChart]"
NOT_WIDE = "document.documentElement.scrollWidth <= innerWidth"

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
THUMB = """(slider) => {
  const thumb = slider.closest("[data-rac][style*=left]").getBoundingClientRect();
  return [thumb.x + thumb.width / 2, thumb.y + thumb.height / 2];
}"""


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


def said(page):
    """The headline."""
    return page.locator(f"{MAIN} h2").inner_text()


def users(scenario):
    """WeChat's users at the end, as the headline prints them."""
    return about(answer(scenario).total.line[-1, 0])


def view_of(page):
    """The view in the address of the page."""
    return read_view(page.url)


def read_view(url):
    return from_query(parse_qs(urlsplit(url).query), VIEWS)[0]


def wait_for_scenario(page, condition):
    """Wait until the scenario in the address meets `condition`, and the page is still."""
    page.wait_for_url(lambda url: condition(read_view(url).scenario))
    settle(page)
    return view_of(page).scenario


def agreed(page):
    """The scenario of the page, where slider, headline and address say the same."""
    scenario = view_of(page).scenario
    expect(slider(page, "WeChat growth")).to_have_value(f"{scenario['wechat']:g}")
    assert users(scenario) in said(page)
    return scenario


def slider(page, label):
    return page.get_by_role("slider", name=label)


def button(page, label):
    return page.get_by_role("button", name=label, exact=True)


def press(page, label, key, times=1):
    slider(page, label).focus()
    for _ in range(times):
        page.keyboard.press(key)
        settle(page)


def track(page, label):
    """Ends of a slider's track, and the middle of its thumb, pixels."""
    there = page.get_by_test_id("stSlider").filter(has=slider(page, label)).first.bounding_box()
    return there["x"], there["x"] + there["width"], *slider(page, label).evaluate(THUMB)


def button_of(page, label):
    """The button that opens a view."""
    return page.locator(".st-key-open button").filter(has_text=re.compile(f"^{label}$"))


def choose(page, label):
    """Open a view."""
    button_of(page, label).click()
    settle(page)
    wait_until(page, f"!document.querySelector('{MAIN} [data-stale=true]')")
