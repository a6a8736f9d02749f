"""The record: what the page's own model would have forecast, origin by origin, and what came.

At each forecast origin the model is fitted to what was published by the last day of that quarter
and projected 20 quarters on, with 256 runs from the posterior as in model/analysis/sampling.py.

2013Q4, 2014Q1   only registered accounts were public: the fit *march-2014* as of that day. 2013Q4
                 starts from the accounts times the fitted active shares, 2014Q1 as the page does,
                 from data/installed_base.csv and the rounded defaults. That table rests on figures
                 published until October 2014: it is the one thing here from after its origin.
2014Q4 and on    users were public: the fit *as-it-happened* as of that day, the model started in
                 2014Q1, with the dated events that had happened. Concern moves as surveyed and then
                 stays. Established messengers move as surveyed and from each market's last survey
                 grow by the setting: they had grown until then, and nothing said that they would
                 stop. Markets differ as in the default case, because totals do not tell how.

Runs are re-based: each run of a total or a market is multiplied by the last figure known over the
run's own value at that date (an intercept correction). Without a known figure they stay as they
are. Outcomes are company figures of LINE and KakaoTalk; for WeChat abroad there are only ranges,
which are our own reading, so it cannot be scored. Last value and damped trend stand beside it.
Errors, and ranges that include them, are in model/calibration/scores.py.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis import sampling
from model.analysis.bands import ESTABLISHED
from model.analysis.random_numbers import SEED
from model.analysis.sampling import DRAWS
from model.calibration.as_of import dated, evidence_as_of, starting_accounts
from model.calibration.calibrate import fit
from model.calibration.kept_draws import complete
from model.calibration.posterior import Density, sample
from model.calibration.targets import (
    START_2013,
    STARTS_IN_2014,
    Problem,
    march_2014,
    users_problem,
)
from model.engine.by_quarter import established
from model.engine.inputs import MarketDraws, setting_values
from model.engine.markets import Markets, read_markets
from model.engine.projection import project
from model.evidence import Evidence, constants
from model.messengers import PLATFORMS
from model.quarters import QUARTER, decimal_year, last_day, quarter_name, quarters_between
from model.scenario.scenario import DEFAULT_FIT, Scenario, case, change
from model.scenario.settings import all_settings

START = "2014Q1"  # the quarter from which the page's model starts
ORIGINS = ("2013Q4", START, *(f"{year}Q4" for year in range(2014, 2022)), "2022Q2")
HORIZONS = (4, 8, 12, 20)
AHEAD = HORIZONS[-1]
YEARS = 8  # that people online are carried on: the last ones known are up to two years old
STARTS = 2  # of a fit
WALKERS, STEPS = 128, 500
NEAR = QUARTER / 2 + 1e-9  # years between a date and the figure that counts for it
TOTAL = "EX-CHINA"
SERIES = {  # company figures, by platform and market
    ("LINE", TOTAL): ("line_world_mau", "line_world_mau_later"),
    ("LINE", "JPN"): ("line_japan_mau",),
    ("LINE", "TWN"): ("line_taiwan_mau",),
    ("LINE", "THA"): ("line_thailand_mau",),
    ("LINE", "IDN"): ("line_indonesia_mau",),
    ("KakaoTalk", TOTAL): ("kakao_world_mau",),
    ("KakaoTalk", "KOR"): ("kakao_korea_mau",),
}
PARTS = ("kakao_korea_mau", "kakao_exkorea_mau")  # KakaoTalk in the world, where it is not given
ACTIVE = ("active_home", "active_abroad")
COLUMNS = "origin platform market horizon_quarters observed last damped"
FIGURES_FOR_A_TREND = 5  # quarters known; with fewer the last value stands
HOLT = np.transpose(  # alpha, beta, phi
    [*product((0.2, 0.4, 0.6, 0.8, 0.99), (0.05, 0.2, 0.5, 0.9), (0.8, 0.85, 0.9, 0.95))]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The runs of one origin, not yet re-based."""

    origin: str
    users: NDArray  # million, (time, platform, market, run), from the start to AHEAD quarters on
    incumbent: NDArray  # million people who use the established messenger, (time, market, run)
    markets: Markets
    known: Evidence  # as of the origin


def forecasts(known: Evidence) -> list[Forecast]:
    """The forecast of each origin, two at a time."""
    with ProcessPoolExecutor(2) as processes:
        return list(processes.map(partial(forecast, known), ORIGINS))


def forecast(known: Evidence, origin: str) -> Forecast:
    """The forecast of one origin, from a fit to what was known then."""
    day = last_day(origin)
    then = evidence_as_of(known, day, YEARS)
    if origin <= START:
        quarters = quarters_between(START_2013, origin)
        drawn = _drawn(march_2014(known, day, START_2013, quarters))
        scenario, markets, by_market = _early_start(then, origin, drawn)
    else:
        scenario, quarters = _later_scenario(then, origin), quarters_between(START, origin)
        drawn = _drawn(users_problem(then, scenario, _later_markets(then, quarters)))
        markets = _later_markets(then, quarters + AHEAD)
        by_market = sampling.market_draws(scenario, markets)
    users = project(scenario, drawn, by_market, markets=markets).users
    values = setting_values(scenario, drawn)
    share = established(scenario, values, markets, by_market.established, ends=True)
    share = np.broadcast_to(share, (*share.shape[:2], DRAWS))
    people = share * markets.addressable[:, :, None]
    return Forecast(origin=origin, users=users, incumbent=people, markets=markets, known=then)


def _drawn(problem: Problem) -> dict[str, NDArray]:
    """The settings of 256 runs, from the posterior of a fit and the priors of the others."""
    density = Density.of(problem)
    best = fit(density, STARTS)
    options = {"walkers": WALKERS, "steps": STEPS, "seed": SEED}
    points = sample(density, best.point, best.covariance, **options).points
    generator = np.random.default_rng(SEED)
    return complete(density, points[generator.choice(len(points), DRAWS)], generator)


def _early_start(
    then: Evidence, origin: str, drawn: dict[str, NDArray]
) -> tuple[Scenario, Markets, MarketDraws]:
    """Where an origin starts that sees registered accounts only, and how its runs differ there."""
    scenario = case(DEFAULT_FIT)
    if origin == START:
        markets = read_markets(then, START, AHEAD)
        return scenario, markets, sampling.market_draws(scenario, markets)
    start = starting_accounts(then, origin)
    markets = read_markets(then.with_tables(installed_base=start), origin, AHEAD)
    active = np.where(markets.turf[:, :, None], *(drawn[name] / 100 for name in ACTIVE))
    by_market = sampling.market_draws(scenario, markets)
    drawn |= {name: np.full(DRAWS, 100.0) for name in STARTS_IN_2014}
    return scenario, markets, replace(by_market, start=active)


def _later_scenario(then: Evidence, origin: str) -> Scenario:
    """The default case with the events that happened by the origin, and everything as surveyed."""
    dates = then.switches.set_index("switch").quarter  # blank where the surveys count
    happened = [name for name in case("as-it-happened").events if dates[name] <= origin]
    return change(case(DEFAULT_FIT), {"events": "+".join(happened)})


def _later_markets(then: Evidence, quarters: int) -> Markets:
    """The markets from the start on, the established messengers growing after their last survey."""
    markets = read_markets(then, START, quarters)
    last = then.incumbents.groupby("market").year.max()[list(markets.names)].to_numpy() + 0.5
    since = np.maximum(markets.times[:, None] - last, 0.0)
    won = 1 - (1 - all_settings()["incumbent_growth"].value / 100) ** since
    room = np.maximum(constants()["incumbent_most"] / 100 - markets.incumbent, 0.0)
    return replace(markets, incumbent=markets.incumbent + room * (1 - markets.taken) * won)


def company_figures(known: Evidence, platform: str, market: str) -> pd.DataFrame:
    """Company figures of users: columns time (decimal year), value (million), by date."""
    table = known.observed
    figures = table[table.series.isin(SERIES.get((platform, market), ()))]
    if (platform, market) == ("KakaoTalk", TOTAL):
        parts = table[table.series.isin(PARTS)].groupby("date")
        both = parts.value.sum()[parts.size() == len(PARTS)].reset_index()
        figures = pd.concat([figures, both[~both.date.isin(figures.date)]])
    return dated(figures)


def at(path: NDArray, times: NDArray, time: float) -> NDArray:
    """A path (time, ...) at one time, linear between its quarters."""
    i = int(np.clip(np.searchsorted(times, time) - 1, 0, times.size - 2))
    part = (time - times[i]) / (times[i + 1] - times[i])
    return path[i] + part * (path[i + 1] - path[i])


def rebased(one: Forecast, platform: str, market: str) -> NDArray:
    """Users of a total or a market by market (time, market, run), through the last figure known."""
    users = one.users[:, PLATFORMS.index(platform)]
    if market != TOTAL:
        users = users[:, [one.markets.names.index(market)]]
    past = company_figures(one.known, platform, market)
    if past.empty:
        return users
    last = past.iloc[-1]
    then = at(users, one.markets.times, last.time).sum(axis=0)
    return users * last.value / np.maximum(then, 1e-6)


def damped_trend(past: pd.DataFrame, ahead: float) -> float:
    """Damped trend from figures by quarter up to the last one, at `ahead` (decimal year)."""
    first, last = np.round(past.time.iloc[[0, -1]].to_numpy() / QUARTER)
    if last - first + 1 < FIGURES_FOR_A_TREND:
        return float(past.value.iloc[-1])
    quarters = np.arange(first, last + 1) * QUARTER
    levels = np.exp(np.interp(quarters, past.time, np.log(past.value)))
    steps = round(ahead / QUARTER - last)
    return float(max(holt(levels, steps)[-1], levels[-1] / 100))


def holt(past: NDArray, steps: int) -> NDArray:
    """Holt's damped trend 1, 2, ... `steps` quarters after `past`, by least squares over a grid.

    Source: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 8.2
    """
    alpha, beta, phi = HOLT
    level, trend, square = past[0], past[1] - past[0] + 0.0 * phi, np.zeros(phi.size)
    for value in past[1:]:
        error = value - level - phi * trend
        level, trend = value - (1 - alpha) * error, phi * trend + alpha * beta * error
        square = square + error**2
    best = int(np.argmin(square))
    return level[best] + trend[best] * np.cumsum(phi[best] ** np.arange(1, steps + 1))


def rows(known: Evidence, one: Forecast) -> tuple[pd.DataFrame, list[NDArray]]:
    """Rows of the record for one origin: outcome and naive forecasts, where a figure is near.

    observed, last, damped in million; without a figure by the origin, the last two are the model's
    start. And the runs of each row by market (market, run), without past errors.
    """
    table, runs = [], []
    origin, times = decimal_year(one.origin), one.markets.times
    for platform, market in SERIES:
        outcomes = company_figures(known, platform, market)
        past = company_figures(one.known, platform, market)
        path = rebased(one, platform, market)
        for horizon in HORIZONS:
            then = origin + horizon * QUARTER
            distance = (outcomes.time - then).abs()
            if distance.min() > NEAR:
                continue
            begin = np.median(at(path, times, origin).sum(axis=0))
            last = begin if past.empty else past.value.iloc[-1]
            damped = last if past.empty else damped_trend(past, then)
            observed = outcomes.value[distance.idxmin()]
            table.append((one.origin, platform, market, horizon, observed, last, damped))
            runs.append(at(path, times, then))
    return pd.DataFrame(table, columns=COLUMNS.split()), runs


def leaders(one: Forecast) -> pd.DataFrame:
    """Who leads each market as projected, where a survey or figure of a later year says who did.

    columns : origin, market, quarter, projected, before (at the origin, as the model has it),
    actual: one of the three or "established"; AHEAD quarters on, or sooner at the end of the year
    of the last survey
    """
    table = []
    names = np.array([*PLATFORMS, ESTABLISHED])
    origin, times = decimal_year(one.origin), one.markets.times
    for market in one.known.markets.itertuples():
        year = int(market.leader_latest_year or 0)
        if year < origin:
            continue
        then = min(year + 1.0, times[-1])
        paths = [rebased(one, platform, market.market)[:, 0] for platform in PLATFORMS]
        paths.append(one.incumbent[:, one.markets.names.index(market.market)])
        before, projected = (
            names[np.argmax([np.median(at(path, times, time)) for path in paths])]
            for time in (origin, then)
        )
        actual = market.leader_latest if market.leader_latest in PLATFORMS else ESTABLISHED
        row = {"origin": one.origin, "market": market.market, "quarter": quarter_name(then)}
        table.append(row | {"projected": projected, "before": before, "actual": actual})
    return pd.DataFrame(table)
