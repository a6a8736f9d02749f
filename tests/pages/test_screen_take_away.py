"""Pairs of settings, and what can be taken along, as they stand on the screen."""

import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from model.analysis.goal_seek import LEVERS
from model.scenario.scenario import case, change
from model.scenario.take_away import citation
from tests.pages.screen import PLATFORMS, ROOT, both_runs, line_of, open_page, words


def unreachable(users):
    """The page with a goal that no setting reaches alone, four years on in the case hard-line."""
    app = open_page(open="solve", horizon="4", **{"case": "hard-line"})
    app.selectbox(key="goal").set_value("reach").run()
    return app.number_input(key="goal_users").set_value(users).run()


def cards(app):
    """The buttons of the cards, each of one setting or of two."""
    return [one for one in app.button if (one.key or "").startswith("use_")]


@pytest.mark.slow
def test_pairs_are_offered_only_where_no_setting_is_enough():
    alone = {one.key.removeprefix("use_") for one in cards(open_page(open="solve", horizon="4"))}
    assert alone and alone <= set(LEVERS)
    app = unreachable(500.0)
    pairs = cards(app)
    assert 1 <= len(pairs) <= 3
    assert not {one.key.removeprefix("use_") for one in pairs} & set(LEVERS)
    pairs[0].click().run()
    scenario = app.session_state.scenario
    start = change(case("hard-line"), {"horizon": 4})
    assert sum(value != start[name] for name, value in scenario.values) == 2
    assert line_of(both_runs(scenario)[0].total[-1, 0]) == pytest.approx(500, rel=1.1e-3)


@pytest.mark.slow
def test_where_no_pair_is_enough_the_page_says_so():
    app = unreachable(1000.0)
    assert not cards(app)
    assert "No two of these settings" in words(app)


def test_command_notebook_and_citation_give_the_numbers_of_the_page():
    app = open_page(open="share", concern="40", **{"case": "hard-line"})
    scenario = change(case("hard-line"), {"concern": 40})
    codes = [one.value for one in app.code]
    command = next(code for code in codes if code.startswith("python -m model"))
    notebook = next(code for code in codes if "import" in code)
    assert any(code.startswith(f"{citation()} http") for code in codes)
    ends = line_of(both_runs(scenario)[0].total[-1])
    arguments = [sys.executable, *shlex.split(command)[1:]]
    printed = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = pd.DataFrame([line.split(",") for line in printed.splitlines()[1:]])
    columns = printed.splitlines()[0].split(",")
    rows.columns = columns
    last = rows[(rows.market == "ABROAD") & (rows.quarter == rows.quarter.max())]
    users = last.set_index("platform").users_millions.astype(float)[list(PLATFORMS)]
    np.testing.assert_allclose(users, ends, rtol=1e-4)
    said = subprocess.run(
        [sys.executable, "-c", notebook], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name, number in zip(PLATFORMS, ends, strict=True):
        line = next(line for line in said.splitlines() if line.startswith(name))
        assert float(line.split()[1]) == pytest.approx(number, rel=1e-4)
    assert "Data (XLSX)" in [one.label for one in app.get("download_button")]
    assert [tab.label for tab in app.tabs][-1] == "Cite"
