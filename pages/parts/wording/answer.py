"""The sentences of the answer and of the chart above it."""

from typing import Any

from model.analysis import states
from model.analysis.bands import RANGES, Answer
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import about, about_range, range_text, two_digits, users_text
from model.quarters import decimal_year, month_text, quarter_name
from model.scenario.scenario import Scenario

# the same for every answer: another text would make the browser build the chart anew
CHART = (
    "Line chart: users of WeChat, LINE and KakaoTalk by quarter, with their 50 and 80% ranges and "
    "the observed figures. The answer is the text above; Show data, in the chart's toolbar, lists "
    "every value."
)
FAN_TITLE = "Million users abroad, square-root scale"
FAN_SOURCE = (
    "Observed: company reports and readings of surveys (Sources and figures). Lines: this model, "
    "not a forecast."
)
GUESSED = "One guess, million"  # of a dot at the margin
EMPTY = "&nbsp;"  # a line
SMALLEST = 0.05  # million users; less is shown as 0
CLOSE = 1.15  # ratio to the observed below which a projection is called close
LEGEND = (
    "**How to read it.** Dashed lines: the projection, the middle of 256 runs of the model. "
    "Shaded: WeChat's ranges, the darker shade half of the runs, both shades together 80% of them. "
    "Brackets at the right: the same of LINE and KakaoTalk, the thick part half of the runs. Each "
    "run takes other values for what is uncertain, and misses by as much as such projections did "
    "in the past. A range is cut off at the top of the chart. The scale is square root. Each "
    "messenger is counted abroad, outside its home market: WeChat outside China, LINE outside "
    "Japan, KakaoTalk outside Korea. Hollow marks: published figures; some are the world's less "
    "the home market's, which is interpolated where it was not published. Thick bars: where only "
    "a range is known. Thin lines: the pinned scenario, if there is one. Click the chart to see "
    "the answer for that date. LINE is blue here, although its own colour is green, to tell it "
    "from WeChat."
)


def year(time: float) -> str:
    """The year in which the quarter that ends at `time` (decimal year) lies."""
    return quarter_name(time)[:4]


def headline(answer: Answer) -> str:
    """WeChat users at the end: "About 38 million WeChat users abroad by March 2024"."""
    users = f"{about(answer.total.line[-1, 0])} WeChat users abroad"
    return f"About {users} by {month_text(answer.times[-1])}"


def reach(answer: Answer) -> str:
    """The ranges of the headline, and in how many runs WeChat is ahead of each rival."""
    low, low50, high50, high = (getattr(answer.total, end)[-1, 0] for end in RANGES)
    line, kakao = (runs(share) for share in answer.ahead)
    if line.endswith(" of runs"):
        kakao = kakao.removesuffix(" of runs")
    return (
        f"80% range: **{about_range(low, high)}**; 50% range: {about_range(low50, high50)}. "
        f"Ahead of {PLATFORMS[1]} in {line}, of {PLATFORMS[2]} in {kakao}."
    )


def runs(share: float) -> str:
    """A share of the runs: "12% of runs", "no run", "every run"."""
    if share in (0.0, 1.0):
        return "every run" if share else "no run"
    percent = f"{100 * share:.0f}%"
    # a share while a slider moves need not be one of whole runs
    percent = {"0%": "less than 1%", "100%": "more than 99%"}.get(percent, percent)
    return f"{percent} of runs"


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


def short(answer: Answer) -> str:
    """The answer for the strip at the bottom of a phone."""
    low, high = answer.total.low[-1, 0], answer.total.high[-1, 0]
    by = month_text(answer.times[-1])
    return f"WeChat: about **{about(answer.total.line[-1, 0])}** by {by} ({about_range(low, high)})"


def limits(coverage: float) -> str:
    """The limits of the range, from the record of the model, in a sentence or two."""
    return (
        f"In the record of this model 80% ranges held {100 * coverage:.0f}% of what came: "
        "LINE and KakaoTalk, totals and single markets, 1 to 5 years ahead. WeChat abroad and "
        "longer horizons cannot be checked."
    )


def in_hindsight(answer: Answer) -> str:
    """The projection beside the last observation of each messenger; empty without one."""
    parts = []
    for platform, quarter, projected, row in beside_observed(answer):
        month = month_text(decimal_year(quarter))
        if row.kind == "range":
            miss = _miss(projected, row.low, row.high)
            actual = f"our reading {range_text(row.low, row.high)} ({miss})"
        else:
            miss = _miss(projected, row.users, row.users)
            actual = f"observed {users_text(row.users)} ({miss})"
        parts.append(f"{platform}, {month}: {users_text(projected)} here, {actual}")
    return f"**In hindsight.** {'; '.join(parts)}." if parts else ""


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


def _miss(projected: float, low: float, high: float) -> str:
    """How far a projection is from what was observed: "1.3 times too high"."""
    if low < high and low <= projected <= high:
        return "within the range"
    times = projected / high if projected > high else low / max(projected, SMALLEST)
    if times < CLOSE:
        return "close"
    return f"{two_digits(times):g} times too {'high' if projected > high else 'low'}"


def cost(answer: Answer, scenario: Scenario) -> str:
    """The WeChat users that security concern costs, in a sentence or two."""
    if scenario["concern"] == 0:
        return "Nobody worries about security in this scenario, so concern costs WeChat nothing."
    free = f"Without security concern: about {about(answer.without_concern[-1, 0])}."
    within = f"({_cost_range(answer)})"
    if abs(answer.cost.line) < SMALLEST:
        return f"{free} Concern costs **next to nothing** {within}."
    if answer.cost.line < 0:  # concern that spreads to the rivals may help WeChat
        return f"{free} Concern brings WeChat about **{about(-answer.cost.line)}** {within}."
    return f"{free} Concern costs about **{about(answer.cost.line)}** {within}."


def _cost_range(answer: Answer) -> str:
    """The range of the cost of concern: "7 to 100 million", "1 gained to 3 million lost"."""
    low, high = (0.0 if abs(end) < SMALLEST else end for end in (answer.cost.low, answer.cost.high))
    if low == high == 0:
        return "none"
    if low < 0:
        gained = " gained" if high < 0 else " lost"
        return f"{about(-low)} gained to {about(abs(high))}{gained}"
    return about_range(low, high)
