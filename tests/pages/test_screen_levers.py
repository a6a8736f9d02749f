"""The tornado on the screen: bars, curves, words, and the ways to set a slider."""

import re

import numpy as np
import pytest

from model.analysis.bands import answer
from model.analysis.narrowing import label, narrow
from model.analysis.sensitivity import tornado
from model.scenario.scenario import case
from tests.pages.screen import charts, data, field, million, open_page, seen, short, span, words

LABELS = data("settings").set_index("name").label
UNITS = data("settings").set_index("name").unit
MOST = 11


def rows(**address):
    spec, frames = charts(seen(open="levers", **address))[-1]
    return spec, frames[""]


def printed(name, value):
    """A value of a setting with its short unit."""
    number = f"{float(f'{value:.{5 if value > 1500 else 3}g}'):g}"
    unit = UNITS[name]
    if unit.startswith("%"):
        return f"{number}%"
    if unit.startswith("US$"):
        return f"US$ {number} M"
    if unit in ("year", "end of year"):
        return number
    if unit.startswith("per 100"):
        return f"{number} per 100"
    return f"{number} yr" if unit == "years" else f"{number} {unit}"


def test_the_bars_say_users_and_setting_of_each_end():
    spec, frame = rows()
    found = tornado(case())
    limits, bars = data("settings").set_index("name"), {bar.setting: bar for bar in found.bars}
    ends = frame[frame.kind == "end"]
    assert len(ends) == 2 * MOST and set(ends.end) == {"low", "high"}
    for row in ends.rename(columns={field(spec, "Set to"): "amount"}).itertuples():
        prior = not np.isnan(limits.prior_low[row.setting])
        value = limits.loc[row.setting, ("prior_" if prior else "") + row.end]
        assert row.value == value and row.amount == printed(row.setting, value)
        assert row.label == LABELS[row.setting]
        users = getattr(bars[row.setting], f"users_{row.end}")
        assert row.users == pytest.approx(users, abs=6e-4)
        assert row.users_text == short(million(users))
    widths = [abs(bar.users_high - bar.users_low) for bar in found.bars]
    assert widths == sorted(widths, reverse=True)
    order = ends.drop_duplicates("setting").setting.tolist()
    assert order == [bar.setting for bar in found.bars[:MOST]]
    assert f"The {MOST} longest of {len(found.bars)}" in words(seen(open="levers"))


def test_bars_are_as_long_as_their_users():
    """Places grow with the root of users; the present line is at one place in all rows."""
    _, frame = rows()
    ends, now = frame[frame.kind == "end"], frame[frame.kind == "now"].left
    assert now.nunique() == 1
    outer = np.where(ends.side == "left", ends.left, ends.right)
    slope, at_zero = np.polyfit(ends.users**0.5, outer, 1)
    assert slope > 0 and abs(slope * ends.users**0.5 + at_zero - outer).max() < 1e-3
    line = answer(case()).total.line[-1, 0]
    assert slope * line**0.5 + at_zero == pytest.approx(now.iloc[0], abs=1e-3)


def test_the_curve_goes_through_the_answer():
    """The dot of the present value is at the users of the answer, on one scale for all."""
    _, frame = rows()
    line = answer(case()).total.line[-1, 0]
    here = frame[frame.kind == "here"]
    assert len(here) == MOST
    heights = (here.y - here["rank"]).round(3)
    assert heights.nunique() == 1
    for row in here.itertuples():
        assert row.value == pytest.approx(case()[row.setting])
        assert row.users == pytest.approx(line, rel=1e-4)
        curve = frame[(frame.kind == "curve") & (frame.setting == row.setting)]
        assert np.interp(row.x, curve.x, curve.y) == pytest.approx(row.y, abs=1e-3)
        assert len(curve) >= 11 and curve.x.is_monotonic_increasing


def test_what_can_be_clicked_are_ends_and_points_of_curves():
    spec, frame = rows()
    targets = frame[frame.kind == "target"]
    for name, own in targets.groupby("setting"):
        assert (own.left < own.right).all(), name
        limits = data("settings").set_index("name").loc[name]
        assert own.value.between(limits.low, limits.high).all()
        ends = frame[(frame.kind == "end") & (frame.setting == name)]
        assert own[own.end.notna()].value.tolist() == ends.value.tolist()
    assert spec["params"][0]["select"]["fields"] == ["setting", "value"]


def test_the_sentence_names_the_strongest():
    app = seen(open="levers")
    first, second, third = tornado(case()).bars[:3]
    said = next(text.value for text in app.markdown if "matters most" in text.value)
    assert said.startswith(f"**{LABELS[first.setting]}**")
    low, high = sorted((first.users_low, first.users_high))
    assert f"{span(low, high)} users over its plausible range" in said
    assert f"{LABELS[second.setting]} and {LABELS[third.setting]}" in said
    assert said.replace("*", "") in app.get("vega_lite_chart")[-1].proto.alt
    assert not re.search(r"\bdraws?\b", words(app))


def test_what_would_narrow_the_range_is_drawn_on_request_only():
    app = open_page(open="levers", **{"case": "today"})
    assert len(charts(app)) == 2  # the answer and the tornado
    app.toggle(key="fold_narrow").set_value(True).run()
    spec, frames = charts(app)[2]
    rows, expected = frames[""], narrow(case("today"))
    assert rows.label.tolist() == [label(one.setting) for one in expected[: len(rows)]]
    assert rows.to.tolist() == pytest.approx([one.reduction for one in expected[:8]])
    assert (rows.text_at - rows.to).tolist() == pytest.approx(
        [2 * one.error for one in expected[:8]]
    )
    for known, one in zip(rows.text, expected, strict=False):
        assert f"grade {one.grade}" in known
        assert ("no fit" in known) == (one.informed is None)
    assert f"about {expected[0].reduction:.0f}% narrower" in words(app)
