"""Chart of WeChat's difference from the pinned scenario, and its rows."""

import altair as alt
import pandas as pd

from model.analysis.bands import RANGES
from model.analysis.comparison import Comparison
from model.messengers import PLATFORMS
from pages.parts.charts import theme
from pages.parts.wording.difference import LINES_TITLE, signed

HEIGHT = 118  # pixels, with title and years


def difference_lines() -> alt.LayerChart:
    """WeChat less its pinned line, with 50 and 80% of the paired runs.

    frame : see difference_rows
    """
    axis = {"tickCount": 3, "labelColor": theme.TEXT, "minExtent": 34}
    users, low = (alt.Y(f"{name}:Q").title(None).axis(**axis) for name in ("users", "low"))
    zero = alt.Chart(theme.FRAME).mark_rule(color=theme.GREY, aria=False).encode(alt.YDatum(0))
    base = alt.Chart(theme.FRAME).encode(theme.YEARS, color=theme.platform_colour())
    label = base.mark_text(align="left", dx=7, fontWeight="bold", baseline="middle")
    return alt.layer(
        zero,
        base.mark_area(opacity=0.16).encode(low, alt.Y2("high:Q")),
        base.mark_area(opacity=0.22).encode(alt.Y("low50:Q"), alt.Y2("high50:Q")),
        base.mark_line(strokeWidth=2.5).encode(users, theme.platform_dash()),
        label.encode(users, alt.Text("label:N")),
    ).properties(height=HEIGHT, title=theme.small_title(LINES_TITLE))


def difference_rows(difference: Comparison) -> pd.DataFrame:
    """A row for each quarter.

    columns : year (decimal), platform (WeChat), users, low, high (80% of the runs), low50, high50
        (50%), all in million people;  label, at the end
    """
    total = difference.total
    columns = {"users": total.line, **{end: getattr(total, end) for end in RANGES}}
    frame = pd.DataFrame({name: values[:, 0].round(3) for name, values in columns.items()})
    frame = frame.assign(year=difference.times, platform=PLATFORMS[0], label="")
    at_end = signed(float(total.line[-1, 0]), float(difference.percent[0]))
    frame.loc[frame.index[-1], "label"] = at_end
    return frame
