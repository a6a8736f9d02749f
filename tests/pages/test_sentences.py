"""Sentences over 1,000 random answers: the numbers in them are those of the answer, read back."""

import re
from dataclasses import replace

import numpy as np
import pytest

from model.analysis.bands import Band, answer
from model.evidence import data_version
from model.scenario.links import View
from model.scenario.scenario import case, change
from pages.parts.wording import answer as wording
from pages.parts.wording.from_links import changed_answer

NUMBER = r"\d+(?:\.\d+)?"
AMOUNT = rf"({NUMBER}) (million|billion)"
RANGE = rf"({NUMBER})(?: (million|billion))?(?: to ({NUMBER}))? (million|billion)"
SHARE = r"(no run|every run|less than 1%|more than 99%|\d+%)"
NEVER = ("nan", "inf", "  ", "-", "..", " .", "e+", "None", " 0%", " 100%", "1 millions")


def users(number, unit):
    return float(number) * (1000 if unit == "billion" else 1)


def near(value):
    """As precise as two significant digits are, and one decimal below 1."""
    return pytest.approx(value, rel=0.0501, abs=0.0501)


def amount(text, pattern):
    """The only amount in a text that stands where `{}` does in a pattern."""
    [(number, unit)] = re.findall(pattern.replace("{}", AMOUNT), text)
    return users(number, unit)


def ends(text):
    """Both ends of the first range in a text."""
    low, own_unit, high, unit = re.search(RANGE, text).groups()
    return users(low, own_unit or unit), users(high or low, unit)


def share(text):
    """The least and most share of runs that a word means."""
    words = {"no run": (0, 0), "every run": (1, 1), "less than 1%": (0, 0.01)}
    words |= {"more than 99%": (0.99, 1)}
    percent = 0 if text in words else int(text.rstrip("%")) / 100
    return words.get(text, (max(percent - 0.00501, 0.00001), min(percent + 0.00501, 0.99999)))


def band(line, low, high):
    """A band whose half of the runs lies halfway between its line and its ends."""
    return Band(line=line, low=low, high=high, low50=(low + line) / 2, high50=(high + line) / 2)


@pytest.fixture(scope="module")
def answers():
    """1,000 answers: shaped like a real one, users from nobody to billions, shares from 0 to 1."""
    real, rng = answer(case()), np.random.default_rng(2014)
    size = real.total.line[-1].shape
    made = []
    for number in range(1000):
        middle = 10.0 ** rng.uniform(-3, 3.7, size)
        low, high = middle / rng.uniform(1, 4, size), middle * rng.uniform(1, 4, size)
        if number % 10 == 0:
            low = high = middle
        free = middle * rng.choice([1, rng.uniform(0.5, 5)])
        cost = float(free[0] - middle[0])
        ahead = rng.choice([0, 1, 0.5, rng.uniform(0, 1), 1 / 64, 63 / 64, 0.001, 0.999], 2)
        spread = sorted((cost * rng.uniform(-0.5, 1), cost * rng.uniform(1, 3)))
        made.append(
            replace(
                real,
                total=band(middle[None], low[None] / 2, high[None] * 2),
                without_concern=free[None],
                ahead=ahead.astype(float),
                cost=band(cost, float(spread[0]), float(spread[1])),
            )
        )
    return made


def test_the_headline_and_its_range(answers):
    for one in answers:
        low, high = one.total.low, one.total.high
        text = wording.sentence(one)
        assert amount(text, "^About {} WeChat users abroad by March 2024\\.") == near(
            one.total.line[-1, 0]
        )
        after = text.partition("**")[2]
        assert ends(after) == (near(low[-1, 0]), near(high[-1, 0])), text
        inner = near(one.total.low50[-1, 0]), near(one.total.high50[-1, 0])
        assert ends(text.partition("50% range: ")[2]) == inner, text
        [(line, kakao)] = re.findall(
            rf"Ahead of LINE in {SHARE}(?: of runs)?, of KakaoTalk in {SHARE}(?: of runs)?\."
            "(?: We|$)",
            text,
        )
        for said, true in ((line, one.ahead[0]), (kakao, one.ahead[1])):
            least, most = share(said)
            assert least <= true <= most, (said, true)
        assert not [word for word in NEVER if word in text], text
        assert text.count("(") == text.count(")") and text.endswith(".")


def test_two_states_have_two_shares_and_the_users_from_which_it_takes_off(answers):
    """Where a run's end lies says which state it is in; only one state is no sentence."""
    said = [(one, text) for one in answers if (text := wording.two_states(one))]
    assert len(said) > 20
    for one, text in said:
        start = one.total.line[0, 0]
        assert amount(text, "to {} or more") == near(2 * start), text
        up, down = (int(number) for number in re.findall(r"\*\*(\d+) of 10\*\*", text))
        ends_at = one.runs[-1, 0]
        assert up == pytest.approx(10 * (ends_at >= 2 * start).mean(), abs=0.501)
        assert down == pytest.approx(10 * (ends_at < start).mean(), abs=0.501)
        assert 2 <= up <= 8 and 2 <= down <= 8 and up + down <= 10
        assert not [word for word in NEVER if word in text], text


def test_the_cost_of_concern(answers):
    scenario = case()
    for one in answers:
        text = wording.cost(one, scenario)
        assert amount(text, "^Without security concern: about {}\\.") == near(
            one.without_concern[-1, 0]
        )
        if "next to nothing" in text:
            assert abs(one.cost.line) < 0.0501
        else:
            verb = "costs" if one.cost.line > 0 else "brings WeChat"
            assert amount(text, rf"Concern {verb} about \*\*{{}}\*\*") == near(
                abs(one.cost.line)
            ), text
        assert not [word for word in NEVER if word in text], text
    nobody = wording.cost(answers[0], change(scenario, {"concern": 0}))
    assert nobody.endswith("costs WeChat nothing.")


def test_the_strip_of_a_phone(answers):
    for one in answers:
        text = wording.short(one)
        assert amount(text.replace("**", ""), "^WeChat: about {} by") == near(one.total.line[-1, 0])
        wanted = (near(one.total.low[-1, 0]), near(one.total.high[-1, 0]))
        assert ends(text.partition("(")[2]) == wanted
        assert not [word for word in NEVER if word in text], text


def test_a_changed_answer_is_told_at_the_digits_that_are_shown():
    view = View(scenario=case(), shown_users=121.4, shown_data="2026-02-10.3f9a2c")
    assert changed_answer(view, 120.6) == "" == changed_answer(replace(view, shown_users=None), 5.0)
    said = changed_answer(view, 118.2)
    assert "121 million" in said and "118 million" in said and said.count("\n") == 0
    assert view.shown_data in said and data_version() in said
    assert "the data did not" in changed_answer(replace(view, shown_data=data_version()), 118.2)
    assert "1.23 billion" in changed_answer(replace(view, shown_users=1234.0), 118.2)
