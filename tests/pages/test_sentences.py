"""Sentences over 1,000 random answers: the numbers in them are those of the answer, read back."""

import math
import re
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from model.analysis.bands import Band, answer
from model.analysis.comparison import Comparison
from model.evidence import data_version
from model.scenario.links import View
from model.scenario.scenario import case, change, typed_values
from model.scenario.story import story_steps
from pages.parts.wording import answer as wording
from pages.parts.wording import compare as wording_of_compare
from pages.parts.wording import levers, markets
from pages.parts.wording.from_links import changed_answer
from pages.parts.wording.story import story_text

NUMBER = r"\d+(?:\.\d+)?"
AMOUNT = rf"({NUMBER}) (million|billion)"
RANGE = rf"({NUMBER})(?: (million|billion))?(?: to ({NUMBER}))? (million|billion)"
SHARE = (
    r"(no run|every run|fewer than 1(?: run)? in 20|more than 19(?: runs)? in 20|"
    r"\d+(?: runs?)? of 20)"
)
LONGEST = 125  # letters of a line of 1,000 px; 7 px each are those of the screen
LONGEST_OF_906 = 134  # of a line in the column at 1366 px: texts take 6.7 px a letter
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
    if text in ("no run", "every run"):
        return (0, 0) if text == "no run" else (1, 1)
    runs = int(re.search(r"\d+", text)[0])
    if "than" in text:
        return (1e-9, 1 / 20) if runs == 1 else (19 / 20, 1 - 1e-9)
    assert 1 <= runs <= 19 and not re.search(r"\b1 runs", text)
    return (runs - 0.501) / 20, (runs + 0.501) / 20


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
        pattern = rf"Ahead of LINE in {SHARE}, of KakaoTalk in {SHARE}\.(?: We|$)"
        [(line, kakao)] = re.findall(pattern, text)
        assert len(wording.reach(one).replace("*", "")) <= LONGEST, text
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


def test_the_cost_of_concern_adds_up_with_the_headline(answers):
    """Headline + cost = users without concern, exactly or to the coarsest of their last digits."""
    scenario, exact, told = case(), 0, 0
    for one in answers:
        text = wording.cost(one, scenario)
        assert len(text.replace("*", "")) <= LONGEST, text
        assert not [word for word in NEVER if word in text], text
        if "next to nothing" in text:
            assert abs(one.cost.line) < 0.0501
            continue
        way = 1 if one.cost.line > 0 else -1
        cost = way * amount(
            text, rf"concern {'costs' if way > 0 else 'brings WeChat'} \*\*{{}}\*\*"
        )
        head = amount(wording.headline(one), "^About {} WeChat")
        unit = max(coarse(head, 2), coarse(max(head, head + cost), 3))
        assert abs(cost - one.cost.line) <= 0.501 * unit, text
        if "about as many" in text:
            assert abs(cost) < 2 * unit
            continue
        free = amount(text, "^Without security concern about {}:")
        assert abs(head + cost - free) <= 0.501 * unit, (wording.headline(one), text)
        assert free == pytest.approx(one.without_concern[-1, 0], abs=1.501 * unit)
        told += 1
        exact += abs(head + cost - free) < 1e-6
    assert told > 300 and exact > 0.75 * told
    nobody = wording.cost(answers[0], change(scenario, {"concern": 0}))
    assert nobody.endswith("concern costs WeChat nothing.")


def test_the_answer_has_two_lines_at_the_ends_of_the_sliders():
    """Where billions and far-fetched settings come together; and says how far-fetched they are."""
    odds = set()
    for ends in product((0, 400), (0, 100), (0, 300), (100, 60)):
        values = zip(("line", "barrier", "attrition", "concern"), ends, strict=True)
        extremes = {"wechat": 400, "kakao": ends[0], "horizon": 15, **dict(values)}
        scenario = change(case(), extremes)
        lines = [line.replace("*", "") for line in wording.lines(answer(scenario), scenario)]
        assert len(lines) == 2 and max(map(len, lines)) <= LONGEST_OF_906, lines
        odds.add(re.search(r"Settings (.+)\.$", lines[1])[1])
    assert "rarer than 1 in 10,000" in odds
    small = change(case(), {"wechat": 300})
    assert re.search(r"Settings as rare as 1 in [\d,]+\.$", wording.lines(answer(small), small)[1])
    assert "Settings" not in wording.lines(answer(case()), case())[1]


def coarse(value, digits):
    """The place of the last of so many digits, a tenth at the least."""
    rounded = float(f"{max(value, 0.1):.{digits - 1}e}")
    return max(10.0 ** (math.floor(math.log10(rounded)) + 1 - digits), 0.1)


def test_the_answer_on_a_phone(answers):
    for one in answers:
        text = wording.below_headline(one).replace("**", "")
        assert text.startswith("80% range: "), text
        wanted = (near(one.total.low[-1, 0]), near(one.total.high[-1, 0]))
        assert ends(text.partition("range: ")[2]) == wanted
        cost = re.search(r"Concern (costs|brings WeChat) (.+)\.$", text)[2]
        assert (
            cost == "nothing"
            or f"**{cost} million**" in wording.cost(one, case())
            or (f"**{cost}**" in wording.cost(one, case()))
        )
        assert not [word for word in NEVER if word in text], text


def test_a_difference_from_another_scenario_adds_up(answers):
    """Here less there is the difference as printed: 1,000 pairs of answers."""
    ends_only = [replace(one, times=one.times[-1:]) for one in answers]
    for now, pinned in zip(ends_only, ends_only[1:], strict=False):
        apart = now.total.line - pinned.total.line
        total = band(apart, apart - 1, apart + 1)
        difference = Comparison(total=total, percent=apart[0], times=now.times)
        text = wording_of_compare.apart(difference, float(now.total.line[-1, 0]), "it")[0]
        assert not [word for word in (*NEVER, "None") if word in text], text
        if "About as many" in text:
            assert abs(apart[-1, 0]) < 0.0501
            continue
        size, unit, way = re.search(rf"^\*\*{AMOUNT} (more|fewer)\*\*", text).groups()
        change_ = users(size, unit) * (1 if way == "more" else -1)
        largest = max(now.total.line[-1, 0], pinned.total.line[-1, 0])
        place = max(coarse(largest, 3), 1 if largest >= 9.95 else 0.1)
        assert abs(change_ - apart[-1, 0]) <= 1.001 * place, text
        if both := re.search(rf": ({NUMBER})( billion)? against {AMOUNT}\.", text):
            here = users(both[1], (both[2] or "").strip())
            assert abs(here - users(both[3], both[4]) - change_) <= 0.501 * place, text


def test_the_two_doubts_add_up():
    """What remains, what concern takes and what the messengers take are all there could be."""
    rng = np.random.default_rng(2014)
    for _ in range(1000):
        remains = 10 ** rng.uniform(0, 3)
        concern, established = remains * 10 ** rng.uniform(-1, 1, 2) * rng.choice([1, 1, -0.3], 2)
        if (nobody := remains + concern + established) < remains / 2:
            continue
        doubts = SimpleNamespace(
            remains=remains, concern=concern, established=established, nobody=nobody
        )
        texts, text = levers.doubts_texts(doubts), levers.doubts_sentence(doubts)
        assert list(texts) == ["remains", "concern", "established"]
        signs = [-1 if "bring" in said else 1 for said in texts.values()]
        sizes = [re.search(rf"({NUMBER})( billion)?$", said).groups() for said in texts.values()]
        parts = [
            sign * users(n, (unit or "").strip())
            for sign, (n, unit) in zip(signs, sizes, strict=True)
        ]
        whole = amount(text, r"^Without either doubt: about \*\*{}\*\*\.")
        unit = max(coarse(remains, 2), coarse(max(remains, nobody, *map(abs, parts)), 3))
        assert abs(sum(parts) - whole) <= 0.501 * unit, text
        assert whole == pytest.approx(nobody, abs=2.001 * unit), text
        assert parts[1:] == pytest.approx([concern, established], abs=0.501 * unit), text
        assert all(said in text for said in list(texts.values())[1:])


def test_what_the_markets_leave_open_adds_up(answers):
    sums = rf"add up to {AMOUNT} of the {AMOUNT}(?: lost)?; \*\*{AMOUNT}\*\*"
    texts = [text for one in answers for text in (markets.note(one), markets.cost_note(one))]
    found = [(*match.groups(), match[0]) for text in texts if (match := re.search(sums, text))]
    assert len(found) > 300
    for *numbers, text in found:
        placed, whole, rest = (users(*numbers[i : i + 2]) for i in (0, 2, 4))
        assert abs(placed + rest - whole) <= 0.501 * coarse(whole, 2), text
    assert not [text for text in texts for word in NEVER if word in text]


def test_what_the_story_says_is_so():
    """Up or down, ahead or behind, inside or not: computed anew from the runs of each step."""
    for step in story_steps():
        before = answer(step.before) if step.before else None
        after = answer(step.scenario)
        text = story_text(step, before, after)
        assert "{" not in text and len(text) <= 400
        users_, line, kakao = after.total.line[-1]
        if before:
            old = before.total.line[-1, 0]
            way, was, then, now, unit = re.search(
                rf"WeChat (rises|falls) from ({NUMBER}) (million|billion) to {AMOUNT}", text
            ).groups()
            assert (way == "rises") == (users_ > old) and users(was, then) == near(old)
            assert users(now, unit) == near(users_)
        for name, rival in (("LINE", line), ("KakaoTalk", kakao)):
            if side := re.search(rf"(ahead of|behind) (?:\w+ \([^)]*\) and )?{name} \(", text):
                assert (side[1] == "ahead of") == (users_ > rival), text
        if reading := re.search(r"That is (\w+) our own reading of (\d+) to (\d+) million", text):
            low, high = map(float, reading.groups()[1:])
            place = "below" if users_ < low else "above" if users_ > high else "inside"
            assert reading[1] == place


def test_a_step_tells_what_its_sliders_say():
    """Every value in a text is that of the step: another value of the setting changes it."""
    step = story_steps()[1]
    other = replace(step, scenario=change(step.scenario, {"concern": 60}))
    before, after = answer(step.before), answer(step.scenario)
    assert "**Security concern** at 100%" in story_text(step, before, after)
    assert "**Security concern** at 60%" in story_text(other, before, answer(other.scenario))


def test_an_exact_value_as_people_type_it():
    for text in ("wechat = 200", "Wechat=200", "WeChat growth 200"):
        assert change(case(), typed_values(text))["wechat"] == 200, text
    for text in ("concern=33%", "Concern = 33 %", "Security concern 33", "Security concern: 33%"):
        assert change(case(), typed_values(text))["concern"] == 33, text


def test_a_changed_answer_is_told_at_the_digits_that_are_shown():
    view = View(scenario=case(), shown_users=121.4, shown_data="2026-02-10.3f9a2c")
    assert changed_answer(view, 120.6) == "" == changed_answer(replace(view, shown_users=None), 5.0)
    said = changed_answer(view, 118.2)
    assert "121 million" in said and "118 million" in said and said.count("\n") == 0
    assert view.shown_data in said and data_version() in said
    assert "1.23 billion" in changed_answer(replace(view, shown_users=1234.0), 118.2)
