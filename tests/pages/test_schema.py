"""The charts against the schema of Vega-Lite, which the page itself does not take the time for."""

import re
from pathlib import Path

import altair as alt
import pytest

from pages.parts.charts import (
    difference,
    dots,
    evidence_charts,
    fan,
    lead_map,
    market_charts,
    narrowing_bars,
    tiles,
    tornado,
    waterfall,
)

PAGES = Path(__file__).parents[2] / "pages"
ALONE = [
    *(evidence_charts.panel, evidence_charts.record_chart, lead_map.contours),
    *(difference.difference_lines, tiles.tile_map, tornado.bars_and_curves),
    *(
        market_charts.users_by_year,
        market_charts.cost_bars,
        waterfall.attribution_bars,
        dots.dotplot,
        narrowing_bars.reduction_bars,
    ),
]
CHARTS = [*ALONE, *fan.FANS.values(), *market_charts.ONE_MARKET.values()]


@pytest.mark.parametrize("make", CHARTS)
def test_a_chart_is_valid_and_the_same_unchecked(make):
    assert make().to_dict(validate=True) == make().to_dict(validate=False)


def test_the_schema_is_asked():
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        alt.Chart(alt.NamedData("a")).mark_bar(color=3).to_dict()


def test_no_chart_of_the_page_is_missing():
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES.glob("**/*.py"))
    used = set(re.findall(r"(?:cached\.spec\(|market_charts\.)\w*?\.?([a-z]\w+)\b[,)]", text))
    assert used - {"make"} <= {make.__name__ for make in ALONE}, used
