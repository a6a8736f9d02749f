"""Answers of the model that several tests read: each is computed once a process, and then kept.

Nobody can write into a kept array. A test of a cache, or of other data than those of data/, asks
the model itself.
"""

from dataclasses import fields
from functools import cache

import numpy as np

from model.analysis import bands, sensitivity


@cache
def answer(scenario):
    """As `bands.answer`."""
    kept = bands.answer(scenario)
    _lock(kept)
    return kept


@cache
def lead_map(scenario):
    """As `sensitivity.lead_map`, of the usual size."""
    kept = sensitivity.lead_map(scenario)
    _lock(kept)
    return kept


def _lock(result):
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        elif isinstance(value, bands.Band):
            _lock(value)
