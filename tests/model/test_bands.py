"""Draws and bands: paired, as wide as priors and fits say, and read off as quantiles should be."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from model.analysis import bands, sampling
from model.engine.markets import load_markets
from model.engine.projection import project
from model.scenario.scenario import case, cases, change, with_fit
from model.scenario.settings import all_settings, settings_and_parameters
from tests.model.by_hand import (
    NAMES,
    rows,
    runs_by_hand,
    since_known,
    spread_of_errors,
    yearly,
)

SHORT = {"horizon": 4}
NEAR = 1e-9
HALF_RANGE = 1.6448536269514722  # standard deviations from the middle to the end of a 90% range


BOTH = {row["name"]: row for row in (*rows("settings"), *rows("parameters"))}
DRAWN = [name for name, row in BOTH.items() if row["drawn"] == "yes"]


PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
HOMES = {"LINE": "JPN", "KakaoTalk": "KOR"}


def ninety(row, low="low", high="high"):
    """Half the 90% range of a row in standard deviations, log units."""
    return math.log(float(row[high]) / float(row[low])) / 2 / HALF_RANGE


def middle_half(values):
    """Mean of the middle half of the runs (..., run), sorted."""
    quarter = values.shape[-1] // 4
    return np.sort(values, axis=-1)[..., quarter:-quarter].mean(axis=-1)


def tenths(values):
    """The ends between which four runs in five lie: a tenth of the steps between ordered runs."""
    ordered = np.sort(values, axis=-1)
    last, part = divmod((values.shape[-1] - 1) / 10, 1)
    i = int(last)
    low = ordered[..., i] + part * (ordered[..., i + 1] - ordered[..., i])
    high = ordered[..., -1 - i] - part * (ordered[..., -1 - i] - ordered[..., -2 - i])
    return low, high


def departures(scenario, count):
    """How far each draw is from the scenario, on the scale of its prior; endless where cut."""
    found = {}
    for name, drawn in sampling.draws(scenario, count).items():
        one, value = settings_and_parameters()[name], scenario[name]
        if BOTH[name]["scale"] == "log":
            away = np.log(drawn) - math.log(value)
        else:
            odds = drawn / (100 - drawn)
            away = np.log(odds) - math.log(value / (100 - value))
        cut = np.where(drawn <= one.low, -np.inf, np.where(drawn >= one.high, np.inf, 0.0))
        found[name] = away + cut
    return found


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
    first = sampling.draws(case(), 64)
    sampling.normal_by_market.cache_clear()
    sampling._departures.cache_clear()
    again, more = sampling.draws(case(), 64), sampling.draws(case(), 128)
    for name in first:
        assert np.array_equal(first[name], again[name])
        assert_allclose(more[name][:64], first[name], rtol=1e-12)


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened"])
def test_runs_of_a_fit_are_its_stored_draws(name):
    """Where no slider is moved: the first rows of data/draws.csv, but for the rounded defaults."""
    table = [row for row in rows("draws") if row["fit"] == name]
    assert len(table) == 1024
    fits = {row["setting"]: float(row["value"]) for row in rows("fits") if row["fit"] == name}
    for setting, found in sampling.draws(case(name)).items():
        one, start = settings_and_parameters()[setting], case(name)[setting]
        stored = np.array([float(row[setting]) for row in table[:256]])
        inside = (found > one.low) & (found < one.high) & (stored > one.low) & (stored < one.high)
        assert_allclose(found[inside], stored[inside], rtol=1e-9, err_msg=setting)
        if setting in fits:  # a default is the fit to the step of the slider
            assert abs(start - fits[setting]) <= max(one.step / 2, 0.005 * start) + 1e-9, setting
    assert {name for name in table[0] if table[0][name]} >= {"fit", *sampling.draws(case(name))}


def test_draws_are_moved_on_their_own_scale():
    """Odds of a share, logarithms of a rate: as far from the slider as from the default."""
    before, after = (
        sampling.draws(case()),
        sampling.draws(change(case(), {"wechat": 90, "barrier": 70})),
    )
    assert_allclose(after["wechat"] / before["wechat"], 90 / case()["wechat"], rtol=1e-9)
    odds = [one["barrier"] / (100 - one["barrier"]) for one in (before, after)]
    default = case()["barrier"]
    assert_allclose(odds[1] / odds[0], 70 / 30 / (default / (100 - default)), rtol=1e-6)
    assert np.array_equal(before["line"], after["line"])


def test_starting_users_of_another_origin_have_the_range_of_their_totals():
    for k, (key, platform) in enumerate(zip(("wechat", "line", "kakao"), PLATFORMS, strict=True)):
        (row,) = [r for r in rows("totals")
                  if (r["origin"], r["platform"]) == (case("today").origin, platform)]  # fmt: skip
        away = np.log(sampling.draws(case("today"), 1024)[f"{key}_start"] / 100)
        expected = ninety(row) * norm.ppf([0.1, 0.5, 0.9])
        assert_allclose(np.quantile(away, [0.1, 0.5, 0.9]), expected, atol=0.03 * ninety(row)), k


def apart(scenario, count=64):
    """The market draws of a scenario."""
    return sampling.market_draws(scenario, load_markets(scenario.origin, 40), count)


def test_growth_differs_by_market_as_the_setting_says():
    """Two in three within the setting, up or down; half of it in the rest of the world; nothing
    where a platform leads, by the column of data/markets.csv.
    """
    away = np.log(apart(change(case(), {"spread": 40}), 4096).growth)
    leader = {row["market"]: row["leader_2014"] for row in rows("markets")}
    for k, platform in enumerate(PLATFORMS):
        for m, market in enumerate(NAMES):
            if leader[market] == platform:
                assert not away[k, m].any(), (platform, market)
            else:
                sigma = 0.20 if market == "ROW" else 0.40
                ends = np.quantile(away[k, m], norm.cdf([-1, 0, 1]))
                assert_allclose(ends, sigma * np.array([-1, 0, 1]), atol=0.05 * sigma)
    assert sum(leader[m] in PLATFORMS for m in NAMES) == 4
    moving = away[away.any(axis=-1)]
    together = np.corrcoef(moving) - np.eye(len(moving))
    assert len(moving) == 3 * len(NAMES) - 4 and np.abs(together).max() < 0.08


def test_established_shares_differ_as_their_ranges_say():
    """The first row with a 90% range, on the logit scale; without one the mean of the others."""
    spread = {}
    for row in sorted(rows("incumbents"), key=lambda row: int(row["year"])):
        if row["low"] and row["market"] not in spread:
            low, high = (min(max(float(row[end]) / 100, 1e-3), 0.999) for end in ("low", "high"))
            width = math.log(high / (1 - high)) - math.log(low / (1 - low))
            spread[row["market"]] = width / 2 / HALF_RANGE
    assert len(spread) > 15
    rest = np.mean(list(spread.values()))
    found = apart(case(), 4096).established
    for m, market in enumerate(NAMES):
        sigma = spread.get(market, rest)
        ends = np.quantile(found[m], norm.cdf([-1, 0, 1]))
        assert_allclose(ends, sigma * np.array([-1, 0, 1]), atol=0.05 * sigma, err_msg=market)


def test_a_setting_at_zero_is_not_spread():
    """On a log scale nothing times anything is nothing; on a logit scale next to nothing."""
    drawn = sampling.draws(with_fit(case(), {"wechat": 0, "kakao_innovation": 0, "barrier": 0}))
    assert not drawn["wechat"].any() and not drawn["kakao_innovation"].any()
    assert drawn["barrier"].max() < 1e-4
    full = sampling.draws(change(case(), {"barrier": 100, "ceiling_abroad": 95}))
    assert full["barrier"].min() > 99.999 and full["ceiling_abroad"].max() == 95


@pytest.mark.parametrize("values", [[3.0, 1, 2, 4], [0, 0, 0, 0, 0, 0, 0, 0], [5, 5, 1, 9]])
def test_the_middle_half_of_the_runs(values):
    """Half of them, alike, and none of the others."""
    half = len(values) // 2
    expected = np.mean(sorted(values)[half // 2 : -half // 2])
    assert_allclose(sampling.middle(np.array(values)), expected)


def part_of(values, level):
    """A quantile of runs (..., run), linear between two of them."""
    return np.quantile(values, level, axis=-1, method="linear")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "as-it-happened"])
def test_answer_is_the_middle_and_the_quantiles_of_the_runs(name):
    """Line, line without concern, ranges, cost and markets from runs with errors by hand."""
    scenario = change(case(name), {"concern": 60, "horizon": 12})
    found = bands.answer(scenario)
    now, cells = runs_by_hand(scenario)
    free, free_cells = runs_by_hand(change(scenario, {"concern": 0}))
    assert now.shape[-1] == sampling.DRAWS == 256
    assert_allclose(found.runs, now, rtol=1e-6)
    assert_allclose(found.total.line[1:], middle_half(now)[1:], rtol=NEAR)
    assert_allclose(found.without_concern, middle_half(free), rtol=NEAR)
    for end, level in (("low", 0.1), ("low50", 0.25), ("high50", 0.75), ("high", 0.9)):
        assert_allclose(getattr(found.total, end), part_of(now, level), rtol=NEAR)
        assert_allclose(getattr(found.market_ends, end), part_of(cells[-1], level), rtol=NEAR)
    assert_allclose(found.cost.line, middle_half(free)[-1, 0] - middle_half(now)[-1, 0], rtol=1e-9)
    ends = tenths((free - now)[-1, 0])  # each run against itself: not ends less ends
    assert_allclose([found.cost.low, found.cost.high], ends, rtol=1e-9)
    assert 0 < found.cost.low < found.cost.line < found.cost.high
    assert abs(ends[1] / (tenths(free)[1] - tenths(now)[0])[-1, 0] - 1) > 0.01
    assert_allclose(found.market_ends.line, middle_half(cells[-1]), rtol=NEAR)
    assert_allclose(found.lost, middle_half((free_cells - cells)[-1, 0]), rtol=1e-9)
    assert_allclose(found.ahead, (now[-1, :1] > now[-1, 1:]).mean(axis=-1), atol=1e-12)
    own = project(scenario)
    assert np.array_equal(found.times, own.times) and found.names == own.names


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cases()))
def test_lines_do_not_jump_between_quarters(name):
    """Totals by less than a fifth; large markets too once the first year's rush is over."""
    found = bands.answer(case(name))
    factor = np.exp(np.abs(np.diff(np.log(found.total.line), axis=0)))
    assert factor.max() < 1.2
    markets = bands.market_paths(case(name)).markets
    large = (markets > 1.0).all(axis=0)
    large[:, found.names.index("IND")] = False
    users = np.where(large, markets, 1.0)[4:]
    steepest = float(np.exp(np.abs(np.diff(np.log(users), axis=0))).max())
    assert steepest < 1.3


@pytest.mark.parametrize("name", list(cases()))
def test_unplaced_users_close_the_sum_of_the_markets(name):
    """With them the markets add up to the middle of the same runs over all markets."""
    scenario = change(case(name), {"horizon": 6})
    found, whole = bands.answer(scenario), sampling.runs(scenario)[0].markets[-1].sum(axis=1)
    closed = found.market_ends.line.sum(axis=1) + found.unplaced
    assert_allclose(closed, middle_half(whole), rtol=1e-12)
    assert_allclose(closed[0], found.total.line[-1, 0], rtol=1e-12)  # WeChat has no home here
    paths = bands.market_paths(scenario)  # the answer's own ends, which are computed apart
    assert np.array_equal(paths.markets[-1], found.market_ends.line)
    for end in ("line", "low", "high"):
        of_all = getattr(paths.established, end)[-1]
        assert np.array_equal(of_all, getattr(found.established, end))


@pytest.mark.parametrize("name", list(cases()))
def test_bands_hold_their_middle(name):
    """80% around 50% around the line, in every quarter and in every market."""
    scenario = change(case(name), {"horizon": 6})
    found = bands.answer(scenario)
    for one, first in ((found.total, 1), (found.market_ends, 0), (found.established, 0)):
        ends = np.array([one.low, one.low50, one.line, one.high50, one.high])[:, first:]
        assert np.isfinite(ends).all() and (ends >= 0).all()
        assert (np.diff(ends, axis=0) >= -1e-12).all()
    wechat = found.total.high[:, 0] - found.total.low[:, 0]
    assert wechat[0] > 1
    if scenario.origin == "2014Q1":  # later the start itself is the widest part
        assert wechat[-1] > wechat[0]


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
def test_past_errors_widen_the_runs_as_their_spread_says(name, monkeypatch):
    """sqrt(s^2 + r^2) in one market, log units; none while figures last; never over people."""
    scenario = change(case(name), {"horizon": 15})
    count, people = 1024, load_markets(scenario.origin, 60).addressable[:, None, :, None]
    erring = sampling.runs(scenario, count=count)[0].markets
    monkeypatch.setattr(sampling, "_with_errors", lambda path, *_: path)
    plain = sampling.runs(scenario, count=count)[0].markets
    assert (erring <= people).all()
    since = since_known(scenario)
    assert np.array_equal(erring[since <= 0], np.minimum(plain, people)[since <= 0])
    assert (since <= 0).sum() == (40 if name == "as-it-happened" else 1)
    s, r = spread_of_errors(scenario)
    free = (erring < people).all(axis=(0, -1)) & (plain > 0).all(axis=(0, -1))
    away = np.log(erring[:, free] / plain[:, free])
    expected = np.broadcast_to(np.hypot(s, r), away.shape[:2])
    assert free.sum() > 20
    assert_allclose(away.std(axis=-1), expected, rtol=0.06)
    assert_allclose(away.mean(axis=-1), 0, atol=0.06 * expected.max())


def test_errors_of_markets_have_what_the_messenger_has_in_common():
    """Correlation s^2 / (s^2 + r^2) between two markets of a messenger, none between messengers."""
    market, whole = sampling.error_scores(len(NAMES), 1024)
    s, r = 0.3, 0.4
    errors = (s * whole[:, None] + r * market).reshape(-1, 1024)
    own = np.repeat(np.arange(3), len(NAMES))
    expected = np.where(own[:, None] == own, s**2 / (s**2 + r**2), 0.0)
    np.fill_diagonal(expected, 1.0)
    assert_allclose(np.corrcoef(errors), expected, atol=0.06)


@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_band_at_the_origin(name):
    """80% of a log-normal whose 90% range data/totals.csv gives; the line is the table's total.

    In March 2014 the range is where it stands, later around the table's total.
    """
    found = bands.answer(change(case(name), SHORT))
    origin = case(name).origin
    for k, platform in enumerate(PLATFORMS):
        table = sum(float(r["value_millions"]) for r in rows("installed_base")
                    if (r["origin"], r["platform"]) == (origin, platform)
                    and r["market"] != HOMES.get(platform))  # fmt: skip
        (row,) = [r for r in rows("totals") if (r["origin"], r["platform"]) == (origin, platform)]
        low, value, high = (float(row[key]) for key in ("low", "value_millions", "high"))
        off = math.sqrt(low * high) / value if name == "march-2014" else 1.0
        away = norm.ppf(0.9) * ninety(row)
        ends = [found.total.low[0, k], found.total.high[0, k]]
        expected = off * table * np.exp([-away, away])
        assert_allclose(ends, expected, rtol=0.03, err_msg=platform)
        assert_allclose(found.total.line[0, k], table, rtol=0.01, err_msg=platform)


def test_total_of_the_table_is_a_quantile_of_totals():
    """Not the sum of the quantiles by market: those are of other runs in each market."""
    scenario = change(case(), SHORT)
    table = bands.table(scenario).set_index(["quarter", "market", "platform"])
    found = bands.answer(scenario)
    last = table.loc["2018Q1"]
    for k, platform in enumerate(PLATFORMS):
        row = last.loc["ABROAD", platform]
        ends = [found.total.low[-1, k], found.total.line[-1, k], found.total.high[-1, k]]
        assert_allclose([row.low, row.users_millions, row.high], ends, rtol=1e-6)
        one = last[last.index.get_level_values("platform") == platform]
        one, whole = one.drop(["EX-CHINA", "ABROAD"]), last.loc["EX-CHINA", platform]
        # the markets' low ends lie in other runs, and add up to far less
        assert one.low.sum() < 0.95 * whole.low
        middles = one.users_millions.sum() + found.unplaced[k]
        assert_allclose(middles, whole.users_millions, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("events", ["none", "incumbents"])
def test_established_messengers_are_a_share_of_people_online(events):
    """By hand: the table's share, moved in each run, won from what the leader leaves, times people.

    With the switch the surveys count as they are, without their error.
    """
    scenario = change(case(), {"events": events, "horizon": 6})
    table = bands.table(scenario)
    table = table[table.platform == "established"].set_index(["quarter", "market"])
    growth = sampling.draws(scenario)["incumbent_growth"] / 100
    shift = sampling.market_draws(scenario, load_markets("2014Q1", 24)).established
    base = [row for row in rows("installed_base") if row["origin"] == "2014Q1"]
    for m, market in enumerate(NAMES):
        online = yearly("addressable", "addressable_millions", market, 2014.25)
        most = max(float(r["value_millions"]) for r in base if r["market"] == market)
        room = 1 - min(most / online, 1.0)
        for quarter, time in (("2014Q1", 2014.25), ("2016Q3", 2016.75), ("2020Q1", 2020.25)):
            seen = time if events == "incumbents" else 2014.25
            share = yearly("incumbents", "share_pct", market, seen) / 100
            odds = share / (1 - share) * np.exp(shift[m])
            share = odds / (1 + odds)
            if events == "incumbents":
                share = np.full(256, yearly("incumbents", "share_pct", market, seen) / 100)
            else:
                share += np.maximum(0.95 - share, 0) * room * (1 - (1 - growth) ** (time - 2014.25))
            people = yearly("addressable", "addressable_millions", market, time)
            low, high = tenths(share)
            row = table.loc[quarter, market]
            expected = people * np.array([low, middle_half(share), high])
            assert_allclose([row.low, row.users_millions, row.high], expected, rtol=1e-6)
    assert (
        table.users_millions["2014Q1", "USA"] > 20
        and ((table.low < table.high) == (events == "none")).all()
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "rivals-surge"])
def test_lines_of_many_points(name):
    """The line of the scenario's own value is the answer's; of others, that of the scenario."""
    scenario = change(case(name), {"horizon": 5})
    own = bands.answer(scenario).total.line[-1]
    for setting in ("concern", "wechat", "spread", "until"):
        points = {setting: np.array([scenario[setting]] * 2 + [all_settings()[setting].value])}
        found = sampling.lines(scenario, points)
        assert_allclose(found[:, 0], own, rtol=2e-5, err_msg=setting)
        assert np.array_equal(found[:, 0], found[:, 1])
    points = {"wechat": np.array([90.0, 240]), "spread": np.array([20.0, 70]),
              "concern": np.array([10.0, 80])}  # fmt: skip
    found = sampling.lines(scenario, points)
    for i in (0, 1):
        other = change(scenario, {key: value[i] for key, value in points.items()})
        assert_allclose(found[:, i], bands.answer(other).total.line[-1], rtol=1e-4)


MISSED = {  # known misses, 256 runs against the 1,024 kept draws; green is an error here
    "hard-line": "WeChat's upper end is 10.4% off",
    "super-app": "WeChat's line is 7% off, LINE's upper end 11%",
    "rivals-surge": "WeChat's low end is 10.1% off",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=MISSED[name])) if name in MISSED else name
        for name in cases()
    ],
)
def test_256_runs_are_enough_for_the_band(name):
    """Line and ends of the range against those of all draws that are kept."""
    few, many = (
        sampling.run_totals(case(name), {"line": np.array([case(name)["line"]])}, count=count)[:, 0]
        for count in (256, 1024)
    )
    assert_allclose(middle_half(few), middle_half(many), rtol=0.06)
    for one, two in zip(tenths(few), tenths(many), strict=True):
        assert_allclose(one, two, rtol=0.1)


def test_bands_of_the_cases(golden):
    """Low, line and high over all markets outside China at the end of the horizon, pinned.

    The pinned numbers are older than the total abroad, which has the same runs less the home
    market; that it is so is checked above.
    """
    found = {}
    for name in cases():
        rows = bands.table(case(name))
        rows = rows[(rows.market == "EX-CHINA") & (rows.quarter == rows.quarter.max())]
        ends = rows.set_index("platform")[["low", "users_millions", "high"]]
        found[name] = {
            platform: [float(f"{users:.4g}") for users in ends.loc[platform]]
            for platform in ("WeChat", "LINE", "KakaoTalk")
        }
    golden(found, "model_bands")
