"""The chart of the tornado with its curves; tornado_rows has its rows."""

import altair as alt

from pages.parts.charts.ink import HIGH, LINE, LOW, TEXT, by_page
from pages.parts.charts.theme import FRAME, tooltip

MOST = 11  # bars that are shown, as many as curves
ROW = 50  # pixels for each
HEAD = 0.6  # height of the key above them, in rows
TIPS = {"label:N": "Setting", "value_text:N": "Set to", "users:Q": "WeChat users, million"}
ENDS = alt.Color("end:N").scale(domain=["low", "high"], range=[LOW, HIGH]).legend(None)


def bars_and_curves() -> alt.LayerChart:
    """WeChat's users with each setting at the ends of its range, and over the whole of it.

    frame : see tornado_rows.rows
    """
    base = alt.Chart(FRAME).encode(_y("y:Q"))
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    names = (
        base.transform_filter("datum.kind === 'name'")
        .transform_calculate(text="width < 480 ? datum.short : datum.label")
        .mark_text(align="left", baseline="middle", fontSize=12.5, color=by_page(*TEXT))
        .encode(_x("x:Q"), alt.Text("text:N"))
    )
    layers = [*_key(base), *_bars(base), *_curves(base), names, _targets(base).add_params(pick)]
    return alt.layer(*layers).properties(height=round((MOST + HEAD) * ROW))


def _x(field: str) -> alt.X:
    """A place across the chart, 0-1."""
    return alt.X(field).axis(None).scale(domain=[0, 1], nice=False)


def _y(field: str) -> alt.Y:
    """A height in rows from the top."""
    return alt.Y(field).axis(None).scale(domain=[-HEAD, MOST], reverse=True, nice=False)


def _key(base: alt.Chart) -> list[alt.Chart]:
    """The meaning of the colours and of the dot."""
    key = base.transform_filter("datum.kind === 'key'")
    ends = key.transform_filter("isValid(datum.end)")
    text = key.mark_text(align="left", baseline="middle", fontSize=12, color=by_page(*TEXT))
    return [
        ends.mark_point(shape="square", filled=True, size=110, opacity=1).encode(_x("x:Q"), ENDS),
        _here(key.transform_filter("datum.name === 'now'")),
        text.encode(_x("label_at:Q"), alt.Text("label:N")),
    ]


def _here(base: alt.Chart) -> alt.Chart:
    """The dots of the present value."""
    return base.mark_point(
        filled=True, size=60, opacity=1, aria=False, color=by_page("#000000", "#ffffff")
    ).encode(_x("x:Q"))


def _bars(base: alt.Chart) -> list[alt.Chart]:
    """The bars from the present line to either end, with users written there."""
    ends = base.transform_filter("datum.kind === 'end'")
    bars = ends.mark_rect(aria=False).encode(
        _x("left:Q"), alt.X2("right:Q"), alt.Y2("under:Q"), ENDS
    )
    texts = [
        ends.transform_filter(f"datum.side === '{side}'")
        .mark_text(align=align, dx=dx, baseline="middle", fontSize=12, color=by_page(*TEXT))
        .encode(_x("label_at:Q"), _y("middle:Q"), alt.Text("users_text:N"))
        for side, align, dx in (("left", "right", -5), ("right", "left", 5))
    ]
    line = (
        base.transform_filter("datum.kind === 'now'")
        .mark_rule(color=by_page(*TEXT), strokeWidth=1.5, aria=False)
        .encode(_x("left:Q"), alt.Y2("under:Q"))
    )
    return [bars, line, *texts]


def _curves(base: alt.Chart) -> list[alt.Chart]:
    """The curves over the ranges, on the line of no users, with a dot at the present value."""
    x = _x("x:Q")
    curve = base.transform_filter("datum.kind === 'curve'")
    floor = (
        base.transform_filter("datum.kind === 'floor'")
        .mark_rule(color=LINE, strokeWidth=0.7, aria=False)
        .encode(x, alt.X2("right:Q"))
    )
    line = curve.mark_line(strokeWidth=2, color=LINE, aria=False).encode(x, alt.Detail("setting:N"))
    ends = (
        base.transform_filter("datum.kind === 'dot'")
        .mark_point(filled=True, size=45, opacity=1, aria=False)
        .encode(x, ENDS)
    )
    return [floor, line, ends, _here(base.transform_filter("datum.kind === 'here'"))]


def _targets(base: alt.Chart) -> alt.Chart:
    """Unseen places over bars and curves that say their numbers and can be clicked."""
    return (
        base.transform_filter("datum.kind === 'target'")
        .mark_rect(fillOpacity=0, strokeOpacity=0, cursor="pointer", aria=False)
        .encode(_x("left:Q"), alt.X2("right:Q"), alt.Y2("under:Q"), tooltip=tooltip(TIPS))
    )
