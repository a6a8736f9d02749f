"""Chart of the tornado with its curves, and its rows.

Heights are in rows of the chart, from the top; places across are shares (0-1) of its width. Bars
are on the left, with room for the texts at their ends, and curves on the right. Users are drawn by
their square root.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import Bar, Tornado
from model.number_text import users_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts.charts.theme import FRAME, HERE, HIGH, LINE, LOW, TEXT, UNSEEN, of_kind, tooltip

MOST = 11  # bars that are shown, as many as curves
ROW = 50  # pixels for each
HEAD = 0.6  # height of the heads above them, in rows
TIPS = {"label:N": "Setting", "value_text:N": "Set to", "users:Q": "WeChat users, million"}
NAME, TOP, MIDDLE, FLOOR = 0.2, 0.45, 0.64, 0.83  # of a row: its name, the bar's middle and edges
BARS = (0.12, 0.57)  # places of fewest and most users
BARS_END = 0.69  # here the texts of the bars end
CURVES = (0.71, 0.98)  # places of the low and the high end of a range
ZERO, HEIGHT = 0.92, 0.76  # of a curve: the height of no users, and of most above it
HEIGHTS = ["y", "under", "middle"]


def bars_and_curves() -> alt.LayerChart:
    """WeChat's users with each setting at the ends of its range, and over the whole of it.

    frame : see lever_rows
    """
    y = alt.Y("y:Q").axis(None).scale(domain=[-HEAD, MOST], reverse=True, nice=False)
    base = alt.Chart(FRAME).encode(y)
    colour = alt.Color("end:N").scale(domain=["low", "high"], range=[LOW, HIGH]).title(None)
    colour = colour.legend(orient="top", labelExpr="datum.label + ' end'", labelColor=TEXT)
    x, left, right, under = _x("x:Q"), _x("left:Q"), alt.X2("right:Q"), alt.Y2("under:Q")
    text = {"baseline": "middle", "fontSize": 12, "color": TEXT}
    dot = {"filled": True, "opacity": 1, "aria": False}
    short = "width < 480 ? datum.short : datum.label"
    names = of_kind(base, "name").transform_calculate(text=short).mark_text(align="left", **text)
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    targets = of_kind(base, "target").mark_rect(**UNSEEN)
    now = of_kind(base, "now").mark_rule(color=TEXT, strokeWidth=1.5, aria=False)
    floor = of_kind(base, "floor").mark_rule(color=LINE, strokeWidth=0.7, aria=False)
    line = of_kind(base, "curve").mark_line(strokeWidth=2, color=LINE, aria=False)
    layers = [
        of_kind(base, "head").mark_text(**text).encode(x, alt.Text("label:N")),
        of_kind(base, "end").mark_rect(aria=False).encode(left, right, under, colour),
        now.encode(left, under),
        *(
            of_kind(base, "end", side)
            .mark_text(align=align, dx=dx, **text)
            .encode(_x("label_at:Q"), alt.Y("middle:Q").axis(None), alt.Text("users_text:N"))
            for side, align, dx in (("left", "right", -5), ("right", "left", 5))
        ),
        floor.encode(left, right),
        line.encode(x, alt.Detail("setting:N")),
        of_kind(base, "dot").mark_point(size=45, **dot).encode(x, colour),
        of_kind(base, "here").mark_point(size=60, color=HERE, **dot).encode(x),
        names.encode(x, alt.Text("text:N")),
        targets.encode(left, right, under, tooltip=tooltip(TIPS)).add_params(pick),
    ]
    return alt.layer(*layers).properties(height=round((MOST + HEAD) * ROW))


def _x(field: str) -> alt.X:
    """A place across the chart, 0-1."""
    return alt.X(field).axis(None).scale(domain=[0, 1], nice=False)


def lever_rows(
    result: Tornado, bars: Sequence[Bar], curves: Sequence[NDArray], scenario: Scenario
) -> pd.DataFrame:
    """All marks, for each bar one row of the chart.

    kind : head (above the first row), name, end, now (the line of the scenario), floor (no users),
        curve, dot (an end of the range), here (the present value), target (what can be clicked)
    setting, label, end (low | high), value, value_text, users (million) and users_text : what it is
    y, under, middle : height, lower edge and middle;  x, left, right, label_at : places across
    side : of an end, the side of its text
    """
    known = [result.users, *(users for bar in bars for _, _, users in _ends(bar))]
    most = max(*known, 1e-9)
    low, high = min(known) ** 0.5, max(most**0.5, min(known) ** 0.5 + 1e-9)

    def across(users: float) -> float:
        return _between(BARS, (users**0.5 - low) / (high - low))

    head = {"kind": "head", "rank": 0, "y": -0.3}
    rows = [
        {**head, "x": across(result.users), "label": f"now {_short(result.users)}"},
        {**head, "x": sum(CURVES) / 2, "label": "over its range, ● now"},
    ]
    for rank, (bar, curve) in enumerate(zip(bars, curves, strict=True)):
        common = {"setting": bar.setting, "rank": rank, "label": all_settings()[bar.setting].label}
        own = [*_bar_rows(bar, result.users, across), *_curve_rows(bar, curve, scenario, most)]
        rows += [{**common, **row} for row in own]
    frame = pd.DataFrame(rows)
    frame[HEIGHTS] = frame[HEIGHTS].add(frame["rank"], axis=0).round(4)
    return frame


def _ends(bar: Bar) -> tuple[tuple[str, float, float], tuple[str, float, float]]:
    """Both ends of a bar: name, value of the setting, million users."""
    return ("low", bar.low, bar.users_low), ("high", bar.high, bar.users_high)


def _short(users: float) -> str:
    """Users as on a card: "13.5 M"."""
    return users_text(users).replace(" million", " M").replace(" billion", " bn")


def _bar_rows(bar: Bar, now: float, across: Callable[[float], float]) -> list[dict]:
    """The name, the line of the scenario, both ends of the bar, and what can be clicked there."""
    setting, at = all_settings()[bar.setting], across(now)
    label = f"{setting.label}: {setting.format(bar.low)} to {setting.format(bar.high)}"
    rows = [
        {"kind": "name", "x": 0.0, "y": NAME, "label": label, "short": setting.label},
        {"kind": "now", "left": at, "y": TOP - 0.06, "under": FLOOR + 0.06},
    ]
    for end, value, users in _ends(bar):
        mark = {
            **{"y": TOP, "under": FLOOR, "middle": MIDDLE},
            **{"end": end, "value": value, "value_text": setting.format(value)},
            **{"users": round(users, 3), "users_text": _short(users)},
        }
        left, right = sorted((across(users), at))
        # texts stay outside the bar even where both ends lie on one side of now; a click counts in
        # the whole half of the row, so that a short bar can be hit
        if (end == "low") == (bar.users_low <= bar.users_high):
            side, label_at, half = "left", left, {"left": 0.0, "right": at}
        else:
            side, label_at, half = "right", right, {"left": at, "right": BARS_END}
        place = {"left": left, "right": right, "label_at": label_at, "side": side}
        rows += [{**mark, **place, "kind": "end"}, {**mark, **half, "kind": "target"}]
    return rows


def _curve_rows(bar: Bar, curve: NDArray, scenario: Scenario, most: float) -> list[dict]:
    """The curve with its dots, and what can be clicked on it."""
    setting, own = all_settings()[bar.setting], scenario[bar.setting]
    first, last = curve[0, 0], curve[-1, 0]

    def across(value: float) -> float:
        return _between(CURVES, (value - first) / (last - first))

    def mark(kind: str, value: float, users: float) -> dict:
        height = ZERO - HEIGHT * (users / most) ** 0.5
        numbers = {"value": round(float(value), 6), "users": round(float(users), 3)}
        return {"kind": kind, "x": across(value), "y": height, **numbers}

    rows = [mark("curve", *point) for point in curve]
    rows.append({"kind": "floor", "left": CURVES[0], "right": CURVES[1], "y": ZERO})
    rows += [{**mark("dot", value, users), "end": end} for end, value, users in _ends(bar)]
    rows.append(mark("here", own, float(np.interp(own, curve[:, 0], curve[:, 1]))))
    # each point of the curve is clicked from halfway to the one before until halfway to the next
    edges = [first, *(curve[1:, 0] + curve[:-1, 0]) / 2, last]
    for point, (start, end) in zip(curve, pairwise(edges), strict=True):
        place = {"left": across(start), "right": across(end), "y": 0.12, "under": 0.98}
        text = {"value_text": setting.format(point[0])}
        rows.append({**mark("target", *point), **place, **text})
    return rows


def _between(ends: tuple[float, float], share: float) -> float:
    """The place at a share (0-1) of the way from one end to the other."""
    return round(ends[0] + (ends[1] - ends[0]) * float(share), 4)
