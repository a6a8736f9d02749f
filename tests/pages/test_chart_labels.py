"""No label lies on another label, a dot or a line: counted anew from the rows, in pixels."""

import itertools
from functools import cache

import numpy as np
import pytest
from PIL import ImageFont

from model.analysis.sensitivity import LeadMap, lead_map
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import case, cases, change
from pages.parts.charts import fan, fan_data
from pages.parts.charts import lead_map as chart
from tests.kept import answer

FONT = ImageFont.load_default(size=20)  # as wide as Source Sans, which the page has, or wider


def box(x, y, row, text):
    """Left, top, right, bottom of a label in pixels, each line 0.9 of its size high."""
    wide = max(FONT.getlength(line) for line in text.split("\n")) * row["size"] / 20 * 0.9
    high = row["size"] * (1 + 1.1 * text.count("\n")) * 0.45
    left = x + row["dx"] - {"left": 0, "center": wide / 2, "right": wide}[row["align"]]
    return left, y + row["dy"] - high, left + wide, y + row["dy"] + high


def meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(label, points):
    """Whether a line through points in pixels enters a box, by samples a pixel apart."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 2
        x, y = np.linspace(x0, x1, steps), np.linspace(y0, y1, steps)
        if ((x > label[0]) & (x < label[2]) & (y > label[1]) & (y < label[3])).any():
            return True
    return False


def lie_on_nothing(labels, dots, lines):
    """Labels (name, box) lie on no other label, no dot (a box) and no line (points), in pixels."""
    for (name, one), (other_name, other) in itertools.combinations(labels, 2):
        assert not meet(one, other), (name, other_name)
    for name, one in labels:
        assert not [dot for dot in dots if meet(one, dot)], name
        assert not [line for line in lines if crosses(one, line)], name


def check_map(frame, wide, high):
    """All labels of a lead map on a plot of one size; their names."""
    x, y = frame.wechat / 400 * wide, (1 - frame.concern / 100) * high
    own = [
        (row["name"], box(x[i], y[i], row, row["name"]))
        for i, row in frame[(frame.kind == "label") & (frame.least <= wide)].iterrows()
    ]
    for name, one in own:
        assert one[0] >= -1 and one[2] <= wide + 1 and one[1] >= -1 and one[3] <= high + 1, name
    dots = np.column_stack([x, y])[frame.kind.isin(["case", "now"])]
    points = frame[frame.kind.isin(["share", "frontier"])].groupby("name")
    lines = [np.column_stack([x[line.index], y[line.index]]) for _, line in points]
    lie_on_nothing(own, [(a - 4, b - 4, a + 4, b + 4) for a, b in dots], lines)
    return [name for name, _ in own]


SIZES = {False: ((640, 297), (930, 297), (1100, 297)), True: ((273, 187), (320, 187))}


def check_all(found, scenario):
    """Check the labels against both rivals, on a desktop and a phone; their names in each."""
    shown = []
    for rival, phone in itertools.product(PLATFORMS[1:], SIZES):
        frame = chart.lead_rows(found, scenario, rival, phone=phone)
        for size in SIZES[phone]:
            names = check_map(frame, *size)
        shown.append(names)
    return shown


@cache
def default_map():
    return lead_map(case())


@pytest.mark.parametrize("name", cases())
def test_labels_of_the_lead_map_lie_on_nothing(name):
    assert all("Now" in names for names in check_all(default_map(), case(name)))


def random_map(number):
    """A map of 64 runs whose logarithms of ratios rise with growth and fall with concern."""
    made = np.random.default_rng(number)
    growth, concern = np.linspace(0, 400, 21), np.linspace(0, 100, 21)
    slopes = made.uniform([0.002, -0.04], [0.03, -0.002])
    bend = made.uniform(-1e-4, 1e-4)
    plane = slopes[0] * growth[:, None] + slopes[1] * concern + bend * growth[:, None] * concern
    plane += made.normal(-2, 2)
    shift = np.sort(made.normal(0, made.uniform(0.05, 2), (2, 64)), axis=1)
    margins = plane + shift[..., None, None]
    users = 50 * np.exp(np.stack([plane, 0 * plane, 0 * plane + made.normal(0, 1)], axis=-1))
    return LeadMap(growth=growth, concern=concern, users=users, margins=margins)


@pytest.mark.parametrize("number", range(50))
def test_labels_of_random_maps_lie_on_nothing(number):
    place = np.random.default_rng(number).integers(0, (200, 100))
    now = change(case(), {"wechat": float(2 * place[0]), "concern": float(place[1])})
    assert any(check_all(random_map(number), now))


def test_the_level_line_and_both_regions_are_named_where_there_is_room():
    frame = chart.lead_rows(default_map(), case(), "LINE")
    names = set(frame.name[frame.kind == "label"])
    assert {"level with LINE", "LINE ahead", "WeChat ahead", "ahead in 10% of runs"} <= names


FANS = [(name, at) for name in cases() for at in (None, 0.45)]


@pytest.mark.parametrize(("name", "at"), FANS)
@pytest.mark.parametrize("phone", [False, True])
def test_labels_of_the_fan_lie_on_nothing(name, at, phone):
    """At the smallest width of each; events' names, notes, and the two lines of each end label."""
    found = answer(case(name))
    start, end = found.times[0], found.times[-1]
    at = None if at is None else float(found.times[round(at * len(found.times))])
    tables = fan_data.fan_rows(
        found, scenario=case(name), at=at, guess=90.0, guesses=(20.0, 150.0), phone=phone
    )
    rows = {key: table.to_pylist() for key, table in tables.items()}
    axis = rows["axis"][0]
    high = 181 if phone else 302
    for wide in (145, 161, 200) if phone else (475, 600, 775, 1100):

        def place(row, users="users", wide=wide):
            share = (row["year"] - axis["start"]) / (axis["end"] - axis["start"])
            return share * wide, (1 - (min(row[users], axis["top"]) / axis["top"]) ** 0.5) * high

        notes = [
            (row["text"], box(*place(row), row, row["text"]))
            for row in rows["note"]
            if row["least"] <= wide
        ]
        rules = [place(row | {"users": 0})[0] for row in rows["event"]]
        names = []
        for row, rule in zip(rows["event"], rules, strict=True):
            left, top = min(rule + 4, wide - row["size"]), 2 + 14 * row["row"]
            long = FONT.getlength(row["text"]) * 11 / 20 * 0.9
            if row["text"]:
                names.append((row["text"], (left, top, left + long, top + 11)))
        dots = [(x - 3, y - 3, x + 3, y + 3) for x, y in map(place, rows["observed"])]
        for row in rows["range"]:
            (x, top), (_, bottom) = place(row, "high"), place(row, "low")
            dots.append((x - 3, top, x + 3, bottom))
        lines = [
            [place(row) for row in rows["path"] if row["platform"] == name] for name in PLATFORMS
        ]
        lie_on_nothing(notes, dots, [*lines, *([(x, 0), (x, high)] for x in rules)])
        lie_on_nothing([*notes, *names], [], [])
        heights = sorted(place(row)[1] for row in rows["end"])
        assert min(np.diff(heights)) >= 27, heights
    if at is not None:
        assert rows["chosen"][0]["year"] == at and start < at < end
        now = answer(change(case(name), {"horizon": at - start})).total.line[-1, 0]
        assert rows["chosen"][0]["users"] == pytest.approx(now, rel=1e-6), quarter_name(at)


def test_the_label_of_an_observed_mark_names_its_messenger():
    rows = fan_data.fan_rows(answer(case()), scenario=case())
    texts = rows["note"]["text"].to_pylist()
    assert any(text.startswith("LINE observed: ") for text in texts)
    assert any(text.startswith("WeChat, our reading: ") for text in texts)
    assert fan_data.fan_rows(answer(case()), phone=True)["note"].num_rows == 0


def test_brackets_are_apart():
    """At least 8 pixels between the ticks of two brackets, 6 pixels wide, and before the labels."""
    places = [right for right in fan_data.BRACKETS if right]
    assert np.diff([-3, *places, min(fan.LABELS_AT.values()) + 3]).min() >= 6
    assert np.diff(places) - 6 >= 8
