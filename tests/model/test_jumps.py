"""No slider jumps: one of its steps never changes a messenger's total by more than a quarter."""

import numpy as np
import pytest

from model.analysis import sampling
from model.messengers import PLATFORMS
from model.scenario.scenario import case, cases
from model.scenario.settings import all_settings

MOST = 1.25  # factor by which one step may change a total
AT_FIRST = 25  # values of a slider that are tried before its own steps
# case and setting -> why a step may change a total by more
REASONS = {
    ("hard-line", "wechat_core"): "where everybody worries, home ties are all that WeChat has",
}


def steepest(scenario, name, values, count=sampling.FEW):
    """The factor between neighbours (value, platform)."""
    users = sampling.lines(scenario, {name: values}, count=count)
    change = np.abs(np.diff(np.log(np.maximum(users, 1e-6)), axis=1)).T
    return np.exp(change)


@pytest.mark.parametrize("name", list(cases()))
def test_no_step_of_a_slider_jumps(name):
    """Each slider in its own steps; where wider steps change little, so do the steps between."""
    scenario, found = case(name), {}
    for setting in all_settings().values():
        if setting.group in ("horizon", "calibration"):
            continue
        count = round((setting.high - setting.low) / setting.step)
        steps = setting.low + setting.step * np.arange(count + 1)
        some = np.unique(np.linspace(0, count, min(count + 1, AT_FIRST)).round().astype(int))
        factor = steepest(scenario, setting.name, steps[some])
        for first, last, apart in zip(some, some[1:], factor, strict=False):
            if apart.max() <= MOST:
                continue
            fine = steepest(scenario, setting.name, steps[first : last + 1])
            if fine.max() > MOST:  # as the page has it, from all runs
                fine = steepest(scenario, setting.name, steps[first : last + 1], sampling.DRAWS)
            if fine.max() > MOST and (name, setting.name) not in REASONS:
                at, k = np.unravel_index(fine.argmax(), fine.shape)
                found[setting.name, PLATFORMS[k], steps[first + at]] = round(float(fine.max()), 2)
    assert not found, found
