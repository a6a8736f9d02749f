"""What must hold for every projection, whatever the settings: users, invariants, paired draws."""

import csv
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model import bands, projection
from model.forcing import forcing
from model.markets import markets
from model.projection import project
from model.scenario import case, cases, change, origins
from model.settings import settings

DATA = Path(__file__).parents[1] / "data"
PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
TIES_MOST = 0.6  # of the starting users, as the help text of wechat_core says
ROUND_OFF = 1e-9  # million people
EXACT = 2e-5  # the accuracy that is promised, in share of people


@lru_cache
def rows(name):
    """The rows of a table of data/, read without the project's reader."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NAMES = [row["market"] for row in rows("markets")]


def installed_base(origin):
    """Million users (platform, market) in the table."""
    cells = {
        (r["platform"], r["market"]): r for r in rows("installed_base") if r["origin"] == origin
    }
    return np.array([[float(cells[k, m]["value_millions"]) for m in NAMES] for k in PLATFORMS])


def yearly(name, column, market, times):
    """A yearly figure at times, linear between the middles of years."""
    found = {int(r["year"]) + 0.5: float(r[column]) for r in rows(name) if r["market"] == market}
    years = sorted(found)
    return np.interp(times, years, [found[year] for year in years])


def extreme_draws(count, seed):
    """All numeric settings between their ends, one in four of them at an end."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for name, one in settings().items():
        value = rng.uniform(one.low, one.high, count)
        place = rng.integers(0, 8, count).clip(0, 2)
        drawn[name] = np.choose(place, [one.low, one.high, value])
    del drawn["horizon"]
    return drawn


def some(draws, part):
    """Some of the draws."""
    return {name: value[part] for name, value in draws.items()}


def raised(draws, name, seed=3):
    """The same draws but one setting raised by some part of what is left of its range."""
    value = draws[name]
    part = np.random.default_rng(seed).random(value.size)
    return draws | {name: value + part * (settings()[name].high - value)}


SUSPECT_ALONE = slice(0, 70)  # of the draws below: concern stays with WeChat
ANY = slice(150, 220)
INDEPENDENT = slice(330, 400)  # no barrier, so that nobody gains by another's loss


@pytest.fixture(scope="module")
def far():
    """Fifteen years of everything that is known to happen."""
    return change(case("as-it-happened"), {"horizon": 15, "events": "all"})


@pytest.fixture(scope="module")
def draws():
    found = extreme_draws(400, seed=400)
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
    times = markets(far.origin, 60).times
    found = [yearly("addressable", "addressable_millions", name, times) for name in NAMES]
    return np.transpose(found)[:, None, :, None]


def test_shape(far, users):
    found = project(far)
    assert found.users.shape == (61, 3, 23, 1) and users.shape == (61, 3, 23, 400)
    assert found.names == tuple(NAMES) and len(set(NAMES)) == 23
    assert_allclose(found.times, 2014.25 + 0.25 * np.arange(61), atol=1e-12)


def test_users_are_people(users, people):
    """Finite, not negative, and never more than there are people online."""
    assert np.isfinite(users).all() and users.min() >= 0
    assert (users[1:] <= people[1:] * (1 + 1e-12)).all()


def test_home_ties_stay(users, draws, far):
    """WeChat keeps the China-born; the rivals abroad keep their share of the starting users."""
    times = markets(far.origin, 60).times
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
    """To the digit, for every case: its starting users are those of data/installed_base.csv."""
    scenario = case(name)
    assert all(scenario[f"{key}_start"] == 100 for key in ("wechat", "line", "kakao"))
    assert np.array_equal(project(scenario).users[0, ..., 0], installed_base(scenario.origin))


def test_the_origin_does_not_depend_on_sliders(far, draws, users):
    """Whatever is set, the first row is the table times the setting for the starting users."""
    start = np.stack([draws[f"{key}_start"] for key in ("wechat", "line", "kakao")]) / 100
    assert_allclose(users[0], installed_base(far.origin)[:, :, None] * start[:, None], rtol=1e-15)


def test_starting_users_scale_the_table(far):
    found = project(far, {"line_start": np.array([50.0, 100.0, 200.0])}).users[0]
    assert_allclose(found[1], installed_base(far.origin)[1][:, None] * [0.5, 1, 2], rtol=1e-15)
    assert np.array_equal(found[0], np.repeat(installed_base(far.origin)[0][:, None], 3, axis=1))


@pytest.mark.parametrize(
    "name", ["concern", "concern_asia", "concern_west", "concern_elsewhere", "incident"]
)
def test_more_concern_never_gives_wechat_more_users(name, far, draws, users, people):
    """Paired draws, in every market and quarter, while concern stays with WeChat.

    Where it spreads to rivals, a rival can lose so much that WeChat gains: see the next test.
    Steps follow the rates, so paths agree to the accuracy of the solver; here to 1 in a million.
    """
    more = project(far, raised(some(draws, SUSPECT_ALONE), name)).users[:, 0]
    less = users[:, 0, :, SUSPECT_ALONE]
    assert ((more - less) / people[:, 0]).max() <= 1e-6
    assert (more - less).sum(axis=1).max() <= 1e-6
    assert (more < less - 1e-3).any()


def test_more_concern_that_spreads_where_platforms_are_independent(far, draws, users, people):
    """Without a barrier nobody gains by another's loss, so all three lose or stay."""
    more = project(far, raised(some(draws, INDEPENDENT), "concern")).users
    assert ((more - users[..., INDEPENDENT]) / people).max() <= EXACT


@pytest.mark.parametrize(("k", "name"), [(0, "wechat"), (1, "line"), (2, "kakao")])
def test_more_growth_never_gives_fewer_own_users(k, name, far, draws, users, people):
    """In total; in a market to the accuracy of the solver, whose steps follow the rates."""
    more = project(far, raised(some(draws, ANY), name)).users[:, k]
    less = users[:, k, :, ANY]
    assert (less - more).sum(axis=1).max() <= 1e-6
    assert ((less - more) / people[:, 0]).max() <= EXACT
    assert (more > less + 1e-3).any()


@pytest.mark.parametrize("name", ["marketing", "until"])
def test_more_marketing_never_gives_wechat_fewer_users(name, far, draws, users, people):
    """Up to what a third messenger gains when WeChat weakens the second: under 1 in 1,000."""
    more = project(far, raised(some(draws, ANY), name)).users[:, 0]
    less = users[:, 0, :, ANY]
    assert (less - more).sum(axis=1).max() <= 0.01
    assert ((less - more) / people[:, 0]).max() <= 1e-3
    assert (more > less + 1e-3).any()


def test_more_attrition_never_gives_more_users_where_platforms_are_independent(
    far, draws, users, people
):
    """With a barrier the loss of one can be the gain of another, even of all three together."""
    more = project(far, raised(some(draws, INDEPENDENT), "attrition")).users
    less = users[..., INDEPENDENT]
    assert ((more - less) / people).max() <= EXACT
    assert (more < less - 1e-3).any()


@pytest.mark.parametrize("name", ["attrition", "barrier", "concern"])
@pytest.mark.parametrize("start", list(cases()))
def test_sliders_that_hinder_lower_the_answer(start, name):
    """From any case, WeChat's users outside China fall (or stay) all along the slider."""
    scenario = change(case(start), {"horizon": 10})
    along = np.linspace(settings()[name].low, settings()[name].high, 9)
    wechat = bands.total(project(scenario, {name: along}))[:, 0]
    assert np.diff(wechat, axis=-1).max() <= 1e-6
    assert wechat[-1, -1] < wechat[-1, 0] - 1


def test_a_higher_barrier_never_gives_more_users(far, draws, users, people):
    """All three together, in every market: the barrier only keeps people from joining."""
    more = project(far, raised(some(draws, ANY), "barrier")).users
    assert ((more - users[..., ANY]).sum(axis=1) / people[:, 0]).max() <= EXACT


def test_without_concern_the_surveys_do_not_matter(far, draws):
    """At concern 0 the concern columns may as well be empty, and the settings about it at 0."""
    worried = some(draws, slice(0, 12)) | {"incident": np.zeros(12)}
    calm = worried | {"concern": np.zeros(12)}
    where = markets(far.origin, 24)
    blank = replace(where, concern=0 * where.concern, concern_then=0 * where.concern_then)
    found = project(far, calm, where=where).users
    assert np.array_equal(found, project(far, calm, where=blank).users)
    unasked = project(far, worried, where=blank).users
    assert (np.abs(unasked - found) / where.addressable[:, None, :, None]).max() <= EXACT
    assert not np.array_equal(found, project(far, worried, where=where).users)


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
    scenario = change(case(), {"horizon": 12, "until": 2030, "rivals_until": 2030})
    without = project(scenario)
    with_it = project(change(scenario, {"events": switch}))
    quarter = row["quarter"] or "2014Q1"
    event = int(quarter[:4]) + int(quarter[5]) / 4
    past = without.times <= event
    assert past.any() and not past.all()
    assert np.array_equal(without.users[past], with_it.users[past])
    assert not np.array_equal(without.users[past.sum()], with_it.users[past.sum()])


@pytest.mark.parametrize(
    ("name", "early", "late", "event"),
    [
        ("until", 2016, 2020, 2017.0),
        ("rivals_until", 2015, 2020, 2016.0),
        ("incident_year", 2018, 2021, 2018.0),
    ],
)
def test_the_past_does_not_depend_on_a_later_year(name, early, late, event):
    scenario = change(case(), {"incident": 60, "rivals_until": 2018, "events": "none"})
    first, second = (project(change(scenario, {name: year})) for year in (early, late))
    past = first.times <= event
    assert np.array_equal(first.users[past], second.users[past])
    assert not np.array_equal(first.users[past.sum()], second.users[past.sum()])


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
    others = np.arange(23) != india
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
    abroad = outside(change(scenario, {"origin": "2014Q1", "horizon": 8}))
    shut = [quarter.shut_out for quarter in abroad if quarter.shut_out is not None]
    assert len(shut) == 1 and shut[0].sum() == shut[0][0, market] == 1


def test_a_draw_does_not_depend_on_its_neighbours():
    """Alone, in a batch of 1,000, in another order: the same bits."""
    scenario = change(case(), {"events": "all", "horizon": 3})
    many = extreme_draws(1000, seed=1000)
    batch = project(scenario, many).users
    order = np.random.default_rng(1).permutation(1000)[:250]
    shuffled = project(scenario, {name: value[order] for name, value in many.items()}).users
    assert np.array_equal(shuffled, batch[..., order])
    for i in (0, 1, 7, 511, 512, 777, 999):
        alone = project(scenario, {name: value[i : i + 1] for name, value in many.items()}).users
        assert np.array_equal(alone[..., 0], batch[..., i])
        chosen = change(scenario, {name: value[i] for name, value in many.items()})
        assert np.array_equal(project(chosen).users[..., 0], batch[..., i])


@pytest.mark.parametrize("name", [name for name in settings() if name != "horizon"])
def test_any_setting_can_be_drawn_alone(name):
    """As the tornado and the map do; a draw is then the scenario with that setting."""
    scenario = change(case(), {"horizon": 4, "incident": 20, "rival_concern": 20})
    values = np.linspace(settings()[name].low, settings()[name].high, 5)
    batch = project(scenario, {name: values}).users
    for i in (0, 3):
        one = project(change(scenario, {name: values[i]})).users
        assert np.array_equal(one[..., 0], batch[..., i])


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("line_japan", {"JPN"}),
        ("line_key", {"TWN", "THA", "IDN"}),
        ("kakao_korea", {"KOR"}),
    ],
)
def test_settings_about_home_act_at_home_only(name, places):
    """Every market named changes, no other does; more growth there gives more users there."""
    low, high = np.moveaxis(project(case(), {name: np.array([30.0, 90.0])}).users, -1, 0)
    changed = {NAMES[m] for m in range(23) if not np.array_equal(low[..., m], high[..., m])}
    assert changed == places


@pytest.mark.parametrize(("bloc", "name"), [("Asia", "asia"), ("West", "west")])
def test_concern_by_region_acts_there_only(bloc, name):
    found = project(case(), {f"concern_{name}": np.array([50.0, 150.0])}).users
    changed = {
        NAMES[m] for m in range(23) if not np.array_equal(found[..., m, 0], found[..., m, 1])
    }
    assert changed == {row["market"] for row in rows("markets") if row["bloc"] == bloc}


def test_concern_in_all_regions_is_the_slider():
    """The three settings by region at 60% are the slider at 60% of what it was."""
    regions = {f"concern_{name}": 60 for name in ("asia", "west", "elsewhere")}
    by_region = project(change(case(), {"concern": 50} | regions)).users
    assert_allclose(by_region, project(change(case(), {"concern": 30})).users, rtol=1e-9)


def outside(scenario):
    """What is given from outside, quarter by quarter."""
    where = markets(scenario.origin, round(4 * scenario["horizon"]))
    values = {name: np.array([value]) for name, value in scenario.values}
    return list(forcing(scenario, values, where))


def test_doubling_the_spending_multiplies_innovation_by_two_to_the_elasticity():
    """For WeChat, everywhere, while it is spent; then nothing of it is left."""
    scenario = change(case(), {"until": 2015, "elasticity": 0.3, "horizon": 4})
    once = outside(change(scenario, {"marketing": 150}))
    twice = outside(change(scenario, {"marketing": 300}))
    for i, (one, two) in enumerate(zip(once, twice, strict=True)):
        spent = 2014.25 + i / 4 < 2016
        assert_allclose(two.p[0] / one.p[0], 2**0.3 if spent else 1.0, rtol=1e-12)
        assert np.array_equal(two.p[1:], one.p[1:])
        assert (one.p[0] < once[0].p[0]).all() == (not spent)
    reference = outside(change(scenario, {"marketing": 200, "wechat_innovation": 2.5}))[0].p[0]
    assert_allclose(reference, 0.025, rtol=1e-12)


@pytest.mark.parametrize("really", [False, True])
def test_surveys_and_messengers_reach_their_market(really):
    """Concern and established messengers as in the tables, then and now; read by hand."""
    scenario = change(case(), {"concern": 100, "ceiling_abroad": 80, "horizon": 8,
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
        assert not quarter.worry[1:].any()


def test_an_incident_fades_by_half():
    """It adds to the index of every market from the start of its year on."""
    scenario = change(case(), {"concern": 50, "incident": 20, "incident_year": 2016,
                               "incident_half_life": 1, "horizon": 5})  # fmt: skip
    usual = [quarter.worry[0] for quarter in outside(change(scenario, {"incident": 0}))]
    extra = [q.worry[0] - one for q, one in zip(outside(scenario), usual, strict=True)]
    first = round((2016 - 2014.25) * 4)
    assert not np.any(extra[:first])
    assert_allclose(extra[first], 0.5 * 0.20 * 0.5**0.125, rtol=1e-9)
    for i in range(first, len(extra) - 4):
        assert_allclose(extra[i + 4], extra[i] / 2, rtol=1e-9)


def test_new_people_come_with_nothing(far):
    """Where people online grow by a part, the shares fall by that part; nobody leaves them."""
    times, quarters = markets(far.origin, 60).times, outside(far)
    for m, name in enumerate(NAMES):
        people = yearly("addressable", "addressable_millions", name, times)
        for i, quarter in enumerate(quarters):
            assert_allclose(quarter.staying[m], min(people[i] / people[i + 1], 1), rtol=1e-12)


def test_ceilings_at_home_and_abroad():
    """LINE's home is its four key markets, KakaoTalk's Korea; WeChat's is not among them."""
    scenario = change(case(), {"concern": 0, "ceiling": 90, "ceiling_abroad": 40, "horizon": 1})
    willing = np.broadcast_to(outside(scenario)[0].willing, (3, 23, 1))[..., 0]
    for m, name in enumerate(NAMES):
        line, kakao = name in ("JPN", "TWN", "THA", "IDN"), name == "KOR"
        assert_allclose(willing[:, m], [0.4, 0.9 if line else 0.4, 0.9 if kakao else 0.4])


def test_growth_is_what_its_help_text_says():
    """100 users bring in so many within a year where hardly anyone has the app.

    Without barrier, attrition, advertising and concern, in a market of constant size, users
    who are next to none grow by exp(growth) a year; the ceiling does not matter.
    """
    free = {"barrier": 0, "attrition": 0, "concern": 0, "horizon": 1, "wechat_core": 0}
    free |= {"wechat_innovation": 0, "wechat": 120, "events": "none"}
    scenario = change(case(), free)
    where = markets("2014Q1", 4)
    few = replace(where, base=0 * where.base + 1e-7, addressable=0 * where.addressable + 100)
    for ceiling in (20, 60):
        users = project(change(scenario, {"ceiling_abroad": ceiling}), where=few).users
        assert_allclose(users[-1, 0] / users[0, 0], np.exp(1.2), rtol=1e-4)


def test_totals_outside_china_and_outside_home():
    """Home is Japan for LINE and Korea for KakaoTalk; WeChat's is not among the markets."""
    found = project(case(), {"line": np.array([80.0, 120.0])})
    china, home = bands.total(found, "china"), bands.total(found, "home")
    assert_allclose(china, found.users.sum(axis=2), rtol=1e-12)
    assert np.array_equal(home[:, 0], china[:, 0])
    for k, place in ((1, "JPN"), (2, "KOR")):
        rest = [m for m, name in enumerate(NAMES) if name != place]
        assert_allclose(home[:, k], found.users[:, k, rest].sum(axis=1), rtol=1e-12)
    assert_allclose(china[0, 0], installed_base("2014Q1")[0].sum(), rtol=1e-12)


def test_halving_the_step_changes_nothing_that_is_plotted(monkeypatch):
    """No share by more than 1e-3, at the settings of every case."""
    scenarios = [change(case(name), {"horizon": 15}) for name in cases()]
    before = [project(scenario).users for scenario in scenarios]
    steps = projection.steps_per_quarter
    monkeypatch.setattr(projection, "steps_per_quarter", lambda *a, **k: 2 * steps(*a, **k))
    after = [project(scenario).users for scenario in scenarios]
    for name, one, two in zip(cases(), before, after, strict=True):
        there = markets(case(name).origin, 60).addressable[:, None, :, None]
        assert (np.abs(one - two) / there).max() < EXACT, name
        assert not np.array_equal(one, two)


def test_draws_whose_users_leave_fast_stay_stable():
    """Where all platforms lose nearly everybody, a step made for the scenario itself is too long.

    Against the exact steps of each draw, in share; the first was found among random scenarios.
    """
    leave = {"concern": 100, "concern_asia": 180, "wechat": 0, "rival_concern": 75}
    for attrition in (100, 158.4, 200):
        scenario = change(case(), leave | {"attrition": attrition})
        drawn = bands.draws(scenario)
        draft, exact = (project(scenario, drawn, draft=draft).users for draft in (True, False))
        there = markets(scenario.origin, 40).addressable[:, None, :, None]
        assert (np.abs(draft - exact) / there).max() < 2e-3, attrition


def test_every_origin_can_be_projected():
    for origin in origins():
        found = project(change(case(), {"origin": origin, "horizon": 1}))
        assert np.array_equal(found.users[0, ..., 0], installed_base(origin))


def test_cases_by_platform(golden):
    """What the cases come to, pinned: totals outside China at the start, after 5 and 10 years."""
    found = {}
    for name in cases():
        path = bands.total(project(change(case(name), {"horizon": 10})))[..., 0]
        found[name] = {
            platform: {f"after {5 * i} years": float(f"{path[20 * i, k]:.4g}") for i in range(3)}
            for k, platform in enumerate(PLATFORMS)
        }
    golden(found, "model_cases")
