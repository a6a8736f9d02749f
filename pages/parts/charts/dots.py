"""The quantile dotplot: WeChat's users at the end as 50 dots, against the lines of its rivals.

Each dot is 2% of the runs. Source: Kay, Kola, Hullman & Munson (2016), When (ish) is my bus?,
Proc. CHI, doi:10.1145/2858036.2858558.
"""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import Answer, quantile_dots
from model.messengers import PLATFORMS
from model.number_text import about
from pages.parts.charts.theme import FRAME, TEXT, platform_colour, platform_dash

COUNT = 50
COLUMNS = 28  # places across the chart in which dots are stacked
HIGHEST = 12  # dots above each other for which there is room


def dotplot() -> alt.LayerChart:
    """Fifty dots on the axis of users, and a line for each rival.

    frame : see dot_rows
    """
    users = (
        alt.X("users:Q")
        .title("Users at the end, million (square-root scale)")
        .scale(type="sqrt", nice=False, domainMin=0)
        .axis(grid=False, tickCount=6, labelColor=TEXT, titleColor=TEXT)
    )
    height = alt.Y("height:Q").axis(None).scale(domain=[0, HIGHEST], nice=False)
    base = alt.Chart(FRAME)
    dots = (
        base.transform_filter("datum.kind === 'dot'")
        .mark_point(filled=True, size=95, opacity=1, aria=False)
        .encode(users, height, platform_colour())
    )
    rivals = base.transform_filter("datum.kind === 'line'")
    lines = rivals.mark_rule(strokeWidth=2.5, aria=False).encode(
        users, platform_colour(), platform_dash()
    )
    labels = rivals.mark_text(align="left", dx=6, fontWeight="bold", fontSize=12).encode(
        users, height, alt.Text("label:N"), platform_colour()
    )
    return alt.layer(lines, dots, labels).properties(height=200)


def dot_rows(answer: Answer) -> pd.DataFrame:
    """A row for each dot and for each rival's line.

    columns : kind (dot, line);  platform;  users (million people);  height (dots above the axis);
        label (of lines)
    """
    dots = quantile_dots(answer.drawn[-1, 0], COUNT)
    ends = answer.path[-1, 1:]
    place = np.floor(np.sqrt(dots / max(dots.max(), ends.max(), 1e-9)) * COLUMNS)
    height = pd.Series(place).groupby(place).cumcount() + 0.5
    parts = [
        pd.DataFrame({"kind": "dot", "platform": PLATFORMS[0], "users": dots}).assign(
            height=height * min(1.0, HIGHEST / (height.max() + 1.5))
        )
    ]
    labels = [f"{name} {about(users)}" for name, users in zip(PLATFORMS[1:], ends, strict=True)]
    heights = [HIGHEST - 1.0, HIGHEST - 2.5]
    line = {"kind": "line", "platform": PLATFORMS[1:], "users": ends}
    parts.append(pd.DataFrame({**line, "height": heights, "label": labels}))
    return pd.concat(parts, ignore_index=True)
