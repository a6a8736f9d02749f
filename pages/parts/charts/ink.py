"""Colours that follow the page, light or dark, for marks without a platform.

`background` is the colour of the page, which Streamlit gives to each chart. Texts are at least
4.5:1 on the page, marks at least 3:1.
"""

from typing import Any

import altair as alt

PAGE = alt.ExprRef("background || '#ffffff'")
TEXT = ("#4a4e5a", "#c0c4cf")  # of texts on them
LINE = "#7d8290"  # of lines, on both
LOW, HIGH = "#7b68c8", "#c2543a"  # of the low and the high end of a range, on both


def by_page(light: str, dark: str) -> alt.ExprRef:
    """One colour on the light page, another on the dark one."""
    return alt.ExprRef(f"luminance({PAGE.expr}) > 0.4 ? '{light}' : '{dark}'")


def with_halo(chart: alt.Chart, colour: Any = None, **mark: Any) -> list[alt.Chart]:
    """A text and, beneath it, its edge in the colour of the page, so that lines do not cross it.

    colour : an encoding; the ink of texts without it
    """
    mark = {"fontSize": 12, "aria": False, **mark}
    edge = {"stroke": PAGE, "strokeWidth": 4, "strokeJoin": "round"}
    beneath = chart.mark_text(**mark, **edge, color=PAGE)
    if colour is None:
        return [beneath, chart.mark_text(**mark, color=by_page(*TEXT))]
    return [beneath, chart.mark_text(**mark).encode(color=colour)]
