"""Lines of the messengers in one market with what was observed there, and their rows."""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import RANGES, Answer, market_paths
from model.analysis.market_facts import survey
from model.calibration.figures import later_figures
from model.engine.markets import load_markets
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.quarters import QUARTER, quarter_name
from pages.parts.charts.theme import (
    ESTABLISHED,
    FRAME,
    NEUTRAL,
    OUR_READING,
    TEXT,
    YEARS,
    apart,
    in_short,
    of_kind,
    platform_colour,
    platform_dash,
    platform_shape,
    small_title,
    tooltip,
)
from pages.parts.wording.markets import FIGURES, LINES_TITLE

HEIGHT = 300  # pixels, with the years
BRACKETS = (6, 16, 26)  # pixels to the right of the lines, WeChat, LINE and KakaoTalk
TWO_LINES = 0.075  # least distance of two labels, as a part of the axis
TIPS = {"name:N": "Messenger", "quarter:N": "Quarter", "users:Q": "Users, million"}


def market_lines() -> alt.LayerChart:
    """Users of the three platforms and of the strongest established messenger in one market.

    frame : see market_rows
    """
    y_scale = alt.Scale(type="sqrt", nice=False)
    axis = {"tickCount": 5, "labelColor": TEXT, "minExtent": 34}
    users = alt.Y("users:Q").title(None).axis(**axis).scale(y_scale)
    low, high = alt.Y("low:Q").scale(y_scale), alt.Y2("high:Q")
    inner = alt.Y("low50:Q").scale(y_scale), alt.Y2("high50:Q")
    is_other = f"datum.platform === '{ESTABLISHED}'"
    colour, text_colour = (
        alt.condition(is_other, alt.value(grey), platform_colour()) for grey in (NEUTRAL, TEXT)
    )
    base = alt.Chart(FRAME).encode(YEARS, color=colour, tooltip=tooltip(TIPS))
    established = of_kind(base, "established")
    ends = of_kind(base, "end")
    place = {"xOffset": alt.ExprRef("datum.right"), "aria": False}
    point = of_kind(base, "figure").mark_point(
        aria=False, filled=False, fill="transparent", size=44, strokeWidth=1.5
    )
    figure_tips = tooltip({**TIPS, "basis:N": "Figure"})
    return alt.layer(
        established.mark_area(opacity=0.16, aria=False).encode(low, high),
        established.mark_area(opacity=0.22, aria=False).encode(*inner),
        established.mark_line(strokeWidth=2, strokeDash=[10, 2, 2, 2]).encode(users),
        of_kind(base, "line").mark_line(strokeWidth=2.5).encode(users, platform_dash()),
        of_kind(base, "range").mark_rule(**OUR_READING).encode(low, high, tooltip=figure_tips),
        point.encode(users, platform_shape(), tooltip=figure_tips),
        ends.mark_rule(strokeWidth=1.5, **place).encode(low, high),
        ends.mark_rule(strokeWidth=5, **place).encode(*inner),
        of_kind(base, "label")
        .mark_text(align="left", dx=38, fontWeight="bold", fontSize=12, limit=190, aria=False)
        .encode(users, alt.Text("name:N"), color=text_colour),
    ).properties(height=HEIGHT, title=small_title(LINES_TITLE))


def market_rows(answer: Answer, market: str) -> pd.DataFrame:
    """A row for each quarter and messenger, and one for each figure, bracket and label.

    kind : line, established (a line with its ranges), end (the ranges of a platform, at the last
        quarter), label (users is its height), figure or range (what was observed in the market)
    columns : year (decimal), quarter;  platform (or ESTABLISHED), name;  users;  low, high (80%
        range), low50, high50 (50%), million people;  right (pixels from the end to a bracket);
        basis (of a figure, in words)
    """
    i, times = answer.names.index(market), answer.times
    paths, ends = market_paths(answer.scenario), answer.market_ends
    named = {name: name for name in PLATFORMS} | {ESTABLISHED: survey(market, times[-1]).messenger}
    lines = [*paths.markets[:, :, i].T, paths.established.line[:, i]]
    parts = [
        pd.DataFrame({"platform": name, "year": times, "users": users, "kind": "line"})
        for name, users in zip(named, lines, strict=True)
    ]
    for end in RANGES:
        parts[-1][end] = getattr(paths.established, end)[:, i]
    parts[-1]["kind"] = "established"
    brackets = {end: getattr(ends, end)[:, i] for end in RANGES}
    last = {"year": times[-1], "kind": "end", "right": BRACKETS, "users": ends.line[:, i]}
    parts.append(pd.DataFrame({"platform": list(PLATFORMS), **last, **brackets}))
    parts.append(_figures(answer, market))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    # labels keep apart on the square-root scale on which they are drawn
    top = np.sqrt(max(np.nanmax(frame[["users", "high"]]), 1e-9))
    users = np.array([line[-1] for line in lines])
    places = apart(np.sqrt(users), TWO_LINES * top)
    places = (places - max(places.max() - top, 0)).clip(0) ** 2
    texts = [
        f"{name} {in_short(users_text(one))}"
        for name, one in zip(named.values(), users, strict=True)
    ]
    labels = {"platform": list(named), "year": times[-1], "users": places, "kind": "label"}
    frame["name"] = frame.platform.map(named)
    frame = pd.concat([frame, pd.DataFrame({**labels, "name": texts})], ignore_index=True)
    numbers = ["users", *RANGES]
    frame[numbers] = frame[numbers].round(4)
    return frame.assign(quarter=frame.year.map(quarter_name))


def _figures(answer: Answer, market: str) -> pd.DataFrame:
    """Figures observed of the platforms in this market alone, on the basis of the model."""
    origin, steps = quarter_name(answer.times[0]), len(answer.times) - 1
    markets = load_markets(origin, steps)
    known = later_figures(load_evidence(), markets)
    i = markets.names.index(market)
    own = known[known.single & ~known.most & np.array([covered[i] for covered in known.markets])]
    is_range = own.kind == "range"
    return pd.DataFrame(
        {
            "kind": np.where(is_range, "range", "figure"),
            "platform": [PLATFORMS[k] for k in own.platform],
            "year": answer.times[0] + QUARTER * own.step,
            "users": own.value,
            "low": own.low,
            "high": own.high,
            "basis": own.kind.map(FIGURES),
        }
    )
