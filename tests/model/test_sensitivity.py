"""Sensitivity: bars and map against other ways to the same numbers."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.sensitivity import LeadMap, frontier, lead_map, tornado
from model.scenario.scenario import case, cases, change
from model.scenario.settings import all_settings
from tests.kept import answer

SHORT = {"horizon": 4}


def end(scenario):
    """WeChat's users outside China at the horizon, million, as on the page."""
    return answer(scenario).total.line[-1, 0]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cases()))
def test_bars_are_finite_differences(name):
    """The three largest and some others: the setting changed, the answer read."""
    scenario = case(name)
    found = tornado(scenario)
    assert_allclose(found.users, end(scenario), rtol=1e-9)
    for bar in (*found.bars[:3], found.bars[7], found.bars[-1]):
        low, high = (end(change(scenario, {bar.setting: v})) for v in (bar.low, bar.high))
        assert_allclose([bar.users_low, bar.users_high], [low, high], rtol=1e-9)


def test_bars_are_of_plausible_ends_and_the_longest_first():
    bars = tornado(change(case(), SHORT)).bars
    lengths = [abs(bar.users_high - bar.users_low) for bar in bars]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > 10
    names = [bar.setting for bar in bars]
    assert set(names) == set(all_settings()) - {"horizon"}
    assert len(names) == 22
    ends = {bar.setting: (bar.low, bar.high) for bar in bars}
    assert ends["concern"] == (10, 60) and ends["barrier"] == (20, 80)  # priors
    assert ends["marketing"] == (0, 1000) and ends["until"] == (2013, 2035)  # choices


def test_bars_of_hindrances_point_down():
    bars = {bar.setting: bar for bar in tornado(change(case(), SHORT)).bars}
    for name in ("concern", "barrier", "attrition", "concern_attrition"):
        assert bars[name].users_high < bars[name].users_low, name
    for name in ("wechat", "marketing", "wechat_innovation", "ceiling_abroad"):
        assert bars[name].users_high > bars[name].users_low, name


def test_cells_of_the_map_are_scenarios():
    """Cell by cell the line of the page: exact at the knots, corners too, and near it between."""
    scenario = change(case("today"), {"horizon": 6})
    found = lead_map(scenario)
    assert found.users.shape == (21, 21, 3)
    for (i, j), close in {(0, 0): 1e-9, (0, 20): 1e-9, (20, 0): 1e-9, (20, 20): 1e-9,
                          (10, 10): 1e-9, (7, 3): 0.03, (13, 11): 0.03}.items():  # fmt: skip
        cell = {"wechat": found.growth[i], "concern": found.concern[j]}
        assert_allclose(
            found.users[i, j], answer(change(scenario, cell)).total.line[-1], rtol=close
        )


def test_the_map_goes_from_end_to_end_in_steps_of_the_sliders():
    found = lead_map(change(case(), {"horizon": 1}))
    assert_allclose(found.growth, np.arange(0, 401, 20))
    assert_allclose(found.concern, np.arange(0, 101, 5))
    small = lead_map(change(case(), {"horizon": 1}), size=8)
    assert small.growth[0] == 0 and small.growth[-1] == 400 and (small.growth % 2 == 0).all()
    assert small.users.shape == (8, 8, 3) and (small.concern % 5 == 0).all()


def drawn_map(lead):
    """A map whose lead over the stronger rival, in log units, is a function of both settings."""
    growth, concern = np.linspace(0, 400, 21), np.linspace(0, 100, 21)
    gap = lead(growth[:, None], concern[None, :])
    weaker = np.full_like(gap, 3.0)
    weaker[:, ::2] = 10.0  # now LINE is the stronger, now KakaoTalk
    users = np.stack([10 * np.exp(gap), weaker, 13.0 - weaker], axis=-1)
    users[..., 2] = np.where(weaker == 10, 3.0, 10.0)
    margins = np.stack([np.log(users[..., 0] / users[..., k])[None] for k in (1, 2)])
    return LeadMap(growth=growth, concern=concern, users=users, margins=margins)


def test_frontier_of_a_plane():
    """Where the lead is linear in growth, interpolation is exact; none beyond the map."""
    found = frontier(drawn_map(lambda growth, concern: 0.01 * (growth - 50 - 5 * concern)))
    expected = 50 + 5 * np.linspace(0, 100, 21)
    assert_allclose(found, np.where(expected <= 400, expected, np.nan), rtol=1e-9)
    assert np.isnan(frontier(drawn_map(lambda g, c: 1.0 + 0 * (g + c)))).all()
    assert np.isnan(frontier(drawn_map(lambda g, c: -1.0 + 0 * (g + c)))).all()


def test_on_the_frontier_nobody_leads():
    """Put back, WeChat is as large as the strongest other, within what lies between knots."""
    scenario = case("no-concern")
    found = lead_map(scenario, size=81)
    edge = frontier(found)
    known = np.flatnonzero(np.isfinite(edge))
    assert known.size > 10
    for j in known[::12]:
        cell = change(scenario, {"wechat": edge[j], "concern": found.concern[j]})
        wechat, *others = answer(cell).total.line[-1]
        assert abs(math.log(wechat / max(others))) < 0.1
