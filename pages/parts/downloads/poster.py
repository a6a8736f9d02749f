"""The main chart as a picture to keep: the answer above it, its settings and sources below it."""

import textwrap
from collections.abc import Sequence

from model.analysis import bands
from model.scenario.scenario import Scenario
from pages.parts.charts.fan_data import fan_rows
from pages.parts.downloads import render, svg
from pages.parts.downloads.provenance import for_paper, statements
from pages.parts.wording import share as words

WIDTH, CHART = 900, 450  # pixels: width of the picture, height of the chart with title and years
EDGE = 20  # pixels left free around everything
SCALE = 2  # pixels of the PNG for each one of the SVG, so that it is sharp in print
LINE = 1.35  # height of a line over the size of its letters
LETTER = 0.55  # width of most letters over their size, to the safe side
# size (pixels) and class of letters, and their width over their size
TEXTS = {
    "title": (15, "f b", 1.0),  # it may be in letters as wide as high
    "answer": (18, "i b", LETTER),
    "cost": (14, "i", LETTER),
    "caution": (12, "f b", LETTER),
    "small": (12, "f", LETTER),
}


def picture(scenario: Scenario, title: str, link: str, form: str) -> bytes:
    """The poster as "svg", or as "png" in twice as many pixels each way; raises PictureError.

    title : as typed;  link : complete address of the page
    """
    answer = bands.answer(scenario)
    whole = statements(scenario, answer, title, link)
    sentence, cost = (whole[name].replace("**", "") for name in ("Answer", "Cost of concern"))
    small = [words.LEGEND, whole["Settings"], whole["Events"], whole["Rests on"]]
    small.append(for_paper(whole["Short link"]))
    if form == "png":  # the other one has the fonts of whoever opens it
        drawn = render.drawable(whole["Title"])
        small.append(words.left_out(len(whole["Title"]) - len(drawn)))
        whole["Title"] = drawn.strip()
    above, top = _lines([("title", whole["Title"]), ("answer", sentence), ("cost", cost)], EDGE)
    texts = [("caution", whole["Caution"]), *(("small", text) for text in small)]
    below, bottom = _lines(texts, top + EDGE + CHART)
    chart = svg.chart(fan_rows(answer, scenario=scenario), (WIDTH - 2 * EDGE, CHART))
    plot = f'<g transform="translate({EDGE} {top + EDGE:.0f})">{chart}</g>'
    drawn = svg.sheet((WIDTH, round(bottom) + EDGE), sentence, above + plot + below)
    return render.png(drawn, SCALE) if form == "png" else drawn.encode()


def _lines(texts: Sequence[tuple[str, str]], y: float) -> tuple[str, float]:
    """Texts below each other from `y` on as elements of an SVG, and where they end, pixels.

    texts : style (of TEXTS) and text
    """
    parts = []
    for style, text in texts:
        size, name, width = TEXTS[style]
        most = int((WIDTH - 2 * EDGE) / (width * size))
        for line in textwrap.wrap(text, most, break_on_hyphens=False):
            y += LINE * size
            parts.append(svg.text_at(EDGE, y, line, name, f'font-size="{size}"'))
        y += size / 3 if text else 0
    return "".join(parts), y
