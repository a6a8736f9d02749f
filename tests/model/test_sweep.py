"""Sweeps: the model's own numbers, no unfinished file under the final name, bad input refused."""

import csv
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from model.cli import sweep, sweep_input
from model.engine.projection import project, total
from model.evidence import load_evidence
from model.quarters import quarter_name
from model.scenario.scenario import case, change, starting_quarters
from model.scenario.settings import SettingError, all_settings

ROOT = Path(__file__).parents[2]
SHORT = {"horizon": 2}


def swept(plan, tmp_path, **options):
    """The text of a sweep's file."""
    out = tmp_path / "out.csv"
    sweep.write_sweep(plan, out, **options)
    return out.read_bytes().decode()


def expected(number, cells, scenario, last_only=False):
    """The lines of one scenario, from `project` alone."""
    found = project(scenario)
    quarters = zip(found.times, total(found)[..., 0].tolist(), strict=True)
    lines = [
        ",".join([str(number), *cells, quarter_name(time), *(f"{users:.6f}" for users in row)])
        for time, row in quarters
    ]
    return lines[-1:] if last_only else lines


def listed(tmp_path, text, base=None, **options):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return sweep_input.listed(base or case(), path, **options)


@pytest.mark.parametrize("last_only", [False, True])
def test_a_grid_is_every_combination_in_order(tmp_path, last_only):
    """To the last digit of `project`, also where rates differ so much that steps do."""
    base = change(case("hard-line"), SHORT)
    texts = ["wechat=60:400:170", "barrier=0:1:0.1"]
    text = swept(sweep_input.grid(base, texts, last_only=last_only), tmp_path)
    header, *lines = text.splitlines()
    assert header == "scenario,wechat,barrier,quarter,WeChat,LINE,KakaoTalk"
    wanted = []
    pairs = itertools.product([60, 230, 400], [i / 10 for i in range(11)])
    for number, (wechat, barrier) in enumerate(pairs, 1):
        scenario = change(base, {"wechat": wechat, "barrier": barrier})
        wanted += expected(number, [f"{wechat}", f"{barrier:g}"], scenario, last_only)
    assert lines == wanted and text.endswith("\n") and "\r" not in text


def test_a_list_is_its_rows(tmp_path):
    """Random rows: numbers, cases, origins, events and horizons side by side, some cells blank."""
    rng = random.Random(5)
    base = change(case(), {"horizon": 3, "line": 111.25})
    names = ["case", "concern", "horizon", "events", "kakao", "origin"]
    switches = [*load_evidence().switches.switch, "all", "none"]
    rows = [
        [
            rng.choice(["", "", "today", "hard-line"]),
            rng.choice(["", repr(rng.uniform(0, 100))]),
            rng.choice(["", "1", "2.5"]),
            rng.choice(["", rng.choice(switches)]),
            repr(rng.uniform(0, 400)),
            rng.choice(["", *starting_quarters()]),
        ]
        for _ in range(60)
    ]
    plan = listed(tmp_path, "\n".join(map(",".join, [names, *rows])) + "\n", base)
    found = list(csv.reader(swept(plan, tmp_path).splitlines()))[1:]
    by_number = itertools.groupby(found, lambda line: int(line[0]))
    for (number, lines), row in zip(by_number, rows, strict=True):
        given = {name: cell for name, cell in zip(names, row, strict=True) if cell}
        start = {"horizon": 3, "line": 111.25} if "case" in given else {}
        scenario = change(base, start | given)
        numbers = [repr(scenario[name]).removesuffix(".0") for name in ("concern", "horizon")]
        events, kakao = "+".join(scenario.events) or "none", row[4].removesuffix(".0")
        cells = [scenario.case, *numbers, events, kakao, scenario.origin]
        assert [",".join(line) for line in lines] == expected(number, cells, scenario)


def test_a_list_without_numbers(tmp_path):
    """One path for many rows, and the byte order mark of a spreadsheet program."""
    plan = listed(tmp_path, "\ufefforigin\r\n2014Q1\r\n2014Q1\r\n", change(case(), SHORT))
    lines = swept(plan, tmp_path).splitlines()[1:]
    scenario = change(case(), SHORT)
    assert lines == expected(1, ["2014Q1"], scenario) + expected(2, ["2014Q1"], scenario)


def test_a_grid_over_the_horizon(tmp_path):
    text = swept(sweep_input.grid(case(), ["horizon=1:2:1", "line=0:400:400"]), tmp_path)
    counts = [line.split(",")[0] for line in text.splitlines()[1:]]
    assert [counts.count(str(number)) for number in (1, 2, 3, 4)] == [5, 5, 9, 9]


def values_of(text):
    """The values of a grid of one setting."""
    return [value for row in sweep_input.grid(case(), [text]).rows() for value in row.values()]


def test_values_of_a_grid_are_exact():
    """As decimals: 0.1 three times is 0.3, and a high end off the steps is not passed."""
    assert values_of("elasticity=0:0.3:0.1") == [0, 0.1, 0.2, 0.3]
    assert values_of("elasticity=0:1:0.3") == [0, 0.3, 0.6, 0.9]
    assert len(values_of("concern=0:100:0.07")) == 1429
    assert values_of(" concern = 5 : 5 : 1e3 ") == [5]
    assert values_of("elasticity=0:1:1e-3")[333] == 0.333


@pytest.fixture
def plan():
    """40 scenarios of five quarters."""
    return sweep_input.grid(
        change(case(), {"horizon": 1}), ["wechat=60:200:20", "concern=0:100:25"]
    )


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_writes_the_same_bytes(plan, tmp_path, monkeypatch, pool):
    """In order, with fewer blocks in memory than the sweep has; and the same in one block."""
    text = swept(plan, tmp_path)
    monkeypatch.setattr(sweep, "BLOCK", 7)
    with pool(2) as executor:
        assert swept(plan, tmp_path, force=True, executor=executor, ahead=2) == text
    assert swept(plan, tmp_path, force=True) == text


@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor])
def test_few_rows_are_read_ahead(plan, tmp_path, monkeypatch, pool):
    """Only the rows of the blocks in memory: a sweep of any length needs the same memory."""
    monkeypatch.setattr(sweep, "BLOCK", 3)
    made, ahead = itertools.count(), []

    def lines(*words):
        ahead.append(made.__reduce__()[1][0] - words[-1][0][0])  # made so far, this block's first
        return own(*words)

    own = sweep.block_lines
    monkeypatch.setattr(sweep, "block_lines", lines)
    rows = lambda first: (row for row in plan.rows(first) if next(made) >= 0)  # noqa: E731
    with pool(2) if pool else nullcontext() as executor:
        swept(replace(plan, rows=rows), tmp_path, executor=executor, ahead=4)
    assert len(ahead) == 14 and max(ahead) <= (12 if pool else 3)


def test_an_existing_file_stays(plan, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("precious")
    with pytest.raises(SettingError, match="exists.*--force"):
        sweep.write_sweep(plan, out)
    assert out.read_text() == "precious"
    sweep.write_sweep(plan, out, force=True)
    assert out.read_text().startswith("scenario,")
    with pytest.raises(SettingError, match="is not a file"):
        sweep.write_sweep(plan, tmp_path, force=True)


def test_a_sweep_that_fails_leaves_the_old_file(plan, tmp_path, monkeypatch):
    """Until the last scenario is written, the rows are in another file; then that one is gone."""
    out = tmp_path / "out.csv"
    out.write_text("precious")
    monkeypatch.setattr(sweep, "block_lines", lambda *of: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sweep.write_sweep(plan, out, force=True)
    assert out.read_text() == "precious" and sweep.unfinished(out).exists()
    monkeypatch.undo()
    sweep.write_sweep(plan, out, force=True)
    assert out.read_text().count("\n") == 1 + 5 * 40 and list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["wechat"], "NAME=LOW:HIGH:STEP"),
        (["wechat=1:2"], "NAME=LOW:HIGH:STEP"),
        (["=1:2:3"], "''"),
        (["wehcat=1:2:1"], "did you mean wechat"),
        (["wechat=1:2:0"], "'0'"),
        (["wechat=1:2:-1"], "'-1'"),
        (["wechat=1:2:nan"], "'nan'"),
        (["wechat=1:2:1e400"], "'1e400'"),
        (["wechat=1:2:x"], "'x'"),
        (["wechat=2:1:1"], "2 down to 1"),
        (["concern=0:101:1"], "101 is outside 0 to 100"),
        (["concern=-1:100:1"], "-1 is outside"),
        (["concern=nan:100:1"], "nan is outside"),
        (["case=1:2:1"], "--list"),
        (["origin=2014Q1:2024Q2:1"], "--list"),
        (["concern=0:100:1", "concern=0:50:1"], "concern appears twice"),
        (["concern=0:100:1e-300"], "10,000,000"),
        (["concern=0:100:0.01", "wechat=0:400:0.4"], "10,000,000"),
    ],
)
def test_a_bad_grid_is_refused(texts, said):
    with pytest.raises(SettingError) as caught:
        sweep_input.grid(case(), texts)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("wechat\n", "no rows"),
        ("wehcat\n1\n", "did you mean wechat"),
        ("wechat,wechat\n1,2\n", "wechat appears twice"),
        ("wechat,\n1,2\n", "''"),
        ("wechat\n1\n2,3\n", "row 3: expected 1 values, found 2"),
        ("wechat\n1\n401\n", "row 3: wechat: 401 is outside"),
        ("wechat\n1\nmany\n", "row 3: wechat: 'many'"),
        ("wechat,case\n1,today\n1,nobody\n", "row 3: case: 'nobody'"),
        ("origin\n2013Q1\n", "row 2: origin: '2013Q1'"),
        ("events\nmoon\n", "row 2: events: 'moon'"),
        ('wechat\n"1\n', "not a CSV file"),
    ],
)
def test_a_bad_list_is_refused(tmp_path, text, said):
    with pytest.raises(SettingError) as caught:
        listed(tmp_path, text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_list_that_cannot_be_read(tmp_path, kind):
    path = tmp_path / "list.csv"
    if kind == "folder":
        path.mkdir()
    if kind == "binary":
        path.write_bytes(b"\xff\xfe\x00" * 50)
    wrong = "is not a CSV file in UTF-8" if kind == "binary" else "cannot be read"
    with pytest.raises(SettingError, match=rf"list\.csv {wrong}"):
        sweep_input.listed(case(), path)


def test_too_long_a_list_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_input, "MOST", 3)
    assert listed(tmp_path, "wechat\n1\n2\n3\n").count == 3
    with pytest.raises(SettingError, match="more than 3"):
        listed(tmp_path, "wechat\n1\n2\n3\n4\n")


def test_rows_are_made_when_they_are_asked_for():
    """The first rows of ten million at once, and also where one setting has all the values."""
    start = time.perf_counter()
    plan = sweep_input.grid(case(), ["concern=0:99.99:0.01", "wechat=0:399.6:0.4"])
    assert plan.count == sweep_input.MOST == 10_000_000
    assert [*islice(plan.rows(), 2)] == [{"concern": 0, "wechat": 0}, {"concern": 0, "wechat": 0.4}]
    one = sweep_input.grid(case(), ["concern=0:99.9:0.00001"])
    assert [*islice(one.rows(), 2)] == [{"concern": 0}, {"concern": 0.00001}]
    assert time.perf_counter() - start < 0.1


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_stopped_sweep_leaves_no_finished_file(tmp_path, name, jobs):
    """Ctrl-C as a terminal sends it, to all processes of the run, is one sentence; then a kill."""
    out = tmp_path / "out.csv"
    words = ["sweep", "--set", "horizon=1", "--grid", "wechat=0:400:0.0001", "--out", str(out)]
    command = [sys.executable, "-W", "error", "-m", "model", *words, "--jobs", jobs]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    part = sweep.unfinished(out)
    while not (part.exists() and part.stat().st_size > 10_000):
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.02)
    os.killpg(running.pid, getattr(signal, name))
    _, err = running.communicate(timeout=60)
    assert not out.exists() and part.exists()
    if name == "SIGINT":
        lines = err.decode().split("\n")
        assert running.returncode == 130 and len(lines) == 3 and lines[0] == lines[2] == "", err
        assert "stopped" in lines[1] and str(out) in lines[1] and str(part) in lines[1]


def test_every_setting_can_be_swept():
    for name, setting in all_settings().items():
        text = f"{name}={setting.low}:{setting.high}:{setting.step}"
        assert sweep_input.grid(case(), [text]).count > 1
