"""Properties of every projection, whatever the settings: users, invariants, paired draws."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis import sampling
from model.engine import projection
from model.engine.inputs import (
    MarketDraws,
    conditions,
    willing_in,
    worry_in,
)
from model.engine.markets import load_markets
from model.engine.projection import project, total
from model.scenario.scenario import case, cases, change
from model.scenario.settings import settings_and_parameters
from tests.model.by_hand import NAMES, inputs_of, random_draws, rows, with_fit, yearly

PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
TIES_MOST = 0.6  # of the starting users, as the note on wechat_core says
ROUND_OFF = 1e-9  # million people
EXACT = 2e-5  # the accuracy that is promised, in share of people
AT_KINKS = 3e-4  # where users fall through the willing share
LINE_HOME = ("JPN", "TWN", "THA", "IDN")


def installed_base(origin):
    """Million users (platform, market) in the table."""
    cells = {
        (r["platform"], r["market"]): r for r in rows("installed_base") if r["origin"] == origin
    }
    return np.array([[float(cells[k, m]["value_millions"]) for m in NAMES] for k in PLATFORMS])


def some(draws, part):
    """Some of the draws."""
    return {name: value[part] for name, value in draws.items()}


def raised(draws, name, seed=3):
    """The same draws but one setting raised by some part of what is left of its range."""
    value = draws[name]
    part = np.random.default_rng(seed).random(value.size)
    return draws | {name: value + part * (settings_and_parameters()[name].high - value)}


def lineage(market):
    """People of Chinese descent who count, as a share of the population, in 2014 by hand, 0-1."""
    rows_of = [[r for r in rows(name) if r["market"] == market] for name in ("descent", "markets")]
    (first, *_), (row,) = sorted(rows_of[0], key=lambda r: r["year"]), rows_of[1]
    people = yearly("addressable", "population_millions", market, 2014.25)
    return min(float(row["descent_counted"]) / 100 * float(first["descent_millions"]) / people, 1.0)


SUSPECT_ALONE = slice(0, 70)  # of the draws below: concern stays with WeChat
ANY = slice(150, 220)
INDEPENDENT = slice(330, 400)  # no barrier, so that nobody gains by another's loss


@pytest.fixture(scope="module")
def far():
    """Fifteen years of everything that is known to happen."""
    return change(case("as-it-happened"), {"horizon": 15, "events": "all"})


@pytest.fixture(scope="module")
def draws():
    found = random_draws(400, seed=400)
    found["rival_concern"][SUSPECT_ALONE] = 0
    found["barrier"][INDEPENDENT] = 0
    return found


@pytest.fixture(scope="module")
def users(far, draws):
    """Users (time, platform, market, draw) over the extreme draws."""
    return project(far, draws).users


@pytest.fixture(scope="module")
def people(far):
    """Million people online (time, 1, market, 1)."""
    times = load_markets(far.origin, 60).times
    found = [yearly("addressable", "addressable_millions", name, times) for name in NAMES]
    return np.transpose(found)[:, None, :, None]


def test_users_are_people(users, people):
    """Finite, not negative, and never more than there are people online."""
    assert np.isfinite(users).all() and users.min() >= 0
    assert (users[1:] <= people[1:] * (1 + 1e-12)).all()


def test_home_ties_stay(users, draws, far):
    """WeChat keeps the China-born; the rivals abroad keep their share of the starting users."""
    times = load_markets(far.origin, 60).times
    start = installed_base(far.origin)
    for m, name in enumerate(NAMES):
        born = yearly("migrants", "china_born", name, times)[:, None] / 1e6
        most = TIES_MOST * start[0, m] * draws["wechat_start"] / 100 / born[0]
        kept = born * np.minimum(draws["wechat_core"], most)
        assert (users[:, 0, m] >= kept - ROUND_OFF).all(), name
    for k, key, home in ((1, "line", ("JPN", "TWN", "THA", "IDN")), (2, "kakao", ("KOR",))):
        abroad = [m for m, name in enumerate(NAMES) if name not in home]
        share = draws[f"{key}_core"] * draws[f"{key}_start"] / 1e4
        assert (users[:, k, abroad] >= start[k, abroad, None] * share - ROUND_OFF).all()


@pytest.mark.parametrize("name", list(cases()))
def test_origin_is_the_table(name):
    """For every case, to the last bits: two circles add up to data/installed_base.csv."""
    scenario = case(name)
    start = np.array([scenario[f"{key}_start"] for key in ("wechat", "line", "kakao")])
    assert (start == 100).all() or name == "as-it-happened"  # whose fit draws them
    found = project(scenario).users[0, ..., 0]
    assert_allclose(found, installed_base(scenario.origin) * start[:, None] / 100, rtol=1e-14)


@pytest.mark.parametrize(
    "name", ["concern", "concern_asia", "concern_west", "concern_elsewhere", "incident"]
)
def test_more_concern_never_gives_wechat_more_users(name, far, draws, users, people):
    """Paired draws, in every market and quarter, while concern stays with WeChat.

    Where it spreads to rivals, a rival can lose so much that WeChat gains: see the next test.
    Steps follow the rates, so paths agree to the accuracy of the solver; here to 1 in a million
    of a market, and ten people in all.
    """
    more = project(far, raised(some(draws, SUSPECT_ALONE), name)).users[:, 0]
    less = users[:, 0, :, SUSPECT_ALONE]
    assert ((more - less) / people[:, 0]).max() <= 1e-6
    assert (more - less).sum(axis=1).max() <= 1e-5
    assert (more < less - 1e-3).any()


@pytest.mark.parametrize(("k", "name"), [(0, "wechat"), (1, "line"), (2, "kakao")])
def test_more_growth_never_gives_fewer_own_users(k, name, far, draws, users, people):
    """In total; in a market to the accuracy of the solver, whose steps follow the rates."""
    more = project(far, raised(some(draws, ANY), name)).users[:, k]
    less = users[:, k, :, ANY]
    assert (less - more).sum(axis=1).max() <= 1e-6
    assert ((less - more) / people[:, 0]).max() <= EXACT
    assert (more > less + 1e-3).any()


@pytest.mark.parametrize("name", ["attrition", "barrier", "concern"])
@pytest.mark.parametrize("start", list(cases()))
def test_sliders_that_hinder_lower_the_answer(start, name):
    """From any case, WeChat's users outside China fall (or stay) all along the slider.

    Quitting takes the users of rivals too, who then pull less: that may give back a few thousand.
    """
    scenario = change(case(start), {"horizon": 10})
    one = settings_and_parameters()[name]
    along = np.linspace(one.low, one.high, 9)
    wechat = total(project(scenario, {name: along}))[:, 0]
    assert np.diff(wechat, axis=-1).max() <= (0.03 if name == "attrition" else 1e-6)
    assert wechat[-1, -1] < wechat[-1, 0] - 1


@pytest.mark.parametrize("name", list(cases()))
def test_concern_about_wechat_hardly_moves_the_rivals(name):
    """While it stays with WeChat: LINE and KakaoTalk over all markets differ by less than 5%.

    Most of KakaoTalk's users are at home. Abroad, where the total of the page counts them, the
    same people are more of those who are left: up to 10% of them in the case "super-app".
    """
    scenario = change(case(name), {"rival_concern": 0})
    found = sampling.runs(scenario, concerns=(0.0, 25.0, 50.0, 100.0))
    whole = [one.markets.sum(axis=2) for one in found], 1.05
    abroad = [one.total for one in found], 1.10 if name == "super-app" else 1.05
    for runs, most in (whole, abroad):
        lines = np.array([sampling.middle(users) for users in runs])
        assert (lines[:, :, 1:].max(axis=0) < most * lines[:, :, 1:].min(axis=0)).all()
        assert (np.diff(lines[:, -1, 0]) < -0.02 * lines[0, -1, 0]).all()  # WeChat's own


def test_half_the_horizon_is_half_the_path():
    """Quarters do not depend on how far one looks, and every year is there."""
    for name in cases():
        short, long = (project(change(case(name), {"horizon": years})) for years in (5, 10))
        assert short.times.size == 21 and np.array_equal(short.times, long.times[:21])
        assert np.array_equal(short.users, long.users[:21])


@pytest.mark.parametrize("switch", [row["switch"] for row in rows("switches")])
def test_the_past_does_not_depend_on_a_switch(switch):
    """Quarters up to the event are the same with and without it; then something changes."""
    (row,) = [row for row in rows("switches") if row["switch"] == switch]
    scenario = change(case(), {"horizon": 12, "until": 2030})
    without = project(scenario)
    with_it = project(change(scenario, {"events": switch}))
    quarter = row["quarter"] or "2014Q1"
    event = int(quarter[:4]) + int(quarter[5]) / 4
    past = without.times <= event
    assert past.any() and not past.all()
    assert np.array_equal(without.users[past], with_it.users[past])
    assert not np.array_equal(without.users[past.sum()], with_it.users[past.sum()])


ADVERTISING_ENDS = [  # year set, events, when each of the three stops
    (2014, "none", (2015, 2015, 2015)),
    (2016, "none", (2017, 2017, 2017)),
    (2016, "wechat-ads-end+line-retreat+kakao-retreat", (2015.25, 2015.25, 2014.5)),
    (2016, "kakao-retreat", (2017, 2017, 2014.5)),
    (2013, "line-retreat", (2014, 2014, 2014)),
]


@pytest.mark.parametrize(("until", "events", "ends"), ADVERTISING_ENDS)
def test_advertising_of_all_three_ends_with_its_year_or_sooner_with_an_event(until, events, ends):
    scenario = change(case(), {"horizon": 4, "until": until, "events": events})
    given = inputs_of(scenario)
    begin = load_markets(scenario.origin, 16).times[:-1]
    for k, end in enumerate(ends):
        assert_allclose(given.advertised[begin < end, k, 0], 1.0)
        assert_allclose(given.advertised[begin >= end, k, 0], given.unadvertised[0])


def test_a_ban_empties_a_market_but_for_home_ties(draws):
    """India from July 2020 on: as many users as China-born people stay for; nobody elsewhere."""
    scenario = change(case(), {"horizon": 12, "events": "none"})
    own = some(draws, slice(0, 40))
    free, banned = project(scenario, own), project(change(scenario, {"events": "india-ban"}), own)
    india, after = NAMES.index("IND"), free.times > 2020.5
    born = yearly("migrants", "china_born", "IND", free.times)[:, None] / 1e6
    start = installed_base("2014Q1")[0, india] * own["wechat_start"] / 100
    kept = born * np.minimum(own["wechat_core"], TIES_MOST * start / born[0])
    assert_allclose(banned.users[after, 0, india], kept[after], rtol=1e-9, atol=1e-12)
    assert np.array_equal(free.users[~after], banned.users[~after])
    others = np.arange(len(NAMES)) != india
    assert np.array_equal(free.users[:, :, others], banned.users[:, :, others])
    assert (banned.users[after][:, 1:, india] >= free.users[after][:, 1:, india] - 0.02).all()


def test_a_ban_before_the_origin_is_in_the_table_already():
    """Starting in 2024, the ban of 2020 shuts nobody out again, and nobody comes back."""
    scenario = change(case("today"), {"events": "india-ban", "horizon": 2})
    free, banned = project(change(scenario, {"events": "none"})), project(scenario)
    market = NAMES.index("IND")
    assert np.array_equal(banned.users[0], free.users[0])
    assert (banned.users[1:, 0, market] <= free.users[1:, 0, market]).all()
    assert (free.users[1:, 0, market] > 0).all() and (banned.users[:, 0, market] == 0).all()
    assert all(quarter.shut_out is None for quarter in outside(scenario))


def test_a_draw_does_not_depend_on_its_neighbours():
    """Alone, in a batch of 1,000, in another order: the same bits."""
    scenario = change(case(), {"events": "all", "horizon": 3})
    many = random_draws(1000, seed=1000)
    batch = project(scenario, many).users
    order = np.random.default_rng(1).permutation(1000)[:250]
    shuffled = project(scenario, {name: value[order] for name, value in many.items()}).users
    assert np.array_equal(shuffled, batch[..., order])
    for i in (0, 1, 7, 511, 512, 777, 999):
        alone = project(scenario, {name: value[i : i + 1] for name, value in many.items()}).users
        assert np.array_equal(alone[..., 0], batch[..., i])
        chosen = with_fit(scenario, {name: value[i] for name, value in many.items()})
        assert np.array_equal(project(chosen).users[..., 0], batch[..., i])


ACT_AT_HOME = {"line_japan": "JPN", "line_key": "TWN THA", "line_indonesia": "IDN"}


@pytest.mark.parametrize(("name", "places"), [*ACT_AT_HOME.items(), ("kakao_korea", "KOR")])
def test_settings_about_home_act_at_home_only(name, places):
    """Every market named changes, no other does."""
    low, high = np.moveaxis(project(case(), {name: np.array([30.0, 90.0])}).users, -1, 0)
    changed = {NAMES[m] for m in range(len(NAMES)) if not np.array_equal(low[..., m], high[..., m])}
    assert changed == {*places.split()}


def test_concern_in_all_regions_is_the_slider():
    """The three settings by region at 60% are the slider at 60% of what it was."""
    regions = {f"concern_{name}": 60 for name in ("asia", "west", "elsewhere")}
    by_region = project(change(case(), {"concern": 50} | regions)).users
    assert_allclose(by_region, project(change(case(), {"concern": 30})).users, rtol=1e-9)


def outside(scenario):
    """Conditions given from outside, quarter by quarter."""
    given = inputs_of(scenario)
    return [
        SimpleNamespace(
            willing=willing_in(given, i),
            worry=worry_in(given, i),
            incumbent=given.established[i],
            shut_out=conditions(given, i)[1],
        )
        for i in range(len(given.advertised))
    ]


@pytest.mark.parametrize("really", [False, True])
def test_surveys_and_messengers_reach_their_market(really):
    """Concern and established messengers as in the tables, then and now; read by hand."""
    scenario = change(case(), {"concern": 100, "ceiling": 80, "ceiling_abroad": 80, "horizon": 8,
                               "incumbent_growth": 0,
                               "events": "surveys+incumbents" if really else "none"})  # fmt: skip
    for i, quarter in enumerate(outside(scenario)):
        time = 2014.25 + 0.25 * i + 0.125 if really else 2014.25
        for m, name in enumerate(NAMES):
            index = yearly("concern", "concern", name, time)
            assert_allclose(quarter.worry[0, m], index, rtol=1e-12)
            assert_allclose(quarter.willing[0, m], 0.8 * (1 - index), rtol=1e-12)
            share = yearly("incumbents", "share_pct", name, time) / 100
            assert_allclose(quarter.incumbent[m], share, rtol=1e-12)
        assert np.array_equal(quarter.worry[3], quarter.worry[0])  # in the circle of descent
        assert not quarter.worry[1:3].any()


def test_an_incident_fades_by_half():
    """It adds to the index of every market from the start of its year on."""
    scenario = change(case(), {"concern": 50, "incident": 20, "incident_year": 2016, "horizon": 5})
    assert scenario["incident_half_life"] == 1
    usual = [quarter.worry[0] for quarter in outside(change(scenario, {"incident": 0}))]
    extra = [q.worry[0] - one for q, one in zip(outside(scenario), usual, strict=True)]
    first = round((2016 - 2014.25) * 4)
    assert not np.any(extra[:first])
    assert_allclose(extra[first], 0.5 * 0.20 * 0.5**0.125, rtol=1e-9)
    for i in range(first, len(extra) - 4):
        assert_allclose(extra[i + 4], extra[i] / 2, rtol=1e-9)


def test_growth_is_what_its_help_text_says():
    """100 users bring in so many within a year where hardly anyone has the app.

    Without barrier, attrition, advertising and concern, in a market of constant size, users
    who are next to none grow by exp(growth) a year; the ceiling does not matter.
    """
    free = {"barrier": 0, "attrition": 0, "concern": 0, "horizon": 1, "wechat_core": 0}
    free |= {"wechat_innovation": 0, "wechat": 120, "events": "none", "pull": 0}
    scenario = with_fit(case(), free)
    where = load_markets("2014Q1", 4)
    few = replace(where, base=0 * where.base + 1e-7, addressable=0 * where.addressable + 100)
    for ceiling in (20, 60):
        users = project(change(scenario, {"ceiling_abroad": ceiling}), markets=few).users
        assert_allclose(users[-1, 0] / users[0, 0], np.exp(1.2), rtol=1e-4)
    factor = np.linspace(0.5, 1.5, len(NAMES))[None, :, None] * np.ones((3, 1, 1))
    apart = project(scenario, None, MarketDraws(growth=factor), markets=few).users[..., 0]
    assert_allclose(apart[-1, 0] / apart[0, 0], np.exp(1.2 * factor[0, :, 0]), rtol=2e-4)


def test_contacts_who_stay_are_home_ties():
    """Shares of all contacts at the start, by hand: WeChat's among people of Chinese descent."""
    own = {"wechat_core": 0.7, "line_core": 8, "kakao_core": 30, "wechat_start": 110}
    scenario = with_fit(case(), own | {"descent": 120, "descent_hkg": 80})
    found = np.broadcast_to(inputs_of(scenario).theta, (4, len(NAMES), 1))[..., 0]
    start = installed_base("2014Q1")
    own = {"HKG": 0.8} | {m: scenario[f"descent_{m.lower()}"] / 100
                          for m in ("TWN", "MYS", "KOR", "ROW")}  # fmt: skip
    for m, name in enumerate(NAMES):
        people = yearly("addressable", "addressable_millions", name, 2014.25)
        born = yearly("migrants", "china_born", name, 2014.25) / 1e6
        most = max(yearly("migrants", "china_born", name, t) / 1e6
                   / yearly("addressable", "addressable_millions", name, t)
                   for t in np.arange(2014.25, 2029.3, 0.25))  # fmt: skip
        circle = lineage(name) * own.get(name, 1.2)
        circle = min(max(circle, (0.7 + 0.5) * most, 1e-4), 0.98) * people
        ties = min(0.7 * born, TIES_MOST * 1.1 * start[0, m])
        line = 0.0 if name in LINE_HOME else 0.08 * start[1, m] / people
        kakao = 0.0 if name == "KOR" else 0.30 * start[2, m] / people
        assert_allclose(found[:, m], [0, line, kakao, ties / circle], rtol=1e-10, err_msg=name)


def test_established_messengers_grow_into_the_room_the_leader_leaves():
    """In the middle of every quarter; in Japan LINE leaves them little."""
    scenario = change(case(), {"incumbent_growth": 20})
    for i, quarter in enumerate(outside(scenario)):
        won = 1 - (1 - 0.20) ** (0.25 * i + 0.125)  # each year a part of what is left below 95%
        for m, name in enumerate(NAMES):
            start = yearly("incumbents", "share_pct", name, 2014.25) / 100
            people = yearly("addressable", "addressable_millions", name, 2014.25)
            taken = min(installed_base("2014Q1")[:, m].max() / people, 1.0)
            expected = start + max(0.95 - start, 0) * (1 - taken) * won
            assert_allclose(quarter.incumbent[m], expected, rtol=1e-10, err_msg=name)
    last = outside(scenario)[-1].incumbent[:, 0]
    assert last[NAMES.index("KOR")] < 0.25 and last[NAMES.index("USA")] > 0.8


def test_totals_outside_china_and_outside_home():
    """Home is Japan for LINE and Korea for KakaoTalk; WeChat's is not among the markets."""
    found = project(case(), {"line": np.array([80.0, 120.0])})
    china, home = found.users.sum(axis=2), total(found)
    assert np.array_equal(home[:, 0], china[:, 0])
    for k, place in ((1, "JPN"), (2, "KOR")):
        rest = [m for m, name in enumerate(NAMES) if name != place]
        assert_allclose(home[:, k], found.users[:, k, rest].sum(axis=1), rtol=1e-12)
    assert_allclose(china[0, 0], installed_base("2014Q1")[0].sum(), rtol=1e-12)


def test_halving_the_step_changes_nothing_that_is_plotted(monkeypatch):
    """Shares at the settings of every case.

    As it happened and today, WeChat falls through the willing share in Malaysia: a kink.
    """
    scenarios = [change(case(name), {"horizon": 15}) for name in cases()]
    before = [project(scenario).users for scenario in scenarios]
    steps = projection.steps_per_quarter
    monkeypatch.setattr(projection, "steps_per_quarter", lambda *a, **k: 2 * steps(*a, **k))
    after = [project(scenario).users for scenario in scenarios]
    for name, one, two in zip(cases(), before, after, strict=True):
        there = load_markets(case(name).origin, 60).addressable[:, None, :, None]
        kinks = cases()[name].fit == "as-it-happened"
        assert (np.abs(one - two) / there).max() < (AT_KINKS if kinks else EXACT), name
        assert not np.array_equal(one, two)
