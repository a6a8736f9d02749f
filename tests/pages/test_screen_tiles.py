"""The tiles of the markets: share, leader, basis of the start, words and how one is opened."""

import numpy as np
import pytest

from model.analysis.bands import answer
from model.scenario.scenario import case
from pages.parts.charts import theme, tiles
from tests.pages.contrast import PAGES, contrast
from tests.pages.screen import (
    PLATFORMS,
    about,
    both_runs,
    by_year,
    charts,
    data,
    line_of,
    million,
    quarter,
    seen,
    short,
    surveyed,
    text_fields,
    times_of,
    titles,
    words,
)

NAMES = data("markets").set_index("market")["name"]
CODES = tuple(NAMES.index)


def rows(show="lead", **address):
    spec, frames = charts(seen(open="markets", show=show, **address))[-1]
    return spec, frames[""]


@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_tiles_give_share_leader_and_basis(name):
    found, frame = answer(case(name)), rows(case=name)[1].set_index("code")
    places, end = data("markets").set_index("market"), times_of(case(name))[-1]
    start = data("installed_base")
    start = start[(start.origin == case(name).origin) & (start.platform == "WeChat")]
    basis = start.set_index("market").basis
    for i, market in enumerate(CODES):
        row = frame.loc[market]
        assert row.market == NAMES[market]
        assert (row.column, row.row) == tuple(places.loc[market, ["tile_column", "tile_row"]])
        users = found.market_ends.line[:, i]
        assert row.users == pytest.approx(users[0], abs=0.006)
        share = 100 * users[0] / by_year("addressable", "addressable_millions", market, end)
        assert float(row.share.rstrip("%")) == pytest.approx(share, rel=0.06, abs=0.051)
        assert row.shade == sum(share >= edge for edge in tiles.EDGES["share"])
        k = int(np.argmax([*users, found.established.line[i]]))
        strongest = surveyed(market, int(quarter(found.times[-1])[:4]))["messenger"]
        assert row.leader == [*PLATFORMS, strongest][k]
        assert (row.basis == "allocated") == (basis[market] == "allocated")
        low, high = np.quantile(both_runs(case(name))[0].markets[-1, 0, i], [0.1, 0.9])
        online = by_year("addressable", "addressable_millions", market, end)
        shown = [float(part.rstrip("%")) for part in row.share_range.split(" to ")]
        expected = [100 * low / online, 100 * high / online]
        assert [shown[0], shown[-1]] == pytest.approx(expected, rel=0.06, abs=0.051)
        assert (row.value, row.range) == (row.share, row.share_range)
    assert not frame.duplicated(["column", "row"]).any()
    assert list(frame["rank"]) == list((-frame.users).rank(method="first") - 1)


def test_tiles_tell_what_their_numbers_are():
    spec, _ = rows()
    assert titles(spec, "tooltip") == {
        "market": "Market",
        "users": "WeChat, million",
        "share": "WeChat, share of people online",
        "share_range": "80% of runs",
        "lost": "Lost to concern, million",
        "leader": "Strongest messenger",
        "basis": "WeChat's start",
    }
    assert text_fields(spec) == ["name", "value", "range", "leader_name"]
    said = words(seen(open="markets", show="lead"))
    assert "of people online)" in said and "Dashed outline" in said
    assert "a survey share given from outside" in words(seen(open="where", market="IDN"))


def test_tiles_by_cost_give_the_users_lost_and_of_how_many():
    frame = rows("cost")[1].set_index("code")
    now, free = both_runs(case())
    lost = line_of((free.markets - now.markets)[-1, 0])
    for i, market in enumerate(CODES):
        row = frame.loc[market]
        assert row.lost == pytest.approx(lost[i], abs=0.006)
        assert row.value == (short(about(row.lost)) if row.lost >= 0.05 else "none")
        assert row.range == f"of {short(about(row.users + row.lost))}"
        assert row.shade == sum(row.lost >= edge for edge in tiles.EDGES["cost"])


def test_the_sentence_names_the_market_with_most_users():
    app = seen(open="markets", show="lead")
    found = answer(case())
    users = np.where([code == "ROW" for code in CODES], 0, found.market_ends.line[0])
    i = int(np.argmax(users))  # of single markets
    said = next(text.value for text in app.markdown if "Most users by" in text.value)
    assert f": {NAMES[CODES[i]]}, {million(users[i])}" in said
    assert said in app.get("vega_lite_chart")[-1].proto.alt


@pytest.mark.parametrize("by", tiles.EDGES)
def test_texts_can_be_read_on_every_tile_and_outlines_on_every_page(by):
    for shades, inks in zip(tiles.SHADES[by], tiles.INKS, strict=True):
        assert len(shades) == len(tiles.EDGES[by]) + 1
        assert min(map(contrast, shades, inks)) >= 4.5
    for page in PAGES:
        assert contrast(theme.LINE, page) >= 3
    # one hue, from the page's colour to the strongest
    for page, shades in zip(PAGES[:2], tiles.SHADES[by], strict=True):
        steps = [contrast(fill, page) for fill in shades]
        assert steps == sorted(steps)
