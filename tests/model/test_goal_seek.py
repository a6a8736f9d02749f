"""Questions: an answer put back into the projection is what was asked for."""

import itertools
import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis import root_search
from model.analysis.comparison import compare
from model.analysis.effort import LIMIT, Spent
from model.analysis.goal_seek import LEVERS, Goal, parse_goal, solve
from model.analysis.root_search import ROUNDS, crossings, is_rough, near_crossings
from model.engine.markets import load_markets
from model.evidence import load_evidence
from model.quarters import decimal_year, quarter_name
from model.scenario.scenario import case, cases, change, starting_quarters
from model.scenario.settings import SettingError, all_settings
from tests.kept import answer
from tests.model.by_hand import runs_by_hand

NAMES = ("WeChat", "LINE", "KakaoTalk")
HOMES = {"LINE": "JPN", "KakaoTalk": "KOR"}
SHORT = {"horizon": 4}


def line_at(scenario, by):
    """The line of each platform at a quarter, from single runs; counted here, not by the code."""
    quarters = round(4 * (decimal_year(by) - decimal_year(scenario.origin)))
    totals, _ = runs_by_hand(scenario, quarters=quarters)
    return np.sort(totals[-1])[:, 64:192].mean(axis=1)


def ratio(scenario, goal, changes=()):
    """WeChat's users over the rival's or over the goal's: 1 or more meets the goal."""
    users = line_at(change(scenario, dict(changes)), goal.by)
    return users[0] / (users[NAMES.index(goal.rival)] if goal.rival else goal.users)


def random_question(rng):
    """A scenario anywhere in the ranges of the settings, a goal and a date."""
    start = case(str(rng.choice(list(cases()))))
    changes = {"origin": str(rng.choice(starting_quarters()))} if rng.random() < 0.5 else {}
    switches = [one for one in load_evidence().switches.switch if rng.random() < 0.3]
    if rng.random() < 0.5:
        changes["events"] = "+".join(switches) or "none"
    for name, one in all_settings().items():
        if rng.random() < 0.3:
            anywhere = rng.uniform(one.low, one.high)
            changes[name] = rng.choice([one.low, one.high, anywhere], p=[0.1, 0.1, 0.8])
    scenario = change(start, changes)
    first = decimal_year(scenario.origin)
    most = min(32, round(4 * (2036 - first)))
    by = quarter_name(first + (1 + int(most * rng.random() ** 3)) / 4)  # near dates more often
    amount = math.exp(rng.uniform(math.log(3), math.log(800)))
    text = str(rng.choice(["pass-line", "pass-kakao", f"reach={amount}"]))
    return scenario, parse_goal(text, by, scenario)


def test_a_goal_is_named():
    scenario = change(case(), {"horizon": 7})
    assert parse_goal("pass-line", "2020Q1", scenario) == Goal(
        rival="LINE", users=None, by="2020Q1"
    )
    assert parse_goal("pass-kakao", "", scenario) == Goal(
        rival="KakaoTalk", users=None, by="2021Q1"
    )
    assert parse_goal("reach=5e1", "2029Q1", scenario) == Goal(rival="", users=50.0, by="2029Q1")
    assert parse_goal("reach= 0.5 ", "2014Q2", scenario).users == 0.5
    assert parse_goal("pass-line", "2035Q4", case("today")).by == "2035Q4"
    far = change(case("today"), {"horizon": 15})
    assert parse_goal("pass-line", "", far).by == parse_goal("pass-line", "2040Q3", far).by


@pytest.mark.parametrize(
    ("text", "by"),
    [
        *((text, "") for text in ("", "pass", "Pass-line", "pass-line=3", "reach", "reach50")),
        *((f"reach={amount}", "") for amount in ("", "x", "-5", "0", "nan", "inf", "1e999", "1_0",
                                                 "٥٠", "0x10", "5 0")),
        *(("pass-line", by) for by in ("2020", "2020Q5", "2020Q0", "2020q1", "20Q1", "２０20Q1",
                                       " 2020Q1", "2020Q1\n", "2014Q1", "2013Q4", "2029Q2",
                                       "2036Q1", "9999Q4", "x" * 5000)),
    ],
)  # fmt: skip
def test_a_goal_that_cannot_be_used_is_named(text, by):
    with pytest.raises(SettingError) as caught:
        parse_goal(text, by, case())
    said = str(caught.value)
    wrong = by or text.removeprefix("reach=")
    assert said.startswith("by: " if by else "goal: ") and len(said) < 200
    assert wrong[:40] in said or repr(wrong[:40]) in said


def test_the_last_quarter_depends_on_the_origin():
    """15 years from March 2014, but from 2024 only as far as the tables go."""
    with pytest.raises(SettingError, match="up to 2029Q1"):
        parse_goal("pass-line", "2029Q2", case())
    with pytest.raises(SettingError, match="not after 2025Q3 and up to 2035Q4"):
        parse_goal("pass-line", "2036Q1", case("today"))


@pytest.mark.slow
def test_an_answer_meets_the_goal():
    """Five scenarios from all over the ranges, put back: the goal is met, and by hardly more.

    Where there is no answer, the ends of the range and the present are on the same side.
    """
    rng = np.random.default_rng(7)
    found = {"value": 0, "never": 0, "always": 0}
    questions = [random_question(rng) for _ in range(5)]
    # in order of dates, because the tables along a path are kept for some dates only
    for scenario, goal in sorted(questions, key=lambda one: (one[0].origin, one[1].by)):
        met = ratio(scenario, goal) >= 1
        for one in solve(scenario, goal, LEVERS):
            assert one.now == scenario[one.lever]
            assert one.already == met, (scenario, goal, one)
            if one.value is not None:
                there = ratio(scenario, goal, {one.lever: one.value}.items())
                assert one.reached and 0.999 < there < 1.002, (scenario, goal, one, there)
                found["value"] += 1
                continue
            for end in (all_settings()[one.lever].low, all_settings()[one.lever].high):
                there = ratio(scenario, goal, {one.lever: end}.items())
                assert (there >= 1) == one.already, (scenario, goal, one, there)
            assert one.reached == one.already
            found["always" if one.already else "never"] += 1
    assert min(found.values()) > 2, found


def closed_forms(now, each=0.0, **functions):
    """The curves that `crossings` finds for gaps given as functions of a lever, and its batches.

    each : seconds that a value takes
    """
    sizes, spent = [], Spent()

    def gaps(points):
        sizes.append(sum(x.size for x in points.values()))
        spent.seconds += each * sizes[-1]
        return {lever: functions[lever](x) for lever, x in points.items()}

    ends = {lever: (all_settings()[lever].low, all_settings()[lever].high) for lever in now}
    points, _ = near_crossings(gaps, now, ends)
    return crossings(gaps, points, now, spent), sizes


def ends_of(curve, now):
    """Values on either side of the crossing nearest to `now`."""
    x, gap = curve
    left = np.flatnonzero((gap[1:] >= 0) != (gap[:-1] >= 0))
    nearest = left[np.argmin(np.abs(x[left] - now))]
    return x[nearest], x[nearest + 1]


@pytest.mark.parametrize(
    ("function", "root"),
    [
        (lambda x: 0.01 * (x - 123.4), 123.4),
        (lambda x: 0.01 * (321.0 - x), 321.0),
        (lambda x: np.log(np.maximum(x, 1e-9) / 0.7), 0.7),  # in the first of 12 cells
        (lambda x: np.maximum(x, 0.1) ** 0.24 - 0.9, 0.9 ** (1 / 0.24)),
        (lambda x: 5 * np.tanh((x - 301.7) / 0.3), 301.7),  # a critical mass
        (lambda x: (x / 400) ** 40 - 0.5, 400 * 0.5 ** (1 / 40)),
        (lambda x: np.where(x < 77.7, -3.0, 2.0), 77.7),  # a jump
        (lambda x: x - 0.0, 0.0),
        (lambda x: x - 400.0, 400.0),
    ],
)
def test_crossings_of_closed_forms(function, root):
    curves, sizes = closed_forms({"wechat": 135.0}, wechat=function)
    if root == 0:  # met everywhere, just so at the end
        assert (curves["wechat"][1] >= 0).all()
        return
    low, high = ends_of(curves["wechat"], 135)
    assert low <= root <= high
    best = max(function(np.array([low, high])))
    assert 0 <= best <= 1e-3 or best == 2.0 and high - low < 1e-3
    assert len(sizes) <= 10 and sizes[0] == 14 and max(sizes[1:], default=0) <= 8


def test_a_search_over_a_jump_ends_within_its_time_and_says_that_it_is_rough():
    def jump(x):
        return np.where(x < 77.7, -3.0, 2.0)

    (whole, all_sizes), (cut, sizes) = (
        closed_forms({"wechat": 135.0}, each, wechat=jump) for each in (0.0, LIMIT / 26)
    )
    assert len(sizes) < len(all_sizes) == ROUNDS + 2
    assert sum(sizes) + 1 <= 26 < sum(sizes) + 6 + 1  # the value found is run once more
    low, high = ends_of(cut["wechat"], 135)
    assert low <= 77.7 <= high and high - low < 400 / 12 + 1e-9
    assert is_rough(cut["wechat"], 135) and not is_rough(whole["wechat"], 135)


def test_a_rough_value_is_called_about_so_much(monkeypatch):
    scenario, whole = change(case(), {"horizon": 2}), []
    goal = parse_goal("reach=60", "", scenario)
    for limit in (LIMIT, 0.0):
        monkeypatch.setattr(root_search, "LIMIT", limit)
        whole.append(solve(scenario, goal, ["wechat"])[0])
    exact, rough = whole
    assert (exact.rough, rough.rough) == (False, True)
    assert "to about " in rough.sentence and "about" not in exact.sentence
    assert 0 <= rough.value - exact.value < 400 / 12


def test_the_nearest_of_several_crossings():
    """A hump over 60 to 160: from 100 the left end is nearer, from 130 the right one."""
    for now, root in ((100.0, 60), (130.0, 160), (10.0, 60), (390.0, 160)):
        curves, _ = closed_forms(
            {"wechat": now, "concern": 50.0},
            wechat=lambda x: (x - 60) * (160 - x) / 2500,
            concern=lambda x: np.full_like(x, -1.0),
        )
        low, high = ends_of(curves["wechat"], now)
        assert low <= root <= high and high - low < 2
        assert (curves["concern"][1] < 0).all() and curves["concern"][0].size == 3


@pytest.mark.parametrize("name", ["horizon", "case", "events", "", "wechatt"])
def test_what_is_no_lever_is_named(name):
    with pytest.raises(SettingError, match=re.escape(repr(name))):
        solve(case(), parse_goal("pass-line", "", case()), ["concern", name])
    if name == "wechatt":
        with pytest.raises(SettingError, match="wechat$"):
            solve(case(), parse_goal("pass-line", "", case()), [name])


KINDS = {  # (already met, the value is above the present one)
    (False, True): "would have to rise to",
    (False, False): "would have to fall to",
    (True, True): "up to",
    (True, False): "stays so down to",
}


def digits(text):
    """Significant digits of a number written without exponent."""
    return len(text.replace(".", "").strip("0"))


@pytest.mark.slow
@pytest.mark.parametrize("goal", ["pass-kakao", "reach=60"])
def test_enough_is_the_share_of_runs_that_meet_the_goal_at_the_value(goal):
    """Against the runs behind the page's answer, with the value put back into the scenario."""
    scenario = change(case(), SHORT)
    parsed = parse_goal(goal, "", scenario)
    for one in solve(scenario, parsed, LEVERS):
        if one.value is None:
            assert one.enough is None
            continue
        users = answer(change(scenario, {one.lever: one.value})).runs[-1]
        met = users[0] >= (users[2] if parsed.rival else parsed.users)
        assert one.enough == pytest.approx(met.mean(), abs=1 / 256), one.lever


@pytest.mark.slow
def test_sentences_say_the_answer():
    """Direction, value, unit and distance, in every case; three digits at most."""
    seen = set()
    for name, goal in zip(cases(), itertools.cycle(("pass-line", "reach=60", "pass-kakao"))):
        scenario = change(case(name), SHORT)
        for one in solve(scenario, parse_goal(goal, "", scenario), LEVERS):
            text, setting = one.sentence, all_settings()[one.lever]
            assert setting.label.lower() in text.lower() and text.endswith(".")
            numbers = re.findall(r"[0-9.]*[0-9]", text)
            assert all(digits(number) <= 3 for number in numbers) and "e-" not in text, text
            if one.value is None:
                kind = "whatever" if one.already else "No value of"
                plain = text.replace("US$ ", "").replace(",", "")
                assert kind in text and f"from 0 to {setting.high:g}" in plain
            else:
                up = one.value > one.now
                kind = KINDS[one.already, up]
                assert kind in text, text
                near = [number for number in numbers if abs(float(number) / one.value - 1) < 5e-3]
                assert near, (text, one.value)
                if not one.already and "hardly" not in text:
                    distance = re.search(r": ([0-9.]+)(?: points| M|) (more|less) than now", text)
                    assert distance[2] == ("more" if up else "less")
                    shown = float(near[0]) + (-1 if up else 1) * float(distance[1])
                    assert_allclose(shown, one.now, rtol=5e-3, atol=0.51)
            seen.add(kind)
    assert len(seen) == 6


@pytest.mark.slow
def test_a_solved_value_is_the_limit_once_it_is_set():
    """The value found, taken over, is said to be the limit and not a way up or down."""
    scenario = change(case(), SHORT)
    goal = parse_goal("pass-kakao", "", scenario)
    (first,) = solve(scenario, goal, ["wechat"])
    there = change(scenario, {"wechat": first.value})
    for one in solve(there, goal, LEVERS):
        if one.value is not None and abs(one.value - one.now) < 1e-3 * one.now:
            assert "only just" in one.sentence and "is the limit" in one.sentence, one
            break
    else:
        pytest.fail("no lever is at its limit")


def compared(one, other):
    """The comparison of two scenarios' answers."""
    return compare(answer(one), answer(other))


def test_draws_of_a_difference_are_paired():
    """Quantiles of run less run, not of two unrelated bands; those would be far wider."""
    one, other = change(case(), {"concern": 22} | SHORT), change(case(), SHORT)
    found = compared(one, other)
    users = [runs_by_hand(scenario)[1][-1, 0] for scenario in (one, other)]
    apart = np.sort(users[0].sum(axis=0) - users[1].sum(axis=0))
    # 256 of them: the tenth part lies 25.5 places in
    ends = found.total.low[-1, 0], found.total.high[-1, 0]
    lines = [answer(scenario).total.line for scenario in (one, other)]
    assert_allclose(found.total.line, lines[0] - lines[1], atol=1e-9)
    assert_allclose(ends, (apart[25:27].mean(), apart[229:231].mean()), rtol=1e-4)
    bands_apart = [answer(s) for s in (one, other)]
    assert (
        found.total.high[-1, 0] < (bands_apart[0].total.high - bands_apart[1].total.low)[-1, 0] / 3
    )


def test_cost_by_market():
    """Nobody is lost where nobody worries."""
    for scenario in (change(case(), SHORT), case("today")):
        found = answer(scenario)
        lost = found.lost
        assert (
            lost.shape == (len(load_evidence().markets),) and (lost >= 0).all() and lost.max() > 0.1
        )
    assert (answer(change(case("no-concern"), SHORT)).lost == 0).all()
    asia = answer(change(case(), {"concern_west": 0, "concern_elsewhere": 0} | SHORT)).lost
    blocs = np.array(load_markets("2014Q1", 16).blocs)
    assert_allclose(asia[blocs != "Asia"], 0, atol=1e-5)  # runs are in single precision
    assert (asia[blocs == "Asia"] > 0).any()
