"""Points of Sobol's sequence from one seed: every scenario is drawn with the same numbers."""

from pathlib import Path

import numpy as np
import scipy  # its statistics take half a second to load, when they are used first
from numpy.typing import NDArray

from model.whole_file import open_whole

SEED = 2073  # of 120 one near 4,096 runs: on the default the line within 5%, the ends within 11%


def points(dimensions: int, count: int) -> NDArray:
    """The first points of the sequence (count, dimensions), each number between 0 and 1.

    They come from a file, so that the first answer need not load the statistics; other points than
    it holds are worked out.
    """
    file = _file()
    if file.exists():
        kept = np.load(file)
        if kept.shape[1] == dimensions and count <= len(kept):
            return kept[:count]
    return _sobol(dimensions, count)


def keep(dimensions: int, count: int) -> None:
    """Write the file anew; a killed run leaves the old one."""
    with open_whole(_file()) as file:
        np.save(file, _sobol(dimensions, count))


def _sobol(dimensions: int, count: int) -> NDArray:
    return scipy.stats.qmc.Sobol(dimensions, seed=SEED).random(count)


def _file() -> Path:
    return Path(__file__).with_name(f"quasi_random_{SEED}.npy")
