"""Faults between browser and server, and of the server: the page says the same afterwards."""

import os
import signal
import socket
import threading
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from model.scenario.scenario import case
from tests.browser.driver import (
    agreed,
    button_of,
    choose,
    press,
    settle,
    slider,
    view_of,
    wait_until,
)
from tests.deploy.test_serving import get, head
from tests.server import start_server

pytestmark = pytest.mark.full
START = "?wechat=150"


class Line:
    """A line to a server that can be cut: browsers use its port."""

    def __init__(self, port):
        self.to, self.open, self.is_cut = port, [], False
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                near = self.listening.accept()[0]
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("localhost", self.to))
                self.open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, target):
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def cut(self):
        """Break every connection and refuse new ones."""
        self.is_cut = True
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open = []

    def mend(self):
        self.is_cut = False

    def close(self):
        self.cut()
        self.listening.close()


@pytest.fixture
def line(server):
    line = Line(server.port)
    yield line
    line.close()


def agrees(page):
    """The scenario of the page, once it is connected and has drawn."""
    state = "document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState"
    wait_until(page, f"{state} === 'CONNECTED'")
    page.wait_for_timeout(500)  # a page that is connected again runs a moment later
    settle(page)
    return agreed(page)


def test_the_line_is_cut_right_after_a_key(open_page, line):
    """Before or after the server has it, and before or after the browser heard the answer."""
    far = open_page(f"http://127.0.0.1:{line.port}/{START}")
    for wait in (0, 12, 20, 60):
        slider(far, "WeChat growth").focus()
        far.keyboard.press("ArrowRight")
        far.wait_for_timeout(wait)
        line.cut()
        far.wait_for_timeout(700)
        line.mend()
        agrees(far)
    before = view_of(far).scenario
    press(far, "WeChat growth", "ArrowRight")
    assert agrees(far)["wechat"] > before["wechat"]


def test_a_server_that_is_killed_and_started_again(open_page):
    """Within ten seconds the page goes on, with scenario, pin and question; the next key counts."""
    with start_server() as server:
        page = open_page(f"{server.url}/{START}&open=where&pin=hard-line")
        press(page, "WeChat growth", "ArrowRight")
        before = view_of(page)
        os.kill(server.pid, signal.SIGKILL)
        page.wait_for_timeout(500)
    answered = page.evaluate("live.answered")
    with start_server(port=server.port) as server:
        wait_until(page, "(at) => live.answered > at", answered, seconds=10)
        agrees(page)
        assert view_of(page) == before and before.pin == case("hard-line")
        expect(button_of(page, "Where")).to_have_attribute("aria-checked", "true")
        press(page, "WeChat growth", "ArrowRight")
        assert agrees(page)["wechat"] == before.scenario["wechat"] + 2
        assert "Traceback" not in server.log()


def test_a_server_with_a_base_path(open_page):
    with start_server(path="/demo") as server:
        _, tags = head(get(server, "/", {"title": "A title"})[2])
        assert tags["og:title"].startswith("A title | ")
        assert "million WeChat users" in tags["description"]
        status, headers, text = get(server, "/api/project.csv", {"wechat": "160"})
        assert status == 200 and headers["content-type"].startswith("text/csv")
        assert text.startswith("case,quarter,market")
        assert get(server, "/api/project.csv", {"wechat": "many"})[0] == 400
        page = open_page(f"{server.url}/{START}")
        assert agrees(page)["wechat"] == 150
        choose(page, "Share")
        expect(page.get_by_test_id("stCode").first).to_contain_text(f"{server.url}?wechat=150")
        _, tags = head(get(server, "", {"wechat": "160", "title": "Shared"})[2])
        assert tags["og:title"].startswith("Shared | ")  # the server adds the slash
        page.get_by_role("link", name="How this works").click()
        page.wait_for_url("**/demo/method?*")
        page.get_by_role("link", name="Back to the page").click()
        page.wait_for_url("**/demo/?*wechat=150*")
        assert "Traceback" not in server.log()
