"""The sentences of the difference from the pinned scenario, and of what made it."""

from model.analysis.attribution import Explanation, label
from model.analysis.comparison import Comparison, peak, peaks_before
from model.number_text import about, about_range, two_digits, users_text
from model.quarters import month_text
from model.scenario.scenario import Scenario
from pages.parts.wording import scenarios

NOTHING_PINNED = (
    "Nothing is pinned. Pin this scenario, then move a slider: chart, cards and tables show the "
    "difference."
)
NO_OVERLAP = "The two do not overlap in time, so there is no difference to show."
NOT_YET = "No difference yet: move a slider, and a chart and a table show what it does."
LINES_TITLE = "WeChat, million users more or fewer than pinned"
LINES = "Difference from the pinned scenario by year, one panel a messenger"
LINES_NOTE = (
    "Shaded: the differences between paired runs, half of them in the darker shade, 80% in both; "
    "a pair has the same random numbers."
)
EXPLAIN_HELP = "A bar for each setting that differs; some seconds where many do."
CANNOT_MIX = "The two start or end at different times, so their settings cannot be mixed."
BARS_TITLE = "WeChat users, million (outlined: somebody decides)"
BARS = "WeChat's users from the pinned scenario to this one, a bar a setting. {finding}"
BARS_NOTE = (
    "Each bar is the mean of what its setting makes over all orders in which the settings could be "
    "changed (Shapley values), so the bars add up to the difference. Purple, outlined: a company "
    "or a government decides it. Orange: an assumption."
)
TABLE_FULL = "The table is full: a link carries at most {most} scenarios."


def signed(change: float, percent: float = 0.0) -> str:
    """A difference of users with its sign: "-18 million (-47%)", without a percentage below 1."""
    size = two_digits(abs(change))
    text = f"{'-' if change < 0 else '+'}{users_text(size)}" if size else "no change"
    return f"{text} ({percent:+.0f}%)" if size and abs(percent) >= 0.5 else text


def against(difference: Comparison, pinned: Scenario) -> str:
    """The difference from the pinned scenario in a sentence."""
    parts = (difference.total.line, difference.total.low, difference.total.high)
    change, low, high = (float(part[-1, 0]) for part in parts)
    by, name = month_text(difference.times[-1]), scenarios.named(pinned)
    if change == low == high == 0:
        return f"The same as the pinned scenario ({name}): no difference by {by}."
    word = "more" if change >= 0 else "fewer"
    percent = abs(difference.percent[0])
    share = f" ({percent:.0f}%)" if percent >= 0.5 else ""
    return (
        f"**{about(abs(change))} {word}**{share} WeChat users by {by} than in the pinned scenario "
        f"({name}, thin lines); in four runs of five {between(low, high)}.{_earlier(difference)}"
    )


def _earlier(difference: Comparison) -> str:
    """The largest difference, if it is not that of the end; else empty."""
    most, time = peak(difference)
    if not peaks_before(difference):
        return ""
    word = "more" if most > 0 else "fewer"
    return f" At most it is {about(abs(most))} {word}, in {month_text(time)}."


def between(low: float, high: float) -> str:
    """The range of a difference: "between 3 million fewer and 12 million more"."""
    if low == high == 0:
        return "no difference"
    if low < 0 <= high:
        return f"between {about(-low)} fewer and {about(high)} more"
    small, large = sorted((abs(low), abs(high)))
    return f"{about_range(small, large)} {'fewer' if low < 0 else 'more'}"


def made_by(explanation: Explanation) -> str:
    """The largest share in words, with two significant digits."""
    if not explanation.contributions:
        return "No setting differs between the two."
    most = max(explanation.contributions, key=lambda change: abs(change.users))
    if not abs(most.users) >= 0.05:
        return "No changed setting moves WeChat's users by as much as 0.05 million."
    word = "more" if most.users > 0 else "fewer"
    whole = explanation.after - explanation.before
    direction = "more" if whole > 0 else "fewer"
    if len(explanation.contributions) == 1:
        return f"{label(most.setting)} made all of it: {about(abs(whole))} {direction}."
    return (
        f"{label(most.setting)} made the largest part: {about(abs(most.users))} {word}. All "
        f"{len(explanation.contributions)} changes together: {about(abs(whole))} {direction}."
    )
