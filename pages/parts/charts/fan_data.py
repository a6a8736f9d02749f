"""Rows of the fan chart: the projection with its band, and the observed users."""

from collections.abc import Callable

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


def fixed_datasets(
    outside: str, start: float, end: float
) -> tuple[dict[str, pa.Table], float, float]:
    """Datasets that no slider changes, the year in which they begin, the most users observed.

    Of `path` only the columns that no slider changes. start, end : decimal years
    """
    observed = hindsight.observed_totals(outside)
    rows = observed[observed.year.between(start - 1, end + 1e-9)]
    times = np.arange(start, end + 1e-9, QUARTER)

    def of_kind(kind: str, *values: str) -> pa.Table:
        columns = rows.loc[rows.kind == kind, ["platform", "year", *values]]
        return pa.Table.from_pandas(columns, preserve_index=False)

    quarters = [quarter_name(time) for time in times]
    tables = {
        "path": _by_platform(times),
        "observed": of_kind("observed", "users"),
        "range": of_kind("range", "low", "high"),
        "quarter": pa.table({"quarter": quarters, "year": times, "row": np.arange(times.size)}),
    }
    most = np.nanmax(rows[["users", "high"]].to_numpy(), initial=0.0)
    return tables, float(rows.year.to_numpy().min(initial=start)), float(most)


def _by_platform(times: np.ndarray) -> pa.Table:
    """A row for each time and platform: platform, quarter, year (decimal)."""
    columns = {
        "platform": PLATFORMS * times.size,
        "quarter": np.repeat([quarter_name(time) for time in times], len(PLATFORMS)),
        "year": np.repeat(times, len(PLATFORMS)),
    }
    return pa.table(columns)


def fan(
    answer: Answer,
    outside: str,
    band: str = "settings",
    pinned: Answer | None = None,
    *,
    fixed: Callable = fixed_datasets,
) -> dict[str, pa.Table]:
    """Datasets for fan.adoption_fan: the projection with its band, and what was observed.

    path (platform, quarter, year, users, low, high), label (platform, year, users, label), observed
    (platform, year, users), range (platform, year, low, high), quarter (quarter, year, row), axis
    (start, end, top; a single row) and, if a scenario is pinned, pinned (platform, quarter, year,
    users). Years are decimal; users, low, high and top are million people.

    fixed : fixed_datasets, or the page's cached form of it
    """
    start, end = float(answer.times[0]), float(answer.times[-1])
    fixed_tables, first, most = fixed(outside, start, end)
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
    datasets = fixed_tables | {
        "path": _with(fixed_tables["path"], path),
        "label": pa.table(label),
        "axis": pa.table({"start": [first], "end": [last], "top": [top]}),
    }
    if pinned is None:
        return datasets
    return datasets | {"pinned": _with(_by_platform(pinned.times), {"users": pinned.path})}


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
