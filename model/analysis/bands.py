"""The answer: the line in the middle of the runs, with its range, by messenger and market.

low, high = 10% and 90% quantile of the runs, million users;  low50, high50 = 25% and 75%

The runs hold everything that is uncertain: settings, differences between markets, errors of past
forecasts (model/analysis/sampling.py). How often such ranges held is in data/record.csv.

A market's line is the middle of its own runs. The middles of skewed runs add up to less than the
middle of their sum: the rest is users in one market or another, nobody knows which.
"""

from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis import sampling
from model.analysis.sampling import (
    INNER,
    LEVELS,
    middle,
    middle_of,
    quantiles_of,
)
from model.engine.by_quarter import established
from model.engine.inputs import MARKET, RUN, setting_values, starting_users
from model.engine.markets import Markets, scenario_markets
from model.engine.projection import abroad
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import Scenario

RANGES = ("low", "low50", "high50", "high")  # of a Band: ends of its 80% and its 50% range
ESTABLISHED = "established"  # in tables, beside the platforms
EVERYWHERE, ABROAD = "EX-CHINA", "ABROAD"  # in tables, beside the markets


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line, the ends of its 80% range and of its 50% range, million people, all of one shape."""

    line: NDArray
    low: NDArray
    high: NDArray
    low50: NDArray
    high50: NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The totals with their range, in million people.

    scenario : whose answer it is
    total : (time, platform), each platform outside its home market
    without_concern : (time, platform), the line if nobody worried
    cost : WeChat users that concern costs at the end: the difference of the two lines, and 80% of
        the paired runs' differences
    market_ends : (platform, market), each market at the end
    unplaced : (platform,), what the line of all markets outside China, home markets included, has
        beyond the sum of the markets' lines at the end; for WeChat these are the total
    lost : WeChat users that concern costs in each market at the end, the middle of the paired runs'
        differences, (market,)
    established : (market,), people who use the strongest established messenger at the end
    runs : (time, platform, run), the totals of the runs
    market_runs : (platform, market, run), users of the same runs in each market at the end
    ahead : share of runs in which WeChat ends ahead of LINE and of KakaoTalk, (2,)
    times : decimal years, (time,);  names : markets
    """

    scenario: Scenario
    total: Band
    without_concern: NDArray
    cost: Band
    market_ends: Band
    unplaced: NDArray
    lost: NDArray
    established: Band
    runs: NDArray
    market_runs: NDArray
    ahead: NDArray
    times: NDArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPaths:
    """Each market quarter by quarter, in million people; at the end it is as in the Answer.

    markets : (time, platform, market), the line in each market
    established : (time, market), people who use the strongest established messenger
    """

    markets: NDArray
    established: Band


def answer(scenario: Scenario) -> Answer:
    """The totals of a scenario, with their ranges and the cost of concern."""
    now, free = sampling.runs(scenario, concerns=(scenario["concern"], 0.0))
    markets = scenario_markets(scenario)
    ordered, ordered_ends = np.sort(now.total, axis=RUN), np.sort(now.markets[-1], axis=RUN)
    line, without = middle_of(ordered), middle(free.total)
    line[0] = _start(scenario, markets)[0]
    ends = middle_of(ordered_ends)
    costs = np.sort(free.total[-1, 0] - now.total[-1, 0])
    return Answer(
        scenario=scenario,
        total=band(line, ordered),
        without_concern=without,
        cost=band(without[-1, 0] - line[-1, 0], costs),
        market_ends=band(ends, ordered_ends),
        unplaced=middle(now.markets[-1].sum(axis=MARKET)) - ends.sum(axis=1),
        lost=middle(free.markets[-1, 0] - now.markets[-1, 0]),
        established=_established_ends(scenario, markets),
        runs=now.total.astype(np.float32),
        market_runs=now.markets[-1].astype(np.float32),
        ahead=(now.total[-1, :1] > now.total[-1, 1:]).mean(axis=-1),
        times=markets.times,
        names=markets.names,
    )


@lru_cache(maxsize=32)  # 50 kB each; the answer does without, which saves a fifth of its time
def market_paths(scenario: Scenario) -> MarketPaths:
    """Each market of a scenario quarter by quarter: for one market in detail."""
    users, markets = sampling.runs(scenario)[0].markets, scenario_markets(scenario)
    users.sort(axis=RUN)  # in place: nobody else holds them
    by_market = middle_of(users)
    by_market[0] = _start(scenario, markets)[1]
    return MarketPaths(markets=by_market, established=established_users(scenario, markets))


def band(line: NDArray, ordered: NDArray) -> Band:
    """A line with the ranges of its runs, which are in order of size."""
    low, low50, high50, high = quantiles_of(ordered, LEVELS[0], *INNER, LEVELS[1])
    return Band(line=line, low=low, high=high, low50=low50, high50=high50)


def _start(scenario: Scenario, markets: Markets) -> tuple[NDArray, NDArray]:
    """Users in the installed-base table: abroad (platform,), by market (platform, market)."""
    base = starting_users(setting_values(scenario), markets)[..., 0]
    return np.sum(base, axis=1, where=abroad(markets.names)), base


def _established_ends(scenario: Scenario, markets: Markets) -> Band:
    """The last quarter of `established_users`, (market,)."""
    given = {
        name: getattr(markets, name)[[0, -1]] for name in ("times", "addressable", "incumbent")
    }
    users = established_users(scenario, replace(markets, **given))
    return Band(**{field.name: getattr(users, field.name)[-1] for field in fields(Band)})


def established_users(scenario: Scenario, markets: Markets) -> Band:
    """People who use the strongest established messenger, million, (time, market).

    A survey share, given from outside, times people online.
    """
    growth = {"incumbent_growth": sampling.draws(scenario)["incumbent_growth"]}
    values = setting_values(scenario, growth)
    shift = sampling.market_draws(scenario, markets).established
    share = established(scenario, values, markets, shift, ends=True)
    users = np.sort(share * markets.addressable[..., None], axis=RUN)
    return band(middle_of(users), users)


def coverage() -> float:
    """Share of outcomes that the 80% range held in the record, 0-1."""
    rows = load_evidence().record
    return float(rows.observed.between(rows.low80, rows.high80).mean())


def table(scenario: Scenario) -> pd.DataFrame:
    """Every market, platform and quarter of a scenario, with its 80% range.

    columns : case, quarter, market (ISO3 or ROW; EX-CHINA, all of these; ABROAD, each platform
    outside its home market), platform, users_millions, low, high. Each row is the middle of its own
    runs, so that those of the markets add up to less than EX-CHINA.
    Platform "established" is the strongest established messenger of each market.
    """
    now = sampling.runs(scenario)[0]
    markets = scenario_markets(scenario)
    begin, base = _start(scenario, markets)
    parts = [_rows(markets, (ESTABLISHED,), markets.names, established_users(scenario, markets))]
    for names, users, start in (
        (markets.names, now.markets, base),
        ((EVERYWHERE,), now.markets.sum(axis=MARKET), base.sum(axis=1)),
        ((ABROAD,), now.total, begin),
    ):
        ordered = np.sort(users, axis=RUN)
        line = middle_of(ordered)
        line[0] = start
        parts.append(_rows(markets, PLATFORMS, names, band(line, ordered)))
    frame = pd.concat(parts, ignore_index=True).assign(case=scenario.case)
    order = ["case", "quarter", "market", "platform", "users_millions", "low", "high"]
    return frame[order].sort_values(["quarter", "market", "platform"], kind="stable")


def _rows(
    markets: Markets, platforms: tuple[str, ...], names: tuple[str, ...], users: Band
) -> pd.DataFrame:
    """Users (time, platform, market) as rows; the axis of a single platform or market may lack."""
    quarters = [quarter_name(time) for time in markets.times]
    index = pd.MultiIndex.from_product(
        [quarters, platforms, names], names=["quarter", "platform", "market"]
    )
    columns = {"users_millions": users.line, "low": users.low, "high": users.high}
    values = {name: np.ravel(column) for name, column in columns.items()}
    return pd.DataFrame(values, index=index).reset_index()
