"""Compiled code: where it lies, whether it may be used, and how it is made (placeholder)."""

from typing import Any
from functools import lru_cache

USE = True


@lru_cache(maxsize=1)
def kernel() -> Any:
    if not USE:
        return None
    import os

    os.environ.setdefault("NUMBA_CACHE_DIR", "/tmp/h5/numba")
    from model.engine import kernel

    return kernel
