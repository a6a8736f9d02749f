"""Competing messengers in many markets: the system and its batch solver.

A person of market m uses a portfolio A, a set of the three platforms; x[m, A] is the share of
addressable people with exactly A, and u[m, k] the sum of x[m, A] over the A that contain k.

    join k    lambda_k = (p_k + q_k v_k) max(W_k - u_k, 0) / (1 - u_k)             1/year
              times 1 - b y for people without any of the three, 1 - b for the others
    leave k   mu_k = attrition_k (1 - v_k)^2 (1 + eta worry_k) (1 + gamma y)        1/year
    contacts  v_k = theta_k + (1 - theta_k) u_k
    new people enter with the empty portfolio

p, q, attrition : 1/year;  W : willing share;  worry : share kept away by concern;  b : barrier;
y : share of the established messengers;  eta : how much more often worried users leave;
gamma : how much more often users leave where everybody has an established messenger;
theta : home ties as a share of all people: contacts who never leave.

The solver carries z[S], the share that uses none of the platforms in S, for the seven sets S,
so that 1 - v_k = (1 - theta_k) z[k]:

    dz[S]/dt = sum over k in S of mu_k (z[S - k] - z[S])
                                  - lambda_k ((1 - b) z[S] + b (1 - y) z[123])

It is the same system in other coordinates (inclusion and exclusion is linear), so the shares add
to 1 by construction, and costs half as much. Everything outside the shares is constant within a
quarter; each quarter takes the same number of steps of a fifth-order Runge-Kutta method.

Sources: Butcher (1964), J. Australian Math. Soc. 4, for the method; those of the limits that the
system contains are in pages/method.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy import add, divide, maximum, multiply, subtract
from numpy.typing import NDArray

from model.quarters import QUARTER

RATE_PER_STEP = 3.3  # 1/year over a quarter's step: smooth paths within 2e-5, kinks within 3e-4
STIFF_PER_STEP = 12.8  # 1/year over a quarter's step: the method is unstable from 13.6 on
# Butcher's fifth-order Runge-Kutta method: what each stage adds up, as (earlier slope, weight)
STAGES = (
    ((0, 1 / 4),),
    ((0, 1 / 8), (1, 1 / 8)),
    ((1, -1 / 2), (2, 1.0)),
    ((0, 3 / 16), (3, 9 / 16)),
    ((0, -3 / 7), (1, 2 / 7), (2, 12 / 7), (3, -12 / 7), (4, 8 / 7)),
)
WEIGHTS = ((0, 7 / 90), (2, 32 / 90), (3, 12 / 90), (4, 32 / 90), (5, 7 / 90))
# rows of z: 0-2 without one platform, 3-5 without the two others than it, 6 without any;
# for each platform the rows of sets that hold it, and the rows of the same sets less it
LARGEST_FIRST = (((6, 3), (5, 1), (4, 2)), ((6, 4), (5, 0), (3, 2)), ((6, 5), (4, 0), (3, 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates that stay the same along a path; arrays broadcast to (platform, market, draw).

    q : coefficient of imitation over the ceiling, 1/year;  attrition : 1/year;  barrier : 0-1
    worry_leaves : eta, how much more often worried users leave
    pull : gamma, how much more often users leave for an established messenger
    home_ties : theta, home ties as a share of all people, 0-1
    """

    q: NDArray
    attrition: NDArray
    barrier: NDArray | float
    worry_leaves: NDArray | float = 0.0
    pull: NDArray | float = 0.0
    home_ties: NDArray | float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """Conditions of one quarter, given from outside; broadcasts to (platform, market, draw).

    p : coefficient of innovation, 1/year;  willing : W, 0-1;  worry : 0-1
    incumbent : y, (market, draw);  staying : share of the people at its start who were there before
    shut_out : share of users who lose access at its start, or None
    """

    p: NDArray
    willing: NDArray
    worry: NDArray | float = 0.0
    incumbent: NDArray | float = 0.0
    staying: NDArray | float = 1.0
    shut_out: NDArray | None = None


def leaving_rate(rates: Rates, worry: NDArray | float, incumbent: NDArray | float) -> NDArray:
    """Rate (1/year) at which users without any contact leave; (platform, market, draw).

    Times (1 - v)^2, because contacts hold people: the one formula for solver and calibration.
    """
    worried = 1.0 + rates.worry_leaves * np.asarray(worry)
    pulled = 1.0 + rates.pull * np.asarray(incumbent)
    return rates.attrition * worried * pulled


def without(shares: NDArray) -> NDArray:
    """Z (7, market, draw) from u (3, market, draw), the platforms being chosen independently."""
    single = 1.0 - shares
    others = ((1, 2), (0, 2), (0, 1))
    pairs = [single[j] * single[k] for j, k in others]
    return np.stack([*single, *pairs, single[0] * single[1] * single[2]])


def steps_per_quarter(rate: NDArray | float, stiff: NDArray | float = 0.0) -> NDArray:
    """Steps for rates (1/year) that ask for accuracy, and for those that ask for stability.

    Same shape as the rates. One of 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: draws that take the same
    number of steps are solved together, and a few draws cost as much as a hundred.
    """
    asked = np.maximum(np.asarray(rate) / RATE_PER_STEP, np.asarray(stiff) / STIFF_PER_STEP)
    asked = np.maximum(asked - 1e-9, 1.0)
    half = 2.0 ** np.maximum(np.floor(np.log2(asked)) - 1, 0)  # of the power of 2 below
    return (np.ceil(asked / half) * half).astype(int)


def simulate(z: NDArray, quarters: Iterable[Quarter], rates: Rates, steps: int) -> NDArray:
    """Installed-base shares u (time, platform, market, draw), from `z` on, one row a quarter."""
    path = [1.0 - z[:3]]
    path += [1.0 - state[:3] for state in states(z, quarters, rates, steps)]
    return np.stack(path)


def states(z: NDArray, quarters: Iterable[Quarter], rates: Rates, steps: int) -> Iterator[NDArray]:
    """Z (7, market, draw) after each quarter; the yielded array is used again for the next."""
    z = z.copy()
    slopes = np.empty((len(STAGES) + 1, *z.shape), dtype=z.dtype)
    point, part = np.empty_like(z), np.empty_like(z)
    at_z, at_point, into = _rows(z), _rows(point), [_rows(slope) for slope in slopes]
    flow = _Flow(z, rates)
    step = QUARTER / steps
    for quarter in quarters:
        _enter(z, quarter)
        flow.set_quarter(quarter)
        with np.errstate(divide="ignore"):  # where everybody joined, 1/0 means nobody can join
            for _ in range(steps):
                flow(at_z, into[0])
                for stage, terms in enumerate(STAGES, 1):
                    _add_up(slopes, terms, step, point, part)
                    add(point, z, point)
                    flow(at_point, into[stage])
                _add_up(slopes, WEIGHTS, step, point, part)
                add(z, point, z)
        yield z


def _rows(z: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Views of z, made once: without one platform, without two, without any."""
    return z[:3], z[3:6], z[6]


def _add_up(
    slopes: NDArray, terms: tuple[tuple[int, float], ...], step: float, out: NDArray, part: NDArray
) -> None:
    """Write the weighted sum of slopes over one step into `out`."""
    (first, weight), *others = terms
    multiply(slopes[first], weight * step, out)
    for stage, weight in others:
        multiply(slopes[stage], weight * step, part)
        add(out, part, out)


def _enter(z: NDArray, quarter: Quarter) -> None:
    """Apply the start of a quarter to z: bans shut users out, new people come with nothing."""
    if quarter.shut_out is not None:
        shut_out = np.broadcast_to(quarter.shut_out, z[:3].shape)
        for k, sets in enumerate(LARGEST_FIRST):
            for with_k, less_k in sets:
                z[with_k] += shut_out[k] * (z[less_k] - z[with_k])
            z[k] += shut_out[k] * (1.0 - z[k])
    z -= 1.0
    z *= quarter.staying
    z += 1.0


class _Flow:
    """dz/dt in place, on work arrays made once: no Python loop over markets or draws."""

    def __init__(self, z: NDArray, rates: Rates) -> None:
        self.rates = rates
        self.quarter: Quarter | None = None
        self.join, self.move, self.take, self.work = (np.empty_like(z[:3]) for _ in range(4))
        # the platforms and the first two again: two slices then pair each with both others
        self.leave, self.single = np.empty_like(z[:5]), np.empty_like(z[:5])
        # arrays, because numpy is three times as slow with a number
        self.zeros, self.ones = np.zeros_like(z[:3]), np.ones_like(z[:3])
        self.one, self.all_move, self.all_take = (np.empty_like(z[0]) for _ in range(3))
        self.past_barrier = _in_shape(1.0 - np.asarray(rates.barrier), self.join)
        self.loose = _in_shape(1.0 - np.asarray(rates.home_ties), self.join)
        self.q = _in_shape(rates.q, self.join)
        self.q_loose = self.q * self.loose
        self.p_and_q = self.unwilling = self.attrition = self.fresh = np.empty(0)

    def set_quarter(self, quarter: Quarter) -> None:
        """Prepare the rates of a quarter; arrays that the quarter before had are used again."""
        before, rates = self.quarter, self.rates
        if before is None or quarter.p is not before.p:
            self.p_and_q = _in_shape(quarter.p + self.q, self.join)
        if before is None or quarter.willing is not before.willing:
            tiny = np.finfo(self.join.dtype).tiny
            # never 0, so that 0/0 cannot arise where everybody is willing and everybody joined
            self.unwilling = _in_shape(np.maximum(1.0 - quarter.willing, tiny), self.join)
        other = before is None or quarter.incumbent is not before.incumbent
        if before is None or other or quarter.worry is not before.worry:
            held = self.loose**2
            self.attrition = _in_shape(
                leaving_rate(rates, quarter.worry, quarter.incumbent) * held, self.join
            )
        if other:
            fresh = rates.barrier * (1.0 - np.asarray(quarter.incumbent))
            self.fresh = _in_shape(fresh, self.one)
        self.quarter = quarter

    def __call__(self, rows: tuple[NDArray, ...], out: tuple[NDArray, ...]) -> None:
        """Write dz/dt into the arrays that `out` views, from those that `rows` views."""
        single, pairs, nobody = rows
        join, leave, move, take, work = self.join, self.leave[:3], self.move, self.take, self.work
        one, all_move, all_take = self.one, self.all_move, self.all_take
        # (W - u)/(1 - u) = 1 - (1 - W)/z, and p + q v = p + q - q (1 - theta) z
        divide(self.unwilling, single, join)
        subtract(self.ones, join, join)
        maximum(join, self.zeros, out=join)  # numpy deprecates the other form here
        multiply(self.q_loose, single, work)
        subtract(self.p_and_q, work, work)
        multiply(join, work, join)
        multiply(single, single, leave)
        multiply(leave, self.attrition, leave)
        # take: joining of people with nothing beyond that of the others; move: both rates
        multiply(self.fresh, nobody, one)
        multiply(join, one, take)
        multiply(join, self.past_barrier, move)
        add(move, leave, move)
        _add3(take, all_take)
        _add3(move, all_move)
        of_single, of_pairs, of_nobody = out
        multiply(move, single, work)
        subtract(leave, take, of_single)
        subtract(of_single, work, of_single)
        subtract(move, all_move, of_pairs)
        multiply(of_pairs, pairs, of_pairs)
        add(of_pairs, take, of_pairs)
        subtract(of_pairs, all_take, of_pairs)
        self.leave[3:], self.single[:3], self.single[3:] = leave[:2], single, single[:2]
        multiply(self.leave[1:4], self.single[2:], work)
        add(of_pairs, work, of_pairs)
        multiply(self.leave[2:], self.single[1:4], work)
        add(of_pairs, work, of_pairs)
        multiply(leave, pairs, work)
        _add3(work, of_nobody)
        multiply(all_move, nobody, one)
        subtract(of_nobody, one, of_nobody)
        subtract(of_nobody, all_take, of_nobody)


def _in_shape(values: NDArray | float, like: NDArray) -> NDArray:
    """`values` in the shape and precision of `like`, so that numpy converts them only once."""
    return np.ascontiguousarray(np.broadcast_to(values, like.shape), dtype=like.dtype)


def _add3(parts: NDArray, out: NDArray) -> None:
    """Sum over the platforms; added one by one, so that it never depends on the batch."""
    add(parts[0], parts[1], out)
    add(out, parts[2], out)
