"""The answer: the line in the middle of the runs, with its range, by messenger and market.

low, high             = 10% and 90% quantile of the runs, million users
ln(median / low80)    = sqrt(ln(median / low)^2 + (z s(h))^2),  and the same above the median

z : 90% point of the standard normal;  s(h) : spread of past errors h quarters ahead, log units
(data/error_spread.csv).  The first band is a simulation band: it shows what the settings imply, not
how often it is right. The coverage of the second is that of data/record.csv.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from model.analysis import sampling
from model.analysis.sampling import (
    LEAST,
    LEVELS,
    middle,
    middle_of,
    quantiles_of,
    split_total,
)
from model.engine.by_quarter import established
from model.engine.inputs import MARKET, RUN, setting_values, starting_users
from model.engine.markets import Markets, scenario_markets
from model.engine.projection import abroad
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import Scenario

ESTABLISHED = "established"  # in tables, beside the platforms
EVERYWHERE, ABROAD = "EX-CHINA", "ABROAD"  # in tables, beside the markets


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line and the ends of its 80% range, in million people, all of one shape."""

    line: NDArray
    low: NDArray
    high: NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The totals with their range, in million people.

    scenario : whose answer it is
    total : (time, platform), each platform outside its home market; the range includes past
        forecast error
    simulated : (time, platform), the same line with the range of the runs alone
    without_concern : (time, platform), the line if nobody worried
    cost : WeChat users that concern costs at the end: the difference of the two lines, and 80% of
        the paired runs' differences
    market_ends : (platform, market), each market at the end with the range of the runs; the lines
        add up to the total over all markets outside China, home markets included, which for WeChat
        is the total
    lost : WeChat users that concern costs in each market at the end, (market,)
    established : (market,), people who use the strongest established messenger at the end
    runs : (time, platform, run), the totals of the runs
    market_runs : (platform, market, run), users of the same runs in each market at the end
    ahead : share of runs in which WeChat ends ahead of LINE and of KakaoTalk, (2,)
    times : decimal years, (time,);  names : markets
    """

    scenario: Scenario
    total: Band
    simulated: Band
    without_concern: NDArray
    cost: Band
    market_ends: Band
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
    ends = split_total(middle(now.markets[-1].sum(axis=MARKET)), ordered_ends)
    cost = without[-1, 0] - line[-1, 0]
    costs = np.sort(free.total[-1, 0] - now.total[-1, 0])
    lost = np.sort(free.markets[-1, 0] - now.markets[-1, 0], axis=RUN)
    total, simulated = _totals(line, ordered)
    return Answer(
        scenario=scenario,
        total=total,
        simulated=simulated,
        without_concern=without,
        cost=_band(cost, costs),
        market_ends=_band(ends, ordered_ends),
        lost=split_total(cost, lost),
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
    whole = middle(users.sum(axis=MARKET))
    users.sort(axis=RUN)  # in place: nobody else holds them
    by_market = split_total(whole, users)
    by_market[0] = _start(scenario, markets)[1]
    return MarketPaths(markets=by_market, established=established_users(scenario, markets))


def _band(line: NDArray, ordered: NDArray) -> Band:
    """A line with the 80% range of its runs, which are in order of size."""
    low, high = quantiles_of(ordered, *LEVELS)
    return Band(line=line, low=low, high=high)


def _totals(line: NDArray, ordered: NDArray) -> tuple[Band, Band]:
    """`total` and `simulated` of an Answer, from the runs in order of size."""
    low, median, high = (
        np.maximum(level, LEAST) for level in quantiles_of(ordered, LEVELS[0], 0.5, LEVELS[1])
    )
    spread = np.append(0.0, load_evidence().error_spread.spread)[: len(low), None]
    below = median / np.exp(widened(np.log(median / low), spread))
    above = median * np.exp(widened(np.log(high / median), spread))
    return Band(line=line, low=below, high=above), Band(line=line, low=low, high=high)


def _lines(
    scenario: Scenario, markets: Markets, *ordered: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """The lines of users abroad and in all markets (time, platform), and in each market.

    The last (time, platform, market) adds up to that of all markets. At the origin all three are
    the installed-base table.

    ordered : runs in order of size, of users abroad, in all markets and in each
    """
    path, whole = map(middle_of, ordered[:2])
    by_market = split_total(whole, ordered[2])
    path[0], by_market[0] = _start(scenario, markets)
    whole[0] = by_market[0].sum(axis=1)
    return path, whole, by_market


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
    return Band(line=users.line[-1], low=users.low[-1], high=users.high[-1])


def established_users(scenario: Scenario, markets: Markets) -> Band:
    """People who use the strongest established messenger, million, (time, market).

    A survey share, given from outside, times people online.
    """
    growth = {"incumbent_growth": sampling.draws(scenario)["incumbent_growth"]}
    values = setting_values(scenario, growth)
    shift = sampling.market_draws(scenario, markets).established
    share = established(scenario, values, markets, shift, ends=True)
    users = np.sort(share * markets.addressable[..., None], axis=RUN)
    return _band(middle_of(users), users)


def widened(distance: NDArray, spread: NDArray) -> NDArray:
    """Distance of an end of an 80% band from the median, log units, with an error of `spread`.

    Independent errors: their squares add.
    """
    return np.hypot(distance, ndtri(LEVELS[1]) * spread)


def coverage() -> float:
    """Share of outcomes that the band including past forecast error held in the record, 0-1."""
    rows = load_evidence().record
    return float(rows.observed.between(rows.low80_error, rows.high80_error).mean())


def table(scenario: Scenario) -> pd.DataFrame:
    """Every market, platform and quarter of a scenario, with the 80% simulation band.

    columns : case, quarter, market (ISO3 or ROW; EX-CHINA, all of these, to which they add up;
    ABROAD, each platform outside its home market), platform, users_millions, low, high.
    Platform "established" is the strongest established messenger of each market.
    """
    now = sampling.runs(scenario)[0]
    markets = scenario_markets(scenario)
    ordered = [
        np.sort(users, axis=RUN) for users in (now.total, now.markets.sum(axis=MARKET), now.markets)
    ]
    lines = _lines(scenario, markets, *ordered)
    total, whole, cells = (_band(line, runs) for line, runs in zip(lines, ordered, strict=True))
    parts = [
        _rows(markets, PLATFORMS, markets.names, cells),
        _rows(markets, PLATFORMS, (EVERYWHERE,), whole),
        _rows(markets, PLATFORMS, (ABROAD,), total),
        _rows(markets, (ESTABLISHED,), markets.names, established_users(scenario, markets)),
    ]
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
