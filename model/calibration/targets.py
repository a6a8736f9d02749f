"""The figures that the calibration is fitted to: two problems, each with its prediction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from model.calibration import as_of
from model.calibration.figures import crowding, later_figures, projected
from model.engine.definition import pulls
from model.engine.groups import DESCENT
from model.engine.inputs import (
    MarketDraws,
    leaving_in,
    make_inputs,
    setting_values,
    willing_in,
)
from model.engine.markets import Markets, read_markets
from model.engine.projection import project, solve
from model.evidence import Evidence, constants
from model.messengers import PLATFORMS
from model.quarters import QUARTER, quarter_name
from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import Z90

ORIGIN_DAY = "2014-03-31"
START_2013, QUARTERS_2013 = "2013Q1", 4
HORIZON = 12  # years that as-it-happened has evidence for
GROWTH = ("wechat", "line", "kakao", "barrier", "attrition", "pull", "ceiling_abroad")
INNOVATION = ("wechat_innovation", "line_innovation", "kakao_innovation")
AT_HOME = ("line_japan", "line_key", "line_indonesia", "kakao_korea")
EARLY = (*GROWTH, *INNOVATION, *AT_HOME, "active_home", "active_abroad")
TIES = ("line_core", "kakao_core", "wechat_core")
CEILINGS = ("ceiling_jpn", "ceiling_twn", "ceiling_tha", "ceiling_kor")
STARTS_IN_2014 = ("wechat_start", "line_start", "kakao_start")
CIRCLE = ("descent", "descent_hkg", "descent_twn", "descent_mys", "descent_kor", "descent_row")
EFFECTS = ("concern_attrition", "elasticity")
LATER = (*GROWTH, *INNOVATION, *AT_HOME, *TIES, *CEILINGS, *STARTS_IN_2014, *CIRCLE, *EFFECTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Settings to be found and the figures they are to agree with."""

    names: tuple[str, ...]  # the calibrated settings
    known_to: str  # the last quarter for which the figures tell the users of all three messengers
    # one row a figure, with target, sigma, most (True where the figure is only an upper end) and
    # whatever `predict` needs
    observed: pd.DataFrame
    # settings by name (draw,) -> the same figures projected, (figure, draw), on the scale of
    # target: the logarithm of users or accounts, the logit of a share of markets
    predict: Callable[[Mapping[str, NDArray]], NDArray]


def march_2014(
    known: Evidence, day: str = ORIGIN_DAY, start: str = START_2013, quarters: int = QUARTERS_2013
) -> Problem:
    """Accounts from March 2013 to March 2014, as public on 31 March 2014, and how others fared.

    day, start, quarters : the same as public on another day (ISO date), the model started at
        another quarter and run for so many quarters
    """
    then = as_of.evidence_as_of(known, day)
    then = then.with_tables(installed_base=as_of.starting_accounts(then, start))
    markets = read_markets(then, start, quarters)
    scenario = case("march-2014")
    observed = pd.concat([_account_figures(then, markets), _reference_class()], ignore_index=True)
    counts = observed.kind != "reference"
    ahead = read_markets(then, start, quarters + 16)
    judged = quarters + round(constants()["take_off_years"] / QUARTER)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        registered = registered_accounts(scenario, values, markets)
        logs = []
        for row in observed[counts].itertuples():
            part = (row.time - markets.times[0]) / QUARTER
            i = min(int(part), quarters - 1)
            before, after = registered[i : i + 2, row.platform][:, row.markets].sum(axis=1)
            logs.append(np.log(before + (part - i) * (after - before)))
        share = take_off_share(scenario, values, ahead, judged)
        return np.concatenate([np.array(logs), logit(share)])

    known_to = quarter_name(markets.times[-1])
    return Problem(names=EARLY, known_to=known_to, observed=observed, predict=predict)


def _account_figures(known: Evidence, markets: Markets) -> pd.DataFrame:
    """Registered accounts after the start: columns kind, platform, markets, time, target, sigma."""
    parts = []
    for k, platform in enumerate(PLATFORMS):
        world = as_of.accounts(known, platform).assign(market="world")
        both = pd.concat([world, as_of.accounts_by_market(known, platform)])
        parts.append(both.assign(platform=k, kind=f"{platform}, " + both.market))
    table = pd.concat(parts)
    start, end = markets.times[[0, -1]]
    table = table[(table.time > start + 0.02) & (table.time <= end + 1e-9)].reset_index(drop=True)
    world = table.market == "world"
    sigma = np.where(world, constants()["account_sigma"], constants()["account_market_sigma"])
    quarters = (end - table.time) / QUARTER
    older = constants()["account_discount"] ** (quarters / 2)
    table = table.assign(
        markets=[as_of.covers(market, markets.names) for market in table.market],
        # one by one: the last bit of a logarithm of many depends on how they lie in memory
        target=[np.log(value) for value in table.value],
        sigma=sigma / 100 / older * crowding(table.kind),
    )
    table = table.assign(most=False)
    return table[["kind", "platform", "markets", "time", "target", "sigma", "most"]]


def _reference_class() -> pd.DataFrame:
    """One row a platform: the share of foreign markets where a messenger takes off."""
    low, high = (logit(constants()[f"take_off_{end}"] / 100) for end in ("low", "high"))
    row = {"kind": "reference", "target": (low + high) / 2, "sigma": (high - low) / (2 * Z90)}
    row |= {"most": False}
    return pd.DataFrame([row | {"platform": k} for k in range(len(PLATFORMS))])


def take_off_share(
    scenario: Scenario, values: Mapping[str, NDArray], markets: Markets, at: int
) -> NDArray:
    """Share of foreign markets (platform, draw), 0-1, in which a platform takes off by itself.

    The mean of Phi(ln R / sigma), R the rate of joining over the rate of leaving where hardly
    anyone has the app, in quarter `at` of the path; sigma the spread of growth between markets.
    """
    every = setting_values(scenario, values)
    given = make_inputs(scenario, every, markets)
    i = min(at, markets.times.size - 2)
    established = given.established[i]
    many = len(PLATFORMS)
    joining = (given.q * willing_in(given, i))[:many] * (1 - given.barrier * established)
    pulled = np.maximum(established, markets.taken[:, None])
    ratio = joining / (leaving_in(given, i)[:many] * (1 + given.gamma * pulled))
    spread = np.maximum(every["spread"] / 100, 0.05)
    chance = ndtr(np.log(np.maximum(ratio, 1e-9)) / spread)
    abroad = ~markets.turf[:, :, None]
    chance = np.broadcast_to(chance, np.broadcast_shapes(chance.shape, abroad.shape))
    share = (chance * abroad).sum(axis=1) / abroad.sum(axis=1)
    return np.clip(share, 1e-6, 1 - 1e-6)


def registered_accounts(
    scenario: Scenario, values: Mapping[str, NDArray], markets: Markets
) -> NDArray:
    """Accounts ever opened (time, platform, market, draw), in millions.

    Those at the start and new ones; joiners of a quarter are the growth of users and those who
    left in it. `markets.base` holds accounts; active_home and active_abroad say how many users an
    account stands for, at the start and when it is opened: many accounts abroad were tried once.
    """
    every = setting_values(scenario, values)
    home, abroad = (every[name][None, None] / 100 for name in ("active_home", "active_abroad"))
    active = np.where(markets.turf[:, :, None], home, abroad)
    by_market = MarketDraws(start=active)
    given = make_inputs(scenario, every, markets, by_market)
    runs = max(value.size for value in every.values())
    users = solve(given, runs, groups=True)
    ties = given.ties * given.born[..., None]
    people = markets.addressable[:, None, :, None] * given.part
    opened = [np.broadcast_to(markets.base[:, :, None], (*markets.base.shape, runs))]
    for i in range(markets.times.size - 1):
        middle, tied = (users[i] + users[i + 1]) / 2, (ties[i] + ties[i + 1]) / 2
        free = (people[i] + people[i + 1]) / 2 - tied
        loose = np.maximum(middle - tied, 0.0)
        without = 1 - loose / free
        pull = np.array(pulls(given.gamma, given.established[i], tuple(without[:DESCENT])))
        rate = leaving_in(given, i, (1 - given.theta) * without) * pull
        joined = np.maximum(users[i + 1] - users[i] + rate * loose * QUARTER, 0.0)
        joined[0] += joined[DESCENT]
        opened.append(opened[-1] + joined[:DESCENT] / active)
    return np.stack(opened)


def as_it_happened(known: Evidence) -> Problem:
    """Company figures, ranges and surveys by market from 2014 to 2026, with the events on."""
    scenario = change(case("as-it-happened"), {"horizon": HORIZON})
    return users_problem(known, scenario, read_markets(known, scenario.origin, 4 * HORIZON))


def users_problem(known: Evidence, scenario: Scenario, markets: Markets) -> Problem:
    """The figures of users that `known` has for the quarters of some markets."""
    observed = later_figures(known, markets)
    observed["sigma"] *= crowding(observed.series)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        return np.log(projected(project(scenario, values, markets=markets).users, observed))

    totals = observed[~observed.single & ~observed.most]
    last = totals.groupby("platform").step.max().min()
    known_to = quarter_name(markets.times[0] + QUARTER * last)
    return Problem(names=LATER, known_to=known_to, observed=observed, predict=predict)


PROBLEMS = {"march-2014": march_2014, "as-it-happened": as_it_happened}
