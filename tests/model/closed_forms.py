"""The published closed form of Bass (1969), Management Science 15(5):215-227, as a reference."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class BassParams:
    """One adoption curve.

    p : coefficient of innovation, 1/year
    q : coefficient of imitation, 1/year
    m : market potential, people
    """

    p: float
    q: float
    m: float


def cumulative_adopters(t: ArrayLike, params: BassParams) -> NDArray:
    """Cumulative adopters (people) at `t` years since launch; same shape as `t`, 0 before it.

    dA/dt = (p + q A/m) (m - A),  A(0) = 0
    """
    p, q, m = params.p, params.q, params.m
    elapsed = np.maximum(t, 0.0)
    decay = np.exp(-(p + q) * elapsed)  # the decaying form cannot overflow
    return m * p * -np.expm1(-(p + q) * elapsed) / (p + q * decay)
