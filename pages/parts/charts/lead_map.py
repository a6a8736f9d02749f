"""Chart of the lead map, WeChat against its rivals over growth and concern, and its rows."""

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import LeadMap, contour, frontier, margin, rivals_users
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.scenario.scenario import Scenario, case, cases
from pages.parts.charts.theme import (
    FRAME,
    HERE,
    LINE,
    TEXT,
    apart,
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
LABEL = (0.34, 0.055)  # room of a region's name, in widths and heights of a chart on a phone
LINES_APART = 5.5  # least distance of labels at the right edge, points of concern


def contours() -> alt.LayerChart:
    """Where WeChat is level with its rivals, and ahead of one in 10, 50 and 90% of runs.

    frame : see lead_rows
    """
    x = (
        alt.X("wechat:Q")
        .title(GROWTH)
        .scale(nice=False)
        .axis(grid=False, tickCount=5, labelFlush=False)
    )
    y = (
        alt.Y("concern:Q")
        .title(CONCERN)
        .scale(nice=False)
        .axis(grid=False, tickCount=5, labelFlush=False)
    )
    order = alt.Order("concern:Q")
    base = alt.Chart(FRAME)
    tint = (
        base.transform_filter("datum.kind === 'tint'")
        .mark_area(orient="horizontal", opacity=0.07, aria=False)
        .encode(alt.X("left:Q"), y, alt.X2("right:Q"), platform_colour())
    )
    shares = (
        base.transform_filter("datum.kind === 'share'")
        .mark_line(strokeWidth=1.3, color=LINE, aria=False)
        .encode(x, y, order, alt.Detail("name:N"))
    )
    frontiers = (
        base.transform_filter("datum.kind === 'frontier'")
        .mark_line(strokeWidth=2.8, aria=False)
        .encode(x, y, order, platform_colour(), platform_dash())
    )
    dots = base.transform_filter("datum.kind === 'case'").mark_point(
        filled=True, size=55, opacity=1, color=TEXT, cursor="pointer"
    )
    now = base.transform_filter("datum.kind === 'now'").mark_point(
        shape="cross",
        angle=45,
        size=190,
        filled=True,
        opacity=1,
        color=HERE,
    )
    return alt.layer(
        tint,
        shares,
        frontiers,
        *_texts(base.encode(x, y)),
        _cells(base),
        dots.encode(x, y, tooltip=tooltip({"name:N": "Case"})),
        now.encode(x, y),
    ).properties(height=460)


def _texts(base: alt.Chart) -> list[alt.Chart]:
    """The labels of regions, lines, cases and of the present scenario."""
    base = base.transform_calculate(
        text=f"width < {NARROW} && datum.short ? datum.short : datum.name"
    ).encode(alt.Text("text:N"))

    def part(kind: str, side: str) -> alt.Chart:
        return base.transform_filter(f"datum.kind === '{kind}' && datum.side === '{side}'")

    regions = base.transform_filter("datum.kind === 'region'")
    texts = with_halo(regions, platform_colour(), fontSize=16, fontWeight="bold")
    for kind, colour, weight in (
        ("share_label", None, "normal"),
        ("frontier_label", platform_colour(), "bold"),
    ):
        for side, dx, dy in (("top", -18, 12), ("right", -4, -9)):
            texts += with_halo(
                part(kind, side), colour, align="right", dx=dx, dy=dy, fontWeight=weight
            )
    for side, align, dx in (("right", "left", 10), ("left", "right", -10)):
        texts += with_halo(
            part("case_label", side), align=align, dx=dx, dy=4, fontSize=11, lineBreak="\n"
        )
    for side, dy in (("above", -17), ("below", 17)):
        texts += with_halo(part("now", side), dy=dy, fontSize=13, fontWeight="bold")
    return texts


def _cells(base: alt.Chart) -> alt.Chart:
    """Unseen cells that say the numbers of their place, and can be clicked."""
    picked = alt.selection_point(name="cell", fields=["wechat", "concern"], empty=False)
    return (
        base.transform_filter("datum.kind === 'cell'")
        .mark_rect(fillOpacity=0, strokeOpacity=0, cursor="pointer", aria=False)
        .encode(
            alt.X("left:Q"),
            alt.X2("right:Q"),
            alt.Y("under:Q"),
            alt.Y2("over:Q"),
            tooltip=tooltip(TIPS),
        )
        .add_params(picked)
    )


def lead_rows(result: LeadMap, scenario: Scenario, rival: str) -> pd.DataFrame:
    """All marks; wechat (per 100 users a year) and concern (%) are their places.

    kind : tint, share, frontier, their labels, region, case, case_label, now, cell
    platform : of tint, frontier and region;  name, short : what is written, on a phone
    side : of labels, the side of the plot or of the mark on which they stand
    left, right : of tint and cell;  under, over : of cell
    users_text, runs_text : of cell, users and share of runs in words
    """
    lines = {("frontier", name): contour(result, name) for name in RIVALS}
    lines |= {("share", share): contour(result, rival, share) for share in SHARES}
    dots, labels = _case_rows(), _label_rows(lines)
    parts = [_tint_rows(result, rival), *_line_rows(lines), labels]
    # a label stands to the left of where its line ends
    written = labels[PLACE].to_numpy() - [0.1 * result.growth[-1], 0.0]
    parts += [_region_rows(result, rival, [*lines.values(), dots[PLACE].to_numpy(), written])]
    parts += [dots, dots.assign(kind="case_label"), _now_row(scenario), _cell_rows(result, rival)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _tint_rows(result: LeadMap, rival: str) -> pd.DataFrame:
    """Both sides of the frontier: the rival's on its left, WeChat's on its right."""
    edge = frontier(result, rival)
    never = np.where(margin(result, rival)[0] < 0, result.growth[-1], result.growth[0])
    edge = np.where(np.isnan(edge), never, edge)
    line = contour(result, rival)  # it also has the points at the edges of the map
    concern = np.append(result.concern, line[:, 1])
    edge = np.append(edge, line[:, 0])
    order = np.lexsort((edge, concern))
    common = {"kind": "tint", "concern": concern[order]}
    ends = (("WeChat", edge[order], result.growth[-1]), (rival, result.growth[0], edge[order]))
    return pd.concat(
        pd.DataFrame({**common, "platform": name, "left": left, "right": right})
        for name, left, right in ends
    )


def _line_rows(lines: dict[tuple[str, object], NDArray]) -> list[pd.DataFrame]:
    """The points of each line."""
    return [
        pd.DataFrame(points, columns=PLACE).assign(
            kind=kind, name=str(of), platform=of if kind == "frontier" else None
        )
        for (kind, of), points in lines.items()
    ]


def _label_rows(lines: dict[tuple[str, object], NDArray]) -> pd.DataFrame:
    """A label for each line where it leaves the map, those at the right edge apart."""
    found = []
    for (kind, of), points in lines.items():
        if len(points):
            growth, concern = points[-1]
            name = f"level with {of}" if kind == "frontier" else f"ahead in {of:.0%} of runs"
            found.append(
                {
                    "kind": f"{kind}_label",
                    "name": name,
                    "short": name.removeprefix("ahead in "),
                    "platform": of if kind == "frontier" else None,
                    "side": "top" if concern > 96 else "right",
                    "wechat": growth,
                    "concern": concern,
                }
            )
    frame = pd.DataFrame(found, columns=["kind", "name", "short", "platform", "side", *PLACE])
    right = frame.side == "right"
    frame.loc[right, "concern"] = apart(frame.concern[right].to_numpy(), LINES_APART)
    return frame


def _region_rows(result: LeadMap, rival: str, marks: list[NDArray]) -> pd.DataFrame:
    """The names of both sides, each where it has most room from lines, dots and edges."""
    growth, concern = np.meshgrid(result.growth, result.concern, indexing="ij")
    far, high = result.growth[-1], result.concern[-1]
    room = np.minimum(
        np.minimum(growth, far - growth) / (far * LABEL[0] / 2),
        np.minimum(concern, high - concern) / (high * LABEL[1]),
    )
    for mark in (one for one in marks if len(one)):
        away = np.maximum(
            abs(growth[..., None] - mark[:, 0]) / (far * LABEL[0]),
            abs(concern[..., None] - mark[:, 1]) / (high * LABEL[1]),
        )
        room = np.minimum(room, away.min(axis=-1))
    ahead = margin(result, rival) >= 0
    inside = far * LABEL[0] / 2
    found = []
    for name, side in (("WeChat", ahead), (rival, ~ahead)):
        if side.mean() > 0.02:
            i, j = np.unravel_index(np.where(side, room, -np.inf).argmax(), room.shape)
            place = {"wechat": growth[i, j].clip(inside, far - inside), "concern": concern[i, j]}
            found.append({"platform": name, **place})
    return pd.DataFrame(found).assign(kind="region", name=lambda rows: rows.platform + " ahead")


def _case_rows() -> pd.DataFrame:
    """The cases, each at its own growth and concern; one dot for those that share a place."""
    known = [(case(name), one.label) for name, one in cases().items()]
    frame = pd.DataFrame(
        {
            "wechat": [scenario["wechat"] for scenario, _ in known],
            "concern": [scenario["concern"] for scenario, _ in known],
            "name": [label for _, label in known],
        }
    )
    places = frame.groupby(PLACE, sort=False).name.agg("\n".join).reset_index()
    # left of a dot that has another one close on its right
    crowded = [
        ((places.concern == one.concern) & (places.wechat > one.wechat)).any()
        for one in places.itertuples()
    ]
    left = np.array(crowded) | (places.wechat > 300)
    return places.assign(kind="case", side=np.where(left, "left", "right"))


def _now_row(scenario: Scenario) -> pd.DataFrame:
    """The present scenario."""
    place = {name: [scenario[name]] for name in PLACE}
    side = "above" if scenario["concern"] < 92 else "below"
    return pd.DataFrame(place).assign(kind="now", name="Now", side=side)


def _cell_rows(result: LeadMap, rival: str) -> pd.DataFrame:
    """A cell around each place of the map, cut off at its edges."""
    growth, concern = (
        grid.ravel() for grid in np.meshgrid(result.growth, result.concern, indexing="ij")
    )
    width, height = np.diff(result.growth).mean() / 2, np.diff(result.concern).mean() / 2
    users, others = result.users[..., 0].ravel(), rivals_users(result, rival).ravel()
    runs = (result.margins[PLATFORMS.index(rival) - 1] > 0).mean(axis=0).ravel()
    return pd.DataFrame(
        {
            "kind": "cell",
            "wechat": growth,
            "concern": concern,
            "left": (growth - width).clip(result.growth[0]),
            "right": (growth + width).clip(max=result.growth[-1]),
            "under": (concern - height).clip(result.concern[0]),
            "over": (concern + height).clip(max=result.concern[-1]),
            "users_text": [
                f"WeChat {users_text(one)}, {rival} {users_text(other)}"
                for one, other in zip(users, others, strict=True)
            ],
            "runs_text": [f"about {share:.0%} of runs" for share in runs],
        }
    )
