"""Competing messengers in many markets: the equations, as a modeller reads them.

A person of market m uses a portfolio A, a set of the three platforms; x[m, A] is the share of
addressable people with exactly A, and u[m, k] the sum of x[m, A] over the A that contain k.

    join k    lambda_k = (p_k + q_k v_k) max(W_k - u_k, 0) / (1 - u_k)             1/year
              times 1 - b y for people without any of the three, 1 - b for the others
    leave k   mu_k = attrition_k (1 - v_k)^2 (1 + eta worry_k) (1 + gamma w_k)      1/year
    pull      w_k = max(y, u_i, u_j), of the other two at the start of the quarter
    contacts  v_k = theta_k + (1 - theta_k) u_k
    new people enter with the empty portfolio

People of Chinese descent mostly know each other: WeChat spreads and holds in a circle of its own
among them, by the same rules, and u[m, 1] counts the others. To that circle LINE and KakaoTalk are
as common as in the market; who uses them there does not depend on WeChat.

p, q, attrition : 1/year;  W : willing share;  worry : share kept away by concern;  b : barrier;
y : share of the established messengers;  eta : how much more often worried users leave;
gamma : how much more often users leave where everybody has another messenger;
theta : home ties as a share of all people: contacts who never leave.

The solver carries z[S], the share that uses none of the platforms in S, for the seven sets S,
so that 1 - v_k = (1 - theta_k) z[k]:

    dz[S]/dt = sum over k in S of mu_k (z[S - k] - z[S])
                                  - lambda_k ((1 - b) z[S] + b (1 - y) z[123])

and for the share d of the circle that does not use WeChat, with its own rates,

    dd/dt = mu (1 - d) - lambda ((1 - b) d + b (1 - y) d z[23])

It is the same system in other coordinates (inclusion and exclusion is linear), so the shares add
to 1 by construction, and costs half as much. Everything outside the shares is constant within a
quarter; each market of each run takes its own number of steps of a fifth-order Runge-Kutta method.

Every function works on numbers as on arrays: numpy runs them as they stand, and `kernel` compiles
the same functions. z is a tuple: without platform 1, 2, 3; without 2 and 3, 1 and 3, 1 and 2;
without any; and d.

Sources: Butcher (1964), J. Australian Math. Soc. 4, for the method; those of the limits that the
system contains are in pages/method.md.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.quarters import QUARTER

TINY = np.finfo(float).tiny  # keeps 0/0 away where everybody is willing and everybody joined
RATE_PER_STEP = 3.3  # 1/year over a quarter's step: smooth paths within 2e-5, kinks within 5e-4
STIFF_PER_STEP = 12.8  # 1/year over a quarter's step: the method is unstable from 13.6 on
MOST_STEPS = 4096  # in a quarter
ATTEMPTS, FINER = 3, 4  # a path that leaves the people is solved again in finer steps
MOST_OF_PEOPLE = 1.01  # users of a platform, beyond which a path has left the people
Number = Any  # a number, or an array of numbers that broadcast to (market, run)


class Conditions(NamedTuple):
    """Conditions of one quarter; the first four are tuples: three platforms and the circle."""

    p_and_q: tuple[Number, Number, Number, Number]  # p + q, 1/year
    q_loose: tuple[Number, Number, Number, Number]  # q (1 - theta), 1/year
    unwilling: tuple[Number, Number, Number, Number]  # 1 - W, above 0
    leave: tuple[Number, Number, Number, Number]  # mu over (1 - u)^2 and the pull, 1/year
    past: Number  # 1 - b
    fresh: Number  # b (1 - y)
    gamma: Number
    established: Number  # y


def worry(rival: Number, slider: Number, index: Number) -> Number:
    """Share of people whom concern keeps away from a platform, 0-1."""
    return rival * np.minimum(slider * np.minimum(index, 1.0), 1.0)


def willing(access: Number, ceiling: Number, worry: Number) -> Number:
    """W: share of the people who would use a platform, 0-1."""
    return access * ceiling * (1.0 - worry)


def losing_access(then: Number, now: Number) -> Number:
    """Share of the users who lose access where the open share of a market falls, 0-1."""
    return (then - now) / np.maximum(then, 1e-12)


def leaving(attrition: Number, eta: Number, worry: Number) -> Number:
    """Rate (1/year) of leaving without any contact or pull; times (1 - v)^2 with contacts."""
    return attrition * (1.0 + eta * worry)


def pulls(gamma: Number, established: Number, single: tuple) -> tuple:
    """Factors on leaving where another leads, by group; single : share without each platform."""
    a, b, c = single
    wechat = 1.0 + gamma * np.maximum(established, 1.0 - np.minimum(b, c))
    line = 1.0 + gamma * np.maximum(established, 1.0 - np.minimum(a, c))
    kakao = 1.0 + gamma * np.maximum(established, 1.0 - np.minimum(a, b))
    return wechat, line, kakao, wechat


def joining(single: Number, p_and_q: Number, q_loose: Number, unwilling: Number) -> Number:
    """Lambda without its last factor, 1/year, from the share `single` without the platform."""
    # (W - u)/(1 - u) = 1 - (1 - W)/z, and p + q v = p + q - q (1 - theta) z
    return np.maximum(1.0 - unwilling / single, 0.0) * (p_and_q - q_loose * single)


def slopes(z: tuple, now: Conditions) -> tuple:
    """dz/dt, 1/year."""
    join1 = joining(z[0], now.p_and_q[0], now.q_loose[0], now.unwilling[0])
    join2 = joining(z[1], now.p_and_q[1], now.q_loose[1], now.unwilling[1])
    join3 = joining(z[2], now.p_and_q[2], now.q_loose[2], now.unwilling[2])
    join4 = joining(z[7], now.p_and_q[3], now.q_loose[3], now.unwilling[3])
    leave1 = now.leave[0] * z[0] * z[0]
    leave2 = now.leave[1] * z[1] * z[1]
    leave3 = now.leave[2] * z[2] * z[2]
    leave4 = now.leave[3] * z[7] * z[7]
    # take: joining of people with nothing beyond that of the others; move: both rates
    fresh = now.fresh * z[6]
    take1, take2, take3 = join1 * fresh, join2 * fresh, join3 * fresh
    move1, move2, move3 = (
        now.past * join1 + leave1,
        now.past * join2 + leave2,
        now.past * join3 + leave3,
    )
    take, move = take1 + take2 + take3, move1 + move2 + move3
    return (
        leave1 - take1 - move1 * z[0],
        leave2 - take2 - move2 * z[1],
        leave3 - take3 - move3 * z[2],
        leave2 * z[2] + leave3 * z[1] - (take - take1) - (move - move1) * z[3],
        leave1 * z[2] + leave3 * z[0] - (take - take2) - (move - move2) * z[4],
        leave1 * z[1] + leave2 * z[0] - (take - take3) - (move - move3) * z[5],
        leave1 * z[3] + leave2 * z[4] + leave3 * z[5] - take - move * z[6],
        leave4 - z[7] * (leave4 + join4 * (now.past + now.fresh * z[3])),
    )


def along(z: tuple, step: Number, slope: tuple) -> tuple:
    """Z moved by a step along a slope."""
    return (
        z[0] + step * slope[0],
        z[1] + step * slope[1],
        z[2] + step * slope[2],
        z[3] + step * slope[3],
        z[4] + step * slope[4],
        z[5] + step * slope[5],
        z[6] + step * slope[6],
        z[7] + step * slope[7],
    )


def after_step(z: tuple, h: Number, now: Conditions) -> tuple:
    """Z after h years, by one step of Butcher's method of the fifth order."""
    k1 = slopes(z, now)
    k2 = slopes(along(z, h / 4, k1), now)
    k3 = slopes(along(along(z, h / 8, k1), h / 8, k2), now)
    k4 = slopes(along(along(z, -h / 2, k2), h, k3), now)
    k5 = slopes(along(along(z, h * 3 / 16, k1), h * 9 / 16, k4), now)
    near = along(along(z, h * -3 / 7, k1), h * 2 / 7, k2)
    k6 = slopes(along(along(along(near, h * 12 / 7, k3), h * -12 / 7, k4), h * 8 / 7, k5), now)
    ends = along(along(z, h * 7 / 90, k1), h * 7 / 90, k6)
    return along(along(along(ends, h * 32 / 90, k3), h * 12 / 90, k4), h * 32 / 90, k5)


def after_bans(z: tuple, shut: tuple) -> tuple:
    """Z after a share of each platform's users lost access."""
    a, b, c, bc, ac, ab, abc, d = z
    x, y, w, v = shut
    a, ac, ab, abc = a + x * (1.0 - a), ac + x * (c - ac), ab + x * (b - ab), abc + x * (bc - abc)
    b, bc, ab, abc = b + y * (1.0 - b), bc + y * (c - bc), ab + y * (a - ab), abc + y * (ac - abc)
    c, bc, ac, abc = c + w * (1.0 - c), bc + w * (b - bc), ac + w * (a - ac), abc + w * (ab - abc)
    return a, b, c, bc, ac, ab, abc, d + v * (1.0 - d)


def after_arrivals(z: tuple, staying: Number) -> tuple:
    """Z once new people came with nothing; staying : share of the people who were there before."""
    return (
        1.0 + staying * (z[0] - 1.0),
        1.0 + staying * (z[1] - 1.0),
        1.0 + staying * (z[2] - 1.0),
        1.0 + staying * (z[3] - 1.0),
        1.0 + staying * (z[4] - 1.0),
        1.0 + staying * (z[5] - 1.0),
        1.0 + staying * (z[6] - 1.0),
        1.0 + staying * (z[7] - 1.0),
    )


def without(single: tuple) -> tuple:
    """Z from the shares without each platform, the platforms being chosen independently."""
    a, b, c, d = single
    return a, b, c, b * c, a * c, a * b, a * b * c, d


def steps_per_quarter(rate: NDArray | float, stiff: NDArray | float = 0.0) -> NDArray:
    """Steps for rates (1/year) that ask for accuracy, and for those that ask for stability.

    Same shape as the rates.
    """
    asked = np.maximum(np.asarray(rate) / RATE_PER_STEP, np.asarray(stiff) / STIFF_PER_STEP)
    return np.ceil(np.clip(asked, 1.0, MOST_STEPS) - 1e-9).astype(np.int64)


def with_pull(z: tuple, now: Conditions) -> Conditions:
    """The conditions of a quarter with the pull of whoever leads at its start."""
    factors = pulls(now.gamma, now.established, z[:3])
    return now._replace(leave=tuple(a * b for a, b in zip(now.leave, factors, strict=True)))


@np.errstate(divide="ignore")  # where everybody joined, 1/0 means nobody can join
def after_quarter(z: tuple, now: Conditions, steps: NDArray) -> tuple:
    """Z (market, run) after a quarter in `steps` steps (market, run), or as many everywhere."""
    h, now = QUARTER / steps, with_pull(z, now)
    for number in range(int(np.max(steps))):
        z = after_step(z, np.where(number < steps, h, 0.0), now)  # a step of 0 keeps z
    return z


def simulate(
    single: tuple, quarters: Iterable[tuple[Conditions, Any, Number]], steps: NDArray
) -> list[tuple]:
    """Z at the start and after each quarter, from the shares without each platform.

    quarters : conditions, shares of the users who lose access at its start or None, and the share
        of the people who were there before
    """
    path = [without(single)]
    for now, shut, staying in quarters:
        z = path[-1] if shut is None else after_bans(path[-1], shut)
        path.append(after_quarter(after_arrivals(z, staying), now, steps))
    return path
