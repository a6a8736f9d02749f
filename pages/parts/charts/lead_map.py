"""Chart of the lead map, WeChat against its rivals over growth and concern, and its rows."""

from itertools import product

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import LeadMap, contour, margin, rivals_users
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.scenario.scenario import Scenario, case, cases
from pages.parts.charts.theme import (
    FRAME,
    HERE,
    LINE,
    TEXT,
    UNSEEN,
    apart,
    of_kind,
    platform_colour,
    platform_dash,
    tooltip,
    with_halo,
)

GROWTH, CONCERN = "WeChat growth (per 100 users a year)", "Security concern (%)"
NARROW = 480  # pixels; a narrower chart has short labels
TIPS = {
    "wechat:Q": GROWTH,
    "concern:Q": CONCERN,
    "users_text:N": "At the end",
    "runs_text:N": "WeChat is ahead in",
}
RIVALS = PLATFORMS[1:]
PLACE = ["wechat", "concern"]
SHARES = (0.1, 0.5, 0.9)  # of the runs in which WeChat is ahead, each a line
REGION = (0.2, 0.1)  # middle of a region's name from its corner, in widths and heights
LINES_APART = 5.5  # least distance of labels at the right edge, points of concern
Lines = dict[tuple[str, str | float], NDArray]  # points by kind and by rival or share of runs


def contours() -> alt.LayerChart:
    """Where WeChat is level with its rivals, and ahead of one in 10, 50 and 90% of runs.

    frame : see lead_rows
    """
    plain = alt.Axis(grid=False, tickCount=5, labelFlush=False)
    within = alt.Axis(grid=False, tickCount=5, labelFlush=True)  # the last number is not cut off
    x = alt.X("wechat:Q").title(GROWTH).scale(nice=False).axis(within)
    y = alt.Y("concern:Q").title(CONCERN).scale(nice=False).axis(plain)
    base, order = alt.Chart(FRAME).encode(x, y), alt.Order("concern:Q")
    tint = of_kind(base, "tint").mark_area(orient="horizontal", opacity=0.07, aria=False)
    shares = of_kind(base, "share").mark_line(strokeWidth=1.3, color=LINE, aria=False)
    frontiers = of_kind(base, "frontier").mark_line(strokeWidth=2.8, aria=False)
    dots = of_kind(base, "case").mark_point(
        filled=True, size=55, opacity=1, color=TEXT, cursor="pointer"
    )
    now = of_kind(base, "now").mark_point(
        shape="cross", angle=45, size=190, filled=True, opacity=1, color=HERE
    )
    cells = of_kind(base, "cell").mark_rect(**UNSEEN)
    picked = alt.selection_point(name="cell", fields=PLACE, empty=False)
    return alt.layer(
        tint.encode(alt.X("left:Q"), alt.X2("right:Q"), platform_colour()),
        shares.encode(order, alt.Detail("name:N")),
        frontiers.encode(order, platform_colour(), platform_dash()),
        *_texts(base),
        cells.encode(
            *(alt.X("left:Q"), alt.X2("right:Q"), alt.Y("under:Q"), alt.Y2("over:Q")),
            tooltip=tooltip(TIPS),
        ).add_params(picked),
        dots.encode(tooltip=tooltip({"name:N": "Case"})),
        now,
    ).properties(height=460)


def _texts(base: alt.Chart) -> list[alt.Chart]:
    """The labels of regions, lines, cases and of the present scenario."""
    name = f"width < {NARROW} && datum.short ? datum.short : datum.name"
    base = base.transform_calculate(text=name).encode(alt.Text("text:N"))
    colour, bold = platform_colour(), {"fontWeight": "bold"}
    ends = {"top": {"align": "right", "dx": -18, "dy": 12}}
    ends["right"] = {"align": "right", "dx": -4, "dy": -9}
    small = {"dy": 4, "fontSize": 11, "lineBreak": "\n"}
    beside = {"right": {"align": "left", "dx": 10}, "left": {"align": "right", "dx": -10}}
    styles = [("region", None, colour, {"fontSize": 16, **bold})]
    for side, style in ends.items():
        styles += [("share_label", side, None, style)]
        lower = {"dx": -36, "dy": 26} if side == "top" else {}  # under the names of cases there
        styles += [("frontier_label", side, colour, {**style, **lower, **bold})]
    styles += [("case_label", side, None, {**style, **small}) for side, style in beside.items()]
    for side, dy in (("above", -17), ("below", 17)):
        styles += [("now", side, None, {"dy": dy, "fontSize": 13, **bold})]
    return [
        layer
        for kind, side, own_colour, style in styles
        for layer in with_halo(of_kind(base, kind, side), own_colour, **style)
    ]


def lead_rows(result: LeadMap, scenario: Scenario, rival: str) -> pd.DataFrame:
    """All marks; wechat (per 100 users a year) and concern (%) are their places.

    kind : tint, share, frontier, their labels, region, case, case_label, now, cell
    platform : of tint, frontier and region;  name, short : what is written, on a phone
    side : of labels, the side of the plot or of the mark on which they stand
    left, right : of tint and cell;  under, over : of cell
    users_text, runs_text : of cell, users and share of runs in words
    """
    lines: Lines = {("frontier", name): contour(result, name) for name in RIVALS}
    lines |= {("share", share): contour(result, rival, share) for share in SHARES}
    cases = _case_rows()
    parts = [_tint_rows(result, rival, lines["frontier", rival]), *_line_rows(lines)]
    parts += [_label_rows(lines), _region_rows(result, rival), cases]
    parts += [cases.assign(kind="case_label"), _now_row(scenario), _cell_rows(result, rival)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _tint_rows(result: LeadMap, rival: str, line: NDArray) -> pd.DataFrame:
    """Both sides of the frontier: the rival's on its left, WeChat's on its right."""
    low, high = result.growth[0], result.growth[-1]
    if not len(line):  # one side has the whole map
        line = np.array([[low if margin(result, rival)[0, 0] >= 0 else high, result.concern[0]]])
    # where the line ends at the left or right edge, one side has the whole width from there on
    edge = line[[0, *range(len(line)), -1], 0]
    common = {"kind": "tint", "concern": [result.concern[0], *line[:, 1], result.concern[-1]]}
    return pd.concat(
        pd.DataFrame({**common, "platform": name, "left": left, "right": right})
        for name, left, right in (("WeChat", edge, high), (rival, low, edge))
    )


def _line_rows(lines: Lines) -> list[pd.DataFrame]:
    """The points of each line."""
    return [
        pd.DataFrame(points, columns=PLACE).assign(
            kind=kind, name=str(of), platform=of if kind == "frontier" else None
        )
        for (kind, of), points in lines.items()
    ]


def _label_rows(lines: Lines) -> pd.DataFrame:
    """A label for each line where it leaves the map, those at the right edge apart."""
    rows = []
    for (kind, of), points in lines.items():
        if len(points):
            growth, concern = points[-1]
            runs = kind == "share"
            text = {
                "name": f"ahead in {of:.0%} of runs" if runs else f"level with {of}",
                "short": f"{of:.0%} of runs" if runs else None,
                "platform": None if runs else of,
            }
            side = "top" if concern > 96 else "right"
            rows.append((f"{kind}_label", side, growth, concern, *text.values()))
    columns = ["kind", "side", *PLACE, "name", "short", "platform"]
    frame = pd.DataFrame(rows, columns=columns)
    right = frame.side == "right"
    frame.loc[right, "concern"] = apart(frame.concern[right].to_numpy(), LINES_APART)
    return frame


def _region_rows(result: LeadMap, rival: str) -> pd.DataFrame:
    """The names of both sides in the corners where each side is most ahead."""
    across, up = REGION
    ahead, (growth, concern) = margin(result, rival) >= 0, (result.growth, result.concern)
    rows = []
    for name, share in (("WeChat", (1 - across, up)), (rival, (across, 1 - up))):
        i, j = (round(part * (size - 1)) for part, size in zip(share, ahead.shape, strict=True))
        if ahead[i, j] == (name == "WeChat"):
            rows.append(("region", name, f"{name} ahead", growth[i], concern[j]))
    return pd.DataFrame(rows, columns=["kind", "platform", "name", *PLACE])


def _case_rows() -> pd.DataFrame:
    """The cases, each at its own growth and concern; one dot for those that share a place."""
    known = [(*(case(name)[place] for place in PLACE), one.label) for name, one in cases().items()]
    frame = pd.DataFrame(known, columns=[*PLACE, "name"])
    places = frame.groupby(PLACE, sort=False).name.agg("\n".join).reset_index()
    # left of a dot that has another one close on its right
    last = places.groupby("concern").wechat.transform("max")
    left = (places.wechat < last) | (places.wechat > 300)
    return places.assign(kind="case", side=np.where(left, "left", "right"))


def _now_row(scenario: Scenario) -> pd.DataFrame:
    """The present scenario."""
    place = {name: [scenario[name]] for name in PLACE}
    side = "above" if scenario["concern"] < 92 else "below"
    return pd.DataFrame(place).assign(kind="now", name="Now", side=side)


def _cell_rows(result: LeadMap, rival: str) -> pd.DataFrame:
    """A cell around each place of the map, cut off at its edges."""
    frame = pd.DataFrame(list(product(result.growth, result.concern)), columns=PLACE)
    for name, ends, places in (
        ("wechat", ("left", "right"), result.growth),
        ("concern", ("under", "over"), result.concern),
    ):
        half = np.diff(places).mean() / 2
        frame[ends[0]] = (frame[name] - half).clip(lower=places[0])
        frame[ends[1]] = (frame[name] + half).clip(upper=places[-1])
    users, others = result.users[..., 0].ravel(), rivals_users(result, rival).ravel()
    runs = (result.margins[RIVALS.index(rival)] > 0).mean(axis=0).ravel()
    texts = [
        f"WeChat {users_text(one)}, {rival} {users_text(other)}"
        for one, other in zip(users, others, strict=True)
    ]
    shares = [f"about {share:.0%} of runs" for share in runs]
    return frame.assign(kind="cell", users_text=texts, runs_text=shares)
