"""SVGs that the server writes itself: the chart, a card with the answer, a number in a text.

The chart draws the rows of the page's chart (charts/fan_data.py), so its numbers are the page's,
in some 6 kB, without a script. Colours are classes: `colours` gives them for light or dark pages.
"""

import re
import tomllib
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10, sqrt
from typing import Any

import pyarrow as pa

from pages.parts.charts.fan import LABELS_AT, ROOM
from pages.parts.charts.fan_data import EVENT_ROW
from pages.parts.charts.theme import GREY, PLATFORMS, TEXT_COLOURS
from pages.parts.downloads.render import FONTS, LATIN, ROOT
from pages.parts.wording import answer as wording

LEFT, TOP, BELOW = 47, 23, 47  # pixels left of the plot, above it and below it
BACK = {"light": "#ffffff", "dark": "#171614"}  # of the page
INK = {"light": "#101218", "dark": "#edebe8"}  # of its text
GRID = {"light": "#e4e6eb", "dark": "#31333f"}
FAINT = dict(zip(("light", "dark"), TEXT_COLOURS, strict=True))
DASHES = ("8 3", "3 3", "1 2")  # of the platforms, as are the shapes
SHAPES = ("m-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0", "m-3-3h6v6h-6z", "m0-3.5 4 7h-8z")
CARD, EDGE = (1200, 630), 48  # pixels of a link preview, and left free around
# of its texts: pixels from above, size of the letters where all of them fit, class
CARD_LINES = ((76, 30, "f"), (130, 48, "b i"), (170, 24, "i"), (CARD[1] - 28, 18, "f"))
ZOOM = 1.56  # of the chart on a card, which is that of a phone: few words, large letters
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img" aria-label="{2}"'
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """start, end : years;  top : million users;  right, bottom : pixels;  phone : labels in short.

    The scale of users is that of the page: the square root.
    """

    start: float
    end: float
    top: float
    right: float
    bottom: float
    phone: bool

    def x(self, year: float) -> float:
        """Pixels from the left."""
        return LEFT + (year - self.start) / (self.end - self.start) * (self.right - LEFT)

    def y(self, users: float) -> float:
        """Pixels from above, within the plot."""
        part = sqrt(min(max(users, 0.0), self.top) / self.top)
        return self.bottom - part * (self.bottom - TOP)


def of_platforms(page: str) -> list[str]:
    """The colour of each messenger on the "light" or the "dark" page."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return theme["theme"][page]["chartCategoricalColors"]


def colours(page: str, scope: str = "") -> str:
    """The rules of style for a "light" or "dark" page, each within `scope`."""
    rules = {f".p{k}": f"color:{one}" for k, one in enumerate(of_platforms(page))}
    rules |= {".f": f"fill:{FAINT[page]}", ".g": f"stroke:{GRID[page]}"}
    rules[".r"] = f"stroke:{FAINT[page]};stroke-width:1.6"
    rules[".h"] = f"paint-order:stroke;stroke:{BACK[page]};stroke-width:4px;stroke-linejoin:round"
    return "".join(f"{scope}{name}{{{rule}}}" for name, rule in rules.items())


def chart(tables: dict[str, pa.Table], size: tuple[int, int], *, phone: bool = False) -> str:
    """The chart of users over time as elements of an SVG of this width and height, pixels."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    ends = rows["axis"][0]
    title = text_at(0, 12, ends.pop("title"), "f")
    plot = Plot(right=size[0] - ROOM[phone], bottom=size[1] - BELOW, phone=phone, **ends)
    parts = [title, *_axes(plot), *_projection(plot, rows), *_marks(plot, rows), *_ends(plot, rows)]
    return f'<g font-size="12">{"".join(parts)}</g>'


def chart_svg(tables: dict[str, pa.Table], size: tuple[int, int], *, phone: bool) -> str:
    """The chart as an SVG for a page, which has the colours and says the answer."""
    return f"{HEAD.format(*size, escape(wording.CHART))}>{chart(tables, size, phone=phone)}</svg>"


def sheet(size: tuple[int, int], label: str, elements: str) -> str:
    """A whole SVG of this width and height, pixels, on white.

    label : what it says, for who does not see it;  elements : besides the classes of `colours`
        these may have i (ink) and b (bold)
    """
    style = f"{colours('light')}.i{{fill:{INK['light']}}}.b{{font-weight:bold}}"
    return (
        f'{HEAD.format(*size, escape(label))} width="{size[0]}" height="{size[1]}" '
        f'font-family="{FONTS}"><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="{BACK["light"]}"/>{elements}</svg>'
    )


def card(tables: dict[str, pa.Table], texts: list[str]) -> str:
    """A picture for link previews: title, headline and range above the chart, source below it.

    tables : of a phone
    """
    room = CARD[0] - 2 * EDGE
    lines = []
    for text, (y, size, name) in zip(texts, CARD_LINES, strict=True):
        size = min(size, room / max(_width(text), 1))
        lines.append(text_at(EDGE, y, text, name, f'font-size="{size:.1f}"'))
    plot = chart(tables, (round(room / ZOOM), 252), phone=True)
    plot = f'<g transform="translate({EDGE} 194) scale({ZOOM})">{plot}</g>'
    return sheet(CARD, texts[1], "".join([*lines, plot]))


def number(text: str, about: str, link: str) -> str:
    """A number with its range for running text, linked to the page that it is from.

    about : what it is, for who points at it
    """
    wide = ceil(_width(text) * 16) + 4
    return (
        f'{HEAD.format(wide, 22, escape(about))} width="{wide}" height="22" font-size="16" '
        f'font-family="{FONTS}"><title>{escape(about)}</title><style>text{{fill:{INK["light"]}}}'
        f"@media(prefers-color-scheme:dark){{text{{fill:{INK['dark']}}}}}</style>"
        f'<a href="{escape(link)}" target="_top"><text x="2" y="16" '
        f'text-decoration="underline">{escape(text)}</text></a></svg>'
    )


def _width(text: str) -> float:
    """The width of a text over the size of its letters, to the safe side."""
    return sum(0.55 if one <= LATIN else 1.0 for one in text)


def text_at(x: float, y: float, text: str, name: str = "", more: str = "") -> str:
    """A text; name : its class."""
    kind = f' class="{name}"' * bool(name)
    return f'<text x="{_n(x)}" y="{_n(y)}"{kind} {more}>{escape(text)}</text>'


def _n(value: float) -> str:
    """A place in pixels, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _upright(x: float, start: float, end: float) -> str:
    """A vertical line as the data of a path."""
    return f"M{_n(x)} {_n(start)}V{_n(end)}"


def _path(points: list[tuple[float, float]]) -> str:
    """A line through points as the data of a path: the first, then steps, which are shorter."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in points]
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(tenths)]
    start, *more = (f"{_n(x / 10)} {_n(y / 10)}" for x, y in [tenths[0], *steps])
    return f"M{start}l" + re.sub(r"\b0\.", ".", " ".join(more)).replace(" -", "-")


def _ticks(low: float, high: float, count: int) -> list[float]:
    """About so many round numbers from `low` to `high`: those of Vega."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    steps = ((10, 50**0.5), (5, 10**0.5), (2, 2**0.5), (1, 0.0))
    step = power * next(one for one, least in steps if rough / power >= least)
    return [k * step for k in range(ceil(low / step), floor(high / step + 1e-9) + 1)]


def _axes(plot: Plot) -> list[str]:
    """Rules for users and their numbers, and the years."""
    parts, before = [], plot.bottom + 99
    for users in _ticks(0, plot.top, 6):
        y = plot.y(users)
        parts.append(f'<path d="M{LEFT} {_n(y)}H{_n(plot.right)}" class="g"/>')
        if before - y > 13:
            parts.append(text_at(LEFT - 15, y + 4, f"{users:,.6g}", "f", 'text-anchor="end"'))
            before = y
    for year in _ticks(plot.start, plot.end, 4 if plot.phone else 8):
        if year == round(year):
            at = plot.x(year)
            parts.append(text_at(at, plot.bottom + 26, f"{year:.0f}", "f", 'text-anchor="middle"'))
    return parts


def _projection(plot: Plot, rows: Rows) -> list[str]:
    """WeChat's ranges, the events, and a line for each platform."""
    parts = []
    for low, high, opacity in (("low", "high", 0.16), ("low50", "high50", 0.22)):
        upper = [(plot.x(row["year"]), plot.y(row[high])) for row in rows["band"]]
        lower = [(plot.x(row["year"]), plot.y(row[low])) for row in reversed(rows["band"])]
        d = _path(upper + lower)
        parts.append(f'<path class="p0" fill="currentColor" opacity="{opacity}" d="{d}z"/>')
    for name, look in (("event", f'stroke="{GREY}" opacity=".7"'), ("chosen", 'class="r"')):
        places = [_upright(plot.x(row["year"]), TOP, plot.bottom) for row in rows[name]]
        parts.append(f'<path {look} d="{"".join(places)}"/>')
    for row in rows["event"]:
        if row["text"]:
            at = min(plot.x(row["year"]) + 4, plot.right - row["size"])
            y = TOP + 12 + EVENT_ROW * row["row"]
            parts.append(text_at(at, y, row["text"], "f h", 'font-size="11"'))
    look = 'fill="none" stroke="currentColor" stroke-width="2.5"'
    for k, name in enumerate(PLATFORMS):
        own = [row for row in rows["path"] if row["platform"] == name]
        d = _path([(plot.x(row["year"]), plot.y(row["users"])) for row in own])
        parts.append(f'<path class="p{k}" {look} stroke-dasharray="{DASHES[k]}" d="{d}"/>')
    return parts


def _marks(plot: Plot, rows: Rows) -> list[str]:
    """The figures that were observed, our own readings, and the notes on them."""
    parts = []
    for row in rows["range"]:
        look = f'class="p{PLATFORMS.index(row["platform"])}" stroke="currentColor"'
        d = _upright(plot.x(row["year"]), plot.y(row["low"]), plot.y(row["high"]))
        parts.append(f'<path {look} stroke-width="6" opacity=".4" d="{d}"/>')
    for k, name in enumerate(PLATFORMS):
        own = [row for row in rows["observed"] + rows["chosen"] if row["platform"] == name]
        places = [f"M{_n(plot.x(row['year']))} {_n(plot.y(row['users']))}" for row in own]
        d = "".join(place + SHAPES[k] for place in places)
        parts.append(f'<path class="p{k}" fill="none" stroke="currentColor" d="{d}"/>')
    for row in rows["note"]:
        if row["least"] <= plot.right - LEFT:
            at = plot.x(row["year"]) + row["dx"], plot.y(row["users"]) + row["dy"] + 4
            anchor = {"left": "start", "right": "end", "center": "middle"}[row["align"]]
            more = f'font-size="{_n(row["size"])}" text-anchor="{anchor}"'
            parts.append(text_at(*at, row["text"], "f h", more))
    return parts


def _ends(plot: Plot, rows: Rows) -> list[str]:
    """At the right end: a name, a number and a range for each platform, brackets of the rivals."""
    parts, weight = [], "normal" if rows["chosen"] else "bold"
    for row in rows["end"]:
        name = f"p{PLATFORMS.index(row['platform'])}"
        x, y = plot.right + LABELS_AT[plot.phone], plot.y(row["users"])
        label = f'font-weight="{weight}"' + ' font-size="13"' * (not plot.phone)
        texts = text_at(x, y - 2, row["label"], "", label)
        texts += text_at(x, y + 13, row["range"], "", 'font-size="11"')
        parts.append(f'<g class="{name}" fill="currentColor">{texts}</g>')
        if row["right"]:
            for low, high, wide in (("low", "high", 1.5), ("low50", "high50", 4.5)):
                d = _upright(plot.right + row["right"], plot.y(row[low]), plot.y(row[high]))
                look = f'class="{name}" stroke="currentColor" stroke-width="{wide}"'
                parts.append(f'<path {look} d="{d}"/>')
    return parts
