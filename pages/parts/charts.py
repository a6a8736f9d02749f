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


def adoption_fan(scale: str = "sqrt") -> alt.LayerChart:
    """Users by year: band, projected path and what was observed.

    scale : "sqrt" stretches small numbers so that all three can be read, "linear" does not

    frame : kind (path | pinned | observed | range | label), year (decimal), quarter, platform,
        users, low, high (million people), label, label_at (million people)
    """
    base = alt.Chart(FRAME)
    x = (
        alt.X("year:Q")
        .axis(format="d", tickCount=8, grid=False, labelFlush=False)
        .title(None)
        .scale(nice=False)
    )
    y = alt.Y("users:Q").title("Users (million)").axis(tickCount=6).scale(type=scale, nice=False)
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

    def only(kind: str) -> alt.Chart:
        return base.transform_filter(f"datum.kind === '{kind}'")

    low, high = alt.Y("low:Q"), alt.Y2("high:Q")
    band = only("path").mark_area(opacity=0.16, aria=False).encode(x, low, high, colour)
    ranges = (
        only("range")
        .mark_rule(strokeWidth=5, opacity=0.45, aria=False)
        .encode(x, low, high, colour)
    )
    pinned = only("pinned").mark_line(strokeWidth=1.2, opacity=0.8, aria=False)
    path = only("path").mark_line(strokeWidth=2.5, aria=False).encode(x, y, colour, dash)
    seen = only("observed").mark_point(filled=True, size=34, opacity=0.9, aria=False)
    label = only("label").mark_text(align="left", dx=7, fontSize=13, fontWeight="bold", aria=False)
    return alt.layer(
        band,
        ranges,
        pinned.encode(x, y, colour),
        path,
        seen.encode(x, y, colour, shape),
        label.encode(x, alt.Y("label_at:Q"), alt.Text("label:N"), colour),
        _hover(only("path"), x),
    ).properties(height=380)


def _hover(paths: alt.Chart, x: alt.X) -> alt.Chart:
    """One rule for all platforms, with their values in one tooltip."""
    nearest = alt.selection_point(
        name="hover",
        on="pointerover",
        nearest=True,
        fields=["quarter"],
        empty=False,
        clear="pointerout",
    )
    values = [
        alt.Tooltip(f"{name}:Q", format=",.3~r", title=f"{name}, million") for name in PLATFORMS
    ]
    return (
        paths.transform_pivot("platform", value="users", groupby=["quarter", "year"])
        .mark_rule(color=GREY, aria=False)
        .encode(
            x,
            opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)),
            tooltip=[alt.Tooltip("quarter:N", title="Quarter"), *values],
        )
        .add_params(nearest)
    )


def adoption_fan_even() -> alt.LayerChart:
    """As adoption_fan, on an even scale."""
    return adoption_fan("linear")


FANS = {"stretched": adoption_fan, "even": adoption_fan_even}
