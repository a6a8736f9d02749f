"""Numbers that move a result and that nobody sets: one row of data/constants.csv each."""

from __future__ import annotations

from functools import lru_cache

from model.evidence import evidence


@lru_cache(maxsize=1)
def constants() -> dict[str, float]:
    """Every constant by name, in the unit of its row."""
    table = evidence().constants
    return dict(zip(table.name, table.value.astype(float), strict=True))
