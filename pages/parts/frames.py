"""The frames that the charts draw: results in the form of rows, nothing computed anew."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.bands import Answer
from model.evidence import PLATFORMS, evidence
from model.markets import quarter_name
from pages.parts.headline import ends, number

LADDER = (1, 1.5, 2, 3, 5, 7.5, 10)  # round tops of the axis, so that a nudge looks like a nudge
TABLE_COLUMNS = {
    **{name: {"label": f"{name}, million", "type": "number"} for name in PLATFORMS},
}
APART = 0.055  # least distance of two labels, as a part of the axis


def top_of(value: float) -> float:
    """The first round number on the ladder that is not below `value`."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in LADDER if step * power >= value))


def fan(answer: Answer, observed: pd.DataFrame, band: str = "settings") -> pd.DataFrame:
    """Rows for charts.adoption_fan: the projection with its band, and what was observed."""
    below, above = ends(answer, band)
    last, count = answer.times[-1], len(PLATFORMS)
    seen = observed[observed.year.between(answer.times[0] - 1, last + 1e-9)]
    high = max(answer.path.max(), seen.users.max() if len(seen) else 0.0)
    top = top_of(1.08 * max(high, min(above.max(), 2.2 * high)))
    no_label, blank = np.full(answer.path.size + len(seen), ""), np.full(count + 1, np.nan)
    names = [f"{k} {number(v)}" for k, v in zip(PLATFORMS, answer.path[-1], strict=True)]
    # the last row is a range of no height, which only makes the axis reach its round top
    return pd.DataFrame(
        {
            "kind": [*["path"] * answer.path.size, *seen.kind, *["label"] * count, "range"],
            "year": [*np.repeat(answer.times, count), *seen.year, *[last] * (count + 1)],
            "quarter": [
                *np.repeat([quarter_name(time) for time in answer.times], count),
                *seen.quarter,
                *[""] * (count + 1),
            ],
            "platform": [*np.tile(PLATFORMS, answer.times.size), *seen.platform, *PLATFORMS, ""],
            "users": np.concatenate([answer.path.ravel(), seen.users, blank]),
            "low": np.concatenate([np.minimum(below.ravel(), top), seen.low, blank[1:], [top]]),
            "high": np.concatenate([np.minimum(above.ravel(), top), seen.high, blank[1:], [top]]),
            "label": [*no_label, *names, ""],
            "label_at": np.concatenate(
                [np.full(no_label.size, np.nan), _spread(answer.path[-1], top), [np.nan]]
            ),
        }
    ).round(3)


def _spread(values: np.ndarray, top: float) -> np.ndarray:
    """Heights for labels near `values` that do not touch each other."""
    order = np.argsort(values)
    heights = np.clip(values, 0.02 * top, 0.98 * top)
    for lower, upper in zip(order, order[1:], strict=False):
        heights[upper] = max(heights[upper], heights[lower] + APART * top)
    over = heights.max() - 0.98 * top
    return heights - max(over, 0)


def market_years(answer: Answer, platform: str) -> pd.DataFrame:
    """Rows for charts.market_map: one platform's users by market and year."""
    known = evidence()
    names = known.markets.set_index("market").name
    users = answer.markets[::4, PLATFORMS.index(platform)]
    years = [int(t - 0.25) for t in answer.times[::4]]
    order = np.argsort(-users[-1], kind="stable")
    frame = pd.DataFrame(users[:, order], columns=[names[answer.names[i]] for i in order])
    frame.insert(0, "year", years)
    long = frame.melt("year", var_name="market", value_name="users")
    ranks = {name: rank for rank, name in enumerate(frame.columns[1:])}
    return long.assign(rank=long.market.map(ranks), users=long.users.round(3))


def market_table(answer: Answer) -> pd.DataFrame:
    """One row a market: users of each platform at the end, million people."""
    known = evidence().markets.set_index("market")
    frame = pd.DataFrame(answer.markets[-1].T, index=list(answer.names), columns=list(PLATFORMS))
    frame.insert(0, "Market", known.name[frame.index])
    frame = frame.round(2)
    frame["Ahead"] = frame[list(PLATFORMS)].idxmax(axis=1)
    frame["Region"] = known.region[frame.index]
    return frame.sort_values("WeChat", ascending=False, ignore_index=True)
