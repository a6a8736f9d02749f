"""The tornado on the screen: bars, words, and the ways to set a slider."""

import re

import numpy as np
import pytest

from model.analysis.bands import answer
from model.analysis.sensitivity import tornado
from model.scenario.scenario import case
from tests.pages.screen import (
    about,
    charts,
    data,
    field,
    marks,
    seen,
    short,
    words,
)

LABELS = data("settings").set_index("name").label
UNITS = data("settings").set_index("name").unit
MOST = 7


def rows(**address):
    spec, frames = charts(seen(open="matters", **address))[-1]
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
        assert row.users_text == short(about(users))
    widths = [abs(bar.users_high - bar.users_low) for bar in found.bars]
    assert widths == sorted(widths, reverse=True)
    order = ends.drop_duplicates("setting").setting.tolist()
    assert order == [bar.setting for bar in found.bars[:MOST]]


def test_bars_begin_at_the_answer_on_a_square_root_scale():
    spec, frame = rows()
    line = answer(case()).total.line[-1, 0]
    assert frame.now.to_numpy() == pytest.approx(line, rel=1e-6)
    assert frame.label[frame.kind == "head"].tolist() == [f"now {short(about(line))}"]
    (bar,) = [m for m in marks(spec) if m["encoding"].get("x2", {}).get("field") == "users"]
    assert (bar["encoding"]["x"]["field"], bar["encoding"]["x"]["scale"]["type"]) == ("now", "sqrt")
    ends = frame[frame.kind == "end"]
    pairs = ends[["users", "now"]]
    outer = np.where(ends.side == "left", pairs.min(axis=1), pairs.max(axis=1))
    assert ends.text_at.to_numpy() == pytest.approx(outer, abs=6e-4)
    assert (ends.groupby("setting").side.nunique() == 2).all()


def test_the_range_of_a_setting_is_said_and_a_click_goes_to_an_end():
    spec, frame = rows()
    known = data("settings").set_index("name")
    for row in frame[frame.kind == "name"].itertuples():
        own = frame[(frame.kind == "end") & (frame.setting == row.setting)].set_index("end").value
        low, high = (printed(row.setting, own[end]) for end in ("low", "high"))
        currency = "US$ " * high.startswith("US$ ")  # the unit is said once
        number = re.search(r"[0-9.]+", low)[0]
        assert row.range == f"{currency}{number} to {high.removeprefix(currency)}"
        assert own.between(known.low[row.setting], known.high[row.setting]).all()
    picked = {one["name"]: one["select"]["fields"] for one in spec["params"]}
    assert picked == {"bar": ["setting", "value"]}


def test_the_sentence_names_the_strongest():
    app = seen(open="matters")
    first, second, third = tornado(case()).bars[:3]
    said = next(text.value for text in app.markdown if "matters most" in text.value)
    assert said.startswith(f"**{LABELS[first.setting]}**")
    low, high = sorted((first.users_low, first.users_high))
    assert f"{about(low).split()[0]} to {about(high)} users over its plausible range" in said
    assert f"{LABELS[second.setting]} and {LABELS[third.setting]}" in said
    assert said.replace("*", "") in app.get("vega_lite_chart")[-1].proto.alt
    assert not re.search(r"\bdraws?\b", words(app))
