"""Chart, rows and table of the difference from the pinned scenario."""

from collections.abc import Iterable

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.comparison import Comparison
from pages.parts import wording
from pages.parts.charts.fan_data import apart
from pages.parts.charts.market_data import names
from pages.parts.charts.theme import (
    FRAME,
    GREY,
    PLATFORMS,
    YEARS,
    platform_colour,
    platform_dash,
)


def difference_lines() -> alt.LayerChart:
    """WeChat, LINE and KakaoTalk less their pinned lines, with the band of the paired runs.

    frame : see difference_rows
    """
    title = "Difference from the pinned (million users)"
    base = alt.Chart(FRAME)
    zero = base.mark_rule(color=GREY).encode(alt.YDatum(0))
    colour = platform_colour()
    band = base.mark_area(opacity=0.16).encode(
        YEARS, alt.Y("low:Q").title(title), alt.Y2("high:Q"), colour
    )
    line = base.mark_line(strokeWidth=2.5).encode(YEARS, alt.Y("users:Q"), colour, platform_dash())
    label = base.mark_text(align="left", dx=7, fontWeight="bold").encode(
        YEARS, alt.Y("label_at:Q"), alt.Text("label:N"), colour
    )
    return alt.layer(zero, band, line, label).properties(height=300)


def difference_rows(difference: Comparison) -> pd.DataFrame:
    """A row for each quarter and platform.

    columns : year (decimal), platform, users, low, high (million people); at the end also label
        and label_at (its height, million people)
    """
    count, size = len(PLATFORMS), difference.times.size
    ends = difference.path[-1]
    height = max(abs(difference.low).max(), abs(difference.high).max(), 1e-9)
    labels = [f"{k} {wording.signed(v)}" for k, v in zip(PLATFORMS, ends, strict=True)]
    blank = np.full(count * (size - 1), np.nan)
    return pd.DataFrame(
        {
            "year": np.repeat(difference.times, count),
            "platform": PLATFORMS * size,
            "users": difference.path.ravel().round(3),
            "low": difference.low.ravel().round(3),
            "high": difference.high.ravel().round(3),
            "label": [""] * blank.size + labels,
            "label_at": [*blank, *apart(ends, 0.08 * height)],
        }
    )


def difference_by_market(difference: Comparison) -> pd.DataFrame:
    """One row a market: each platform's difference at the end and its band, million people."""
    columns: dict[str, Iterable] = {"Market": [names()[market] for market in difference.names]}
    for k, platform in enumerate(PLATFORMS):
        columns[platform] = difference.markets[k].round(2)
        ends = zip(difference.market_low[k], difference.market_high[k], strict=True)
        columns[f"80% of runs, {platform}"] = [
            "" if np.isnan(low) else f"{low:+.2f} to {high:+.2f}" for low, high in ends
        ]
    return pd.DataFrame(columns).sort_values("WeChat", key=abs, ascending=False)
