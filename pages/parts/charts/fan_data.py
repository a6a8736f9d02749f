"""The frames that the charts draw: results in the form of rows, nothing computed anew."""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from model.analysis import hindsight
from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.quarters import QUARTER, quarter_name
from pages.parts.wording import band_ends

LADDER = (1, 1.5, 2, 3, 5, 7.5, 10)  # round tops of the axis, so that a nudge looks like a nudge
APART = 0.055  # least distance of two labels, as a part of the axis


def top_of(value: float) -> float:
    """The first round number on the ladder that is not below `value`."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in LADDER if step * power >= value))


@lru_cache(maxsize=16)
def _still(outside: str, start: float, end: float) -> tuple[dict[str, pa.Table], float, float]:
    """What does not move with the settings: datasets, where their years begin, the most observed.

    Of path only the columns that do not move.
    """
    observed = hindsight.observed_totals(outside)
    seen = observed[observed.year.between(start - 1, end + 1e-9)]
    times = np.arange(start, end + 1e-9, QUARTER)

    def of(kind: str, *values: str) -> pa.Table:
        columns = seen.loc[seen.kind == kind, ["platform", "year", *values]]
        return pa.Table.from_pandas(columns, preserve_index=False)

    tables = {
        "path": _by_platform(times),
        "observed": of("observed", "users"),
        "range": of("range", "low", "high"),
        "quarter": pa.table(
            {"quarter": _quarters(times), "year": times, "row": np.arange(times.size)}
        ),
    }
    most = np.nanmax(seen[["users", "high"]].to_numpy(), initial=0.0)
    return tables, float(seen.year.to_numpy().min(initial=start)), float(most)


def _quarters(times: np.ndarray) -> list[str]:
    return [quarter_name(time) for time in times]


def _by_platform(times: np.ndarray) -> pa.Table:
    """A row for each time and platform."""
    columns = {
        "platform": PLATFORMS * times.size,
        "quarter": np.repeat(_quarters(times), len(PLATFORMS)),
        "year": np.repeat(times, len(PLATFORMS)),
    }
    return pa.table(columns)


def fan(
    answer: Answer, outside: str, band: str = "settings", pinned: Answer | None = None
) -> dict[str, pa.Table]:
    """Datasets for charts.adoption_fan: the projection with its band, and what was observed.

    path (platform, quarter, year, users, low, high), label (platform, year, users, label), observed
    (platform, year, users), range (platform, year, low, high), quarter (quarter, year, row), axis
    (start, end, top; a single row) and, if a scenario is pinned, pinned (platform, quarter, year,
    users). Years are decimal; users, low, high and top are million people.
    """
    start, end = float(answer.times[0]), float(answer.times[-1])
    still, first, most = _still(outside, start, end)
    below, above = band_ends(answer, band)
    high, last = max(answer.path.max(), most), end
    if pinned is not None:
        high = max(high, pinned.path.max())
        first, last = min(first, pinned.times[0]), max(last, pinned.times[-1])
    top = top_of(1.08 * max(high, min(above.max(), 2.2 * high)))
    label = {
        "platform": PLATFORMS,
        "year": [end] * len(PLATFORMS),
        "users": _spread(answer.path[-1], top),
        "label": [f"{k} {users_text(v)}" for k, v in zip(PLATFORMS, answer.path[-1], strict=True)],
    }
    path = {"users": answer.path, "low": np.minimum(below, top), "high": np.minimum(above, top)}
    made = still | {
        "path": _with(still["path"], path),
        "label": pa.table(label),
        "axis": pa.table({"start": [first], "end": [last], "top": [top]}),
    }
    if pinned is None:
        return made
    return made | {"pinned": _with(_by_platform(pinned.times), {"users": pinned.path})}


def _with(table: pa.Table, columns: dict[str, np.ndarray]) -> pa.Table:
    """`table` with further columns, numbers by (time, platform)."""
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values.ravel().round(3)))
    return table


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
