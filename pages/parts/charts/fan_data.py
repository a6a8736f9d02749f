"""Rows of the fan chart: the projection with its range, and the observed users."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from model.analysis import hindsight
from model.analysis.bands import Answer
from model.analysis.own_figures import Figure
from model.evidence.reader import load_evidence
from model.messengers import PLATFORMS
from model.number_text import about, about_range, users_text
from model.quarters import QUARTER, decimal_year, month_text, quarter_name
from model.scenario.scenario import Scenario

LADDER = (1, 1.5, 2, 3, 5, 7.5, 10)  # round tops of the axis, so that a nudge looks like a nudge
APART = 0.11  # least distance of two labels of two lines, as a part of the axis
TITLE = "Million users abroad, square-root scale"
IN_USE = 0.4  # of the axis: with less in use a lower one is drawn


def top_of(value: float) -> float:
    """The first round number on the ladder that is not below `value`."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in LADDER if step * power >= value))


def fixed_datasets(start: float, end: float) -> tuple[dict[str, pa.Table], float, float]:
    """Datasets that no slider changes, the year in which they begin, the most users observed.

    Of `path` only the columns that no slider changes. start, end : decimal years
    """
    observed = hindsight.observed_totals()
    rows = observed[observed.year.between(start - 1, end + 1e-9)]
    times = np.arange(start, end + 1e-9, QUARTER)

    def of_kind(kind: str, *values: str) -> pa.Table:
        columns = rows.loc[rows.kind == kind, ["platform", "year", *values]]
        return pa.Table.from_pandas(columns, preserve_index=False)

    months = [month_text(time) for time in times]
    published = rows[(rows.kind == "observed") & rows.year.between(start + 1, end - 1)]
    labelled = published.sort_values("users").tail(1)
    tables = {
        "path": _by_platform(times),
        "observed": of_kind("observed", "users"),
        "range": of_kind("range", "low", "high"),
        "quarter": pa.table(
            {
                "quarter": months,
                "name": [quarter_name(time) for time in times],
                "year": times,
                "row": np.arange(times.size),
                "observed": [_observed_text(rows[np.isclose(rows.year, time)]) for time in times],
            }
        ),
        "note": pa.table(
            {
                "year": labelled.year.to_list(),
                "users": labelled.users.to_list(),
                "text": [f"observed: {users_text(users)}" for users in labelled.users],
            }
        ),
    }
    most = np.nanmax(rows[["users", "high"]].to_numpy(), initial=0.0)
    return tables, float(rows.year.to_numpy().min(initial=start)), float(most)


def _observed_text(rows) -> str:
    """The users observed in a quarter: "LINE 211 million; WeChat 40 to 60 million"."""
    texts = (
        f"{row.platform} "
        + (about_range(row.low, row.high) if row.kind == "range" else users_text(row.users))
        for row in rows.itertuples()
    )
    return "; ".join(texts) or "nothing published"


def _by_platform(times: np.ndarray) -> pa.Table:
    """A row for each time and platform: platform, quarter, year (decimal)."""
    columns = {
        "platform": PLATFORMS * times.size,
        "quarter": np.repeat([month_text(time) for time in times], len(PLATFORMS)),
        "year": np.repeat(times, len(PLATFORMS)),
    }
    return pa.table(columns)


def fan(
    answer: Answer,
    pinned: Answer | None = None,
    *,
    scenario: Scenario | None = None,
    top_before: float = 0.0,
    at: float | None = None,
    guess: float | None = None,
    own: tuple[Figure, ...] = (),
    fixed: Callable = fixed_datasets,
) -> dict[str, pa.Table]:
    """Datasets for fan.adoption_fan: the projection with its range, and what was observed.

    path (platform, quarter, year, users, low, high), band (platform, year, low, high: WeChat's),
    end (platform, year, low, high, and its label: users, label, range), observed (platform, year,
    users), range (platform, year, low, high), quarter (quarter, name, year, row, observed), note
    (year, users, text), chosen (year), guess (year, users), own (platform, year, users), event
    (year, text, row: how many stand to its left), axis (start, end, top, title; a single row) and,
    if a scenario is pinned, pinned (platform, quarter, year, users). Years are decimal; users, low,
    high and top are million people.

    scenario : the one answered, for its events
    top_before : of the axis until now, kept while it is not far too high
    guess : WeChat's users at the end as the reader guessed them, million people
    own : the reader's own figures
    at : the time for which the answer is shown, if it is not the end
    fixed : fixed_datasets, or the page's cached form of it
    """
    start, end = float(answer.times[0]), float(answer.times[-1])
    fixed_tables, first, most = fixed(start, end)
    below, above = answer.error_low, answer.error_high
    high, last = max(answer.path.max(), most, guess or 0), end
    if own:
        high = max(high, *(one.users for one in own))
        first, last = min(first, *(one.time for one in own)), max(last, *(one.time for one in own))
    if pinned is not None:
        high = max(high, pinned.path.max())
        first, last = min(first, pinned.times[0]), max(last, pinned.times[-1])
    top = top_of(1.08 * max(high, min(above.max(), 2.2 * high)))
    if IN_USE * top_before <= top <= top_before:
        top = top_before
    ends = {
        "platform": PLATFORMS,
        "year": [end] * len(PLATFORMS),
        "low": np.minimum(below[-1], top).round(3),
        "high": np.minimum(above[-1], top).round(3),
        "users": _spread(answer.path[-1], top),
        "label": [f"{k} {about(v)}" for k, v in zip(PLATFORMS, answer.path[-1], strict=True)],
        "range": [about_range(*pair) for pair in zip(below[-1], above[-1], strict=True)],
    }
    events = _events(scenario, start, end)
    datasets = fixed_tables | {
        "path": _with(fixed_tables["path"], {"users": answer.path, "low": below, "high": above}),
        "band": _with(
            pa.table({"platform": PLATFORMS[:1] * answer.times.size, "year": answer.times}),
            {"low": np.minimum(below[:, 0], top), "high": np.minimum(above[:, 0], top)},
        ),
        "end": pa.table(ends),
        "event": pa.table(
            {
                "year": [year for year, _ in events],
                "text": [text for _, text in events],
                "row": list(range(len(events))),
            }
        ),
        "chosen": pa.table({"year": pa.array([] if at is None else [at], pa.float64())}),
        "guess": _guess(end, guess),
        "own": _own(own),
        "axis": pa.table({"start": [first], "end": [last], "top": [top], "title": [TITLE]}),
    }
    if pinned is None:
        return datasets
    return datasets | {"pinned": _with(_by_platform(pinned.times), {"users": pinned.path})}


def _guess(year: float, users: float | None) -> pa.Table:
    """The place of a guess; no row without one."""
    given = [] if users is None else [float(users)]
    columns = {"year": [year] * len(given), "users": given}
    return pa.table({name: pa.array(values, pa.float64()) for name, values in columns.items()})


def _own(figures: tuple[Figure, ...]) -> pa.Table:
    """The reader's own figures as rows."""
    columns = {
        "platform": pa.array([one.platform for one in figures], pa.string()),
        "year": pa.array([one.time for one in figures], pa.float64()),
        "users": pa.array([one.users for one in figures], pa.float64()),
    }
    return pa.table(columns)


def _events(scenario: Scenario | None, start: float, end: float) -> list[tuple[float, str]]:
    """Time (decimal year) and label of each event on the way, the earliest first."""
    if scenario is None:
        return []
    rows = load_evidence().switches
    on = rows[rows.switch.isin(scenario.events) & (rows.quarter != "")]
    events = [(decimal_year(row.quarter), row.label.partition(" (")[0]) for row in on.itertuples()]
    if "wechat-ads-end" not in scenario.events and scenario["marketing"] > 0:
        events.append((scenario["until"] + 1, "WeChat stops advertising"))
    if scenario["incident"] > 0:
        events.append((scenario["incident_year"], "Security incident"))
    return sorted(event for event in events if start < event[0] < end)


def _with(table: pa.Table, columns: dict[str, np.ndarray]) -> pa.Table:
    """`table` with further columns, numbers by (time, platform)."""
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values.ravel().round(3)))
    return table


def _spread(values: np.ndarray, top: float) -> np.ndarray:
    """Places near `values` for labels that do not touch on a square-root scale up to `top`."""
    heights = np.sqrt(np.clip(values, 0.0, top) / top)
    heights = apart(np.clip(heights, APART / 2, 1 - APART / 2), APART)
    heights = heights - max(heights.max() - (1 - APART / 2), 0)
    return top * heights.clip(0) ** 2


def apart(values: np.ndarray, least: float) -> np.ndarray:
    """`values` moved up so that no two are nearer than `least`."""
    order, heights = np.argsort(values), np.array(values, dtype=float)
    for lower, upper in zip(order, order[1:], strict=False):
        heights[upper] = max(heights[upper], heights[lower] + least)
    return heights
