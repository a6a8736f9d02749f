"""Sweeps: the model's own numbers, nothing half-written taken for whole, and bad plans refused."""

import csv
import itertools
import random
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from model.cli import sweep, sweep_input
from model.engine.projection import project, total
from model.evidence.reader import load_evidence
from model.quarters import quarter_name
from model.scenario.scenario import case, change, starting_quarters
from model.scenario.settings import SettingError, all_settings

ROOT = Path(__file__).parents[2]
SHORT = {"horizon": 2}


def swept(plan, tmp_path, **options):
    """The text of a sweep's file."""
    out = tmp_path / "out.csv"
    sweep.run(plan, out, **options)
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


def test_values_of_a_grid_are_exact():
    """As decimals: 0.1 three times is 0.3, and a high end off the steps is not passed."""
    assert [*map(sweep_input.axis("elasticity=0:0.3:0.1").__getitem__, range(4))] == [
        0,
        0.1,
        0.2,
        0.3,
    ]
    assert sweep_input.axis("concern=0:100:0.07").count == 1429
    assert sweep_input.axis(" concern = 5 : 5 : 1e3 ").count == 1
    assert sweep_input.axis("elasticity=0:1:1e-3")[333] == 0.333
    assert sweep_input.axis("elasticity=0:1:0.3").step == Fraction("0.3")


@pytest.fixture
def plan():
    """40 scenarios of five quarters."""
    return sweep_input.grid(
        change(case(), {"horizon": 1}), ["wechat=60:200:20", "concern=0:100:25"]
    )


def test_a_pool_writes_the_same(plan, tmp_path, monkeypatch):
    """In order, whoever is ready first; and the same in one block."""
    text = swept(plan, tmp_path)
    pools = []
    start = sweep.ProcessPoolExecutor
    monkeypatch.setattr(sweep, "BLOCK", 7)
    monkeypatch.setattr(sweep, "ProcessPoolExecutor", lambda *of: pools.append(of) or start(*of))
    assert swept(plan, tmp_path, force=True) == text and len(pools) == 1


@pytest.mark.parametrize("last_only", [False, True])
def test_resume_from_anywhere(tmp_path, last_only):
    """A file cut at any byte goes on to the same file; a whole one stays."""
    base = change(case(), {"horizon": 1})
    plan = sweep_input.grid(base, ["wechat=60:200:20"], last_only=last_only)
    whole = swept(plan, tmp_path)
    out = tmp_path / "out.csv"
    rng = random.Random(6)
    for end in [0, 1, 30, len(whole) - 1, len(whole), *rng.sample(range(len(whole)), 60)]:
        out.write_bytes(whole.encode()[:end])
        assert swept(plan, tmp_path, resume=True) == whole, end
    out.unlink()
    assert swept(plan, tmp_path, resume=True) == whole


def test_resume_does_not_begin_again(plan, tmp_path, monkeypatch):
    whole = swept(plan, tmp_path)
    lines = whole.splitlines(keepends=True)
    (tmp_path / "out.csv").write_text("".join(lines[: 1 + 5 * 30 + 2]))
    made = []
    own = sweep.block
    monkeypatch.setattr(sweep, "block", lambda *words: made.append(words[3:]) or own(*words))
    assert swept(plan, tmp_path, resume=True) == whole
    assert [(first, len(rows)) for first, rows in made] == [(30, 1), (29, 1), (30, 10)]


def test_resume_refuses_another_sweep(plan, tmp_path):
    """Other names, other values, another base, other quarters, no sweep at all: as they were."""
    out = tmp_path / "out.csv"
    base = plan.base
    others = [
        sweep_input.grid(base, ["wechat=60:200:20"]),
        sweep_input.grid(base, ["wechat=60:200:10", "concern=0:100:25"]),
        sweep_input.grid(change(base, {"line": 201}), ["wechat=60:200:20", "concern=0:100:25"]),
        sweep_input.grid(base, ["wechat=60:200:20", "concern=0:100:25"], last_only=True),
        sweep_input.grid(base, ["wechat=60:100:20", "concern=0:100:25"]),
    ]
    for other in others:
        sweep.run(other, out, force=True)
        before = out.read_bytes()
        if other is others[-1]:  # the beginning of this sweep, and so it may go on
            sweep.run(plan, out, resume=True)
            assert out.read_bytes() != before
            continue
        with pytest.raises(SettingError, match="--resume"):
            sweep.run(plan, out, resume=True)
        assert out.read_bytes() == before
    header = "scenario,wechat,concern,quarter,WeChat,LINE,KakaoTalk\n"
    for text in ("my notes\n" * 20, header + "my notes\n" * 3, header + "x,1,2,2014Q1,a,b,c\n"):
        out.write_text(text)
        with pytest.raises(SettingError, match="--resume"):
            sweep.run(plan, out, resume=True)
        assert out.read_text() == text


def test_a_file_that_is_there_stays(plan, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("precious")
    with pytest.raises(SettingError, match="--resume"):
        sweep.run(plan, out)
    assert out.read_text() == "precious"
    sweep.run(plan, out, force=True)
    assert out.read_text().startswith("scenario,")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["wechat"], "name=low:high:step"),
        (["wechat=1:2"], "name=low:high:step"),
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
        (["concern=0:100:1", "concern=0:50:1"], "concern is there twice"),
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
        ("wechat,wechat\n1,2\n", "wechat is there twice"),
        ("wechat,\n1,2\n", "''"),
        ("wechat\n1\n2,3\n", "row 3: 2 values"),
        ("wechat\n1\n401\n", "row 3: wechat: 401 is outside"),
        ("wechat\n1\nmany\n", "row 3: wechat: 'many'"),
        ("wechat,case\n1,today\n1,nobody\n", "row 3: case: 'nobody'"),
        ("origin\n2013Q1\n", "row 2: origin: '2013Q1'"),
        ("events\nmoon\n", "row 2: events: 'moon'"),
        ('wechat\n"1\n', "cannot be read"),
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
    with pytest.raises(SettingError, match=r"list\.csv cannot be read"):
        sweep_input.listed(case(), path)


def test_too_long_a_list_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_input, "MOST", 3)
    assert listed(tmp_path, "wechat\n1\n2\n3\n").count == 3
    with pytest.raises(SettingError, match="more than 3"):
        listed(tmp_path, "wechat\n1\n2\n3\n4\n")


def test_rows_are_made_when_they_are_asked_for():
    """The last rows of ten million at once, and nothing kept."""
    plan = sweep_input.grid(case(), ["concern=0:99.99:0.01", "wechat=0:399.6:0.4"])
    assert plan.count == sweep_input.MOST == 10_000_000
    start = time.perf_counter()
    assert list(plan.rows(plan.count - 2)) == [(99.99, 399.2), (99.99, 399.6)]
    assert time.perf_counter() - start < 0.1


def test_progress_only_where_somebody_looks(plan, tmp_path, monkeypatch, capsys):
    swept(plan, tmp_path)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    swept(plan, tmp_path, force=True)
    out, err = capsys.readouterr()
    assert out == "" and err.endswith("\n") and "40 of 40 scenarios" in err
    assert all(len(part) < 80 for part in err.split("\r"))


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_a_stopped_sweep_can_go_on(tmp_path):
    """Ctrl-C in the middle of a run of its own process: no traceback, and the same file after."""
    out = tmp_path / "out.csv"
    words = ["sweep", "--set", "horizon=1", "--grid", "wechat=0:400:0.04", "--out", str(out)]
    command = [sys.executable, "-W", "error", "-m", "model", *words]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    while not (out.exists() and out.stat().st_size > 10_000):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130 and b"Traceback" not in err, err
    held = out.read_text().count("\n")
    plan = sweep_input.grid(change(case(), {"horizon": 1}), ["wechat=0:400:0.04"])
    assert held < 1 + 5 * plan.count
    sweep.run(plan, out, resume=True)
    numbers = [line.split(",", 3)[0] for line in out.read_text().splitlines()[1:]]
    assert numbers == [str(i) for i in range(1, plan.count + 1) for _ in range(5)]


def test_every_setting_can_be_swept():
    for name, setting in all_settings().items():
        assert sweep_input.axis(f"{name}={setting.low}:{setting.high}:{setting.step}").count > 1
