"""The other questions on the screen: comparison, goals, map of the lead and bars."""

import re

import pytest

from model.analysis import goal_seek, lever_pairs, root_search
from model.analysis.goal_seek import LEVERS
from model.analysis.sampling import runs
from model.number_text import six_digits
from model.scenario.scenario import case, change
from pages.parts import cached
from pages.parts.wording import goals
from tests.kept import answer
from tests.pages.screen import about, address, data, line_of, month, open_page, seen, words

LABELS = data("settings").set_index("name").label
UNITS = data("settings").set_index("name").unit
MARKETS = tuple(data("markets")["name"])


def test_advertising_is_said_at_its_peak_and_at_the_end():
    """Of the lines with and without it, the largest difference and its year, and the last one."""
    values = {"marketing": 1000, "until": 2016}
    texts = {name: str(value) for name, value in values.items()}
    said = words(seen(open="matters", horizon="8", **texts))
    with_it = change(case(), values | {"horizon": 8})
    paths = [
        line_of(runs(one)[0].total)[:, 0] for one in (with_it, change(with_it, {"marketing": 0}))
    ]
    apart = paths[0] - paths[1]
    assert apart[0] == pytest.approx(0, abs=1e-6)
    at = int(abs(apart).argmax())
    assert apart[at] > 1.2 * apart[-1]
    year = 2014 + at // 4  # the quarter at 0 ends in March 2014
    assert (
        f"**Advertising** abroad (US$ 1,000 M a year), against none: at most {about(apart[at])} "
        f"more, in {year}; {about(apart[-1])} more in 2022."
    ) in said


def test_a_difference_that_was_larger_before_the_end_is_said():
    now = change(case(), {"marketing": 1000})
    app = seen(marketing="1000", pin="march-2014", open="compare")
    apart = (line_of(runs(now)[0].total) - line_of(runs(case())[0].total))[:, 0]
    at = int(abs(apart).argmax())
    assert (abs(apart[at] - apart[-1]) > 0.1 * apart[at]) == ("At most it is" in words(app))
    if "At most it is" in words(app):
        when = month(answer(now).times[at])
        assert f"At most it is {about(apart[at])} more, in {when}." in words(app)


@pytest.fixture
def asked(monkeypatch):
    """Questions that the page asks the model to solve; a second call gets the first answer."""
    calls, real = [], goal_seek.solve

    def keep(scenario, goal, levers):
        solved = calls[0][-1] if calls else real(scenario, goal, levers)
        calls.append((scenario, goal, solved))
        return solved

    monkeypatch.setattr(goal_seek, "solve", keep)
    return calls


def test_each_goal_card_has_the_value_that_the_model_solves(asked):
    app = open_page(open="solve", wechat="120")
    scenario = change(case(), {"wechat": 120})
    ((given, goal, solved),) = asked
    assert (given, goal.rival, goal.by) == (scenario, "KakaoTalk", "2024Q1")
    assert {lever for one in solved for lever in one.now} == {*LEVERS}
    cards = [text.value for text in app.markdown if "would have to" in text.value]
    buttons = {one.key.removeprefix("use_"): one for one in app.button if "use_" in str(one.key)}
    assert len(cards) == len(buttons) == sum(bool(one.values) for one in solved) > 1
    for one in solved:
        ((lever, now),) = one.now.items()
        if not one.values:
            (never,) = re.findall(r"No value of ([^.]+) is enough\.", words(app))
            assert LABELS[lever] in never
            continue
        value = one.values[lever]
        said = next(card for card in cards if LABELS[lever] in card)
        way, number = re.search(r"would have to (rise|fall) to (?:US\$ )?([\d.]+)", said).groups()
        assert float(number) == float(f"{value:.3g}")
        assert way == ("rise" if value > now else "fall") and now == scenario[lever]
        distance = abs(float(f"{value:.3g}") - now)
        assert f": {distance:.3g}" in said and UNITS[lever].removeprefix("US$ ") in said
        assert LABELS[lever] in buttons[lever].help
        wechat, _, rival = line_of(runs(change(scenario, one.values))[0].total)[-1]
        assert wechat == pytest.approx(rival, rel=2e-3)
    lever = list(buttons)[-1]
    buttons[lever].click().run()
    value = next(one.values[lever] for one in solved if lever in one.values)
    assert float(address(app)[lever]) == six_digits(value)


@pytest.mark.parametrize("goal", ["reach", "pairs"])
def test_a_search_that_ended_early_says_that_it_is_rough(goal, monkeypatch):
    """Of a setting alone; and of two, where no one is enough."""
    if goal == "pairs":
        monkeypatch.setattr(goal_seek, "solve", lambda *_: [])
    for limit, rough in ((root_search.LIMIT, False), (0.0, True)):
        cached.solved.results.clear()
        cached.solved_pairs.results.clear()
        monkeypatch.setattr(root_search, "LIMIT", limit)
        app = open_page(open="solve", horizon="2")
        assert (goals.ROUGH.strip() in words(app)) == rough
        assert bool(re.search(r"(rise|fall) to about ", words(app))) == rough


def test_the_goal_is_the_one_that_was_chosen(asked, monkeypatch):
    """At first a rival that is ahead; a goal that was asked before is not solved again."""
    asked.append((None, None, None, []))  # nothing is solved
    monkeypatch.setattr(lever_pairs, "solve_pairs", lambda *_: [])
    app = open_page(open="solve", horizon="8")
    assert asked[-1][1] == goal_seek.Goal(rival="LINE", users=None, by="2022Q1")
    app.selectbox(key="goal").select("reach").run()
    app.number_input(key="goal_users").set_value(250.0).run()
    assert asked[-1][1] == goal_seek.Goal(rival="", users=250.0, by="2022Q1")
    box = next(box for box in app.selectbox if box.label == "By the end of")
    box.select("2019Q1").run()
    assert asked[-1][1] == goal_seek.Goal(rival="", users=250.0, by="2019Q1")
