"""Speeds, beside their targets and beside the two small apps of tests/server.py in the same run.

`make bench`, or `python -m tests.bench other/app.py` for only the page of another app. It prints
and never fails: speeds depend on the machine.
"""

import os
import platform
import random
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

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
from tests.browser.driver import WATCH, settle, start_browser, track, wait_until
from tests.server import ROOT, SLIDER, SMALL_APPS, memory, start_server, start_small

ANSWER = "[data-testid=stMain] :is(h2, h3, h4)"  # the headline
PRESSES, BLOCK, CLICKS = 40, 10, 24


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
    """Speeds of the model."""
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


def answered(page, quiet=250):
    """Milliseconds from the last key or click to the last change of the settled page."""
    wait_until(page, "Math.min(live.shown, live.answered) > live.pressed")
    settle(page, quiet)
    return page.evaluate("live.changed - live.pressed")


def press(page, quiet=250):
    """Press a key on the slider: right up to the end of the range and then back.

    So most values are new to the app's caches.
    """
    key = page.evaluate("""() => {
      const {value, min, max} = document.activeElement;
      if (value === min) live.key = "ArrowRight";
      if (value === max) live.key = "ArrowLeft";
      return live.key ?? "ArrowRight";
    }""")
    page.keyboard.press(key)
    return answered(page, quiet)


def click(page, rng):
    """Click far along the slider."""
    left, right, x, y = track(page, SLIDER)
    now = (x - left) / (right - left)
    place = rng.choice([share / 100 for share in range(5, 96) if abs(share / 100 - now) > 0.1])
    page.mouse.move(left + place * (right - left), y)
    page.mouse.down()
    page.evaluate("live.pressed = performance.now()")
    page.mouse.up()
    return answered(page)


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
    other = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    groups = [page_rows(other)] if other else [model_rows(), page_rows(ROOT / "app.py")]
    for group in groups:
        for name, speed, target in group:
            print(f"{name:52}{speed:>10}{target:>10}", flush=True)


if __name__ == "__main__":
    main()
