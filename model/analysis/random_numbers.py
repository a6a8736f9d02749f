"""The random numbers of the runs: the same every time, on every machine, without a stored file."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from model.messengers import PLATFORMS

SEED = 305  # of some 300 that nearest to 4,096 runs: ends of the band within 7% in every case
RUNS = 256  # fewer numbers are the first of these


def normal_scores(dimensions: int, count: int) -> NDArray:
    """Standard normal numbers (count, dimensions), a Latin hypercube without correlations.

    Each dimension has one number in every part of equal chance: in random order, and then in the
    order of the same numbers with their correlations taken out. Up to RUNS they are the first of
    those. Sources: McKay, Beckman & Conover (1979), Technometrics 21(2):239-245; Iman & Conover
    (1982), Commun. Stat. B 11(3):311-334.
    """
    size = max(count, RUNS)
    numbers = ndtri((np.arange(size) + 0.5) / size)
    order = _random_numbers(size * dimensions).reshape(size, dimensions).argsort(axis=0)
    mixed = numbers[order]
    apart = np.linalg.solve(np.linalg.cholesky(mixed.T @ mixed), mixed.T).T
    return numbers[apart.argsort(axis=0).argsort(axis=0)][:count]


@lru_cache(maxsize=8)
def normal_by_market(names: int, count: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Standard normal numbers, the same every time, up to RUNS the first of more.

    For growth in markets (platform, market, draw), the established messengers' shares (market,
    draw), past forecast errors in markets (platform, market, draw) and of totals (platform, draw).
    """
    many, cells = len(PLATFORMS), len(PLATFORMS) * names
    numbers = normal_scores(2 * cells + names + many, count).T
    growth, share, market, whole = np.split(numbers, np.cumsum((cells, names, cells)))
    shape = many, names, count
    return growth.reshape(shape), share, market.reshape(shape), whole


def _random_numbers(count: int) -> NDArray:
    """Random numbers of 64 bits, by splitmix64: the same with every version of numpy."""
    mixed = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(SEED << 32)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
