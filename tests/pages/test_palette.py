"""The colours of the theme: readable on the page, and told apart without red, green or blue cones.

Missing cones: Machado, Oliveira and Fernandes (2009), full severity, doi:10.1109/TVCG.2009.113.
Distance: CIE 1976, where 2.3 is just noticeable.
"""

import itertools
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from pages.parts.charts import doubts, theme
from tests.pages.contrast import contrast, linear

THEME = tomllib.loads(
    (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)["theme"]
PAGES = {"light": "#FFFFFF", "dark": "#171614"}  # Streamlit's own, which the theme leaves
SIGHT = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LEAST = {sight: 40 if sight == "normal" else 20 for sight in SIGHT}


def lab(colour, sight):
    """CIE L*a*b* of a colour as somebody with this sight sees it."""
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear(colour), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in to_xyz @ seen / [0.9505, 1.0, 1.089]
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one, other, sight="normal"):
    return math.dist(lab(one, sight), lab(other, sight))


def test_distance_knows_what_everybody_knows():
    """Black and white are 100 apart; red and green look alike without red or green cones only."""
    assert distance("#000000", "#FFFFFF") == pytest.approx(100, abs=0.1)
    pair = "#B05050", "#6F6A2C"
    assert distance(*pair, "deutan") < distance(*pair, "normal") / 2
    assert distance(*pair, "tritan") > distance(*pair, "normal") / 2


@pytest.mark.parametrize("mode", PAGES)
@pytest.mark.parametrize("sight", SIGHT)
def test_the_three_messengers_are_told_apart(mode, sight):
    colours = THEME[mode]["chartCategoricalColors"]
    assert len(colours) == len(theme.PLATFORMS)
    for one, other in itertools.combinations(colours, 2):
        assert distance(one, other, sight) >= LEAST[sight], (one, other)


@pytest.mark.parametrize("sight", SIGHT)
def test_the_ends_of_a_range_are_told_apart(sight):
    assert distance(theme.LOW, theme.HIGH, sight) >= LEAST[sight]


def over(colour, page, opacity):
    """The colour of a mark that lets through some of the page."""
    channels = [[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in (colour, page)]
    mixed = np.rint(opacity * np.array(channels[0]) + (1 - opacity) * np.array(channels[1]))
    return "#{:02x}{:02x}{:02x}".format(*mixed.astype(int))


@pytest.mark.parametrize("mode", PAGES)
def test_marks_stand_out_from_the_page(mode):
    own, opacity = THEME[mode]["chartCategoricalColors"], theme.OUR_READING["opacity"]
    readings = [over(colour, PAGES[mode], opacity) for colour in own]
    others = [theme.NEUTRAL, theme.GREY, theme.LINE, theme.LOW, theme.HIGH]
    for colour in [*own, *readings, *others]:
        assert contrast(colour, PAGES[mode]) >= 3, colour


@pytest.mark.parametrize(("which", "mode"), list(enumerate(PAGES)))
def test_text_can_be_read(which, mode):
    texts = [THEME[mode][name] for name in ("primaryColor", "textColor") if name in THEME[mode]]
    for colour in [theme.TEXT_COLOURS[which], *texts]:
        assert contrast(colour, PAGES[mode]) >= 4.5, colour


@pytest.mark.parametrize(("which", "mode"), list(enumerate(PAGES)))
def test_the_parts_of_the_doubts_are_told_apart_and_their_texts_read(which, mode):
    fills = [pair[which] for pair in doubts.PARTS.values()]
    for fill in fills:
        assert contrast(fill, doubts.INK[which]) >= 4.5 and contrast(fill, PAGES[mode]) >= 3
    for one, other in itertools.combinations(fills, 2):
        assert distance(one, other) >= 30, (one, other)


def test_more_is_darker():
    """The sequence of tiles and maps goes one way, in steps that can be seen."""
    lightness = [lab(colour, "normal")[0] for colour in THEME["chartSequentialColors"]]
    assert np.all(np.diff(lightness) < -2.3)
