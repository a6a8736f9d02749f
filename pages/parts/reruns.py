"""How long the results take, for the operator: a histogram, and a log line for each slow rerun.

Nothing of a visitor is kept: no address, no title, only the settings that were shown.
"""

import json
import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from model.scenario.scenario import Scenario, differences

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, math.inf)  # seconds
SLOW = 1.0  # seconds from which a rerun is logged

log = logging.getLogger("wechat_abroad.reruns")
_lock = Lock()
_counts = [0] * len(BOUNDS)
_seconds = 0.0


@contextmanager
def timed(scenario: Scenario) -> Iterator[None]:
    """Count the results that are drawn within, waiting for other sessions included."""
    began = time.perf_counter()
    try:
        yield
    finally:
        _count(time.perf_counter() - began, scenario)


def _count(seconds: float, scenario: Scenario) -> None:
    global _seconds
    place = next(i for i, bound in enumerate(BOUNDS) if seconds <= bound)
    with _lock:
        _counts[place] += 1
        _seconds += seconds
    if seconds >= SLOW:
        words = {"case": scenario.case, **differences(scenario)}
        line = {"event": "slow rerun", "seconds": round(seconds, 3), "scenario": words}
        log.warning(json.dumps(line))


def histogram() -> tuple[list[tuple[float, int]], float]:
    """(bound in seconds, reruns up to it) for each of BOUNDS, and the seconds of all."""
    with _lock:
        counts, seconds = list(_counts), _seconds
    cumulative = [sum(counts[: i + 1]) for i in range(len(counts))]
    return list(zip(BOUNDS, cumulative, strict=True)), seconds
