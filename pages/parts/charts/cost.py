"""Bars of the WeChat users that concern costs in each market, and their rows."""

import altair as alt
import pandas as pd

from model.analysis.bands import Answer
from model.analysis.market_facts import market_table
from model.number_text import users_text
from pages.parts.charts.theme import FRAME, GREY

NONE = 0.005  # million users; less is none


def cost_bars() -> alt.LayerChart:
    """WeChat users lost to concern by market.

    frame : see cost_rows
    """
    markets = alt.Y("market:N").title(None).axis(labelLimit=160, labelOverlap=False).sort("-x")
    lost = alt.X("lost:Q").title("WeChat users lost to concern (million)").axis(tickCount=5)
    base = alt.Chart(FRAME).encode(markets, lost)
    bars = base.mark_bar(height=13, color=GREY, opacity=0.6)
    label = base.mark_text(align="left", dx=5, color=GREY).encode(alt.Text("label:N"))
    return alt.layer(bars, label).properties(height=520)


def cost_rows(answer: Answer) -> pd.DataFrame:
    """A row for each market, most users lost first: market, lost (million people), label."""
    frame = market_table(answer).sort_values("lost", ascending=False)
    labels = [users_text(value) if value >= NONE else "none" for value in frame.lost]
    return pd.DataFrame({"market": frame.name, "lost": frame.lost, "label": labels})
