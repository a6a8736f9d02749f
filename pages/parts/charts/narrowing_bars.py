"""Bars of what would narrow the range; beside each, what is known of the setting."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from model.analysis.narrowing import Narrowing, label
from pages.parts.charts.theme import FRAME, LINE, SETTINGS, TEXT, tooltip
from pages.parts.wording import levers as wording

MOST = 8  # bars
BAR = "#4f7fa8"  # at least 3:1 on the light page and on the dark one


def reduction_bars() -> alt.LayerChart:
    """How much narrower the range would be, a bar a setting, with two standard errors.

    frame : see reduction_rows
    """
    narrower = (
        alt.X("reduction:Q")
        .title("Narrower by, % of the width of WeChat's range")
        .scale(domainMin=0, nice=False)
        .axis(grid=True, tickCount=6, labelColor=TEXT, titleColor=TEXT)
    )
    tips = tooltip({"label:N": "Setting", "text:N": "Narrower by", "known:N": "Known so far"})
    base = alt.Chart(FRAME).encode(SETTINGS)
    bars = base.mark_bar(height=13, color=BAR).encode(narrower, tooltip=tips)
    errors = base.mark_rule(color=LINE, strokeWidth=1.5, aria=False).encode(
        alt.X("low:Q"), alt.X2("high:Q")
    )
    known = base.mark_text(
        align="left", dx=8, baseline="middle", fontSize=12, color=TEXT, limit=260
    ).encode(alt.X("high:Q"), alt.Text("known:N"))
    room = base.mark_rule(opacity=0, aria=False).encode(alt.X("room:Q"))
    return alt.layer(bars, errors, known, room).properties(height=alt.Step(27))


def reduction_rows(found: Sequence[Narrowing]) -> pd.DataFrame:
    """A row for each of the first settings.

    columns : rank;  label;  reduction, low, high (%, the ends two standard errors away), room (%,
        end of the axis);  text;  known (what the fit and the sources say)
    """
    rows = [
        {
            "label": label(one.setting),
            "reduction": one.reduction,
            "low": max(one.reduction - 2 * one.error, 0.0),
            "high": one.reduction + 2 * one.error,
            "text": f"{one.reduction:.0f}%, give or take {2 * one.error:.0f}",
            "known": wording.known(one),
        }
        for one in found[:MOST]
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(rank=range(len(frame)), room=2 * max(frame.high.max(), 1.0))
