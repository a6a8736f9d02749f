"""Rows of the chart of users over time: the projection, what was observed, events and labels.

Rows are Arrow tables, one dataset for each kind of mark. Years are decimal; users, low, high (80%
range), low50, high50 (50% range) and top are million people.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.analysis import hindsight
from model.analysis.bands import RANGES, Answer
from model.analysis.own_figures import Figure
from model.number_text import about, about_range
from model.quarters import QUARTER, month_text, quarter_name
from model.scenario.scenario import Scenario, events_between
from pages.parts.charts import labels
from pages.parts.charts.theme import PLATFORMS, apart, in_short
from pages.parts.wording import answer as wording

ROUND_TOPS = (1, 1.5, 2, 3, 5, 7.5, 10)  # of the axis, so that a nudge looks like a nudge
IN_USE = 0.4  # of the axis: with less in use a lower one is drawn
# of the plot in pixels, by whether on a phone: where labels must be free, smallest first
PLOTS = {False: [(470, 302), (740, 302), (1250, 302)], True: [(140, 181), (160, 181), (240, 181)]}
TWO_LINES = 33  # pixels: height of a label at the right end
BRACKETS = (0, 9, 23)  # pixels to the right of the lines; WeChat's ranges are shaded instead
EVENT_ROWS, EVENT_ROW = 3, 14  # of the names of events, and the height of one in pixels
TEXT_FIELDS = "platform quarter name observed label range text title align".split()


def top_of(value: float) -> float:
    """The first of the round tops, times a power of ten, that is not below `value`."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in ROUND_TOPS if step * power >= value))


def _table(fields: str, rows: Iterable[Sequence]) -> pa.Table:
    """The rows under the names in `fields`, texts or numbers, of the right type even without a row.

    rows : a value for each field
    """
    names, rows = fields.split(), list(rows)
    kinds = [pa.string() if name in TEXT_FIELDS else pa.float64() for name in names]
    columns = [pa.array([row[k] for row in rows], kind) for k, kind in enumerate(kinds)]
    return pa.table(columns, names=names)


def fixed_datasets(start: float, end: float) -> tuple[dict[str, pa.Table], float, float]:
    """Datasets that no slider changes, the year in which they begin, the most users observed.

    start, end : decimal years
    """
    table = hindsight.observed_totals()
    rows = list(table[table.year.between(start - 1, end + hindsight.AFTER + 1e-9)].itertuples())
    points = [(row.platform, row.year, row.users) for row in rows if row.kind == "observed"]
    ranges = [(row.platform, row.year, row.low, row.high) for row in rows if row.kind == "range"]
    quarters = enumerate(np.arange(start, end + 1e-9, QUARTER))
    tables = {
        "observed": _table("platform year users", points),
        "range": _table("platform year low high", ranges),
        "quarter": _table(
            "quarter name year row observed",
            [
                (month_text(time), quarter_name(time), time, row, wording.observed_in(rows, time))
                for row, time in quarters
            ],
        ),
    }
    most = max([users for _, _, users in points] + [high for *_, high in ranges], default=0.0)
    return tables, min([start, *(row.year for row in rows)]), most


def _by_platform(times: np.ndarray, **values: np.ndarray) -> pa.Table:
    """A row for each time and platform; `values` have the shape (time, platform)."""
    months = np.repeat([month_text(time) for time in times], len(PLATFORMS))
    columns = {"platform": PLATFORMS * times.size, "quarter": months}
    columns["year"] = np.repeat(times, len(PLATFORMS))
    return pa.table(columns | {name: users.ravel().round(3) for name, users in values.items()})


def fan_rows(
    answer: Answer,
    pinned: Answer | None = None,
    *,
    scenario: Scenario | None = None,
    top_before: float = 0.0,
    at: float | None = None,
    guess: float | None = None,
    guesses: Sequence[float] = (),
    own: tuple[Figure, ...] = (),
    phone: bool = False,
    fixed: Callable = fixed_datasets,
) -> dict[str, pa.Table]:
    """Datasets for adoption_fan, by the names that it draws: what the page holds just now.

    scenario : the one answered, for its events
    top_before : of the axis until now, kept while it is not far too high
    at : the time for which the answer is shown, if it is not the end
    guess : WeChat's users at the end as the reader guessed them;  guesses : as a class did
    own : the reader's own figures;  phone : whether FANS[True] draws them
    fixed : fixed_datasets, or the page's cached form of it
    """
    start, end = float(answer.times[0]), float(answer.times[-1])
    datasets, first, most = fixed(start, end)
    total = answer.total
    highest = max([most, guess or 0, total.line.max(), *guesses, *(one.users for one in own)])
    seen = [year for name in ("observed", "range") for year in datasets[name]["year"].to_pylist()]
    edge = max([end, *seen])
    years = [first, edge, *(one.time for one in own), *(pinned.times if pinned else ())]
    if pinned is not None:
        highest = max(highest, pinned.total.line.max())
        datasets = datasets | {"pinned": _by_platform(pinned.times, users=pinned.total.line)}
    span = (min(years), max(years))
    events, depth = _event_rows(scenario, (start, end), span, phone)
    room = (1 - (depth + 4) / PLOTS[phone][0][1]) ** -2  # names are above the lines
    top = top_of(max(room * highest, 1.08 * min(total.high.max(), 2.2 * highest)))
    top = top_before if IN_USE * top_before <= top <= top_before else top
    cut = [np.minimum(getattr(total, end), top).round(3) for end in RANGES]
    wechat = (PLATFORMS[:1] * len(total.low), answer.times, *(part[:, 0] for part in cut))
    ends = _ends_rows(answer, [part[-1] for part in cut], top, edge=edge, phone=phone)
    datasets |= {
        "path": _by_platform(answer.times, users=total.line, low=total.low, high=total.high),
        "band": _table(f"platform year {' '.join(RANGES)}", zip(*wechat, strict=True)),
        "end": ends,
        "bracket": ends.slice(1),
        "event": events,
        "chosen": _table("platform year users", _chosen(answer, at)),
        "guess": _table("year users", [] if guess is None else [(end, guess)]),
        "guesses": _table("year users", [(end, one) for one in guesses]),
        "own": _table("platform year users", [(one.platform, one.time, one.users) for one in own]),
        "axis": _table("start end top title", [(*span, top, wording.FAN_TITLE)]),
    }
    return datasets | {"note": _notes(datasets, span, top, phone)}


def _chosen(answer: Answer, at: float | None) -> list[tuple]:
    """WeChat at the time that is shown, if it is not the end."""
    if at is None:
        return []
    return [(PLATFORMS[0], at, float(np.interp(at, answer.times, answer.total.line[:, 0])))]


def _ends_rows(
    answer: Answer, cut: Sequence[np.ndarray], top: float, *, edge: float, phone: bool
) -> pa.Table:
    """A row for each platform: its ranges, cut off at `top`, and its labels.

    edge : year of the last line or observation, beside which they stand
    users : where the label stands;  line : where the line ends
    right : pixels from there to the bracket of a rival
    """
    columns = (answer.total.line, answer.total.low, answer.total.high)
    values = list(zip(PLATFORMS, *(part[-1] for part in columns), strict=True))
    texts = [
        (f"{name} {about(users)}", about_range(low, high)) for name, users, low, high in values
    ]
    if phone:
        texts = [tuple(map(in_short, pair)) for pair in texts]
    line = np.minimum(answer.total.line[-1], top)
    heights = _spread(line, top, TWO_LINES / PLOTS[phone][0][1])
    places = zip(PLATFORMS, *cut, line, heights, BRACKETS, texts, strict=True)
    rows = [(name, edge, *place, *text) for name, *place, text in places]
    return _table(f"platform year {' '.join(RANGES)} line users right label range", rows)


def _spread(values: np.ndarray, top: float, least: float) -> np.ndarray:
    """Places for labels near `values`, from 0 to `top`, that do not touch on the scale.

    least : their distance as a part of the axis
    """
    heights = np.clip(np.sqrt(np.clip(values, 0.0, top) / top), least / 2, 1 - least / 2)
    heights = apart(heights, least)
    down = np.sort(heights - max(heights.max() - (1 - least / 2), 0))
    down = 1 - apart(1 - down, least)  # those pushed up too far push the others down
    return top * down[np.argsort(np.argsort(heights, kind="stable"))].clip(0) ** 2


def _event_rows(
    scenario: Scenario | None, times: tuple[float, float], span: tuple[float, float], phone: bool
) -> tuple[pa.Table, float]:
    """The events with the places of their names, and how deep these reach, pixels from the top.

    row : from the top, the first where a name does not touch another one; a name that finds none
    is left out. Names begin at their rule, or so that they end within the plot.
    """
    ends, rows = [-np.inf] * EVENT_ROWS, []
    wide = PLOTS[phone][0][0]
    for year, name in events_between(scenario, *times) if scenario else []:
        size = labels.text_width(name)
        left = min(wide * (year - span[0]) / (span[1] - span[0]) + 4, wide - size)
        free = (row for row, end in enumerate(ends) if 0 <= left and end <= left)
        row = next(free, None)
        if row is not None:
            ends[row] = left + size + 6
        rows.append((year, *(("", 0, 0.0) if row is None else (name, row, size))))
    depth = 2 + EVENT_ROW * (1 + max((row for *_, row, _ in rows), default=-1))
    return _table("year text row size", rows), depth


def _notes(
    tables: dict[str, pa.Table], span: tuple[float, float], top: float, phone: bool
) -> pa.Table:
    """The labels within the plot, each where nothing else is drawn.

    Of the date that is shown, of the reader's guess, and, but for a phone, of one figure that was
    observed and one that is our own reading.
    """

    def places(years: Sequence[float], users: Sequence[float]) -> NDArray:
        x = (np.asarray(years, dtype=float) - span[0]) / (span[1] - span[0])
        y = 1 - np.sqrt(np.clip(np.asarray(users, dtype=float), 0, top) / top)
        return np.column_stack([x, y])

    taken, found = _taken(tables, places, PLOTS[phone][0][0]), []
    for wanted in _wanted(tables, span, phone):
        # where none is free on all sizes, one that is so on the wider ones
        for sizes, (year, users, text, size) in product((PLOTS[phone], PLOTS[phone][1:]), wanted):
            at = places([year], [users])[0]
            if (free := labels.free_place(at, text, taken, sizes, size=size)) is not None:
                style = (free.align, free.dx, free.dy, size, sizes[0][0])
                found.append((year, users, text, *style))
                taken = np.vstack([taken, free.row])
                break
    return _table("year users text align dx dy size least", found)


def _wanted(tables: dict[str, pa.Table], span: tuple[float, float], phone: bool) -> list[list]:
    """For each label the marks where it may stand, the best first: year, users, text, size."""
    names = ("chosen", "guess", *(() if phone else ("observed", "range")))
    rows = {name: tables[name].to_pylist() for name in names}
    chosen = [(row, f"{row['platform']} {in_short(about(row['users']))}") for row in rows["chosen"]]
    guess = [(row, "your guess") for row in rows["guess"]]
    middle = sum(span) / 2
    observed = sorted(
        rows.get("observed", ()), key=lambda row: (row["year"] < middle, -row["users"])
    )
    observed = [(row, wording.observed_label(row["platform"], row["users"])) for row in observed]
    readings = [
        (row | {"users": row[end]}, wording.reading_label(row["platform"], row["low"], row["high"]))
        for row in reversed(rows.get("range", ()))
        for end in ("high", "low")
    ]
    sized = ((chosen, 12), (guess, 12), (observed, 11), (readings, 11))
    return [
        [(row["year"], row["users"], text, size) for row, text in marks] for marks, size in sized
    ]


def _taken(tables: dict[str, pa.Table], places: Callable, wide: float) -> NDArray:
    """Whatever is drawn within the plot, but for the shades, as labels.py takes it."""
    half = {"observed": 5, "own": 5, "chosen": 5, "guesses": 5, "guess": 8}  # pixels
    taken = [
        labels.around(places(tables[name]["year"], tables[name]["users"]), pixels)
        for name, pixels in half.items()
    ]
    for row in tables["range"].to_pylist():
        taken.append(labels.along(places([row["year"]] * 2, [row["low"], row["high"]]), 4))
    for name in {"path", "pinned"} & tables.keys():
        line = places(tables[name]["year"], tables[name]["users"])
        taken.extend(labels.along(line[k :: len(PLATFORMS)]) for k in range(len(PLATFORMS)))
    events = tables["event"].to_pylist()
    for year in (*(row["year"] for row in events), *tables["chosen"]["year"].to_pylist()):
        taken.append(labels.along(places([year, year], [0, np.inf])))
    for row in events:
        if row["text"]:
            x, top = places([row["year"]], [0])[0, 0], 2 + EVENT_ROW * row["row"]
            left = 0 if x * wide + row["size"] < wide else -row["size"]  # it may end with the plot
            taken.append(np.array([[x, 0, left, top - 2, row["size"] + 6, top + EVENT_ROW]]))
    return np.vstack(taken)
