"""The sentences of the answer and of the chart above it."""

from collections.abc import Sequence
from typing import Any

from model.analysis import states
from model.analysis.bands import Answer, Band
from model.analysis.far_fetched import unusual
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import (
    about,
    about_range,
    bare,
    printed_sum,
    range_text,
    two_digits,
    users_text,
    whole_millions,
)
from model.quarters import decimal_year, month_text, quarter_name
from model.scenario.scenario import Scenario

# the same for every answer: another text would make the browser build the chart anew
CHART = (
    "Line chart: users of WeChat, LINE and KakaoTalk by quarter, with their 50 and 80% ranges and "
    "the observed figures. The answer is the text above; Show data, in the chart's toolbar, lists "
    "every value."
)
PLAIN = 0.3  # from this chance on nothing is unusual
LEAST = 1e-4  # below it the chance says no more than that it is small
FAN_TITLE = "Million users abroad, square-root scale"
FAN_SOURCE = (
    "Observed: company reports and readings of surveys (Sources and figures). Lines: this model, "
    "not a forecast."
)
GUESSED = "One guess, million"  # of a dot at the margin
EMPTY = "&nbsp;"  # a line
SMALLEST = 0.05  # million users; less is shown as 0
PARTS = 20  # runs of so many are counted in a sentence
ONE_STATE = (
    "Shaded: four runs in five, the darker part half of them; what is uncertain differs from run "
    "to run."
)
LEGEND = (
    "**How to read it.** Dashed: the middle of 256 runs of the model. Brackets: ranges of LINE and "
    "KakaoTalk. Hollow marks: published. Thick bars: our reading. LINE is blue to tell it from "
    "WeChat."
)


def year(time: float) -> str:
    """The year in which the quarter that ends at `time` (decimal year) lies."""
    return quarter_name(time)[:4]


def at_end(band: Band) -> tuple[float, float, float]:
    """WeChat's line at the end, million users, and the low and high end of its range."""
    line, low, high = (float(part[-1, 0]) for part in (band.line, band.low, band.high))
    return line, low, high


def headline(answer: Answer) -> str:
    """WeChat users at the end: "About 38 million WeChat users abroad by March 2024"."""
    users, *_ = at_end(answer.total)
    return f"About {about(users)} WeChat users abroad by {month_text(answer.times[-1])}"


def reach(answer: Answer) -> str:
    """The first line below the headline: its range, and how often WeChat ends ahead."""
    line, kakao = answer.ahead
    return (
        f"{four_in_five(answer)} Ahead of {PLATFORMS[1]} in {runs(line)}, of {PLATFORMS[2]} in "
        f"{runs(kakao, '')}."
    )


def four_in_five(answer: Answer) -> str:
    """The range of the headline in a sentence."""
    return f"Four runs in five: {_range(answer)}."


def _range(answer: Answer) -> str:
    _, *ends = at_end(answer.total)
    return f"**{about_range(*ends)}**"


def runs(share: float, noun: str = " run") -> str:
    """A share of the runs, of twenty: "3 runs of 20", "no run", "fewer than 1 run in 20".

    noun : empty where a sentence says for the second time what is counted
    """
    if share in (0.0, 1.0):
        return "every run" if share else "no run"
    count = round(PARTS * share)
    many = f"{noun}s" if noun and count > 1 else noun
    if count == 0:
        return f"fewer than 1{many} in {PARTS}"
    if count == PARTS:
        return f"more than {PARTS - 1}{many} in {PARTS}"
    return f"{count}{many} of {PARTS}"


def listed(names: Sequence[str], word: str = "and", most: int = 9) -> str:
    """Names in a sentence, at most so many of them: "A, B and C", "A, B and 3 others"."""
    shown = list(names)
    if len(shown) > most + 1:
        shown = [*shown[:most], f"{len(shown) - most} others"]
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def lines(answer: Answer, scenario: Scenario) -> list[str]:
    """The two lines below the headline; the second also says how far-fetched the settings are."""
    chance = unusual(scenario)
    rare = ""
    if chance is not None and chance <= PLAIN:
        rare = f" Settings {'rarer than' if chance < LEAST else 'as rare as'} {odds(chance)}."
    return [reach(answer), f"{cost(answer, scenario)}{rare}"]


def odds(chance: float) -> str:
    """A chance as "1 in 40", with two significant digits; at most "1 in 10,000"."""
    return f"1 in {float(f'{1 / max(chance, LEAST):.2g}'):,.0f}"


def finding(answer: Answer) -> str:
    """The sentence above the chart of users over time: two states, or how to read the range."""
    return two_states(answer) or ONE_STATE


def two_states(answer: Answer) -> str:
    """In how many runs WeChat takes off, and in how many it fades; empty if there is one state."""
    found = states.in_all(answer)
    if not found.are_two:
        return ""
    return (
        f"WeChat takes off in **{tenths(found.up)}** runs, to {about(found.reached)} or more, and "
        f"ends below where it began in **{tenths(found.down)}**."
    )


def tenths(share: float) -> str:
    """A share of the runs in tenths: "4 of 10"."""
    return f"{round(10 * share)} of 10"


def sentence(answer: Answer) -> str:
    """The answer as one paragraph, for exports and screen readers."""
    return " ".join(filter(None, [f"{headline(answer)}.", reach(answer), two_states(answer)]))


def below_headline(answer: Answer) -> str:
    """The line below the headline on a phone: its range, and what concern costs."""
    cost = printed_sum(answer.total.line[-1, 0], answer.cost.line)[1]
    size = f"{_verb(cost)} **{bare(abs(cost))}**"
    if answer.scenario["concern"] == 0 or abs(answer.cost.line) < SMALLEST:
        size = "costs nothing"
    return f"80% range: {_range(answer)}. Concern {size}."


def limits(coverage: float) -> str:
    """The limits of the range, from the record of the model, in a sentence or two."""
    return (
        f"In the record of this model 80% ranges held {100 * coverage:.0f}% of what came: "
        "LINE and KakaoTalk, totals and single markets, 1 to 5 years ahead. WeChat abroad and "
        "longer horizons cannot be checked."
    )


def in_hindsight(answer: Answer) -> str:
    """The last observation of each messenger beside the projection; empty without one."""
    parts = []
    for platform, quarter, projected, row in beside_observed(answer):
        month, here = month_text(decimal_year(quarter)), whole_millions(projected)
        actual = whole_millions(row.users)
        if row.kind == "range":
            ends = f"{whole_millions(row.low)} to {whole_millions(row.high)}"
            actual = f"{ends} by our reading"
        parts.append(f"{platform} {actual} ({month}), here {here}")
    rivals_first = "; ".join(parts[1:] + parts[:1])
    return f"Observed beside this scenario: {rivals_first}." if parts else ""


def observed_label(platform: str, users: float) -> str:
    """The label of one observed mark on the chart: "LINE observed: 105 million"."""
    return f"{platform} observed: {users_text(users)}"


def reading_label(platform: str, low: float, high: float) -> str:
    """The label of one range on the chart: "WeChat, our reading: 35 to 75 million"."""
    return f"{platform}, our reading: {about_range(low, high)}"


def observed_in(rows: list[Any], time: float) -> str:
    """The users observed in a quarter: "LINE 211 million; WeChat 40 to 60 million".

    rows : of `observed_totals`
    """
    texts = (
        f"{row.platform} "
        + (about_range(row.low, row.high) if row.kind == "range" else users_text(row.users))
        for row in rows
        if row.year == time
    )
    return "; ".join(texts) or "nothing published"


def cost(answer: Answer, scenario: Scenario) -> str:
    """The second line below the headline: the users without security concern, and what it costs."""
    if scenario["concern"] == 0:
        return "Nobody worries about security here, so concern costs WeChat nothing."
    here, cost, free = printed_sum(answer.total.line[-1, 0], answer.cost.line)
    others = "about as many" if free == here else f"about {users_text(free)}"
    size = f"{_verb(cost)} **{users_text(abs(cost))}**"
    if abs(answer.cost.line) < SMALLEST:
        size = "costs **next to nothing**"
    return f"Without security concern {others}: concern {size} ({_cost_range(answer, cost)})."


def _verb(cost: float) -> str:
    """Concern that spreads to the rivals may bring WeChat users."""
    return "costs" if cost >= 0 else "brings WeChat"


def _cost_range(answer: Answer, cost: float) -> str:
    """The range of what concern costs or brings, in million: "7 to 100", "1 gained to 3 lost".

    cost : as it is printed; it is not outside its range because that has more digits
    """
    band = answer.cost
    low, high = (0.0 if abs(end) < SMALLEST else two_digits(end) for end in (band.low, band.high))
    if band.low <= band.line <= band.high and abs(band.line) >= SMALLEST:
        low, high = min(low, cost), max(high, cost)
    if low == high == 0:
        return "none"
    if high < 0:
        low, high = -high, -low
    if low < 0:
        return f"{bare(-low)} gained to {bare(high)} lost"
    return bare(low) if low == high else range_text(low, high).removesuffix(" million")
