"""Chart of the users of the three platforms by year; fan_data has its rows."""

from functools import partial

import altair as alt

from pages.parts.charts.theme import GREY, PLATFORMS, platform_colour, platform_dash


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def adoption_fan(scale: str = "sqrt") -> alt.LayerChart:
    """Users by year: band, projected path and what was observed.

    scale : "sqrt" stretches small numbers so that all three can be read, "linear" does not

    datasets : see fan_data.fan. What a slider does not move is in datasets of its own, which the
        browser leaves as they are. The ends of the axes are a dataset too, and no number is
        missing, so that the browser need not work them out
    """

    def end(name: str) -> alt.ExprRef:
        return alt.ExprRef(f"data('axis')[0].{name}")

    x = (
        alt.X("year:Q")
        .axis(format="d", tickCount=8, grid=False, labelFlush=False)
        .title(None)
        .scale(nice=False, domain=[end("start"), end("end")])
    )
    y_scale = alt.Scale(type=scale, nice=False, domain=[0, end("top")])
    y = alt.Y("users:Q").title("Users (million)").axis(tickCount=6).scale(y_scale)
    low, high = alt.Y("low:Q").scale(y_scale), alt.Y2("high:Q")
    colour = platform_colour()
    shape = (
        alt.Shape("platform:N")
        .scale(domain=PLATFORMS, range=["circle", "square", "triangle-up"])
        .legend(None)
    )
    common = {"aria": False, "invalid": None}
    band = _dataset("path").mark_area(opacity=0.16, **common).encode(x, low, high, colour)
    ranges = _dataset("range").mark_rule(strokeWidth=5, opacity=0.45, **common)
    pinned = _dataset("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **common)
    path = (
        _dataset("path").mark_line(strokeWidth=2.5, **common).encode(x, y, colour, platform_dash())
    )
    observed = _dataset("observed").mark_point(filled=True, size=34, opacity=0.9, **common)
    label = _dataset("label").mark_text(
        align="left", dx=7, fontSize=13, fontWeight="bold", **common
    )
    ends = _dataset("axis").mark_rule(opacity=0, **common)  # Vega drops a dataset that no mark uses
    return alt.layer(
        band,
        ranges.encode(x, low, high, colour),
        pinned.encode(x, y, colour),
        path,
        observed.encode(x, y, colour, shape),
        label.encode(x, y, alt.Text("label:N"), colour),
        ends.encode(alt.X("start:Q")),
        _hover(x),
    ).properties(height=380)


def _hover(x: alt.X) -> alt.Chart:
    """One rule for all platforms, with their values in one tooltip."""
    nearest = alt.selection_point(
        name="hover",
        # not pointerover: at its end the tooltip would be gone before it could be closed
        on="mouseover",
        nearest=True,
        fields=["quarter"],
        empty=False,
        clear="mouseout",
    )
    at = "(datum.datum || datum)"  # the cells around the rules have the rules as their rows
    values = ", ".join(
        f"'{name}, million': format(data('path')[{len(PLATFORMS)} * {at}.row + {k}].users, ',.3~r')"
        for k, name in enumerate(PLATFORMS)
    )
    # worked out only while a pointer is on the chart
    tooltip = f"length(data('hover_store')) ? {{'Quarter': {at}.quarter, {values}}} : null"
    return (
        _dataset("quarter")
        .mark_rule(color=GREY, aria=False, invalid=None, tooltip=alt.ExprRef(tooltip))
        .encode(x, opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)))
        .add_params(nearest)
    )


FANS = {"stretched": adoption_fan, "even": partial(adoption_fan, "linear")}  # by view `scale`
