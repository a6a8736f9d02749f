"""Colours that follow the page, light or dark, in the browser: for marks without a platform.

`background` is the colour of the page that Streamlit gives to each chart. Texts are at least 4.5:1
on the page, marks at least 3:1.
"""

import altair as alt

LIGHT, DARK = "#ffffff", "#0e1117"  # the pages
INK = ("#4a4e5a", "#c0c4cf")  # of texts, on the light page and on the dark one
LINE = ("#7d8290", "#7d8290")  # of lines without a platform
LOW, HIGH = ("#7b68c8", "#c2543a")  # of the low and the high end of a range, on both pages


def is_light() -> str:
    """A Vega expression: whether the page is light."""
    return f"luminance(background || '{LIGHT}') > 0.4"


def by_page(light: str, dark: str) -> alt.ExprRef:
    """One colour on the light page, another on the dark one."""
    return alt.ExprRef(f"{is_light()} ? '{light}' : '{dark}'")


def ink() -> alt.ExprRef:
    """The colour of texts."""
    return by_page(*INK)


def halo(text: alt.Chart, width: int = 4) -> alt.Chart:
    """The same text in the colour of the page and wider, to lie beneath a text on lines."""
    page = by_page(LIGHT, DARK)
    mark = text.mark.to_dict() | {"stroke": page, "strokeWidth": width, "strokeJoin": "round"}
    beneath = text.copy(deep=["encoding"])
    beneath.mark = alt.MarkDef(**mark | {"color": page})
    beneath.encoding.color = alt.Undefined
    return beneath
