"""The answer: the line in the middle of the runs, with its range, by messenger and market.

low, high             = 10% and 90% quantile of the runs, million users
ln(median / low80)    = sqrt(ln(median / low)^2 + (z s(h))^2),  and the same above the median

z : 90% point of the standard normal;  s(h) : spread of past errors h quarters ahead, log units
(data/error_spread.csv).  The first band is a simulation band: it shows what the settings imply, not
how often it is right. The coverage of the second is that of data/record.csv.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from model.analysis import sampling
from model.analysis.sampling import DRAWS, FEW, LEAST, LEVELS, middle, split_total
from model.engine.forcing import established
from model.engine.markets import Markets, scenario_markets
from model.engine.projection import OUTSIDE, counts, setting_values, starting_users
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import Scenario

BANDS = ("settings", "errors")  # if the settings hold, or including past forecast error
ESTABLISHED = "established"  # in tables, beside the platforms


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The totals with their band, in million people.

    path, low, high : (time, platform), the line and the 80% band of the runs
    error_low, error_high : (time, platform), the same band including past forecast error
    without_concern : (time, platform), the line if nobody worried
    cost, cost_low, cost_high : WeChat users that concern costs at the end: the difference of the
        two lines, and 80% of the paired runs' differences
    markets : (time, platform, market), the line in each market; they add up to path
    market_low, market_high : (platform, market), the 80% band in each market at the end
    lost : WeChat users that concern costs in each market at the end, (market,)
    established, established_low, established_high : (time, market), people who use the strongest
        established messenger: its share of people online times them
    drawn : (time, platform, draw), the runs behind the band
    drawn_markets : (platform, market, draw), users of the same runs in each market at the end
    counted : whether a market is part of a platform's total, (platform, market)
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
    counted: NDArray
    ahead: NDArray
    times: NDArray
    names: tuple[str, ...]


def answer(scenario: Scenario, outside: str = OUTSIDE[0], count: int = DRAWS) -> Answer:
    """The totals of a scenario, with their 80% simulation band and the cost of concern.

    count : runs, a power of 2
    """
    concerns = (scenario["concern"], 0.0)
    now, free = sampling.runs(scenario, outside, concerns=concerns, count=count)
    markets = scenario_markets(scenario)
    counted = counts(markets.names, outside)
    path, by_market = _line(scenario, now, markets, counted)
    low, median, high = np.quantile(now.total, [LEVELS[0], 0.5, LEVELS[1]], axis=-1)
    low, median, high = (np.maximum(level, LEAST) for level in (low, median, high))
    spread = np.append(0.0, load_evidence().error_spread.spread)[: len(low), None]
    without = middle(free.total)
    cost_low, cost_high = np.quantile((free.total - now.total)[-1, 0], LEVELS)
    cost = without[-1, 0] - path[-1, 0]
    market_low, market_high = np.quantile(now.markets[-1], LEVELS, axis=-1)
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
        lost=split_total(cost, (free.markets - now.markets)[-1, 0]),
        established=others,
        established_low=others_low,
        established_high=others_high,
        drawn=now.total.astype(np.float32),
        drawn_markets=now.markets[-1].astype(np.float32),
        counted=counted,
        ahead=(now.total[-1, :1] > now.total[-1, 1:]).mean(axis=-1),
        times=markets.times,
        names=markets.names,
    )


def quick_answer(scenario: Scenario, outside: str, near: Answer, near_few: Answer) -> Answer:
    """An answer from FEW runs, for a slider that is still moving; totals are corrected by `near`.

    near, near_few : the answer to a scenario nearby, from all runs and from FEW of them. The lines
        and ends of the totals are times their ratio, the shares of runs plus their difference, so
        that the answer moves on from `near` without a jump. Where horizon or origin differ, and in
        single markets, nothing is corrected
    """
    few = answer(scenario, outside, FEW)
    if few.times.size != near.times.size:
        return few
    ratios = {
        name: getattr(near, name) / np.maximum(getattr(near_few, name), LEAST)
        for name in ("path", "low", "high", "error_low", "error_high", "without_concern")
    }
    scaled = {name: getattr(few, name) * ratio for name, ratio in ratios.items()}
    cost = float(scaled["without_concern"][-1, 0] - scaled["path"][-1, 0])
    costs = {
        name: getattr(few, name) * getattr(near, name) / (getattr(near_few, name) or 1.0)
        for name in ("cost_low", "cost_high")
        if near.cost
    }
    ahead = np.clip(few.ahead + near.ahead - near_few.ahead, 0.0, 1.0)
    return replace(few, **scaled, cost=cost, **costs, ahead=ahead)


def _line(
    scenario: Scenario, now: sampling.Runs, markets: Markets, counted: NDArray
) -> tuple[NDArray, NDArray]:
    """The line of each total (time, platform) and in each market (time, platform, market).

    At the origin it is the installed-base table.
    """
    path = middle(now.total)
    by_market = split_total(path, now.markets, counted)
    by_market[0] = starting_users(setting_values(scenario), markets)[..., 0]
    path[0] = np.sum(by_market[0], axis=1, where=counted)
    return path, by_market


def established_users(scenario: Scenario, markets: Markets) -> tuple[NDArray, NDArray, NDArray]:
    """People who use the strongest established messenger, and the ends of their 80% range.

    Million people, (time, market): a survey share, given from outside, times people online.
    """
    growth = {"incumbent_growth": sampling.draws(scenario)["incumbent_growth"]}
    values = setting_values(scenario, growth)
    shift = sampling.market_draws(scenario, markets).established
    share = established(scenario, values, markets, shift, ends=True)
    low, high = np.quantile(share, LEVELS, axis=-1) * markets.addressable
    return middle(share) * markets.addressable, low, high


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


def table(scenario: Scenario, outside: str = OUTSIDE[0]) -> pd.DataFrame:
    """Every market, platform and quarter of a scenario, with the 80% simulation band.

    columns : case, quarter, market (ISO3, ROW; EX-CHINA or EX-HOME for the total), platform,
    users_millions, low, high.
    Platform "established" is the strongest established messenger of each market.
    """
    now = sampling.runs(scenario, outside)[0]
    markets = scenario_markets(scenario)
    path, line = _line(scenario, now, markets, counts(markets.names, outside))
    low, high = np.quantile(now.markets, LEVELS, axis=-1)
    total_low, total_high = np.quantile(now.total, LEVELS, axis=-1)
    parts = [
        _rows(markets, PLATFORMS, markets.names, line, low, high),
        _rows(markets, PLATFORMS, (f"EX-{outside.upper()}",), path, total_low, total_high),
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
