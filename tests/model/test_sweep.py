"""Sweeps: the model's own numbers, no half file under the final name, bad input refused."""

import csv
import io
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model.cli import sweep, sweep_input
from model.cli.parser import main
from model.engine.projection import project, total
from model.evidence import load_evidence
from model.number_text import plain_number
from model.quarters import quarter_name
from model.scenario.scenario import case, change, starting_quarters
from model.scenario.settings import SettingError

ROOT = Path(__file__).parents[2]
MODEL = [sys.executable, "-W", "error", "-m", "model"]
GRID = ["--set", "horizon=1", "--grid", "wechat=60:200:20", "--grid", "concern=0:100:25"]


def lines_of(base, table, **options):
    """The lines of a sweep, without its header."""
    return "".join(sweep.sweep_lines(base, table, **options)).splitlines()[1:]


def expected(number, cells, scenario, last_only=False):
    """The lines of one scenario, from `project` alone."""
    found = project(scenario)
    lines = []
    for at, row in zip(found.times, total(found)[..., 0].tolist(), strict=True):
        users = map(plain_number, row)
        lines.append(",".join([str(number), *cells, quarter_name(at), *users]))
    return lines[-1:] if last_only else lines


PATIENCE = 300  # seconds: to start took 70 where a machine had six times its load


def listed(tmp_path, text):
    """The table of a list with this text, or with these bytes."""
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return sweep_input.listed(path)


@pytest.mark.parametrize("last_only", [False, True])
def test_a_grid_is_every_combination_in_order(monkeypatch, last_only):
    """To the last digit of `project`, also where rates differ so much that steps do."""
    monkeypatch.setattr(sweep, "BLOCK", 5)
    base = change(case("hard-line"), {"horizon": 2})
    table = sweep_input.grid(["wechat=60:400:170", "barrier=0:0.9:0.3"])
    wanted = []
    pairs = itertools.product([60, 230, 400], [0, 0.3, 0.6, 0.9])
    for number, (wechat, barrier) in enumerate(pairs, 1):
        scenario = change(base, {"wechat": wechat, "barrier": barrier})
        wanted += expected(number, [f"{wechat}", f"{barrier:g}"], scenario, last_only)
    assert lines_of(base, table, last_only=last_only) == wanted


def test_a_list_is_its_rows(tmp_path):
    """Random rows: numbers, cases, origins, events and horizons side by side, some cells blank."""
    rng = random.Random(5)
    base = change(case(), {"horizon": 3, "line": 111.25})
    switches = [*load_evidence().switches.switch, "all", "none"]
    cells = {
        "case": lambda: rng.choice(["", "", "today", "hard-line"]),
        "concern": lambda: rng.choice(["", repr(rng.uniform(0, 100))]),
        "horizon": lambda: rng.choice(["", "1", "2.5"]),
        "events": lambda: rng.choice(["", rng.choice(switches)]),
        "kakao": lambda: repr(rng.uniform(0, 400)),
        "origin": lambda: rng.choice(["", *starting_quarters()]),
    }
    rows = [[make() for make in cells.values()] for _ in range(12)]
    table = listed(tmp_path, "\n".join(map(",".join, [cells, *rows])) + "\n")
    found = csv.reader(lines_of(base, table))
    by_number = itertools.groupby(found, lambda line: int(line[0]))
    for (number, lines), row in zip(by_number, rows, strict=True):
        given = {name: cell for name, cell in zip(cells, row, strict=True) if cell}
        start = {"horizon": 3, "line": 111.25} if "case" in given else {}
        scenario = change(base, start | given)
        numbers = [repr(scenario[name]).removesuffix(".0") for name in ("concern", "horizon")]
        events, kakao = "+".join(scenario.events) or "none", row[4].removesuffix(".0")
        printed = [scenario.case, *numbers, events, kakao, scenario.origin]
        assert [",".join(line) for line in lines] == expected(number, printed, scenario)


SAME = {
    "commas": "case,wechat\nhard-line,120\n,160\n",
    "semicolons": "case;wechat\nhard-line;120\n;160\n",
    "tabs": "case\twechat\nhard-line\t120\n\t160\n",
    "line ends of Windows and a byte order mark": "\ufeffcase,wechat\r\nhard-line,120\r\n,160\r\n",
    "line ends of an old Mac": "case,wechat\rhard-line,120\r,160\r",
    "lines of blanks and of commas": "\n case , wechat \n\nhard-line,120\n  \n,160\n,\n , \n",
    "UTF-16": "case,wechat\nhard-line,120\n,160\n".encode("utf-16"),
    "quotes": '"case","wechat"\n"hard-line","120"\n"","160"',
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_a_list_as_programs_write_it(tmp_path, text):
    table = listed(tmp_path, text)
    assert [*table] == ["case", "wechat"]
    assert table.to_numpy().tolist() == [["hard-line", 120.0], [None, 160.0]]


def test_values_of_a_grid_are_exact():
    """As decimals: 0.1 three times is 0.3, and a high end off the steps is not passed."""

    def values(text):
        return sweep_input.grid([text]).iloc[:, 0].tolist()

    assert values("pull=0:0.3:0.1") == [0, 0.1, 0.2, 0.3]
    assert values("pull=0:1:0.3") == [0, 0.3, 0.6, 0.9]
    assert len(values("concern=0:100:0.07")) == 1429
    assert values(" concern = 5 : 5 : 1e3 ") == [5]
    assert values("pull=0:1:1e-3")[333] == 0.333


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        (["wechat=1:2"], "NAME=LOW:HIGH:STEP"),
        (["=1:2:3"], "''"),
        (["wehcat=1:2:1"], "did you mean wechat"),
        (["wechat=1:2:0"], "'0'"),
        (["wechat=1:2:x"], "'x'"),
        (["wechat=2:1:1"], "2 down to 1"),
        (["concern=0:101:1"], "101 is outside 0 to 100"),
        (["origin=2014Q1:2025Q3:1"], "--list"),
        (["concern=0:100:1", "concern=0:50:1"], "concern appears twice"),
        (["line_core=0:100:50"], "line_core is no longer a setting"),
        (["concern=0:100:1e-300"], "more than 1,000,000"),
        (["concern=0:100:0.01", "wechat=0:400:0.4"], "more than 1,000,000"),
    ],
)
def test_a_bad_grid_is_refused(texts, error):
    with pytest.raises(SettingError) as caught:
        sweep_input.grid(texts)
    assert error in str(caught.value) and "\n" not in str(caught.value)


IN_UTF8 = "; save the file as CSV in UTF-8"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "empty"),
        ("wechat\n", "no rows"),
        ("wehcat\n1\n", "did you mean wechat"),
        ("wechat,wechat\n1,2\n", "wechat appears twice"),
        ("concern,rivals_until\n30,2020\n", "rivals_until is no longer a setting"),
        ("wechat,\n1,2\n", "''"),
        ("wechat,line\n1,2\n\n3\n", "row 4: expected 2 values, found 1"),
        ("wechat\n1\n401\n", "row 3: wechat: 401 is outside"),
        ("wechat;line\n137,5;1\n", "row 2: wechat: '137,5'"),
        ("wechat,case\n1,today\n1,nobody\n", "row 3: case: 'nobody'"),
        ('wechat\n"1\n', "is not a row of a CSV file"),
        ("wechat\n1\n".encode("utf-16-le"), IN_UTF8),
        ("wechat\n1\nµ\n".encode("latin-1"), IN_UTF8),
    ],
    ids=repr,
)
def test_a_bad_list_is_refused(tmp_path, text, error):
    with pytest.raises(SettingError) as caught:
        listed(tmp_path, text)
    assert error in str(caught.value) and "list.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_list_is_refused(tmp_path, name):
    with pytest.raises(SettingError, match="cannot be read"):
        sweep_input.listed(tmp_path / name)


def test_a_list_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(sweep_input, "MOST_BYTES", 1000)
    with pytest.raises(SettingError, match="/dev/zero: it has more than"):
        sweep_input.listed(Path("/dev/zero"))


def test_to_a_file_and_to_stdout(tmp_path, capsys):
    """The same text; an older file is overwritten, and no other file is left."""
    out = tmp_path / "out.csv"
    out.write_text("old")
    assert main(["sweep", *GRID, "--out", str(out)]) == main(["sweep", *GRID]) == 0
    printed, err = capsys.readouterr()
    assert out.read_bytes() == printed.encode() and not err and [*tmp_path.iterdir()] == [out]
    rows = list(csv.DictReader(io.StringIO(printed)))
    columns = ["scenario", "wechat", "concern", "quarter", "WeChat", "LINE", "KakaoTalk"]
    assert list(rows[0]) == columns and len(rows) == 8 * 5 * 5


def test_a_sweep_does_not_overwrite_its_own_list(tmp_path, capsys):
    rows = tmp_path / "list.csv"
    rows.write_text("concern\n0\n")
    assert main(["sweep", "--list", str(rows), "--out", str(rows)]) == 2
    assert "the list itself" in capsys.readouterr().err and rows.read_text() == "concern\n0\n"


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
def test_a_full_disk_is_one_sentence(tmp_path, capsys):
    """Files of this process end at 4 KB, as on a disk that is full."""
    import resource

    out, limits = tmp_path / "out.csv", resource.getrlimit(resource.RLIMIT_FSIZE)
    out.write_text("old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        assert main(["sweep", *GRID, "--out", str(out)]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and f"--out {out} cannot be written" in err
    assert out.read_text() == "old" and [*tmp_path.iterdir()] == [out]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_a_stopped_sweep_is_one_sentence_and_leaves_no_file(tmp_path):
    words = ["sweep", "--grid", "wechat=0:400:0.001", "--out", str(tmp_path / "out.csv")]
    running = subprocess.Popen([*MODEL, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not [*tmp_path.iterdir()] and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130 and err == "\npython -m model: stopped before the end\n"
    assert not [*tmp_path.iterdir()]


# On a Dask cluster

CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    options = {"protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, **options) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path, request):
    """Address and process of a Dask cluster on this machine; its workers may have the model."""
    environment = os.environ | {"PYTHONPATH": str(request.param)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-c", CLUSTER]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **pipes) as running:
        yield running.stdout.readline().strip(), running
        try:
            running.communicate("", timeout=60)
        finally:
            running.kill()


def on_cluster(address, *words):
    command = [*MODEL, "sweep", *words, "--scheduler", address]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.full
@pytest.mark.parametrize("cluster", [ROOT], indirect=True, ids=["with the model"])
def test_a_cluster_writes_the_same_rows(cluster, capsys):
    words = ["--set", "horizon=1", "--grid", "wechat=0:400:0.2"]
    run = on_cluster(cluster[0], *words)
    assert main(["sweep", *words]) == 0
    assert (run.returncode, run.stderr, run.stdout) == (0, "", capsys.readouterr().out)


@pytest.mark.full
@pytest.mark.parametrize("cluster", [""], indirect=True, ids=["without the model"])
def test_workers_without_the_model_are_one_sentence(cluster):
    run = on_cluster(cluster[0], *GRID)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "PYTHONPATH" in run.stderr and cluster[0] in run.stderr


@pytest.mark.full
@pytest.mark.parametrize("cluster", [ROOT], indirect=True, ids=["with the model"])
def test_a_lost_cluster_is_one_sentence(cluster, tmp_path):
    address, running = cluster
    command = [*MODEL, "sweep", "--grid", "wechat=0:400:0.001", "--scheduler", address]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as sweeping:
        sweeping.stdout.readline()
        running.kill()
        _, err = sweeping.communicate(timeout=PATIENCE)
    assert (sweeping.returncode, err.count("\n")) == (2, 1), err
    assert f"{address}: no Dask cluster answers" in err


@pytest.mark.full
def test_a_scheduler_that_does_not_answer_is_one_sentence():
    run = on_cluster("tcp://127.0.0.1:1", *GRID)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "tcp://127.0.0.1:1: no Dask cluster answers there" in run.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "found 'nonsense'"),
        ("tcp://127.0.0.1", "10.0.0.1:8786, found 'tcp://127.0.0.1'"),
        ("tcp://127.0.0.1:1", "pip install distributed"),
    ],
)
def test_a_bad_address_and_no_dask_are_one_sentence(capsys, monkeypatch, address, said):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["sweep", *GRID, "--scheduler", address]) == 2
    printed, err = capsys.readouterr()
    assert not printed and err.count("\n") == 1 and said in err
