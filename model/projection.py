"""From a scenario to users: the one door through which every question reaches the solver.

Users of platform k in market m are  home ties + (addressable people - home ties) u[m, k].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from model.evidence import PLATFORM_KEYS, PLATFORMS
from model.forcing import BLOC_SETTINGS, at_home, ceiling, forcing
from model.markets import HOME_TIES_MOST, Markets, markets
from model.platforms import Rates, simulate, steps_per_quarter, without
from model.scenario import Scenario

PLATFORM_AXIS, MARKET_AXIS, DRAW_AXIS = 1, 2, 3  # of users (time, platform, market, draw)
DRAWS_AT_ONCE = 256  # as many as keep the work arrays in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Users along the paths of a batch of draws.

    users : million people, (time, platform, market, draw);  row 0 is the installed-base table
    times : decimal years, (time,);  names : markets
    """

    users: NDArray
    times: NDArray
    names: tuple[str, ...]


def project(
    scenario: Scenario,
    draws: Mapping[str, NDArray] | None = None,
    *,
    where: Markets | None = None,
    draft: bool = False,
) -> Projection:
    """Users by quarter for a scenario, in millions; one path, or one for each draw.

    draws : setting name -> values (draw,) that take the place of the scenario's own
    where : other markets than those of the scenario's origin and horizon
    draft : single precision, and every draw that stays stable in the steps of the scenario's own
        path: twice as fast, totals within 5e-5 and the wildest draw's shares within 2e-3, enough
        for a band
    """
    draws = draws or {}
    where = where or markets(scenario.origin, round(4 * scenario["horizon"]))
    values = {name: np.atleast_1d(value) for name, value in scenario.values}
    own = _fastest(values)
    values |= {name: np.asarray(value, dtype=float) for name, value in draws.items()}
    count = max(value.size for value in values.values())
    rate = own if draft else _fastest(values)
    steps = np.broadcast_to(steps_per_quarter(rate, _leaving(values)), (count,))
    users = np.empty((where.times.size, len(PLATFORMS), len(where.names), count))
    for number in np.unique(steps):
        alike = np.flatnonzero(steps == number)
        for first in range(0, alike.size, DRAWS_AT_ONCE):
            chosen = alike[first : first + DRAWS_AT_ONCE]
            part = {k: v if v.size == 1 else v[chosen] for k, v in values.items()}
            users[..., chosen] = _users(scenario, part, where, int(number), draft)
    return Projection(users=users, times=where.times, names=where.names)


def _fastest(values: Mapping[str, NDArray]) -> NDArray:
    """The rate of a draw that decides its steps, 1/year.

    The error of a step grows with the share reached and the fifth power of the rate, so that
    growth abroad, under a lower ceiling, may be somewhat faster; and leaving, which only decays,
    half as fast again.
    """
    attrition = values["attrition"] * (1 + _worry_leaves(values)) / 1.5
    lower = (values["ceiling_abroad"] / 100) ** 0.2
    abroad = [values[key] * lower for key in PLATFORM_KEYS]
    relative = _at_home(values)
    home = [values["line"], values["line"], values["kakao"]]
    at_home = [rate * factor / 100 for rate, factor in zip(home, relative, strict=True)]
    faster = reduce(np.maximum, relative, np.array([100.0])) / 100
    return reduce(np.maximum, [*abroad, *at_home, attrition * faster]) / 100


def _leaving(values: Mapping[str, NDArray]) -> NDArray:
    """At most the sum of the platforms' rates of leaving, one of them at home, 1/year."""
    worry_leaves = _worry_leaves(values)
    faster = reduce(np.maximum, _at_home(values), np.array([100.0])) / 100
    rivals = (1 + faster) * (1 + worry_leaves * values["rival_concern"] / 100)
    return values["attrition"] / 100 * (1 + worry_leaves + rivals)


def _worry_leaves(values: Mapping[str, NDArray]) -> NDArray:
    """By how much worry raises WeChat's attrition where it is highest."""
    worried = [values[name] / 100 for name in BLOC_SETTINGS.values()]
    worry = np.minimum(values["concern"] / 100 * reduce(np.maximum, worried), 1.0)
    return values["concern_attrition"] * worry


def _at_home(values: Mapping[str, NDArray]) -> list[NDArray]:
    """Growth in the home markets, % of growth elsewhere."""
    return [values[name] for name in ("line_japan", "line_key", "kakao_korea")]


def _users(
    scenario: Scenario, values: Mapping[str, NDArray], where: Markets, steps: int, draft: bool
) -> NDArray:
    """Users (time, platform, market, draw) for draws that need the same number of steps."""
    draws = max(value.size for value in values.values())
    start = [np.broadcast_to(values[f"{k}_start"] / 100, (draws,)) for k in PLATFORM_KEYS]
    base = where.base[:, :, None] * np.stack(start)[:, None, :]
    ties = _home_ties(values, where, base)
    free = where.addressable[0][:, None] - ties[0]
    shares = np.clip((base - ties[0]) / free, 0.0, 1.0)
    rates = Rates(
        q=_growth(values, where),
        attrition=values["attrition"] / 100 * at_home(values, where),
        barrier=values["barrier"] / 100,
        worry_leaves=values["concern_attrition"],
    )
    z = without(shares).astype(np.float32 if draft else np.float64)
    path = simulate(z, forcing(scenario, values, where), rates, steps)
    users = ties + (where.addressable[:, None, :, None] - ties) * path
    users[0] = base
    return users


def _growth(values: Mapping[str, NDArray], where: Markets) -> NDArray:
    """Growth over the ceiling, q (platform, market, draw), 1/year: sliders and home markets."""
    growth = np.stack(np.broadcast_arrays(*[values[k] / 100 for k in PLATFORM_KEYS]))
    return growth[:, None, :] * at_home(values, where) / ceiling(values, where)


def _home_ties(values: Mapping[str, NDArray], where: Markets, base: NDArray) -> NDArray:
    """People who stay for their family (time, platform, market, draw), in millions."""
    most = HOME_TIES_MOST * base[0]
    born = where.migrants[:, :, None]
    wechat = born * np.minimum(values["wechat_core"], most / np.maximum(born[0], 1e-9))
    abroad = ~where.turf
    line = abroad[1][:, None] * base[1] * values["line_core"] / 100
    kakao = abroad[2][:, None] * base[2] * values["kakao_core"] / 100
    shape = wechat.shape
    return np.stack([wechat, np.broadcast_to(line, shape), np.broadcast_to(kakao, shape)], axis=1)
