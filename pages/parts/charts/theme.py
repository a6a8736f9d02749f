"""Colours, dashes, axes, labels and tooltips that the charts share.

A platform's colour comes from the theme by domain, so light and dark follow the reader's choice.
Every platform also has its own dash and shape, and its name at the end of its line: never colour
alone. Other marks follow `background`, the colour of the page, which Streamlit gives to each chart.
Texts are at least 4.5:1 on the page, marks at least 3:1.
"""

from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from model import messengers

PLATFORMS = list(messengers.PLATFORMS)
FRAME = alt.NamedData("frame")
ESTABLISHED = "Established messenger"  # as a kind of leader, beside the platforms

NARROW = "width < 480"  # of a chart on a phone, as an expression
PAGE = alt.ExprRef("background || '#ffffff'")
TEXT_COLOURS = ("#4a4e5a", "#c0c4cf")  # on the light page, on the dark one
GREY = "#808495"  # readable on both, as the following
NEUTRAL = "#757985"  # of established messengers
LINE = "#7d8290"
LOW, HIGH = "#7b68c8", "#c2543a"  # of the low and the high end of a range


def by_page(light: str, dark: str) -> alt.ExprRef:
    """One colour on the light page, another on the dark one."""
    return alt.ExprRef(f"luminance({PAGE.expr}) > 0.4 ? '{light}' : '{dark}'")


TEXT = by_page(*TEXT_COLOURS)
YEARS = (
    alt.X("year:Q")
    .axis(format="d", tickCount=8, grid=False, labelColor=TEXT)
    .title(None)
    .scale(nice=False)
)
HERE = by_page("#000000", "#ffffff")  # of marks of the present scenario
OUR_READING = {"strokeWidth": 6, "opacity": 0.8, "aria": False}  # the bar of a range that we read
BESIDE = {"align": "left", "baseline": "middle", "color": TEXT, "aria": False}  # of texts
# of a place that is not drawn, but says its numbers and can be clicked
UNSEEN = {"fillOpacity": 0, "strokeOpacity": 0, "cursor": "pointer", "aria": False}


def platform_colour() -> alt.Color:
    """Each platform's colour in the theme, by the field `platform`; so below."""
    return alt.Color("platform:N").scale(domain=PLATFORMS).legend(None)


def platform_dash() -> alt.StrokeDash:
    """Each platform's dash."""
    dashes = [[8, 3], [3, 3], [1, 2]]
    return alt.StrokeDash("platform:N").scale(domain=PLATFORMS, range=dashes).legend(None)


def platform_shape() -> alt.Shape:
    """Each platform's shape."""
    shapes = ["circle", "square", "triangle-up"]
    return alt.Shape("platform:N").scale(domain=PLATFORMS, range=shapes).legend(None)


def small_title(text: str | alt.ExprRef) -> alt.TitleParams:
    """A title above a chart, its unit, in the size of a caption; it is cut off on a phone."""
    style = {"anchor": "start", "fontSize": 12.5, "fontWeight": "normal", "offset": 8}
    return alt.TitleParams(text, **style, color=TEXT, limit=alt.ExprRef("width + 150"))


def of_kind(chart: alt.Chart, kind: str) -> alt.Chart:
    """The chart of the rows of one kind."""
    return chart.transform_filter(f"datum.kind === '{kind}'")


def in_short(text: str) -> str:
    """Users in the few letters of a label: "13 million" as "13 M"."""
    return text.replace(" million", " M").replace(" billion", " bn")


def tooltip(titles: dict[str, str]) -> list[alt.Tooltip]:
    """A tooltip with the fields of `titles` (field: title); numbers with three digits."""
    return [
        alt.Tooltip(field, title=title, **{"format": ",.3~r"} if field.endswith(":Q") else {})
        for field, title in titles.items()
    ]


def with_halo(chart: alt.Chart, colour: Any = None, **mark: Any) -> list[alt.Chart]:
    """A text and, beneath it, its edge in the colour of the page, so that lines do not cross it.

    colour : an encoding; without it texts have their usual colour
    """
    mark = {"fontSize": 12, "aria": False, **mark}
    edge = {"color": PAGE, "stroke": PAGE, "strokeWidth": 4, "strokeJoin": "round"}
    above = chart.mark_text(**{**mark, "color": TEXT})
    return [chart.mark_text(**mark | edge), above.encode(color=colour) if colour else above]


def apart(values: NDArray, least: float) -> NDArray:
    """`values` moved up so that no two are nearer than `least`."""
    order, heights = np.argsort(values), np.array(values, dtype=float)
    for lower, upper in zip(order, order[1:], strict=False):
        heights[upper] = max(heights[upper], heights[lower] + least)
    return heights
