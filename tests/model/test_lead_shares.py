"""Shares of runs on the lead map, counted directly."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis import bands
from model.analysis.sampling import run_totals
from model.analysis.sensitivity import (
    LeadMap,
    contour,
    lead_map,
    margin,
)
from model.messengers import PLATFORMS
from model.scenario.scenario import case, change

RIVALS = PLATFORMS[1:]


def counted(scenario, growth, concern):
    """Shares of all runs in which WeChat is ahead of each rival, at one place."""
    place = {"wechat": np.array([growth]), "concern": np.array([concern])}
    users = run_totals(scenario, place)[:, 0]
    return (users[0] > users[1:]).mean(axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_on_a_contour_that_share_of_runs_is_ahead(name):
    """Counted from all runs; the map has them at 81 places and interpolates."""
    scenario, seen = case(name), 0
    found = lead_map(scenario)
    for k, rival in enumerate(RIVALS):
        for share in (0.1, 0.5, 0.9):
            points = contour(found, rival, share)
            for growth, concern in points[[0, len(points) // 3]] if len(points) > 3 else []:
                share_there = counted(scenario, growth, concern)[k]
                assert share_there == pytest.approx(share, abs=0.05), (rival, share, growth)
                seen += 1
    # all over the map of Today WeChat is ahead of KakaoTalk
    assert seen >= (4 if name == "today" else 6)


def test_at_the_scenario_itself_the_shares_are_those_of_the_answer():
    scenario = change(case(), {"wechat": 200})  # a place of the map, not a knot
    found = lead_map(scenario)
    i, j = 10, 5
    assert (found.growth[i], found.concern[j]) == (200, 25)
    ahead = (found.margins[..., i, j] > 0).mean(axis=1)
    assert_allclose(ahead, bands.answer(scenario).ahead, atol=0.035)


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
