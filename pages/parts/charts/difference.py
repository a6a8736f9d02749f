"""Chart of WeChat's difference from the pinned scenario, and its rows."""

import altair as alt
import pandas as pd

from model.analysis.bands import RANGES
from model.analysis.comparison import Comparison
from model.messengers import PLATFORMS
from pages.parts.charts.theme import (
    FRAME,
    GREY,
    TEXT,
    YEARS,
    platform_colour,
    platform_dash,
    small_title,
)
from pages.parts.wording.compare import LINES_TITLE, signed

HEIGHT = 118  # pixels, with title and years


def difference_lines() -> alt.LayerChart:
    """WeChat less its pinned line, with 50 and 80% of the paired runs.

    frame : see difference_rows
    """
    base = alt.Chart(FRAME).encode(color=platform_colour())
    axis = {"tickCount": 3, "labelColor": TEXT, "minExtent": 34}
    users, low = (alt.Y(f"{name}:Q").title(None).axis(**axis) for name in ("users", "low"))
    return alt.layer(
        alt.Chart(FRAME).mark_rule(color=GREY, aria=False).encode(alt.YDatum(0)),
        base.mark_area(opacity=0.16).encode(YEARS, low, alt.Y2("high:Q")),
        base.mark_area(opacity=0.22).encode(YEARS, alt.Y("low50:Q"), alt.Y2("high50:Q")),
        base.mark_line(strokeWidth=2.5).encode(YEARS, users, platform_dash()),
        base.mark_text(align="left", dx=7, fontWeight="bold", baseline="middle").encode(
            YEARS, users, alt.Text("label:N")
        ),
    ).properties(height=HEIGHT, title=small_title(LINES_TITLE))


def difference_rows(difference: Comparison) -> pd.DataFrame:
    """A row for each quarter.

    columns : year (decimal), platform (WeChat), users, low, high (80% of the runs), low50, high50
        (50%), all in million people;  label, at the end
    """
    total = difference.total
    label = signed(float(total.line[-1, 0]), float(difference.percent[0]))
    columns = {"users": total.line, **{end: getattr(total, end) for end in RANGES}}
    return pd.DataFrame(
        {
            "year": difference.times,
            "platform": PLATFORMS[0],
            **{name: values[:, 0].round(3) for name, values in columns.items()},
            "label": [""] * (difference.times.size - 1) + [label],
        }
    )
