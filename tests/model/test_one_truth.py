"""One answer to one question, wherever it is asked: solver, map, split, bars, command, address."""

import csv
import io
import json
from urllib.parse import urlencode

import numpy as np
import pytest

from model.analysis.goal_seek import needed_growth
from model.analysis.sensitivity import contour, lead_map, plausible, slider_curves, tornado
from model.analysis.two_doubts import doubts
from model.cli.parser import main
from model.number_text import six_digits
from model.scenario.links import View, to_query
from model.scenario.scenario import case, cases, change
from model.scenario.settings import all_settings
from pages.parts.serving import api
from tests.kept import answer

GOALS = {"LINE": "pass-line", "KakaoTalk": "pass-kakao"}
WITHIN = 0.01  # of the slider's range: by how much the map's contour may be off the solver


def random_scenarios(seed, count, longest):
    """Scenarios with a third of the settings anywhere in their plausible range."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(count):
        changes = {"horizon": float(rng.integers(1, longest + 1))}
        for name, one in all_settings().items():
            if name not in changes and rng.random() < 1 / 3:
                changes[name] = one.step * round(rng.uniform(*plausible(one)) / one.step)
        found.append(change(case(str(rng.choice(list(cases())))), changes))
    return found


def printed(capsys, scenario, *words):
    """The rows that a command prints for the link of a scenario."""
    link = "?" + urlencode(to_query(View(scenario=scenario), full=True))
    assert main([*words, "--link", link, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def check(scenario, capsys):
    """Every way to the growth that is needed, to the cost of concern and to what matters most."""
    needed, found, split = needed_growth(scenario), answer(scenario), doubts(scenario)
    setting, map_ = all_settings()["wechat"], lead_map(scenario)
    for rival, growth in needed.items():
        row = printed(capsys, scenario, "solve", "--goal", GOALS[rival], "--lever", "wechat")
        never = 0.0 if row["reached"] else np.inf
        assert six_digits(growth) == (never if row["value"] is None else row["value"])
        edge = contour(map_, rival)
        drawn = np.interp(scenario["concern"], edge[:, 1], edge[:, 0]) if len(edge) else growth
        if row["value"] is not None and setting.low < drawn < setting.high:
            assert abs(drawn - growth) < WITHIN * (setting.high - setting.low), rival
    assert split.remains == pytest.approx(found.total.line[-1, 0], rel=1e-9)
    assert split.concern == pytest.approx(float(found.cost.line), rel=1e-9, abs=1e-9)
    assert printed(capsys, scenario, "doubts") == {
        name: six_digits(getattr(split, name)) for name in split.__slots__
    }
    bars = tornado(scenario)
    assert bars.users == pytest.approx(split.remains, rel=1e-9)
    rows = printed(capsys, scenario, "tornado")
    assert [row["setting"] for row in rows] == [bar.setting for bar in bars.bars]
    assert [row["users_high"] for row in rows] == [six_digits(bar.users_high) for bar in bars.bars]
    for name, curve in slider_curves(found).items():
        now = curve[curve[:, 0] == scenario[name], 1]
        assert now == pytest.approx(split.remains, rel=1e-9), name
    ends = [row for row in csv.DictReader(io.StringIO(api.projection(scenario, "csv")))
            if (row["market"], row["platform"]) == ("ABROAD", "WeChat")]  # fmt: skip
    assert float(ends[-1]["users_millions"]) == six_digits(split.remains)


def test_one_truth(capsys):
    check(random_scenarios(1, 1, 2)[0], capsys)


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_one_truth_all_over(number, capsys):
    check(random_scenarios(2, 3, 10)[number], capsys)
