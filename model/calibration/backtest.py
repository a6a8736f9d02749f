"""Back-test: how right the model's one-platform form would have been, next to naive methods.

The page's model with one platform, no rivals and constant attrition is, for its users U,
dU/dt = (q (W - U/N) - attrition) U: a logistic share of a potential that grows. By quarter h from
the origin, with a net rate r (1/quarter) for q W - attrition, and r < 0 for decay,

    log U[h] = log U[h-1] + r (1 - U[h-1] / (W N[h])) d^h,    r = sum(w x g) / sum(w x^2)

N : addressable people (million; the world's are those outside China) as published by the origin,
then on at their last growth.  W : 0.97, from outside, never fitted.  g, x : past changes of log U,
and 1 - U/(W N) in between.  w : discount^age.  d : damping, for what the form leaves out: rivals,
the barrier, the sticky core. The path starts at the last observation. Discount and damping are
chosen once for all: for a series, the pair with the least mean scaled error on all *other*
series. Below the least discount offered, 0.4, r would rest on a single quarter.

Quarters are log-linear between dated figures. A forecast sees the figures dated up to half a
quarter after its origin (companies publish later than they count) and nothing else; the last one
holds to the end of its quarter. Origin and scored quarter lie within half a quarter of a figure.
An origin has 5 quarters or more, itself included.

80% and 95% intervals. Model: quantiles of absolute log errors at the same horizon on the other
series (not wholly independent: totals and their parts are among them), each series with the same
weight, scaled by the mean absolute log change over four quarters. Model-parameters: the standard
error of r. Naive: normal, from one-quarter residuals. `damped` is on levels, where it is better.
Sources: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 5.2, 5.5, 5.8, 8.2
(naive methods, MASE); Gneiting & Raftery (2007), JASA 102, eq. 43 (interval score).
"""

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from model.calibration.forecast_origins import LONGEST, SERIES, Origin, origins
from model.evidence import Evidence, constants

HORIZONS = (4, 8, 12)
DAMPINGS = (0.8, 0.85, 0.9, 0.95, 1.0)
DISCOUNT, DAMPING = np.transpose([*product((0.4, 0.5, 0.6, 0.7, 0.8, 0.9), DAMPINGS)])
NAIVE = ("last", "drift", "drift4", "damped")
# alpha, beta, phi
HOLT = np.transpose([*product((0.2, 0.4, 0.6, 0.8, 0.99), (0.05, 0.2, 0.5, 0.9), DAMPINGS[:-1])])
ENDS = ("predicted", "low80", "high80", "low95", "high95")
KEYS = ["series", "method", "horizon_quarters"]
AHEAD = np.arange(1, LONGEST + 1)
STILL = 0.002  # least mean change of log users a quarter that an interval is scaled by


def net_rate(one: Origin, discount: NDArray) -> tuple[NDArray, NDArray]:
    """The net rate r (1/quarter) by discounted least squares, and its standard error."""
    n = len(one.past)
    share = one.past / (constants()["backtest_ceiling"] / 100 * one.people[:n])
    # where users passed the ceiling, a little room stays, lest the rate turn over
    room = np.maximum(1 - (share[1:] + share[:-1]) / 2, 0.02)
    change = np.diff(np.log(one.past))
    weight = np.asarray(discount)[..., None] ** np.arange(n - 2, -1, -1)
    power = (weight * room**2).sum(-1)
    rate = (weight * room * change).sum(-1) / power
    square = (weight * (change - rate[..., None] * room) ** 2).sum(-1) / weight.sum(-1)
    size = weight.sum(-1) ** 2 / (weight**2).sum(-1)  # effective number of quarters
    return rate, np.sqrt(square * weight.sum(-1) / power / (size - 1))


def path(one: Origin, rate: NDArray, damping: NDArray) -> NDArray:
    """Users (million) 1 to LONGEST quarters ahead; last axis the horizon, others as `rate`."""
    ceiling = constants()["backtest_ceiling"] / 100
    log_users, logs = np.log(one.past[-1]) + np.zeros_like(rate), []
    for h, people in zip(AHEAD, one.people[len(one.past) :], strict=True):
        room = np.maximum(1 - np.exp(log_users) / (ceiling * people), 0)
        log_users = log_users + rate * room * damping**h
        logs.append(log_users)
    return np.exp(np.stack(logs, axis=-1))


def naive(past: NDArray) -> dict[str, tuple[NDArray, NDArray]]:
    """Forecasts (million) and their standard deviation by method, (LONGEST,)."""
    n, change = len(past) - 1, np.diff(past)
    forecasts = {"last": (past[-1] + 0.0 * AHEAD, np.sqrt(np.mean(change**2) * AHEAD))}
    for name, size in {"drift": n, "drift4": 4}.items():
        recent = change[-size:]
        spread = recent.std(ddof=1) * np.sqrt(AHEAD * (1 + AHEAD / size))
        forecasts[name] = (past[-1] + recent.mean() * AHEAD, spread)
    return forecasts | {"damped": holt(past)}


def holt(past: NDArray, ahead: NDArray = AHEAD) -> tuple[NDArray, NDArray]:
    """Holt's damped trend by least squares over a grid: forecasts and their sd, as `ahead`.

    ahead : quarters 1, 2, ... from the last one of `past`
    """
    alpha, beta, phi = HOLT
    level, trend, square = past[0], past[1] - past[0] + 0.0 * phi, np.zeros(phi.size)
    for value in past[1:]:
        error = value - level - phi * trend
        level, trend = value - (1 - alpha) * error, phi * trend + alpha * beta * error
        square = square + error**2
    best = int(np.argmin(square))
    sums = np.cumsum(phi[best] ** ahead)
    gain = np.cumsum([1.0, *(alpha[best] * (1 + beta[best] * sums[:-1])) ** 2])
    return level[best] + trend[best] * sums, np.sqrt(square[best] / (len(past) - 1) * gain)


def forecasts(one: Origin, choice: int) -> pd.DataFrame:
    """Forecasts of one origin with setting `choice`: a row for each method and horizon scored.

    columns : series, method, horizon_quarters, observed and those of ENDS (million; the model's
    intervals come later), change (mean absolute one-quarter change, million), scale (its log's)
    """
    rate, error = net_rate(one, DISCOUNT[choice])
    z = ndtri([0.5, 0.1, 0.9, 0.025, 0.975])
    model = path(one, rate + error * z, DAMPING[choice])
    paths = {"model": model * np.array([1, *[np.nan] * 4])[:, None], "model-parameters": model}
    for name, (middle, deviation) in naive(one.past).items():
        # users cannot be negative, as straight lines down and their intervals can
        paths[name] = np.maximum(middle + z[:, None] * deviation, one.past[-1] / 100)
    common = {"series": one.series, "horizon_quarters": one.ahead, "observed": one.observed}
    common["change"] = np.abs(np.diff(one.past)).mean()
    common["scale"] = max(np.abs(np.diff(np.log(one.past[-5:]))).mean(), STILL)
    parts = []
    for name, rows in paths.items():
        ends = dict(zip(ENDS, rows[:, one.ahead - 1], strict=True))
        parts.append(pd.DataFrame(common | {"method": name} | ends))
    return pd.concat(parts, ignore_index=True)


def choose(cases: list[Origin]) -> dict[str, int]:
    """For each series the setting that is best on the others: number in DISCOUNT and DAMPING."""
    parts = []
    for one in cases:
        users = path(one, net_rate(one, DISCOUNT)[0], DAMPING)[:, one.ahead - 1]
        errors = np.abs(users - one.observed) / np.abs(np.diff(one.past)).mean()
        parts.append(pd.DataFrame(errors.T).assign(series=one.series, ahead=one.ahead))
    by_horizon = pd.concat(parts).groupby(["series", "ahead"], sort=False).mean()
    loss = by_horizon.groupby("series", sort=False).mean()
    return {name: int(loss.drop(name).mean().argmin()) for name in loss.index}


def all_forecasts(known: Evidence) -> pd.DataFrame:
    """Every forecast of every series, as `forecasts`, the model with intervals, and `error`.

    error : log(predicted / observed)
    """
    cases = [one for name in SERIES for one in origins(known, name)]
    choice = choose(cases)
    frame = pd.concat([forecasts(one, choice[one.series]) for one in cases], ignore_index=True)
    frame["error"] = np.log(frame.predicted / frame.observed)
    model = frame[frame.method == "model"]
    for (name, horizon), rows in model.groupby(["series", "horizon_quarters"]):
        others = model[(model.series != name) & (model.horizon_quarters == horizon)]
        size = (others.error.abs() / others.scale).sort_values()
        weight = 1 / others.groupby("series").error.transform("size")[size.index]
        reached = weight.cumsum() / weight.sum()
        for level in (80, 95) if len(others) else ():
            half = np.exp(size[reached >= level / 100 - 1e-9].iloc[0] * rows.scale)
            frame.loc[rows.index, f"low{level}"] = rows.predicted / half
            frame.loc[rows.index, f"high{level}"] = rows.predicted * half
    return frame


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Scores by series, method and horizon of a frame as `all_forecasts` makes it.

    mase : absolute error over the mean absolute one-quarter change up to the origin;  smape : %
    bias : mean log(predicted / observed);  coverage80, coverage95 : share of outcomes inside
    interval_score : of the 80% interval, over the mean of the observed
    """
    seen, low, high = frame.observed, frame.low80, frame.high80
    miss = (frame.predicted - seen).abs()
    outside = (low - seen).clip(lower=0) + (seen - high).clip(lower=0)
    table = frame[[*KEYS, "observed"]].assign(
        mase=miss / frame.change,
        smape=200 * miss / (frame.predicted + seen),
        bias=frame.error,
        coverage80=seen.between(low, high).astype(float).where(low.notna()),
        coverage95=seen.between(frame.low95, frame.high95).astype(float).where(low.notna()),
        interval_score=high - low + 2 / 0.2 * outside,
    )
    means = table.groupby(KEYS).mean()
    means["interval_score"] /= means.pop("observed")
    means.insert(0, "n", table.groupby(KEYS).size())
    return means.reset_index()


def score_backtest(known: Evidence) -> pd.DataFrame:
    """Scores, as `scores`, of every method on every series at 4, 8 and 12 quarters."""
    frame = all_forecasts(known)
    return scores(frame[frame.horizon_quarters.isin(HORIZONS)])


def published_forecast(known: Evidence) -> pd.DataFrame:
    """KakaoTalk's users as its merger filing of 2014 forecast them, against what came.

    columns : quarter, published, forecast, last (value known that day), observed (million),
    forecast_error, last_error (% of the observed)
    """
    table = known.observed
    rows = table[table.series == "kakao_world_forecast_2014"].reset_index(drop=True)
    users = table[table.series == "kakao_world_mau"].sort_values("date")
    last = users[users.published <= rows.published.min()].value.iloc[-1]
    forecast = rows[["quarter", "published"]].assign(forecast=rows.value, last=last)
    forecast["observed"] = rows.quarter.map(users.set_index("quarter").value)
    for name in ("forecast", "last"):
        forecast[f"{name}_error"] = 100 * (forecast[name] / forecast.observed - 1)
    return forecast
