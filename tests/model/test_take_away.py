"""Take it with you: command and lines of Python give the answer; the citation."""

import contextlib
import io
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from model.cli.parser import main
from model.engine.projection import OUTSIDE
from model.evidence import data_version
from model.messengers import PLATFORMS
from model.scenario import take_away
from model.scenario.scenario import case, cases, change
from tests.kept import answer

ROOT = Path(__file__).parents[2]
SCENARIOS = {
    "a case": change(case("march-2014"), {"horizon": 1}),
    "changed": change(
        case("hard-line"),
        {"wechat": 160.123456789, "concern": 30.5, "events": "india-ban+surveys", "horizon": 2},
    ),
    "another start": change(case(), {"origin": "2024Q2", "events": "none", "horizon": 1}),
}


@pytest.fixture(params=[(name, count) for name in SCENARIOS for count in OUTSIDE], ids=str)
def asked(request):
    """A scenario and how users are counted."""
    name, outside = request.param
    return SCENARIOS[name], outside


def test_the_command_prints_the_answer(asked, capsys):
    """Line and band of every messenger and quarter, to the six decimals of the rows."""
    scenario, outside = asked
    program, *words = shlex.split(take_away.command_line(scenario, outside))
    assert [program, *words[:3]] == ["python", "-m", "model", "project"]
    assert main([*words[2:], "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    result, total = answer(scenario, outside), f"EX-{outside.upper()}"
    for k, name in enumerate(PLATFORMS):
        own = [row for row in rows if row["market"] == total and row["platform"] == name]
        assert len(own) == len(result.times)
        for column, values in zip(
            ("users_millions", "low", "high"), (result.path, result.low, result.high), strict=True
        ):
            assert_allclose([row[column] for row in own], values[:, k], atol=5.1e-7)
    assert {row["market"] for row in rows if row["market"].startswith("EX-")} == {total}


def test_the_lines_print_the_answer(asked):
    scenario, outside = asked
    printed = io.StringIO()
    names = {}
    with contextlib.redirect_stdout(printed):
        exec(take_away.notebook_lines(scenario, outside), names)
    assert names["scenario"] == scenario
    result = answer(scenario, outside)
    columns = zip(PLATFORMS, result.path[-1], result.low[-1], result.high[-1], strict=True)
    assert printed.getvalue().splitlines() == [
        f"{name}: {users:.6f} ({low:.6f} to {high:.6f})" for name, users, low, high in columns
    ]
    assert take_away.notebook_lines(scenario, outside).isascii()


@pytest.mark.parametrize("name", list(cases()))
def test_a_case_needs_no_settings(name):
    assert take_away.command_line(case(name), "china") == f"python -m model project --case {name}"
    assert f'scenario = case("{name}")\n' in take_away.notebook_lines(case(name), "home")


def test_the_citation_is_that_of_the_project():
    line = take_away.citation()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert line.startswith("How far could WeChat go abroad? A what-if model")
    assert f"Version {project['version']} (" in line and f"data of {data_version()}" in line
    assert line.endswith("MIT licence.") and "\n" not in line
    assert re.search(r"\(20\d\d-\d\d-\d\d\)", line)
