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
from pages.parts.charts import fan, fan_data
from pages.parts.downloads.provenance import for_paper, statements
from pages.parts.downloads.render import FONTS, ROOT, draw, drawable
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
    "font": FONTS,
    "axis": {
        **{"labelColor": FAINT, "titleColor": FAINT, "titleFontWeight": "normal"},
        **{"domainColor": GRID, "tickColor": GRID, "gridColor": GRID},
        **{"labelFontSize": 12, "titleFontSize": 12},
    },
    "view": {"stroke": None},
}
# the name of an event stands left of its rule where it would run into the brackets of the rivals
IS_LATE = "scale('x', datum.year) + 6 * length(datum.text) > width"
INWARDS = {
    "align": {"expr": f"{IS_LATE} ? 'right' : 'left'"},
    "dx": {"expr": f"{IS_LATE} ? -4 : 4"},
}
TEXT_WIDTH = WIDTH - 2 * EDGE  # pixels; what is broader all the same, Vega cuts off
LETTER = 0.55  # width of most letters over their size, to the safe side
# size (pixels), weight and colour of letters, and their width over their size
TEXTS = {
    "title": (15, "bold", FAINT, 1.0),  # it may be in letters as wide as high
    "answer": (18, "bold", INK, LETTER),
    "cost": (14, "normal", INK, LETTER),
    "caution": (12, "bold", FAINT, LETTER),
    "small": (12, "normal", FAINT, LETTER),
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
        drawn = drawable(whole["Title"])
        small.append(words.left_out(len(whole["Title"]) - len(drawn)))
        whole["Title"] = drawn.strip()
    above, top = _lines([("title", whole["Title"]), ("answer", sentence), ("cost", cost)], 0)
    below, bottom = _lines(
        [("caution", whole["Caution"]), *(("small", text) for text in small)], PLOT + AXIS
    )
    lines = [line | {"y": line["y"] - top - EDGE - TITLE} for line in above] + below
    spec = chart_spec(scenario, answer, (WIDTH - LEFT - RIGHT, PLOT), lines)
    sides = {"top": top + 2 * EDGE + TITLE, "bottom": bottom - PLOT + EDGE}
    return draw(spec | {"padding": spec["padding"] | sides, "description": sentence}, form)


def chart_spec(
    scenario: Scenario,
    answer: bands.Answer,
    size: tuple[int, int] = (520, 270),
    lines: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """The Vega-Lite specification of the chart in the colours of the light page.

    size : width and height of the plot, pixels;  lines : text around it, as `_lines` gives it
    """
    tables = fan_data.fan_rows(answer, scenario=scenario)
    datasets = {name: table.to_pylist() for name, table in tables.items()}
    title, _ = _lines([("small", datasets["axis"][0]["title"])], -TITLE)
    datasets["lines"] = [*title, *lines]
    names = ("y", "fontSize", "lineHeight", "fontWeight", "fill")
    styles = {name: alt.ExprRef(f"datum.{name}") for name in names}
    place = {"align": "left", "baseline": "top", "x": EDGE - LEFT, "limit": TEXT_WIDTH}
    text = alt.Chart(alt.NamedData("lines")).mark_text(lineBreak="\n", **place, **styles)
    # the last layer follows a pointer, which paper does not have
    layers = [*fan.adoption_fan().layer[:-1], text.encode(text="text:N")]
    chart = alt.layer(*layers).properties(
        width=size[0],
        height=size[1],
        padding={"left": LEFT, "right": RIGHT, "top": 10 + TITLE, "bottom": AXIS},
        autosize="none",
        background="white",
        description=wording.CHART,
    )
    spec = chart.to_dict() | {"config": STYLE | {"range": {"category": colours("light")}}}
    for layer in spec["layer"]:
        if layer.get("data", {}).get("name") == "event" and layer["mark"]["type"] == "text":
            layer["mark"] |= INWARDS
    return spec | {"datasets": datasets}


def colours(page: str) -> list[str]:
    """The colour of each messenger on the "light" or the "dark" page."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return theme["theme"][page]["chartCategoricalColors"]


def _lines(texts: Sequence[tuple[str, str]], y: float) -> tuple[list[dict[str, Any]], float]:
    """A row for each text, below each other from `y` on, and where they end, pixels.

    texts : style (of TEXTS) and text
    """
    rows = []
    for style, text in texts:
        size, weight, colour, width = TEXTS[style]
        lines = textwrap.wrap(text, int(TEXT_WIDTH / (width * size)), break_on_hyphens=False)
        if lines:
            look = {"fontSize": size, "fontWeight": weight, "fill": colour}
            rows.append({"text": "\n".join(lines), "y": y, "lineHeight": LINE * size, **look})
            y += LINE * size * len(lines) + size / 3
    return rows, y
