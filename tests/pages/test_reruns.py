"""The times of reruns: counted in buckets, and a line for a slow one that tells of no visitor."""

import json
import math

import pytest

from model.scenario.scenario import case, change
from pages.parts import reruns


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(reruns.time, "perf_counter", lambda: now[0])
    return now


def test_each_rerun_is_in_one_bucket_and_all_after_it(clock):
    before, seconds_before = reruns.histogram()
    for seconds in (0.01, 0.05, 0.3, 9.0):
        with reruns.timed(case()):
            clock[0] += seconds
    after, seconds = reruns.histogram()
    more = {bound: n - m for (bound, n), (_, m) in zip(after, before, strict=True)}
    assert more[0.05] in (1, 2)  # 0.05 is a difference of two binary numbers
    assert (more[0.25], more[0.5], more[5.0], more[math.inf]) == (2, 3, 3, 4)
    assert seconds - seconds_before == pytest.approx(9.36)


def test_a_slow_rerun_is_one_line_with_its_settings_even_if_it_fails(clock, caplog):
    scenario = change(case("hard-line"), {"wechat": 160, "events": "all"})
    with pytest.raises(KeyError), reruns.timed(scenario):
        clock[0] += 1.25
        raise KeyError
    with reruns.timed(scenario):
        clock[0] += 0.9
    assert len(caplog.messages) == 1
    line = json.loads(caplog.messages[0])
    assert line["seconds"] == 1.25
    assert line["scenario"]["case"] == "hard-line" and line["scenario"]["wechat"] == "160"
    assert set(line) == {"event", "seconds", "scenario"}
