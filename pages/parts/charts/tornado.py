"""Charts and rows of the tornado and of the Sobol indices."""

import altair as alt
import pandas as pd

from model.analysis.sensitivity import NAMES, Indices, Tornado
from model.scenario.settings import all_settings
from pages.parts.charts.theme import FRAME, GREY, tooltip

MOST = 12  # bars that are shown
SETTINGS = (
    alt.Y("label:N")
    .sort(alt.EncodingSortField("rank", op="min"))
    .title(None)
    .axis(labelLimit=260, labelOverlap=False)
)


def tornado_bars() -> alt.LayerChart:
    """WeChat's users with each setting at the ends of its plausible range.

    frame : see tornado_rows
    """
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    base = alt.Chart(FRAME)
    x = (
        alt.X("users:Q")
        .title("WeChat users at the end (million)")
        .scale(type="sqrt", nice=False)
        .axis(tickCount=8, grid=False)
    )
    titles = {"label:N": "Setting", "value_text:N": "Set to", "users:Q": "WeChat users, million"}
    bars = base.mark_bar(height=15, cursor="pointer").encode(
        SETTINGS,
        x,
        alt.X2("now:Q"),
        alt.Opacity("end:N").scale(domain=["low", "high"], range=[0.35, 0.85]).legend(None),
        alt.ColorValue(GREY),
        tooltip=tooltip(titles),
    )
    ends = base.encode(SETTINGS, alt.X("label_at:Q"), alt.Text("value_text:N"))
    left, right = (
        ends.transform_filter(f"datum.side === '{side}'").mark_text(
            align=align, dx=dx, color=GREY, fontSize=11
        )
        for side, align, dx in (("left", "right", -4), ("right", "left", 4))
    )
    line = base.mark_rule(color=GREY, strokeDash=[3, 3]).encode(alt.X("now:Q", aggregate="max"))
    return alt.layer(bars.add_params(pick), left, right, line).properties(height=alt.Step(24))


def tornado_rows(result: Tornado) -> pd.DataFrame:
    """Two rows a setting, one for each end of its range, the longest bars first.

    columns : setting, label, end (low | high), value (in the setting's unit), value_text (with its
        unit), users (million people), side of the text (left | right), label_at (its place,
        million people), now (users of the scenario, million people), rank
    """
    rows = []
    for rank, bar in enumerate(result.bars[:MOST]):
        setting = all_settings()[bar.setting]
        fewest = "low" if bar.users_low <= bar.users_high else "high"
        for end, value, users in (
            ("low", bar.low, float(bar.users_low)),
            ("high", bar.high, float(bar.users_high)),
        ):
            # outside the bars even where both ends lie on one side of now
            outer = min if end == fewest else max
            rows.append(
                {
                    "setting": bar.setting,
                    "label": setting.label,
                    "end": end,
                    "value": value,
                    "value_text": setting.format(value),
                    "users": round(users, 3),
                    "side": "left" if end == fewest else "right",
                    "label_at": round(float(outer(users, result.users)), 3),
                    "now": round(float(result.users), 3),
                    "rank": rank,
                }
            )
    return pd.DataFrame(rows)


def sobol_bars() -> alt.LayerChart:
    """Shares of the variance by setting: alone, and with interactions.

    frame : see sobol_rows
    """
    share = alt.X("share:Q").title("Share of the spread (variance)").axis(format="%", tickCount=5)
    base = alt.Chart(FRAME).encode(SETTINGS, share)
    total = base.transform_filter("datum.part === 'with others'").mark_bar(
        height=15, color=GREY, opacity=0.35
    )
    alone = base.transform_filter("datum.part === 'alone'").mark_bar(height=9, color=GREY)
    return alt.layer(total, alone).properties(height=alt.Step(24))


def sobol_rows(indices: Indices) -> pd.DataFrame:
    """Two rows a setting: label, rank, part (alone | with others), share of the variance (0-1)."""
    labels = [all_settings()[name].label for name in NAMES]
    settings = {"label": labels, "rank": (-indices.total).argsort().argsort()}
    alone = pd.DataFrame({**settings, "part": "alone", "share": indices.first.clip(0)})
    total = pd.DataFrame({**settings, "part": "with others", "share": indices.total.clip(0)})
    return pd.concat([alone, total], ignore_index=True)
