"""The command line: the same numbers as the model's tables, and one sentence for bad input."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model import evidence as reader
from model.analysis import bands, goal_seek, sensitivity
from model.cli.parser import main
from model.number_text import json_text
from model.scenario import links, scenario
from tests.kept import answer

ROOT = Path(__file__).parents[2]
TOTALS = ("EX-CHINA", "ABROAD")
MARKETS = len(reader.load_evidence().markets)
SIX_DIGITS = re.compile(r"0|[1-9]\d{0,5}|(?=.{1,7}$)[1-9]\d*\.\d*[1-9]|0\.0*[1-9](\d{0,4}[1-9])?")
COLUMNS = ["case", "quarter", "market", "platform", "users_millions", "low", "high"]
PLATFORMS = ["KakaoTalk", "LINE", "WeChat"]
SHORT = ["--set", "horizon=2"]


@pytest.fixture
def run(capsys):
    """Run the command line in this process: exit code, stdout, stderr."""

    def call(*words):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def project(run):
    """The rows of `project` as dictionaries, after a clean run."""

    def call(*words, form="csv"):
        code, out, err = run("project", *words, "--format", form)
        assert (code, err) == (0, "")
        return json.loads(out) if form == "json" else list(csv.DictReader(io.StringIO(out)))

    return call


def test_form_of_the_answer(project):
    """Columns, markets, platforms and quarters that others rely on; nothing missing or twice."""
    rows = project("--case", "march-2014", *SHORT)
    assert list(rows[0]) == COLUMNS
    assert {row["case"] for row in rows} == {"march-2014"}
    quarters = [f"2014Q{i}" for i in (1, 2, 3, 4)] + [f"2015Q{i}" for i in (1, 2, 3, 4)]
    quarters = [*quarters, "2016Q1"]
    assert sorted({row["quarter"] for row in rows}) == quarters
    names = {row["market"] for row in rows}
    assert len(names) == MARKETS + 2 and {"ROW", *TOTALS} <= names
    keys = [(row["quarter"], row["market"], row["platform"]) for row in rows]
    # three messengers in all markets and two totals, the established one in the markets
    assert len(keys) == len(set(keys)) == len(quarters) * (3 * (MARKETS + 2) + MARKETS)
    order = {name: i for i, name in enumerate([*PLATFORMS, "established"])}
    assert keys == sorted(keys, key=lambda key: (key[0], key[1], order[key[2]]))
    for row in rows:
        assert all(SIX_DIGITS.fullmatch(row[column]) for column in COLUMNS[4:])
        assert float(row["low"]) <= float(row["high"])


def test_csv_and_json_are_the_table_of_the_model(project):
    """The line of the README: python -m model project --case ... --set concern=30 ..."""
    words = ["--case", "march-2014", "--set", "concern=30", "--set", "wechat=160", *SHORT]
    changes = {"concern": 30, "wechat": 160, "horizon": 2}
    chosen = scenario.change(scenario.case("march-2014"), changes)
    table = bands.table(chosen).reset_index(drop=True)
    for rows in (project(*words), project(*words, form="json")):
        found = pd.DataFrame(rows).astype(table.dtypes)
        pd.testing.assert_frame_equal(found, table, rtol=5.1e-6, atol=5.1e-10)


def test_every_setting_and_choice_can_be_set(project):
    """As a person types it, the last of two; case and origin among them."""
    found = project("--set", " Security concern: 30 % ", "--set", "horizon=9", "--set", "horizon=1")
    assert found == project("--set", "concern=30", "--set", "horizon=1.0")
    moved = project("--set", "case=hard-line", "--set", "origin=2025Q3", "--set", "horizon=1",
                    "--set", "events=all")  # fmt: skip
    assert {row["case"] for row in moved} == {"hard-line"}
    assert {row["quarter"][:4] for row in moved} == {"2025", "2026"}


BAD = {
    "unknown case": (["project", "--case", "march-2041"], ["march-2041", "march-2014"]),
    "unknown case by --set": (["project", "--set", "case=nope"], ["nope", "march-2014"]),
    "unknown name": (["project", "--set", "conern=30"], ["conern", "concern"]),
    "too high": (["project", "--set", "concern=101"], ["concern", "101", "0 to 100"]),
    "decimal comma": (["project", "--set", "wechat=137,5"], ["wechat", "137,5", "decimal point"]),
    "no equals sign": (["project", "--set", "concern"], ["concern", "NAME=VALUE"]),
    "unknown format": (["project", "--format", "xml"], ["xml"]),
    "unknown option": (["project", "--concern", "30"], ["--concern"]),
    "option without value": (["project", "--set"], ["--set"]),
    "blank case": (["project", "--case", ""], ["case"]),
    "blank link": (["project", "--link", " "], ["link"]),
    "no link": (["project", "--link", "hard-line"], ["--link", "'hard-line'", "wechat=160"]),
    "bad value in a link": (["project", "--link", "?wechat=abc"], ["--link", "wechat", "abc"]),
    "bad name in a link": (["project", "--link", "?conern=3"], ["conern", "concern"]),
    "newer link": (["project", "--link", "?v=99&wechat=160"], ["99", "newer"]),
    "two bases": (["project", "--case", "today", "--link", "?line=5"], ["--link", "--case"]),
    "goal": (["solve", "--goal", "pass-whatsapp"], ["pass-whatsapp", "pass-line"]),
    "no goal": (["solve"], ["--goal"]),
    "quarter": (["solve", "--goal", "pass-line", "--by", "2020"], ["2020"]),
    "blank quarter": (["solve", "--goal", "pass-line", "--by", ""], ["--by", "blank"]),
    "lever": (["solve", "--goal", "pass-line", "--lever", "wehcat"], ["wehcat", "wechat"]),
    "nothing to explain": (["explain"], ["no setting differs from it"]),
    "no plan": (["sweep"], ["--grid", "--list"]),
    "two plans": (["sweep", "--grid", "line=1:2:1", "--list", "x"], ["--list"]),
    "grid in a missing folder": (["sweep", "--grid", "line=1:2:1", "--out", "no/x.csv"], ["no/x"]),
    "grid into a folder": (["sweep", "--grid", "line=1:2:1", "--out", "."], ["--out ."]),
    "blank out": (["sweep", "--grid", "line=1:2:1", "--out", " "], ["--out", "blank"]),
    "no command": ([], ["COMMAND"]),
    "unknown command": (["predict"], ["predict"]),
    "option before a command": (["--case", "march-2014"], ["march-2014"]),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_bad_input(run, words, said):
    """Exit code 2, one line on stderr that names the trouble, nothing on stdout."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and err.endswith("\n")
    assert all(word in err for word in said) and "Traceback" not in err, err


COMMANDS = ["cases", "project", "solve", "explain", "doubts", "tornado", "record"]
COMMANDS = [*COMMANDS, "sweep", "calibrate", "compile"]


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help(run, words):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "") and "usage" in out and "%%" not in out
    assert words or all(name in out for name in COMMANDS)


def start(*words, **pipes):
    """`python -m model` in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "model", *words]
    usual = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes |= {"stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=usual, **pipes)


@pytest.mark.slow
@pytest.mark.parametrize(("value", "code", "lines"), [("30", 0, 0), ("101", 2, 1)])
def test_as_a_program(value, code, lines):
    running = start("project", *SHORT, "--set", f"concern={value}", stdout=subprocess.PIPE)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, len(err.splitlines())) == (code, lines)
    assert out.partition("\n")[0] == ("" if code else ",".join(COLUMNS)) and "\r" not in out


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--help"], ["sweep", "--grid", "wechat=0:9:1"]], ids=str)
def test_a_closed_output_ends_the_command_in_silence(words):
    """As in `| head -1`, for output that fits into a buffer and for some that does not."""
    with start(*words, stdout=subprocess.PIPE) as running:
        running.stdout.close()
        assert (running.stderr.read(), running.wait(60)) == ("", 0)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
def test_output_to_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full, start("cases", stdout=full) as running:
        err = running.stderr.read()
    assert running.wait(60) == 2 and err.count("\n") == 1 and "No space left on device" in err


INTERRUPTED = """
import builtins, os, signal, sys
own = builtins.__import__
def imported(name, *rest):
    if name == "model.engine.projection":
        os.kill(os.getpid(), signal.SIGINT)
    return own(name, *rest)
builtins.__import__ = imported
from model.__main__ import run
sys.exit(run())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_ctrl_c_while_importing_leaves_no_traceback():
    command = [sys.executable, "-c", INTERRUPTED]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (-signal.SIGINT, "", "")


def test_a_closed_output_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["cases"]) == 2
    assert capsys.readouterr().err == "python -m model: output: it is closed\n"


def test_cases_are_listed(run):
    """Every case with what it sets: the CSV says the same as the JSON."""
    code, out, err = run("cases", "--format", "json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    assert [row["case"] for row in rows] == list(scenario.cases())
    for row in rows:
        found = scenario.case(row["case"])
        same = {"origin": row["origin"], "events": row["events"]} | row["settings"]
        assert scenario.change(scenario.case(), same).values == found.values
        assert row["label"] and row["story"] and row["origin"] == found.origin
    sheet = list(csv.DictReader(io.StringIO(run("cases")[1])))
    assert [row["story"] for row in sheet] == [row["story"] for row in rows]
    assert sheet[3]["settings"] == "concern=100"


LINK = "?case=hard-line&wechat=160&horizon=2"


def test_a_link_is_the_case_and_its_changes(project):
    """Its end or the whole address, with words of messengers; and --set goes on from there."""
    wanted = project("--case", "hard-line", "--set", "wechat=160", *SHORT)
    view, notes = links.from_query(links.parse_link(LINK))
    full = "http://localhost:8501/?" + urlencode(links.to_query(view, full=True))
    assert not notes
    for link in (LINK, full, f"{full}&fbclid={'IwAR0_a' * 20}&utm_source=x"):
        assert project("--link", link) == wanted
    moved = project("--case", "hard-line", "--set", "wechat=200", *SHORT)
    assert project("--link", LINK, "--set", "wechat=200") == moved != wanted


@pytest.mark.slow
def test_solve_is_the_models_answer(run):
    """One lever is an object; at its value the goal is just met."""
    words = ["--goal", "reach=60", "--by", "2020Q1", "--case", "super-app"]
    code, out, err = run("solve", *words, "--lever", "attrition", "--format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["lever", "value", "now", "reached", "enough", "unusual", "sentence"]
    start = scenario.case("super-app")
    goal = goal_seek.parse_goal("reach=60", "2020Q1", start)
    (known,) = goal_seek.solve(start, goal, ["attrition"])
    row = {"lever": "attrition", "value": known.values["attrition"], "now": start["attrition"]}
    row |= {"reached": True, "enough": known.enough, "unusual": known.unusual}
    assert out == json_text(row | {"sentence": known.sentence}) + "\n"
    there = scenario.change(start, {"attrition": found["value"], "horizon": 6})
    assert_allclose(answer(there).total.line[-1, 0], 60, rtol=2e-3)


def test_solve_prints_pairs_where_no_lever_is_enough_alone(run):
    """As rows that name both levers; a single lever without an answer is null, or blank."""
    words = ["solve", "--set", "horizon=4", "--goal", "reach=120", "--lever", "barrier"]
    *alone, pair = json.loads(run(*words, "--lever", "concern", "--format", "json")[1])
    assert [row["lever"] for row in alone] == ["barrier", "concern"]
    assert all(row["value"] is None and row["reached"] is False for row in alone)
    start = scenario.change(scenario.case(), {"horizon": 4})
    assert pair["lever"] == "barrier+concern" and pair["reached"] and 0 < pair["enough"] < 1
    assert pair["now"] == {"barrier": start["barrier"], "concern": start["concern"]}
    there = scenario.change(start, pair["value"])
    assert answer(there).total.line[-1, 0] == pytest.approx(120, rel=1e-3)
    sheet = list(csv.DictReader(io.StringIO(run(*words, "--lever", "concern")[1])))
    assert [row["lever"] for row in sheet] == ["barrier", "concern", "barrier+concern"]
    assert (sheet[0]["value"], sheet[2]["now"]) == (
        "",
        f"barrier={start['barrier']:g} concern={start['concern']:g}",
    )
    assert [row["sentence"] for row in sheet] == [row["sentence"] for row in (*alone, pair)]


def test_doubts_add_up_to_the_headline(run):
    """A row of four numbers; as JSON an object, the same numbers."""
    code, out, err = run("doubts", "--link", LINK)
    assert (code, err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(out))
    numbers = {name: float(text) for name, text in row.items()}
    assert json.loads(run("doubts", "--link", LINK, "--format", "json")[1]) == numbers
    nobody, *parts = numbers.values()
    assert list(numbers) == ["nobody", "established", "concern", "remains"]
    assert sum(parts) == pytest.approx(nobody, rel=1e-5)
    there = scenario.change(scenario.case("hard-line"), {"wechat": 160, "horizon": 2})
    assert numbers["remains"] == pytest.approx(answer(there).total.line[-1, 0], rel=1e-5)


def test_tornado_is_the_models(run):
    """Of a link; as JSON and as CSV."""
    start = scenario.change(scenario.case("hard-line"), {"wechat": 160, "horizon": 2})
    bars = sensitivity.tornado(start).bars
    code, out, err = run("tornado", "--link", LINK, "--format", "json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    assert list(rows[0]) == ["setting", "low", "high", "users_low", "users_high"]
    assert out == json_text([asdict(bar) for bar in bars]) + "\n"
    sheet = csv.DictReader(io.StringIO(run("tornado", "--link", LINK)[1]))
    assert [float(row["users_high"]) for row in sheet] == [row["users_high"] for row in rows]


def test_explain_adds_up_to_the_difference(run):
    code, out, err = run("explain", "--case", "hard-line", "--from", "march-2014")
    assert (code, err) == (0, "")
    sheet = list(csv.DictReader(io.StringIO(out)))
    before, after = scenario.case("march-2014"), scenario.case("hard-line")
    apart = answer(after).total.line[-1, 0] - answer(before).total.line[-1, 0]
    assert_allclose(sum(float(row["users"]) for row in sheet), apart, rtol=1e-5)
    assert [row["setting"] for row in sheet] == ["events", "concern"]


def test_explain_starts_from_the_pinned_scenario_of_a_link(run):
    link = "case=march-2014&concern=60&pin=march-2014~concern.30"
    (row,) = json.loads(run("explain", "--link", link, "--format", "json")[1])
    assert (row["setting"], row["before"], row["after"]) == ("concern", 30, 60)
