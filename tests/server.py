"""Servers of the page, and of two small Streamlit apps to measure it against.

For a restart: `with start_server(port=port): ...` twice, under a page that stays open.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[1]
SERVE = ROOT / "deploy" / "serve.py"
SLIDER = "WeChat growth"
SMALL = f"""
import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

growth = st.slider("{SLIDER}", 0.0, 300.0, 120.0, 1.0)
years = np.arange(2014, 2025)
frame = pd.DataFrame({{"year": years, "users": 100 * np.exp(growth / 1000 * (years - 2014))}})
st.metric("Users", f"{{frame.users.iloc[-1]:.1f}} M")
"""
BARE = 'st.altair_chart(alt.Chart(frame).mark_line().encode(x="year:Q", y="users:Q"))'
LIMIT = """
@st.cache_resource
def spec():
    chart = alt.Chart(alt.NamedData("frame")).mark_line().encode(x="year:Q", y="users:Q").to_dict()
    return {key: chart[key] for key in ("mark", "encoding")}

st.vega_lite_chart(frame, spec(), key="chart")
"""
# bare: default settings; limit: makes its chart once, collects no garbage after each run
SMALL_APPS = {"bare": (BARE, ""), "limit": (LIMIT, "[runner]\npostScriptGC = false\n")}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def start_server(app=SERVE, *, port=None, path="", **variables):
    """Serve the page as deploy/serve.py does, or another app, until the end: url, port, pid, log().

    path : under which it is served, as "/demo"
    variables : of the environment
    """
    port = port or free_port()
    url = f"http://localhost:{port}{path}"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")} | variables
    options = {"port": port, "address": "localhost", "headless": "true", "baseUrlPath": path}
    command = [sys.executable, "-m", "streamlit", "run", app, "--browser.gatherUsageStats=false"]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    with tempfile.TemporaryFile("w+") as output:

        def log():
            output.seek(0)
            return output.read()

        process = subprocess.Popen(
            command,
            cwd=ROOT if app == SERVE else app.parent,
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


@contextmanager
def start_small(name):
    """Serve one of the small apps from a folder and a home of its own."""
    code, config = SMALL_APPS[name]
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(SMALL + code, encoding="utf-8")
        settings = app.parent / ".streamlit" / "config.toml"
        settings.parent.mkdir()
        settings.write_text(config, encoding="utf-8")
        with start_server(app, HOME=folder) as server:
            yield server


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


def memory(pid):
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{pid}/status")  # Linux has it, and may have no ps
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])) / 1024
