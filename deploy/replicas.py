"""Replicas of the page behind nginx, on one machine.

    python deploy/replicas.py run --replicas 2 --port 8500
    python deploy/replicas.py restart                       one replica after the other
    python deploy/replicas.py conf --to 10.0.0.2:8501       print the settings for nginx

A replica that ends is started again, one that answers nothing for 40 seconds is stopped first. A
restart stops a replica only while another one answers. All replicas share a cookie secret:
STREAMLIT_SERVER_COOKIE_SECRET of the environment, or a random one.
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(tempfile.gettempdir()) / "wechat-abroad"
SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
STEP = 0.2  # seconds between two looks at the processes
CHECK, MISSES = 5.0, 5  # seconds between health checks; how many in a row may fail
START, STOP = 60.0, 10.0  # seconds that a replica may take
SOON = 10.0  # seconds: one that ends sooner is started again later and later


@dataclass(slots=True)
class Replica:
    """One server: where it listens, its process, and since when it fails."""

    number: int
    port: int
    process: subprocess.Popen | None = None
    start_at: float = 0.0  # time.monotonic() of the last start, or of the next one
    check_at: float = 0.0
    misses: int = 0
    short_lives: int = 0


def nginx_conf(listen: str, servers: list[str], folder: Path) -> str:
    """The settings for nginx.

    listen : address and port;  servers : address:port of each replica;  folder : for its files
    """
    limits = "max_fails=1 fail_timeout=2s"
    numbered = list(enumerate(servers, 1))
    own = []
    for number, server in numbered:
        others = [f" {other} {limits} backup;" for other in servers if other != server]
        lines = [f" {server} {limits};", *others]
        body = "\n".join(f"        server{line}" for line in lines)
        name = f"replica_{number}"
        own.append(f"    upstream {name} {{\n        zone {name} 64k;\n{body}\n    }}")
    escaped = {number: server.replace(".", r"\.") for number, server in numbered}
    parts = {
        "FOLDER": str(folder),
        "LISTEN": listen,
        "SERVERS": "\n".join(f"        server {server} {limits};" for server in servers),
        "REPLICAS": "\n".join(own),
        "KNOWN": "\n".join(f"        {number} replica_{number};" for number, _ in numbered),
        "ANSWERED": "\n".join(f'        "~(^|[ ,]){s}$" {n};' for n, s in escaped.items()),
    }
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def say(text: str) -> None:
    """Print a line for the log."""
    print(text, flush=True)


def is_ready(port: int, path: str = "/_stcore/health", seconds: float = 3.0) -> bool:
    """Whether the server of a port answers a path."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=seconds) as answer:
            return answer.status == 200
    except OSError:
        return False


def start(replica: Replica, folder: Path) -> None:
    """Start the server of a replica, without waiting for it."""
    command = [sys.executable, "-m", "streamlit", "run", "deploy/serve.py"]
    command += ["--server.headless=true", "--server.address=127.0.0.1"]
    command += [f"--server.port={replica.port}", "--browser.gatherUsageStats=false"]
    environ = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | os.environ
    replica.process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )
    replica.start_at, replica.misses = time.monotonic(), 0
    replica.check_at = replica.start_at + START
    (folder / f"replica-{replica.number}.pid").write_text(f"{replica.process.pid}\n")


def stop(process: subprocess.Popen | None) -> None:
    """End a process; by force after some seconds."""
    if process is None:
        return
    process.terminate()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start_proxy(command: list[str]) -> subprocess.Popen:
    """Start nginx; one that cannot work has ended after the second that this waits."""
    process = subprocess.Popen(command, start_new_session=True)
    time.sleep(1)
    return process


def tend(replicas: list[Replica], folder: Path) -> None:
    """Start again what has ended, and stop what does not answer; waits for nothing."""
    now = time.monotonic()
    for replica in replicas:
        if replica.process is None:
            if now >= replica.start_at:
                start(replica, folder)
        elif (code := replica.process.poll()) is not None:
            is_short = now - replica.start_at < SOON
            replica.short_lives = replica.short_lives + 1 if is_short else 0
            wait = min(30, 2**replica.short_lives) if is_short else 0
            say(f"replica {replica.number} ended with {code}; it starts again in {wait} s")
            replica.process, replica.start_at = None, now + wait
        elif now >= replica.check_at:
            replica.misses = 0 if is_ready(replica.port) else replica.misses + 1
            replica.check_at = now + CHECK
            if replica.misses >= MISSES:
                say(f"replica {replica.number} does not answer; it is stopped")
                replica.process.kill()


def wait_until_ready(replica: Replica, replicas: list[Replica], folder: Path) -> bool:
    """Whether a replica that was started answers in time; the others are tended meanwhile.

    The page is asked for once, so that the first visitor does not wait for what is loaded late.
    """
    others = [other for other in replicas if other is not replica]
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and replica.process and replica.process.poll() is None:
        if is_ready(replica.port) and is_ready(replica.port, "/", 20):
            replica.check_at = time.monotonic() + CHECK
            return True
        tend(others, folder)
        time.sleep(STEP)
    return False


def restart(replicas: list[Replica], folder: Path) -> str:
    """Restart one replica after the other; "done", or which one did not come back.

    A replica is stopped only when another one answers, and the next only when it is back.
    """
    for replica in replicas:
        others = [other for other in replicas if other is not replica]
        if others and not stay_ready(others):
            return f"failed: no other replica answers, {replica.number} keeps running"
        stop(replica.process)
        start(replica, folder)
        if not wait_until_ready(replica, replicas, folder):
            return f"failed: replica {replica.number} did not come back, the others keep running"
        say(f"replica {replica.number} is back")
    return "done"


def stay_ready(replicas: list[Replica]) -> bool:
    """Whether one of the replicas answers, now and once nginx tries it again.

    It may just be back, and nginx asks no server before its fail_timeout is over.
    """
    for replica in replicas:
        if is_ready(replica.port):
            time.sleep(2 * STEP + 2)
            if is_ready(replica.port):
                return True
    return False


def leave(*_: object) -> None:
    """End `run` by way of its `finally`, also amid a restart; a second signal changes nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def run(options: argparse.Namespace) -> int:
    """Start replicas and nginx, and look after them until a signal ends it."""
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault(SECRET, secrets.token_hex(32))
    ports = [options.first_port + number for number in range(options.replicas)]
    replicas = [Replica(number, port) for number, port in enumerate(ports, 1)]
    servers = [f"127.0.0.1:{port}" for port in ports]
    listen = f"{options.address}:{options.port}"
    conf = folder / "nginx.conf"
    conf.write_text(nginx_conf(listen, servers, folder), encoding="utf-8")
    proxy_command = [options.nginx, "-e", "stderr", "-p", str(folder), "-c", str(conf)]
    (folder / "replicas.pid").write_text(f"{os.getpid()}\n")
    proxy, restarts, asked = None, 0, []
    signal.signal(signal.SIGHUP, lambda *_: asked.append(True))
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        for replica in replicas:
            start(replica, folder)
        if not all([wait_until_ready(replica, replicas, folder) for replica in replicas]):
            say("a replica did not start")
            return 1
        while True:
            if proxy is None or proxy.poll() is not None:
                proxy = start_proxy(proxy_command)
                if proxy.poll() is not None:
                    say("nginx did not start")
                    return 1
                say(f"{options.replicas} replicas on http://{listen}")
            if asked:
                asked.clear()
                restarts += 1
                (folder / "restart").write_text(f"{restarts} {restart(replicas, folder)}\n")
            tend(replicas, folder)
            time.sleep(STEP)
    finally:
        stop(proxy)
        for replica in replicas:
            if replica.process:
                replica.process.terminate()
        for replica in replicas:
            stop(replica.process)
        (folder / "replicas.pid").unlink(missing_ok=True)


def ask_to_restart(options: argparse.Namespace) -> int:
    """Send SIGHUP to a running `run` and wait for the end of its restart."""
    folder = options.folder.resolve()
    pid, result = folder / "replicas.pid", folder / "restart"
    if not pid.exists():
        say(f"nothing runs in {folder}: no {pid.name}")
        return 1
    before = result.read_text() if result.exists() else ""
    os.kill(int(pid.read_text()), signal.SIGHUP)
    while (after := result.read_text() if result.exists() else "") in ("", before):
        if not pid.exists():
            say("it ended before all replicas were back")
            return 1
        time.sleep(STEP)
    say(after.split(" ", 1)[1].strip())
    return 0 if after.endswith("done\n") else 1


def print_conf(options: argparse.Namespace) -> int:
    """Print the settings for an nginx that runs elsewhere."""
    print(nginx_conf(options.listen, options.to, options.folder), end="")
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    whole = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = whole.add_subparsers(required=True)
    one = commands.add_parser("run", help="start replicas and nginx")
    one.add_argument("--replicas", type=int, default=2, help="how many; one a core")
    one.add_argument("--address", default="127.0.0.1", help="that nginx listens on")
    one.add_argument("--port", type=int, default=8500, help="that nginx listens on")
    one.add_argument("--first-port", type=int, default=8601, help="of the first replica")
    one.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    one.set_defaults(do=run)
    two = commands.add_parser("restart", help="restart one replica after the other")
    two.set_defaults(do=ask_to_restart)
    three = commands.add_parser("conf", help="print the settings for an nginx elsewhere")
    three.add_argument("--listen", default="8500", help="address and port of nginx")
    three.add_argument("--to", action="append", required=True, help="address:port of a replica")
    three.set_defaults(do=print_conf)
    for command in (one, two, three):
        command.add_argument("--folder", type=Path, default=FOLDER, help="for files of its own")
    return whole


if __name__ == "__main__":
    options = parser().parse_args()
    sys.exit(options.do(options))
