"""Chart of the users of the three platforms by year; fan_data has its rows."""

from functools import partial

import altair as alt

from pages.parts.charts.ink import TEXT, by_page, with_halo
from pages.parts.charts.theme import GREY, PLATFORMS, platform_colour, platform_dash

HEIGHT = 425  # pixels, with title, years and source
SOURCE = (
    "Observed: company reports and readings of surveys (Sources and figures). Lines: this model, "
    "not a forecast."
)
WIDEST = "000 to 000 million ran"  # as wide as any label: the plot then keeps its width


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def adoption_fan(*, source: str | None = SOURCE) -> alt.LayerChart:
    """Users by year: projected paths, WeChat's range, and what was observed.

    The square-root scale gives small numbers more room, so that all three can be read.

    source : a line below the years, or None where there is no room for it

    datasets : see fan_data.fan. What a slider does not move is in datasets of its own, which the
        browser leaves as they are. The ends of the axes are a dataset too, and no number is
        missing, so that the browser need not work them out
    """

    def given(name: str) -> alt.ExprRef:
        return alt.ExprRef(f"data('axis')[0].{name}")

    x = (
        alt.X("year:Q")
        .axis(
            **{"format": "d", "tickCount": 8, "grid": False, "labelFlush": False},
            **{"titleAnchor": "start", "titleFontSize": 11.5, "titleFontWeight": "normal"},
            **{"labelColor": by_page(*TEXT), "titleColor": by_page(*TEXT)},
            # cut off in a narrow window, where it would take the width from the plot
            **{"titleLimit": alt.ExprRef("width + 100")},
        )
        .title(source)
        .scale(nice=False, domain=[given("start"), given("end")])
    )
    y_scale = alt.Scale(type="sqrt", nice=False, domain=[0, given("top")])
    y = alt.Y("users:Q").title(None).axis(tickCount=6, labelColor=by_page(*TEXT)).scale(y_scale)
    low, high = alt.Y("low:Q").scale(y_scale), alt.Y2("high:Q")
    colour = platform_colour()
    shape = (
        alt.Shape("platform:N")
        .scale(domain=PLATFORMS, range=["circle", "square", "triangle-up"])
        .legend(None)
    )
    common = {"aria": False, "invalid": None}
    band = _dataset("band").mark_area(opacity=0.16, **common)
    ranges = _dataset("range").mark_rule(strokeWidth=6, opacity=0.4, **common)
    pinned = _dataset("pinned").mark_line(strokeWidth=1.2, opacity=0.8, **common)
    path = _dataset("path").mark_line(strokeWidth=2.5, **common)
    observed = _dataset("observed").mark_point(
        filled=False, fill="transparent", size=36, strokeWidth=1.4, **common
    )
    note = _dataset("note").encode(x, y, alt.Text("text:N"))
    chosen = _dataset("chosen").mark_rule(strokeWidth=1.6, color=by_page(*TEXT), **common)
    guess = _dataset("guess").encode(x, y)
    guess_text = guess.encode(alt.Text(value="your guess"))
    own = _dataset("own").mark_point(shape="cross", filled=True, size=70, opacity=1, **common)
    event = _dataset("event").mark_rule(strokeWidth=1, color=GREY, opacity=0.7, **common)
    event_text = _dataset("event").encode(x, alt.Text("text:N"))
    event_place = {"baseline": "top", "dx": 4, "y": alt.ExprRef("2 + 14 * datum.row")}
    ends = _dataset("axis").mark_rule(opacity=0, **common)  # Vega drops a dataset that no mark uses
    return alt.layer(
        band.encode(x, low, high, colour),
        event.encode(x),
        chosen.encode(x),
        *with_halo(event_text, align="left", fontSize=11, invalid=None, **event_place),
        ranges.encode(x, low, high, colour),
        pinned.encode(x, y, colour),
        path.encode(x, y, colour, platform_dash()),
        observed.encode(x, y, colour, shape),
        own.encode(x, y, colour),
        guess.mark_point(
            shape="diamond", filled=True, size=130, color=by_page(*TEXT), opacity=1, **common
        ),
        *with_halo(guess_text, align="right", fontSize=12, dx=-11, dy=-9, invalid=None),
        *with_halo(note, align="left", fontSize=11, dx=8, dy=-9, invalid=None),
        *_ends(x, y_scale, colour),
        ends.encode(alt.X("start:Q")),
        _hover(x),
    ).properties(
        height=HEIGHT,
        title=alt.TitleParams(
            given("title"), anchor="start", fontSize=13, fontWeight="normal", offset=8
        ),
    )


def _ends(x: alt.X, scale: alt.Scale, colour: alt.Color) -> list[alt.Chart]:
    """At the right end: the ranges of the rivals as brackets, and a label for each platform."""
    common = {"aria": False, "invalid": None}
    low, high, y = (alt.Y(f"{name}:Q").scale(scale) for name in ("low", "high", "users"))
    base = _dataset("end")
    layers = []
    for k, name in enumerate(PLATFORMS[1:]):
        one = base.transform_filter(f"datum.platform === '{name}'")
        place = {"xOffset": 7 + 8 * k, **common}
        bracket = one.mark_rule(strokeWidth=1.5, **place)
        layers.append(bracket.encode(x, low, alt.Y2("high:Q"), colour))
        tick = one.mark_tick(orient="horizontal", size=6, thickness=1.5, **place)
        layers += [tick.encode(x, end, colour) for end in (low, high)]
    label = {"align": "left", "dx": 26, **common}
    bold = base.mark_text(fontSize=13, fontWeight="bold", dy=-6, **label)
    small = base.mark_text(fontSize=11.5, dy=9, **label)
    widest = base.mark_text(fontSize=11.5, opacity=0, text=WIDEST, **label)
    return [
        *layers,
        bold.encode(x, y, colour, alt.Text("label:N")),
        small.encode(x, y, colour, alt.Text("range:N")),
        widest.encode(x, y),
    ]


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
    at = alt.selection_point(
        name="at", on="click", nearest=True, fields=["name"], empty=False, toggle=False
    )
    return (
        _dataset("quarter")
        .mark_rule(color=GREY, aria=False, invalid=None, tooltip=alt.ExprRef(tooltip))
        .encode(x, opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)))
        .add_params(nearest, at)
    )


# by whether the page is on a phone
FANS = {False: adoption_fan, True: partial(adoption_fan, source=None)}
