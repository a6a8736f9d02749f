"""The golden files, and which tests are slow.

`pytest --update-golden` rewrites what the screen shows, pinned in tests/golden/. And
`pytest --note-slow` writes the tests that take two seconds or more into tests/slow.txt, which are
marked so.
"""

import difflib
import json
from pathlib import Path

import pandas as pd
import pytest

GOLDEN = Path(__file__).parent / "golden"
SLOW = Path(__file__).parent / "slow.txt"
LONG = 2.0  # seconds


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/")
    parser.addoption("--note-slow", action="store_true", help="rewrite tests/slow.txt")


def pytest_collection_modifyitems(items):
    noted = set(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        name = item.nodeid.split("[")[0]
        if not noted.isdisjoint((name, name.split("::")[0])):  # a test, or all of a file
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("--note-slow"):
        reports = [
            one for kind in ("passed", "failed", "") for one in terminalreporter.getreports(kind)
        ]
        # what is made for the tests of a file is made by whichever of them comes first
        ends = {"setup": "::", "call": "[", "teardown": "["}
        long = {one.nodeid.split(ends[one.when])[0] for one in reports if one.duration >= LONG}
        SLOW.write_text("".join(f"{name}\n" for name in sorted(long)), encoding="utf-8")


def as_text(value):
    """A frame as CSV, anything else as JSON; floats to 6 significant digits."""
    if isinstance(value, pd.DataFrame):
        return value.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    exact = json.dumps(value, default=lambda number: number.item())
    rounded = json.loads(exact, parse_float=lambda digits: float(f"{float(digits):.6g}"))
    return json.dumps(rounded, indent=1, ensure_ascii=False) + "\n"


@pytest.fixture
def golden(request):
    """Call `golden(value, name)`: a frame against tests/golden/name.csv, a dict against .json."""

    def compare(value, name):
        path = GOLDEN / f"{name}.{'csv' if isinstance(value, pd.DataFrame) else 'json'}"
        new = as_text(value)
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(new, encoding="utf-8", newline="\n")
        if not path.exists():
            pytest.fail(f"no {path.name}: make it with pytest --update-golden", pytrace=False)
        old = path.read_text(encoding="utf-8")
        if new != old:
            lines = difflib.unified_diff(
                old.splitlines(), new.splitlines(), "old", "new", n=1, lineterm=""
            )
            message = f"{path.name} differs (meant? pytest --update-golden, and CHANGELOG says why)"
            pytest.fail("\n".join([message, *lines]), pytrace=False)

    return compare
