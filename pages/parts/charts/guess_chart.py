"""Chart of a guess: the first figures, an empty decade, and a handle at its end.

A click takes its height as the guess: the plot is laid out with invisible bands, one for each of
MILLIONS. The rows are Arrow tables; years are decimal, users are million people.
"""

import altair as alt
import numpy as np
import pyarrow as pa

from model.analysis import hindsight
from model.analysis.bands import Answer
from model.number_text import about, users_text
from pages.parts.charts.theme import (
    GREY,
    OUR_READING,
    PLATFORMS,
    TEXT,
    UNSEEN,
    apart,
    platform_colour,
    platform_shape,
    small_title,
    with_halo,
)
from pages.parts.wording import answer as wording
from pages.parts.wording import guess as words

_STEPS = (10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90)
MILLIONS = (*range(1, 10), *_STEPS, *(10 * step for step in _STEPS), 1000, 1200, 1500, 2000)
TICKS = [0, 50, 200, 500, 1000, 2000]  # million users
HEIGHTS = {False: 372, True: 300}  # pixels, by whether on a phone
LABELS_AT = {False: 36, True: 20}  # pixels from the start to its labels, beyond the first marks
DIAMOND = {"shape": "diamond", "filled": True, "size": 260, "color": TEXT, "aria": False}
VALUE = {"align": "right", "dx": -14, "fontSize": 14}
LABELS_APART = 0.065  # least distance of two labels, as a part of the axis
FIELDS = {
    "axis": "start end hint",
    "band": "start end low high users label",
    "start": "platform year users height label",
    "observed": "platform year users",
    "range": "platform year low high",
    "guess": "year users label",
}
_TEXTS = ("hint", "label", "platform")


def empty_decade(*, phone: bool = False) -> alt.LayerChart:
    """The first figures, and a diamond that takes the height at which the chart is clicked.

    datasets : see guess_rows
    """
    return alt.layer(
        *_first_figures(phone),
        *_handle(phone),
        *_bands(),
    ).properties(height=HEIGHTS[phone], title=small_title(wording.FAN_TITLE))


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def _across(field: str) -> alt.X:
    """A field along the years."""
    ends = [alt.ExprRef(f"data('axis')[0].{end}") for end in ("start", "end")]
    axis = {"format": "d", "tickCount": alt.ExprRef("width / 90"), "labelColor": TEXT}
    return alt.X(f"{field}:Q").title(None).axis(grid=False, **axis).scale(nice=False, domain=ends)


def _up(field: str) -> alt.Y:
    """A field along the users, on a square-root scale as that of the answer."""
    scale = {"type": "sqrt", "nice": False, "domain": [0, MILLIONS[-1]]}
    return alt.Y(f"{field}:Q").title(None).axis(values=TICKS, labelColor=TEXT).scale(**scale)


def _first_figures(phone: bool) -> list[alt.Chart]:
    """Marks of what was observed first, and where each messenger starts, with its name."""
    year, users = _across("year"), _up("users")
    colour, shape = platform_colour(), platform_shape()
    hollow = {"filled": False, "fill": "transparent", "size": 36, "strokeWidth": 1.4}
    start = _dataset("start")
    bold = {"align": "left", "baseline": "middle", "dx": LABELS_AT[phone], "fontWeight": "bold"}
    return [
        _dataset("range")
        .mark_rule(**OUR_READING)
        .encode(year, _up("low"), alt.Y2("high:Q"), colour),
        _dataset("observed").mark_point(**hollow, aria=False).encode(year, users, colour, shape),
        start.mark_point(filled=True, size=60, opacity=1, aria=False).encode(
            year, users, colour, shape
        ),
        *with_halo(start.encode(year, _up("height"), alt.Text("label:N")), colour, **bold),
    ]


def _handle(phone: bool) -> list[alt.Chart]:
    """The diamond at the end, on its track, and the request to move it."""
    rail = _dataset("axis").encode(_across("end"))
    guess = _dataset("guess").encode(_across("year"), _up("users"))
    hint = {"x": alt.ExprRef("width / 2"), "y": alt.ExprRef("height / 3"), "align": "center"}
    return [
        rail.mark_rule(color=GREY, strokeDash=[2, 3], aria=False),
        _dataset("axis")
        .mark_text(color=TEXT, aria=False, fontSize=12 if phone else 15, **hint)
        .encode(alt.Text("hint:N")),
        guess.mark_point(**DIAMOND, opacity=1),
        *with_halo(guess.encode(alt.Text("label:N")), **VALUE, fontWeight="bold"),
    ]


def _bands() -> list[alt.Chart]:
    """Invisible bands to click, and the diamond where a pointer is."""
    one = {"fields": ["users"], "empty": False}
    under = alt.selection_point("under", on="mouseover", clear="mouseout", **one)
    chosen = alt.selection_point("chosen", on="click", toggle=False, **one)
    seen = alt.condition(under, alt.value(0.75), alt.value(0))
    ghost = _dataset("band").encode(_across("end"), _up("users"), opacity=seen)
    ends = alt.X2("end:Q"), alt.Y2("high:Q")
    return [
        ghost.mark_point(**DIAMOND),
        ghost.mark_text(**VALUE, color=TEXT, aria=False).encode(alt.Text("label:N")),
        _dataset("band")
        .mark_rect(**UNSEEN, tooltip=None)
        .encode(_across("start"), _up("low"), *ends)
        .add_params(under, chosen),
    ]


def guess_rows(answer: Answer, guess: float) -> dict[str, pa.Table]:
    """Datasets for empty_decade; nothing in them is known later than the start of the answer.

    guess : million users at which the handle stands
    """
    first, end = float(answer.times[0]), float(answer.times[-1])
    table = hindsight.observed_totals()
    table = table[table.year.between(first - 1, first + hindsight.AFTER)]
    start = min([first, *table.year])
    middles = (np.array(MILLIONS[1:]) + MILLIONS[:-1]) / 2
    bands = zip((0, *middles), (*middles, MILLIONS[-1]), MILLIONS, strict=True)
    kinds = {kind: table[table.kind == kind] for kind in ("observed", "range")}
    rows = {
        "axis": [(start, end, words.HINT)],
        "band": [(start, end, low, high, one, users_text(one)) for low, high, one in bands],
        "start": _start_rows(first, answer.total.line[0]),
        "guess": [(end, guess, users_text(guess))],
    }
    rows |= {kind: list(found[FIELDS[kind].split()].to_numpy()) for kind, found in kinds.items()}
    return {name: _table(FIELDS[name].split(), found) for name, found in rows.items()}


def _start_rows(year: float, users: np.ndarray) -> list[tuple]:
    """A row for each platform at the start, its label at a height where it meets no other."""
    heights = MILLIONS[-1] * apart(np.sqrt(users / MILLIONS[-1]), LABELS_APART) ** 2
    labels = [f"{name} {about(one)}" for name, one in zip(PLATFORMS, users, strict=True)]
    rows = zip(PLATFORMS, users, heights, labels, strict=True)
    return [(name, year, *row) for name, *row in rows]


def _table(names: list[str], rows: list) -> pa.Table:
    """The rows under their names, of the right type even without a row."""
    kinds = [pa.string() if name in _TEXTS else pa.float64() for name in names]
    columns = [pa.array([row[k] for row in rows], kind) for k, kind in enumerate(kinds)]
    return pa.table(columns, names=names)
