"""A scenario less another one: paired runs by hand, and paths made up for the purpose."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.comparison import compare, peak, peaks_before
from model.scenario.scenario import case, change
from tests.kept import answer
from tests.model.by_hand import runs_by_hand


def test_the_range_is_that_of_run_less_run():
    """Not of two unrelated ranges, which would be far wider."""
    scenarios = change(case(), {"concern": 22, "horizon": 4}), change(case(), {"horizon": 4})
    answers = [answer(scenario).total for scenario in scenarios]
    found = compare(*map(answer, scenarios)).total
    users = [runs_by_hand(scenario)[1][-1, 0].sum(axis=0) for scenario in scenarios]
    apart = np.sort(users[0] - users[1])
    # 256 of them: the tenth part lies 25.5 places in
    ends = found.low[-1, 0], found.high[-1, 0]
    assert_allclose(ends, (apart[25:27].mean(), apart[229:231].mean()), rtol=1e-4)
    assert_allclose(found.line, answers[0].line - answers[1].line, atol=1e-9)
    assert ends[1] < (answers[0].high - answers[1].low)[-1, 0] / 3


@pytest.mark.parametrize(
    ("line", "most", "at", "before"),
    [
        ([0, 12, 4], 12, 0.5, True),
        ([0, -9, -2, 1], -9, 1 / 3, True),  # the largest one may be fewer users
        ([0, 1, 2], 2, 1.0, False),
        ([0, 10, 9.5], 10, 0.5, False),  # nearly that of the end
        ([0, 0.04, 0], 0.04, 0.5, False),  # too few to speak of
        ([0, 0, 0], 0, 0.0, False),
    ],
)
def test_the_largest_difference_and_when(line, most, at, before):
    found = compare(answer(case()), answer(case("hard-line")))
    lines = np.array(found.total.line)
    lines[:, 0] = np.interp(np.linspace(0, 1, len(lines)), np.linspace(0, 1, len(line)), line)
    found = replace(found, total=replace(found.total, line=lines))
    users, time = peak(found)
    start, end = found.times[[0, -1]]
    assert users == pytest.approx(most, rel=0.03)
    assert time == pytest.approx(start + at * (end - start), abs=0.26)
    assert peaks_before(found) == before
