"""Effort: seconds follow the steps of the solver, and costly questions are asked more coarsely."""

import numpy as np
import pytest

from model.analysis import attribution, effort, sampling, sensitivity
from model.engine import projection
from model.engine.definition import steps_per_quarter
from model.scenario.scenario import case, cases, change
from model.scenario.settings import all_settings
from tests.kept import answer

SHORT = change(case(), {"horizon": 1})
SLOW = {"attrition": 300, "pull": 5, "ceiling_abroad": 95, "line": 400, "horizon": 3}
EIGHT = {"concern": 60, "wechat": 200, "marketing": 400, "until": 2020}
EIGHT |= {"attrition": 100, "barrier": 50, "pull": 2, "line": 180}
GROWTH = {"wechat": np.array([0.0, 150.0, 400.0])}


@pytest.mark.parametrize("scenario", [SHORT, change(case(), SLOW)])
def test_seconds_are_those_of_all_steps_that_are_taken(scenario, monkeypatch):
    seen = []

    def noting(*rates):
        steps = steps_per_quarter(*rates)
        seen.append((steps.sum(), steps.size))
        return steps

    monkeypatch.setattr(projection, "steps_per_quarter", noting)
    sampling.run_totals(scenario, GROWTH)
    quarters = 4 * scenario["horizon"]
    exact = sum(quarters * (effort.STEP * steps + effort.MARKET * cells) for steps, cells in seen)
    assert sampling.seconds(scenario, GROWTH) == pytest.approx(exact, rel=0.1)


def test_whoever_listens_hears_of_each_batch_before_it_is_made(monkeypatch):
    heard = []
    monkeypatch.setattr(sampling, "RUNS_AT_ONCE", 512)
    token = effort.between_batches.set(heard.append)
    try:
        sampling.run_totals(SHORT, GROWTH)
    finally:
        effort.between_batches.reset(token)
    assert len(heard) == 2
    assert sum(heard) == pytest.approx(sampling.seconds(SHORT, GROWTH), rel=0.1)


@pytest.mark.parametrize("name", [*cases()])
def test_the_maps_of_all_cases_have_all_places(name):
    ends = [(all_settings()[one].low, all_settings()[one].high) for one in ("wechat", "concern")]
    cells = np.meshgrid(*(np.linspace(*one, sensitivity.KNOTS[0]) for one in ends))
    batch = dict(zip(("wechat", "concern"), map(np.ravel, cells), strict=True))
    assert sampling.seconds(case(name), batch) <= effort.AIM


def test_a_costly_map_has_fewer_places_with_runs_and_is_exact_there(monkeypatch):
    whole = sensitivity.lead_map(SHORT, size=5)
    monkeypatch.setattr(sensitivity, "AIM", 0.0)
    found = sensitivity.lead_map(SHORT, size=5)
    assert (whole.knots, found.knots) == (9, 5)
    np.testing.assert_allclose(found.users, whole.users, rtol=1e-9)


def test_of_costly_mixtures_fewer_settings_are_told_apart_and_they_add_up(monkeypatch):
    after = change(SHORT, EIGHT)
    monkeypatch.setattr(attribution, "AIM", 0.0)
    found = attribution.explain(SHORT, after)
    assert len(found.contributions) == attribution.LEAST_PLAYERS
    assert attribution.OTHERS in [one.setting for one in found.contributions]
    apart = answer(after).total.line[-1, 0] - answer(SHORT).total.line[-1, 0]
    assert sum(one.users for one in found.contributions) == pytest.approx(apart)


def test_the_worst_mixtures_are_told_apart_within_the_time_of_a_question(monkeypatch):
    """Seven settings at both ends: 128 mixtures would take three times as long."""
    worst = change(case(), SLOW | {"horizon": 15})
    other = {name: all_settings()[name].low for name in SLOW if name != "horizon"}
    other |= {"wechat": 400, "kakao": 400, "concern": 100}
    players = attribution._most_players(worst, change(worst, other), tuple(other))
    assert attribution.LEAST_PLAYERS <= players < attribution.PLAYERS
