"""The two doubts: their parts add up, and each is what the page shows elsewhere."""

import numpy as np
import pytest

from model.analysis.two_doubts import doubts
from model.scenario.scenario import case, change
from tests.model.by_hand import runs_by_hand

SHORT = {"horizon": 3}
SCENARIOS = {
    "March 2014": change(case(), SHORT),
    "half the world worried": change(case("super-app"), {"concern": 55, "barrier": 62} | SHORT),
    "today": change(case("today"), SHORT),
}


@pytest.fixture(params=SCENARIOS)
def scenario(request):
    return SCENARIOS[request.param]


def test_nobody_is_the_answer_with_loyalty_pull_and_concern_at_zero(scenario):
    """From runs that are put together by hand; so too with one doubt left."""
    split, lines = doubts(scenario), []
    parts = split.remains, split.concern, split.established
    assert sum(parts) == pytest.approx(split.nobody, rel=1e-12) and min(parts) > 0
    for changes in ({"barrier": 0, "pull": 0, "concern": 0}, {"concern": 0}, {}):
        users = runs_by_hand(change(scenario, changes))[0][-1, 0]
        lines.append(np.sort(users)[64:192].mean())
    assert np.allclose(lines[0], split.nobody, rtol=1e-9)
    assert np.allclose(lines[0] - lines[1], split.established, rtol=1e-7)
    assert np.allclose(lines[1] - lines[2], split.concern, rtol=1e-7)


def test_more_of_a_doubt_takes_more():
    start = SCENARIOS["March 2014"]
    worry = [doubts(change(start, {"concern": one})) for one in (0, 10, 40, 100)]
    assert worry[0].concern == 0 and (np.diff([one.concern for one in worry]) > 0).all()
    assert (np.diff([one.remains for one in worry]) < 0).all()
    loyal = [doubts(change(start, {"barrier": one, "pull": 0})) for one in (0, 20, 60, 100)]
    assert loyal[0].established == 0 and (np.diff([one.established for one in loyal]) > 0).all()
    assert {round(one.nobody, 6) for one in (*worry, *loyal)} == {round(worry[0].nobody, 6)}
