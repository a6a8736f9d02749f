"""Speeds, beside their targets and beside a bare Streamlit app measured in the same run.

`make bench`, or `python -m tests.bench other/app.py` for only the page of another app.
It prints and never fails: speeds depend on the machine.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

from tests.browser.conftest import ROOT, WATCH, settle, start_browser, start_server, wait_until

SLIDER = "WeChat growth"
ANSWER = "[data-testid=stMain] :is(h2, h3, h4)"  # the headline
PRESSES, BLOCK = 40, 10
BARE = f"""
import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

growth = st.slider("{SLIDER}", 0, 300, 120)
years = np.arange(2014, 2025)
frame = pd.DataFrame({{"year": years, "users": 100 * np.exp(growth / 1000 * (years - 2014))}})
st.metric("Users", f"{{frame.users.iloc[-1]:.1f}} M")
st.altair_chart(alt.Chart(frame).mark_line().encode(x="year:Q", y="users:Q"))
"""


def milliseconds(function, times):
    """Median processor time of `times` calls after a first one, over all threads."""
    taken = []
    for _ in range(times + 1):
        start = time.process_time()
        function()
        taken.append(1000 * (time.process_time() - start))
    return median(taken[1:])


def model_rows():
    """Speeds of the model: the only place that calls it."""
    from model import case, project
    from model.analysis.bands import answer
    from model.analysis.sampling import draws
    from model.analysis.sensitivity import lead_map, tornado
    from model.scenario.scenario import change

    scenario = change(case("march-2014"), {"horizon": 10})
    one = milliseconds(lambda: project(scenario), 20)
    yield "one path, 23 markets, 10 years", f"{one:.1f} ms", "20 ms"
    thousand = {name: values[:1000] for name, values in draws(scenario, 1024).items()}
    many = milliseconds(lambda: project(scenario, thousand), 5)
    yield "1,000 runs x 23 markets x 10 years, one thread", f"{many:.0f} ms", "300 ms"
    page = milliseconds(lambda: answer(scenario), 20)
    yield "the page's answer: 256 runs, with and without concern", f"{page:.0f} ms", ""
    cells = milliseconds(lambda: lead_map(scenario), 5)
    yield "lead map, 21 x 21", f"{cells:.0f} ms", "150 ms"
    bars = milliseconds(lambda: tornado(scenario), 10)
    yield "tornado, all settings", f"{bars:.0f} ms", "40 ms"


@contextmanager
def start_page(browser, server):
    """Open the server's page in a context of its own, settled and with the slider in focus."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(server.url)
    settle(page)
    page.get_by_role("slider", name=SLIDER).focus()
    yield page
    context.close()


def press(page, quiet=250):
    """Milliseconds from a key on the slider to the last change of the settled page.

    Right up to the end of the range and then back, so that most values are new to the app's caches.
    """
    key = page.evaluate("""() => {
      const {value, min, max} = document.activeElement;
      if (value === min) live.key = "ArrowRight";
      if (value === max) live.key = "ArrowLeft";
      return live.key ?? "ArrowRight";
    }""")
    page.keyboard.press(key)
    try:
        wait_until(page, "Math.min(live.shown, live.answered) > live.pressed")
    except TimeoutError as error:
        message = f"{key} on the slider {SLIDER!r} changed nothing on {page.url}"
        raise RuntimeError(message) from error
    settle(page, quiet)
    return page.evaluate("live.changed - live.pressed")


def press_times(pages):
    """Lists of milliseconds by page, the pages taking turns."""
    times = {name: [] for name in pages}
    for _ in range(PRESSES // BLOCK):
        for name, page in pages.items():
            page.bring_to_front()
            press(page)
            times[name] += [press(page) for _ in range(BLOCK)]
    return times


def first_paint(browser, server):
    """Seconds from the address to a visible answer in a browser that has nothing stored."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(server.url, wait_until="commit")
    page.locator(ANSWER).first.wait_for()
    seconds = page.evaluate("performance.now()") / 1000
    context.close()
    return seconds


def memory(pid):
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])) / 1024


def memory_after(page, server, reruns):
    """Memory after some more slider presses, MB."""
    page.bring_to_front()
    for _ in range(reruns):
        press(page, quiet=50)
    return memory(server.pid)


def page_rows(app):
    """Speeds of `app` in a browser, with the bare app in a folder and a home of its own."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        bare_app = Path(home) / "bare.py"
        bare_app.write_text(BARE, encoding="utf-8")
        browser = stack.enter_context(start_browser())
        apps = {"ours": {"app": app}, "bare": {"app": bare_app, "HOME": home}}
        servers = {n: stack.enter_context(start_server(**a)) for n, a in apps.items()}
        pages = {n: stack.enter_context(start_page(browser, s)) for n, s in servers.items()}

        times = press_times(pages)
        ours, bare = median(times["ours"]), median(times["bare"])
        yield "slider key press to settled page, Chromium", f"{ours:.0f} ms", "100 ms"
        slow = sorted(times["ours"])[int(0.95 * PRESSES)]
        yield "  the slowest twentieth of the presses, from", f"{slow:.0f} ms", ""
        yield "  bare Streamlit app in the same run", f"{bare:.0f} ms", ""
        yield "  ratio to the bare app", f"{ours / bare:.2f}", "0.65"

        done = PRESSES + PRESSES // BLOCK
        early = memory_after(pages["ours"], servers["ours"], 100 - done)
        late = memory_after(pages["ours"], servers["ours"], 200)
        seconds = median(first_paint(browser, servers["ours"]) for _ in range(5))
        yield "first paint of the answer, warm server", f"{seconds:.2f} s", "2.5 s"
        yield "server memory after 300 reruns", f"{late:.0f} MB", "300 MB"
        yield "  growth since rerun 100", f"{late - early:+.1f} MB", "none"


def main():
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores")
    print(f"{'':52}{'here':>10}{'target':>10}")
    rows = [] if len(sys.argv) > 1 else [model_rows()]
    app = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "app.py"
    for group in [*rows, page_rows(app)]:
        for name, speed, target in group:
            print(f"{name:52}{speed:>10}{target:>10}", flush=True)


if __name__ == "__main__":
    main()
