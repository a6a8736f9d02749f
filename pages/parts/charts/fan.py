"""Chart of the users of the three platforms over time; its rows are those of fan_data.py."""

from functools import partial

import altair as alt

from model.analysis.bands import RANGES
from pages.parts.charts.fan_data import EVENT_ROW
from pages.parts.charts.theme import (
    GREY,
    OUR_READING,
    PLATFORMS,
    TEXT,
    platform_colour,
    platform_dash,
    platform_shape,
    small_title,
    with_halo,
)
from pages.parts.wording import answer as wording

HEIGHTS = {False: 372, True: 250}  # pixels, with title and years, by whether on a phone
LABELS_AT = {False: 34, True: 30}  # pixels from the end of the lines to the labels there
ROOM = {False: 190, True: 134}  # pixels from there to the edge, so that the plot keeps its width
QUIET = {"aria": False, "invalid": None}


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def _given(name: str) -> alt.ExprRef:
    """A number or text of the only row of the dataset of the axes."""
    return alt.ExprRef(f"data('axis')[0].{name}")


def adoption_fan(*, phone: bool = False) -> alt.LayerChart:
    """Users by year: projected paths, WeChat's 50 and 80% range, and what was observed.

    The square-root scale gives small numbers more room, so that all three can be read.

    datasets : see fan_rows. What a slider does not move is in datasets of its own, which the
        browser leaves as they are. The ends of the axes are a dataset too, and no number is
        missing, so that the browser need not work them out
    """
    axis = {"format": "d", "tickCount": 4 if phone else 8, "grid": False, "labelFlush": False}
    x = alt.X("year:Q").title(None).axis(**axis, labelColor=TEXT)
    x = x.scale(nice=False, domain=[_given("start"), _given("end")])
    y_scale = alt.Scale(type="sqrt", nice=False, domain=[0, _given("top")])
    *marks, notes = _lines_and_marks(x, y_scale)
    return alt.layer(
        *marks,
        *_ends(x, y_scale, phone),
        notes,  # after the answer also for whoever reads the texts of the picture
        _hover(x),
    ).properties(height=HEIGHTS[phone], title=small_title(_given("title")))


def _lines_and_marks(x: alt.X, scale: alt.Scale) -> list[alt.Chart]:
    """Ranges and lines of the projection, what was observed, events, the reader's own marks."""
    # numbers of another length would move the plot
    axis = {"tickCount": 6, "labelColor": TEXT, "minExtent": 47, "maxExtent": 47}
    axis["labelExpr"] = "datum.value < 1000 ? datum.label : datum.value / 1000 + ' bn'"
    y = alt.Y("users:Q").title(None).axis(**axis).scale(scale)
    low, high = alt.Y("low:Q").scale(scale), alt.Y2("high:Q")
    inner = alt.Y("low50:Q").scale(scale), alt.Y2("high50:Q")
    colour, band = platform_colour(), _dataset("band")
    observed = _dataset("observed").mark_point(
        filled=False, fill="transparent", size=36, strokeWidth=1.4, **QUIET
    )
    ranges = _dataset("range").mark_rule(**OUR_READING, invalid=None)
    diamond = {"shape": "diamond", "filled": True, "size": 130, "opacity": 1, "color": TEXT}
    own = _dataset("own").mark_point(shape="cross", filled=True, size=70, opacity=1, **QUIET)
    now = _dataset("chosen").mark_point(filled=True, size=60, opacity=1, **QUIET)
    event, note = _dataset("event"), _dataset("note").encode(x, y)
    in_plot = alt.ExprRef("min(4, width - scale('x', datum.year) - datum.size)")
    event_text = {"y": alt.ExprRef(f"2 + {EVENT_ROW} * datum.row"), "dx": in_plot}
    event_text |= {"align": "left", "fontSize": 11, "baseline": "top", "invalid": None}
    text = alt.ExprRef("width < datum.least ? '' : datum.text")
    named = {"align": "align", "dx": "dx", "dy": "dy", "fontSize": "size"}
    named = {name: alt.ExprRef(f"datum.{field}") for name, field in named.items()}
    return [
        band.mark_area(opacity=0.16, **QUIET).encode(x, low, high, colour),
        band.mark_area(opacity=0.22, **QUIET).encode(x, *inner, colour),
        event.mark_rule(strokeWidth=1, color=GREY, opacity=0.7, **QUIET).encode(x),
        _dataset("chosen").mark_rule(strokeWidth=1.6, color=TEXT, **QUIET).encode(x),
        *with_halo(event.encode(x, alt.Text("text:N")), **event_text),
        ranges.encode(x, low, high, colour),
        _dataset("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **QUIET).encode(x, y, colour),
        _dataset("path").mark_line(strokeWidth=2.5, **QUIET).encode(x, y, colour, platform_dash()),
        observed.encode(x, y, colour, platform_shape()),
        own.encode(x, y, colour),
        now.encode(x, y, colour),
        _dataset("guesses")
        .mark_point(size=22, filled=True, color=TEXT, opacity=0.6, aria=False)
        .encode(x, y, tooltip=alt.Tooltip("users:Q", title=wording.GUESSED, format=",.3~r")),
        _dataset("guess").mark_point(**diamond, **QUIET).encode(x, y),
        note.mark_text(text=text, baseline="middle", color=TEXT, **named, **QUIET),
    ]


def _ends(x: alt.X, scale: alt.Scale, phone: bool) -> list[alt.Chart]:
    """At the right end: the ranges of the rivals as brackets, and a label for each platform.

    Where the answer is for an earlier date the labels are not bold.
    """
    low, low50, high, line, y = (
        alt.Y(f"{end}:Q").scale(scale) for end in (*RANGES[:2], "high", "line", "users")
    )
    base, bracket, colour = _dataset("end"), _dataset("bracket"), platform_colour()
    place = {"xOffset": alt.ExprRef("datum.right"), **QUIET}
    tick = bracket.mark_tick(orient="horizontal", size=6, thickness=1.5, **place)
    size = {False: (13, 11.5), True: (12, 11)}[phone]
    label = {"align": "left", "dx": LABELS_AT[phone], **QUIET}
    weight = alt.ExprRef("length(data('chosen')) ? 'normal' : 'bold'")
    # Vega drops a dataset that no mark uses; this one keeps the room of the labels besides
    room = _dataset("axis").mark_point(opacity=0, size=1, xOffset=ROOM[phone], **QUIET)
    return [
        bracket.mark_rule(strokeWidth=1.5, **place).encode(x, low, alt.Y2("high:Q"), colour),
        bracket.mark_rule(strokeWidth=4.5, **place).encode(x, low50, alt.Y2("high50:Q"), colour),
        *(tick.encode(x, end, colour) for end in (low, high)),
        bracket.mark_point(filled=True, size=46, opacity=1, **place).encode(
            x, line, colour, platform_shape()
        ),
        base.mark_text(fontSize=size[0], fontWeight=weight, dy=-7, **label).encode(
            x, y, colour, alt.Text("label:N")
        ),
        base.mark_text(fontSize=size[1], dy=9, **label).encode(x, y, colour, alt.Text("range:N")),
        room.encode(alt.X("end:Q")),
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


FANS = {phone: partial(adoption_fan, phone=phone) for phone in (False, True)}
