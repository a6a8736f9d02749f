"""Take it with you: command and lines of Python give the answer; the citation."""

import contextlib
import io
import json
import re
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.cli.parser import main
from model.evidence import data_version
from model.messengers import PLATFORMS
from model.number_text import plain_number
from model.scenario import take_away
from model.scenario.scenario import case, change
from tests.kept import answer

ROOT = Path(__file__).parents[2]
SCENARIOS = {
    "a case": change(case("march-2014"), {"horizon": 1}),
    "changed": change(
        case("hard-line"),
        {"wechat": 160.123456789, "concern": 30.5, "events": "india-ban+surveys", "horizon": 2},
    ),
    "another start": change(case(), {"origin": "2025Q3", "events": "none", "horizon": 1}),
}


@pytest.fixture(params=SCENARIOS.values(), ids=SCENARIOS)
def asked(request):
    """A scenario."""
    return request.param


def test_the_command_prints_the_answer(asked, capsys):
    """Line and band of every messenger and quarter, to the six digits of the rows."""
    program, *words = shlex.split(take_away.command_line(asked))
    assert [program, *words[:3]] == ["python", "-m", "model", "project"]
    assert main([*words[2:], "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    result = answer(asked)
    for k, name in enumerate(PLATFORMS):
        own = [row for row in rows if row["market"] == "ABROAD" and row["platform"] == name]
        found = [[row[column] for column in ("low", "users_millions", "high")] for row in own]
        wanted = np.transpose(
            [result.total.low[:, k], result.total.line[:, k], result.total.high[:, k]]
        )
        assert_allclose(found, wanted, rtol=5.1e-6, atol=5.1e-10)


def test_the_lines_print_the_answer(asked):
    printed = io.StringIO()
    names = {}
    with contextlib.redirect_stdout(printed):
        exec(take_away.notebook_lines(asked), names)
    assert names["scenario"] == asked
    result = answer(asked)
    ends = np.transpose([result.total.line[-1], result.total.low[-1], result.total.high[-1]])
    assert printed.getvalue().splitlines() == [
        "{}: {} ({} to {})".format(name, *map(plain_number, row))
        for name, row in zip(PLATFORMS, ends.tolist(), strict=True)
    ]


def test_a_case_needs_no_settings():
    assert take_away.command_line(case("today")) == "python -m model project --case today"
    assert 'scenario = case("today")\n' in take_away.notebook_lines(case("today"))


def test_the_citation_is_that_of_the_project():
    line = take_away.citation()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert line.startswith("How far could WeChat go abroad? A what-if model")
    assert f"Version {project['version']} (" in line and f"data of {data_version()}" in line
    assert line.endswith("MIT licence.") and "\n" not in line
    assert re.search(r"\(20\d\d-\d\d-\d\d\)", line)
