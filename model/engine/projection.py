"""From a scenario to users: the one door through which every question reaches the equations.

users[g, m] = ties[g, m] + (people[g, m] - ties[g, m]) u[g, m]

users : users of group g in market m, million people; WeChat's are those of two groups
people : addressable people of the group, ties : home ties, million
u : share of the people without home ties who use the platform, 0-1, from `definition`
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.engine import compiled
from model.engine.by_quarter import Values
from model.engine.definition import (
    ATTEMPTS,
    FINER,
    MOST_OF_PEOPLE,
    simulate,
    steps_per_quarter,
)
from model.engine.groups import DESCENT
from model.engine.inputs import (
    ALIKE,
    MARKET,
    PLATFORM,
    RUN,
    Inputs,
    MarketDraws,
    concern_slider,
    conditions,
    deciding_rates,
    make_inputs,
    setting_values,
)
from model.engine.markets import Markets, scenario_markets
from model.engine.tables import tables_of, without_each
from model.messengers import HOME, PLATFORMS
from model.scenario.scenario import Scenario

ENDS_RUN_AWAY = np.errstate(over="ignore", invalid="ignore")  # rates at the ends of sliders
LEAST_TO_SHARE = 256  # runs from which two threads are quicker than one
# whether nobody else needs a core: a server with many visitors says
is_idle: ContextVar[Callable[[], bool]] = ContextVar("idle", default=lambda: True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Users along the paths of a batch of runs."""

    users: NDArray  # million, (time, platform, market, run), from the installed-base table on
    times: NDArray  # decimal years, (time,)
    names: tuple[str, ...]  # of the markets


@ENDS_RUN_AWAY
def project(
    scenario: Scenario,
    draws: Mapping[str, NDArray] | None = None,
    by_market: MarketDraws = ALIKE,
    *,
    markets: Markets | None = None,
    last_only: bool = False,
) -> Projection:
    """Users by quarter for a scenario, in millions; one path, or one for each run.

    draws : setting name -> values (run,) that take the place of the scenario's own
    by_market : how the same runs differ by market
    markets : other markets than those of the scenario's origin and horizon
    last_only : the end of the last quarter alone, (1, platform, market, run)
    """
    markets = markets or scenario_markets(scenario)
    values = setting_values(scenario, draws)
    return _paths(make_inputs(scenario, values, markets, by_market), values, markets, last_only)


@ENDS_RUN_AWAY
def project_concerns(
    scenario: Scenario,
    concerns: tuple[float, ...],
    draws: Mapping[str, NDArray],
    by_market: MarketDraws,
) -> list[Projection]:
    """As `project`, for each value of security concern; all else is computed once."""
    markets, values = scenario_markets(scenario), setting_values(scenario, draws)
    given = make_inputs(scenario, values, markets, by_market)
    found = []
    for concern in concerns:
        values["concern"] = np.array([concern])
        other = replace(given, slider=concern_slider(values, markets))
        found.append(_paths(other, values, markets))
    return found


def _paths(given: Inputs, values: Values, markets: Markets, last_only: bool = False) -> Projection:
    """The paths of some inputs, made from these values of the settings."""
    runs = max(value.size for value in values.values())
    users = solve(given, runs, last_only=last_only)
    times = markets.times[-1:] if last_only else markets.times
    return Projection(users=users, times=times, names=markets.names)


def solve(
    given: Inputs, runs: int, *, last_only: bool = False, groups: bool = False, finer: int = 1
) -> NDArray:
    """Users (time, platform, market, run), million people; by compiled code where there is some.

    groups : of each group instead;  finer : steps in place of one that would do
    """
    steps = finer * steps_per_quarter(*deciding_rates(given))
    times, (many, markets) = 1 if last_only else len(given.people), given.part.shape[:2]
    users = np.empty((times, many if groups else len(PLATFORMS), markets, runs))
    if not last_only:
        _write(given.start, users[0])
    kernel = compiled.kernel()
    if kernel:
        _by_kernel(kernel, given, steps, users)
    else:
        by_definition(given, steps, users)
    return users


def _by_kernel(kernel: Any, given: Inputs, steps: NDArray, users: NDArray) -> None:
    """Write the users by compiled code, in two threads where runs and cores are enough for both."""
    runs, tables = users.shape[RUN], tables_of(given)
    steps = np.array(np.broadcast_to(steps, users.shape[MARKET:]))
    parts = 2 if runs >= LEAST_TO_SHARE and is_idle.get()() else 1
    orders = [
        np.argsort(part, axis=RUN, kind="stable") * parts + i
        for i, part in enumerate(steps[:, i::parts] for i in range(parts))
    ]
    others = [_helper().submit(kernel.solve, tables, steps, order, users) for order in orders[1:]]
    kernel.solve(tables, steps, orders[0], users)
    for order, other in zip(orders[1:], others, strict=True):
        if other.cancel():  # the helper is busy with another visitor's
            kernel.solve(tables, steps, order, users)
        else:
            other.result()


@lru_cache(maxsize=1)
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="kernel")


def by_definition(given: Inputs, steps: NDArray, users: NDArray) -> None:
    """Write the users by `definition` in plain numpy."""
    ties = given.ties * given.born[1:, ..., None]
    people = given.people[1:, None, :, None] * given.part
    most = MOST_OF_PEOPLE * given.people.max(axis=0)[:, None] * given.part
    quarters = [conditions(given, i) for i in range(len(given.advertised))]
    shape = users.shape[MARKET:]
    single = tuple(np.broadcast_to(one, shape) for one in without_each(given))
    steps = np.broadcast_to(steps, shape)
    for _ in range(ATTEMPTS):
        path = simulate(single, quarters, steps)[1:]
        alone = np.array([(*z[:DESCENT], z[-1]) for z in path])
        found = ties + (people - ties) * (1.0 - alone)
        bad = ~(found <= most).all(axis=(0, 1))  # so too where a share is not a number
        if not bad.any():
            break
        steps = np.where(bad, FINER * steps, steps)
    some = users[-len(found) :]
    _write(found[-len(some) :], some)


def _write(found: NDArray, users: NDArray) -> None:
    """Write users by group (..., group, market, run) as users by group or by platform."""
    many = users.shape[PLATFORM]
    users[:] = found[..., :many, :, :]
    if many == DESCENT:
        users[..., 0, :, :] += found[..., DESCENT, :, :]


def total(projection: Projection) -> NDArray:
    """Users of each platform outside its home market (time, platform, run), in millions."""
    counted = abroad(projection.names)
    return np.sum(projection.users, axis=2, where=counted[None, :, :, None])


def abroad(names: tuple[str, ...]) -> NDArray:
    """Whether a market is outside a platform's home market, (platform, market)."""
    return np.array([[name != HOME[platform] for name in names] for platform in PLATFORMS])
