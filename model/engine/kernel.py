"""The functions of `definition` compiled by numba, and the loops over quarters, markets and runs.

The runs are the innermost loop, in blocks of LANES that lie in one flat work array, each row at a
constant place: LLVM then needs no checks for overlap and makes vector code of a whole Runge-Kutta
step. Runs that take as many steps stand together; a lane that has done its own steps keeps its
value, and arithmetic is always on all lanes, so a path never depends on its neighbours.
error_model="numpy" is essential: with a check for a division by zero nothing is vector code, and
all takes three times as long.
"""

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import register_jitable

from model.engine import definition
from model.engine.tables import AXES, Tables
from model.quarters import QUARTER

# "contract" adds a product before it is rounded: a third quicker, as numpy's in 11 digits
MATHS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}
inlined = njit(forceinline=True, **MATHS)
part = njit(**MATHS)  # called: inlined everywhere it would be optimised again and again
LANES = 64
# rows of the work array, in lanes: z, the conditions of a quarter, and what a path keeps
Z, P_Q, Q_LOOSE, UNWILLING, LEAVE = (row * LANES for row in (0, 8, 12, 16, 20))
START, Q, CEILING, ATTRITION, INNOVATION, TIES, RIVAL, PART = (
    row * LANES for row in range(24, 56, 4)
)
PAST, FRESH, STEPS, LENGTH, SLIDER, ETA, GAMMA, BARRIER = (row * LANES for row in range(56, 64))
INCIDENT, ESTABLISHED, ADVERTISED, BAD, FOUND = (row * LANES for row in range(64, 69))
ROWS = 69

for name in (
    *("joining", "slopes", "along", "after_step", "after_bans", "after_arrivals", "worry"),
    *("willing", "leaving", "pulls", "losing_access", "without"),
):
    register_jitable(forceinline=True, **MATHS)(getattr(definition, name))


@inlined
def load(w, row, values, runs):
    """Fill a row with the values of the block's runs; the last stands in for lanes beyond."""
    if values.size == 1:
        for i in range(LANES):
            w[row + i] = values[0]
    else:
        for i in range(runs.size):
            w[row + i] = values[runs[i]]
        for i in range(runs.size, LANES):
            w[row + i] = w[row + runs.size - 1]


@part
def load_market(w, given, m, runs):
    """Fill the rows that a path of market `m` keeps."""
    for k in range(4):
        lane = k * LANES
        load(w, START + lane, given.single[k, m], runs)
        load(w, Q + lane, given.q[k, m], runs)
        load(w, Q_LOOSE + lane, given.loose[k, m], runs)
        load(w, CEILING + lane, given.ceiling[k, m], runs)
        load(w, ATTRITION + lane, given.attrition[k, m], runs)
        load(w, INNOVATION + lane, given.innovation[k, m], runs)
        load(w, TIES + lane, given.ties[k, m], runs)
        load(w, PART + lane, given.part[k, m], runs)
        load(w, RIVAL + lane, given.rival[k], runs)
    load(w, SLIDER, given.slider[m], runs)
    load(w, ETA, given.eta, runs)
    load(w, GAMMA, given.gamma, runs)
    load(w, BARRIER, given.barrier, runs)
    for k in range(4):
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
        w[Z + 7 * LANES + i],
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
    w[Z + 7 * LANES + i] = z[7]


@inlined
def four(w, row, i):
    """The values of the three platforms and the circle in a lane."""
    return w[row + i], w[row + LANES + i], w[row + 2 * LANES + i], w[row + 3 * LANES + i]


@part
def begin(w):
    """Set z to the start of a path; the largest number of steps in a quarter."""
    most = 0.0
    for i in range(LANES):
        w[BAD + i] = 0.0
        most = max(most, w[STEPS + i])
    for i in range(LANES):
        keep(w, i, definition.without(four(w, START, i)))
        w[LENGTH + i] = QUARTER / w[STEPS + i]
        w[PAST + i] = 1.0 - w[BARRIER + i]
    return int(most)


@part
def enter_quarter(w, given, m, t, runs):
    """Bans, new people, and the conditions of quarter `t`."""
    load(w, INCIDENT, given.incident[t], runs)
    load(w, ESTABLISHED, given.established[t, m], runs)
    now, then = given.access[t + 1], given.access[t]
    shut0 = definition.losing_access(then[0, m], now[0, m])
    shut1 = definition.losing_access(then[1, m], now[1, m])
    shut2 = definition.losing_access(then[2, m], now[2, m])
    shut3 = definition.losing_access(then[3, m], now[3, m])
    staying = given.people[t, m] / max(given.people[t + 1, m], given.people[t, m])
    if shut0 != 0.0 or shut1 != 0.0 or shut2 != 0.0 or shut3 != 0.0:
        for i in range(LANES):
            keep(w, i, definition.after_bans(z_of(w, i), (shut0, shut1, shut2, shut3)))
    for i in range(LANES):
        keep(w, i, definition.after_arrivals(z_of(w, i), staying))
        w[FRESH + i] = w[BARRIER + i] * (1.0 - w[ESTABLISHED + i])
    index = given.concern[t, m]
    for k in range(4):
        lane, is_open = k * LANES, now[k, m]
        for i in range(LANES):
            at = lane + i
            away = definition.worry(w[RIVAL + at], w[SLIDER + i], index + w[INCIDENT + i])
            w[UNWILLING + at] = max(
                1.0 - definition.willing(is_open, w[CEILING + at], away), definition.TINY
            )
            w[LEAVE + at] = definition.leaving(w[ATTRITION + at], w[ETA + i], away)
    pull(w)
    if given.advertised_anew[t]:
        advertise(w, given, m, t, runs)


@part
def pull(w):
    """Let whoever leads at the start of a quarter pull users away."""
    for i in range(LANES):
        single = (w[Z + i], w[Z + LANES + i], w[Z + 2 * LANES + i])
        wechat, line, kakao, circle = definition.pulls(w[GAMMA + i], w[ESTABLISHED + i], single)
        w[LEAVE + i] *= wechat
        w[LEAVE + LANES + i] *= line
        w[LEAVE + 2 * LANES + i] *= kakao
        w[LEAVE + 3 * LANES + i] *= circle


@part
def advertise(w, given, m, t, runs):
    """The rates of joining with the advertising of quarter `t`."""
    for k in range(4):
        lane = k * LANES
        if given.leads[k, m]:
            load(w, ADVERTISED, given.unadvertised, runs)
        else:
            load(w, ADVERTISED, given.advertised[t, k], runs)
        for i in range(LANES):
            w[P_Q + lane + i] = w[INNOVATION + lane + i] * w[ADVERTISED + i] + w[Q + lane + i]


@part
def take_steps(w, most):
    """Solve a quarter: each lane takes its own steps, and then steps of 0, which keep its z."""
    for number in range(most):
        for i in range(LANES):
            now = definition.Conditions(
                four(w, P_Q, i),
                four(w, Q_LOOSE, i),
                four(w, UNWILLING, i),
                four(w, LEAVE, i),
                w[PAST + i],
                w[FRESH + i],
                w[GAMMA + i],
                w[ESTABLISHED + i],
            )
            length = w[LENGTH + i] if number < w[STEPS + i] else 0.0
            keep(w, i, definition.after_step(z_of(w, i), length, now))


@part
def write_users(w, given, m, t, runs, limit, row, users):
    """Write the users at the end of quarter `t`; mark lanes with more users than people."""
    people = given.people[t + 1, m]
    for k in range(4):
        lane, born = k * LANES, given.born[t + 1, k, m]
        z = Z + (7 * LANES if k == 3 else lane)
        for i in range(LANES):
            ties = w[TIES + lane + i] * born
            w[FOUND + i] = ties + (people * w[PART + lane + i] - ties) * (1.0 - w[z + i])
        for i in range(LANES):
            inside = w[FOUND + i] <= limit * w[PART + lane + i]  # not so where it is not a number
            w[BAD + i] = w[BAD + i] if inside else 1.0
        if row >= 0:
            found, joins = users[row, k % users.shape[1], m], k >= users.shape[1]
            for i in range(runs.size):
                found[runs[i]] = w[FOUND + i] + (found[runs[i]] if joins else 0.0)


@part
def refine(w):
    """Give finer steps to the lanes that left the people; whether there are any."""
    bad = 0.0
    for i in range(LANES):
        bad += w[BAD + i]
        w[STEPS + i] *= definition.FINER if w[BAD + i] > 0.0 else 1
    return bad > 0.0


@njit(cache=True, nogil=True, **MATHS)
def solve(given, steps, order, users):
    """Write users (time, platform or group, market, run) from the second time on, million people.

    steps : in a quarter, (market, run)
    order : the runs to solve, those with few steps first, (market, some of the runs)
    users : of one time only the last
    """
    w = np.empty(ROWS * LANES)
    quarters, every = given.advertised.shape[0], users.shape[0] > 1
    for m in range(order.shape[0]):
        limit = definition.MOST_OF_PEOPLE * given.people[:, m].max()
        for first in range(0, order.shape[1], LANES):
            runs = order[m, first : first + LANES]
            load_market(w, given, m, runs)
            load(w, STEPS, steps[m], runs)
            for _ in range(definition.ATTEMPTS):
                most = begin(w)
                for t in range(quarters):
                    enter_quarter(w, given, m, t, runs)
                    take_steps(w, most)
                    row = t + 1 if every else (0 if t == quarters - 1 else -1)
                    write_users(w, given, m, t, runs, limit, row, users)
                if not refine(w):
                    break


def compile_solve():
    """Compile `solve` for the arguments that it gets, or load it from the cache."""
    of = {"leads": types.boolean, "advertised_anew": types.boolean}
    tables = [
        types.Array(of.get(name, types.float64), len(axes), "C") for name, axes in AXES.items()
    ]
    by_run = types.Array(types.int64, 2, "C")
    users = types.Array(types.float64, 4, "C")
    solve.compile((types.NamedTuple(tables, Tables), by_run, by_run, users))
