"""Two states, against runs made up for the purpose."""

from dataclasses import replace

import numpy as np
import pytest

from model.analysis import states
from model.analysis.market_facts import people_online
from model.messengers import PLATFORMS
from model.scenario.scenario import case
from tests.kept import answer

START = 30.0  # million users


def made_up(ends, **changes):
    """The answer of March 2014, as if the runs of WeChat had ended so."""
    real = answer(case("march-2014"))
    runs, line = np.array(real.runs), np.array(real.total.line)
    runs[-1, 0], line[0, 0] = np.resize(ends, runs.shape[-1]), START
    return replace(real, runs=runs, total=replace(real.total, line=line), **changes)


def test_runs_that_double_take_off_and_runs_below_the_start_fade():
    """Of 8 runs 3 end at twice the start or above, 2 below it, one at just the start."""
    found = states.in_all(made_up([60, 61, 500, 59.9, 30, 31, 29.9, 0]))
    assert (found.up, found.down, found.reached) == (3 / 8, 2 / 8, 2 * START)
    assert found.are_two


@pytest.mark.parametrize("ends", [[100] * 17 + [1] * 3, [100] * 3 + [1] * 17, [40] * 20])
def test_one_state_where_few_runs_are_in_the_other(ends):
    """Just 15% of 20 runs are not enough, on either side."""
    size = answer(case("march-2014")).runs.shape[-1] // 20 * 20
    found = made_up(ends)
    found = replace(found, runs=found.runs[..., :size])
    assert not states.in_all(found).are_two


def test_a_market_takes_off_from_a_tenth_and_stays_small_up_to_a_fiftieth():
    real = answer(case("march-2014"))
    i = real.names.index("MYS")
    online = people_online(real)[i]
    market_runs = np.array(real.market_runs, dtype=float)
    shares = [0.1001, 0.5, 0.0999, 0.0201, 0.0199, 0.0, 0.01, 0.05]
    market_runs[0, i] = np.resize(np.array(shares) * online, market_runs.shape[-1])
    found = states.in_market(replace(real, market_runs=market_runs), "MYS")
    assert (found.up, found.down) == (2 / 8, 3 / 8)
    assert found.reached == pytest.approx(0.1 * online)
    assert found.are_two
    # another market's runs do not count
    assert states.in_market(replace(real, market_runs=market_runs), "MEX") != found


def test_nobody_can_tell_where_the_ends_of_a_range_are_far_apart():
    """By hand from the ends of each market's 80% range."""
    found = answer(case())
    for i, market in enumerate(found.names):
        ratio = found.market_ends.high[:, i] / np.maximum(found.market_ends.low[:, i], 0.05)
        named = tuple(name for name, one in zip(PLATFORMS, ratio, strict=True) if one > 10)
        assert states.unsure(found, market) == named
    assert "WeChat" in states.unsure(found, "MYS") and not states.unsure(found, "KOR")
