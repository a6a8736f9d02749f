"""A live server and a real browser. Tests take `open_page` or `page`.

The server is the entry for serving, so that every test runs under its policy.
"""

import os
from pathlib import Path

import pytest

from tests.browser.driver import (
    AGENT,
    BROWSER,
    SIZES,
    WATCH,
    outside_requests,
    settle,
    start_browser,
)
from tests.server import start_server


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
    with start_server() as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


@pytest.fixture(scope="session")
def contexts(browser):
    """The browser's contexts: their options, and what their pages did that no page may do.

    They are kept for all tests: a new one would fetch and compile all of Streamlit's scripts again.
    """
    kept = []
    yield kept
    for _, context, _ in kept:
        context.close()


@pytest.fixture
def new_page(browser, contexts, server):
    """Make a page of a screen's size, in a browser that stored nothing, without an address yet.

    A test fails with a request to another host, an error of a script, or what the server's policy
    forbids.
    """
    used = []

    def context_for(options):
        for other, context, seen in contexts:
            if other == options:
                return context, seen
        context = browser.new_context(**options)
        seen = outside_requests(context)
        context.expose_function("forbidden", lambda what: seen.append(what))
        context.on("weberror", lambda fault: seen.append(f"script error: {fault.error}"))
        context.add_init_script(WATCH)
        contexts.append((options, context, seen))
        return context, seen

    def make(size="laptop", *, dark=False, **options):
        width, height = SIZES[size]
        options |= {"viewport": {"width": width, "height": height}, "base_url": server.url}
        options["color_scheme"] = "dark" if dark else "light"
        if size == "phone":
            options |= {"is_mobile": True, "has_touch": True, "user_agent": AGENT}
        context, seen = context_for(options)
        used.append((context, seen))
        page = context.new_page()
        stored = {"origin": server.url, "storageTypes": "cookies,local_storage"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
        return page

    yield make
    for context, _ in used:
        for page in context.pages:
            page.close()
    found = [what for _, seen in used for what in seen]
    for _, seen in used:
        seen.clear()  # one test fails, not all after it
    assert not found


@pytest.fixture
def open_page(new_page):
    """Open a path in a new page, and settle."""

    def open_path(path="/", size="laptop", **options):
        page = new_page(size, **options)
        page.goto(path)
        settle(page)
        return page

    return open_path


@pytest.fixture
def page(open_page):
    return open_page()
