"""The charts: each takes a frame and gives a chart; none reads a widget, a file or any state.

Colours come from the theme by domain, so light and dark follow the reader's choice. Every platform
also has its own dash and shape, and its name at the end of its line: never colour alone.
"""

from __future__ import annotations

import altair as alt

PLATFORMS = ["WeChat", "LINE", "KakaoTalk"]
FRAME = alt.NamedData("frame")
GREY = "#808495"  # readable on white and on black


def platform_colour(field: str = "platform") -> alt.Color:
    """Each platform's colour in the theme, by the platform's name in `field`."""
    return alt.Color(f"{field}:N").scale(domain=PLATFORMS).legend(None)


def rows(name: str) -> alt.NamedData:
    """A dataset sent by this name: numbers are numbers already, so nothing is to be parsed."""
    return alt.NamedData(name, format=alt.DataFormat(parse=None))


def adoption_fan(scale: str = "sqrt") -> alt.LayerChart:
    """Users by year: band, projected path and what was observed.

    What does not move with a slider has a dataset of its own, which the browser leaves as it is.

    scale : "sqrt" stretches small numbers so that all three can be read, "linear" does not

    datasets : those of frames.Fan
    """

    def end(name: str) -> alt.ExprRef:
        return alt.ExprRef(f"data('axis')[0].{name}")

    x = (
        alt.X("year:Q")
        .axis(format="d", tickCount=8, grid=False, labelFlush=False)
        .title(None)
        .scale(nice=False, domain=[end("start"), end("end")])
    )
    upright = alt.Scale(type=scale, nice=False, domain=[0, end("top")])
    y = alt.Y("users:Q").title("Users (million)").axis(tickCount=6).scale(upright)
    low, high = alt.Y("low:Q").scale(upright), alt.Y2("high:Q")
    colour = platform_colour()
    shape = (
        alt.Shape("platform:N")
        .scale(domain=PLATFORMS, range=["circle", "square", "triangle-up"])
        .legend(None)
    )
    dash = (
        alt.StrokeDash("platform:N")
        .scale(domain=PLATFORMS, range=[[8, 3], [3, 3], [1, 2]])
        .legend(None)
    )

    def of(name: str) -> alt.Chart:
        return alt.Chart(rows(name))

    still = {"aria": False, "invalid": None}
    band = of("path").mark_area(opacity=0.16, **still).encode(x, low, high, colour)
    ranges = of("range").mark_rule(strokeWidth=5, opacity=0.45, **still)
    pinned = of("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **still)
    path = of("path").mark_line(strokeWidth=2.5, **still).encode(x, y, colour, dash)
    seen = of("observed").mark_point(filled=True, size=34, opacity=0.9, **still)
    label = of("label").mark_text(align="left", dx=7, fontSize=13, fontWeight="bold", **still)
    start = of("axis").mark_rule(opacity=0, **still).encode(alt.X("start:Q"))
    return alt.layer(
        band,
        ranges.encode(x, low, high, colour),
        pinned.encode(x, y, colour),
        path,
        seen.encode(x, y, colour, shape),
        label.encode(x, alt.Y("users:Q"), alt.Text("label:N"), colour),
        start,
        _hover(x),
    ).properties(height=380)


def _hover(x: alt.X) -> alt.Chart:
    """One rule for all platforms, with their values in one tooltip."""
    nearest = alt.selection_point(
        name="hover",
        on="pointerover",
        nearest=True,
        fields=["quarter"],
        empty=False,
        clear="pointerout",
    )
    # worked out only while a pointer is on the chart; the cells around the rules ask for it too
    values = "".join(
        f", '{name}, million': format(data('path')[{len(PLATFORMS)} * row + {k}].users, ',.3~r')"
        for k, name in enumerate(PLATFORMS)
    )
    row = "(datum.datum || datum)"
    values = f"{{'Quarter': {row}.quarter{values.replace(' row', f' {row}.row')}}}"
    tooltip = alt.ExprRef(f"length(data('hover_store')) ? {values} : null")
    return (
        alt.Chart(rows("quarter"))
        .mark_rule(color=GREY, aria=False, invalid=None, tooltip=tooltip)
        .encode(x, opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)))
        .add_params(nearest)
    )


def adoption_fan_even() -> alt.LayerChart:
    """As adoption_fan, on an even scale."""
    return adoption_fan("linear")


FANS = {"stretched": adoption_fan, "even": adoption_fan_even}
