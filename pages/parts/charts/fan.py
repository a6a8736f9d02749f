"""Chart of the users of the three platforms by year, and its rows.

Rows are Arrow tables, one dataset for each kind of mark. Years are decimal; users, low, high (80%
range), low50, high50 (50% range) and top are million people.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import altair as alt
import numpy as np
import pyarrow as pa

from model.analysis import hindsight
from model.analysis.bands import RANGES, Answer
from model.analysis.own_figures import Figure
from model.number_text import about, about_range
from model.quarters import QUARTER, month_text, quarter_name
from model.scenario.scenario import Scenario, events_between
from pages.parts.charts.theme import (
    GREY,
    PLATFORMS,
    TEXT,
    apart,
    platform_colour,
    platform_dash,
    with_halo,
)
from pages.parts.wording import answer as wording

LABEL_YEARS = 2.5  # that the label of an observed mark takes on a chart of ten years
HEIGHT = 412  # pixels, with title, years and source
WIDEST = "000 to 000 million ran"  # as wide as any label: the plot then keeps its width
ROUND_TOPS = (1, 1.5, 2, 3, 5, 7.5, 10)  # of the axis, so that a nudge looks like a nudge
LABELS_APART = 0.11  # least distance of two labels of two lines, as a part of the axis
IN_USE = 0.4  # of the axis: with less in use a lower one is drawn
BRACKETS = (0, 7, 15)  # pixels to the right of the lines; WeChat's ranges are shaded instead
QUIET = {"aria": False, "invalid": None}
TEXT_FIELDS = "platform quarter name observed label range text title".split()


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def _given(name: str) -> alt.ExprRef:
    """A number or text of the only row of the dataset of the axes."""
    return alt.ExprRef(f"data('axis')[0].{name}")


def adoption_fan(*, source: str | None = wording.FAN_SOURCE) -> alt.LayerChart:
    """Users by year: projected paths, WeChat's 50 and 80% range, and what was observed.

    The square-root scale gives small numbers more room, so that all three can be read.

    source : a line below the years, or None where there is no room for it
    datasets : see fan_rows. What a slider does not move is in datasets of its own, which the
        browser leaves as they are. The ends of the axes are a dataset too, and no number is
        missing, so that the browser need not work them out
    """
    x = (
        alt.X("year:Q")
        .axis(
            **{"format": "d", "tickCount": 8, "grid": False, "labelFlush": False},
            **{"titleAnchor": "start", "titleFontSize": 11.5, "titleFontWeight": "normal"},
            **{"labelColor": TEXT, "titleColor": TEXT},
            # cut off in a narrow window, where it would take the width from the plot
            **{"titleLimit": alt.ExprRef("width + 100")},
        )
        .title(source)
        .scale(nice=False, domain=[_given("start"), _given("end")])
    )
    y_scale = alt.Scale(type="sqrt", nice=False, domain=[0, _given("top")])
    ends = _dataset("axis").mark_rule(opacity=0, **QUIET)  # Vega drops a dataset that no mark uses
    title = {"anchor": "start", "fontSize": 13, "fontWeight": "normal", "offset": 8}
    return alt.layer(
        *_lines_and_marks(x, y_scale),
        *_ends(x, y_scale, platform_colour()),
        ends.encode(alt.X("start:Q")),
        _hover(x),
    ).properties(height=HEIGHT, title=alt.TitleParams(_given("title"), **title))


def _lines_and_marks(x: alt.X, scale: alt.Scale) -> list[alt.Chart]:
    """Ranges and lines of the projection, what was observed, events, the reader's own marks."""
    y = alt.Y("users:Q").title(None).axis(tickCount=6, labelColor=TEXT).scale(scale)
    low, high = alt.Y("low:Q").scale(scale), alt.Y2("high:Q")
    inner = alt.Y("low50:Q").scale(scale), alt.Y2("high50:Q")
    colour, band = platform_colour(), _dataset("band")
    shapes = ["circle", "square", "triangle-up"]
    shape = alt.Shape("platform:N").scale(domain=PLATFORMS, range=shapes).legend(None)
    observed = _dataset("observed").mark_point(
        filled=False, fill="transparent", size=36, strokeWidth=1.4, **QUIET
    )
    ranges = _dataset("range").mark_rule(strokeWidth=6, opacity=0.4, **QUIET)
    diamond = {"shape": "diamond", "filled": True, "size": 130, "opacity": 1, "color": TEXT}
    own = _dataset("own").mark_point(shape="cross", filled=True, size=70, opacity=1, **QUIET)
    event, guess = _dataset("event"), _dataset("guess").encode(x, y)
    guess_text = guess.encode(alt.Text(value="your guess"))
    small = {"align": "left", "fontSize": 11, "invalid": None}
    event_text = {**small, "baseline": "top", "dx": 4, "y": alt.ExprRef("2 + 14 * datum.row")}
    return [
        band.mark_area(opacity=0.16, **QUIET).encode(x, low, high, colour),
        band.mark_area(opacity=0.22, **QUIET).encode(x, *inner, colour),
        event.mark_rule(strokeWidth=1, color=GREY, opacity=0.7, **QUIET).encode(x),
        _dataset("chosen").mark_rule(strokeWidth=1.6, color=TEXT, **QUIET).encode(x),
        *with_halo(event.encode(x, alt.Text("text:N")), **event_text),
        ranges.encode(x, low, high, colour),
        _dataset("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **QUIET).encode(x, y, colour),
        _dataset("path").mark_line(strokeWidth=2.5, **QUIET).encode(x, y, colour, platform_dash()),
        observed.encode(x, y, colour, shape),
        own.encode(x, y, colour),
        guess.mark_point(**diamond, **QUIET),
        *with_halo(guess_text, align="right", fontSize=12, dx=-11, dy=-9, invalid=None),
        *with_halo(_dataset("note").encode(x, y, alt.Text("text:N")), dx=8, dy=-9, **small),
    ]


def _ends(x: alt.X, scale: alt.Scale, colour: alt.Color) -> list[alt.Chart]:
    """At the right end: the ranges of the rivals as brackets, and a label for each platform."""
    low, low50, high, y = (alt.Y(f"{end}:Q").scale(scale) for end in (*RANGES[:2], "high", "users"))
    base, bracket = _dataset("end"), _dataset("bracket")
    place = {"xOffset": alt.ExprRef("datum.right"), **QUIET}
    tick = bracket.mark_tick(orient="horizontal", size=6, thickness=1.5, **place)
    label = {"align": "left", "dx": 26, **QUIET}
    bold, small = {"fontSize": 13, "fontWeight": "bold", "dy": -6}, {"fontSize": 11.5, "dy": 9}
    return [
        bracket.mark_rule(strokeWidth=1.5, **place).encode(x, low, alt.Y2("high:Q"), colour),
        bracket.mark_rule(strokeWidth=4.5, **place).encode(x, low50, alt.Y2("high50:Q"), colour),
        *(tick.encode(x, end, colour) for end in (low, high)),
        base.mark_text(**bold, **label).encode(x, y, colour, alt.Text("label:N")),
        base.mark_text(**small, **label).encode(x, y, colour, alt.Text("range:N")),
        base.mark_text(fontSize=11.5, opacity=0, text=WIDEST, **label).encode(x, y),
    ]


def _hover(x: alt.X) -> alt.Chart:
    """One rule for all platforms, with their values in one tooltip."""
    one = {"nearest": True, "empty": False}
    # not pointerover: at its end the tooltip would be gone before it could be closed
    nearest = alt.selection_point(
        "hover", on="mouseover", clear="mouseout", fields=["quarter"], **one
    )
    at = alt.selection_point("at", on="click", fields=["name"], toggle=False, **one)
    row = "(datum.datum || datum)"  # the cells around the rules have the rules as their rows

    def value(k: int, field: str) -> str:
        return f"format(data('path')[{len(PLATFORMS)} * {row}.row + {k}].{field}, ',.3~r')"

    values = ", ".join(
        f"'{name}': {value(k, 'users')} + ' million (' + {value(k, 'low')} + ' to ' + "
        f"{value(k, 'high')} + ')'"
        for k, name in enumerate(PLATFORMS)
    )
    # worked out only while a pointer is on the chart
    tooltip = (
        f"length(data('hover_store')) ? {{'Date': {row}.quarter, {values}, "
        f"'Observed': {row}.observed}} : null"
    )
    return (
        _dataset("quarter")
        .mark_rule(color=GREY, aria=False, invalid=None, tooltip=alt.ExprRef(tooltip))
        .encode(x, opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)))
        .add_params(nearest, at)
    )


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
    # one mark is named, in the second half if there is one, with room for its label to the right
    middle = (start + end) / 2
    labelled = [point for point in points if start + 1 <= point[1] <= end - LABEL_YEARS]
    labelled = sorted(labelled, key=lambda point: (point[1] > middle, point[2]))[-1:]
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
        "note": _table(
            "year users text",
            [(year, users, wording.observed_label(name, users)) for name, year, users in labelled],
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
    own: tuple[Figure, ...] = (),
    fixed: Callable = fixed_datasets,
) -> dict[str, pa.Table]:
    """Datasets for adoption_fan, by the names that it draws: what the page holds just now.

    scenario : the one answered, for its events
    top_before : of the axis until now, kept while it is not far too high
    at : the time for which the answer is shown, if it is not the end
    guess : WeChat's users at the end as the reader guessed them;  own : the reader's own figures
    fixed : fixed_datasets, or the page's cached form of it
    """
    start, end = float(answer.times[0]), float(answer.times[-1])
    datasets, first, most = fixed(start, end)
    low, high, line = answer.total.low, answer.total.high, answer.total.line
    highest = max(most, guess or 0, line.max(), *(one.users for one in own))
    seen = [year for name in ("observed", "range") for year in datasets[name]["year"].to_pylist()]
    edge = max([end, *seen])
    years = [first, edge, *(one.time for one in own), *(pinned.times if pinned else ())]
    if pinned is not None:
        highest = max(highest, pinned.total.line.max())
        datasets = datasets | {"pinned": _by_platform(pinned.times, users=pinned.total.line)}
    top = top_of(1.08 * max(highest, min(high.max(), 2.2 * highest)))
    top = top_before if IN_USE * top_before <= top <= top_before else top
    cut = [np.minimum(getattr(answer.total, end), top).round(3) for end in RANGES]
    wechat = (PLATFORMS[:1] * len(low), answer.times, *(part[:, 0] for part in cut))
    events = events_between(scenario, start, end) if scenario else []
    ends = _ends_rows(answer, [part[-1] for part in cut], top, edge)
    return datasets | {
        "path": _by_platform(answer.times, users=line, low=low, high=high),
        "band": _table(f"platform year {' '.join(RANGES)}", zip(*wechat, strict=True)),
        "end": ends,
        "bracket": ends.slice(1),
        # row : how many stand to its left
        "event": _table("year text row", [(*event, row) for row, event in enumerate(events)]),
        "chosen": _table("year", [] if at is None else [(at,)]),
        "guess": _table("year users", [] if guess is None else [(end, guess)]),
        "own": _table("platform year users", [(one.platform, one.time, one.users) for one in own]),
        "axis": _table("start end top title", [(min(years), max(years), top, wording.FAN_TITLE)]),
    }


def _ends_rows(answer: Answer, cut: Sequence[np.ndarray], top: float, edge: float) -> pa.Table:
    """A row for each platform: its ranges, cut off at `top`, and its labels.

    edge : year of the last line or observation, beside which they stand
    right : pixels from there to the bracket of a rival
    """
    columns = (answer.total.line, answer.total.low, answer.total.high)
    texts = [
        (f"{name} {about(users)}", about_range(low, high))
        for name, users, low, high in zip(PLATFORMS, *(part[-1] for part in columns), strict=True)
    ]
    places = zip(PLATFORMS, *cut, _spread(answer.total.line[-1], top), BRACKETS, texts, strict=True)
    rows = [(name, edge, *place, *text) for name, *place, text in places]
    return _table(f"platform year {' '.join(RANGES)} users right label range", rows)


def _spread(values: np.ndarray, top: float) -> np.ndarray:
    """Places for labels near `values`, from 0 to `top`, that do not touch on the scale."""
    heights = np.sqrt(np.clip(values, 0.0, top) / top)
    edge = LABELS_APART / 2
    heights = apart(np.clip(heights, edge, 1 - edge), LABELS_APART)
    return top * (heights - max(heights.max() - (1 - edge), 0)).clip(0) ** 2


FANS = {False: adoption_fan, True: partial(adoption_fan, source=None)}  # by whether on a phone
