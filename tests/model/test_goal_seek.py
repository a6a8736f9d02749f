"""Questions: an answer put back into the projection is what was asked for."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.effort import LIMIT, between_batches
from model.analysis.far_fetched import unusual
from model.analysis.goal_seek import LEVERS, Goal, open_goal, order, parse_goal, solve
from model.analysis.root_search import ROUNDS, search
from model.evidence import load_evidence
from model.quarters import decimal_year, quarter_name
from model.scenario.scenario import case, cases, change, starting_quarters
from model.scenario.settings import SettingError, all_settings
from tests.kept import answer
from tests.model.by_hand import runs_by_hand

NAMES = ("WeChat", "LINE", "KakaoTalk")
SHORT = {"horizon": 4}


def ratio(scenario, goal, changes):
    """WeChat's users over the rival's or over the goal's, and the share of runs that meet it.

    From single runs; the line of their middle half is computed here, not by the code.
    """
    quarters = round(4 * (decimal_year(goal.by) - decimal_year(scenario.origin)))
    runs = runs_by_hand(change(scenario, changes), quarters=quarters)[0][-1]
    line = np.sort(runs)[:, 64:192].mean(axis=1)
    rival = NAMES.index(goal.rival) if goal.rival else None
    aim, most = (line[rival], runs[rival]) if rival else (goal.users, goal.users)
    return line[0] / aim, (runs[0] >= most).mean()


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
    assert parse_goal("pass-line", "2035Q4", case("today")).by == "2035Q4"  # the tables end there
    with pytest.raises(SettingError, match="not after 2025Q3 and up to 2035Q4"):
        parse_goal("pass-line", "2036Q1", case("today"))
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
        met = ratio(scenario, goal, {})[0] >= 1
        for one in solve(scenario, goal, LEVERS):
            ((lever, now),) = one.now.items()
            assert now == scenario[lever] and one.already == met, (scenario, goal, one)
            if one.values:
                there, share = ratio(scenario, goal, one.values)
                assert 0.999 < there < 1.002, (scenario, goal, one, there)
                assert one.enough == pytest.approx(share, abs=1 / 256), (scenario, goal, one)
                found["value"] += 1
                continue
            for end in (all_settings()[lever].low, all_settings()[lever].high):
                there, _ = ratio(scenario, goal, {lever: end})
                assert (there >= 1) == one.already, (scenario, goal, one, there)
            assert one.enough is one.unusual is None
            found["always" if one.already else "never"] += 1
    assert min(found.values()) > 2, found


def searched(now, each=0.0, **functions):
    """The crossings of gaps given as functions of a lever, and the sizes of the batches.

    each : seconds that a value takes
    """
    sizes = []

    def gaps(values, count):
        sizes.append(sum(x.size for x in values.values()))
        between_batches.get()(each * sizes[-1])
        return {lever: np.array([functions[lever](x), x / 400]) for lever, x in values.items()}

    ends = {lever: (all_settings()[lever].low, all_settings()[lever].high) for lever in now}
    return search(gaps, now, ends), sizes


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
    found, sizes = searched({"wechat": 135.0}, wechat=function)
    one = found["wechat"]
    assert one.met == (function(np.array([135.0]))[0] >= 0) and not one.rough
    assert len(sizes) <= 10 and sizes[0] == 14 and max(sizes[1:], default=0) <= 8
    if root == 0:  # met everywhere, just so at the end
        assert one.value is one.enough is None
        return
    assert one.enough == one.value / 400
    gap = function(np.array([one.value]))[0]
    assert 0 <= gap <= 1e-3 or gap == 2.0 and abs(one.value - root) < 1e-3


def test_a_search_over_a_jump_ends_within_its_time_and_says_that_it_is_rough():
    def jump(x):
        return np.where(x < 77.7, -3.0, 2.0)

    (whole, all_sizes), (cut, sizes) = (
        searched({"wechat": 135.0}, each, wechat=jump) for each in (0.0, LIMIT / 26)
    )
    assert len(sizes) < len(all_sizes) == ROUNDS + 2
    assert sum(sizes) <= 26 < sum(sizes) + 6
    assert 77.7 <= cut["wechat"].value < 77.7 + 400 / 12
    assert cut["wechat"].rough and not whole["wechat"].rough


def test_the_nearest_of_several_crossings():
    """A hump over 60 to 160: from 100 the left end is nearer, from 130 the right one."""
    for now, root in ((100.0, 60), (130.0, 160), (10.0, 60), (390.0, 160)):
        found, _ = searched(
            {"wechat": now, "concern": 50.0},
            wechat=lambda x: (x - 60) * (160 - x) / 2500,
            concern=lambda x: np.full_like(x, -1.0),
        )
        assert found["wechat"].value == pytest.approx(root, abs=0.1)
        assert found["wechat"].met == (60 < now < 160)
        assert (found["concern"].value, found["concern"].met) == (None, False)


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
def test_sentences_say_the_answer():
    """Direction and value in every case; three digits at most."""
    seen = set()
    for name, goal in zip(cases(), itertools.cycle(("pass-line", "reach=60", "pass-kakao"))):
        scenario = change(case(name), SHORT)
        for one in solve(scenario, parse_goal(goal, "", scenario), LEVERS):
            ((lever, now),) = one.now.items()
            text, setting = one.sentence, all_settings()[lever]
            assert setting.label.lower() in text.lower() and text.endswith(".")
            numbers = re.findall(r"[0-9.]*[0-9]", text)
            assert all(digits(number) <= 3 for number in numbers) and "e-" not in text, text
            if not one.values:
                kind = "whatever" if one.already else "No value of"
                plain = text.replace("US$ ", "").replace(",", "")
                assert kind in text and f"from 0 to {setting.high:g}" in plain
            else:
                value = one.values[lever]
                up = value > now
                kind = KINDS[one.already, up]
                assert kind in text, text
                near = [number for number in numbers if abs(float(number) / value - 1) < 5e-3]
                assert near, (text, value)
                if not one.already and "hardly" not in text:
                    distance = re.search(r": ([0-9.]+)(?: points| M|) (more|less) than now", text)
                    assert distance[2] == ("more" if up else "less")
                    shown = float(near[0]) + (-1 if up else 1) * float(distance[1])
                    assert_allclose(shown, now, rtol=5e-3, atol=0.51)
            seen.add(kind)
    assert len(seen) == 6


@pytest.mark.slow
def test_a_solved_value_is_the_limit_once_it_is_set():
    """The value found, taken over, is said to be the limit and not a way up or down."""
    scenario = change(case(), SHORT)
    goal = parse_goal("pass-kakao", "", scenario)
    (first,) = solve(scenario, goal, ["wechat"])
    there = change(scenario, first.values)
    for one in solve(there, goal, LEVERS):
        if one.values == pytest.approx(one.now, rel=1e-3):
            assert "only just" in one.sentence and "is the limit" in one.sentence, one
            break
    else:
        pytest.fail("no lever is at its limit")


@pytest.mark.parametrize(
    ("users", "goal"),
    [
        ((30, 90, 40), "pass-kakao"),
        ((30, 20, 40), "pass-kakao"),
        ((50, 90, 40), "pass-line"),
        ((50.4, 20, 10), "reach=100"),
        ((49.4, 20, 10), "reach=50"),
        ((49.8, 20, 10), "reach=100"),  # the headline says 50
        ((101, 20, 10), "reach=200"),
        ((1234, 20, 10), "reach=2000"),
        ((0.4, 0.2, 0.1), "reach=1"),
    ],
)
def test_the_open_goal_is_a_rival_ahead_or_the_next_round_number(users, goal):
    found = answer(change(case(), SHORT))
    line = np.array(found.total.line)
    line[-1] = users
    assert open_goal(replace(found, total=replace(found.total, line=line))) == goal


def test_cards_are_in_order_of_plausibility():
    scenario = change(case(), SHORT)
    solved = solve(scenario, parse_goal("pass-line", "", scenario), LEVERS)
    cards = order(solved)
    assert {lever for one in cards for lever in one.now} == set(LEVERS)
    assert [not one.values for one in cards] == sorted(not one.values for one in cards)
    chances = [one.unusual for one in cards if one.values]
    assert len(chances) > 1 and chances == sorted(chances, reverse=True)
    for one, chance in zip(cards, chances, strict=False):
        assert chance == unusual(change(scenario, one.values))
    assert all(one.unusual is None for one in cards[len(chances) :])
