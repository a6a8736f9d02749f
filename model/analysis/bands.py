"""The answer: the line in the middle of the runs, with its range, by messenger and market.

low, high             = 10% and 90% quantile of the runs, million users
ln(median / low80)    = sqrt(ln(median / low)^2 + (z s(h))^2),  and the same above the median

z : 90% point of the standard normal;  s(h) : spread of past errors h quarters ahead, log units
(data/error_spread.csv).  The first band is a simulation band: it shows what the settings imply, not
how often it is right. The coverage of the second is that of data/record.csv.
"""

from dataclasses import dataclass

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
class Answer:
    """The totals with their band, in million people.

    path, low, high : (time, platform), the line and the 80% band of the runs, each platform
        outside its home market
    error_low, error_high : (time, platform), the same band including past forecast error
    without_concern : (time, platform), the line if nobody worried
    cost, cost_low, cost_high : WeChat users that concern costs at the end: the difference of the
        two lines, and 80% of the paired runs' differences
    markets : (time, platform, market), the line in each market; they add up to the total over all
        markets outside China, home markets included, which for WeChat is path
    market_low, market_high : (platform, market), the 80% band in each market at the end
    lost : WeChat users that concern costs in each market at the end, (market,)
    established, established_low, established_high : (time, market), people who use the strongest
        established messenger: its share of people online times them
    drawn : (time, platform, draw), the runs behind the band
    drawn_markets : (platform, market, draw), users of the same runs in each market at the end
    ahead : share of runs in which WeChat ends ahead of LINE and of KakaoTalk, (2,)
    times : decimal years, (time,);  names : markets
    """

    path: NDArray
    low: NDArray
    high: NDArray
    error_low: NDArray
    error_high: NDArray
    without_concern: NDArray
    cost: float
    cost_low: float
    cost_high: float
    markets: NDArray
    market_low: NDArray
    market_high: NDArray
    lost: NDArray
    established: NDArray
    established_low: NDArray
    established_high: NDArray
    drawn: NDArray
    drawn_markets: NDArray
    ahead: NDArray
    times: NDArray
    names: tuple[str, ...]


def answer(scenario: Scenario) -> Answer:
    """The totals of a scenario, with their 80% simulation band and the cost of concern."""
    concerns = (scenario["concern"], 0.0)
    now, free = sampling.runs(scenario, concerns=concerns)
    markets = scenario_markets(scenario)
    ordered, ordered_markets = np.sort(now.total, axis=RUN), np.sort(now.markets, axis=RUN)
    whole = np.sort(now.markets.sum(axis=MARKET), axis=RUN)
    path, _, by_market = _lines(scenario, markets, ordered, whole, ordered_markets)
    low, median, high = (
        np.maximum(level, LEAST) for level in quantiles_of(ordered, LEVELS[0], 0.5, LEVELS[1])
    )
    spread = np.append(0.0, load_evidence().error_spread.spread)[: len(low), None]
    without = middle(free.total)
    costs = np.sort((free.total - now.total)[-1, 0])
    cost_low, cost_high = quantiles_of(costs, *LEVELS)
    cost = without[-1, 0] - path[-1, 0]
    market_low, market_high = quantiles_of(ordered_markets[-1], *LEVELS)
    lost = np.sort((free.markets - now.markets)[-1, 0], axis=RUN)
    others, others_low, others_high = established_users(scenario, markets)
    return Answer(
        path=path,
        low=low,
        high=high,
        error_low=median / np.exp(widened(np.log(median / low), spread)),
        error_high=median * np.exp(widened(np.log(high / median), spread)),
        without_concern=without,
        cost=float(cost),
        cost_low=float(cost_low),
        cost_high=float(cost_high),
        markets=by_market,
        market_low=market_low,
        market_high=market_high,
        lost=split_total(cost, lost),
        established=others,
        established_low=others_low,
        established_high=others_high,
        drawn=now.total.astype(np.float32),
        drawn_markets=now.markets[-1].astype(np.float32),
        ahead=(now.total[-1, :1] > now.total[-1, 1:]).mean(axis=-1),
        times=markets.times,
        names=markets.names,
    )


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
    by_market[0] = starting_users(setting_values(scenario), markets)[..., 0]
    path[0] = np.sum(by_market[0], axis=1, where=abroad(markets.names))
    whole[0] = by_market[0].sum(axis=1)
    return path, whole, by_market


def established_users(scenario: Scenario, markets: Markets) -> tuple[NDArray, ...]:
    """People who use the strongest established messenger, and the ends of their 80% range.

    Million people, (time, market): a survey share, given from outside, times people online.
    """
    growth = {"incumbent_growth": sampling.draws(scenario)["incumbent_growth"]}
    values = setting_values(scenario, growth)
    shift = sampling.market_draws(scenario, markets).established
    share = established(scenario, values, markets, shift, ends=True)
    ordered = np.sort(share, axis=RUN)
    line, ends = middle_of(ordered), quantiles_of(ordered, *LEVELS)
    return line * markets.addressable, *(end * markets.addressable for end in ends)


def widened(distance: NDArray, spread: NDArray) -> NDArray:
    """Distance of an end of an 80% band from the median, log units, with an error of `spread`.

    Independent errors: their squares add.
    """
    return np.hypot(distance, ndtri(LEVELS[1]) * spread)


def quantile_dots(users: NDArray, count: int) -> NDArray:
    """The runs at one time as `count` dots of equal weight, from the lowest; million people.

    users : (run,);  dot i is the quantile at (i + 1/2) / count
    """
    return np.quantile(users, (np.arange(count) + 0.5) / count)


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
    path, whole, line = _lines(scenario, markets, *ordered)
    ends, whole_ends, market_ends = (quantiles_of(one, *LEVELS) for one in ordered)
    parts = [
        _rows(markets, PLATFORMS, markets.names, line, *market_ends),
        _rows(markets, PLATFORMS, (EVERYWHERE,), whole, *whole_ends),
        _rows(markets, PLATFORMS, (ABROAD,), path, *ends),
        _rows(markets, (ESTABLISHED,), markets.names, *established_users(scenario, markets)),
    ]
    frame = pd.concat(parts, ignore_index=True).assign(case=scenario.case)
    order = ["case", "quarter", "market", "platform", "users_millions", "low", "high"]
    return frame[order].sort_values(["quarter", "market", "platform"], kind="stable")


def _rows(
    markets: Markets, platforms: tuple[str, ...], names: tuple[str, ...], *columns: NDArray
) -> pd.DataFrame:
    """Arrays (time, platform, market) as rows; the axis of a single platform or market may lack."""
    quarters = [quarter_name(time) for time in markets.times]
    index = pd.MultiIndex.from_product(
        [quarters, platforms, names], names=["quarter", "platform", "market"]
    )
    values = dict(zip(("users_millions", "low", "high"), map(np.ravel, columns), strict=True))
    return pd.DataFrame(values, index=index).reset_index()
