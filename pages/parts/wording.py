"""The sentences of the page, and the texts on its cards."""

import re

from numpy.typing import NDArray

from model.analysis.bands import Answer
from model.analysis.comparison import Comparison
from model.analysis.hindsight import beside_observed
from model.evidence.reader import load_evidence
from model.messengers import PLATFORMS
from model.number_text import range_text, users_text
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings

BAND = {"settings": "if the settings hold", "errors": "including past forecast error"}
PLACE = {"china": "outside China", "home": "outside the home market"}
CHOICES = (  # of what the page shows: name, label, labels of its values, help
    (
        "outside",
        "Count users",
        PLACE,
        "Outside China: all users but those in mainland China, so LINE's in Japan and KakaoTalk's "
        "in Korea count. Outside the home market: all three away from home, the fairer comparison.",
    ),
    ("band", "Band", BAND, None),
    (
        "scale",
        "Scale",
        {},
        "Stretched: small numbers get more room, so that all three can be read. Even: plain.",
    ),
)
# the same for every answer: another text would make the browser build the chart anew
CHART = (
    "Chart of the users of WeChat, LINE and KakaoTalk by quarter, with the 80% band and what was "
    "observed; where each ends is said in the cards above."
)
FOUR_IN_FIVE = "four runs in five"
SMALLEST = 0.005  # million users; less is shown as 0
LEGEND = (
    "Dashed lines: the projection, the middle of 64 runs. Thin lines: a pinned scenario, if there "
    "is one. Shaded: the 80% band chosen above; it is clipped at the top of the chart. Marks: what "
    "was observed; thick bars: the range where nobody knows better. LINE is drawn in blue, "
    "although its own colour is green, to tell it from WeChat."
)


def band_ends(answer: Answer, band: str) -> tuple[NDArray, NDArray]:
    """Low and high end of the chosen band (time, platform)."""
    is_wide = band == "errors"
    return (answer.error_low, answer.error_high) if is_wide else (answer.low, answer.high)


def year(time: float) -> str:
    """The year in which the quarter that ends at `time` (decimal year) lies."""
    return quarter_name(time)[:4]


def sentence(answer: Answer, outside: str, band: str) -> str:
    """The headline: WeChat users at the end, their range, and whether WeChat is ahead."""
    reach = f"**{users_text(answer.path[-1, 0])}** users {PLACE[outside]}"
    low, high = band_ends(answer, band)
    name = "80% prediction interval" if band == "errors" else FOUR_IN_FIVE
    within = f"{name}: {range_text(low[-1, 0], high[-1, 0])}"
    by = year(answer.times[-1])
    return f"With these settings WeChat could have {reach} by {by} ({within}){_standing(answer)}."


def limits(band: str, coverage: float) -> str:
    """The limits of the answer in a line."""
    if band == "errors":
        return (
            f"In the record of this model such intervals held {100 * coverage:.0f}% of what came: "
            "LINE and KakaoTalk, totals and single markets, 1 to 5 years ahead. WeChat abroad and "
            "longer horizons cannot be checked."
        )
    return (
        "Not a forecast: it shows what the settings imply. The line is the middle of 64 runs of "
        "the model, each with other plausible values for what nobody knows exactly."
    )


def in_hindsight(answer: Answer, outside: str) -> str:
    """The projection beside the last observation of each messenger; empty without one."""
    parts = []
    for platform, quarter, projected, row in beside_observed(answer, outside):
        actual = range_text(row.low, row.high) if row.kind == "range" else users_text(row.users)
        parts.append(f"{platform} {users_text(projected)} where there were {actual} ({quarter})")
    return f"In hindsight: this gives {'; '.join(parts)}." if parts else ""


def short(answer: Answer, band: str) -> str:
    """The answer for the strip at the bottom of a phone."""
    low, high = (end[-1, 0] for end in band_ends(answer, band))
    by = year(answer.times[-1])
    return f"WeChat **{users_text(answer.path[-1, 0])}** by {by} ({range_text(low, high)})"


def cards(
    answer: Answer, against: Comparison | None, scenario: Scenario
) -> list[dict[str, str | None]]:
    """Arguments of st.metric for each platform, and for the cost of security concern.

    The change is since the start, or from the pinned scenario if there is one.
    """
    arguments = []
    for k, platform in enumerate(PLATFORMS):
        change, where = answer.path[-1, k] - answer.path[0, k], f"since {year(answer.times[0])}"
        note = None
        if against and against.times.size:
            change = against.path[-1, k]
            same_end = against.times[-1] == answer.times[-1]
            where = "vs the pinned" if same_end else f"vs pin {year(against.times[-1])}"
            note = f"In 80% of runs {between(against.low[-1, k], against.high[-1, k])}."
        has_changed = abs(change) >= SMALLEST
        card = {
            "label": platform,
            "value": brief(users_text(answer.path[-1, k])),
            "delta": f"{brief(signed(change)) if has_changed else 'no change'} {where}",
            "delta_arrow": "auto" if has_changed else "off",
            "help": note,
        }
        arguments.append(card)
    return [*arguments, _cost_card(answer, scenario)]


def _cost_card(answer: Answer, scenario: Scenario) -> dict[str, str | None]:
    """Arguments of st.metric for the users that security concern costs WeChat."""
    is_free = scenario["concern"] == 0
    note = cost(answer, scenario).replace("**", "")
    return {
        "label": "Cost of security concern",
        "value": "none" if is_free else brief(users_text(answer.cost)),
        "delta": "nobody worries" if is_free else f"80% of runs: {brief(_cost_range(answer))}",
        "delta_arrow": "off",
        "help": f"{note} What would it take? says how much concern WeChat can bear.",
    }


def brief(text: str) -> str:
    """A number of users short enough for a card: "1.32 bn"."""
    return text.replace(" million", " M").replace(" billion", " bn")


def signed(change: float) -> str:
    """A difference of users with its sign."""
    return f"{'-' if change < 0 else '+'}{users_text(abs(change))}"


def against(difference: Comparison, pinned: Scenario) -> str:
    """The difference from the pinned scenario in a sentence."""
    parts = (difference.path, difference.low, difference.high)
    change, low, high = (float(part[-1, 0]) for part in parts)
    by = year(difference.times[-1])
    if change == low == high == 0:
        return f"The same as the pinned scenario ({named(pinned)}): no difference by {by}."
    word = "more" if change >= 0 else "fewer"
    return (
        f"**{users_text(abs(change))} {word}** WeChat users by {by} than in the pinned scenario "
        f"({named(pinned)}, thin lines in the chart); in 80% of runs {between(low, high)}."
    )


def named(scenario: Scenario) -> str:
    """A scenario by its case: "Hard line, changed"."""
    return f"{cases()[scenario.case].label}{', changed' if changed(scenario) else ''}"


def between(low: float, high: float) -> str:
    """The range of a difference: "between 3 million fewer and 12 million more"."""
    if low == high == 0:
        return "no difference"
    if low < 0 <= high:
        return f"between {users_text(-low)} fewer and {users_text(high)} more"
    small, large = sorted((abs(low), abs(high)))
    return f"{range_text(small, large)} {'fewer' if low < 0 else 'more'}"


def _standing(answer: Answer) -> str:
    """The rivals that WeChat is ahead of or behind at the end, and in how many runs."""
    end = answer.path[-1]
    parts, unit = [], " of runs"
    for name, users, share in zip(PLATFORMS[1:], end[1:], answer.ahead, strict=True):
        if users_text(end[0]) == users_text(users):
            parts.append(f"level with {name} (ahead in {100 * share:.0f}%{unit})")
        else:
            word, runs = ("ahead of", share) if end[0] > users else ("behind", 1 - share)
            only = "though only " if runs < 0.5 else ""  # the line and most runs may disagree
            parts.append(f"{word} {name} ({only}in {100 * runs:.0f}%{unit})")
        unit = ""
    return ", " + " and ".join(parts)


def cost(answer: Answer, scenario: Scenario) -> str:
    """The WeChat users that security concern costs, in a sentence."""
    if scenario["concern"] == 0:
        return "Nobody worries about security in this scenario, so concern costs WeChat nothing."
    free = users_text(answer.without_concern[-1, 0])
    concern = f"Security concern at {scenario['concern']:.3g}%"
    within = f"({FOUR_IN_FIVE}: {_cost_range(answer)})"
    if abs(answer.cost) < SMALLEST:
        return (
            f"{concern} costs WeChat **next to nothing** {within}: it has {free} users either way."
        )
    if answer.cost < 0:  # concern that spreads to the rivals may help WeChat
        more = f"**{users_text(-answer.cost)}** users {within}"
        return f"{concern} brings WeChat about {more} more than the {free} it would have without."
    users = f"**{users_text(answer.cost)}** users {within}"
    return f"{concern} costs WeChat about {users} of the {free} it would have if nobody worried."


def _cost_range(answer: Answer) -> str:
    """The range of the cost of concern: "7 to 100 million", "0.2 million gained to 3 million"."""
    low, high = (0.0 if abs(end) < SMALLEST else end for end in (answer.cost_low, answer.cost_high))
    if low == high == 0:
        return "none"
    if low < 0:
        gained = " gained" if high < 0 else ""
        return f"{users_text(-low)} gained to {users_text(abs(high))}{gained}"
    return range_text(low, high)


def from_outside(place: str, note: str) -> str:
    """A note on a link or file (`place`); values in it are never read as markup."""
    return f"From the {place}: {plain(note)}."


def plain(text: str) -> str:
    """Markdown that shows `text`, typed by a person, as it is."""
    return re.sub(r"([^\w\s,;'])", r"\\\1", text)


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
            parts.append(f"start {before} → {after}")
        else:
            parts.append(f"on the way: {happens(scenario)}")
    return f"Changed from {cases()[scenario.case].label}: {'; '.join(parts)}." if parts else ""
