"""The charts: each takes a frame and gives a chart; none reads a widget, a file or any state.

Colours come from the theme by domain, so light and dark follow the reader's choice. Every platform
also has its own dash and shape, and its name at the end of its line: never colour alone.
"""

import altair as alt

PLATFORMS = ["WeChat", "LINE", "KakaoTalk"]
FRAME = alt.NamedData("frame")
GREY = "#808495"  # readable on white and on black
ESTABLISHED = "Established messenger"  # as a kind of leader, beside the platforms
NEUTRAL = "#757985"  # its colour: 4.3:1 on the light page and on the dark one


def platform_colour(field: str = "platform") -> alt.Color:
    """Each platform's colour in the theme, by the platform's name in `field`."""
    return alt.Color(f"{field}:N").scale(domain=PLATFORMS).legend(None)


def of(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name: its numbers need no reading as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def adoption_fan(scale: str = "sqrt") -> alt.LayerChart:
    """Users by year: band, projected path and what was observed.

    scale : "sqrt" stretches small numbers so that all three can be read, "linear" does not

    datasets : those of frames.fan. What a slider does not move is in datasets of its own, which
        the browser leaves as they are; so do the ends of the axes, and no number is missing, so
        that the browser need not ask
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

    still = {"aria": False, "invalid": None}
    band = of("path").mark_area(opacity=0.16, **still).encode(x, low, high, colour)
    ranges = of("range").mark_rule(strokeWidth=5, opacity=0.45, **still)
    pinned = of("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **still)
    path = of("path").mark_line(strokeWidth=2.5, **still).encode(x, y, colour, dash)
    seen = of("observed").mark_point(filled=True, size=34, opacity=0.9, **still)
    label = of("label").mark_text(align="left", dx=7, fontSize=13, fontWeight="bold", **still)
    ends = of("axis").mark_rule(opacity=0, **still)  # a dataset is there if a mark asks for it
    return alt.layer(
        band,
        ranges.encode(x, low, high, colour),
        pinned.encode(x, y, colour),
        path,
        seen.encode(x, y, colour, shape),
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
        of("quarter")
        .mark_rule(color=GREY, aria=False, invalid=None, tooltip=alt.ExprRef(tooltip))
        .encode(x, opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)))
        .add_params(nearest)
    )


def adoption_fan_even() -> alt.LayerChart:
    """As adoption_fan, on an even scale."""
    return adoption_fan("linear")


FANS = {"stretched": adoption_fan, "even": adoption_fan_even}
