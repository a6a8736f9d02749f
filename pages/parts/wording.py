"""The sentences of the page."""

import re
from datetime import date

from model.analysis.bands import Answer
from model.analysis.comparison import Comparison
from model.analysis.hindsight import beside_observed
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.messengers import PLATFORMS
from model.number_text import about, about_range, ended, range_text, two_digits, users_text
from model.quarters import decimal_year, month_text, quarter_name
from model.scenario.links import View
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings

# the same for every answer: another text would make the browser build the chart anew
CHART = (
    "Line chart: users of WeChat, LINE and KakaoTalk by quarter, with their 80% ranges and the "
    "observed figures. The answer is the text above; Show data, in the chart's toolbar, lists "
    "every value."
)
SMALLEST = 0.05  # million users; less is shown as 0
CLOSE = 1.15  # ratio to the observed below which a projection is called close
# places inside addresses of pages and mail, :shortcodes:, arrows and dashes
LIVE = re.compile(
    r"(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=\S)(?=@)|(?<=:)(?=[\w+/-]+:)|(?<=[-<>~=])(?=[-<>=])",
    re.I,
)
ARTICLE = "afp-via-taipei"  # its source
LEGEND = (
    "**How to read it.** Dashed lines: the projection, the middle of 256 runs of the model. "
    "Shaded: WeChat's range; brackets at the right: the ranges of LINE and KakaoTalk. A range is "
    "the middle 80% of runs with the uncertain settings varied, made wider by how far such "
    "projections missed in the past; it is cut off at the top of the chart. The scale is square "
    "root. Each "
    "messenger is counted abroad, outside its home market: WeChat outside China, LINE outside "
    "Japan, KakaoTalk outside Korea. Hollow marks: published figures; some are the world's less "
    "the home market's, which is interpolated where it was not published. Thick bars: where only a "
    "range is known. Thin lines: the pinned scenario, if there is one. Click the chart to see the "
    "answer for that date. LINE is blue here, although its own colour is green, to tell it from "
    "WeChat."
)


def year(time: float) -> str:
    """The year in which the quarter that ends at `time` (decimal year) lies."""
    return quarter_name(time)[:4]


def subtitle(scenario: Scenario) -> str:
    """Origin and limits of the page, where its projection starts, and how fresh its data are."""
    article = load_evidence().sources.set_index("source_id").url[ARTICLE]
    fresh = date.fromisoformat(data_version()[:10])
    return (
        f"A what-if after an [AFP article of March 2014]({article}), not a forecast · starts in "
        f"{month_text(decimal_year(scenario.origin))} · data to {fresh:%B %Y}"
    )


def headline(answer: Answer) -> str:
    """WeChat users at the end: "About 38 million WeChat users abroad by March 2024"."""
    users = f"{about(answer.path[-1, 0])} WeChat users abroad"
    return f"About {users} by {month_text(answer.times[-1])}"


def reach(answer: Answer) -> str:
    """The range of the headline, and in how many runs WeChat is ahead of each rival."""
    low, high = answer.error_low[-1, 0], answer.error_high[-1, 0]
    line, kakao = (runs(share) for share in answer.ahead)
    if line.endswith(" of runs"):
        kakao = kakao.removesuffix(" of runs")
    return (
        f"80% range, including past forecast error: **{about_range(low, high)}**. "
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


def sentence(answer: Answer) -> str:
    """The answer as one paragraph, for exports and screen readers."""
    return f"{headline(answer)}. {reach(answer)}"


def limits(coverage: float) -> str:
    """The limits of the range, from the record of the model, in a sentence or two."""
    return (
        f"In the record of this model such ranges held {100 * coverage:.0f}% of what came: "
        "LINE and KakaoTalk, totals and single markets, 1 to 5 years ahead. WeChat abroad and "
        "longer horizons cannot be checked."
    )


def in_hindsight(answer: Answer) -> str:
    """The projection beside the last observation of each messenger; empty without one."""
    parts = []
    for platform, quarter, projected, row in beside_observed(answer):
        month = month_text(decimal_year(quarter))
        if row.kind == "range":
            actual = f"{range_text(row.low, row.high)} ({_miss(projected, row.low, row.high)})"
        else:
            actual = f"{users_text(row.users)} ({_miss(projected, row.users, row.users)})"
        parts.append(f"{platform}, {month}: {users_text(projected)} here, observed {actual}")
    return f"**In hindsight.** {'; '.join(parts)}." if parts else ""


def _miss(projected: float, low: float, high: float) -> str:
    """How far a projection is from what was observed: "1.3 times too high"."""
    if low < high and low <= projected <= high:
        return "within the range"
    times = projected / high if projected > high else low / max(projected, SMALLEST)
    if times < CLOSE:
        return "close"
    return f"{two_digits(times):g} times too {'high' if projected > high else 'low'}"


def short(answer: Answer) -> str:
    """The answer for the strip at the bottom of a phone."""
    low, high = answer.error_low[-1, 0], answer.error_high[-1, 0]
    by = month_text(answer.times[-1])
    return f"WeChat: about **{about(answer.path[-1, 0])}** by {by} ({about_range(low, high)})"


def signed(change: float, percent: float = 0.0) -> str:
    """A difference of users with its sign: "-18 million (-47%)", without a percentage below 1."""
    size = two_digits(abs(change))
    text = f"{'-' if change < 0 else '+'}{users_text(size)}" if size else "no change"
    return f"{text} ({percent:+.0f}%)" if size and abs(percent) >= 0.5 else text


def against(difference: Comparison, pinned: Scenario) -> str:
    """The difference from the pinned scenario in a sentence."""
    parts = (difference.path, difference.low, difference.high)
    change, low, high = (float(part[-1, 0]) for part in parts)
    by = month_text(difference.times[-1])
    if change == low == high == 0:
        return f"The same as the pinned scenario ({named(pinned)}): no difference by {by}."
    word = "more" if change >= 0 else "fewer"
    percent = abs(difference.percent[0])
    share = f" ({percent:.0f}%)" if percent >= 0.5 else ""
    return (
        f"**{about(abs(change))} {word}**{share} WeChat users by {by} than in the pinned scenario "
        f"({named(pinned)}, thin lines); in four runs of five {between(low, high)}."
    )


def named(scenario: Scenario) -> str:
    """A scenario by its case: "Hard line, changed"."""
    return f"{cases()[scenario.case].label}{', changed' if changed(scenario) else ''}"


def between(low: float, high: float) -> str:
    """The range of a difference: "between 3 million fewer and 12 million more"."""
    if low == high == 0:
        return "no difference"
    if low < 0 <= high:
        return f"between {about(-low)} fewer and {about(high)} more"
    small, large = sorted((abs(low), abs(high)))
    return f"{about_range(small, large)} {'fewer' if low < 0 else 'more'}"


def cost(answer: Answer, scenario: Scenario) -> str:
    """The WeChat users that security concern costs, in a sentence or two."""
    if scenario["concern"] == 0:
        return "Nobody worries about security in this scenario, so concern costs WeChat nothing."
    free = f"Without security concern: about {about(answer.without_concern[-1, 0])}."
    within = f"({_cost_range(answer)})"
    if abs(answer.cost) < SMALLEST:
        return f"{free} Concern costs **next to nothing** {within}."
    if answer.cost < 0:  # concern that spreads to the rivals may help WeChat
        return f"{free} Concern brings WeChat about **{about(-answer.cost)}** {within}."
    return f"{free} Concern costs about **{about(answer.cost)}** {within}."


def _cost_range(answer: Answer) -> str:
    """The range of the cost of concern: "7 to 100 million", "1 gained to 3 million lost"."""
    low, high = (0.0 if abs(end) < SMALLEST else end for end in (answer.cost_low, answer.cost_high))
    if low == high == 0:
        return "none"
    if low < 0:
        gained = " gained" if high < 0 else " lost"
        return f"{about(-low)} gained to {about(abs(high))}{gained}"
    return about_range(low, high)


def changed_answer(view: View, users: float, *, complete: bool = True) -> str:
    """A sentence if the headline number of a link is now another, `users` (million); else "".

    complete : every value of the link could be used
    """
    if view.shown_users is None or users_text(view.shown_users) == users_text(users):
        return ""
    numbers = f"It showed {users_text(view.shown_users)}, now {users_text(users)}: "
    if not complete:
        return f"{numbers}not all of its values could be used, as listed below."
    now = data_version()
    if view.shown_data == now:
        return f"{numbers}the model changed since, the data did not (data of {now})."
    versions = f"data of {view.shown_data} then, of {now} now"
    if not view.shown_data:
        versions = "no data named"
    return f"{numbers}the data or the model changed since ({versions})."


def from_link(note: str) -> str:
    """A note on a link; values in it are never read as markup."""
    return plain(ended(f"From the link: {note}"))


def plain(text: str) -> str:
    """Markdown that shows `text`, typed by a person, letter for letter, with nothing to click.

    Addresses and arrows would be replaced although every sign is escaped: Streamlit looks for them
    once the escapes are gone, and does not look across the borders of an empty `:small[]`.
    """
    parts = LIVE.sub("\0", text).split("\0")
    return ":small[]".join(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", part) for part in parts)


def happens(scenario: Scenario) -> str:
    """The labels of the events of a scenario."""
    labels = dict(zip(load_evidence().switches.switch, load_evidence().switches.label, strict=True))
    return ", ".join(labels[name] for name in scenario.events) or "nothing"


def changes(scenario: Scenario) -> str:
    """The settings that differ from the case in a line; empty if none does."""
    parts = []
    for name, (before, after) in changed(scenario).items():
        if setting := all_settings().get(name):
            parts.append(f"{setting.label} {setting.format(before)} → {setting.format(after)}")
        elif name == "origin":
            start, end = (month_text(decimal_year(str(quarter))) for quarter in (before, after))
            parts.append(f"start {start} → {end}")
        else:
            parts.append(f"on the way: {happens(scenario)}")
    return f"Changed from {cases()[scenario.case].label}: {'; '.join(parts)}." if parts else ""
