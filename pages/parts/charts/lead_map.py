"""Chart of the lead map, WeChat against a rival over growth and concern, and its rows."""

from itertools import product

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import LeadMap, contour, margin
from model.messengers import PLATFORMS
from model.number_text import users_text
from model.scenario.scenario import Scenario, case, cases
from pages.parts.charts import labels, theme
from pages.parts.charts.theme import TEXT, of_kind

GROWTH, CONCERN = "WeChat growth (per 100 users a year)", "Security concern (%)"
TIPS = {
    "wechat:Q": GROWTH,
    "concern:Q": CONCERN,
    "users_text:N": "At the end",
    "runs_text:N": "WeChat is ahead in",
}
PLACE = ["wechat", "concern"]
SHARES = (0.1, 0.9)  # of the runs in which WeChat is ahead, each a thin line
HEIGHTS = {False: 380, True: 270}  # pixels, with axes, by whether on a phone
# of the plot in pixels, by whether on a phone: where labels must be free, smallest first
PLOTS = {False: [(560, 297), (880, 297), (1400, 297)], True: [(250, 187), (272, 187), (380, 187)]}
GRID = 12  # places each way that are tried for the name of a region
Lines = dict[str, NDArray]  # points (point, 2): level with a rival, by its name; shares of runs


def contours(*, phone: bool = False) -> alt.LayerChart:
    """Where WeChat is level with a rival, and ahead of it in 10 and 90% of runs.

    selection : cell (wechat, concern)
    frame : see lead_rows
    """
    axis = {"grid": False, "tickCount": 5, "labelColor": TEXT, "titleColor": TEXT}
    # the last number of growth is not cut off
    x = alt.X("wechat:Q").title(GROWTH).scale(nice=False).axis(**axis, labelFlush=True)
    y = alt.Y("concern:Q").title(CONCERN).scale(nice=False).axis(**axis, labelFlush=False)
    base, order = alt.Chart(theme.FRAME).encode(x, y), alt.Order("concern:Q")
    colour, sides = theme.platform_colour(), (alt.X("left:Q"), alt.X2("right:Q"))
    tint = of_kind(base, "tint").mark_area(orient="horizontal", opacity=0.07, aria=False)
    shares = of_kind(base, "share").mark_line(strokeWidth=1.3, color=theme.LINE, aria=False)
    frontier = of_kind(base, "frontier").mark_line(strokeWidth=2.8, aria=False)
    dot = {"size": 55, "color": TEXT, "cursor": "pointer"}
    cross = {"shape": "cross", "angle": 45, "size": 170, "color": theme.HERE}
    named = {"align": "align", "dx": "dx", "dy": "dy", "fontSize": "size", "fontWeight": "weight"}
    named = {name: alt.ExprRef(f"datum.{field}") for name, field in named.items()}
    texts = of_kind(base, "label").mark_text(
        text=alt.ExprRef("width < datum.least ? '' : split(datum.name, '\\n')"),
        baseline="middle",
        lineHeight=13,
        aria=False,
        **named,
    )
    cells = of_kind(base, "cell").mark_rect(**theme.UNSEEN)
    return alt.layer(
        tint.encode(*sides, colour),
        shares.encode(order, alt.Detail("name:N")),
        frontier.encode(order, colour, theme.platform_dash()),
        texts.encode(color=alt.condition("isValid(datum.platform)", colour, alt.value(TEXT))),
        cells.encode(
            *sides, alt.Y("under:Q"), alt.Y2("over:Q"), tooltip=theme.tooltip(TIPS)
        ).add_params(alt.selection_point(name="cell", fields=PLACE, empty=False)),
        of_kind(base, "case")
        .mark_point(filled=True, opacity=1, **dot)
        .encode(tooltip=theme.tooltip({"name:N": "Scenario"})),
        of_kind(base, "now").mark_point(filled=True, opacity=1, **cross),
    ).properties(height=HEIGHTS[phone])


def lead_rows(
    result: LeadMap, scenario: Scenario, rival: str, *, phone: bool = False
) -> pd.DataFrame:
    """All marks; wechat (per 100 users a year) and concern (%) are their places.

    kind : tint, share, frontier, label, case, now, cell
    platform : of tint, frontier and coloured labels;  name : of labels and cases
    align, dx, dy, size, weight : of a label, how it is written;  least : width of a plot from
        which it is, pixels
    left, right : of tint and cell;  under, over : of cell
    users_text, runs_text : of cell, users and share of runs in words
    """
    lines: Lines = {rival: contour(result, rival)}
    lines |= {f"{share:.0%}": contour(result, rival, share) for share in SHARES}
    cases = _case_rows()
    now = pd.DataFrame([{name: scenario[name] for name in PLACE} | {"kind": "now"}])
    parts = [_tint_rows(result, rival, lines[rival])]
    for name, points in lines.items():
        line = pd.DataFrame(points, columns=PLACE).assign(kind="share", name=name)
        parts.append(line.assign(kind="frontier", platform=rival) if name == rival else line)
    parts += [cases, now, _labels(result, lines, cases, now, phone), _cell_rows(result, rival)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _edges(result: LeadMap) -> tuple[NDArray, NDArray]:
    """The lowest and the highest place of the map, as PLACE."""
    return np.transpose([result.growth[[0, -1]], result.concern[[0, -1]]])


def _tint_rows(result: LeadMap, rival: str, line: NDArray) -> pd.DataFrame:
    """Both sides of the frontier: the rival's on its left, WeChat's on its right."""
    (low, bottom), (high, top) = _edges(result)
    if not len(line):  # one side has the whole map
        line = np.array([[low if margin(result, rival)[0, 0] >= 0 else high, bottom]])
    # where the line ends at the left or right edge, one side has the whole width from there on
    edge = line[[0, *range(len(line)), -1], 0]
    common = {"kind": "tint", "concern": [bottom, *line[:, 1], top]}
    return pd.concat(
        pd.DataFrame({**common, "platform": name, "left": left, "right": right})
        for name, left, right in (("WeChat", edge, high), (rival, low, edge))
    )


def _labels(
    result: LeadMap, lines: Lines, cases: pd.DataFrame, now: pd.DataFrame, phone: bool
) -> pd.DataFrame:
    """The labels for which there is a place: none lies on a line, a dot or another label."""
    low, high = _edges(result)

    def shares(points: NDArray) -> NDArray:
        """Places on the map as shares of the plot, from its upper left corner."""
        return np.abs((np.asarray(points, float).reshape(-1, 2) - low) / (high - low) - [0, 1])

    marks = [labels.around(shares(cases[PLACE]), 6), labels.around(shares(now[PLACE]), 10)]
    taken = np.vstack([*(labels.along(shares(points)) for points in lines.values()), *marks])
    rows = []
    for text, places, tries, style in _wanted(result, lines, cases, now, phone):
        # where none is free on all sizes, one that is so on the wider ones
        for sizes, one, place in product((PLOTS[phone], PLOTS[phone][1:]), tries, places):
            at = shares(place)[0]
            free = labels.free_place(at, text, taken, sizes, size=style["size"], tries=one)
            if free is not None:
                row = {"kind": "label", "name": text, **dict(zip(PLACE, place, strict=True))}
                row |= {"align": free.align, "dx": free.dx, "dy": free.dy, "least": sizes[0][0]}
                rows.append(row | style)
                taken = np.vstack([taken, free.row])
                break
    return pd.DataFrame(rows)


def _wanted(
    result: LeadMap, lines: Lines, cases: pd.DataFrame, now: pd.DataFrame, phone: bool
) -> list[tuple[str, list, list, dict]]:
    """Labels, the most important first: text, places, the best first, rounds of tries, style."""
    (rival, frontier), *shares = lines.items()
    plain, bold = {"size": 11, "weight": "normal"}, {"size": 12.5, "weight": "bold"}
    near, every = [labels.NEAR], [labels.NEAR, labels.TRIES]
    wanted = [("Now", now[PLACE].to_numpy().tolist(), every, bold)]
    for name in ("WeChat", rival):
        style = {"size": 13 if phone else 16, "weight": "bold", "platform": name}
        places = _region_places(result, rival, name)
        wanted.append((f"{name} ahead", places, [labels.ON_PLACE], style))
    text = f"level with {rival}"
    wanted.append((text, _line_places(frontier), every, {**bold, "platform": rival}))
    for share, points in shares:
        text = f"{share} of runs" if phone else f"ahead in {share} of runs"
        wanted.append((text, _line_places(points), every, plain))
    dots = zip(cases.name, cases[PLACE].to_numpy().tolist(), strict=True)
    return [*wanted, *((name, [place], near, plain) for name, place in dots)]


def _line_places(points: NDArray) -> list[list[float]]:
    """Places along a line for its label, from where it leaves the map at high growth."""
    return points[:: -max(len(points) // GRID, 1)].tolist()


def _region_places(result: LeadMap, rival: str, name: str) -> list[list[float]]:
    """Places on one side of the frontier, those nearest to its corner first."""
    ahead = (margin(result, rival) >= 0) == (name == "WeChat")
    corner = (1.0, 0.0) if name == "WeChat" else (0.0, 1.0)
    step = np.linspace(0, 1, GRID + 1)[1:-1]
    places = sorted(product(step, step), key=lambda at: np.hypot(*np.subtract(at, corner)))
    cells = [(round(x * (ahead.shape[0] - 1)), round(y * (ahead.shape[1] - 1))) for x, y in places]
    return [[float(result.growth[i]), float(result.concern[j])] for i, j in cells if ahead[i, j]]


def _case_rows() -> pd.DataFrame:
    """The cases, each at its own growth and concern; one dot for those that share a place."""
    known = [(*(case(name)[place] for place in PLACE), one.label) for name, one in cases().items()]
    frame = pd.DataFrame(known, columns=[*PLACE, "name"])
    dots = frame.groupby(PLACE, sort=False, as_index=False).name.agg("\n".join)
    return dots.assign(kind="case")


def _cell_rows(result: LeadMap, rival: str) -> pd.DataFrame:
    """A cell around each place of the map, cut off at its edges."""
    places, (low, high) = np.array(list(product(result.growth, result.concern))), _edges(result)
    half = (high - low) / (len(result.growth) - 1) / 2  # as many steps of growth as of concern
    frame = pd.DataFrame(places, columns=PLACE).assign(kind="cell")
    frame[["left", "under"]] = np.maximum(places - half, low)
    frame[["right", "over"]] = np.minimum(places + half, high)
    k = PLATFORMS.index(rival)
    runs = (result.margins[k - 1] > 0).mean(axis=0).ravel()
    frame["runs_text"] = [f"about {share:.0%} of runs" for share in runs]
    frame["users_text"] = [
        f"WeChat {users_text(own)}, {rival} {users_text(other)}"
        for own, other in result.users[..., [0, k]].reshape(-1, 2)
    ]
    return frame
