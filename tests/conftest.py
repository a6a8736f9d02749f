"""The golden files: `pytest --update-golden` rewrites what the screen shows, in tests/golden/."""

import difflib
import json
from pathlib import Path

import pandas as pd
import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/")


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
