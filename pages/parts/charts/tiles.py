"""Markets as tiles, coloured by WeChat's share of people online, and their rows."""

from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.analysis.market_facts import market_table
from model.evidence import load_evidence
from model.quarters import quarter_name
from pages.parts.charts.theme import FRAME, LINE, by_page, tooltip

SHADES = (1.0, 2.0, 5.0, 10.0, 20.0)  # least WeChat share of each darker class of tiles, %
NARROW_COLUMNS = 3  # tiles side by side on a phone
SHORT_NAMES = {
    "United States": "US",
    "United Kingdom": "UK",
    "Rest of the world": "Rest of world",
}
SHORT_LEADERS = {
    "Facebook Messenger": "Messenger",
    "Facebook Messenger / WhatsApp": "Messenger, WhatsApp",
    "Facebook Messenger / Viber": "Messenger, Viber",
}
NARROW = 560  # pixels; on a narrower chart three tiles are side by side
# fill and text of each class of the share, on the light page and on the dark one
ON_LIGHT = (
    ("#eef5f1", "#23262f"),
    ("#d3e9df", "#23262f"),
    ("#a5d3bf", "#23262f"),
    ("#5aa583", "#0b0d12"),
    ("#0b7043", "#ffffff"),
    ("#03432a", "#ffffff"),
)
ON_DARK = (
    ("#16231d", "#e6e8ee"),
    ("#17382b", "#e6e8ee"),
    ("#16503a", "#e6e8ee"),
    ("#137150", "#ffffff"),
    ("#2fa87b", "#06080c"),
    ("#7fe0b9", "#06080c"),
)
CLASSES = ("under 1%", *(f"{low:g} to {high:g}%" for low, high in pairwise(SHADES)), "20% or more")
TIPS = {
    "market:N": "Market",
    "users:Q": "WeChat, million",
    "share:N": "WeChat, share of people online",
    "leader:N": "Strongest messenger",
    "basis:N": "WeChat's start",
}


def _colours(which: int) -> alt.Scale:
    """Fill (0) or text (1) by class, following the page."""
    pairs = zip(ON_LIGHT, ON_DARK, strict=True)
    return alt.Scale(
        domain=list(range(len(CLASSES))),
        range=[by_page(light[which], dark[which]) for light, dark in pairs],
    )


def tile_map() -> alt.LayerChart:
    """The markets where they lie, on a phone three side by side with most users first.

    frame : see tile_rows
    """
    place = f"width < {NARROW} ? datum.narrow_{{0}} : datum.{{0}}"
    base = (
        alt.Chart(FRAME)
        .transform_calculate(across=place.format("column"), down=place.format("row"))
        .encode(
            alt.X("across:O").axis(None).scale(paddingInner=0.06, paddingOuter=0.02),
            alt.Y("down:O").axis(None).scale(paddingInner=0.08, paddingOuter=0.02),
        )
    )
    labels = " : ".join(f"datum.value == {i} ? '{name}'" for i, name in enumerate(CLASSES))
    legend = alt.Legend(
        orient="top",
        title="WeChat's share of people online",
        titleLimit=300,
        direction="horizontal",
        columns=3,
        symbolType="square",
        symbolStrokeWidth=0,
        symbolSize=160,
        labelExpr=f"{labels} : ''",
    )
    # a rectangle takes no dash from a scale
    dashes = alt.ExprRef("datum.basis === 'allocated' ? [4, 3] : [1, 0]")
    pick = alt.selection_point(name="tile", fields=["code"], empty=False)
    tile = (
        base.mark_rect(
            cornerRadius=4, strokeWidth=1.4, stroke=LINE, strokeDash=dashes, cursor="pointer"
        )
        .encode(
            alt.Fill("shade:O").scale(_colours(0)).legend(legend),
            tooltip=tooltip(TIPS),
        )
        .add_params(pick)
    )
    texts = [
        base.mark_text(
            dy=dy, fontSize=size, fontWeight=weight, aria=False, cursor="pointer"
        ).encode(
            alt.Color("shade:O").scale(_colours(1)).legend(None),
            alt.Text(field),
            tooltip=tooltip(TIPS),
        )
        for field, dy, size, weight in (
            ("name:N", -16, 12, "bold"),
            ("share:N", 1, 15, "normal"),
            ("leader_name:N", 17, 11, "normal"),
        )
    ]
    return alt.layer(tile, *texts).properties(height=540)


def tile_rows(answer: Answer) -> pd.DataFrame:
    """One row a market, with its places, WeChat's share and who leads.

    shade : class of the share;  basis : whether WeChat's start is allocated or from a figure
    narrow_column, narrow_row : its place on a phone, most WeChat users first
    """
    frame = market_table(answer)
    known = load_evidence().markets.set_index("market").loc[frame.index]
    base = load_evidence().installed_base
    base = base[(base.origin == quarter_name(answer.times[0])) & (base.platform == "WeChat")]
    basis = base.set_index("market").basis[frame.index]
    return pd.DataFrame(
        {
            "code": frame.index,
            "market": frame.name,
            "name": frame.name.replace(SHORT_NAMES),
            "column": known.tile_column,
            "row": known.tile_row,
            "narrow_column": np.arange(len(frame)) % NARROW_COLUMNS,
            "narrow_row": np.arange(len(frame)) // NARROW_COLUMNS,
            "leader": frame.strongest,
            "leader_name": frame.strongest.replace(SHORT_LEADERS),
            "share": [share_text(share) for share in frame.share],
            "shade": np.digitize(frame.share, SHADES),
            "basis": np.where(basis == "allocated", "allocated", "from a figure"),
            "users": frame.WeChat,
        }
    )


def share_text(share: float) -> str:
    """A share of people online, in %: "0.4%", "23%", and "0%" below 0.05."""
    return f"{share:.0f}%" if share >= 9.95 or share < 0.05 else f"{share:.1f}%"
