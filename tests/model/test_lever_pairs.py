"""Two levers at once: put back they meet the goal; both move as far; less is not enough."""

import pytest

from model.analysis.goal_seek import parse_goal
from model.analysis.lever_pairs import BEST, solve_pairs
from model.messengers import PLATFORMS
from model.scenario.scenario import case, change
from model.scenario.settings import SettingError, all_settings, prior, to_scale
from tests.kept import answer

SHORT = {"horizon": 4}
QUESTIONS = {
    "users": (change(case(), SHORT), "reach=120"),
    "a rival": (change(case("hard-line"), SHORT), "pass-kakao"),
    "from zero concern": (change(case("no-concern"), SHORT), "reach=150"),
}


@pytest.fixture(scope="module", params=QUESTIONS)
def asked(request):
    """A scenario, its goal and the pairs."""
    scenario, text = QUESTIONS[request.param]
    goal = parse_goal(text, "", scenario)
    return scenario, goal, solve_pairs(scenario, goal)


def met(scenario, goal):
    """WeChat's users over the goal, on the line of the page's answer, and in each of its runs."""
    found = answer(scenario)
    return [
        users[0] / (goal.users or users[PLATFORMS.index(goal.rival)])
        for users in (found.total.line[-1], found.runs[-1])
    ]


def test_a_pair_put_back_meets_the_goal(asked):
    """Within 0.1%, with as many runs ahead as it says."""
    scenario, goal, pairs = asked
    assert len(pairs) == BEST
    for pair in pairs:
        assert pair.now == {lever: scenario[lever] for lever in pair.values}
        line, runs = met(change(scenario, pair.values), goal)
        assert 1 - 1e-5 <= line <= 1.001, pair
        assert pair.enough == pytest.approx((runs >= 1).mean(), abs=1 / 256)


def test_both_levers_move_as_far_unless_one_ends_sooner(asked):
    """From the priors of data/settings.csv; a tenth of a step at the ends moves it a little."""
    distances = []
    for pair in asked[2]:
        free = []
        for lever, value in pair.values.items():
            now, setting = pair.now[lever], all_settings()[lever]
            if min(now, value) < 5 or lever == "marketing" or value in (setting.low, setting.high):
                continue
            free.append(abs(to_scale(setting, value) - to_scale(setting, now)) / prior(setting)[1])
        assert free == pytest.approx(free[:1] * len(free), rel=0.03)
        distances += free[:1]
    assert distances == pytest.approx(sorted(distances), rel=0.03) and distances


def test_a_smaller_change_is_not_enough(asked):
    """Nine tenths of the way of both is below the goal."""
    scenario, goal, pairs = asked
    for pair in pairs:
        part = {lever: 0.9 * x + 0.1 * pair.now[lever] for lever, x in pair.values.items()}
        assert met(change(scenario, part), goal)[0] < 1, pair


def test_nothing_where_the_goal_is_met_already_or_never_or_one_lever_is_named():
    scenario = change(case(), SHORT)
    assert solve_pairs(scenario, parse_goal("reach=1", "", scenario)) == []
    assert solve_pairs(scenario, parse_goal("reach=4000", "", scenario)) == []
    goal = parse_goal("reach=100", "", scenario)
    assert solve_pairs(scenario, goal, levers=["wechat"]) == []
    with pytest.raises(SettingError, match="horizon"):
        solve_pairs(scenario, goal, levers=["wechat", "horizon"])


def test_the_sentence_says_the_values():
    scenario = change(case(), SHORT)
    goal = parse_goal("reach=120", "", scenario)
    (pair,) = solve_pairs(scenario, goal, levers=["wechat", "attrition"])
    growth, quitting = (f"{value:.3g}" for value in pair.values.values())
    assert pair.sentence == (
        f"WeChat growth would have to rise to {growth} per 100 users a year and quitting to fall "
        f"to {quitting}% a year."
    )
