"""The largest difference of two scenarios over time, against paths made up for the purpose."""

from dataclasses import replace

import numpy as np
import pytest

from model.analysis.comparison import compare, peak, peaks_before
from model.scenario.scenario import case
from tests.kept import answer


def made_up(line):
    """A comparison as if WeChat's lines were apart by `line`, million users."""
    found = compare(answer(case()), answer(case("hard-line")))
    lines = np.array(found.total.line)
    lines[:, 0] = np.interp(np.linspace(0, 1, len(lines)), np.linspace(0, 1, len(line)), line)
    return replace(found, total=replace(found.total, line=lines))


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
    found = made_up(line)
    users, time = peak(found)
    start, end = found.times[[0, -1]]
    assert users == pytest.approx(most, rel=0.03)
    assert time == pytest.approx(start + at * (end - start), abs=0.26)
    assert peaks_before(found) == before
