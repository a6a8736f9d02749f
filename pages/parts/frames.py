"""The frames that the charts draw: results in the form of rows, nothing computed anew."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from model import history
from model.bands import Answer
from model.evidence import PLATFORMS
from model.markets import quarter_name
from model.platforms import QUARTER
from pages.parts.headline import ends, number

LADDER = (1, 1.5, 2, 3, 5, 7.5, 10)  # round tops of the axis, so that a nudge looks like a nudge
APART = 0.055  # least distance of two labels, as a part of the axis


def top_of(value: float) -> float:
    """The first round number on the ladder that is not below `value`."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in LADDER if step * power >= value))


@lru_cache(maxsize=16)
def _still(outside: str, start: float, end: float) -> pd.DataFrame:
    """What does not move when settings do: path rows, observed rows, three labels, the top."""
    observed, count = history.observed_totals(outside), len(PLATFORMS)
    seen = observed[observed.year.between(start - 1, end + 1e-9)]
    times = np.arange(start, end + 1e-9, QUARTER)
    names = [quarter_name(time) for time in times]
    numbers = np.full((3, count * times.size), np.nan)
    blank = np.full((3, count + 1), np.nan)
    users, low, high = np.hstack([numbers, seen[["users", "low", "high"]].T, blank])
    return pd.DataFrame(
        {
            # the last row is a range of no height, which only makes the axis reach its round top
            "kind": [*["path"] * numbers.shape[1], *seen.kind, *["label"] * count, "range"],
            "year": [*np.repeat(times, count), *seen.year, *[end] * (count + 1)],
            "quarter": [*np.repeat(names, count), *seen.quarter, *[""] * (count + 1)],
            "platform": [*PLATFORMS * times.size, *seen.platform, *PLATFORMS, ""],
            "users": users,
            "low": low,
            "high": high,
        }
    )


def fan(
    answer: Answer, outside: str, band: str = "settings", pinned: Answer | None = None
) -> pd.DataFrame:
    """Rows for charts.adoption_fan: the projection with its band, and what was observed."""
    still = _still(outside, float(answer.times[0]), float(answer.times[-1]))
    columns = {name: still[name].to_numpy(copy=True) for name in ("users", "low", "high")}
    below, above = ends(answer, band)
    count, size = len(PLATFORMS), answer.path.size
    seen = columns["users"][size : -count - 1]
    high = max(answer.path.max(), seen.max(initial=0.0))
    high = high if pinned is None else max(high, pinned.path.max())
    top = top_of(1.08 * max(high, min(above.max(), 2.2 * high)))
    columns["users"][:size] = answer.path.ravel()
    columns["low"][:size] = np.minimum(below, top).ravel()
    columns["high"][:size] = np.minimum(above, top).ravel()
    columns["low"][-1] = columns["high"][-1] = top
    names = [f"{k} {number(v)}" for k, v in zip(PLATFORMS, answer.path[-1], strict=True)]
    columns["label_at"] = np.full(len(still), np.nan)
    columns["label_at"][-count - 1 : -1] = _spread(answer.path[-1], top)
    rounded = {name: values.round(3) for name, values in columns.items()}
    frame = still.assign(**rounded, label=[""] * (len(still) - count - 1) + [*names, ""])
    return frame if pinned is None else pd.concat([frame, _pinned(pinned)], ignore_index=True)


def _pinned(pinned: Answer) -> pd.DataFrame:
    """Rows of the pinned scenario's paths."""
    return pd.DataFrame(
        {
            "kind": "pinned",
            "year": np.repeat(pinned.times, len(PLATFORMS)),
            "platform": [*PLATFORMS] * pinned.times.size,
            "users": pinned.path.ravel().round(3),
            "label": "",
        }
    )


def _spread(values: np.ndarray, top: float) -> np.ndarray:
    """Heights for labels near `values`, between 0 and `top`, that do not touch each other."""
    heights = apart(np.clip(values, 0.02 * top, 0.98 * top), APART * top)
    return heights - max(heights.max() - 0.98 * top, 0)


def apart(values: np.ndarray, least: float) -> np.ndarray:
    """`values` moved up so that no two are nearer than `least`."""
    order, heights = np.argsort(values), np.array(values, dtype=float)
    for lower, upper in zip(order, order[1:], strict=False):
        heights[upper] = max(heights[upper], heights[lower] + least)
    return heights
