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
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.scenario.links import clean_title
from model.scenario.scenario import Scenario
from pages.parts import wording
from pages.parts.charts import fan, fan_data
from pages.parts.downloads import provenance
from pages.parts.downloads.render import ROOT, draw

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
# meaning of lines, shade and marks
LEGEND = (
    "Dashed: the projection, the middle of 256 runs. Shaded: the 80% range, including past "
    "forecast error, of WeChat; brackets at the right: the same of LINE and KakaoTalk, cut off at "
    "the top of the chart. Hollow marks: observed; thick bars: where only a range is known. On the "
    "square-root scale small numbers can be read."
)
FILLER = "\0"  # no text has it


def picture(scenario: Scenario, title: str, link: str, form: str) -> bytes:
    """The poster as "svg", or as "png" in twice as many pixels each way; raises PictureError.

    title : as typed;  link : complete address of the page
    """
    answer = bands.answer(scenario)
    sentence = wording.sentence(answer).replace("**", "")
    cost = wording.cost(answer, scenario).replace("**", "")
    head = [(clean_title(title), 15, "bold", FAINT), (sentence, 18, "bold", INK)]
    above, top = _lines([*head, (cost, 14, "normal", INK)], 0)
    foot = [
        LEGEND,
        provenance.settings(scenario),
        provenance.events(scenario),
        _sources(scenario, answer),
        provenance.printed(provenance.page(scenario, link)),
    ]
    small = [(text, 12, "normal", FAINT) for text in foot]
    below, bottom = _lines([(provenance.caution(), 12, "bold", FAINT), *small], PLOT + AXIS)
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

    size : width and height of the plot, pixels;  lines : text around it, as `_lines` gives it
    """
    drawn = fan.adoption_fan(source=None)
    layers = drawn.layer[:-1]  # the last follows a pointer, which paper does not have
    if lines:
        names = ("y", "fontSize", "fontWeight", "fill")
        styles = {name: alt.ExprRef(f"datum.{name}") for name in names}
        text = alt.Chart(alt.NamedData("lines")).encode(text="text:N")
        layers.append(text.mark_text(align="left", baseline="top", x=EDGE - LEFT, **styles))
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
    tables = fan_data.fan(answer, scenario=scenario)
    rows = {name: table.to_pylist() for name, table in tables.items()}
    if lines:  # a title would stand above the text
        title = {"text": rows["axis"][0]["title"], "y": -TITLE, "fontSize": 12}
        lines = [*lines, title | {"fontWeight": "normal", "fill": FAINT}]
    datasets = rows | {"lines": list(lines)}
    return chart.to_dict() | {"config": STYLE | {"range": colours}, "datasets": datasets}


def _sources(scenario: Scenario, answer: bands.Answer) -> str:
    """Data version and sources in a sentence."""
    sources = load_evidence().sources.set_index("source_id")
    shown = sources.loc[provenance.observed(answer)]
    producers = ", ".join(shown.producer[shown.url.str.startswith("http")].unique())
    count = len(provenance.used(scenario))
    return (
        f"Data of {data_version()}. Observed: {producers}. The projection rests on {count} "
        "sources, which the report of the page names."
    )


def _lines(texts: list[tuple[str, int, str, str]], y: float) -> tuple[list[dict[str, Any]], float]:
    """Texts below each other from `y` on as one row a line, and where they end, pixels.

    texts : text, size in pixels, weight, colour
    """
    lines = []
    for text, size, weight, colour in texts:
        wrapped = _wrapped(text, size)
        for k, line in enumerate(wrapped):
            place = {"text": line, "y": y + LINE * size * k}
            lines.append(place | {"fontSize": size, "fontWeight": weight, "fill": colour})
        y += LINE * size * len(wrapped) + (size / 3 if wrapped else 0)
    return lines, y


def _wrapped(text: str, size: int) -> list[str]:
    """`text` in lines that fit the picture, each letter lengthened by fillers to its width."""
    long = "".join(letter + FILLER * (_width(letter) - 1) for letter in text)
    lines = textwrap.wrap(long, 50 * (WIDTH - 2 * EDGE) // size, break_on_hyphens=False)
    return [line.replace(FILLER, "") for line in lines]


def _width(letter: str) -> int:
    """Rough width of a letter in fiftieths of its size: bold Arial, to the safe side."""
    if ord(letter) > 0x1100:  # Chinese, Japanese, Korean, pictures
        return 53
    if letter in "MW@%m":
        return 48
    if letter in "fijlrtI .,:;!|/'()-":
        return 17
    return 37 if letter.isupper() else 29
