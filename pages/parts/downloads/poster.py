"""The main chart for paper: with the answer above it and what it rests on below it.

All places are fixed in pixels from the left upper corner of the plot, so that pictures of two
scenarios can be laid on each other.
"""

import re
import tomllib
from typing import Any

import altair as alt

from model.analysis.bands import Answer
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.scenario.scenario import Scenario
from pages.parts import wording
from pages.parts.charts import fan, fan_data
from pages.parts.downloads import provenance
from pages.parts.downloads.render import ROOT

WIDTH, LEFT, RIGHT = 900, 72, 170  # pixels: the whole picture, left and right of the plot
EDGE = 20  # pixels left free around everything
PLOT = 380  # height of the plot, pixels
AXIS = 34  # height of the years below the plot, pixels
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
INK, FAINT, GRID = "#1F2430", "#555B6B", "#E4E6EB"
LINE = 1.35  # height of a line over the size of its letters
MARKS = {
    "settings": "Dashed: the projection, the middle of 64 runs. Shaded: the middle 80% of the runs",
    "errors": "Dashed: the projection, the middle of 64 runs. Shaded: 80% prediction interval, "
    "with past forecast error",
}
SEEN = (
    "Marks: observed; thick bars: the range where nobody knows better. The scale is stretched, so "
    "that small numbers can be read."
)
# words and pieces of long ones; scripts without blanks may break after each letter
PARTS = re.compile(r"[^\s\u1100-\U0010ffff]{1,30}\s*|.\s*")
NARROW, BROAD = "fijlrtI .,:;!|/'()-", "MW@%m"

Words = list[tuple[str, int, str, str]]  # text, size in pixels, weight, colour


def legend(band: str) -> str:
    """What lines, shade and dots are."""
    return f"{MARKS[band]} (it may go on above where it is cut). {SEEN}"


def bare(answer: Answer, outside: str, band: str) -> dict[str, Any]:
    """The Vega-Lite specification of the chart alone, for a page with words of its own."""
    chart = alt.layer(*_layers())
    padding = {"left": 56, "right": RIGHT, "top": 10, "bottom": AXIS}
    sized = chart.properties(width=520, height=270, padding=padding)
    return _finished(sized, answer, outside, band) | {"description": wording.CHART}


def poster_spec(
    scenario: Scenario, answer: Answer, outside: str, band: str, *, title: str, page: str
) -> dict[str, Any]:
    """The same with the answer as its head, and settings, vintage and sources as its foot.

    title : as typed, without control characters;  page : short address of the page
    """
    said = wording.sentence(answer, outside, band).replace("**", "")
    cost = wording.cost(answer, scenario).replace("**", "")
    head = [(title, 15, "bold", FAINT), (said, 18, "bold", INK), (cost, 14, "normal", INK)]
    foot = [
        (provenance.caution(band), 12, "bold", FAINT),
        *((text, 12, "normal", FAINT) for text in _foot(scenario, answer, outside, band, page)),
    ]
    above, top = _blocks([row for row in head if row[0]], 0)
    below, bottom = _blocks(foot, PLOT + AXIS)
    words = [mark.encode(y=alt.value(place - top - EDGE)) for place, mark in above]
    words += [mark.encode(y=alt.value(place)) for place, mark in below]
    chart = alt.layer(*_layers(), *words)
    padding = {"left": LEFT, "right": RIGHT, "top": top + 2 * EDGE, "bottom": bottom - PLOT + EDGE}
    sized = chart.properties(width=WIDTH - LEFT - RIGHT, height=PLOT, padding=padding)
    return _finished(sized, answer, outside, band) | {"description": said}


def _foot(scenario: Scenario, answer: Answer, outside: str, band: str, page: str) -> list[str]:
    """What is written below the chart."""
    known = load_evidence().sources.set_index("source_id")
    seen = [key for key in provenance.seen(answer, outside) if known.url[key].startswith("http")]
    producers = ", ".join(dict.fromkeys(known.producer[seen]))
    given = len(provenance.used(scenario))
    return [
        legend(band),
        provenance.setting_line(scenario),
        provenance.on_the_way(scenario),
        f"Data of {data_version()}. Observed: {producers}. The projection rests on {given} sources, "
        "which the report and the JSON download of the page name.",
        provenance.shown(page),
    ]


def _layers() -> list[alt.Chart]:
    """The layers of the chart but the last, which follows a pointer that paper does not have."""
    return fan.adoption_fan().layer[:-1]


def _finished(chart: alt.LayerChart, answer: Answer, outside: str, band: str) -> dict[str, Any]:
    """The specification of a chart with its data, colours and letters."""
    styled = (
        chart.properties(background="white", autosize="none")
        .configure(font=FONT, range=alt.RangeConfig(category=_colours()))
        .configure_axis(
            labelColor=FAINT,
            titleColor=FAINT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            domainColor=GRID,
            tickColor=GRID,
            gridColor=GRID,
        )
        .configure_view(stroke=None)
    )
    spec = styled.to_dict()
    rows = {name: table.to_pylist() for name, table in fan_data.fan(answer, outside, band).items()}
    return spec | {"datasets": spec.get("datasets", {}) | rows}


def _colours() -> list[str]:
    """The colours of the platforms on the light page."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return theme["theme"]["light"]["chartCategoricalColors"]


def _blocks(words: Words, start: float) -> tuple[list[tuple[float, alt.Chart]], float]:
    """Text marks below each other, each with its place from `start`, and where they end."""
    made, place = [], start
    for text, size, weight, colour in words:
        lines = _wrapped(text, size)
        mark = alt.Chart(alt.InlineData([{}])).mark_text(
            text=lines,
            align="left",
            baseline="top",
            fontSize=size,
            fontWeight=weight,
            lineHeight=LINE * size,
            color=colour,
        )
        made.append((place, mark.encode(x=alt.value(EDGE - LEFT))))
        place += LINE * size * len(lines) + size / 3
    return made, place


def _wrapped(text: str, size: int) -> list[str]:
    """`text` in lines that fit the picture."""
    lines, room = [""], (WIDTH - 2 * EDGE) / size
    for part in PARTS.findall(text):
        if lines[-1] and sum(map(_wide, lines[-1] + part.rstrip())) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += part
    return lines


def _wide(letter: str) -> float:
    """Rough width of a letter over its size: bold Arial, to the safe side."""
    if ord(letter) > 0x1100:  # Chinese, Japanese, Korean, pictures
        return 1.05
    if letter in NARROW + BROAD:
        return 0.34 if letter in NARROW else 0.95
    return 0.74 if letter.isupper() else 0.58
