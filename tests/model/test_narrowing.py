"""How much narrower the band would be: against closed forms and a nested simulation."""

from unittest import mock

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from model.analysis import narrowing, sampling
from model.analysis.narrowing import (
    MARKETS,
    narrow,
    reductions,
    with_errors,
)
from model.engine.projection import project, total
from model.evidence import load_evidence
from model.scenario.scenario import case, change

CORRELATION = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
WEIGHTS, SHARED, NOISE = np.array([1.0, -0.5, 0.7]), 0.8, 0.5
NODES, FRESH, PARTS = 16, 4, 16
SHORT = change(case(), {"horizon": 2})


def a_sum(generator, count):
    """A sum of correlated normal numbers, one number that pairs share, and noise."""
    z = np.linalg.cholesky(CORRELATION) @ generator.standard_normal((3, count))
    shared = np.tile(generator.standard_normal(count // 2), 2)
    return WEIGHTS @ z + SHARED * shared + NOISE * generator.standard_normal(count), z


def exact():
    """Width given a part over width of the sum: sqrt(1 - correlation^2), all being normal."""
    variance = WEIGHTS @ CORRELATION @ WEIGHTS + SHARED**2 + NOISE**2
    known = np.append((CORRELATION @ WEIGHTS) ** 2, SHARED**2) / variance
    return 100 * (1 - np.sqrt(1 - known))


def test_a_log_normal_sum_has_the_reduction_of_its_conditional_variance():
    logs, z = a_sum(np.random.default_rng(1), 2**16)
    found, errors = with_errors(logs, z, CORRELATION)
    assert_allclose(found, exact(), atol=1)
    assert (abs(found - exact()) < 3 * errors).all() and (errors < 0.6).all()


def test_pairs_of_runs_share_markets_and_nothing_else():
    _, logs, z, _ = narrowing._runs(change(SHORT, {"spread": 100}))
    one, other = np.split(z, 2, axis=1)
    assert (abs(np.mean(one * other, axis=1)) < 4 / np.sqrt(one.shape[1])).all()
    assert np.corrcoef(*np.split(logs, 2))[0, 1] > 0.1


def test_a_setting_that_moves_the_result_either_way_counts():
    """y = z^2 - 1 + noise, without any correlation of y and z; quantiles by integration."""
    nodes = ndtri((np.arange(20000) + 0.5) / 20000)

    def quantile(level):
        mean = nodes**2 - 1
        return brentq(lambda y: ndtr(y - mean).mean() - level, -10, 20)

    whole = quantile(0.9) - quantile(0.1)
    generator = np.random.default_rng(3)
    z = generator.standard_normal((1, 2**16))
    logs = z[0] ** 2 - 1 + generator.standard_normal(z.size)
    found = reductions(logs, z, np.eye(1))[0]
    assert found == pytest.approx(100 * (1 - 2 * ndtri(0.9) / whole), abs=1.5)


def nested(start, setting):
    """Reduction, %, and its standard error: width of the runs where a setting is as good as known.

    The kept draws in order of the setting, in NODES groups; each draw with FRESH others of the
    markets. All runs together are the band as it is. The error is that of a jackknife over parts of
    the runs in each group.
    """
    generator, drawn = np.random.default_rng(5), sampling.draws(start, sampling.STORED)
    markets, logs = sampling.scenario_markets(start), []
    for _ in range(FRESH):
        growth = generator.standard_normal((3, len(markets.names), sampling.STORED))
        numbers = growth, growth[0].copy()[:, generator.permutation(sampling.STORED)], None, None
        with mock.patch.object(sampling, "normal_by_market", lambda *_, numbers=numbers: numbers):
            apart = sampling.market_draws(start, markets, sampling.STORED)
        users = total(project(start, drawn, apart, markets=markets, last_only=True))[0, 0]
        logs.append(np.log(users)[np.argsort(drawn[setting])].reshape(NODES, -1))
    runs = np.concatenate(logs, axis=1)
    parts = np.array_split(generator.permutation(runs.shape[1]), PARTS)
    without = [_reduction(np.delete(runs, part, 1)) for part in parts]
    return _reduction(runs), np.std(without) * np.sqrt(PARTS - 1)


def _reduction(runs):
    """Mean width of the runs at each value (value, run) against the width of all."""
    low, high = np.quantile(runs, sampling.LEVELS, axis=1, method="median_unbiased")
    whole = np.diff(np.quantile(runs, sampling.LEVELS, method="median_unbiased"))[0]
    return 100 * (1 - (high - low).mean() / whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "setting"),
    [("march-2014", "incumbent_growth"), ("today", "wechat_start"), ("today", "descent")],
)
def test_nested_runs_agree(name, setting):
    row = next(row for row in narrow(case(name)) if row.setting == setting)
    expected, error = nested(case(name), setting)
    assert abs(row.reduction - expected) < 3 * np.hypot(row.error, error)
    assert row.reduction > 3 * row.error and error < 2


def test_rows_name_their_evidence():
    """As in data/settings.csv, parameters.csv, sources.csv and fits.csv."""
    rows = {row.setting: row for row in narrow(SHORT)}
    assert (rows["barrier"].grade, rows["barrier"].source_id) == ("D", "assumption")
    assert (rows["wechat_core"].grade, rows["wechat_core"].source_id) == ("A", "un-desa")
    informed = {(row.fit, row.setting): row.informed for row in load_evidence().fits.itertuples()}
    assert rows["wechat"].informed == informed["march-2014", "wechat"] < 0.8
    assert rows["wechat_core"].informed is None and rows[MARKETS].informed is None
    today = {row.setting: row for row in narrow(change(case("today"), {"horizon": 1}))}
    assert today["wechat"].informed == informed["as-it-happened", "wechat"]
    starts = [row.setting for row in today.values() if row.setting.endswith("_start")]
    assert len(starts) == 3  # drawn from the ranges of the totals of 2025


def test_a_setting_that_does_not_vary_narrows_nothing():
    """Nothing times a factor stays nothing, and without a spread all markets are alike."""
    rows = {row.setting: row for row in narrow(change(SHORT, {"pull": 0, "spread": 0}))}
    for name in ("pull", MARKETS):
        assert (rows[name].reduction, rows[name].error) == (0, 0)
    assert rows["attrition"].error > 0
