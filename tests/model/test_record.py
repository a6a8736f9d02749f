"""The record: nothing later leaks, rows recompute, outcomes and scores by an independent count."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.analysis import bands
from model.calibration import record, scores
from model.evidence import load_evidence
from model.quarters import last_day
from tests.model import by_hand

ORIGIN = "2015Q4"  # sees users
KEYS = ["origin", "platform", "market", "horizon_quarters"]


STORED = load_evidence().record


def forecast(known, origin):
    """The forecast of an origin by a sampler of few steps: the same path through the code."""
    few = {"STARTS": 1, "WALKERS": 80, "STEPS": 12}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in few.items():
            patch.setattr(record, name, value)
        # a walker that has not moved yet has no autocorrelation
        patch.setattr("emcee.autocorr.integrated_time", lambda *_, **__: np.ones(1))
        return record.forecast(known, origin)


@pytest.fixture(scope="module")
def early():
    return forecast(load_evidence(), "2013Q4")


@pytest.fixture(scope="module")
def later():
    return forecast(load_evidence(), ORIGIN)


def late_rows(name, table, origin):
    """Which rows of a table of data/ come from after an origin."""
    if "published" in table:
        return table.published > last_day(origin)
    if name in ("installed_base", "totals"):
        return table.origin > origin
    if name == "switches":
        return table.quarter > origin
    if name == "dated_events":
        return table.date > last_day(origin)
    computed = ("fits", "draws", "fit_summary", "error_spread", "record", "record_leaders")
    return pd.Series(name in (*computed, "wechat_by_market"), index=table.index)


def spoiled(origin):
    """The evidence with every later number half as large again, and one later row left out."""
    known = load_evidence()
    tables = {}
    for name in vars(known).keys() - {"content"}:
        table = getattr(known, name).copy()
        late = late_rows(name, table, origin)
        for column in table.select_dtypes("number").columns.difference(["year"]):
            table[column] = table[column].astype(float)
            table.loc[late, column] *= 1.5
        if "published" in table:
            table = table.drop(index=table.index[late][:1])
        tables[name] = table
    tables["markets"] = tables["markets"].assign(leader_latest="WeChat")
    return known.with_tables(**tables)


@pytest.mark.slow
@pytest.mark.parametrize("origin", ["2013Q4", ORIGIN])
def test_nothing_published_later_leaks(origin, early, later):
    """Spoiling every table after the origin changes no bit of the runs, nor what is known."""
    one = early if origin == "2013Q4" else later
    other = forecast(spoiled(origin), origin)
    assert np.array_equal(one.users, other.users)
    assert np.array_equal(one.incumbent, other.incumbent)
    for target in record.SERIES:
        assert np.array_equal(record.rebased(one, *target), record.rebased(other, *target))
        figures = [record.company_figures(which.known, *target) for which in (one, other)]
        assert figures[0].equals(figures[1])


@pytest.mark.slow
def test_rows_recompute():
    """The first origin: outcomes to the digits, naive forecasts and the model's own median."""
    made, runs = record.rows(load_evidence(), record.forecast(load_evidence(), "2013Q4"))
    kept = STORED[STORED.origin == "2013Q4"]
    assert made[KEYS].values.tolist() == kept[KEYS].values.tolist()
    assert_allclose(kept["observed"], made["observed"], rtol=2e-4)
    # without a figure by then they are the start of a fit, which ends after a number of trials:
    # from one processor to another its start differs by 0.2%
    for column in ("last", "damped"):
        assert_allclose(kept[column], made[column], rtol=5e-3, err_msg=column)
    plain = [np.median(users.sum(axis=0)) for users in runs]
    assert_allclose(kept["median"], plain, rtol=0.05)  # the errors' own median is 1 but for chance


@pytest.mark.slow
def test_runs_pass_through_the_last_figure_known(later):
    """LINE had 212 M users in September 2015, the last figure public by the end of the year."""
    path = record.rebased(later, "LINE", "EX-CHINA")
    i = int(np.flatnonzero(np.isclose(later.markets.times, 2015.75))[0])
    assert_allclose(path[i].sum(axis=0), 212.0)
    assert path.shape == (7 + 20 + 1, len(NAMES), 256) and np.ptp(path[-1].sum(axis=0)) > 0


def test_outcomes_are_the_observed_table():
    """Each outcome is a company figure dated within half a quarter of its date."""
    table = load_evidence().observed
    for row in STORED.itertuples():
        then = pd.Period(row.origin, freq="Q") + int(row.horizon_quarters)
        end = then.end_time.normalize()
        near = (pd.to_datetime(table.date) - end).dt.days.abs() <= 46
        place = ("world", "EX-CHINA") if row.market == "EX-CHINA" else (row.market,)
        own = table[near & (table.platform == row.platform) & table.metric.str.startswith("users")]
        own = own[~own.metric.str.contains("survey|forecast|range|residual")]
        values = own[own.geography.isin(place)].value.tolist()
        if place[0] == "world":
            parts = own[own.geography.isin(["KOR", "world less KOR"])]
            values += [rows.value.sum() for _, rows in parts.groupby("date") if len(rows) == 2]
        assert np.isclose(values, row.observed, rtol=1e-5).any(), row


def test_coverage_by_count():
    """Outcomes inside, below and above the range, counted row by row from the file."""
    keys = ("low80", "observed", "high80", "median")
    rows = [[float(row[key]) for key in keys] for row in by_hand.rows("record")]
    below = sum(observed < low for low, observed, _, _ in rows)
    above = sum(observed > high for _, observed, high, _ in rows)
    inside = 1 - (below + above) / len(rows)
    assert_allclose(bands.coverage(), inside)
    assert 0.7 <= inside <= 0.9
    assert max(below, above) <= 0.25 * len(rows)  # misses not all on one side
    assert all(low < median < high for low, _, high, median in rows)


def test_last_value_and_damped_trend_by_hand():
    """KakaoTalk in Korea at the end of 2019: 44.41 in March was the last figure public."""
    row = STORED.set_index(KEYS).loc["2019Q4", "KakaoTalk", "KOR", 4]
    assert row["last"] == 44.41
    dates = [2013.25, 2014, 2014.25, 2014.5, 2015, 2015.25, 2015.75, 2016, 2018.25, 2019.25]
    values = [32.5, 35.729, 36.35, 36.38, 37.41, 38.15, 39.2, 40.05, 43.52, 44.41]
    quarters = np.arange(2013.25, 2019.5, 0.25)
    past = np.exp(np.interp(quarters, dates, np.log(values)))
    forecast = record.holt(past, 7)  # to the end of 2020, seven quarters on
    assert_allclose(row.damped, forecast[-1], rtol=1e-5)
    assert_allclose(row.observed, 45.981)


def test_a_damped_trend_is_followed():
    """Steps that shrink by 0.9 a quarter: the method's own curve."""
    steps = 0.1 * 0.9 ** np.arange(20)
    level = np.cumsum([1.0, *steps])
    level[0] -= steps[0] / 0.9 - steps[0]  # the first trend is damped before it is used
    assert_allclose(record.holt(level[:9], 12), level[9:21], atol=5e-3)


NAMES = list(load_evidence().markets.market)
TRUE = (0.06, 0.5, 0.1)  # a, b and c


def outcomes(count, of=TRUE, seed=1):
    """Rows whose outcomes are off by errors of this size, and runs that know nothing of them."""
    rng, rows, runs = np.random.default_rng(seed), [], []
    for i in range(count):
        for horizon in record.HORIZONS:
            whole, own = rng.standard_normal(), rng.standard_normal(len(NAMES))
            error = horizon ** of[1] * (of[0] * whole + of[2] * own)
            row = {"origin": f"{2013 + i % 5}Q4", "platform": "LINE", "horizon_quarters": horizon}
            both = {record.TOTAL: np.exp(error).sum(), "JPN": np.exp(error[NAMES.index("JPN")])}
            for market, observed in both.items():
                rows.append(row | {"market": market, "observed": observed, "last": 1, "damped": 1})
                runs.append(np.ones((len(NAMES) if market == record.TOTAL else 1, 256)))
    return pd.DataFrame(rows)[[*KEYS, "observed", "last", "damped"]], runs


@pytest.mark.slow
def test_spreads_of_past_errors_are_recovered():
    """From outcomes that were drawn with them, to 15%: of a platform, and all of a market's."""
    rows, runs = outcomes(150)
    a, b, c = scores.error_curve(rows, runs, load_evidence())
    for ahead in (4, 20):
        found = np.array([a, c]) * ahead**b
        true = np.array([TRUE[0], np.hypot(TRUE[0], TRUE[2])]) * ahead ** TRUE[1]
        assert_allclose(found, true, rtol=0.15)


@pytest.mark.slow
def test_an_origin_does_not_set_its_own_width():
    """Making one origin's outcomes absurd moves its own range not at all, but the others'."""
    rows, runs = outcomes(10)
    own = rows.origin == "2014Q4"
    other = rows.assign(observed=rows.observed.where(~own, rows.observed * 10))
    before, after = (scores.with_range(table, runs, load_evidence()) for table in (rows, other))
    assert [*before] == [*load_evidence().record]
    for end in ("low80", "high80"):
        assert np.array_equal(before[end][own], after[end][own])
        assert (before[end][~own] != after[end][~own]).all()


def test_the_range_of_one_market_is_that_of_a_log_normal():
    """Runs that all are 1: median 1, ends at 1.28 times the spread of both errors."""
    rows, runs = outcomes(1)
    low, median, high = scores.ranges(rows, runs, load_evidence(), TRUE)
    japan = (rows.market == "JPN").to_numpy()
    spread = np.hypot(TRUE[0], TRUE[2]) * rows.horizon_quarters[japan].to_numpy() ** TRUE[1]
    assert_allclose(np.log(high[japan]), 1.2816 * spread, rtol=0.1)
    assert_allclose(np.log(low[japan]), -1.2816 * spread, rtol=0.1)
    assert_allclose(np.log(median[japan]), 0, atol=0.1 * spread.max())


def test_interval_score_by_hand():
    """Width, and ten times what an outcome lies outside, all in logarithms."""
    rows = pd.DataFrame({"observed": np.exp([0.0, 0.5, -0.4])})
    found = scores.interval_score(rows, np.exp(np.full(3, -0.1)), np.exp(np.full(3, 0.2)))
    assert_allclose(found, [0.3, 0.3 + 10 * 0.3, 0.3 + 10 * 0.3])


def test_the_spread_on_the_page_is_the_curve_where_it_is_tested():
    table = scores.error_spread(TRUE).set_index("horizon_quarters")
    for ahead in (4, 9, 20):
        assert_allclose(table.loc[ahead], [TRUE[0] * ahead**0.5, TRUE[2] * ahead**0.5])
    flat = scores.error_spread((0.1, 0.0, 0.2)).set_index("horizon_quarters").total
    assert_allclose(flat[[1, 4, 20, 45]], [0.05, 0.1, 0.1, 0.15])


def test_summary_counts_every_row():
    table = scores.summary(STORED).set_index(["kind", "horizon_quarters"])
    assert table.n["all", 0] == len(STORED) == table.n["market", 0] + table.n["total", 0]
    rows = STORED[(STORED.market == "EX-CHINA") & (STORED.horizon_quarters == 4)]
    miss = [abs(np.log(row.last / row.observed)) for row in rows.itertuples()]
    assert_allclose(table.error_last["total", 4], np.mean(miss))
    assert_allclose(table.coverage["all", 0], bands.coverage())


@pytest.mark.slow
def test_leaders(later):
    """An independent count at one origin; every market scored has a later figure."""
    found = record.leaders(later).set_index("market")
    assert found.projected["JPN"] == "LINE" and found.projected["KOR"] == "KakaoTalk"
    years = load_evidence().markets.set_index("market").leader_latest_year
    assert set(found.index) == {market for market, year in years.items() if year and year > "2015"}
