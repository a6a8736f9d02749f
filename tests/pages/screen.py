"""Readers for the tests of the screen: pages, charts, and numbers written by a rule of their own.

Nothing here calls a function of pages/: a test compares the screen with data/ and with the runs.
"""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from model.analysis.sampling import runs

ROOT = Path(__file__).parents[2]
PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
ORIGIN = {"2014Q1": 2014.25, "2025Q3": 2025.75}


def open_page(page="app.py", **address):
    """A page, run once with an address."""
    app = AppTest.from_file(ROOT / page, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@cache
def seen(page="app.py", **address):
    """As `open_page`, kept for other tests, which only read it."""
    return open_page(page, **address)


@cache
def data(name):
    """A file of data/ as it stands there."""
    return pd.read_csv(ROOT / "data" / f"{name}.csv", keep_default_na=False, na_values=[""])


def by_year(name, column, market, time):
    """A yearly column of a market at a decimal year: figures stand for the middle of their year."""
    rows = data(name)
    rows = rows[rows.market == market].sort_values("year")
    return float(np.interp(time, rows.year + 0.5, rows[column]))


def surveyed(market, year):
    """The survey of a market that is nearest to a year, the earlier of two."""
    rows = data("incumbents")
    rows = rows[rows.market == market].sort_values("year").to_dict("records")
    return min(rows, key=lambda row: (abs(row["year"] - year), row["year"]))


def producer(source_id):
    return data("sources").set_index("source_id").producer[source_id]


@cache
def both_runs(scenario):
    """The runs of a scenario, and the same runs where nobody worries."""
    return runs(scenario, concerns=(scenario["concern"], 0.0))


def line_of(users):
    """Mean of the middle half of the runs (..., run)."""
    count = users.shape[-1]
    return np.sort(users, axis=-1)[..., count // 4 : count - count // 4].mean(axis=-1)


def at_origin(scenario):
    """Million users of each messenger abroad in the starting table."""
    rows = data("installed_base")
    rows = rows[rows.origin == scenario.origin]
    rows = rows[rows.market != rows.platform.map({"LINE": "JPN", "KakaoTalk": "KOR"})]
    sums = rows.groupby("platform").value_millions.sum()
    keys = ("wechat_start", "line_start", "kakao_start")
    return np.array([sums[k] * scenario[key] / 100 for k, key in zip(PLATFORMS, keys, strict=True)])


def ends(scenario, percent=80):
    """Low and high end of the range of so many per cent of the runs (time, platform)."""
    tail = (100 - percent) / 200
    return np.quantile(both_runs(scenario)[0].total, [tail, 1 - tail], axis=-1)


def times_of(scenario):
    """Decimal years of the quarters of a projection, the origin included."""
    return ORIGIN[scenario.origin] + np.arange(round(4 * scenario["horizon"]) + 1) / 4


def quarter(time):
    """2014.25, the end of March 2014, is 2014Q1."""
    year = math.ceil(time) - 1
    return f"{year}Q{round(4 * (time - year))}"


def digits(value):
    """At most three significant digits and two decimals, without an exponent."""
    places = 2 if value == 0 else min(2, 2 - math.floor(math.log10(abs(value))))
    rounded = round(float(value), max(places, 0))
    return f"{rounded:.2f}".rstrip("0").rstrip(".")


def million(value):
    """Million people in words."""
    return f"{digits(value / 1000)} billion" if value >= 999.5 else f"{digits(value)} million"


def span(low, high):
    """Two ends of a range of million people in words."""
    return f"{million(low) if high >= 999.5 else digits(low)} to {million(high)}"


def short(text):
    """Users in the few letters of a label."""
    return text.replace(" million", " M").replace(" billion", " bn")


def rough(value):
    """Two significant digits, and one decimal below 1."""
    if abs(value) < 1:
        return round(float(value), 1)
    size = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return round(value / size) * size


def about(value):
    """Million people in words, with two significant digits."""
    return million(rough(value))


def about_span(low, high):
    """Two ends of a range of million people, with two significant digits; one if they agree."""
    low, high = rough(low), rough(high)
    return million(low) if low == high else span(low, high)


def month(time):
    """The last month of the quarter that ends at a time: 2014.25 is March 2014."""
    year = math.ceil(time) - 1
    return f"{('March', 'June', 'September', 'December')[round(4 * (time - year)) - 1]} {year}"


def words(app):
    """All sentences of a page."""
    return " ".join(text.value for text in [*app.header, *app.markdown, *app.caption])


def shown_text(markdown):
    """The text that a Markdown parser shows; an empty :small[] only parts an address."""
    blocks = MarkdownIt("commonmark").parse(markdown)
    parts = [part.content for block in blocks for part in block.children or ()]
    return "".join(parts).replace(":small[]", "")


def click(app, selection, **mark):
    """Click a mark of a chart: AppTest has nothing of its own that tells it as a browser does."""
    charts = app.get("vega_lite_chart")
    (chart,) = [one.proto for one in charts if selection in one.proto.selection_mode]
    told = app._tree.get_widget_states()
    told.widgets.add(id=chart.id, string_value=json.dumps({"selection": {selection: [mark]}}))
    return app._run(told)


def button(app, label):
    """The only button with this label."""
    (found,) = [one for one in app.button if one.label == label]
    return found


def press(app, label):
    return button(app, label).click().run()


def address(app):
    """The words of the address; AppTest gives a value or a list of one."""
    items = dict(app.query_params).items()
    return {name: value if isinstance(value, str) else value[-1] for name, value in items}


def frame_of(sent):
    return pa.ipc.open_stream(sent).read_pandas()


def charts(app):
    """Each chart as its specification and its frames by name, "" for one that has no name."""
    found = []
    for element in app.get("vega_lite_chart"):
        sent = element.proto
        frames = {one.name: frame_of(one.data.data) for one in sent.datasets}
        if sent.data.data:
            frames[""] = frame_of(sent.data.data)
        found.append((json.loads(sent.spec), frames))
    return found


def marks(spec):
    """The layers of a chart that draw something, with what they take over from those above."""
    parts = spec.get("layer", [])
    if not parts:
        yield spec
    for part in parts:
        over = spec.get("encoding", {}) | part.get("encoding", {})
        yield from marks(part | {"encoding": over} if over else part)


def titles(spec, channel):
    """All titles of a channel such as x, or of a tooltip's fields: field -> title."""
    found = {}
    for mark in marks(spec):
        cells = mark.get("encoding", {}).get(channel, [])
        for cell in cells if isinstance(cells, list) else [cells]:
            if "title" in cell and cell["title"] is not None:
                found[cell["field"]] = cell["title"]
    return found


def field(spec, title):
    """The field of a tooltip that has this title."""
    return next(name for name, said in titles(spec, "tooltip").items() if said == title)


def text_fields(spec):
    """The fields of the texts that a chart writes, in the order of its layers."""
    cells = [mark["encoding"].get("text") for mark in marks(spec)]
    return [cell["field"] for cell in cells if cell]
