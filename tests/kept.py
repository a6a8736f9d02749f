"""Answers of the model that several tests read: each is computed once a process, and then kept.

Nobody can write into a kept array. A test of a cache, or of other data than those of data/, asks
the model itself.
"""

from dataclasses import fields
from functools import cache

import numpy as np

from model.analysis import bands, goal_seek
from model.engine.projection import OUTSIDE


@cache
def _answer(scenario, outside):
    kept = bands.answer(scenario, outside)
    for field in fields(kept):
        value = getattr(kept, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return kept


def answer(scenario, outside=OUTSIDE[0]):
    """As `bands.answer`."""
    return _answer(scenario, outside)


@cache
def _solve(scenario, goal, levers, outside):
    return tuple(goal_seek.solve(scenario, goal, levers, outside))


def solve(scenario, goal, levers=goal_seek.LEVERS, outside=OUTSIDE[0]):
    """As `goal_seek.solve`."""
    return list(_solve(scenario, goal, tuple(levers), outside))
