"""Chart of the tornado with its curves, and its rows.

Heights are in rows of the chart, from the top; places across are shares (0-1) of its width. Bars
are on the left, with room for the texts at their ends, and curves on the right. Users are drawn by
their square root.
"""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.analysis.sensitivity import Bar, Tornado
from model.number_text import users_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts.charts.theme import FRAME, HERE, HIGH, LINE, LOW, TEXT, tooltip

MOST = 11  # bars that are shown, as many as curves
ROW = 50  # pixels for each
HEAD = 0.6  # height of the key above them, in rows
TIPS = {"label:N": "Setting", "value_text:N": "Set to", "users:Q": "WeChat users, million"}
ENDS = alt.Color("end:N").scale(domain=["low", "high"], range=[LOW, HIGH]).legend(None)
NAME, TOP, MIDDLE, FLOOR = 0.2, 0.45, 0.64, 0.83  # of a row: its name, the bar's middle and edges
BARS = (0.12, 0.57)  # places of fewest and most users
BARS_END = 0.69  # here the texts of the bars end
CURVES = (0.71, 0.98)  # places of the low and the high end of a range
ZERO, HEIGHT = 0.92, 0.76  # of a curve: the height of no users, and of most above it


def bars_and_curves() -> alt.LayerChart:
    """WeChat's users with each setting at the ends of its range, and over the whole of it.

    frame : see lever_rows
    """
    base = alt.Chart(FRAME).encode(_y("y:Q"))
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    names = (
        base.transform_filter("datum.kind === 'name'")
        .transform_calculate(text="width < 480 ? datum.short : datum.label")
        .mark_text(align="left", baseline="middle", fontSize=12.5, color=TEXT)
        .encode(_x("x:Q"), alt.Text("text:N"))
    )
    layers = [*_key(base), *_bars(base), *_curves(base), names, _targets(base).add_params(pick)]
    return alt.layer(*layers).properties(height=round((MOST + HEAD) * ROW))


def _x(field: str) -> alt.X:
    """A place across the chart, 0-1."""
    return alt.X(field).axis(None).scale(domain=[0, 1], nice=False)


def _y(field: str) -> alt.Y:
    """A height in rows from the top."""
    return alt.Y(field).axis(None).scale(domain=[-HEAD, MOST], reverse=True, nice=False)


def _key(base: alt.Chart) -> list[alt.Chart]:
    """The meaning of the colours and of the dot."""
    key = base.transform_filter("datum.kind === 'key'")
    ends = key.transform_filter("isValid(datum.end)")
    text = key.mark_text(align="left", baseline="middle", fontSize=12, color=TEXT)
    return [
        ends.mark_point(shape="square", filled=True, size=110, opacity=1).encode(_x("x:Q"), ENDS),
        _here(key.transform_filter("datum.name === 'now'")),
        text.encode(_x("label_at:Q"), alt.Text("label:N")),
    ]


def _here(base: alt.Chart) -> alt.Chart:
    """The dots of the present value."""
    return base.mark_point(filled=True, size=60, opacity=1, aria=False, color=HERE).encode(
        _x("x:Q")
    )


def _bars(base: alt.Chart) -> list[alt.Chart]:
    """The bars from the present line to either end, with users written there."""
    ends = base.transform_filter("datum.kind === 'end'")
    bars = ends.mark_rect(aria=False).encode(
        _x("left:Q"), alt.X2("right:Q"), alt.Y2("under:Q"), ENDS
    )
    texts = [
        ends.transform_filter(f"datum.side === '{side}'")
        .mark_text(align=align, dx=dx, baseline="middle", fontSize=12, color=TEXT)
        .encode(_x("label_at:Q"), _y("middle:Q"), alt.Text("users_text:N"))
        for side, align, dx in (("left", "right", -5), ("right", "left", 5))
    ]
    line = (
        base.transform_filter("datum.kind === 'now'")
        .mark_rule(color=TEXT, strokeWidth=1.5, aria=False)
        .encode(_x("left:Q"), alt.Y2("under:Q"))
    )
    return [bars, line, *texts]


def _curves(base: alt.Chart) -> list[alt.Chart]:
    """The curves over the ranges, on the line of no users, with a dot at the present value."""
    x = _x("x:Q")
    curve = base.transform_filter("datum.kind === 'curve'")
    floor = (
        base.transform_filter("datum.kind === 'floor'")
        .mark_rule(color=LINE, strokeWidth=0.7, aria=False)
        .encode(x, alt.X2("right:Q"))
    )
    line = curve.mark_line(strokeWidth=2, color=LINE, aria=False).encode(x, alt.Detail("setting:N"))
    ends = (
        base.transform_filter("datum.kind === 'dot'")
        .mark_point(filled=True, size=45, opacity=1, aria=False)
        .encode(x, ENDS)
    )
    return [floor, line, ends, _here(base.transform_filter("datum.kind === 'here'"))]


def _targets(base: alt.Chart) -> alt.Chart:
    """Unseen places over bars and curves that say their numbers and can be clicked."""
    return (
        base.transform_filter("datum.kind === 'target'")
        .mark_rect(fillOpacity=0, strokeOpacity=0, cursor="pointer", aria=False)
        .encode(_x("left:Q"), alt.X2("right:Q"), alt.Y2("under:Q"), tooltip=tooltip(TIPS))
    )


def lever_rows(
    result: Tornado, bars: Sequence[Bar], curves: Sequence[NDArray], scenario: Scenario
) -> pd.DataFrame:
    """All marks, for each bar one row of the chart.

    kind : key, name, end, now (the line of the scenario), floor (no users), curve, dot (an end of
        the range), here (the present value), target (what can be clicked)
    setting, label, end (low | high), value, value_text, users (million) and users_text : what it is
    y, under, middle : height, lower edge and middle;  x, left, right, label_at : places across
    side : of an end, the side of its text
    """
    most = max(max(bar.users_low, bar.users_high) for bar in bars)
    most = max(most, result.users, 1e-9)
    fewest = min(min(bar.users_low, bar.users_high, result.users) for bar in bars)
    low, high = fewest**0.5, max(most**0.5, fewest**0.5 + 1e-9)

    def across(users: float) -> float:
        return _between(BARS, (users**0.5 - low) / (high - low))

    found = _key_rows(result.users)
    for rank, (bar, curve) in enumerate(zip(bars, curves, strict=True)):
        for row in (
            *_end_rows(bar, result.users, across),
            *_curve_rows(bar, curve, scenario, most),
        ):
            for name in ("y", "under", "middle"):
                if name in row:
                    row[name] = round(row[name] + rank, 4)
            found.append({"setting": bar.setting, "rank": rank, **row})
    return pd.DataFrame(found)


def _key_rows(now: float) -> list[dict]:
    """The meaning of the colours, of the dot and of the curves, above the first row."""
    at = {"kind": "key", "y": -0.3}
    return [
        {**at, "x": 0.012, "label_at": 0.035, "end": "low", "label": "low end"},
        {**at, "x": 0.212, "label_at": 0.235, "end": "high", "label": "high end"},
        {**at, "x": 0.44, "label_at": 0.463, "name": "now", "label": f"now {_short(now)}"},
        {**at, "label_at": CURVES[0], "label": "over its range"},
    ]


def _short(users: float) -> str:
    """Users as on a card: "13.5 M"."""
    return users_text(users).replace(" million", " M").replace(" billion", " bn")


def _end_rows(bar: Bar, now: float, across) -> list[dict]:
    """The name, both ends of the bar, and what can be clicked there."""
    setting = all_settings()[bar.setting]
    span = f"{setting.format(bar.low)} to {setting.format(bar.high)}"
    found = [
        {
            "kind": "name",
            "x": 0.0,
            "y": NAME,
            "label": f"{setting.label}: {span}",
            "short": setting.label,
        }
    ]
    found.append({"kind": "now", "left": across(now), "y": TOP - 0.06, "under": FLOOR + 0.06})
    low_is_fewer = bar.users_low <= bar.users_high
    for end, value, users in (
        ("low", bar.low, bar.users_low),
        ("high", bar.high, bar.users_high),
    ):
        is_left = (end == "low") == low_is_fewer
        # texts stay outside the bar even where both ends lie on one side of now
        outer = min(users, now) if is_left else max(users, now)
        mark = {
            "label": setting.label,
            "end": end,
            "value": value,
            "value_text": setting.format(value),
            "users": round(users, 3),
            "users_text": _short(users),
            "y": TOP,
            "under": FLOOR,
            "middle": MIDDLE,
        }
        left, right = sorted((across(users), across(now)))
        found.append(
            {
                **mark,
                "kind": "end",
                "left": left,
                "right": right,
                "label_at": across(outer),
                "side": "left" if is_left else "right",
            }
        )
        # the half of the row up to the line, so that a short bar can be hit
        left, right = (0.0, across(now)) if is_left else (across(now), BARS_END)
        found.append({**mark, "kind": "target", "left": left, "right": right})
    return found


def _curve_rows(bar: Bar, curve: NDArray, scenario: Scenario, most: float) -> list[dict]:
    """The curve with its dots, and what can be clicked on it."""
    setting, own = all_settings()[bar.setting], scenario[bar.setting]
    first, last = curve[0, 0], curve[-1, 0]

    def mark(value: float, users: float) -> dict:
        return {
            "x": _between(CURVES, (value - first) / (last - first)),
            "y": ZERO - HEIGHT * (users / most) ** 0.5,
            "value": round(float(value), 6),
            "users": round(float(users), 3),
        }

    found = [{**mark(value, users), "kind": "curve"} for value, users in curve]
    found.append({"kind": "floor", "x": CURVES[0], "right": CURVES[1], "y": ZERO})
    for end, value, users in (
        ("low", bar.low, bar.users_low),
        ("high", bar.high, bar.users_high),
    ):
        found.append({**mark(value, users), "kind": "dot", "end": end})
    here = float(np.interp(own, curve[:, 0], curve[:, 1]))
    found.append({**mark(own, here), "kind": "here"})
    # clicks: at the points of the curve, each as wide as its share of the range
    middles = (curve[1:, 0] + curve[:-1, 0]) / 2
    edges = (np.concatenate([[first], middles, [last]]) - first) / (last - first)
    places = [_between(CURVES, edge) for edge in edges]
    for (value, users), left, right in zip(curve, places[:-1], places[1:], strict=True):
        found.append(
            {
                **mark(value, users),
                "kind": "target",
                "label": setting.label,
                "value_text": setting.format(value),
                "left": left,
                "right": right,
                "y": 0.12,
                "under": 0.98,
            }
        )
    return found


def _between(ends: tuple[float, float], share: float) -> float:
    """The place at a share (0-1) of the way from one end to the other."""
    return round(ends[0] + (ends[1] - ends[0]) * float(share), 4)
