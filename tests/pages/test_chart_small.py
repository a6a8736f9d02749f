"""The bar of the doubts, and the curve over a slider: numbers, places and texts."""

import re
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pytest

from pages.parts.charts.curve import slider_curve
from pages.parts.charts.doubts import doubts_rows

DOUBTS = SimpleNamespace(nobody=206.9, established=135.6, concern=33.4, remains=37.9)


def test_the_parts_of_the_doubts_join_and_their_numbers_add_up():
    rows = doubts_rows(DOUBTS)
    assert rows.part.tolist() == ["remains", "concern", "established"]
    assert rows["from"].tolist() == pytest.approx([0, 37.9, 71.3])
    assert rows["to"].tolist() == pytest.approx([37.9, 71.3, 206.9])
    assert rows.users.tolist() == ["38", "takes 33", "take 136"]


def test_a_doubt_that_brings_users_takes_no_room():
    rows = doubts_rows(SimpleNamespace(nobody=30.0, established=-4.0, concern=2.0, remains=32.0))
    assert rows.users.tolist()[1:] == ["takes 2", "bring 4"]
    assert (rows["to"] - rows["from"]).tolist() == pytest.approx([32, 2, 0])


def drawn(**changed):
    """The SVG in the image of a curve from 0 to 400, whose users grow with the value squared."""
    values = np.linspace(0, 400, 11)
    points = np.column_stack([values, values**2])
    given = {"now": 100.0, "span": (0.0, 400.0), "plausible": (50.0, 300.0)} | changed
    image = slider_curve(points, **given)
    assert 'alt="" aria-hidden="true"' in image and " id=" not in image
    return b64decode(re.search('base64,([^"]*)', image)[1]).decode()


@pytest.mark.parametrize(("now", "x"), [(0, 36.0), (20, 47.39), (194, 146.58), (380, 252.59)])
def test_the_dot_of_a_curve_is_over_the_thumb(now, x):
    """Where Chromium has the thumb of a slider in a sidebar that begins at 30 pixels."""
    dot = re.search('circle cx="([^"]*)" cy="([^"]*)"', drawn(now=float(now)))
    assert float(dot[1]) + 30 == pytest.approx(x, abs=0.1)
    line = np.array([pair.split(",") for pair in re.search('points="([^"]*)"', drawn())[1].split()])
    line = line.astype(float)
    assert float(dot[2]) == pytest.approx(np.interp(float(dot[1]), *line.T), abs=0.6)
