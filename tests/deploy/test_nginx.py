"""nginx.conf as it is, run before two plain servers that say who they are and what they heard."""

import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.server import free_port, wait_for

pytestmark = pytest.mark.full
CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


class Plain(BaseHTTPRequestHandler):
    """A server that answers with its name; `missing` is what it does not have.

    drops : whether it ends calls of the API without an answer;  slow : seconds that they take
    """

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/api/"):
            time.sleep(self.server.slow)
            if self.server.drops:
                self.connection.close()
                return
        missing = self.server.missing and self.path.startswith(self.server.missing)
        heard = [self.headers.get(name, "") for name in ("X-Forwarded-For", "Upgrade")]
        body = "\n".join([self.server.name, *heard, "x" * 2000]).encode()
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "text/css")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start_plain(name, port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), Plain)
    server.name, server.missing, server.drops, server.slow, server.asked = name, "", False, 0, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def served(tmp_path):
    """nginx before two plain servers: `ask(path, **headers)` and `servers` by name."""
    if not NGINX:
        pytest.skip("no nginx found")
    servers = {name: start_plain(name) for name in ("replica-1", "replica-2")}
    port, text = free_port(), CONF.read_text(encoding="utf-8")
    text = text.replace("listen 8500", f"listen 127.0.0.1:{port}").replace("/tmp/", f"{tmp_path}/")
    for name, server in servers.items():
        text = text.replace(f"{name}:8501", f"127.0.0.1:{server.server_port}")
    conf = tmp_path / "nginx.conf"
    conf.write_text(text, encoding="utf-8")

    def ask(path="/", **headers):
        """Status, headers and lines of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = answer.read()
                is_plain = answer.headers["Content-Encoding"] is None
                lines = body.decode().splitlines() if is_plain else []
                return answer.status, answer.headers, lines
        except urllib.error.HTTPError as error:
            return error.code, error.headers, []

    command = [NGINX, "-e", "stderr", "-p", str(tmp_path), "-c", str(conf)]
    errors = (tmp_path / "errors").open("w+", encoding="utf-8")
    process = subprocess.Popen(command, stdout=errors, stderr=errors)

    def log():
        errors.seek(0)
        return errors.read()

    def is_there():
        assert process.poll() is None
        with suppress(OSError):
            return ask()

    try:
        wait_for(is_there, "nginx does not answer")
        yield SimpleNamespace(ask=ask, servers=servers, log=log)
    finally:
        process.terminate()
        process.wait(20)
        errors.close()
        for server in servers.values():
            server.shutdown()
            server.server_close()


def visitor(headers):
    """The visitor that an answer's cookie names, "" without one."""
    cookies = SimpleCookie(headers.get("Set-Cookie", ""))
    return cookies["visitor"].value if "visitor" in cookies else ""


def test_a_visitor_gets_a_cookie_once_and_stays_with_a_server(served):
    _, headers, _ = served.ask()
    assert len(visitor(headers)) == 32
    cookie = f"visitor={visitor(headers)}"
    answers = [served.ask(path, Cookie=cookie) for path in ("/", "/_stcore/stream", "/method") * 5]
    assert len({lines[0] for _, _, lines in answers}) == 1
    assert not [headers for _, headers, _ in answers if visitor(headers)]


def test_visitors_are_spread_over_both_servers(served):
    names = [served.ask("/", Cookie=f"visitor={number}")[2][0] for number in range(60)]
    assert set(names) == set(served.servers)
    assert min(names.count(name) for name in served.servers) >= 10


def test_the_cookie_is_kept_in_a_frame_of_another_site_under_tls_only(served):
    flags = served.ask("/", X_Forwarded_Proto="https")[1]["Set-Cookie"]
    assert "Secure; SameSite=None; Partitioned" in flags and "HttpOnly" in flags
    assert served.ask()[1]["Set-Cookie"].endswith("SameSite=Lax")


def test_a_visitor_moves_when_the_server_ends_and_returns_with_it(served):
    name = served.ask("/", Cookie="visitor=a")[2][0]
    server = served.servers[name]
    port = server.server_port
    server.shutdown()
    server.server_close()
    other = served.ask("/_stcore/stream", Cookie="visitor=a")
    assert other[0] == 200 and other[2][0] != name
    served.servers[name] = start_plain(name, port)
    wait_for(lambda: served.ask("/", Cookie="visitor=a")[2][0] == name, "nobody returns to it")


def test_a_file_of_a_session_is_asked_of_the_other_server_too(served):
    for missing in served.servers:
        for name, server in served.servers.items():
            server.missing = "/media/" if name == missing else ""
        answers = [served.ask("/media/chart.png", Cookie=f"visitor={n}") for n in range(20)]
        assert {status for status, _, _ in answers} == {200}
        assert missing not in {lines[0] for _, _, lines in answers}


def test_health_is_that_of_a_server_and_asks_no_cookie(served):
    status, _, lines = served.ask("/_stcore/health")
    assert status == 200 and lines[0] in served.servers
    for server in served.servers.values():
        server.missing = "/_stcore/health"
    assert served.ask("/_stcore/health")[0] == 404


def test_a_websocket_asks_to_upgrade(served):
    heard = served.ask("/_stcore/stream", Upgrade="websocket", Connection="Upgrade")[2]
    assert heard[2] == "websocket"
    assert served.ask("/")[2][2] == ""


def test_styles_and_scripts_are_sent_compressed(served):
    assert served.ask("/static/x.css", Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"
    # a class behind one address loads them
    assert crowd(served, "/static/x.js", 600, "203.0.113.5") == [200] * 600


def crowd(served, path, count, address):
    """Statuses of that many requests of one address at once."""
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(served.ask, path, X_Forwarded_For=address) for _ in range(count)]
        return [one.result()[0] for one in asked]


def test_one_address_cannot_take_the_api_for_itself(served):
    statuses = crowd(served, "/api/project.csv", 400, "203.0.113.5")
    assert set(statuses) == {200, 429} and statuses.count(200) >= 240
    assert crowd(served, "/api/project.csv", 120, "203.0.113.6") == [200] * 120  # a class, thrice


def test_a_call_that_a_server_drops_is_not_put_to_the_other_one(served):
    """Once a flood of calls put both out of service, and pages with them."""
    name = served.ask("/", Cookie="visitor=a")[2][0]
    served.servers[name].drops = True
    assert served.ask("/api/project.csv?wechat=1", Cookie="visitor=a")[0] == 502
    calls = [path for server in served.servers.values() for path in server.asked if "api" in path]
    assert calls == ["/api/project.csv?wechat=1"]
    assert served.ask("/", Cookie="visitor=a")[2][0] == name  # and pages stay with it


def test_slow_is_not_dead(served):
    for server in served.servers.values():
        server.slow = 3
    assert crowd(served, "/api/project.csv", 12, "203.0.113.5") == [200] * 12
    assert sum(path.startswith("/api/") for s in served.servers.values() for path in s.asked) == 12


def test_paths_that_lead_nowhere_are_404_and_ask_no_server(served):
    before = [len(server.asked) for server in served.servers.values()]
    hidden = ("/_stcore/metrics", "/_stcore/agent/mcp", "/.env", "/app.py")
    for path in ("/nowhere", "/api/x", *hidden):
        assert served.ask(path)[0] == 404, path
    assert [len(server.asked) for server in served.servers.values()] == before
    pages = ("/evidence", "/method/", "/static/js/x.js", "/component/a/b.js", "/favicon.png")
    for path in (*pages, "/api/chart.png", "/api/number.svg", "/api/worksheet.html"):
        assert served.ask(path)[0] == 200, path


def test_robots_are_told_what_is_no_page(served):
    status, headers, lines = served.ask("/robots.txt")
    assert status == 200 and headers["Content-Type"] == "text/plain"
    assert "Disallow: /api/project" in lines and "Disallow: /" not in lines


def test_no_version_is_told_and_no_visitor_is_logged(served):
    for path in ("/", "/nowhere", "/api/project.csv"):
        assert served.ask(path)[1]["Server"] == "nginx"
    odd = "?title=Board-meeting&wechat=123.456"
    crowd(served, f"/api/project.csv{odd}", 400, "203.0.113.5")  # some are refused
    for server in served.servers.values():
        server.shutdown()
        server.server_close()
    assert {served.ask(f"{path}{odd}")[0] for path in ("/", "/api/project.csv")} == {502}
    assert served.log() == ""


def test_whoever_is_not_trusted_cannot_name_another_address(served):
    """The last address that no private one vouches for counts: a visitor may invent the first."""
    heard = served.ask("/", X_Forwarded_For="198.51.100.1, 203.0.113.5, 10.0.0.7")[2]
    assert heard[1] == "203.0.113.5"
