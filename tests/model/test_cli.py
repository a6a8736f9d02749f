"""The command line: the same numbers as the model's tables, and one sentence for bad input."""

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import pytest
from numpy.testing import assert_allclose

from model.__main__ import main
from model.analysis import bands, goal_seek, narrowing, sampling, sensitivity
from model.cli.parser import build_parser
from model.engine import projection
from model.evidence import reader
from model.scenario import links, scenario

ROOT = Path(__file__).parents[2]
TOTALS = ("EX-CHINA", "ABROAD")
COLUMNS = ["case", "quarter", "market", "platform", "users_millions", "low", "high"]
PLATFORMS = ["KakaoTalk", "LINE", "WeChat"]
SHORT = ["--set", "horizon=2"]


def installed_base(origin):
    """Million users by (market, platform) in the table."""
    with (ROOT / "data/installed_base.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["market"], row["platform"]): float(row["value_millions"])
            for row in csv.DictReader(file)
            if row["origin"] == origin
        }


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


def number_of(rows):
    """Users by (quarter, market, platform)."""
    return {
        (row["quarter"], row["market"], row["platform"]): float(row["users_millions"])
        for row in rows
    }


def test_form_of_the_answer(project):
    """Columns, markets, platforms and quarters that others rely on; nothing missing or twice."""
    rows = project("--case", "march-2014", "--set", "horizon=2")
    assert list(rows[0]) == COLUMNS
    assert {row["case"] for row in rows} == {"march-2014"}
    quarters = ["2014Q1", *[f"2014Q{i}" for i in (2, 3, 4)], *[f"2015Q{i}" for i in (1, 2, 3, 4)],
                "2016Q1"]  # fmt: skip
    assert sorted({row["quarter"] for row in rows}) == quarters
    names = {row["market"] for row in rows}
    assert len(names) == 25 and {"ROW", *TOTALS} <= names
    assert all(len(name) == 3 and name.isupper() for name in names - {*TOTALS})
    keys = [(row["quarter"], row["market"], row["platform"]) for row in rows]
    # three messengers in 23 markets and two totals, the established one in the markets
    assert len(keys) == len(set(keys)) == len(quarters) * (25 * 3 + 23)
    order = {name: i for i, name in enumerate([*PLATFORMS, "established"])}
    assert keys == sorted(keys, key=lambda key: (key[0], key[1], order[key[2]]))
    for row in rows:
        assert all(len(row[column].split(".")[1]) == 6 for column in COLUMNS[4:])


def test_csv_is_the_table_of_the_model(project):
    """The line of the brief: python -m model project --case ... --set concern=30 ..."""
    words = ["--case", "march-2014", "--set", "concern=30", "--set", "wechat=160"]
    rows = project(*words, *SHORT)
    chosen = scenario.change(
        scenario.case("march-2014"), {"concern": 30, "wechat": 160, "horizon": 2}
    )
    table = bands.table(chosen)
    assert list(table.columns) == COLUMNS
    for column in COLUMNS[:4]:
        assert [row[column] for row in rows] == list(table[column])
    for column in COLUMNS[4:]:
        assert_allclose([float(row[column]) for row in rows], table[column], atol=5.1e-7)


def test_json_is_the_csv(project):
    rows, same = project(*SHORT), project(*SHORT, form="json")
    assert [list(row) for row in same] == [COLUMNS] * len(rows)
    for row, twin in zip(rows, same, strict=True):
        assert [row[column] for column in COLUMNS[:4]] == [twin[column] for column in COLUMNS[:4]]
        numbers = [twin[column] for column in COLUMNS[4:]]
        assert all(isinstance(number, float) for number in numbers)
        assert_allclose([float(row[column]) for column in COLUMNS[4:]], numbers, atol=1.1e-6)


def test_ex_china_is_the_sum(project):
    rows = number_of(project(*SHORT))
    for quarter, market, platform in rows:
        if market == "EX-CHINA":
            parts = [
                value
                for (q, m, k), value in rows.items()
                if (q, k) == (quarter, platform) and m not in TOTALS
            ]
            assert len(parts) == 23
            assert_allclose(rows[quarter, market, platform], sum(parts), atol=2e-5)


def test_abroad_is_less_than_ex_china_by_the_home_market(project):
    """WeChat's home is no market here; at the start the others' are taken away as they stand."""
    rows = number_of(project(*SHORT))
    for quarter, market, platform in rows:
        if market != "ABROAD":
            continue
        users, whole = rows[quarter, market, platform], rows[quarter, "EX-CHINA", platform]
        home = {"LINE": "JPN", "KakaoTalk": "KOR"}.get(platform)
        if home is None:
            assert users == whole
        else:
            close = 2e-5 if quarter == "2014Q1" else 0.05 * whole
            assert_allclose(users, whole - rows[quarter, home, platform], atol=close)


@pytest.mark.parametrize(("name", "origin"), [("march-2014", "2014Q1"), ("today", "2024Q2")])
def test_origin_row_is_the_table(project, name, origin):
    """To the digit of data/installed_base.csv, and no quarter before it."""
    rows = project("--case", name, "--set", "horizon=1")
    assert min(row["quarter"] for row in rows) == origin
    found = number_of(rows)
    for (market, platform), value in installed_base(origin).items():
        assert found[origin, market, platform] == value


def test_low_and_high_hold_the_draws(project):
    """They are ordered, spread out with time, and are not the origin's for WeChat."""
    rows = project("--set", "horizon=3")
    assert all(float(row["low"]) <= float(row["high"]) for row in rows)
    wide = {
        row["quarter"]: float(row["high"]) / float(row["low"])
        for row in rows
        if (row["market"], row["platform"]) == ("EX-CHINA", "WeChat")
    }
    assert wide["2017Q1"] > 1.2 * wide["2014Q1"] > 1.2


def test_every_setting_and_choice_can_be_set(project):
    """Values as text, blanks around them, the last of two; case and origin among them."""
    found = project("--set", " concern = 30 ", "--set", "horizon=9", "--set", "horizon=1")
    assert found == project("--set", "concern=30", "--set", "horizon=1.0")
    moved = project("--set", "case=hard-line", "--set", "origin=2024Q2", "--set", "horizon=1",
                    "--set", "events=all")  # fmt: skip
    assert {row["case"] for row in moved} == {"hard-line"}
    assert {row["quarter"][:4] for row in moved} == {"2024", "2025"}


def test_sliders_move_the_answer(project):
    """Less concern and more growth give more users of WeChat, against the default."""

    def wechat(*words):
        return number_of(project(*words))["2024Q1", "EX-CHINA", "WeChat"]

    default = wechat()
    assert wechat("--set", "concern=0") > default > wechat("--set", "concern=100")
    assert wechat("--set", "wechat=300") > default > wechat("--set", "wechat=20")
    assert wechat("--set", "barrier=0") > default > wechat("--set", "attrition=140")


BAD = {
    "unknown case": (["--case", "march-2041"], ["march-2041", "march-2014"]),
    "unknown case by --set": (["--set", "case=nope"], ["nope", "march-2014"]),
    "unknown name": (["--set", "conern=30"], ["conern"]),
    "too high": (["--set", "concern=101"], ["concern", "101", "0 to 100"]),
    "negative": (["--set", "barrier=-1"], ["barrier", "-1", "0 to 100"]),
    "not a number": (["--set", "wechat=many"], ["wechat", "many"]),
    "nan": (["--set", "wechat=nan"], ["wechat", "nan"]),
    "infinite": (["--set", "wechat=1e400"], ["wechat", "1e400"]),
    "blank value": (["--set", "wechat="], ["wechat"]),
    "no equals sign": (["--set", "concern"], ["concern", "NAME=VALUE"]),
    "unknown origin": (["--set", "origin=2015Q1"], ["2015Q1", "2014Q1"]),
    "unknown event": (["--set", "events=moon"], ["moon", "india-ban"]),
    "second of two": (["--set", "concern=30", "--set", "line=9999"], ["line", "9999"]),
    "unknown format": (["--format", "xml"], ["xml"]),
    "unknown option": (["--concern", "30"], ["--concern"]),
    "stray word": (["march-2014"], ["march-2014"]),
    "option without value": (["--set"], ["--set"]),
    "two lines": (["--set", "concern=1\n2"], ["concern"]),
    "stray word of two lines": (["one\ntwo"], ["one"]),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_bad_input(run, words, said):
    """Exit code 2, one line on stderr that names the trouble, nothing on stdout."""
    code, out, err = run("project", *words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and err.endswith("\n")
    assert all(word in err for word in said), err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [[], ["predict"], ["--case", "march-2014"], [""]])
def test_bad_command(run, words):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and "Traceback" not in err


COMMANDS = ["cases", "project", "solve", "tornado", "sweep", "calibrate"]
COMMANDS = [*COMMANDS, "record", "narrow"]


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help(run, words):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "") and "usage" in out
    assert words or all(name in out for name in COMMANDS)


def forget():
    """Drop everything that was read or computed from data/."""
    for name, module in sys.modules.copy().items():
        if name.startswith("model."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of data/ that this process reads instead of its own."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    read = reader.read_evidence
    monkeypatch.setattr(reader, "read_evidence", lambda: read(tmp_path / "data"))
    forget()
    yield tmp_path / "data"
    monkeypatch.undo()
    forget()


BROKEN = {
    "file missing": ("concern", None, None, "data/concern.csv is missing"),
    "column renamed": ("markets", ",bloc,", ",block,", "data/markets.csv, row 1"),
    "negative figure": ("installed_base", "36.35,", "-36.35,", "-36.35"),
    "unknown market": ("addressable", "\nJPN,2010", "\nJPX,2010", "'JPX'"),
    "duplicate row": (
        "migrants",
        "\nAUS,2010,",
        "\nAUS,2015,1,2015-12-31,,un-desa\nAUS,2010,",
        "AUS",
    ),
    "blank source": ("totals", ",news-tomato\n", ",\n", "source_id ''"),
    "setting out of its range": ("settings", "Security concern,", "Security concern,1", "value 1"),
    "case out of range": (
        "case_settings",
        "hard-line,concern,100",
        "hard-line,concern,1000",
        "1000",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "said"), BROKEN.values(), ids=BROKEN)
def test_broken_data(run, folder, name, old, new, said):
    """The same for a fault in a file: which file and what, and not half an answer."""
    path = folder / f"{name}.csv"
    if old is None:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, out, err = run("project", *SHORT)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and said in err and f"data/{name}.csv" in err, err


def test_a_whole_copy_gives_the_same_answer(run, folder):
    """The fixture above reads the copy and breaks nothing by itself."""
    same = run("project", *SHORT)
    (folder / "installed_base.csv").write_text(
        (folder / "installed_base.csv").read_text(encoding="utf-8").replace(",36.35,", ",36.36,"),
        encoding="utf-8",
    )
    forget()
    other = run("project", *SHORT)
    assert same[0] == other[0] == 0 and same[1] != other[1]


def test_as_a_program():
    """python -m model in processes of their own, side by side: exit codes and streams."""

    def start(*words):
        command = [sys.executable, "-W", "error", "-m", "model", *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)

    good = start("project", "--set", "horizon=1", "--format", "csv")
    bad = start("project", "--set", "concern=101")
    out, err = good.communicate(timeout=60)
    assert (good.returncode, err) == (0, "")
    assert out.splitlines()[0] == ",".join(COLUMNS)
    assert len(out.splitlines()) == 1 + 5 * (25 * 3 + 23) and "\r" not in out
    out, err = bad.communicate(timeout=60)
    assert (bad.returncode, out, len(err.splitlines())) == (2, "", 1)


def test_two_runs_print_the_same(run):
    first = run("project", *SHORT)
    sampling._normal.cache_clear()
    assert run("project", *SHORT) == first


def test_headline_rows(project, golden):
    """Totals that the command prints for EX-CHINA, pinned each fifth year."""
    rows = project("--set", "concern=30", "--set", "wechat=160")
    found = {}
    for row in rows:
        if row["market"] == "EX-CHINA" and row["quarter"] in ("2014Q1", "2019Q1", "2024Q1"):
            numbers = [float(f"{float(row[column]):.4g}") for column in COLUMNS[4:]]
            found[f"{row['quarter']} {row['platform']}"] = numbers
    golden(found, "model_headline_rows")


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


@pytest.mark.parametrize("text", ["Wechat: 160", "wechat = 160", "WeChat growth=160", "wechat 160"])
def test_a_setting_as_a_person_types_it(project, text):
    wanted = project("--set", "wechat=160", "--set", "concern=30", *SHORT)
    assert project("--set", text, "--set", "concern = 30 %", *SHORT) == wanted


def test_solve_is_the_models_answer(run):
    """One lever as an object, all of them as a list; at the value the goal is just met."""
    words = ["--goal", "reach=60", "--by", "2020Q1", "--case", "super-app"]
    code, out, err = run("solve", *words, "--lever", "attrition", "--format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["lever", "value", "now", "reached", "enough", "sentence"]
    start = scenario.case("super-app")
    known = goal_seek.solve(start, goal_seek.parse_goal("reach=60", "2020Q1", start), ["attrition"])
    assert all(found[name] == getattr(known[0], name) for name in found)
    there = scenario.change(start, {"attrition": found["value"], "horizon": 6})
    assert_allclose(bands.answer(there).path[-1, 0], 60, rtol=2e-3)
    rows = json.loads(run("solve", *words, "--format", "json")[1])
    assert [row["lever"] for row in rows] == list(goal_seek.LEVERS)
    assert rows[goal_seek.LEVERS.index("attrition")] == found
    sheet = list(csv.DictReader(io.StringIO(run("solve", *words)[1])))
    for row, twin in zip(sheet, rows, strict=True):
        assert row["sentence"] == twin["sentence"]
        assert (float(row["value"]) if row["value"] else None) == twin["value"]
        assert json.loads(row["reached"]) is twin["reached"]


def test_solve_prints_pairs_where_no_lever_is_enough_alone(run):
    """As rows that name both levers; none of one lever."""
    words = ["solve", "--set", "horizon=4", "--goal", "reach=100", "--lever", "barrier"]
    *alone, pair = json.loads(run(*words, "--lever", "concern", "--format", "json")[1])
    assert [row["lever"] for row in alone] == ["barrier", "concern"]
    assert not any(row["reached"] for row in alone)
    start = scenario.change(scenario.case(), {"horizon": 4})
    assert pair["lever"] == "barrier+concern" and pair["reached"] and 0 < pair["enough"] < 1
    assert pair["now"] == {"barrier": start["barrier"], "concern": start["concern"]}
    there = scenario.change(start, pair["value"])
    assert bands.answer(there).path[-1, 0] == pytest.approx(100, rel=1e-3)
    assert pair["sentence"].startswith("Loyalty to current app would have to fall to")
    sheet = list(csv.DictReader(io.StringIO(run(*words, "--lever", "concern")[1])))
    assert [row["lever"] for row in sheet] == ["barrier", "concern", "barrier+concern"]
    assert sheet[2]["now"] == "barrier=39 concern=25"
    assert json.loads(run(*words, "--format", "json")[1])["lever"] == "barrier"


def test_solve_without_an_answer_is_null(run):
    words = ["--goal", "reach=9999", "--lever", "marketing"]
    found = json.loads(run("solve", *words, "--format", "json")[1])
    assert found["value"] is None and found["reached"] is False
    assert run("solve", *words)[1].splitlines()[1].startswith("marketing,,200,false,")


def test_an_old_link_that_chose_how_to_count(run):
    """The same rows as without that choice; one sentence beside them, none if nothing changed."""
    words = ["solve", "--goal", "pass-kakao", "--lever", "kakao"]
    rows = run(*words, "--case", "hard-line", "--set", "wechat=160", *SHORT)
    assert rows[0] == 0 and rows == run(*words, "--link", LINK)
    assert run(*words, "--link", f"{LINK}&outside=home") == rows
    code, out, err = run(*words, "--link", f"{LINK}&outside=china")
    assert (code, out) == rows[:2] and err.count("\n") == 1
    assert "outside=china is no longer a choice" in err


def test_a_tornado_is_that_of_the_page(run):
    start = scenario.change(scenario.case("hard-line"), {"wechat": 160, "horizon": 2})
    rows = json.loads(run("tornado", "--link", LINK, "--format", "json")[1])
    bars = sensitivity.tornado(start).bars
    assert_allclose([row["users_low"] for row in rows], [bar.users_low for bar in bars], 1e-5)


def test_tornado_is_the_models(run):
    code, out, err = run("tornado", *SHORT, "--format", "json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    bars = sensitivity.tornado(scenario.change(scenario.case(), {"horizon": 2})).bars
    assert [list(row) for row in rows] == [
        ["setting", "low", "high", "users_low", "users_high"]
    ] * len(bars)
    assert [row["setting"] for row in rows] == [bar.setting for bar in bars]
    assert_allclose([row["users_low"] for row in rows], [bar.users_low for bar in bars], atol=1e-6)
    sheet = csv.DictReader(io.StringIO(run("tornado", *SHORT)[1]))
    assert [float(row["users_high"]) for row in sheet] == [row["users_high"] for row in rows]


def test_narrow_is_the_models(run):
    code, out, err = run("narrow", *SHORT, "--format", "json")
    assert (code, err) == (0, "")
    rows = narrowing.narrow(scenario.change(scenario.case(), {"horizon": 2}))
    found = json.loads(out)
    assert [row["setting"] for row in found] == [row.setting for row in rows]
    for one, row in zip(found, rows, strict=True):
        assert one == pytest.approx(asdict(row), abs=1e-6)
    sheet = csv.DictReader(io.StringIO(run("narrow", *SHORT)[1]))
    assert [float(row["reduction"]) for row in sheet] == [row["reduction"] for row in found]


def test_sweep_is_the_central_path(run, tmp_path):
    """Totals of each scenario's single path, from a grid and from a list; nothing printed."""
    start = scenario.change(scenario.case("hard-line"), {"horizon": 2})
    out, rows = tmp_path / "sweep.csv", tmp_path / "list.csv"
    base = ["--case", "hard-line", *SHORT]
    words = ["sweep", *base, "--grid", "concern=0:50:25", "--out", str(out)]
    assert run(*words) == (0, "", "")
    found = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    for number, concern in enumerate(("0", "25", "50"), 1):
        path = projection.project(scenario.change(start, {"concern": concern}))
        users = path.users[..., 0].sum(axis=2)
        own = [row for row in found if row["scenario"] == str(number)]
        assert len(own) == 9 and {row["concern"] for row in own} == {concern}
        for row, wanted in zip(own, users, strict=True):
            found_users = [float(row[name]) for name in ("WeChat", "LINE", "KakaoTalk")]
            assert_allclose(found_users, wanted, atol=6e-7)
    code, printed, err = run(*words)
    assert (code, printed) == (2, "") and "exists" in err and "--force" in err
    rows.write_text("concern\n0\n25\n50\n", encoding="utf-8")
    words = ["sweep", *base, "--list", str(rows), "--out", str(tmp_path / "same.csv")]
    assert run(*words, "--quarters", "end") == (0, "", "")
    last = [row for row in found if row["quarter"] == "2016Q1"]
    same = (tmp_path / "same.csv").read_text(encoding="utf-8")
    assert list(csv.DictReader(same.splitlines())) == last


USELESS = {
    "bad value in a link": (["project", "--link", "?wechat=abc"], ["--link", "wechat", "abc"]),
    "bad name in a link": (["project", "--link", "?conern=3"], ["conern", "concern"]),
    "markup in a link": (["project", "--link", "?case=<b>x</b>"], ["<b>x</b>"]),
    "repeated in a link": (["project", "--link", "?line=1&line=2"], ["line", "more than once"]),
    "newer link": (["project", "--link", "?v=99&wechat=160"], ["99", "newer"]),
    "two bases": (["project", "--case", "today", "--link", "?line=5"], ["--link", "--case"]),
    "decimal comma": (["project", "--set", "wechat=137,5"], ["wechat", "137,5", "decimal point"]),
    "no files": (["project", "--file", "x"], ["--file"]),
    "goal": (["solve", "--goal", "pass-whatsapp"], ["pass-whatsapp", "pass-line"]),
    "no goal": (["solve"], ["--goal"]),
    "users of a goal": (["solve", "--goal", "reach=nan"], ["nan"]),
    "quarter": (["solve", "--goal", "pass-line", "--by", "2020"], ["2020"]),
    "quarter too early": (["solve", "--goal", "pass-line", "--by", "2014Q1"], ["2014Q1"]),
    "lever": (["solve", "--goal", "pass-line", "--lever", "wehcat"], ["wehcat", "wechat"]),
    "no lever": (["solve", "--goal", "pass-line", "--lever", "origin"], ["origin"]),
    "no choice of users": (["project", "--outside", "home"], ["--outside"]),
    "no resuming": (["sweep", "--grid", "line=1:2:1", "--out", "x", "--resume"], ["--resume"]),
    "jobs": (["sweep", "--grid", "line=1:2:1", "--out", "no/x", "--jobs", "0"], ["--jobs", "'0'"]),
    "format of cases": (["cases", "--format", "xml"], ["xml"]),
    "no plan": (["sweep", "--out", "x.csv"], ["--grid", "--list"]),
    "two plans": (["sweep", "--grid", "line=1:2:1", "--list", "x", "--out", "y"], ["--list"]),
    "step 0": (["sweep", "--grid", "line=1:2:0", "--out", "no/x.csv"], ["line", "'0'"]),
    "too many": (["sweep", "--grid", "line=0:400:1e-9", "--out", "no/x.csv"], ["10,000,000"]),
    "grid in a missing folder": (["sweep", "--grid", "line=1:2:1", "--out", "no/x.csv"], ["no/x"]),
    "grid into a folder": (["sweep", "--grid", "line=1:2:1", "--out", ".", "--force"], ["--out ."]),
    "nowhere": (["sweep", "--grid", "line=1:2:1"], ["--out"]),
    "missing list": (["sweep", "--list", "no/such.csv", "--out", "no/x.csv"], ["no/such.csv"]),
    "blank out": (["sweep", "--grid", "line=1:2:1", "--out", " "], ["--out", "blank"]),
    "blank quarter": (["solve", "--goal", "pass-line", "--by", ""], ["--by", "blank"]),
    "blank events": (["project", "--set", "events="], ["events=", "NAME=VALUE"]),
    "none and more": (["project", "--set", "events=none+india-ban"], ["none+india-ban", "joins"]),
}


@pytest.mark.parametrize("name", ["list.csv", "list.csv.unfinished"])
def test_a_sweep_does_not_overwrite_its_own_list(run, tmp_path, name):
    """Neither by the finished file nor by the unfinished one beside it."""
    rows = tmp_path / name
    rows.write_text("concern\n0\n", encoding="utf-8")
    out = str(tmp_path / "list.csv")
    code, printed, err = run("sweep", "--list", str(rows), "--out", out, "--force")
    assert (code, printed) == (2, "") and "the list itself" in err
    assert rows.read_text(encoding="utf-8") == "concern\n0\n"


def test_jobs_share_a_sweep(run, tmp_path):
    """Two processes write the same file as one."""
    texts = []
    for jobs in ("1", "2"):
        out = tmp_path / f"{jobs}.csv"
        words = ["sweep", *SHORT, "--grid", "wechat=0:400:0.5", "--quarters", "end"]
        assert run(*words, "--out", str(out), "--jobs", jobs) == (0, "", "")
        texts.append(out.read_bytes())
    assert texts[0] == texts[1] and texts[0].count(b"\n") == 802


def test_every_option_has_a_help_that_names_its_default(run):
    """Each line of help says something; the default case is that of data/settings.csv."""
    for command in build_parser()._subparsers._group_actions[0].choices.values():
        for action in command._actions:
            assert action.help
            assert action.default in ([], False, None, "==SUPPRESS==") or (
                f"default: {action.default}" in action.help
            )
    text = " ".join(run("project", "--help")[1].split())
    assert f"default: {scenario.case().case}" in text.replace("march- 2014", "march-2014")


def test_help_is_written_as_it_is_read(run):
    for words in (["--help"], ["project", "--help"]):
        code, out, err = run(*words)
        assert (code, err) == (0, "") and "80% band" in out and "%%" not in out


@pytest.mark.parametrize(("words", "said"), USELESS.values(), ids=USELESS)
def test_useless_input(run, words, said):
    """Exit code 2, one line on stderr that names the trouble, nothing on stdout."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and err.endswith("\n")
    assert all(word in err for word in said) and "Traceback" not in err, err


@pytest.mark.parametrize("words", [["--case", ""], ["--link", ""], ["--link", " "]], ids=str)
def test_an_empty_value_is_not_an_absent_one(run, words):
    code, out, err = run("project", *words)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert words[0].strip("-") in err


def test_a_list_that_is_not_there_is_a_plain_sentence(run, tmp_path):
    code, out, err = run("sweep", "--list", str(tmp_path / "no.csv"), "--out", str(tmp_path / "o"))
    assert (code, out) == (2, "")
    assert "Errno" not in err and "no.csv" in err


def test_explain_is_the_models_answer(run):
    """From a case or from the pinned scenario of a link; one sentence where it cannot be."""
    code, out, err = run("explain", "--case", "hard-line", "--from", "march-2014")
    assert (code, err) == (0, "")
    sheet = list(csv.DictReader(io.StringIO(out)))
    before, after = scenario.case("march-2014"), scenario.case("hard-line")
    apart = bands.answer(after).path[-1, 0] - bands.answer(before).path[-1, 0]
    assert_allclose(sum(float(row["users"]) for row in sheet), apart, rtol=1e-6)
    assert [row["setting"] for row in sheet] == ["events", "concern"]
    link = "case=march-2014&concern=60&pin=march-2014~concern.30"
    (row,) = json.loads(run("explain", "--link", link, "--format", "json")[1])
    assert (row["setting"], row["before"], row["after"]) == ("concern", 30, 60)
    for words, said in (
        ([], "no setting differs from it"),
        (["--set", "horizon=3"], "horizon: 10.0 and 3.0 cannot be mixed in one run"),
        (["--from", "x"], "case: 'x' is not one of"),
    ):
        code, out, err = run("explain", *words)
        assert code == 2 and out == "" and said in err and err.count("\n") == 1
