"""The record: nothing later leaks, rows recompute, outcomes and scores by an independent count."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.analysis import bands
from model.calibration import record, scores
from model.evidence import load_evidence
from model.quarters import last_day

ORIGIN = "2015Q4"  # sees users; its fit takes two seconds
KEYS = ["origin", "platform", "market", "horizon_quarters"]
FORECAST = ["median", "low80", "high80", "last", "damped"]


@pytest.fixture(scope="module")
def stored():
    return load_evidence().record


@pytest.fixture(scope="module")
def early():
    return next(record.forecasts(load_evidence(), ("2013Q4",)))


@pytest.fixture(scope="module")
def later():
    return next(record.forecasts(load_evidence(), (ORIGIN,)))


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
    computed = ("fits", "fit_correlations", "fit_summary", "error_spread")
    return pd.Series(name in (*computed, "record", "record_leaders"), index=table.index)


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
    other = next(record.forecasts(spoiled(origin), (origin,)))
    assert np.array_equal(one.users, other.users)
    assert np.array_equal(one.incumbent, other.incumbent)
    for target in record.SERIES:
        assert np.array_equal(record.rebased(one, *target), record.rebased(other, *target))
        figures = [record.company_figures(which.known, *target) for which in (one, other)]
        assert figures[0].equals(figures[1])


@pytest.mark.slow
def test_an_earlier_figure_would_matter(later):
    """The leak test can fail: a figure published before the origin moves the runs."""
    known = load_evidence()
    table = known.observed.copy()
    seen = (table.series == "line_world_mau") & (table.published <= last_day(ORIGIN))
    table.loc[seen, "value"] *= 1.5
    other = next(record.forecasts(known.with_tables(observed=table), (ORIGIN,)))
    assert not np.allclose(later.users, other.users)


@pytest.mark.slow
def test_rows_recompute(stored, early):
    """The first origin needs no fit before it: the stored rows to the digits of the file."""
    made = record.rows(load_evidence(), early).set_index(KEYS)
    kept = stored[stored.origin == "2013Q4"].set_index(KEYS)
    assert list(made.index) == list(kept.index)
    for column in ("observed", *FORECAST):
        assert_allclose(kept[column], made[column], rtol=2e-4, err_msg=column)


@pytest.mark.slow
def test_runs_pass_through_the_last_figure_known(later):
    """LINE had 212 M users in September 2015, the last figure public by the end of the year."""
    path = record.rebased(later, "LINE", "EX-CHINA")
    i = int(np.flatnonzero(np.isclose(later.markets.times, 2015.75))[0])
    assert_allclose(path[i], 212.0)
    assert path.shape == (7 + 20 + 1, 256) and np.ptp(path[-1]) > 0


def test_outcomes_are_the_observed_table(stored):
    """Each outcome is a company figure dated within half a quarter of its date."""
    table = load_evidence().observed
    for row in stored.itertuples():
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


def test_coverage_by_count(stored):
    """The share of outcomes inside the band with past error, counted row by row."""
    inside = sum(row.low80_error <= row.observed <= row.high80_error for row in stored.itertuples())
    assert_allclose(bands.coverage(), inside / len(stored))
    assert 0.7 <= inside / len(stored) <= 0.9
    assert (stored.low80_error <= stored.low80).all()
    assert (stored.high80 <= stored.high80_error).all()


def test_last_value_and_damped_trend_by_hand(stored):
    """KakaoTalk in Korea at the end of 2019: 44.41 in March was the last figure public."""
    row = stored.set_index(KEYS).loc["2019Q4", "KakaoTalk", "KOR", 4]
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


def test_an_origin_does_not_set_its_own_width(stored):
    """Making one origin's outcomes absurd moves its error band not at all, and the others' ends."""
    plain = stored.drop(columns=["low80_error", "high80_error"])
    own = plain.origin == "2014Q1"
    other = plain.assign(observed=plain.observed.where(~own, plain.observed * 10))
    before, after = scores.with_past_error(plain), scores.with_past_error(other)
    for end in ("low80_error", "high80_error"):
        assert_allclose(before[end], stored[end], rtol=1e-4)
        assert np.array_equal(before[end][own], after[end][own])
        assert (before[end][~own] != after[end][~own]).any()


@pytest.mark.slow
def test_spread_is_recovered():
    """Outcomes drawn with an error beyond the runs of 0.1 h^0.5: found to 15%."""
    rng = np.random.default_rng(1)
    ahead = np.repeat(record.HORIZONS, 600)
    runs, error = 0.1, 0.03 * ahead**0.5
    log = rng.standard_normal(ahead.size) * np.hypot(runs, error)
    rows = pd.DataFrame({"horizon_quarters": ahead, "observed": np.exp(log), "median": 1.0})
    rows = rows.assign(low80=np.exp(-1.2816 * runs), high80=np.exp(1.2816 * runs))
    a, b = scores.error_curve(rows)
    assert_allclose(a * np.array([4, 20]) ** b, 0.03 * np.array([4, 20]) ** 0.5, rtol=0.15)


def test_stored_spread_is_that_of_all_origins(stored):
    spread = load_evidence().error_spread.set_index("horizon_quarters").spread
    a, b = scores.error_curve(stored)
    assert_allclose(spread[[4, 8, 20]], [a * h**b for h in (4, 8, 20)], rtol=1e-4)
    assert_allclose([spread[1] / spread[4], spread[60] / spread[20]], [0.5, 3**0.5], rtol=1e-4)
    assert spread.is_monotonic_increasing and list(spread.index) == list(range(1, 61))


def test_summary_counts_every_row(stored):
    table = scores.summary(stored).set_index(["kind", "horizon_quarters"])
    assert table.n["all", 0] == len(stored) == table.n["market", 0] + table.n["total", 0]
    rows = stored[(stored.market == "EX-CHINA") & (stored.horizon_quarters == 4)]
    miss = [abs(np.log(row.last / row.observed)) for row in rows.itertuples()]
    assert_allclose(table.error_last["total", 4], np.mean(miss))
    assert_allclose(table.coverage_error["all", 0], bands.coverage())


@pytest.mark.slow
def test_leaders(later):
    """An independent count at one origin; every market scored has a later figure."""
    found = record.leaders(later).set_index("market")
    assert found.projected["JPN"] == "LINE" and found.projected["KOR"] == "KakaoTalk"
    years = load_evidence().markets.set_index("market").leader_latest_year
    assert set(found.index) == {market for market, year in years.items() if year and year > "2015"}
