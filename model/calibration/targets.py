"""The figures that the calibration is fitted to: two problems, each with its prediction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from model.calibration.as_of import accounts, accounts_by_market, evidence_as_of, starting_accounts
from model.engine.forcing import quarterly_forcing
from model.engine.markets import Markets, read_markets
from model.engine.projection import MarketDraws, Projection, home_ties, project, rates
from model.engine.solver import leaving_rate
from model.evidence.reader import Evidence, constants
from model.messengers import PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import Z90

ORIGIN_DAY = "2014-03-31"
START_2013, QUARTERS_2013 = "2013Q1", 4
HORIZON = 12  # years that as-it-happened has evidence for
GROWTH = ("wechat", "line", "kakao", "barrier", "attrition", "pull", "ceiling_abroad")
INNOVATION = ("wechat_innovation", "line_innovation", "kakao_innovation")
AT_HOME = ("line_japan", "line_key", "line_indonesia", "kakao_korea")
EARLY = (*GROWTH, *INNOVATION, *AT_HOME, "active_home", "active_abroad")
LATER = (*GROWTH, *INNOVATION, *AT_HOME, "line_core", "kakao_core", "wechat_core")
LATER = (*LATER, "descent_ties", "descent_growth")
SUMS = {  # series that is the sum of two others; a quarter that has both parts leaves it out
    "kakao_world_mau": ("kakao_korea_mau", "kakao_exkorea_mau"),
    "line_world_mau": ("line_key4_mau", "line_exkey4_mau"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Settings to be found and the figures they are to agree with.

    names : the calibrated settings
    observed : one row a figure, with target, sigma and whatever `predict` needs
    predict : settings by name (draw,) -> the same figures projected, (figure, draw), on the scale
        of target: the logarithm of users or accounts, the logit of a share of markets
    """

    fit: str
    names: tuple[str, ...]
    observed: pd.DataFrame
    predict: Callable[[Mapping[str, NDArray]], NDArray]


def march_2014(
    known: Evidence, day: str = ORIGIN_DAY, start: str = START_2013, quarters: int = QUARTERS_2013
) -> Problem:
    """Accounts from March 2013 to March 2014, as public on 31 March 2014, and how others fared.

    day, start, quarters : the same as public on another day (ISO date), the model started at
        another quarter and run for so many quarters
    """
    then = evidence_as_of(known, day)
    then = replace(then, installed_base=starting_accounts(then, start))
    where = read_markets(then, start, quarters)
    scenario = case("march-2014")
    observed = pd.concat([_account_figures(then, where), _reference_class()], ignore_index=True)
    counts = observed.kind != "reference"
    ahead = read_markets(then, start, quarters + 16)
    judged = quarters + round(constants()["take_off_years"] / QUARTER)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        registered = registered_accounts(scenario, values, where)
        found = []
        for row in observed[counts].itertuples():
            part = (row.time - where.times[0]) / QUARTER
            i = min(int(part), quarters - 1)
            before, after = registered[i : i + 2, row.platform][:, row.markets].sum(axis=1)
            found.append(np.log(before + (part - i) * (after - before)))
        share = take_off_share(scenario, values, ahead, judged)
        return np.concatenate([np.array(found), logit(share)])

    return Problem(fit="march-2014", names=EARLY, observed=observed, predict=predict)


def _account_figures(known: Evidence, where: Markets) -> pd.DataFrame:
    """Registered accounts after the start: columns kind, platform, markets, time, target, sigma."""
    rows = []
    for k, platform in enumerate(PLATFORMS):
        whole = accounts(known, platform).assign(market="world")
        own = accounts_by_market(known, platform)
        for row in pd.concat([whole, own]).itertuples():
            if row.time <= where.times[0] + 0.02 or row.time > where.times[-1] + 1e-9:
                continue
            world = row.market == "world"
            rows.append(
                {
                    "kind": f"{platform}, {row.market}",
                    "platform": k,
                    "markets": np.array([world or name == row.market for name in where.names]),
                    "time": row.time,
                    "target": np.log(row.value),
                    "sigma": constants()["account_sigma" if world else "account_market_sigma"],
                }
            )
    table = pd.DataFrame(rows)
    quarters = (where.times[-1] - table.time) / QUARTER
    older = constants()["account_discount"] ** (quarters / 2)
    return table.assign(sigma=table.sigma / 100 / older * _crowding(table.kind))


def _reference_class() -> pd.DataFrame:
    """One row a platform: the share of foreign markets where a messenger takes off."""
    low, high = (logit(constants()[f"take_off_{end}"] / 100) for end in ("low", "high"))
    row = {"kind": "reference", "target": (low + high) / 2, "sigma": (high - low) / (2 * Z90)}
    return pd.DataFrame([row | {"platform": k} for k in range(len(PLATFORMS))])


def take_off_share(
    scenario: Scenario, values: Mapping[str, NDArray], where: Markets, at: int
) -> NDArray:
    """Share of foreign markets (platform, draw), 0-1, in which a platform takes off by itself.

    The mean of Phi(ln R / sigma), R the rate of joining over the rate of leaving where hardly
    anyone has the app, in quarter `at` of the path; sigma the spread of growth between markets.
    """
    every = {name: np.atleast_1d(value) for name, value in scenario.values} | dict(values)
    quarter = list(quarterly_forcing(scenario, every, where))[min(at, where.times.size - 2)]
    given = rates(every, where)
    growth = given.q * np.asarray(quarter.willing)
    joining = growth * (1 - given.barrier * np.asarray(quarter.incumbent))
    ratio = joining / leaving_rate(given, quarter)
    spread = np.maximum(every["spread"] / 100, 0.05)
    chance = ndtr(np.log(np.maximum(ratio, 1e-9)) / spread)
    abroad = ~where.turf[:, :, None]
    chance = np.broadcast_to(chance, np.broadcast_shapes(chance.shape, abroad.shape))
    share = (chance * abroad).sum(axis=1) / abroad.sum(axis=1)
    return np.clip(share, 1e-6, 1 - 1e-6)


def registered_accounts(
    scenario: Scenario, values: Mapping[str, NDArray], where: Markets
) -> NDArray:
    """Accounts ever opened (time, platform, market, draw), in millions.

    Those at the start and new ones; joiners of a quarter are the growth of users and those who
    left in it. `where.base` holds accounts; active_home and active_abroad say how many users an
    account stands for, at the start and when it is opened: many accounts abroad were tried once.
    """
    every = {name: np.atleast_1d(value) for name, value in scenario.values} | dict(values)
    home, abroad = (every[name][None, None] / 100 for name in ("active_home", "active_abroad"))
    active = np.where(where.turf[:, :, None], home, abroad)
    apart = MarketDraws(start=active)
    users = project(scenario, values, apart, where=where).users
    given = rates(every, where, apart)
    ties = home_ties(every, where, users[0])
    opened = [np.broadcast_to(where.base[:, :, None], users.shape[1:])]
    for i, quarter in enumerate(quarterly_forcing(scenario, every, where)):
        middle, tied = (users[i] + users[i + 1]) / 2, (ties[i] + ties[i + 1]) / 2
        free = (where.addressable[i] + where.addressable[i + 1])[:, None] / 2 - tied
        loose = np.maximum(middle - tied, 0.0)
        without = (1 - np.asarray(given.home_ties)) * (1 - loose / free)
        left = leaving_rate(given, quarter) * without**2 * loose * QUARTER
        joined = np.maximum(users[i + 1] - users[i] + left, 0.0)
        opened.append(opened[-1] + joined / active)
    return np.stack(opened)


def as_it_happened(known: Evidence) -> Problem:
    """Company figures, ranges and surveys by market from 2014 to 2026, with the events on."""
    scenario = change(case("as-it-happened"), {"horizon": HORIZON})
    return users_problem(known, scenario, read_markets(known, scenario.origin, 4 * HORIZON))


def users_problem(known: Evidence, scenario: Scenario, where: Markets) -> Problem:
    """The figures of users that `known` has for the quarters of `where`, with its switches."""
    observed = later_figures(known, where)
    observed["sigma"] *= _crowding(observed.series)

    def predict(values: Mapping[str, NDArray]) -> NDArray:
        paths = project(scenario, values, where=where)
        return np.log(figures(paths, observed))

    return Problem(fit="as-it-happened", names=LATER, observed=observed, predict=predict)


def later_figures(known: Evidence, where: Markets) -> pd.DataFrame:
    """Observed users after the origin: series, kind, platform (number), markets, step, value, ...

    kind : company | range | survey;  step : quarters after the origin;  low, high : of a range
    markets : True for each market that the figure covers;  a share of people online is users
    """
    table = known.observed
    users = table[table.metric.str.startswith("users") & table.platform.isin(PLATFORMS)]
    users = users[~users.metric.str.contains("survey|residual|forecast")]
    # LINE and KakaoTalk have company figures, which panels overstate several times
    share = table[table.metric.str.startswith("share") & (table.platform == "WeChat")]
    users = _without_sums(pd.concat([users, share]))
    step = (users.quarter.map(decimal_year) - where.times[0]) / QUARTER
    users = users.assign(step=step.round().astype(int))
    users = users[(users.step > 0) & (users.step < where.times.size)].reset_index(drop=True)
    single = users.geography.isin(where.names)
    kind = users.metric.map({"users, range": "range"}).fillna("company")
    kind = kind.mask(users.metric.str.startswith("share"), "survey")
    sigma = users.metric.map({"users": "company_sigma"}).fillna("other_basis_sigma")
    sigma = sigma.mask(single & (kind == "company") & ~_long(users.series), "market_sigma")
    sigma = sigma.mask(kind == "survey", "survey_sigma").map(constants()) / 100
    sigma = sigma.mask(kind == "range", np.log(users.high / users.low) / (2 * Z90))
    covers = [_covers(geography, where.names) for geography in users.geography]
    people = [where.addressable[i][m].sum() for i, m in zip(users.step, covers, strict=True)]
    value = users.value.mask(kind == "survey", users.value / 100 * people)
    return pd.DataFrame(
        {
            "series": users.series,
            "kind": kind,
            "platform": users.platform.map(PLATFORMS.index),
            "markets": covers,
            "single": single,
            "quarter": users.quarter,
            "step": users.step,
            "value": value,
            "low": users.low,
            "high": users.high,
            "target": np.log(value),
            "sigma": sigma,
        }
    )


def _without_sums(table: pd.DataFrame) -> pd.DataFrame:
    """`table` less the sums whose parts stand beside them: the same figure must not count twice."""
    at = {name: set(rows.quarter) for name, rows in table.groupby("series")}
    for name, parts in SUMS.items():
        both = set.intersection(*[at.get(part, set()) for part in parts])
        table = table[~((table.series == name) & table.quarter.isin(both))]
    return table


def _long(series: pd.Series) -> pd.Series:
    """Whether a figure belongs to a series of five or more, which the model should follow."""
    return series.map(series.value_counts()) >= 5


def _covers(geography: str, names: tuple[str, ...]) -> NDArray:
    """Which markets a geography of data/observed.csv covers."""
    if geography in ("world", "EX-CHINA"):
        return np.ones(len(names), dtype=bool)
    if geography.startswith("world less "):
        return ~np.isin(names, geography.removeprefix("world less ").split("+"))
    return np.isin(names, geography.split("+"))


def figures(paths: Projection, observed: pd.DataFrame) -> NDArray:
    """The projected counterpart of each observed figure (observation, draw), in millions."""
    found = [
        paths.users[row.step, row.platform][row.markets].sum(axis=0)
        for row in observed.itertuples()
    ]
    return np.array(found)


def _crowding(series: pd.Series) -> pd.Series:
    """Factor on sigma, so that a series counts as at most so many independent figures."""
    count = series.map(series.value_counts())
    return np.sqrt(np.maximum(count / constants()["series_weight"], 1.0))


def errors(known: Evidence) -> pd.DataFrame:
    """How far the case as-it-happened is from what was observed, by series.

    columns : series, figures, median_error, largest_error (% of the observed; of a band, the
    distance from its nearer end)
    """
    scenario = change(case("as-it-happened"), {"horizon": HORIZON})
    where = read_markets(known, scenario.origin, 4 * HORIZON)
    observed = later_figures(known, where)
    found = pd.Series(figures(project(scenario, where=where), observed)[:, 0])
    nearest = found.clip(observed.low, observed.high).where(observed.low.notna(), observed.value)
    percent = 100 * (found / nearest - 1).abs()
    rows = percent.groupby(observed.series).agg(["size", "median", "max"]).reset_index()
    rows.columns = ["series", "figures", "median_error", "largest_error"]
    return rows


PROBLEMS = {"march-2014": march_2014, "as-it-happened": as_it_happened}
