"""Markets as tiles, coloured by WeChat's share or by what concern costs there, and their rows."""

from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.analysis.market_facts import market_table, people_online
from model.evidence import load_evidence
from model.number_text import about, share_text
from model.quarters import quarter_name
from pages.parts.charts.theme import FRAME, LINE, TEXT, by_page, in_short, tooltip

HEIGHT = 390  # pixels, with the legend
PHONE_ROW = 25  # pixels of each market on a phone, a row each, most users first
# least value of each darker class of tiles: WeChat's share (%), users lost (million)
EDGES = {"share": (1.0, 2.0, 5.0, 10.0, 20.0), "cost": (0.1, 0.3, 1.0, 3.0, 10.0)}
NONE = 0.05  # million users; fewer lost are none
LEGENDS = {
    "share": ("WeChat's share of people online", "%"),
    "cost": ("WeChat users lost to concern", " M"),
}
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
# fill of each class on the light page and on the dark one, and its text on either
SHADES = {
    "share": (
        ("#eef5f1", "#d3e9df", "#a5d3bf", "#5aa583", "#0b7043", "#03432a"),
        ("#16231d", "#17382b", "#16503a", "#137150", "#2fa87b", "#7fe0b9"),
    ),
    "cost": (
        ("#f4f2fb", "#dfdaf3", "#bfb6e6", "#978ad2", "#5d4ca8", "#372a78"),
        ("#1d1b28", "#2b2647", "#3b3169", "#56479d", "#9182de", "#c8beff"),
    ),
}
INKS = (
    ("#23262f", "#23262f", "#23262f", "#0b0d12", "#ffffff", "#ffffff"),
    ("#e6e8ee", "#e6e8ee", "#e6e8ee", "#ffffff", "#06080c", "#06080c"),
)
TIPS = {
    "market:N": "Market",
    "users:Q": "WeChat, million",
    "share:N": "WeChat, share of people online",
    "share_range:N": "80% of runs",
    "lost:Q": "Lost to concern, million",
    "leader:N": "Strongest messenger",
    "basis:N": "WeChat's start",
}


def _classes(colours: tuple[tuple[str, ...], tuple[str, ...]]) -> alt.Scale:
    """A colour for each class, on the light page and on the dark one, following the page."""
    pairs = list(map(by_page, *colours))
    return alt.Scale(domain=list(range(len(pairs))), range=pairs)


def _legend(by: str) -> alt.Legend:
    """The classes of the colour, in one line."""
    (title, unit), edges = LEGENDS[by], EDGES[by]
    between = [f"{low:g} to {high:g}{unit}" for low, high in pairwise(edges)]
    names = [f"under {edges[0]:g}{unit}", *between, f"{edges[-1]:g}{unit} or more"]
    labels = " : ".join(f"datum.value == {i} ? '{name}'" for i, name in enumerate(names))
    return alt.Legend(
        **{"orient": "top", "title": title, "titleLimit": 300, "direction": "horizontal"},
        **{"symbolType": "square", "symbolStrokeWidth": 0, "symbolSize": 140, "offset": 6},
        **{"columns": len(names), "labelExpr": f"{labels} : ''", "titleOrient": "left"},
        **{"labelColor": TEXT, "titleColor": TEXT},
    )


def tile_map(*, by: str = "share", phone: bool = False) -> alt.LayerChart:
    """The markets where they lie; on a phone one below the other, most users first.

    by : share | cost, the colour
    selection : tile (code)
    frame : see tile_rows
    """
    if phone:
        places = [alt.Y("rank:O").axis(None).scale(paddingInner=0.08, paddingOuter=0)]
        across = {"x": 0, "x2": alt.ExprRef("width")}
        texts = {
            "name:N": {"align": "left", "x": 8, "fontSize": 12, "fontWeight": "bold"},
            "value_range:N": {"align": "left", "x": alt.ExprRef("0.32 * width"), "fontSize": 12},
            "leader_name:N": {"align": "right", "x": alt.ExprRef("width - 8"), "fontSize": 11},
        }
    else:
        places = [
            alt.X("column:O").axis(None).scale(paddingInner=0.05, paddingOuter=0),
            alt.Y("row:O").axis(None).scale(paddingInner=0.07, paddingOuter=0),
        ]
        across = {}
        texts = {
            "name:N": {"dy": -21, "fontSize": 12, "fontWeight": "bold"},
            "value:N": {"dy": -6, "fontSize": 14},
            "range:N": {"dy": 8, "fontSize": 11},
            "leader_name:N": {"dy": 21, "fontSize": 11},
        }
    base = alt.Chart(FRAME).encode(*places, tooltip=tooltip(TIPS))
    # a rectangle takes no dash from a scale
    dashes = alt.ExprRef("datum.basis === 'allocated' ? [4, 3] : [1, 0]")
    look = {"cornerRadius": 4, "strokeWidth": 1.4, "stroke": LINE, "strokeDash": dashes}
    pick = alt.selection_point(name="tile", fields=["code"], empty=False)
    fill = alt.Fill("shade:O").scale(_classes(SHADES[by])).legend(None if phone else _legend(by))
    ink = alt.Color("shade:O").scale(_classes(INKS)).legend(None)
    return alt.layer(
        base.mark_rect(**look, **across, cursor="pointer").encode(fill).add_params(pick),
        *(
            base.mark_text(aria=False, baseline="middle", cursor="pointer", **style).encode(
                ink, alt.Text(field)
            )
            for field, style in texts.items()
        ),
    ).properties(height=alt.Step(PHONE_ROW) if phone else HEIGHT)


def tile_rows(answer: Answer, by: str = "share") -> pd.DataFrame:
    """One row a market, with its places, WeChat's share or what concern costs, and who leads.

    value, range : written on the tile: the share with 80% of the runs, or users lost and of how
        many;  value_range : both in one line, for a phone
    shade : class of the value;  basis : whether WeChat's start is allocated or from a figure
    rank : its place on a phone, most WeChat users first
    """
    frame, known, ends = market_table(answer), load_evidence(), answer.market_ends
    places = known.markets.set_index("market").loc[frame.index]
    starts = known.installed_base.set_index(["origin", "platform", "market"]).basis
    basis = starts[quarter_name(answer.times[0]), "WeChat"][frame.index]
    percent = [100 * end[0] / people_online(answer) for end in (ends.low, ends.high)]
    shares = frame.share.map(share_text)
    spans = pd.Series(list(map(_span, *percent)), answer.names)[frame.index]
    value, span, line = shares, spans, shares + " (" + spans + ")"
    if by == "cost":
        lost = [in_short(about(users)) if users >= NONE else "none" for users in frame.lost]
        value = pd.Series(lost, frame.index)
        span = "of " + (frame.WeChat + frame.lost).map(about).map(in_short)
        line = value + " " + span
    return pd.DataFrame(
        {
            "code": frame.index,
            "market": frame.name,
            "name": frame.name.replace(SHORT_NAMES),
            "column": places.tile_column,
            "row": places.tile_row,
            "rank": np.arange(len(frame)),
            "leader": frame.strongest,
            "leader_name": frame.strongest.replace(SHORT_LEADERS),
            "share": shares,
            "share_range": spans,
            "value": value,
            "range": span,
            "value_range": line,
            "shade": np.digitize(frame.share if by == "share" else frame.lost, EDGES[by]),
            "basis": np.where(basis == "allocated", "allocated", "from a figure"),
            "users": frame.WeChat,
            "lost": frame.lost,
        }
    )


def _span(low: float, high: float) -> str:
    """The range of a share of people online: "4 to 30%"; one number if its ends agree."""
    ends = [share_text(end) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0].removesuffix('%')} to {ends[1]}"
