"""The main chart for paper: the answer above it, its settings and sources below it.

All places are fixed in pixels from the left upper corner of the plot, so that pictures of two
scenarios can be laid on each other.
"""

import textwrap
import tomllib
from collections.abc import Sequence
from typing import Any

import altair as alt

from model.analysis import bands
from model.scenario.scenario import Scenario
from pages.parts.charts import fan
from pages.parts.downloads.provenance import provenance_of
from pages.parts.downloads.render import ROOT, draw
from pages.parts.wording import answer as wording
from pages.parts.wording import share as words

WIDTH, LEFT, RIGHT = 900, 72, 170  # pixels: the whole picture, left and right of the plot
EDGE = 20  # pixels left free around everything
PLOT = 380  # height of the plot, pixels
TITLE = 22  # height of the title of the chart above the plot, pixels
AXIS = 34  # height of the years below the plot, pixels
LINE = 1.35  # height of a line over the size of its letters
INK, FAINT, GRID = "#1F2430", "#555B6B", "#E4E6EB"
STYLE = {
    "font": "Arial, Liberation Sans, Helvetica, sans-serif",
    "axis": {
        **{"labelColor": FAINT, "titleColor": FAINT, "titleFontWeight": "normal"},
        **{"domainColor": GRID, "tickColor": GRID, "gridColor": GRID},
        **{"labelFontSize": 12, "titleFontSize": 12},
    },
    "view": {"stroke": None},
}
TEXT_WIDTH = WIDTH - 2 * EDGE  # pixels; what is broader all the same, Vega cuts off
LETTER = 0.55  # width of most letters over their size, to the safe side
TITLE_SIZE = 15  # of the letters of the title, pixels
TITLE_LETTERS = 56  # in a line of the title, which may be in letters as wide as high


def picture(scenario: Scenario, title: str, link: str, form: str) -> bytes:
    """The poster as "svg", or as "png" in twice as many pixels each way; raises PictureError.

    title : as typed;  link : complete address of the page
    """
    answer, whole = bands.answer(scenario), provenance_of(scenario, title, link)
    sentence = wording.sentence(answer).replace("**", "")
    cost = wording.cost(answer, scenario).replace("**", "")
    head = [
        (whole.title, TITLE_SIZE, "bold", FAINT),
        (sentence, 18, "bold", INK),
        (cost, 14, "normal", INK),
    ]
    above, top = _paragraphs(head, 0)
    foot = [
        words.LEGEND,
        whole.settings,
        whole.events,
        words.rests_on(whole.data, whole.producers, whole.count),
        whole.printed,
    ]
    small = [(text, 12, "normal", FAINT) for text in foot]
    below, bottom = _paragraphs([(whole.caution, 12, "bold", FAINT), *small], PLOT + AXIS)
    lines = [line | {"y": line["y"] - top - EDGE - TITLE} for line in above] + below
    size = (WIDTH - LEFT - RIGHT, PLOT)
    spec = chart_spec(scenario, answer, size=size, lines=lines)
    sides = {"left": LEFT, "top": top + 2 * EDGE + TITLE, "bottom": bottom - PLOT + EDGE}
    return draw(spec | {"padding": spec["padding"] | sides, "description": sentence}, form)


def chart_spec(
    scenario: Scenario,
    answer: bands.Answer,
    *,
    size: tuple[int, int] = (520, 270),
    lines: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """The Vega-Lite specification of the chart in the colours of the light page.

    size : width and height of the plot, pixels;  lines : text around it, as `_paragraphs` gives it
    """
    drawn = fan.adoption_fan(source=None)
    layers = drawn.layer[:-1]  # the last follows a pointer, which paper does not have
    if lines:
        names = ("y", "fontSize", "lineHeight", "fontWeight", "fill")
        styles = {name: alt.ExprRef(f"datum.{name}") for name in names}
        text = alt.Chart(alt.NamedData("lines")).encode(text="text:N")
        place = {"align": "left", "baseline": "top", "x": EDGE - LEFT, "limit": TEXT_WIDTH}
        layers.append(text.mark_text(lineBreak="\n", **place, **styles))
    chart = alt.layer(*layers).properties(
        width=size[0],
        height=size[1],
        padding={"left": 56, "right": RIGHT, "top": 10 + TITLE, "bottom": AXIS},
        **({} if lines else {"title": drawn.title}),
        autosize="none",
        background="white",
        description=wording.CHART,
    )
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    colours = {"category": theme["theme"]["light"]["chartCategoricalColors"]}
    tables = fan.fan_rows(answer, scenario=scenario)
    rows = {name: table.to_pylist() for name, table in tables.items()}
    if lines:  # a title would stand above the text
        title = {"text": rows["axis"][0]["title"], "y": -TITLE, "fontSize": 12, "lineHeight": 16}
        lines = [*lines, title | {"fontWeight": "normal", "fill": FAINT}]
    datasets = rows | {"lines": list(lines)}
    return chart.to_dict() | {"config": STYLE | {"range": colours}, "datasets": datasets}


def _paragraphs(
    texts: list[tuple[str, int, str, str]], y: float
) -> tuple[list[dict[str, Any]], float]:
    """A row for each text, below each other from `y` on, and where they end, pixels.

    texts : text, size in pixels, weight, colour
    """
    rows = []
    for text, size, weight, colour in texts:
        letters = TITLE_LETTERS if size == TITLE_SIZE else round(TEXT_WIDTH / (LETTER * size))
        lines = textwrap.wrap(text, letters, break_on_hyphens=False)
        if lines:
            style = {"fontSize": size, "fontWeight": weight, "fill": colour}
            rows.append({"text": "\n".join(lines), "y": y, "lineHeight": LINE * size, **style})
            y += LINE * size * len(lines) + size / 3
    return rows, y
