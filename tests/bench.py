"""Speeds, beside their targets and beside two small Streamlit apps measured in the same run.

The bare app has default settings; the limit app makes its chart once and does not collect garbage
after each run. `make bench`, or `python -m tests.bench other/app.py` for only the page of another
app. It prints and never fails: speeds depend on the machine.
"""

import os
import platform
import random
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
PRESSES, BLOCK, CLICKS = 40, 10, 24
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
SMALL_APPS = {"bare": (BARE, ""), "limit": (LIMIT, "[runner]\npostScriptGC = false\n")}


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


def milliseconds(function, times):
    """Median processor time of `times` calls, over all threads; each is given its number."""
    function(times)
    taken = []
    for number in range(times):
        start = time.process_time()
        function(number)
        taken.append(1000 * (time.process_time() - start))
    return median(taken)


def model_rows():
    """Speeds of the model: the only place that calls it."""
    import numpy as np
    import pandas as pd

    from model import case, project
    from model.analysis.bands import answer
    from model.analysis.goal_seek import LEVERS, parse_goal, solve
    from model.analysis.lever_pairs import solve_pairs
    from model.analysis.sampling import run_totals, seconds
    from model.analysis.sensitivity import lead_map, slider_curves, tornado
    from model.cli.sweep import BLOCK as SCENARIOS
    from model.cli.sweep import sweep_lines
    from model.scenario.scenario import change

    scenario = change(case("march-2014"), {"horizon": 10})
    found = answer(scenario)

    def at(number):  # a scenario that was not asked for yet
        return change(scenario, {"wechat": 100 + number / 2})

    def solved(number, find, *rest):
        find(at(number), parse_goal("pass-line", "2023Q1", at(number)), *rest)

    one = milliseconds(lambda number: project(at(number)), 20)
    yield "one path, 23 markets, 10 years", f"{one:.1f} ms", ""
    page = milliseconds(lambda number: answer(at(number)), 20)
    yield "the page's answer: 256 runs, with and without concern", f"{page:.0f} ms", ""
    views = {
        "bars of all settings": lambda number: tornado(at(number)),
        "curves of the main sliders": lambda _: slider_curves(found),
        "lead map": lambda number: lead_map(at(number)),
        "what it would take, seven levers": lambda number: solved(number, solve, LEVERS),
        "what it would take, pairs": lambda number: solved(number, solve_pairs),
    }
    for name, view in views.items():
        yield name, f"{milliseconds(view, 3):,.0f} ms", ""
    values = {"line": np.linspace(0, 400, 81)}
    taken = milliseconds(lambda number: run_totals(at(number), values), 3)
    told = 1000 * seconds(scenario, values)
    yield "seconds of a core by `effort`, to those measured", f"{told / taken:.2f}", "1"
    growth = pd.DataFrame({"wechat": [100 + i / SCENARIOS for i in range(SCENARIOS)]})
    block = milliseconds(lambda _: list(sweep_lines(scenario, growth)), 5)
    yield "sweep, scenarios a second, with rows", f"{1000 * SCENARIOS / block:,.0f}", "4,000"


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


def click(page, rng):
    """Milliseconds from a click far along the slider to the last change of the settled page."""
    slider = page.get_by_role("slider", name=SLIDER)
    track = page.locator("[data-testid=stSlider]", has=slider).first.bounding_box()
    thumb = slider.bounding_box()
    now = (thumb["x"] + thumb["width"] / 2 - track["x"]) / track["width"]
    place = rng.choice([share / 100 for share in range(5, 96) if abs(share / 100 - now) > 0.1])
    page.mouse.move(track["x"] + place * track["width"], thumb["y"] + thumb["height"] / 2)
    page.mouse.down()
    page.evaluate("live.pressed = performance.now()")
    page.mouse.up()
    wait_until(page, "Math.min(live.shown, live.answered) > live.pressed")
    settle(page)
    return page.evaluate("live.changed - live.pressed")


def press_times(pages):
    """Lists of milliseconds by page, the pages taking turns: of key presses, and of clicks."""
    keys, clicks = ({name: [] for name in pages} for _ in range(2))
    rng = random.Random(7)
    for _ in range(PRESSES // BLOCK):
        for name, page in pages.items():
            page.bring_to_front()
            press(page)
            keys[name] += [press(page) for _ in range(BLOCK)]
    for _ in range(CLICKS):
        for name, page in pages.items():
            page.bring_to_front()
            clicks[name].append(click(page, rng))
    return keys, clicks


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
    """Speeds of `app` in a browser, with the small apps in turn."""
    with ExitStack() as stack:
        browser = stack.enter_context(start_browser())
        servers = {"ours": stack.enter_context(start_server(app))}
        servers |= {name: stack.enter_context(start_small(name)) for name in SMALL_APPS}
        pages = {n: stack.enter_context(start_page(browser, s)) for n, s in servers.items()}
        targets = {"bare": "0.75", "limit": "2.2"}
        for what, times in zip(("key press", "cold click"), press_times(pages), strict=True):
            ours = median(times["ours"])
            yield f"{what} on the slider to settled page, Chromium", f"{ours:.0f} ms", ""
            for name, target in targets.items():
                yield f"  ratio to the {name} app", f"{ours / median(times[name]):.2f}", target

        done = PRESSES + PRESSES // BLOCK + CLICKS
        early = memory_after(pages["ours"], servers["ours"], 100 - done)
        late = memory_after(pages["ours"], servers["ours"], 200)
        seconds = median(first_paint(browser, servers["ours"]) for _ in range(5))
        yield "first paint of the answer, warm server", f"{seconds:.2f} s", "2.5 s"
        yield "server memory after 300 reruns", f"{late:.0f} MB", "350 MB"
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
