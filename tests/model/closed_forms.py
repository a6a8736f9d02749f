"""Published closed forms of Bass (1969) and its relatives, as references for the solver.

Sources: Bass (1969), Management Science 15(5):215-227; in the Journal of Marketing Research
Krishnan, Bass & Kumar (2000), 37(2):269-278, and Libai, Muller & Peres (2009), 46(2):163-175.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.curves.bass import BassParams, cumulative_adopters


def adoption_rate(t: ArrayLike, params: BassParams) -> NDArray:
    """Adoptions (people/year) at `t` years since launch; same shape as `t`, 0 before it."""
    p, q, m = params.p, params.q, params.m
    decay = np.exp(-(p + q) * np.maximum(t, 0.0))
    remaining = (p + q) * decay / (p + q * decay)  # 1 - F, exact also where F is nearly 1
    return np.where(np.less(t, 0), 0.0, m * (p + q * (1 - remaining)) * remaining)


def peak_time(params: BassParams) -> float:
    """Years from launch to the largest adoption rate; 0 where it only falls (q <= p)."""
    p, q = params.p, params.q
    return 0.0 if q <= p else math.log(q / p) / (p + q)


def peak_adoptions(params: BassParams) -> float:
    """Largest adoption rate (people/year): m(p+q)^2/(4q), or m p where it only falls (q <= p)."""
    p, q, m = params.p, params.q, params.m
    return m * p if q <= p else m * (p + q) ** 2 / (4 * q)


def services_params(params: BassParams, attrition: float) -> BassParams:
    """Bass parameters of the installed base (people) when users leave at `attrition` (1/year).

    Libai, Muller & Peres (2009, JMR): dN/dt = (p + q N/m)(m - N) - attrition N is a Bass curve with
    p' = (D-B)/2, q' = (D+B)/2, m' = m(B+D)/(2q), B = q-p-attrition, D = sqrt(B^2 + 4pq).
    """
    if not 0 <= attrition < math.inf:
        raise ValueError(f"attrition must be a finite rate of 0 or more, got {attrition}")
    p, q, b = params.p, params.q, params.q - params.p - attrition
    d = math.hypot(b, 2 * math.sqrt(p * q))
    # p'q' = pq: take the larger by its formula and the other from the product, since D - |B|
    # loses all digits when pq is small; m' = m q'/q = m p/p' holds at q = 0 as well.
    larger = (d + abs(b)) / 2
    smaller = p * q / larger
    p, q = (smaller, larger) if b > 0 else (larger, smaller)
    return BassParams(p=p, q=q, m=params.m * params.p / p)


def rival_adopters(t: ArrayLike, p: ArrayLike, q: ArrayLike, *, m: float = 1.0) -> NDArray:
    """Cumulative adopters (people) of each of several rivals; shape (rival, *shape of `t`).

    Krishnan, Bass & Kumar (2000): the category follows Bass with P = sum p_i and Q = sum q_i, and
    every adopter of any rival influences the adopters of all:
    F_i = (q_i/Q) F + (p_i - P q_i/Q) ln((P + Q F)/P) / Q.
    """
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if p.shape != q.shape or p.ndim != 1 or not (np.all(np.r_[p, q] >= 0) and q.sum() > 0):
        raise ValueError(f"need one p and q >= 0 per rival and some q > 0, got p={p} and q={q}")
    p_all, q_all = p.sum(), q.sum()
    share = cumulative_adopters(t, BassParams(p=p_all, q=q_all, m=1.0))
    logarithm = np.log1p(q_all * share / p_all) / q_all
    outer = np.multiply.outer
    return m * (outer(q / q_all, share) + outer(p - p_all * q / q_all, logarithm))
