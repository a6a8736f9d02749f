"""A soak: many random scenarios through the page, and what memory and caches do meanwhile.

python -m tests.soak [minutes]    prints a line a minute; it never fails
"""

import random
import sys
import threading
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from model.scenario.settings import all_settings
from pages.parts import cached
from pages.parts.address import VIEWS

ROOT = Path(__file__).parents[1]
NEW_SESSION = 20  # runs


def memory():
    """Memory of this process, MB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0)


def sizes():
    """How many results each cache of the page holds."""
    found = {name: getattr(one, "results", None) for name, one in vars(cached).items()}
    return {name: len(results) for name, results in found.items() if results}


def address(rng):
    """A random address: some settings within their range, a question."""
    words = {"open": rng.choice(VIEWS["open"])}
    for setting in rng.sample([*all_settings().values()], 4):
        words[setting.name] = f"{rng.uniform(setting.low, setting.high):.3g}"
    return words


def soak(minutes):
    """Run the page for some minutes, a new session after every NEW_SESSION runs."""
    rng, start, runs, printed = random.Random(1), time.monotonic(), 0, -1
    while (passed := (time.monotonic() - start) / 60) < minutes or printed < minutes:
        if int(passed) > printed:
            printed = int(passed)
            threads = threading.active_count()
            text = f"{printed:3} min {runs:6} runs {memory():6.0f} MB {threads:3} threads"
            print(text, sizes(), flush=True)
        if runs % NEW_SESSION == 0:
            app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.query_params.clear()
        for name, value in address(rng).items():
            app.query_params[name] = value
        app.run()
        runs += 1


if __name__ == "__main__":
    soak(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
