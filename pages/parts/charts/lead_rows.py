"""Rows of the lead map's chart, and its answer in words."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import LeadMap, contour, frontier, margin, rivals_users
from model.messengers import PLATFORMS
from model.number_text import three_digits, users_text
from model.scenario.scenario import Scenario, case, cases
from pages.parts.charts.fan_data import apart

RIVALS = PLATFORMS[1:]
PLACE = ["wechat", "concern"]
SHARES = (0.1, 0.5, 0.9)  # of the runs in which WeChat is ahead, each a line
LABEL = (0.34, 0.055)  # room of a region's name, in widths and heights of a chart on a phone
LINES_APART = 5.5  # least distance of labels at the right edge, points of concern


def rows(result: LeadMap, scenario: Scenario, rival: str) -> pd.DataFrame:
    """All marks; wechat (per 100 users a year) and concern (%) are their places.

    kind : tint, share, frontier, their labels, region, case, case_label, now, cell
    platform : of tint, frontier and region;  name, short : what is written, on a phone
    side : of labels, the side of the plot or of the mark on which they stand
    left, right : of tint and cell;  under, over : of cell
    users_text, runs_text : of cell, users and share of runs in words
    """
    lines = {("frontier", name): contour(result, name) for name in RIVALS}
    lines |= {("share", share): contour(result, rival, share) for share in SHARES}
    dots, labels = _cases(), _labels(lines)
    parts = [_tint(result, rival), *_lines(lines), labels]
    # a label stands to the left of where its line ends
    written = labels[PLACE].to_numpy() - [0.1 * result.growth[-1], 0.0]
    parts += [_regions(result, rival, [*lines.values(), dots[PLACE].to_numpy(), written])]
    parts += [dots, dots.assign(kind="case_label"), _now(scenario), _cells(result, rival)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _tint(result: LeadMap, rival: str) -> pd.DataFrame:
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


def _lines(lines: dict[tuple[str, object], NDArray]) -> list[pd.DataFrame]:
    """The points of each line."""
    return [
        pd.DataFrame(points, columns=PLACE).assign(
            kind=kind, name=str(of), platform=of if kind == "frontier" else None
        )
        for (kind, of), points in lines.items()
    ]


def _labels(lines: dict[tuple[str, object], NDArray]) -> pd.DataFrame:
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


def _regions(result: LeadMap, rival: str, marks: list[NDArray]) -> pd.DataFrame:
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


def _cases() -> pd.DataFrame:
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


def _now(scenario: Scenario) -> pd.DataFrame:
    """The present scenario."""
    place = {name: [scenario[name]] for name in PLACE}
    side = "above" if scenario["concern"] < 92 else "below"
    return pd.DataFrame(place).assign(kind="now", name="Now", side=side)


def _cells(result: LeadMap, rival: str) -> pd.DataFrame:
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


def level_at(result: LeadMap, concern: float, rival: str) -> float:
    """The growth at which the line of WeChat is level with a rival's at a concern.

    Per 100 users a year; 0 where WeChat leads at any growth, inf where it does at none on the map.
    """
    edge = frontier(result, rival)
    at = float(np.interp(concern, result.concern, edge))
    if not np.isnan(at):
        return at
    row = abs(result.concern - concern).argmin()
    return 0.0 if margin(result, rival)[-1, row] >= 0 else np.inf


def sentence(result: LeadMap, scenario: Scenario) -> str:
    """The growth that WeChat needs at the present concern to pass each rival."""
    concern, most = scenario["concern"], result.growth[-1]
    needs, rest = [], []
    for rival in RIVALS:
        growth = level_at(result, concern, rival)
        if growth == 0:
            rest.append(f"it is ahead of {rival} at any growth")
        elif np.isinf(growth):
            rest.append(
                f"no growth up to {most:.0f} per 100 users a year is enough to pass {rival}"
            )
        else:
            needs.append(f"at least **{three_digits(round(growth))}** to pass {rival}")
    parts = [f"WeChat needs growth of {' and '.join(needs)}"] if needs else []
    now = f"Growth is now {three_digits(scenario['wechat'])} per 100 users a year."
    return f"At security concern of {three_digits(concern)}%, {'; '.join(parts + rest)}. {now}"
