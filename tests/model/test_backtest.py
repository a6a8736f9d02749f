"""The back-test: scores by hand, no look-ahead, naive methods and intervals against theory."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.calibration import backtest
from model.calibration.backtest import AHEAD, all_forecasts, naive, scores
from model.calibration.forecast_origins import LEAST, SERIES, Origin, origins
from model.evidence import load_evidence
from model.quarters import day_years, quarter_name

RNG = np.random.default_rng
KEYS = ["series", "method", "horizon_quarters"]


@pytest.fixture(scope="module")
def table():
    return backtest.score_backtest(load_evidence())


def with_series(values, start=2012.25):
    """The project's evidence, but with these values by series name, one a quarter."""
    parts = []
    for name, one in values.items():
        quarters = [quarter_name(start + k / 4) for k in range(len(one))]
        dates = pd.PeriodIndex(quarters, freq="Q").end_time.strftime("%Y-%m-%d")
        part = {"series": name, "geography": "world", "date": dates, "quarter": quarters}
        parts.append(pd.DataFrame(part | {"value": one}))
    return load_evidence().with_tables(observed=pd.concat(parts, ignore_index=True))


def origin(past, people=1e9):
    past = np.asarray(past, dtype=float)
    return Origin(
        series="one",
        quarter=0,
        past=past,
        people=np.full(len(past) + len(AHEAD), people),
        ahead=AHEAD,
        observed=past[-1] + 0.0 * AHEAD,
    )


def model_path(one, discount=0.9, damping=1.0):
    rate, _ = backtest.net_rate(one, np.array(discount))
    return backtest.path(one, rate, np.array(damping))


def test_scores_by_hand():
    """Outcomes 100 and 200 against 110 and 150, with 80% intervals 90-120 and 140-160."""
    frame = pd.DataFrame(
        {
            "series": "one",
            "method": "last",
            "horizon_quarters": 4,
            "observed": [100.0, 200.0],
            "predicted": [110.0, 150.0],
            "low80": [90.0, 140.0],
            "high80": [120.0, 160.0],
            "low95": [80.0, 100.0],
            "high95": [130.0, 220.0],
            "change": [5.0, 10.0],
        }
    )
    frame["error"] = np.log([1.1, 0.75])
    one = scores(frame).iloc[0]
    assert one.n == 2
    assert_allclose(one.mase, (10 / 5 + 50 / 10) / 2)
    assert_allclose(one.smape, (200 * 10 / 210 + 200 * 50 / 350) / 2)
    assert_allclose(one.bias, (0.0953102 - 0.2876821) / 2, rtol=1e-6)
    assert (one.coverage80, one.coverage95) == (0.5, 1.0)
    # widths 30 and 20; the second outcome is 40 above its interval, at 2/0.2 a unit
    assert_allclose(one.interval_score, ((30 + 20 + 10 * 40) / 2) / 150)


def test_table_is_whole(table):
    assert list(table.columns) == [
        *KEYS, "n", "mase", "smape", "bias", "coverage80", "coverage95", "interval_score"
    ]  # fmt: skip
    assert not table.duplicated(KEYS).any() and table.notna().all(axis=None)
    assert set(table.horizon_quarters) == {4, 8, 12} and (table.n > 0).all()
    assert set(table.method) == {"model", "model-parameters", *backtest.NAIVE}
    assert (table.groupby(["series", "horizon_quarters"]).n.nunique() == 1).all()
    assert set(table.series) <= set(SERIES) and table.series.nunique() == 11


def test_targets_and_misses(table):
    """Printed as they are: coverage holds; the per-series best of four, known after, is missed."""
    for method, low, high in (("model", 0.7, 0.9), ("model-parameters", 0.0, 0.6)):
        rows = table[table.method == method]
        assert low <= np.average(rows.coverage80, weights=rows.n) <= high
    for horizon in (8, 12):
        rows = table[table.horizon_quarters == horizon]
        mase = rows.pivot(index="series", columns="method", values="mase")
        won = (mase["model"] <= mase[list(backtest.NAIVE)].min(axis=1)).mean()
        assert 0 < won < 2 / 3, horizon
    mean = table[table.horizon_quarters > 4].groupby(["horizon_quarters", "method"]).mase.mean()
    for horizon in (8, 12):
        assert mean[horizon, "model"] < mean[horizon][list(backtest.NAIVE)].min()


def test_nothing_later_is_seen():
    """Figures dated later than half a quarter after an origin change no forecast from it."""
    known, name, at = load_evidence(), "whatsapp_world_mau", 4 * 2015.25
    table, people = known.observed.copy(), known.addressable.copy()
    late = (table.series == name) & (table.date > "2015-05-16")
    table.loc[late, "value"] *= RNG(1).uniform(0.5, 2, late.sum())
    people.loc[people.published > "2015-05-16", "addressable_millions"] *= 1.5
    changed = known.with_tables(observed=table, addressable=people)
    before, after = ({one.quarter: one for one in origins(each, name)} for each in (known, changed))
    assert late.sum() > 3 and at in before and max(before) > at
    for quarter, one in before.items():
        other = after[quarter]
        same = np.array_equal(one.past, other.past) and np.array_equal(one.people, other.people)
        assert same == (quarter <= at)
        columns = ["predicted", "low95", "high95", "change", "scale"]
        frames = [backtest.forecasts(each, 7)[columns] for each in (one, other)]
        assert frames[0].equals(frames[1]) == (quarter <= at)


def test_own_outcomes_do_not_choose_the_damping_nor_the_interval():
    """Leave one series out: what becomes of a series leaves its setting as it was."""
    cases = [one for name in SERIES for one in origins(load_evidence(), name)]
    name = "line_key4_mau"
    other = [
        dataclasses.replace(one, observed=one.observed * 3) if one.series == name else one
        for one in cases
    ]
    assert backtest.choose(cases)[name] == backtest.choose(other)[name]
    assert set(backtest.choose(cases)) == {one.series for one in cases}


def test_old_wechat_figures_stay_out():
    first = origins(load_evidence(), "wechat_world_mau")[0]
    assert first.quarter == 4 * 2015 and len(first.past) == LEAST
    assert first.past[0] == pytest.approx(355)


def test_quarters_of_dates_and_interpolation():
    """Ends of quarters are whole; between figures users grow at one rate."""
    dates = pd.Series(["2014-03-31", "2014-06-30", "2014-05-15"])
    assert_allclose(4 * day_years(dates), [8057, 8058, 8057 + 45 / 91])
    known = with_series({"kakao_korea_mau": [10.0 * 1.1**k for k in range(12)]})
    kept = known.observed.drop(index=[2, 3])
    one = origins(known.with_tables(observed=kept), "kakao_korea_mau")[0]
    assert_allclose(one.past, 10.0 * 1.1 ** np.arange(5))
    assert one.ahead.tolist() == list(range(1, 8))


@pytest.mark.parametrize("growth", [0.08, -0.05])
def test_exponential_growth_far_from_the_ceiling_is_continued(growth):
    past = 10 * np.exp(growth * np.arange(8))
    assert_allclose(model_path(origin(past)), past[-1] * np.exp(growth * AHEAD), rtol=1e-6)


def test_damped_growth_adds_up():
    past = 10 * np.exp(0.1 * np.arange(8))
    total = 0.1 * 0.8 * (1 - 0.8**AHEAD) / (1 - 0.8)
    assert_allclose(model_path(origin(past), damping=0.8), past[-1] * np.exp(total), rtol=1e-6)


def test_logistic_share_of_the_ceiling_is_forecast():
    """A logistic path to 97% of 100 M people, seen up to its middle."""
    path = 97 / (1 + np.exp(-0.15 * np.arange(-20, 13)))
    assert_allclose(model_path(origin(path[:21], 100)), path[21:], rtol=0.015)


def test_rate_has_the_standard_error_of_a_mean():
    """Far from the ceiling and without discount r is the mean change, with the usual error."""
    change = RNG(3).normal(0.05, 0.02, 20)
    rate, error = backtest.net_rate(
        origin(np.exp(np.cumsum([0, *change])), people=1e15), np.array(1.0)
    )
    assert_allclose([rate, error], [change.mean(), change.std(ddof=1) / 20**0.5], rtol=1e-9)


def test_naive_methods_against_closed_forms():
    found = {k: v for k, (v, _) in naive(np.array([1.0, 2, 4, 7, 11, 16, 18])).items()}
    assert_allclose(found["last"], 18.0)
    assert_allclose(found["drift"], 18 + AHEAD * 17 / 6)
    assert_allclose(found["drift4"], 18 + AHEAD * 14 / 4)


def test_holt_follows_a_damped_trend_exactly():
    """Steps that shrink by 0.9 a quarter: the method's own curve."""
    steps = 0.1 * 0.9 ** np.arange(20)
    level = np.cumsum([1.0, *steps])
    level[0] -= steps[0] / 0.9 - steps[0]  # the first trend is damped before it is used
    forecast, spread = backtest.holt(level[:9])
    assert_allclose(forecast, level[9:21], atol=5e-3)
    assert spread.max() < 0.02


def test_intervals_hold_on_random_walks():
    """Random walks: 80% intervals of `last` and of the model hold about 80% of outcomes."""
    walks = {name: 1000 + np.cumsum(RNG([k, 5]).normal(0, 5, 32)) for k, name in enumerate(SERIES)}
    frame = all_forecasts(with_series({"wechat_exchina_registered": [1.0]} | walks, 2014.0))
    cover = scores(frame).groupby("method")[["coverage80", "coverage95"]].mean()
    for method in ("last", "model"):
        assert cover.coverage80[method] == pytest.approx(0.8, abs=0.08)
        assert cover.coverage95[method] == pytest.approx(0.95, abs=0.05)
    assert cover.coverage80["model-parameters"] < cover.coverage80["model"]


def test_merger_filing_lost_to_the_last_value():
    found = backtest.published_forecast(load_evidence()).set_index("quarter").loc["2015Q4"]
    assert (found.forecast, found["last"], found.observed) == (60.39, 50.39, 48.32)
    assert_allclose([found.forecast_error, found.last_error], [24.98, 4.28], atol=0.01)
