"""The sentences of the difference from the pinned scenario, and of what made it."""

import numpy as np

from model.analysis.attribution import Explanation
from model.analysis.bands import Answer
from model.analysis.comparison import Comparison, peak, peaks_before
from model.number_text import (
    about,
    about_range,
    bare,
    printed_steps,
    two_digits,
    users_text,
)
from model.quarters import month_text
from pages.parts.wording import scenarios

NO_OVERLAP = "The two do not overlap in time, so there is no difference to show."
LINES_TITLE = "WeChat, million users more or fewer over time"
LINES_NOTE = (
    "Shaded: the differences of paired runs, half of them in the darker shade, 80% in both."
)
NO_CHANGE = "no change"
BARS_TITLE = "WeChat users, million (outlined: somebody decides)"
BARS = "WeChat's users from the pinned scenario to this one, a bar a setting. {finding}"
BARS_NOTE = (
    "Each bar is the mean over all orders in which the settings could be changed (Shapley values). "
    "Purple, outlined: a company or a government decides it. Orange: an assumption."
)


def signed(change: float, percent: float = 0.0) -> str:
    """A difference of users with its sign: "-18 million (-47%)", without a percentage below 1."""
    text = signed_as_printed(two_digits(change))
    return f"{text} ({percent:+.0f}%)" if text != NO_CHANGE and abs(percent) >= 0.5 else text


def signed_as_printed(change: float) -> str:
    """A difference that is rounded already, with its sign: "-18 million"."""
    return f"{'-' if change < 0 else '+'}{users_text(abs(change))}" if change else NO_CHANGE


def finding(difference: Comparison, now: Answer, pinned: Answer) -> str:
    """The difference from the pinned scenario in a sentence, at the last time that both have.

    now, pinned : the answers that are compared
    """
    ends = (difference.total.line, difference.total.low, difference.total.high)
    change, low, high = (float(part[-1, 0]) for part in ends)
    by, name = month_text(difference.times[-1]), scenarios.named(pinned.scenario)
    if change == low == high == 0:
        return f"The same as {name}: no difference by {by}."
    at = int(np.abs(now.times - difference.times[-1]).argmin())
    there, size, here = printed_steps(float(now.total.line[at, 0]) - change, [change])
    runs = f"Four runs in five: {between(low, high)}."
    if not (size := size or two_digits(change)):
        return f"About as many WeChat users by {by} as in {name} (thin lines). {runs}"
    both = "" if here == there else f": {bare(here)} against {users_text(there)}"
    return f"**{_more(size)}** WeChat users by {by} than in {name} (thin lines){both}. {runs}"


def note(difference: Comparison) -> str:
    """How to read the lines, and the largest difference if it is not that of the end."""
    if not peaks_before(difference):
        return LINES_NOTE
    most, time = peak(difference)
    return f"{LINES_NOTE} At most it is {_more(two_digits(most))}, in {month_text(time)}."


def _more(printed: float) -> str:
    """A rounded difference in words: "12 million more", "no more"."""
    if not printed:
        return "No more"
    return f"{users_text(abs(printed))} {'more' if printed > 0 else 'fewer'}"


def between(low: float, high: float) -> str:
    """The range of a difference: "between 3 million fewer and 12 million more"."""
    if low == high == 0:
        return "no difference"
    if low < 0 <= high:
        return f"between {about(-low)} fewer and {about(high)} more"
    small, large = sorted((abs(low), abs(high)))
    return f"{about_range(small, large)} {'fewer' if low < 0 else 'more'}"


def as_printed(explanation: Explanation) -> tuple[float, ...]:
    """The total before, each contribution in its order and the total after; they add up."""
    return printed_steps(explanation.before, [one.users for one in explanation.contributions])
