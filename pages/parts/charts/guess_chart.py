"""Chart of a guess: the first figures, an empty decade, and a handle at its end.

A click takes its height as the guess: the plot is laid out with invisible bands, one for each of
MILLIONS. Years are decimal, users are million people.
"""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis import hindsight
from model.analysis.bands import Answer
from model.number_text import about, users_text
from pages.parts.charts import theme
from pages.parts.charts.theme import PLATFORMS, TEXT
from pages.parts.wording import answer as wording
from pages.parts.wording import guess as words

_STEPS = (10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90)
MILLIONS = (*range(1, 10), *_STEPS, *(10 * step for step in _STEPS), 1000, 1200, 1500, 2000)
TICKS = [0, 50, 200, 500, 1000, 2000]  # million users
HEIGHTS = {False: 372, True: 300}  # pixels, by whether on a phone
LABELS_AT = {False: 36, True: 20}  # pixels from the start to its labels, beyond the first marks
DIAMOND = {"shape": "diamond", "filled": True, "size": 260, "color": TEXT, "aria": False}
VALUE = {"align": "right", "dx": -14, "fontSize": 14}
LABELS_APART = 0.065  # least distance of two labels, as a part of the axis


def empty_decade(*, phone: bool = False) -> alt.LayerChart:
    """The first figures, and a diamond that takes the height at which the chart is clicked.

    datasets : see guess_rows
    """
    chart = alt.layer(*_first_figures(phone), *_handle(phone), *_bands())
    return chart.properties(height=HEIGHTS[phone], title=theme.small_title(wording.FAN_TITLE))


def _dataset(name: str) -> alt.Chart:
    """A chart of the dataset that is sent by this name; its numbers are sent as numbers."""
    return alt.Chart(alt.NamedData(name, format=alt.DataFormat(parse=None)))


def _across(field: str) -> alt.X:
    """A field along the years."""
    ends = [alt.ExprRef(f"data('axis')[0].{end}") for end in ("start", "end")]
    axis = {"format": "d", "tickCount": alt.ExprRef("width / 90"), "labelColor": TEXT}
    return alt.X(f"{field}:Q").title(None).axis(grid=False, **axis).scale(nice=False, domain=ends)


def _up(field: str) -> alt.Y:
    """A field along the users, on a square-root scale as that of the answer."""
    scale = {"type": "sqrt", "nice": False, "domain": [0, MILLIONS[-1]]}
    return alt.Y(f"{field}:Q").title(None).axis(values=TICKS, labelColor=TEXT).scale(**scale)


def _first_figures(phone: bool) -> list[alt.Chart]:
    """Marks of what was observed first, and where each messenger starts, with its name."""
    year, users = _across("year"), _up("users")
    colour, shape = theme.platform_colour(), theme.platform_shape()
    hollow = {"filled": False, "fill": "transparent", "size": 36, "strokeWidth": 1.4}
    ranges = _dataset("range").mark_rule(**theme.OUR_READING)
    observed = _dataset("observed").mark_point(**hollow, aria=False)
    start = _dataset("start").encode(year)
    point = start.mark_point(filled=True, size=60, opacity=1, aria=False)
    label = start.encode(_up("height"), alt.Text("label:N"))
    bold = {"align": "left", "baseline": "middle", "dx": LABELS_AT[phone], "fontWeight": "bold"}
    return [
        ranges.encode(year, _up("low"), alt.Y2("high:Q"), colour),
        observed.encode(year, users, colour, shape),
        point.encode(users, colour, shape),
        *theme.with_halo(label, colour, **bold),
    ]


def _handle(phone: bool) -> list[alt.Chart]:
    """The diamond at the end, on its track, and the request to move it."""
    axis = _dataset("axis")
    guess = _dataset("guess").encode(_across("year"), _up("users"))
    hint = {"x": alt.ExprRef("width / 2"), "y": alt.ExprRef("height / 3"), "align": "center"}
    hint |= {"color": TEXT, "aria": False, "fontSize": 12 if phone else 15}
    track = {"color": theme.GREY, "strokeDash": [2, 3], "aria": False}
    return [
        axis.mark_rule(**track).encode(_across("end")),
        axis.mark_text(**hint).encode(alt.Text("hint:N")),
        guess.mark_point(**DIAMOND, opacity=1),
        *theme.with_halo(guess.encode(alt.Text("label:N")), **VALUE, fontWeight="bold"),
    ]


def _bands() -> list[alt.Chart]:
    """Invisible bands to click, and the diamond where a pointer is."""
    one = {"fields": ["users"], "empty": False}
    under = alt.selection_point("under", on="mouseover", clear="mouseout", **one)
    chosen = alt.selection_point("chosen", on="click", toggle=False, **one)
    seen = alt.condition(under, alt.value(0.75), alt.value(0))
    ghost = _dataset("band").encode(_across("end"), _up("users"), opacity=seen)
    band = _dataset("band").mark_rect(**theme.UNSEEN, tooltip=None)
    band = band.encode(_across("start"), _up("low"), alt.X2("end:Q"), alt.Y2("high:Q"))
    return [
        ghost.mark_point(**DIAMOND),
        ghost.mark_text(**VALUE, color=TEXT, aria=False).encode(alt.Text("label:N")),
        band.add_params(under, chosen),
    ]


def guess_rows(answer: Answer, guess: float) -> dict[str, pd.DataFrame]:
    """Datasets for empty_decade; nothing in them is known later than the start of the answer.

    guess : million users at which the handle stands
    """
    first, end = float(answer.times[0]), float(answer.times[-1])
    seen = hindsight.observed_totals()
    seen = seen[seen.year.between(first - 1, first + hindsight.AFTER)]
    kinds = {kind: seen[seen.kind == kind].reset_index(drop=True) for kind in ("observed", "range")}
    ends = {"start": min([first, *seen.year]), "end": end}
    middles = np.array(MILLIONS, dtype=float)
    edges = [0, *(middles[1:] + middles[:-1]) / 2, middles[-1]]
    bands = {"users": middles, "low": edges[:-1], "high": edges[1:]}
    users = answer.total.line[0]
    # each label at a height where it meets no other
    heights = MILLIONS[-1] * theme.apart(np.sqrt(users / MILLIONS[-1]), LABELS_APART) ** 2
    labels = [f"{name} {about(one)}" for name, one in zip(PLATFORMS, users, strict=True)]
    starts = {"platform": PLATFORMS, "year": first, "users": users, "height": heights}
    return {
        "axis": pd.DataFrame([{**ends, "hint": words.HINT}]),
        "band": pd.DataFrame({**ends, **bands, "label": list(map(users_text, MILLIONS))}),
        "start": pd.DataFrame({**starts, "label": labels}),
        "guess": pd.DataFrame([{"year": end, "users": float(guess), "label": users_text(guess)}]),
        "observed": kinds["observed"][["platform", "year", "users"]],
        "range": kinds["range"][["platform", "year", "low", "high"]],
    }
