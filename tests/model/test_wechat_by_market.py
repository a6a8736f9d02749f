"""WeChat by market in mid-2024, and which observed figures charts and fits may read.

The total is drawn anew from the table, without the model.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.calibration import targets
from model.evidence import DATA, load_evidence
from pages.parts.charts.evidence_charts import user_figures

Z80 = 1.2815515655446004  # 90% point of the standard normal
COMMON = 0.2  # error that all markets share, standard deviation of the logarithm
DRAWS = 100_000


def read(name):
    """A file of data/ as it stands there."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""])


TABLE = read("wechat_by_market")
OBSERVED = read("observed")
ORIGIN = "2025Q3"


def drawn_totals(rng):
    """Totals (million) with a normal error of the logarithm that differs below and above a centre.

    Each market has its own error, and all share another one.
    """
    total = np.zeros(DRAWS)
    for row in TABLE[TABLE.central > 0].itertuples():
        error = rng.standard_normal(DRAWS)
        below, above = np.log(row.central / row.low80), np.log(row.high80 / row.central)
        total += row.central * np.exp(np.where(error < 0, below, above) * error / Z80)
    return total * np.exp(COMMON * rng.standard_normal(DRAWS))


def test_the_table_has_every_market_once_and_eleven_other_places():
    """The rest of the world is what lies outside the markets, so it has no row."""
    markets = set(read("markets").market) - {"ROW"}
    assert TABLE.market.is_unique and markets < set(TABLE.market)
    others = TABLE[~TABLE.market.isin(markets)]
    assert len(others) == 11 and not others.market.str.fullmatch("[A-Z]{3}").any()
    assert (TABLE.low80 <= TABLE.central).all() and (TABLE.central <= TABLE.high80).all()
    assert (TABLE.source_id == "own-reading").all()
    assert TABLE.central.sum() == pytest.approx(39, abs=0.5)
    assert load_evidence().wechat_by_market.central.tolist() == TABLE.central.tolist()


def test_the_total_has_its_range_by_simulation():
    """43 million, 29 to 65 in nine cases of ten; above 75 one in a hundred, above 90 one in 500."""
    total = drawn_totals(np.random.default_rng(1))
    assert_allclose(np.quantile(total, [0.05, 0.5, 0.95]), [29, 43, 65], rtol=0.03)
    assert np.mean(total > 75) == pytest.approx(0.01, abs=0.004)
    assert np.mean(total > 90) == pytest.approx(0.002, abs=0.001)


def test_the_same_range_everywhere():
    """Starting total, observed range and the reading of the README are the same."""
    totals, rows = read("totals"), OBSERVED[OBSERVED.metric == "users, range"].set_index("quarter")
    (total,) = totals[(totals.origin == ORIGIN) & (totals.platform == "WeChat")].itertuples()
    assert (total.value_millions, total.low, total.high) == (43, 29, 65)
    ranges = {"2014Q2": (25, 40), "2016Q2": (36, 60), "2018Q4": (35, 75), "2024Q2": (29, 65)}
    assert {quarter: (row.low, row.high) for quarter, row in rows.iterrows()} == ranges
    assert (rows.grade == "D").all() and rows.value.between(rows.low, rows.high).all()
    text = " ".join((DATA / "README.md").read_text(encoding="utf-8").split())
    assert "25-40 in 2014, 36-60 in 2016, 35-75 at the end of 2018, 29-65 in mid-2024" in text


def test_the_starting_cells_are_the_centres_of_the_table():
    """In proportion, to the rounding; the rest of the world has all other places."""
    cells = read("installed_base")
    cells = cells[(cells.origin == ORIGIN) & (cells.platform == "WeChat")].set_index("market")
    centre = TABLE.set_index("market").central
    places = ~centre.index.isin(cells.index)
    expected = pd.concat([centre[~places], pd.Series({"ROW": centre[places].sum()})])
    expected *= 43 / centre.sum()
    assert_allclose(cells.value_millions, expected[cells.index], atol=0.011)
    assert (cells.low <= cells.value_millions).all() and (cells.value_millions <= cells.high).all()


def test_a_list_that_does_not_name_a_messenger_gives_a_limit_only():
    """No value, a limit in per cent; every other figure has a value."""
    limits = OBSERVED[OBSERVED.metric == "share, not named"]
    assert limits.value.isna().all() and limits.low.isna().all() and (limits.unit == "%").all()
    assert limits.high.between(1, 40).all()
    assert OBSERVED.drop(limits.index).value.notna().all()
    assert {"JPN", "THA", "IDN", "DEU"} <= set(limits[limits.platform == "WeChat"].geography)
    named = OBSERVED[OBSERVED.metric.str.startswith("share of")]
    both = limits.merge(named, on=["platform", "geography", "quarter"])
    assert (both.value_y <= both.high_x).all()


def test_neither_charts_nor_the_fit_read_claims_and_accounts_less_a_panel():
    """The figure of Australia that the company gave is read, its daily users as monthly ones."""
    known = load_evidence()
    banned = OBSERVED.metric.str.contains("claim|residual|reach|daily|growth|installs")
    fitted = targets.as_it_happened(known).observed
    assert not set(fitted.series) & set(OBSERVED[banned].series)
    ends = OBSERVED[OBSERVED.metric == "share, not named"].series
    assert fitted[fitted.series.isin(ends)].most.all()  # of these only the upper end counts
    assert np.isfinite(fitted.target).all() and np.isfinite(fitted.sigma).all()
    (australia,) = fitted[fitted.series == "wechat_aus_mau"].itertuples()
    assert np.exp(australia.target) == pytest.approx(0.69 / 0.88, abs=0.005)
    drawn = user_figures(known.observed)
    abroad = drawn[(drawn.platform == "WeChat") & (drawn.geography == "EX-CHINA")]
    assert abroad[["users", "high"]].max(axis=None) == 75
    claims = OBSERVED[OBSERVED.metric == "claim"]
    assert len(claims) == 7 and (claims.grade == "D").all()
    for row in claims[claims.unit == "million"].itertuples():
        same = drawn[(drawn.platform == row.platform) & (drawn.geography == row.geography)]
        assert row.value not in same.users.tolist(), row
