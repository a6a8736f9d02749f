"""The functions of `definition` compiled by numba, and the loops over quarters, markets and runs.

The runs are the innermost loop, in blocks of LANES that lie in one flat work array, each row at a
constant place: LLVM then needs no checks for overlap and makes vector code of a whole Runge-Kutta
step. A lane that has done its own number of steps keeps its value, and arithmetic is always on
all lanes, so a path never depends on its neighbours. error_model="numpy" is essential: with
Python's check for a division by zero nothing is vector code, and all takes three times as long.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import register_jitable
from numpy.typing import NDArray

from model.engine import definition
from model.engine.definition import (
    TINY,
    Conditions,
    after_arrivals,
    after_bans,
    after_step,
    leaving,
    willing,
    without,
    worry,
)
from model.quarters import QUARTER

MATHS: dict[str, Any] = {
    "fastmath": {"contract", "arcp", "nsz", "afn"},
    "error_model": "numpy",
}
inlined = njit(forceinline=True, **MATHS)
part = njit(**MATHS)  # called: inlined everywhere it would be optimised again and again
LANES = 64
ATTEMPTS, FINER = 3, 4  # a path that leaves the people is solved again in finer steps
# rows of the work array, in lanes: z, the conditions of a quarter, and what a path keeps
Z, P_Q, Q_LOOSE, UNWILLING, LEAVE = (row * LANES for row in (0, 7, 10, 13, 16))
PAST, FRESH, STEPS, LENGTH = (row * LANES for row in (19, 20, 21, 22))
START, Q, CEILING, ATTRITION, INNOVATION, TIES, RIVAL = (
    row * LANES for row in (23, 26, 29, 32, 35, 38, 41)
)
SLIDER, ETA, GAMMA, BARRIER, LEAST = (row * LANES for row in (44, 45, 46, 47, 48))
INCIDENT, ESTABLISHED, ADVERTISED, BAD = (row * LANES for row in (49, 50, 51, 52))
ROWS = 53

for function in (
    *(definition.joining, definition.slopes, definition.along, after_step, after_bans),
    *(after_arrivals, worry, willing, leaving, without),
):
    register_jitable(forceinline=True, **MATHS)(function)


class Tables(NamedTuple):
    """The arrays of `Inputs`, contiguous; the run axis may have one place for all runs."""

    people: NDArray
    born: NDArray
    access: NDArray
    leads: NDArray
    amount: NDArray
    concern: NDArray
    single: NDArray
    ties: NDArray
    q: NDArray
    loose: NDArray
    attrition: NDArray
    ceiling: NDArray
    innovation: NDArray
    rival: NDArray
    slider: NDArray
    eta: NDArray
    gamma: NDArray
    barrier: NDArray
    unadvertised: NDArray
    advertised: NDArray
    incident: NDArray
    established: NDArray


@inlined
def load(w, row, values, first):
    """Fill a row with the values of the block's runs; the last stands in for those beyond."""
    if values.size == 1:
        for i in range(LANES):
            w[row + i] = values[0]
    else:
        count = min(LANES, values.size - first)
        for i in range(count):
            w[row + i] = values[first + i]
        for i in range(count, LANES):
            w[row + i] = values[first + count - 1]


@part
def load_market(w, given, m, first):
    """Fill the rows that a path of market `m` keeps."""
    for k in range(3):
        lane = k * LANES
        load(w, START + lane, given.single[k, m], first)
        load(w, Q + lane, given.q[k, m], first)
        load(w, Q_LOOSE + lane, given.loose[k, m], first)
        load(w, CEILING + lane, given.ceiling[k, m], first)
        load(w, ATTRITION + lane, given.attrition[k, m], first)
        load(w, INNOVATION + lane, given.innovation[k, m], first)
        load(w, TIES + lane, given.ties[k, m], first)
        load(w, RIVAL + lane, given.rival[k], first)
    load(w, SLIDER, given.slider[m], first)
    load(w, ETA, given.eta, first)
    load(w, GAMMA, given.gamma, first)
    load(w, BARRIER, given.barrier, first)
    load(w, LEAST, given.unadvertised, first)
    for k in range(3):
        for i in range(LANES):
            # from the share of contacts who may leave to q and attrition among them
            loose = w[Q_LOOSE + k * LANES + i]
            w[ATTRITION + k * LANES + i] *= loose * loose
            w[Q_LOOSE + k * LANES + i] = w[Q + k * LANES + i] * loose


@inlined
def z_of(w, i):
    """Z of a lane."""
    return (
        w[Z + i],
        w[Z + LANES + i],
        w[Z + 2 * LANES + i],
        w[Z + 3 * LANES + i],
        w[Z + 4 * LANES + i],
        w[Z + 5 * LANES + i],
        w[Z + 6 * LANES + i],
    )


@inlined
def keep(w, i, z):
    """Write z of a lane."""
    w[Z + i] = z[0]
    w[Z + LANES + i] = z[1]
    w[Z + 2 * LANES + i] = z[2]
    w[Z + 3 * LANES + i] = z[3]
    w[Z + 4 * LANES + i] = z[4]
    w[Z + 5 * LANES + i] = z[5]
    w[Z + 6 * LANES + i] = z[6]


@inlined
def either(first, one, other):
    """`one` where `first` is true, else `other`."""
    return (
        one[0] if first else other[0],
        one[1] if first else other[1],
        one[2] if first else other[2],
        one[3] if first else other[3],
        one[4] if first else other[4],
        one[5] if first else other[5],
        one[6] if first else other[6],
    )


@inlined
def three(w, row, i):
    """The values of the three platforms in a lane."""
    return w[row + i], w[row + LANES + i], w[row + 2 * LANES + i]


@part
def begin(w):
    """Set z to the start of a path; the largest number of steps in a quarter."""
    most = 0.0
    for i in range(LANES):
        w[BAD + i] = 0.0
        most = max(most, w[STEPS + i])
    for i in range(LANES):
        keep(w, i, without(three(w, START, i)))
        w[LENGTH + i] = QUARTER / w[STEPS + i]
        w[PAST + i] = 1.0 - w[BARRIER + i]
    return int(most)


@part
def enter_quarter(w, given, m, t, first):
    """Bans, new people, and the conditions of quarter `t`."""
    load(w, INCIDENT, given.incident[t], first)
    load(w, ESTABLISHED, given.established[t, m], first)
    now, then = given.access[t + 1], given.access[t]
    shut0 = 1.0 - now[0, m] / max(then[0, m], 1e-12)
    shut1 = 1.0 - now[1, m] / max(then[1, m], 1e-12)
    shut2 = 1.0 - now[2, m] / max(then[2, m], 1e-12)
    staying = given.people[t, m] / max(given.people[t + 1, m], given.people[t, m])
    if shut0 != 0.0 or shut1 != 0.0 or shut2 != 0.0:
        for i in range(LANES):
            keep(w, i, after_bans(z_of(w, i), (shut0, shut1, shut2)))
    for i in range(LANES):
        keep(w, i, after_arrivals(z_of(w, i), staying))
        w[FRESH + i] = w[BARRIER + i] * (1.0 - w[ESTABLISHED + i])
    index = given.concern[t, m]
    for k in range(3):
        lane, is_open = k * LANES, now[k, m]
        if given.leads[k, m]:
            for i in range(LANES):
                w[ADVERTISED + i] = w[LEAST + i]
        else:
            load(w, ADVERTISED, given.advertised[given.amount[t], k], first)
        for i in range(LANES):
            at = lane + i
            away = worry(w[RIVAL + at], w[SLIDER + i], index + w[INCIDENT + i])
            w[UNWILLING + at] = max(1.0 - willing(is_open, w[CEILING + at], away), TINY)
            w[LEAVE + at] = leaving(
                w[ATTRITION + at], w[ETA + i], away, w[GAMMA + i], w[ESTABLISHED + i]
            )
            w[P_Q + at] = w[INNOVATION + at] * w[ADVERTISED + i] + w[Q + at]


@part
def take_steps(w, most):
    """Solve a quarter: each lane takes its own steps, and then keeps its value."""
    for number in range(most):
        for i in range(LANES):
            now = Conditions(
                three(w, P_Q, i),
                three(w, Q_LOOSE, i),
                three(w, UNWILLING, i),
                three(w, LEAVE, i),
                w[PAST + i],
                w[FRESH + i],
            )
            z = z_of(w, i)
            keep(w, i, either(number < w[STEPS + i], after_step(z, w[LENGTH + i], now), z))


@part
def write_users(w, given, m, t, first, row, users):
    """Write the users at the end of quarter `t`; mark lanes with more users than people."""
    count = min(LANES, users.shape[3] - first)
    people = given.people[t + 1, m]
    limit = 1.01 * given.people[:, m].max()
    for k in range(3):
        lane, born = k * LANES, given.born[t + 1, k, m]
        for i in range(LANES):
            ties = w[TIES + lane + i] * born
            w[ADVERTISED + i] = ties + (people - ties) * (1.0 - w[Z + lane + i])
        for i in range(LANES):
            inside = w[ADVERTISED + i] <= limit  # not so where it is not a number
            w[BAD + i] = w[BAD + i] if inside else 1.0
        if row >= 0:
            for i in range(count):
                users[row, k, m, first + i] = w[ADVERTISED + i]


@part
def refine(w):
    """Give finer steps to the lanes that left the people; whether there are any."""
    bad = 0.0
    for i in range(LANES):
        bad += w[BAD + i]
        w[STEPS + i] *= FINER if w[BAD + i] > 0.0 else 1
    return bad > 0.0


@njit(cache=True, nogil=True, **MATHS)
def solve(given, steps, users, begin_at, end_at):
    """Write users (time, platform, market, run) from the second time on, million people.

    For the runs from `begin_at`, a multiple of LANES, to `end_at`; of one time only the last.

    steps : in a quarter, (market, run)
    """
    w = np.empty(ROWS * LANES)
    quarters, every = given.amount.size, users.shape[0] > 1
    for first in range(begin_at, end_at, LANES):
        for m in range(given.concern.shape[1]):
            load_market(w, given, m, first)
            load(w, STEPS, steps[m], first)
            for _ in range(ATTEMPTS):
                most = begin(w)
                for t in range(quarters):
                    enter_quarter(w, given, m, t, first)
                    take_steps(w, most)
                    row = t + 1 if every else (0 if t == quarters - 1 else -1)
                    write_users(w, given, m, t, first, row, users)
                if not refine(w):
                    break


def signature():
    """The types of the arguments of `solve`."""

    def array(axes, of=types.float64):
        return types.Array(of, axes, "C")

    axes = {name: 3 for name in ("born", "access", "single", "ties", "q", "loose", "attrition")}
    axes |= {name: 3 for name in ("ceiling", "innovation", "advertised", "established")}
    axes |= {name: 1 for name in ("amount", "eta", "gamma", "barrier", "unadvertised")}
    of = {"leads": types.boolean, "amount": types.int64}
    parts = [array(axes.get(name, 2), of.get(name, types.float64)) for name in Tables._fields]
    return (
        types.NamedTuple(parts, Tables),
        array(2, types.int64),
        array(4),
        types.int64,
        types.int64,
    )


def compile_for(*arguments):
    """Compile `solve` for arguments of these types, or load it from the cache."""
    solve.compile(arguments)
