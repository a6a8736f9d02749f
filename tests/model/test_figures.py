"""Which figures of users the later fit reads, counted by hand from the tables."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.calibration.figures import crowding, later_figures, projected
from model.calibration.targets import as_it_happened
from model.engine.markets import read_markets
from model.evidence import load_evidence

KNOWN = load_evidence()
MARKETS = read_markets(KNOWN, "2014Q1", 48)


@pytest.fixture(scope="module")
def figures():
    return later_figures(KNOWN, MARKETS)


def people(market, quarter):
    """Million people online at the end of a quarter."""
    i = 4 * int(quarter[:4]) + int(quarter[5]) - 4 * 2014 - 1
    return MARKETS.addressable[i, MARKETS.names.index(market)]


def test_lists_that_do_not_name_a_messenger_are_upper_ends(figures):
    """The largest share that would not have been listed, times people online; nothing else is."""
    table = KNOWN.observed[KNOWN.observed.metric == "share, not named"]
    table = table[table.quarter > "2014Q1"].set_index(["series", "quarter"])
    upper = figures[figures.most].set_index(["series", "quarter"])
    assert set(upper.index) == set(table.index) and (upper.kind == "most").all()
    assert np.array_equal(figures.most, figures.kind == "most")
    for (series, quarter), row in upper.iterrows():
        own = table.loc[(series, quarter)]
        users = own.high / 100 * people(own.geography, quarter)
        assert_allclose(np.exp(row.target), users, rtol=1e-9, err_msg=series)


def test_readings_of_2024_count_only_where_nothing_newer_does(figures):
    """Not with grade D, without users, or where a figure that counts is later than 2018."""
    wechat = KNOWN.observed[
        (KNOWN.observed.platform == "WeChat") & (KNOWN.observed.quarter > "2018Q4")
    ]
    counts = wechat.metric.eq("users") | wechat.metric.str.startswith("share of")
    newer = set(wechat[counts].geography)
    expected = {
        f"wechat_read_{row.market.lower()}"
        for row in KNOWN.wechat_by_market.itertuples()
        if row.grade != "D" and row.central and row.market not in newer
    }
    found = figures[figures.series.str.startswith("wechat_read_")]
    assert set(found.series) == expected and expected and (found.quarter == "2024Q2").all()
    assert "wechat_read_aus" not in expected  # the company gave users in 2020
    read = KNOWN.wechat_by_market.set_index("market")
    for row in found.itertuples():
        own = read.loc[row.series[-3:].upper()]
        assert_allclose(row.sigma, np.log(own.high80 / own.low80) / (2 * 1.2815515655), rtol=1e-6)


@pytest.mark.parametrize(("place", "quarter", "counts"), [
    ("IDN", "2023Q2", True), ("IDN", "2019Q4", False), ("IDN", "2018Q1", False),
    ("USA", "2023Q2", False),
])  # fmt: skip
def test_another_survey_of_line_counts_after_a_company_figure_alone(place, quarter, counts):
    """Not in its quarter or before it, nor where the company gave none."""
    row = KNOWN.observed[KNOWN.observed.series == "line_share_idn"]
    row = row.assign(series="another", geography=place, quarter=quarter)
    more = KNOWN.with_tables(observed=pd.concat([KNOWN.observed, row], ignore_index=True))
    assert ("another" in set(later_figures(more, MARKETS).series)) == counts


def test_sums_do_not_count_beside_their_parts(figures):
    """No quarter has KakaoTalk or LINE in the world beside both of its parts."""
    for whole, parts in {
        "kakao_world_mau": ("kakao_korea_mau", "kakao_exkorea_mau"),
        "line_world_mau": ("line_key4_mau", "line_exkey4_mau"),
    }.items():
        both = set.intersection(*[set(figures[figures.series == one].quarter) for one in parts])
        assert len(both) > 4 and not both & set(figures[figures.series == whole].quarter)


def test_a_crowded_series_counts_as_four_figures():
    """Its precision, summed, is that of four; a short one keeps its own."""
    factor = crowding(pd.Series(["long"] * 16 + ["short"] * 3))
    assert_allclose(factor, [2.0] * 16 + [1.0] * 3)


def test_projected_figures_are_sums_over_their_markets(figures):
    users = np.random.default_rng(1).random((49, 3, len(MARKETS.names), 2))
    found = projected(users, figures)
    for i in (0, len(figures) // 2, len(figures) - 1):
        row = figures.iloc[i]
        expected = users[row.step, row.platform][np.flatnonzero(row.markets)].sum(axis=0)
        assert_allclose(found[i], expected)


def test_the_later_fit_knows_totals_of_all_three_to_the_end_of_2023():
    """KakaoTalk abroad is the first to end; past errors count from there."""
    problem = as_it_happened(KNOWN)
    assert problem.known_to == "2023Q4"
    last = KNOWN.observed[KNOWN.observed.series == "kakao_exkorea_mau"].quarter.max()
    assert last == problem.known_to
