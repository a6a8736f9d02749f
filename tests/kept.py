"""Answers of the model that several tests read: each is computed once a process, and then kept.

Nobody can write into a kept array. A test of a cache, or of other data than those of data/, asks
the model itself.
"""

from dataclasses import fields
from functools import cache

import numpy as np

from model.analysis import bands


@cache
def answer(scenario):
    """As `bands.answer`."""
    kept = bands.answer(scenario)
    for field in fields(kept):
        value = getattr(kept, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return kept
