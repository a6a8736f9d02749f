"""What it would take: the goal that is open, the order of the cards, the growth WeChat needs."""

import numpy as np
import pytest

from model.analysis.far_fetched import unusual
from model.analysis.goal_seek import LEVERS, parse_goal, solve
from model.analysis.what_it_takes import needed_growth, open_goal, order
from model.scenario.scenario import case, change
from tests.kept import answer

SHORT = {"horizon": 3}


def goal_of(users):
    """The open goal of an answer whose line ends with these users of the three messengers."""
    found = answer(change(case(), SHORT))
    line = np.array(found.total.line)
    line[-1] = users
    band = type(found.total)(**{name: line for name in found.total.__slots__})
    fields = {name: getattr(found, name) for name in found.__slots__} | {"total": band}
    return open_goal(type(found)(**fields))


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
def test_the_open_goal(users, goal):
    assert goal_of(users) == goal


def test_the_open_goal_is_not_met():
    for scenario in (change(case(), SHORT), change(case("no-concern"), SHORT)):
        goal = parse_goal(open_goal(answer(scenario)), "", scenario)
        assert not any(one.already for one in solve(scenario, goal, ["wechat"]))


@pytest.fixture(scope="module")
def solved():
    scenario = change(case(), SHORT)
    return solve(scenario, parse_goal("pass-line", "", scenario), LEVERS)


def test_cards_are_in_order_of_plausibility(solved):
    cards = order(solved)
    assert {one.lever for one in cards} == set(LEVERS)
    chances = [one.unusual for one in cards if one.value is not None]
    assert len(chances) > 1 and chances == sorted(chances, reverse=True)
    assert [one.value is None for one in cards] == sorted(one.value is None for one in cards)
    for one in cards[: len(chances)]:
        there = change(change(case(), SHORT), {one.lever: one.value})
        assert one.unusual == unusual(there)
    assert all(one.unusual is None for one in cards[len(chances) :])


def test_the_growth_put_back_is_level():
    scenario = change(case("no-concern"), SHORT)
    for number, (rival, growth) in enumerate(needed_growth(scenario).items(), 1):
        end = answer(change(scenario, {"wechat": growth})).total.line[-1]
        assert end[0] / end[number] == pytest.approx(1, abs=1e-3), rival


def test_where_no_growth_is_enough_and_where_any_is():
    assert needed_growth(change(case("today"), SHORT)) == {"LINE": np.inf, "KakaoTalk": 0.0}
