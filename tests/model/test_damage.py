"""Damage to what `calibrate` makes is refused in one sentence, and `calibrate` can mend it."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model import evidence as reader
from model.analysis import quasi_random
from model.calibration import calibrate
from model.cli.parser import main
from model.evidence import DATA, DataError, made, read_evidence, read_table
from model.whole_file import open_whole, unfinished

ROOT = Path(__file__).parents[2]
MADE = sorted(made())
POINTS = f"model/analysis/quasi_random_{quasi_random.SEED}.npy"


def test_the_tables_that_calibrate_makes():
    """Each is described with its number of rows, and no other table is."""
    own = ["backtest", "error_spread", "fit_correlations", "fit_summary", "fits"]
    assert MADE == [*own, "record", "record_leaders"]
    assert made() == {name: len(read_table(name)) for name in MADE}


@pytest.fixture
def folder(tmp_path):
    """A copy of data/."""
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize("name", MADE)
def test_a_table_that_ends_too_soon(folder, name):
    """Cut after some rows, before its last row or within a row."""
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for kept in (lines[:2], lines[: len(lines) // 2], lines[:-1], [*lines[:-1], lines[-1][:3]]):
        path.write_text("".join(kept), encoding="utf-8")
        with pytest.raises(DataError) as refused:
            read_evidence(folder)
        message = str(refused.value)
        assert message.startswith(f"data/{name}.csv") and "calibrate" in message, kept
        assert "\n" not in message


def test_a_constant_that_is_missing_is_named(folder, monkeypatch):
    path = folder / "constants.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:3]))
    known = read_evidence(folder)
    monkeypatch.setattr(reader, "load_evidence", lambda: known)
    with pytest.raises(DataError, match="data/constants.csv has no row for take_off_years"):
        _ = reader.constants.__wrapped__()["take_off_years"]


@pytest.fixture
def points(tmp_path, monkeypatch):
    """A copy of the file of random numbers, which is read in place of the own one."""
    path = tmp_path / "quasi_random_2073.npy"
    shutil.copy(ROOT / POINTS, path)
    monkeypatch.setattr(quasi_random, "_file", lambda: path)
    quasi_random._kept.cache_clear()
    yield path
    quasi_random._kept.cache_clear()


@pytest.mark.parametrize("size", [0, 5, 60, 128, 1000, 60543])
def test_random_numbers_cut_short(points, size):
    points.write_bytes(points.read_bytes()[:size])
    with pytest.raises(DataError, match=rf"^{POINTS} [^\n]*calibrate"):
        quasi_random.points(118, 64)


@pytest.mark.parametrize("wrong", [np.zeros((64, 118)), np.float64(3), np.ones(5), np.eye(4) > 0])
def test_random_numbers_that_are_others(points, wrong):
    np.save(points, wrong)
    with pytest.raises(DataError, match=f"^{POINTS}"):
        quasi_random.points(118, 64)


def test_a_single_random_number_that_changed(points):
    numbers = np.load(points)
    numbers[40, 7] = 1 - numbers[40, 7]
    np.save(points, numbers)
    with pytest.raises(DataError, match="not of the sequence"):
        quasi_random.points(118, 64)


def test_random_numbers_are_read_once(points):
    """Damage to the file of a running server changes nothing; without it they are worked out."""
    before = quasi_random.points(118, 64)
    points.write_bytes(b"damaged")
    assert np.array_equal(quasi_random.points(118, 16), before[:16])
    points.unlink()
    assert np.array_equal(quasi_random.points(118, 64), before)
    quasi_random._kept.cache_clear()
    assert np.array_equal(quasi_random.points(118, 64), before)
    quasi_random.keep(118, 64)
    assert np.array_equal(np.load(points), before)


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
    (copy / POINTS).write_bytes((copy / POINTS).read_bytes()[:3000])
    return copy


def python(folder, *words):
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("words", [["project"], ["cases"], ["record"], ["tornado"]])
def test_the_command_line_refuses_in_one_sentence(damaged, words):
    run = python(damaged, "-m", "model", *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert "data/" in run.stderr and "calibrate" in run.stderr


FITTED = """
from model.calibration import backtest, calibrate, record, targets
from model.analysis import sampling
from model.evidence import load_evidence, use_only_inputs
use_only_inputs()
sampling.keep_points()
known = load_evidence()
for make in targets.PROBLEMS.values():
    print(calibrate.fingerprint(make(known)))
print(len(backtest.score_backtest(known)))
one = next(record.forecasts(known, ("2013Q4",)))
print(record.rows(known, one).iloc[:1].to_csv(index=False, float_format="%.6g"))
"""


def test_calibrate_needs_nothing_that_it_makes(damaged):
    """The fits see the same figures, and the first origin gives the first row of the record."""
    run = python(damaged, "-c", FITTED)
    assert run.returncode == 0, run.stderr
    march, later, scored, _, first = run.stdout.splitlines()[:5]
    known = read_evidence()
    assert [march, later] == known.fit_summary.fingerprint.tolist()
    assert int(scored) == len(known.backtest)
    cells = [*first.split(",")]
    row = [f"{x:.6g}" if isinstance(x, float) else str(x) for x in known.record.iloc[0]]
    assert cells == row[:8] + row[10:]
    assert (damaged / POINTS).read_bytes() == (ROOT / POINTS).read_bytes()


def test_calibrate_writes_the_numbers_of_rows(damaged):
    path = damaged / "data" / "datapackage.json"
    before = path.read_text(encoding="utf-8")
    calibrate.store_rows(made() | {"record": 71}, path.parent)
    changed = before.replace('"rows": 68', '"rows": 71')
    assert changed != before and path.read_text(encoding="utf-8") == changed


def write_on_and_on(path):
    """Write a file again and again, each time with another number in all lines."""
    number = 0
    while True:
        number += 1
        with open_whole(path) as file:
            for _ in range(50):
                file.write(f"{number}\n".encode() * 200)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path):
    """200 kills at random moments: every file holds one number, 10,000 times."""
    path, rng, seen = tmp_path / "table.csv", random.Random(1), set()
    path.write_text("0\n" * 10_000)
    for _ in range(200):
        child = os.fork()  # a process that has imported everything: 200 starts would take minutes
        if child == 0:
            try:
                write_on_and_on(path)
            finally:
                os._exit(1)
        time.sleep(rng.uniform(0.001, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = path.read_text().splitlines()
        assert len(lines) == 10_000 and len({*lines}) == 1
        seen.add(lines[0])
    assert len(seen) > 3  # it did write


def test_a_writer_that_fails_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), open_whole(path) as file:
        file.write(b"half of the new")
        raise RuntimeError
    assert path.read_text() == "old" and {*tmp_path.iterdir()} <= {path, unfinished(path)}


@pytest.fixture
def small_disk():
    """Files of this process end at 4 KB, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_leaves_the_old_table(tmp_path, small_disk):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(OSError, match=re.escape(str(path))):
        calibrate.write(pd.DataFrame({"number": np.arange(5000)}), path)
    assert path.read_text() == "old"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_sweep_onto_a_full_disk_is_one_sentence(tmp_path, small_disk, capsys, jobs):
    out = tmp_path / "out.csv"
    out.write_text("old")
    grid = ["--set", "horizon=1", "--grid", "wechat=0:400:1", "--jobs", jobs]
    assert main(["sweep", *grid, "--out", str(out), "--force"]) == 2
    printed, error = capsys.readouterr()
    assert not printed and error.count("\n") == 1 and f"--out {out} cannot be written" in error
    assert out.read_text() == "old" and {*tmp_path.iterdir()} <= {out, unfinished(out)}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
def test_output_to_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full:  # printing fails only when the lines leave the buffer
        words = [sys.executable, "-m", "model", "project"]
        run = subprocess.run(words, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 2 and run.stderr.count("\n") == 1
    assert "No space left on device" in run.stderr
