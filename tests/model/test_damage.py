"""Damage to data/ is refused in one sentence, and `calibrate` can mend what it makes."""

import csv
import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from model import evidence as reader
from model.calibration import store
from model.evidence import DATA, DataError, read_evidence, read_table

ROOT = Path(__file__).parents[2]
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
MADE = {one["name"]: one["rows"] for one in PACKAGE["resources"] if "rows" in one}


@pytest.fixture
def folder(tmp_path):
    """A copy of data/."""
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def refused(call):
    """The message of the DataError that a call raises, one line."""
    with pytest.raises(DataError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def spoil(folder, name, line, column, value):
    """Put a value into one cell; `line` counts as an editor does, the header being line 1."""
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))
    cells[line - 1][cells[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(cells)


@pytest.mark.parametrize(
    ("name", "line", "column", "value"),
    [
        *[("constants", 2, "value", value) for value in ("-1", "many", "nan", "1_0", "")],
        *[("totals", 7, "low", value) for value in ("1e400", "1,5", "12 M", "٣")],
        ("incumbents", 5, "share_pct", "100.5"),
        ("installed_base", 4, "platform", "Viber"),
        ("switches", 5, "quarter", "soon"),
        ("reference_class", 3, "date", "2014-13-01"),
        ("concern", 3, "source_id", " "),
    ],
)
def test_a_cell_that_cannot_be_read(folder, name, line, column, value):
    spoil(folder, name, line, column, value)
    where = f"data/{name}.csv, row {line}: {column} {value.strip()!r} is "
    assert refused(lambda: read_table(name, folder)).startswith(where)


@pytest.mark.parametrize("name", ["settings", "fits"])
def test_a_file_that_is_missing_or_no_table(folder, name):
    path = folder / f"{name}.csv"
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    for text, problem in (
        ("", "row 1: expected"),
        (header + "\n", "has no rows"),
        ("\n".join([header.replace(header.split(",")[0], "renamed"), *lines]), "row 1: expected"),
        ("\n".join([header, *(f"{line}," for line in lines[:-1]), ""]), "row 2: expected"),
        ("\udcff" + header, "cannot be read"),
    ):
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        message = refused(lambda: read_table(name, folder))
        assert message.startswith(f"data/{name}.csv") and problem in message
    path.unlink()
    assert refused(lambda: read_table(name, folder)) == f"data/{name}.csv is missing"


@pytest.mark.parametrize("name", ["incumbents", "installed_base"])
def test_a_market_that_is_left_out(folder, name):
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "THA" not in line.split(",")]
    path.write_text("".join(kept), encoding="utf-8")
    message = refused(lambda: read_evidence(folder))
    assert message.startswith(f"data/{name}.csv has no row for") and "market 'THA'" in message


@pytest.mark.parametrize("name", MADE)
def test_a_table_that_ends_too_soon(folder, name):
    """Before its last row or within it."""
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for kept in (lines[:-1], [*lines[:-1], lines[-1][:3]]):
        path.write_text("".join(kept), encoding="utf-8")
        message = refused(lambda: read_evidence(folder))
        assert message.startswith(f"data/{name}.csv") and "calibrate" in message, kept


def test_a_constant_that_is_missing_is_named(folder, monkeypatch):
    path = folder / "constants.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:3]))
    known = read_evidence(folder)
    monkeypatch.setattr(reader, "load_evidence", lambda: known)
    with pytest.raises(DataError, match="data/constants.csv has no row for take_off_years"):
        _ = reader.constants.__wrapped__()["take_off_years"]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """The project with each file that `calibrate` makes damaged in another way."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("model", "data"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for i, name in enumerate(MADE):
        path = copy / "data" / f"{name}.csv"
        text = path.read_bytes()
        if i % 3 == 0:
            path.unlink()
        else:
            path.write_bytes(text[: len(text) // 2] if i % 3 == 1 else b"\0\xff nonsense\n1,2\n")
    return copy


def python(folder, *words):
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.slow
def test_the_command_line_refuses_in_one_sentence(damaged):
    run = python(damaged, "-m", "model", "cases")
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert "data/" in run.stderr and "calibrate" in run.stderr


FITTED = """
from model.calibration import calibrate, record, targets
from model.evidence import load_evidence, use_only_inputs
use_only_inputs()
known = load_evidence()
for make in targets.PROBLEMS.values():
    print(calibrate.fingerprint(make(known)))
record.STARTS, record.STEPS = 1, 30
rows, runs = record.rows(known, record.forecast(known, "2013Q4"))
print(rows.iloc[0].observed, len(runs) == len(rows))
"""


@pytest.mark.slow
def test_calibrate_needs_nothing_that_it_makes(damaged):
    """The fits see the same figures, and the first origin has the first outcome of the record."""
    run = python(damaged, "-c", FITTED)
    assert run.returncode == 0, run.stderr
    march, later, first = run.stdout.splitlines()[:3]
    known = read_evidence()
    assert [march, later] == known.fit_summary.fingerprint.tolist()
    assert first == f"{float(known.record.observed.iloc[0])} True"


def test_calibrate_writes_the_numbers_of_rows(damaged):
    path = damaged / "data" / "datapackage.json"
    before = path.read_text(encoding="utf-8")
    store.store_rows(MADE | {"record": 71}, path.parent)
    changed = before.replace('"rows": 68', '"rows": 71')
    assert changed != before and path.read_text(encoding="utf-8") == changed


def test_a_table_is_written_whole(tmp_path, monkeypatch):
    """With 6 digits; where the disk is full the old one stays."""
    path = tmp_path / "table.csv"
    store.write(pd.DataFrame({"name": ["한국", "b"], "value": [1 / 3, 2]}), path)
    text = "name,value\n한국,0.333333\nb,2\n"
    assert path.read_bytes().decode() == text and [*tmp_path.iterdir()] == [path]

    def full(self, text, **options):
        self.write_bytes(text[:3].encode())
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        store.write(pd.DataFrame({"value": [3]}), path)
    assert path.read_bytes().decode() == text
