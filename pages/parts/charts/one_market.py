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
from pages.parts.charts import theme
from pages.parts.charts.theme import ESTABLISHED, of_kind
from pages.parts.wording.markets import FIGURES, LINES_TITLE

HEIGHT = 300  # pixels, with the years
BRACKETS = (6, 16, 26)  # pixels to the right of the lines, WeChat, LINE and KakaoTalk
TWO_LINES = 0.075  # least distance of two labels, as a part of the axis
TIPS = {"name:N": "Messenger", "quarter:N": "Quarter", "users:Q": "Users, million"}


def market_lines() -> alt.LayerChart:
    """Users of the three platforms and of the strongest established messenger in one market.

    frame : see market_rows
    """
    scale = alt.Scale(type="sqrt", nice=False)
    axis = {"tickCount": 5, "labelColor": theme.TEXT, "minExtent": 34}
    users = alt.Y("users:Q").title(None).axis(**axis).scale(scale)
    outer = alt.Y("low:Q").scale(scale), alt.Y2("high:Q")
    inner = alt.Y("low50:Q").scale(scale), alt.Y2("high50:Q")
    is_other = f"datum.platform === '{ESTABLISHED}'"
    colour, text_colour = (
        alt.condition(is_other, alt.value(grey), theme.platform_colour())
        for grey in (theme.NEUTRAL, theme.TEXT)
    )
    tips, figure_tips = theme.tooltip(TIPS), theme.tooltip({**TIPS, "basis:N": "Figure"})
    base = alt.Chart(theme.FRAME).encode(theme.YEARS, color=colour, tooltip=tips)
    established, ends = of_kind(base, "established"), of_kind(base, "end")
    place = {"xOffset": alt.ExprRef("datum.right"), "aria": False}
    hollow = {"filled": False, "fill": "transparent", "size": 44, "strokeWidth": 1.5}
    label = {"align": "left", "dx": 38, "fontWeight": "bold", "fontSize": 12, "limit": 190}
    return alt.layer(
        established.mark_area(opacity=0.16, aria=False).encode(*outer),
        established.mark_area(opacity=0.22, aria=False).encode(*inner),
        established.mark_line(strokeWidth=2, strokeDash=[10, 2, 2, 2]).encode(users),
        of_kind(base, "line").mark_line(strokeWidth=2.5).encode(users, theme.platform_dash()),
        of_kind(base, "range").mark_rule(**theme.OUR_READING).encode(*outer, tooltip=figure_tips),
        of_kind(base, "figure")
        .mark_point(**hollow, aria=False)
        .encode(users, theme.platform_shape(), tooltip=figure_tips),
        ends.mark_rule(strokeWidth=1.5, **place).encode(*outer),
        ends.mark_rule(strokeWidth=5, **place).encode(*inner),
        of_kind(base, "label")
        .mark_text(**label, aria=False)
        .encode(users, alt.Text("name:N"), color=text_colour),
    ).properties(height=HEIGHT, title=theme.small_title(LINES_TITLE))


def market_rows(answer: Answer, market: str) -> pd.DataFrame:
    """A row for each quarter and messenger, and one for each figure, bracket and label.

    kind : line, established (a line with its ranges), end (the ranges of a platform, at the last
        quarter), label (users is its height), figure or range (what was observed in the market)
    columns : year (decimal), quarter;  platform (or ESTABLISHED), name;  users;  low, high (80%
        range), low50, high50 (50%), million people;  right (pixels from the end to a bracket);
        basis (of a figure, in words)
    """
    i, times, ends = answer.names.index(market), answer.times, answer.market_ends
    paths = market_paths(answer.scenario)
    named = {name: name for name in PLATFORMS} | {ESTABLISHED: survey(market, times[-1]).messenger}
    lines = [*paths.markets[:, :, i].T, paths.established.line[:, i]]
    parts = [
        pd.DataFrame({"platform": name, "year": times, "users": users, "kind": "line"})
        for name, users in zip(named, lines, strict=True)
    ]
    ranges = {end: getattr(paths.established, end)[:, i] for end in RANGES}
    parts[-1] = parts[-1].assign(kind="established", **ranges)
    brackets = {end: getattr(ends, end)[:, i] for end in RANGES}
    last = {"year": times[-1], "kind": "end", "right": BRACKETS, "users": ends.line[:, i]}
    parts.append(pd.DataFrame({"platform": PLATFORMS, **last, **brackets}))
    parts.append(_figures(answer, market))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    # labels keep apart on the square-root scale on which they are drawn
    top = np.sqrt(max(np.nanmax(frame[["users", "high"]]), 1e-9))
    users = np.array([line[-1] for line in lines])
    places = theme.apart(np.sqrt(users), TWO_LINES * top)
    places = (places - max(places.max() - top, 0)).clip(0) ** 2
    labels = pd.DataFrame({"platform": list(named), "users": places, "name": named.values()})
    labels["name"] += [f" {theme.in_short(users_text(one))}" for one in users]
    frame["name"] = frame.platform.map(named)
    frame = pd.concat([frame, labels.assign(year=times[-1], kind="label")], ignore_index=True)
    numbers = ["users", *RANGES]
    frame[numbers] = frame[numbers].round(4)
    return frame.assign(quarter=frame.year.map(quarter_name))


def _figures(answer: Answer, market: str) -> pd.DataFrame:
    """Figures observed of the platforms in this market alone, on the basis of the model."""
    markets = load_markets(quarter_name(answer.times[0]), len(answer.times) - 1)
    known = later_figures(load_evidence(), markets)
    i = markets.names.index(market)
    own = known[known.single & ~known.most & np.array([covered[i] for covered in known.markets])]
    return pd.DataFrame(
        {
            "kind": np.where(own.kind == "range", "range", "figure"),
            "platform": [PLATFORMS[k] for k in own.platform],
            "year": answer.times[0] + QUARTER * own.step,
            "users": own.value,
            "low": own.low,
            "high": own.high,
            "basis": own.kind.map(FIGURES),
        }
    )
