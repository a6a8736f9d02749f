"""From a scenario to users: the one door through which every question reaches the solver.

users[k, m] = ties[k, m] + (addressable people[m] - ties[k, m]) u[k, m]

users : users of platform k in market m, million people;  ties : home ties, million people
u : share of the people without home ties who use the platform, 0-1, from the solver
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.engine.inputs import (
    ALIKE,
    RUN,
    TIME,
    Inputs,
    MarketDraws,
    deciding_rates,
    make_inputs,
    quarters,
    setting_values,
)
from model.engine.markets import Markets, scenario_markets
from model.engine.solver import simulate, steps_per_quarter, without
from model.messengers import HOME, PLATFORMS
from model.scenario.scenario import Scenario

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
    by_market: MarketDraws = ALIKE,
    *,
    markets: Markets | None = None,
    draft: bool = False,
    one_batch: bool = False,
) -> Projection:
    """Users by quarter for a scenario, in millions; one path, or one for each draw.

    draws : setting name -> values (draw,) that take the place of the scenario's own
    by_market : how the same draws differ by market
    markets : other markets than those of the scenario's origin and horizon
    draft : single precision, and every draw that stays stable in the steps of the scenario's own
        path: some five times as fast; the line of many draws within 1e-5, the ends of their band
        within 3e-4, the wildest draw's total within 1e-3 and its shares within 2e-3
    one_batch : all draws in the steps of the stiffest, which is quicker where they are few; a path
        then depends on the others by some 1e-6
    """
    markets = markets or scenario_markets(scenario)
    values = setting_values(scenario, draws)
    count = max(value.size for value in values.values())
    as_surveyed = replace(by_market, established=0.0)
    rate, stiff = _fastest(make_inputs(scenario, values, markets, as_surveyed))
    if draft:
        rate, _ = _fastest(make_inputs(scenario, setting_values(scenario), markets))
    steps = np.broadcast_to(steps_per_quarter(rate, stiff), (count,))
    if one_batch:
        steps = np.full(count, steps.max())
    users = np.empty((markets.times.size, len(PLATFORMS), len(markets.names), count))
    for number in np.unique(steps):
        alike = np.flatnonzero(steps == number)
        for first in range(0, alike.size, DRAWS_AT_ONCE):
            chosen = alike[first : first + DRAWS_AT_ONCE]
            part = {k: v if v.size == 1 else v[chosen] for k, v in values.items()}
            given = make_inputs(scenario, part, markets, by_market.some(chosen))
            users[..., chosen] = _users(given, chosen.size, int(number), draft)
    return Projection(users=users, times=markets.times, names=markets.names)


def _fastest(given: Inputs) -> tuple[NDArray, NDArray]:
    """`deciding_rates` of the market that needs most steps, (run,)."""
    accuracy, stiff = deciding_rates(given)
    return accuracy.max(axis=0), stiff.max(axis=0)


@np.errstate(over="ignore", invalid="ignore")  # settings at the ends of their sliders run away
def _users(given: Inputs, runs: int, steps: int, draft: bool) -> NDArray:
    """Users (time, platform, market, run) for runs that need the same number of steps.

    Solved again in finer steps where the users do not stay within the people.
    """
    base = np.broadcast_to(given.start, (*given.start.shape[:RUN], runs))
    ties = given.ties * given.born[..., None]
    people = given.people[:, None, :, None]
    shares = np.clip((base - ties[0]) / (people[0] - ties[0]), 0.0, 1.0)
    z = without(shares).astype(np.float32 if draft else np.float64)
    most = 1.01 * people.max(axis=TIME)
    for finer in (1, 4, 16):
        path = simulate(z, quarters(given), given.rates, finer * steps)
        users = ties + (people - ties) * path
        if (users[1:] <= most).all():  # not so where a share is not a number
            break
    users[0] = base
    return users


def total(projection: Projection) -> NDArray:
    """Users of each platform outside its home market (time, platform, run), in millions."""
    counted = abroad(projection.names)
    return np.sum(projection.users, axis=2, where=counted[None, :, :, None])


def abroad(names: tuple[str, ...]) -> NDArray:
    """Whether a market is outside a platform's home market, (platform, market)."""
    return np.array([[name != HOME[platform] for name in names] for platform in PLATFORMS])
