"""Chart, rows and table of the difference from the pinned scenario."""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import RANGES
from model.analysis.comparison import Comparison
from model.analysis.market_facts import market_names
from model.number_text import two_digits
from pages.parts.charts.theme import (
    FRAME,
    GREY,
    PLATFORMS,
    YEARS,
    apart,
    platform_colour,
    platform_dash,
)
from pages.parts.wording.difference import signed
from pages.parts.wording.markets import UNPLACED

COLUMNS = {
    "WeChat": {"label": "WeChat, million", "type": "number"},
    "Percent": {"label": "WeChat, %", "type": "number"},
    "Range": {"label": "WeChat, 80% of runs, million"},
    "LINE": {"label": "LINE, million", "type": "number"},
    "KakaoTalk": {"label": "KakaoTalk, million", "type": "number"},
}


def difference_lines() -> alt.LayerChart:
    """WeChat, LINE and KakaoTalk less their pinned lines, with 50 and 80% of the paired runs.

    frame : see difference_rows
    """
    title = "Difference from the pinned (million users)"
    base = alt.Chart(FRAME)
    zero = base.mark_rule(color=GREY, aria=False).encode(alt.YDatum(0))
    colour = platform_colour()
    band = base.mark_area(opacity=0.16).encode(
        YEARS, alt.Y("low:Q").title(title), alt.Y2("high:Q"), colour
    )
    inner = base.mark_area(opacity=0.22).encode(YEARS, alt.Y("low50:Q"), alt.Y2("high50:Q"), colour)
    line = base.mark_line(strokeWidth=2.5).encode(YEARS, alt.Y("users:Q"), colour, platform_dash())
    label = base.mark_text(align="left", dx=7, fontWeight="bold").encode(
        YEARS, alt.Y("label_at:Q"), alt.Text("label:N"), colour
    )
    return alt.layer(zero, band, inner, line, label).properties(height=300)


def difference_rows(difference: Comparison) -> pd.DataFrame:
    """A row for each quarter and platform.

    columns : year (decimal), platform, users, low, high (80% of the runs), low50, high50 (50%),
        all in million people; at the end also label and label_at (its height, million people)
    """
    count, size, total = len(PLATFORMS), difference.times.size, difference.total
    ends = total.line[-1]
    height = max(total.high.max() - total.low.min(), 1e-9)
    labels = [
        f"{platform} {signed(users, percent)}"
        for platform, users, percent in zip(PLATFORMS, ends, difference.percent, strict=True)
    ]
    blank = np.full(count * (size - 1), np.nan)
    return pd.DataFrame(
        {
            "year": np.repeat(difference.times, count),
            "platform": PLATFORMS * size,
            "users": total.line.ravel().round(3),
            **{end: getattr(total, end).ravel().round(3) for end in RANGES},
            "label": [""] * blank.size + labels,
            "label_at": [*blank, *apart(ends, 0.08 * height)],
        }
    )


def difference_by_market(difference: Comparison) -> pd.DataFrame:
    """One row a market, the largest difference of WeChat's users first, and one that closes sums.

    That one is in one market or another, nobody knows which: the total less the rows as printed.

    columns : Market;  WeChat, LINE, KakaoTalk (million people at the end);  Percent (the
        middle of the runs' own changes of WeChat's users, %);  Range (80% of these runs)
    """
    names = market_names()
    ends = zip(difference.markets.low[0], difference.markets.high[0], strict=True)
    wechat, *rivals = (np.vectorize(two_digits)(cells) + 0.0 for cells in difference.markets.line)
    columns = {
        "Market": [names[market] for market in difference.names],
        "WeChat": wechat,
        "Percent": difference.markets_percent[0].round(),
        "Range": ["" if np.isnan(low) else _range(low, high) for low, high in ends],
        **dict(zip(PLATFORMS[1:], rivals, strict=True)),
    }
    order = np.argsort(-abs(difference.markets.line[0]), kind="stable")
    rows = pd.DataFrame(columns).iloc[order]
    rest = two_digits(float(difference.total.line[-1, 0])) - rows.WeChat.sum()
    last = {"Market": UNPLACED, "WeChat": round(rest, 1) + 0.0, "Range": ""}
    return pd.concat([rows, pd.DataFrame([last])], ignore_index=True)


def _range(low: float, high: float) -> str:
    """Two ends of a difference: "-8 to -0.1"."""
    ends = [f"{end:+g}" if end else "0" for end in map(two_digits, (low, high))]
    return " to ".join(dict.fromkeys(ends))
