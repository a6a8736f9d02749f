"""Published closed forms of Bass (1969) and its relatives, as references for the solver.

Sources: Bass (1969), Management Science 15(5):215-227; in the Journal of Marketing Research
Krishnan, Bass & Kumar (2000), 37(2):269-278, and Libai, Muller & Peres (2009), 46(2):163-175.
"""

import math
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


def services_params(params: BassParams, attrition: float) -> BassParams:
    """Bass parameters of the installed base (people) when users leave at `attrition` (1/year).

    Libai, Muller & Peres (2009, JMR): dN/dt = (p + q N/m)(m - N) - attrition N is a Bass curve with
    p' = (D-B)/2, q' = (D+B)/2, m' = m(B+D)/(2q), B = q-p-attrition, D = sqrt(B^2 + 4pq).
    """
    p, q, b = params.p, params.q, params.q - params.p - attrition
    d = math.hypot(b, 2 * math.sqrt(p * q))
    # p'q' = pq: take the larger by its formula and the other from the product, since D - |B|
    # loses all digits when pq is small; m' = m q'/q = m p/p' holds at q = 0 as well.
    larger = (d + abs(b)) / 2
    smaller = p * q / larger
    p, q = (smaller, larger) if b > 0 else (larger, smaller)
    return BassParams(p=p, q=q, m=params.m * params.p / p)


def rival_adopters(t: ArrayLike, p: NDArray, q: NDArray) -> NDArray:
    """Share of people who adopted each of several rivals; shape (rival, *shape of `t`).

    Krishnan, Bass & Kumar (2000): the category follows Bass with P = sum p_i and Q = sum q_i, and
    every adopter of any rival influences the adopters of all:
    F_i = (q_i/Q) F + (p_i - P q_i/Q) ln((P + Q F)/P) / Q.
    """
    p_all, q_all = p.sum(), q.sum()
    share = cumulative_adopters(t, BassParams(p=p_all, q=q_all, m=1.0))
    logarithm = np.log1p(q_all * share / p_all) / q_all
    outer = np.multiply.outer
    return outer(q / q_all, share) + outer(p - p_all * q / q_all, logarithm)
