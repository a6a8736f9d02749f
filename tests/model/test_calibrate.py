"""The calibration: recovers what is known, sees nothing later, and is what data/ holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.analysis import bands
from model.analysis.bands import market_paths
from model.calibration import calibrate, targets
from model.calibration.as_of import evidence_as_of, starting_accounts
from model.calibration.posterior import Density
from model.engine.inputs import setting_values
from model.engine.markets import read_markets
from model.engine.projection import project
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import decimal_year
from model.scenario.scenario import case
from model.scenario.settings import from_scale, prior, settings_and_parameters
from tests import kept

LISTED = ("line_key4_mau", "line_exkey4_mau", "kakao_korea_mau", "kakao_exkorea_mau")
LISTED = (*LISTED, "line_japan_mau", "line_world_mau", "wechat_exchina_band")
TARGETS = ("march-2014", "as-it-happened")


@pytest.fixture(scope="module")
def problems():
    return {name: make(load_evidence()) for name, make in targets.PROBLEMS.items()}


def stored(fit):
    table = load_evidence().fits
    return table[table.fit == fit].set_index("setting")


@pytest.mark.parametrize("name", targets.PROBLEMS)
def test_stored_fit_is_of_these_data(problems, name):
    """If this fails: python -m model calibrate, and CHANGELOG says which number moved."""
    summary = load_evidence().fit_summary.set_index("fit")
    assert summary.fingerprint[name] == calibrate.fingerprint(problems[name])


@pytest.mark.parametrize("name", targets.PROBLEMS)
def test_no_step_betters_the_best_point(problems, name):
    """Misfit and priors, by hand; and no draw that is kept has a higher density."""
    problem, best = problems[name], stored(name).best
    chosen = [settings_and_parameters()[one] for one in problem.names]
    centre, spread = np.array([prior(setting) for setting in chosen]).T
    start = np.array([_point(s, best[s.name]) for s in chosen])
    steps = np.vstack([start, start + 0.1 * np.diag(spread), start - 0.1 * np.diag(spread)])
    drawn = {
        s.name: np.clip(from_scale(s, steps[:, i]), s.low, s.high) for i, s in enumerate(chosen)
    }
    cost = misfit(problem, drawn) + (((steps - centre) / spread) ** 2).sum(axis=1)
    assert cost[0] <= 1.001 * cost[1:].min()
    summary = load_evidence().fit_summary.set_index("fit")
    assert_allclose(summary.cost[name], cost[0] / 2, rtol=2e-3)
    table = load_evidence().draws
    kept = table[table.fit == name][list(problem.names)]
    points = np.array([_point(s, kept[s.name].to_numpy()) for s in chosen]).T
    theirs = misfit(problem, {one: kept[one].to_numpy() for one in kept})
    assert (theirs + (((points - centre) / spread) ** 2).sum(axis=1)).min() >= 0.999 * cost[0]


def misfit(problem, values):
    """Sum over the figures of the squared distance in sigmas, of upper ends only above them."""
    figures = problem.observed
    away = (problem.predict(values).T - figures.target.to_numpy()) / figures.sigma.to_numpy()
    away = np.where(figures.most.to_numpy() & (away < 0), 0.0, away)
    return (away**2).sum(axis=1)


def _point(setting, value):
    """A value on its setting's scale, by hand."""
    return np.log(value) if setting.scale == "log" else np.log(value / (100 - value))


def test_defaults_are_the_march_fit():
    """A slider starts at the median of the fit to what was known, rounded to its step."""
    for name, row in stored("march-2014").iterrows():
        setting = settings_and_parameters()[name]
        assert abs(setting.value - row.value) <= setting.step / 2 + 1e-9, name


def test_other_defaults_are_the_middle_of_their_prior():
    """A setting that is not fitted starts within half a standard deviation of the middle."""
    fitted = set(stored("march-2014").index)
    for name, setting in settings_and_parameters().items():
        if setting.prior_low is not None and name not in fitted and not name.endswith("_start"):
            centre, spread = prior(setting)
            assert abs(_point(setting, setting.value) - centre) <= 0.5 * spread, name


def spoiled(table):
    """Every figure published after the origin made half as large again, and one row left out."""
    late = pd.Series(True, index=table.index)  # what has no date is of later
    if "published" in table:
        late = table.published > targets.ORIGIN_DAY
    changed = table.copy()
    for column in changed.select_dtypes("float").columns.difference(["year"]):
        changed.loc[late, column] *= 1.5
    return changed.drop(index=changed.index[late][:1]) if "published" in table else changed


def test_nothing_published_later_leaks(problems):
    """Changing any figure published after March 2014, in any table, changes nothing, to the bit.

    Settings, constants, cases, switches and the names of markets are no figures of a date.
    """
    known, own = load_evidence(), problems["march-2014"]
    undated = {"settings", "parameters", "constants", "cases", "case_settings", "markets"}
    undated |= {"switches", "story"}
    names = [name for name in vars(known) if name not in undated | {"content"}]
    assert {"descent", "reference_class", "incumbents", "observed", "fits"} <= set(names)
    other = targets.march_2014(
        known.with_tables(**{name: spoiled(getattr(known, name)) for name in names})
    )
    centres = {name: settings_and_parameters()[name].value for name in other.names}
    values = {name: np.array([value or 1.0, value * 0.7]) for name, value in centres.items()}
    assert np.array_equal(other.predict(values), own.predict(values))
    assert other.observed.drop(columns="markets").equals(own.observed.drop(columns="markets"))
    assert calibrate.fingerprint(other) == calibrate.fingerprint(own)


def test_as_it_happened_is_near_what_happened(problems):
    """Median error of each listed series at most 8%, no figure of them further off than 25%.

    Of a range: the distance from its nearer end.
    """
    problem = problems["as-it-happened"]
    observed, predicted = problem.observed, np.exp(problem.predict({})[:, 0])
    low, high = (observed[end].fillna(observed.value) for end in ("low", "high"))
    off = (predicted / np.clip(predicted, low, high) - 1).abs().groupby(observed.series)
    assert off.median()[[*LISTED]].max() <= 0.08 and off.max()[[*LISTED]].max() <= 0.25


@pytest.mark.parametrize("name", TARGETS)
def test_fit_stands_inside_its_priors(name):
    """No setting at an end of its slider, at most two outside their 90% prior."""
    outside = []
    for setting, value in stored(name).value.items():
        one = settings_and_parameters()[setting]
        assert one.low + 0.002 * (one.high - one.low) < value < 0.998 * one.high, setting
        if not one.prior_low <= value <= one.prior_high:
            outside.append(setting)
    assert len(outside) <= 2, outside


def test_registered_accounts_are_joiners(problems):
    """With nobody leaving and every account in use, accounts are users."""
    then = evidence_as_of(load_evidence(), targets.ORIGIN_DAY)
    start = starting_accounts(then, targets.START_2013)
    where = read_markets(then.with_tables(installed_base=start), targets.START_2013, 4)
    values = setting_values(case())
    still = {"attrition": 0.0, "active_home": 100.0, "active_abroad": 100.0}
    values |= {name: np.array([value]) for name, value in still.items()}
    found = targets.registered_accounts(case(), values, where)
    users = project(case(), values, markets=where).users
    assert_allclose(found, users, rtol=1e-9)
    half = targets.registered_accounts(case(), values | {"active_abroad": np.array([50.0])}, where)
    assert_allclose(half[0], where.base[..., None])


def test_accounts_at_a_date_are_those_of_the_date():
    """Japan had 45 million LINE accounts in April 2013, Korea some 34 million of KakaoTalk's."""
    start = starting_accounts(evidence_as_of(load_evidence(), targets.ORIGIN_DAY), "2013Q1")
    table = start.pivot(index="platform", columns="market", values="value_millions")
    assert_allclose(table.loc["LINE", "JPN"], 45, rtol=0.03)
    assert_allclose(table.loc["KakaoTalk", "KOR"], 34, rtol=0.1)
    assert (table > 0).all().all()


LATER = {  # (messenger, market, factor that the model must lie within): million users in hindsight
    ("LINE", "JPN", 1.25): {"2019Q4": 83},
    ("LINE", "TWN", 1.25): {"2019Q4": 21},
    ("LINE", "THA", 1.25): {"2018Q2": 42, "2019Q4": 45},
    ("LINE", "IDN", 2): {"2018Q3": 22, "2019Q4": 15},
    ("WeChat", "HKG", 2): {"2016Q2": 0.58 * 6.4, "2019Q1": 0.54 * 6.8},
    ("WeChat", "SGP", 2): {"2014Q3": 0.18 * 4.4},
    ("WeChat", "MYS", 2): {"2014Q3": 0.61 * 20.4},
}


def at(answer, quarter):
    """The row of a quarter."""
    return round(4 * (decimal_year(quarter) - answer.times[0]))


def test_markets_in_hindsight():
    """Single markets against company figures and surveys."""
    answer = kept.answer(case("as-it-happened"))
    paths = market_paths(case("as-it-happened")).markets
    for (platform, market, factor), figures in LATER.items():
        users = paths[:, PLATFORMS.index(platform), answer.names.index(market)]
        for quarter, seen in figures.items():
            found = users[at(answer, quarter)]
            assert seen / factor <= found <= seen * factor, (platform, market, quarter, found)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("quarter", ["2018Q4", "2024Q1"])
def test_leaders(name, quarter):
    """All but two markets have the leader that they have, established messengers counted."""
    answer = kept.answer(case(name))
    row, paths = at(answer, quarter), market_paths(case(name))
    users = np.vstack([paths.markets[row], paths.established.line[row]])
    names = (*PLATFORMS, "established")
    truth = load_evidence().markets.set_index("market").leader_latest
    right = [
        names[users[:, i].argmax()] == (truth[m] if truth[m] in PLATFORMS else "established")
        for i, m in enumerate(answer.names)
        if m != "ROW"
    ]
    assert len(right) == len(truth) - 1 and sum(right) >= len(right) - 2


@pytest.fixture(scope="module")
def world():
    """Line and band of each messenger in all markets: the default, by quarter and platform."""
    table = bands.table(case())
    return table[table.market == "EX-CHINA"].set_index(["quarter", "platform"])


def test_default_levels_are_believable(world):
    """Levels in March 2024, which a specialist would check first."""
    then = world.loc["2024Q1"]
    for platform, users in (("LINE", 197), ("KakaoTalk", 54)):
        assert then.low[platform] <= users <= then.high[platform]
        assert users / 2 <= then.users_millions[platform] <= users * 2
    wechat = then.loc["WeChat"]
    assert min(wechat.high, 170) - max(wechat.low, 50) >= (170 - 50) / 3


def test_default_band_holds_most_observed_totals(world):
    """Of LINE and KakaoTalk in 2014-24."""
    table = load_evidence().observed
    table = table[(table.geography == "world") & table.quarter.between("2014Q2", "2024Q1")]
    table = table[table.metric.isin(["users", "users, company profile"])]
    table = table[table.platform.isin(["LINE", "KakaoTalk"])]
    table = table[["quarter", "platform", "value"]].join(world, on=["quarter", "platform"])
    held = table.value.between(table.low, table.high)
    assert len(held) >= 20 and np.mean(held) >= 0.6


@pytest.mark.parametrize(
    ("quarter", "least", "most"),
    [("2014Q2", 25, 40), ("2016Q2", 40, 60), ("2018Q4", 60, 170), ("2024Q1", 50, 170)],
)
def test_default_band_of_wechat_meets_the_ranges_read_from_reports(world, quarter, least, most):
    row = world.loc[quarter, "WeChat"]
    assert row.low <= most and row.high >= least


@pytest.mark.slow
def test_known_settings_are_recovered(problems):
    """Each setting is found within two standard errors on at least 3 of 4 seeds.

    Truths are drawn half as far from the prior as the prior allows, figures with their noise.
    """
    full = problems["as-it-happened"]
    plain = (full.observed.low.isna() & ~full.observed.most).to_numpy()
    observed = full.observed[plain].reset_index(drop=True)
    density = Density.of(full)
    inside = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        truth = 0.5 * rng.standard_normal(density.centre.size)
        truth = np.clip(truth, 0.9 * density.low, 0.9 * density.high)
        clean = full.predict(density.values(truth[None]))[plain, 0]
        noisy = observed.assign(target=clean + observed.sigma * rng.standard_normal(len(observed)))
        problem = replace(full, observed=noisy, predict=lambda v: full.predict(v)[plain])
        found = calibrate.fit(Density.of(problem), starts=1)
        away = np.abs(found.point - truth)
        inside.append(away <= 2 * np.sqrt(np.diag(found.covariance)))
    times = np.sum(inside, axis=0)
    assert (times >= 3).all(), dict(zip(full.names, times, strict=True))
