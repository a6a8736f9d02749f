"""Charts of the market views; market_data has their rows."""

import altair as alt

from pages.parts.charts.theme import (
    ESTABLISHED,
    FRAME,
    GREY,
    NEUTRAL,
    PLATFORMS,
    YEARS,
    platform_colour,
    platform_dash,
    tooltip,
)

MARKETS = alt.Y("market:N").title(None).axis(labelLimit=160, labelOverlap=False)


def users_by_year() -> alt.Chart:
    """Users by market and year, one platform.

    frame : market (name), rank, year, users (million people)
    """
    titles = {"market:N": "Market", "year:O": "Year", "users:Q": "Million users"}
    return (
        alt.Chart(FRAME)
        .mark_rect(stroke=GREY, strokeWidth=0.3)
        .encode(
            alt.X("year:O").title(None).axis(labelAngle=0, labelOverlap="greedy"),
            MARKETS.sort(alt.EncodingSortField("rank", order="ascending")),
            alt.Color("users:Q")
            .title("Million users")
            .scale(type="sqrt", scheme="teals")
            .legend(orient="top", gradientLength=220, direction="horizontal", tickCount=4),
            tooltip=tooltip(titles),
        )
        .properties(height=520)
    )


def cost_bars() -> alt.LayerChart:
    """Users lost to concern by market.

    frame : market (name), lost (million people), label (the same as text)
    """
    base = alt.Chart(FRAME).encode(
        MARKETS.sort("-x"),
        alt.X("lost:Q").title("WeChat users lost to concern (million)").axis(tickCount=5),
    )
    bars = base.mark_bar(height=13, color=GREY, opacity=0.6)
    label = base.mark_text(align="left", dx=5, color=GREY).encode(alt.Text("label:N"))
    return alt.layer(bars, label).properties(height=520)


def one_market() -> alt.LayerChart:
    """Users of the three platforms and of the strongest established messenger in one market.

    frame : year (decimal), quarter, kind (platform or ESTABLISHED), name, users, low, high (million
        people), label_at at the end; low and high of the platforms at the end only
    """
    y_scale = alt.Scale(type="sqrt", nice=False)
    users = alt.Y("users:Q").title("Users (million)").axis(tickCount=5).scale(y_scale)
    low, high = alt.Y("low:Q").scale(y_scale), alt.Y2("high:Q")
    label_at = alt.Y("label_at:Q").scale(y_scale)
    colour, grey = platform_colour("kind"), alt.value(NEUTRAL)
    tip = tooltip({"name:N": "Messenger", "quarter:N": "Quarter", "users:Q": "Users, million"})
    base = alt.Chart(FRAME).encode(YEARS)
    established = base.transform_filter(f"datum.kind === '{ESTABLISHED}'")
    platforms = base.transform_filter(f"datum.kind !== '{ESTABLISHED}'")
    layers = [
        established.mark_area(opacity=0.16).encode(low, high, color=grey),
        established.mark_line(strokeWidth=2, strokeDash=[10, 2, 2, 2]).encode(
            users, color=grey, tooltip=tip
        ),
        platforms.mark_line(strokeWidth=2.5).encode(
            users, colour, platform_dash("kind"), tooltip=tip
        ),
    ]
    layers += [  # side by side, right of the end of the lines
        base.transform_filter(f"datum.kind === '{name}' && isValid(datum.low)")
        .mark_rule(strokeWidth=4, opacity=0.6, xOffset=5 + 6 * k)
        .encode(low, high, colour)
        for k, name in enumerate(PLATFORMS)
    ]
    layers += [
        part.transform_filter("isValid(datum.label_at)")
        .mark_text(align="left", dx=26, fontWeight="bold")
        .encode(label_at, alt.Text("name:N"), color=part_colour)
        for part, part_colour in ((platforms, colour), (established, grey))
    ]
    return alt.layer(*layers).properties(height=300)
