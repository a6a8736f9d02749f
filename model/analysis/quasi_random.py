"""Points of Sobol's sequence from one seed: every scenario is drawn with the same numbers."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy  # its statistics take half a second to load, when they are used first
from numpy.typing import NDArray

from model.evidence import MAKE, DataError
from model.whole_file import open_whole

SEED = 2073  # of 120 one near 4,096 runs: on the default the line within 5%, the ends within 11%


def points(dimensions: int, count: int) -> NDArray:
    """The first points of the sequence (count, dimensions), each number between 0 and 1.

    They come from a file, so that the first answer need not load the statistics; other points than
    it holds are worked out. Raises DataError for a file that is damaged.
    """
    kept = _kept()
    if kept is not None and kept.shape[1] == dimensions and count <= len(kept):
        return kept[:count]
    return _sobol(dimensions, count)


@lru_cache(maxsize=1)
def _kept() -> NDArray | None:
    """The points of the file, read once; None without a file."""
    name = f"model/analysis/{_file().name}"
    try:
        kept = np.load(_file(), allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{name} cannot be read ({error}); {MAKE}") from None
    if not (isinstance(kept, np.ndarray) and kept.ndim == 2 and kept.dtype == float and kept.size):
        raise DataError(f"{name} holds no table of numbers; {MAKE}")
    # of n points of the sequence, n a power of 2, each column has one number in every n-th part
    parts = np.sort(np.floor(kept * len(kept)), axis=0)
    if not np.array_equal(parts, np.broadcast_to(np.arange(len(kept))[:, None], kept.shape)):
        raise DataError(f"{name} holds numbers that are not of the sequence; {MAKE}")
    kept.flags.writeable = False
    return kept


def keep(dimensions: int, count: int) -> None:
    """Write the file anew; a killed run leaves the old one."""
    with open_whole(_file()) as file:
        np.save(file, _sobol(dimensions, count))
    _kept.cache_clear()


def _sobol(dimensions: int, count: int) -> NDArray:
    return scipy.stats.qmc.Sobol(dimensions, seed=SEED).random(count)


def _file() -> Path:
    return Path(__file__).with_name(f"quasi_random_{SEED}.npy")
