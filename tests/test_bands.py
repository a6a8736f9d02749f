"""Draws and bands: paired, as wide as priors and fits say, and read off as quantiles should be."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from model import bands
from model.projection import project
from model.scenario import case, cases, change
from model.settings import settings

DATA = Path(__file__).parents[1] / "data"
SHORT = {"horizon": 4}
NEAR = 1e-4  # bands are computed in single precision: far finer than the 3 digits shown
HALF_RANGE = 1.6448536269514722  # standard deviations from the middle to the end of a 90% range


def rows(name):
    """The rows of a table of data/, read without the project's reader."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DRAWN = {row["name"]: row for row in rows("settings") if row["drawn"] == "yes"}


def fit_of(name):
    """The fit whose spread a case has: its own rows say from which fit they come."""
    own = [row["note"] for row in rows("case_settings") if row["case"] == name]
    return "as-it-happened" if any(note.startswith("fit ") for note in own) else "march-2014"


def fitted(fit):
    """Spread of the fitted settings, and their correlation in either order of the pair."""
    spread = {row["setting"]: float(row["spread"]) for row in rows("fits") if row["fit"] == fit}
    pairs = {}
    for row in rows("fit_correlations"):
        if row["fit"] == fit:
            pairs[row["setting"], row["other"]] = float(row["correlation"])
            pairs[row["other"], row["setting"]] = float(row["correlation"])
    return spread, pairs


def departures(scenario, count):
    """How far each draw is from the scenario, on the scale of its prior; nan where it is cut."""
    found = {}
    for name, drawn in bands.draws(scenario, count).items():
        one, value = settings()[name], scenario[name]
        if DRAWN[name]["scale"] == "log":
            away = np.log(drawn) - math.log(value)
        else:
            odds = drawn / (100 - drawn)
            away = np.log(odds) - math.log(value / (100 - value))
        found[name] = np.where((drawn > one.low) & (drawn < one.high), away, np.nan)
    return found


def test_what_is_drawn():
    """The settings that say so, as many as asked for, inside their ranges."""
    drawn = bands.draws(case(), 64)
    assert list(drawn) == list(DRAWN) and "concern" not in drawn
    for name, values in drawn.items():
        assert values.shape == (64,) and np.isfinite(values).all()
        assert values.min() >= settings()[name].low and values.max() <= settings()[name].high
        assert np.unique(values).size > 32


def test_draws_are_paired():
    """Every scenario of one fit departs by the same amounts, whatever its own values are."""
    one = case()
    other = change(one, {"wechat": 60, "line": 90, "barrier": 30, "attrition": 20, "concern": 90,
                         "ceiling_abroad": 40, "horizon": 3, "events": "all"})  # fmt: skip
    first, second = departures(one, 128), departures(other, 128)
    for name in DRAWN:
        both = np.isfinite(first[name] + second[name])
        assert both.sum() > 30, name
        assert_allclose(first[name][both], second[name][both], atol=1e-8, err_msg=name)


def test_draws_are_the_same_every_time():
    """Also after a restart; fewer draws are the first of more."""
    first = bands.draws(case(), 64)
    bands._normal.cache_clear()
    again, more = bands.draws(case(), 64), bands.draws(case(), 128)
    for name in first:
        assert np.array_equal(first[name], again[name])
        assert_allclose(more[name][:64], first[name], rtol=1e-12)


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened"])
def test_draws_are_as_wide_as_prior_or_fit(name):
    """A setting that was not fitted has its prior's 90% range; a fitted one, given concern,
    the spread of the fit times sqrt(1 - correlation with concern^2).
    """
    scenario = case(name)
    spread, pairs = fitted(fit_of(name))
    for setting, away in departures(scenario, 4096).items():
        row = DRAWN[setting]
        if setting in spread:
            expected = spread[setting] * math.sqrt(1 - pairs[setting, "concern"] ** 2)
        else:
            low, high = float(row["prior_low"]), float(row["prior_high"])
            if row["scale"] == "logit":
                low, high = low / (100 - low), high / (100 - high)
            expected = math.log(high / low) / 2 / HALF_RANGE
        kept = np.isfinite(away)
        quartiles = np.quantile(np.where(kept, away, np.inf), [0.2, 0.5])
        assert_allclose(quartiles, expected * norm.ppf([0.2, 0.5]), atol=0.05 * expected + 1e-3,
                        err_msg=setting)  # fmt: skip


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened"])
def test_draws_move_together_as_the_fit_says(name):
    """Partial correlation given concern, by its textbook formula, for every pair."""
    away = departures(case(name), 4096)
    spread, pairs = fitted(fit_of(name))
    checked = 0
    for i in DRAWN:
        for j in DRAWN:
            both = np.isfinite(away[i] + away[j])
            if i >= j or both.mean() < 0.999:
                continue
            expected = 0.0
            if i in spread and j in spread:
                a, b = pairs[i, "concern"], pairs[j, "concern"]
                expected = (pairs[i, j] - a * b) / math.sqrt((1 - a * a) * (1 - b * b))
            found = np.corrcoef(away[i][both], away[j][both])[0, 1]
            assert abs(found - expected) < 0.06, (i, j)
            checked += abs(expected) > 0.15
    assert checked >= 3


def test_a_setting_at_zero_is_not_spread():
    """On a log scale nothing times anything is nothing; on a logit scale next to nothing."""
    drawn = bands.draws(change(case(), {"wechat": 0, "kakao_innovation": 0, "barrier": 0}))
    assert not drawn["wechat"].any() and not drawn["kakao_innovation"].any()
    assert drawn["barrier"].max() < 1e-4
    full = bands.draws(change(case(), {"barrier": 100, "ceiling": 100}))
    assert full["barrier"].min() > 99.999 and full["ceiling"].min() > 99.999


def test_nothing_spread_is_no_band():
    """Everything that is drawn at zero: the band is the path (logit settings: next to it)."""
    nothing = {name: 0 for name, row in DRAWN.items() if settings()[name].low == 0}
    scenario = change(case(), nothing | SHORT)
    found = bands.answer(scenario)
    start = found.high[0] / found.path[0]
    assert (found.high <= found.path * start * 1.02 + 1e-6).all()


@pytest.mark.parametrize("outside", ["china", "home"])
def test_answer_is_the_projection_and_its_quantiles(outside):
    """The path, the path without concern, and a band with a tenth of the draws on either side."""
    scenario = change(case(), {"concern": 60} | SHORT)
    found = bands.answer(scenario, outside)
    own = project(scenario)
    assert_allclose(found.path, bands.total(own, outside)[..., 0], rtol=NEAR)
    calm = project(change(scenario, {"concern": 0}))
    assert_allclose(found.without_concern, bands.total(calm, outside)[..., 0], rtol=NEAR)
    assert_allclose(found.markets, own.users[..., 0], rtol=1e-3, atol=1e-4)
    assert np.array_equal(found.times, own.times) and found.names == own.names
    drawn = np.sort(bands.total(project(scenario, bands.draws(scenario)), outside), axis=-1)
    steps = bands.DRAWS - 1
    assert drawn.shape[-1] == bands.DRAWS >= 64
    # a tenth of the steps between ordered draws, from either end
    last, part = divmod(steps / 10, 1)
    i = int(last)
    low = drawn[..., i] + part * (drawn[..., i + 1] - drawn[..., i])
    high = drawn[..., -1 - i] - part * (drawn[..., -1 - i] - drawn[..., -2 - i])
    assert_allclose(found.low, low, rtol=5 * NEAR)
    assert_allclose(found.high, high, rtol=5 * NEAR)


@pytest.mark.parametrize("name", list(cases()))
def test_bands_hold_their_middle(name):
    """Low, median of the draws, high; of the path at the start, where only users are drawn."""
    scenario = change(case(name), {"horizon": 6})
    found = bands.answer(scenario)
    assert np.isfinite(found.low).all() and (found.low >= 0).all()
    assert (found.low <= found.high).all()
    median = np.median(bands.total(project(scenario, bands.draws(scenario))), axis=-1)
    assert (found.low <= median + 1e-9).all() and (median <= found.high + 1e-9).all()
    assert (found.low[0] <= found.path[0] + 1e-9).all()
    assert (found.path[0] <= found.high[0] + 1e-9).all()
    own = bands.total(project(scenario))[..., 0]
    assert_allclose(found.path, own, rtol=NEAR)
    wechat = found.high[:, 0] - found.low[:, 0]
    assert wechat[0] > 1
    if scenario.origin == "2014Q1":  # in 2024 the start itself is the widest part
        assert wechat[-1] > wechat[0]
    assert_allclose(found.low[0, 2], found.high[0, 2], rtol=1e-12)  # KakaoTalk is reported


def test_band_at_the_origin():
    """WeChat abroad 25-40 M in March 2014 is a range of about 90%, so 80% is a little less."""
    found = bands.answer(change(case(), SHORT))
    assert 24 < found.low[0, 0] < 29 < 31 < found.high[0, 0] < 40


def test_more_concern_moves_the_whole_band_down():
    """Paired draws: both ends of WeChat's band fall with concern, at every quarter."""
    mild, strong = (bands.answer(change(case(), {"concern": c} | SHORT)) for c in (20, 80))
    assert (strong.low[1:, 0] < mild.low[1:, 0]).all()
    assert (strong.high[1:, 0] < mild.high[1:, 0]).all()
    assert_allclose(strong.without_concern, mild.without_concern, rtol=1e-4)
    assert (mild.without_concern[1:, 0] > mild.path[1:, 0]).all()


def test_total_of_the_table_is_a_quantile_of_totals():
    """Not the sum of the quantiles by market: those are of other draws in each market."""
    scenario = change(case(), SHORT)
    table = bands.table(scenario).set_index(["quarter", "market", "platform"])
    found = bands.answer(scenario)
    last = table.loc["2018Q1"]
    for k, platform in enumerate(("WeChat", "LINE", "KakaoTalk")):
        row = last.loc["EX-CHINA", platform]
        ends = [found.low[-1, k], found.high[-1, k]]
        assert_allclose([row.low, row.high], ends, rtol=1e-12)
        # the table's path is in double precision, the answer's in single
        assert_allclose(row.users_millions, found.path[-1, k], rtol=5e-5)
    markets = last[last.index.get_level_values("platform") == "WeChat"].drop("EX-CHINA")
    whole = last.loc["EX-CHINA", "WeChat"]
    assert abs(markets.low.sum() / whole.low - 1) > 0.01
    assert abs(markets.high.sum() / whole.high - 1) > 0.01
    assert_allclose(markets.users_millions.sum(), whole.users_millions, rtol=1e-12)


def test_table_by_market_is_the_projection():
    """Cells are where their names say: quarter by quarter, market by market."""
    scenario = change(case("today"), {"horizon": 2})
    table, own = bands.table(scenario), project(scenario)
    assert len(table) == 9 * 24 * 3 and not table.isna().any().any()
    cells = table.set_index(["quarter", "market", "platform"]).users_millions
    quarters = ["2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1",
                "2026Q2"]  # fmt: skip
    for t, quarter in enumerate(quarters):
        for m, market in enumerate(own.names):
            for k, platform in enumerate(("WeChat", "LINE", "KakaoTalk")):
                shown, exact = cells[quarter, market, platform], own.users[t, k, m, 0]
                assert shown == exact if t == 0 else abs(shown - exact) < 1e-3 * exact + 1e-4


def test_cases_have_the_spread_of_their_fit():
    for name in cases():
        assert bands.fit_of(change(case(name), {"concern": 1}).case) == fit_of(name)
    assert {fit_of(name) for name in cases()} == {"march-2014", "as-it-happened"}


def test_bands_of_the_cases(golden):
    """Low, path and high of the totals at the end of the horizon, pinned."""
    found = {}
    for name in cases():
        one = bands.answer(case(name))
        ends = np.stack([one.low[-1], one.path[-1], one.high[-1]], axis=1)
        found[name] = {
            platform: [float(f"{users:.4g}") for users in row]
            for platform, row in zip(("WeChat", "LINE", "KakaoTalk"), ends, strict=True)
        }
    golden(found, "model_bands")


def test_prediction_interval_is_the_wider_band():
    """Past forecast error adds nothing at the origin and widens every later band."""
    found = bands.answer(case())
    assert_allclose(found.error_low[0], found.low[0], rtol=1e-6)
    assert_allclose(found.error_high[0], found.high[0], rtol=1e-6)
    wide, plain = (
        np.log(high / low)
        for high, low in (
            (found.error_high[1:], found.error_low[1:]),
            (found.high[1:], found.low[1:]),
        )
    )
    assert (wide[:, 2] > plain[:, 2]).all()  # KakaoTalk: hardly any other spread at first
    assert (wide.mean(axis=0) > plain.mean(axis=0)).all()
    assert wide[3, 2] > 2 * 1.28 * 0.08  # four quarters on the error alone spreads by about 0.10


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
def test_the_page_and_the_command_line_show_the_same_path_to_the_last_digit(name):
    """Alone, beside the path without concern, or among a thousand others: the same numbers."""
    scenario = case(name)
    alone = project(scenario).users[..., 0]
    assert np.array_equal(bands.answer(scenario).markets, alone)
    many = {"barrier": np.append(np.linspace(0, 100, 600), scenario["barrier"])}
    assert np.array_equal(project(scenario, many).users[..., -1], alone)
