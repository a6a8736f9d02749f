"""Sensitivity: bars and map against other ways to the same numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis import batch
from model.analysis.sampling import lines
from model.analysis.sensitivity import LeadMap, contour, lead_map, margin, slider_curves, tornado
from model.messengers import PLATFORMS
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from tests.kept import answer

SHORT = {"horizon": 4}
RIVALS = PLATFORMS[1:]


def end(scenario):
    """WeChat's users outside China at the horizon, million, as on the page."""
    return answer(scenario).total.line[-1, 0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_on_a_contour_that_share_of_runs_is_ahead(name):
    """Counted from the answer's runs; the map has runs at 81 places and interpolates."""
    scenario, seen = case(name), 0
    found = lead_map(scenario)
    for k, rival in enumerate(RIVALS, 1):
        for share in (0.1, 0.5, 0.9):
            points = contour(found, rival, share)
            for growth, concern in points[[0, len(points) // 3]] if len(points) > 3 else []:
                runs = answer(change(scenario, {"wechat": growth, "concern": concern})).runs[-1]
                ahead = (runs[0] > runs[k]).mean()
                assert ahead == pytest.approx(share, abs=0.05), (rival, share, growth)
                seen += 1
    # all over the map of Today WeChat is ahead of KakaoTalk
    assert seen >= (4 if name == "today" else 6)


def test_at_the_scenario_itself_the_shares_are_those_of_the_answer():
    scenario = change(case(), {"wechat": 200})  # a place of the map, not a knot
    found = lead_map(scenario)
    i, j = 10, 5
    assert (found.growth[i], found.concern[j]) == (200, 25)
    ahead = (found.margins[..., i, j] > 0).mean(axis=1)
    assert_allclose(ahead, answer(scenario).ahead, atol=0.035)


def plane(lead, runs=5):
    """A map whose lead over both rivals is a function; run r adds r - 2, in log units."""
    growth, concern = np.linspace(0, 400, 21), np.linspace(0, 100, 21)
    gap = lead(growth[:, None], concern[None, :])
    users = np.stack([10 * np.exp(gap), np.full_like(gap, 10.0), np.full_like(gap, 10.0)], axis=-1)
    one = gap + np.arange(runs)[:, None, None] - 2
    margins = np.stack([one, one])
    return LeadMap(growth=growth, concern=concern, users=users, margins=margins)


def test_contours_of_a_plane_reach_the_edges():
    """ln ratio 0.01 (growth - 50 - 5 concern): level from (50, 0) to (400, 70)."""
    found = plane(lambda growth, concern: 0.01 * (growth - 50 - 5 * concern))
    for rival in RIVALS:
        line = contour(found, rival)
        assert_allclose(line[[0, -1]], [[50, 0], [400, 70]], atol=1e-9)
        assert_allclose(line[:, 0], 50 + 5 * line[:, 1], atol=1e-9)
        assert (np.diff(line[:, 1]) >= 0).all()
        # half of the runs: the middle one, which is the plane; 10%: the best one, 2 higher
        assert_allclose(contour(found, rival, 0.5), line)
        best = contour(found, rival, 0.1)
        assert_allclose(best[:, 0], 50 + 5 * best[:, 1] - 200, atol=1e-9)
        assert_allclose(best[[0, -1]], [[0, 30], [350, 100]], atol=1e-9)
        assert_allclose(margin(found, rival, 0.1), margin(found, rival) + 2)


def test_no_contour_where_one_side_has_everything():
    for lead in (1.0, -1.0):
        found = plane(lambda growth, concern, lead=lead: lead + 0 * (growth + concern), runs=1)
        found.margins[:] = lead
        assert contour(found, "LINE").size == contour(found, "LINE", 0.9).size == 0


MAIN = ("wechat", "concern", "line", "kakao")
WORRIED = change(case(), {"concern": 60, "wechat": 210} | SHORT)


@pytest.mark.parametrize("scenario", [change(case(), SHORT), WORRIED, change(case("today"), SHORT)])
def test_curves_of_the_main_sliders_go_through_the_answer(scenario):
    """Over the whole slider, at the present value exactly; more concern never helps."""
    found = answer(scenario)
    curves = slider_curves(found)
    assert tuple(curves) == MAIN
    for name, curve in curves.items():
        values, users = curve.T
        setting = all_settings()[name]
        assert (values[0], values[-1]) == (setting.low, setting.high) and (
            np.diff(values) > 0
        ).all()
        assert_allclose(users[values == scenario[name]], found.total.line[-1, 0], rtol=1e-9)
    assert_allclose(curves["concern"][0, 1], found.without_concern[-1, 0], rtol=1e-9)
    assert (np.diff(curves["concern"][:, 1]) <= 0).all()
    assert (np.diff(curves["wechat"][:, 1]) > 0).all()


def test_curves_where_concern_is_nothing():
    """At an end of the slider, or where its strength in every region is zero."""
    nowhere = {"concern_asia": 0, "concern_west": 0, "concern_elsewhere": 0} | SHORT
    for scenario in (change(case("no-concern"), SHORT), change(case(), nowhere)):
        users = slider_curves(answer(scenario))["concern"][:, 1]
        assert np.isfinite(users).all() and (np.diff(users) <= 1e-9).all()
    assert_allclose(users, users[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
def test_curves_are_near_those_of_all_runs(name):
    """Within a fifth of a curve's height, and a tenth of it on average; 3% but for WeChat's."""
    found = answer(case(name))
    for setting, curve in slider_curves(found).items():
        exact = lines(case(name), {setting: curve[:, 0]})[0]
        off = np.abs(curve[:, 1] - exact) / exact.max()
        assert off.max() < 0.2 and off.mean() < (0.1 if setting == "wechat" else 0.05), setting


def test_curves_cost_no_more_runs_than_an_answer(monkeypatch):
    counted, real = [], batch.run_totals

    def counting(scenario, points, *, markets, count):
        counted.append(count * points["wechat"].size)
        return real(scenario, points, markets=markets, count=count)

    monkeypatch.setattr(batch, "run_totals", counting)
    slider_curves(answer(WORRIED))
    assert 0 < sum(counted) < 2 * 256
