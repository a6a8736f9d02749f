"""The sentences of two scenarios: how far they are apart, and what made it; own figures too."""

from model.analysis.attribution import OTHERS, Contribution, Explanation, label
from model.analysis.comparison import LEAST_TO_COMPARE, Comparison, peak, peaks_before
from model.analysis.own_figures import Score
from model.evidence import load_evidence
from model.number_text import (
    about,
    about_range,
    bare,
    printed_steps,
    three_digits,
    two_digits,
    users_text,
)
from model.quarters import month_text
from model.scenario.scenario import parse_events, switched
from pages.parts.wording.answer import at_end

WITH = "Compare with"
PRESENT = "The present scenario, as it is now"
PASTE = "or paste a link"
SWAP = "Swap"
STOP = "Stop"
STOP_HELP = "Stop comparing with this scenario"
THIS = "This scenario"
LINKED = "the pasted link"
TITLED = "the link “{title}”"
THIN = "in {name} (thin lines)"  # on the chart over time
NOT_YET = "Move a slider, or choose another scenario: a picture shows what makes the difference."
NO_SETTING = "it holds no setting of this page; expected words like wechat=160"
REFUSED = "The link was not used: {error}"
LINES = "WeChat users more or fewer over time, with the range of paired runs"
LINES_TITLE = "WeChat, million users more or fewer over time"
LINES_NOTE = (
    "Shaded: the differences of paired runs, half of them in the darker shade, 80% in both."
)
BARS_TITLE = "WeChat users, million (outlined: somebody decides)"
BARS = "WeChat's users from the pinned scenario to this one, a bar a setting. {finding}"
BARS_NOTE = (
    "Each bar is the mean over all orders in which the settings could be changed (Shapley values). "
    "Purple, outlined: a company or a government decides it. Orange: an assumption."
)
RUNNING = "Working out what made it…"
CHANGES_NOTHING = "Users are the same, whatever differs between the two."
NO_CHANGE = "no change"
NO_OVERLAP = "The two do not overlap in time, so there is no difference to show."
OTHER_END = "The two end at different times: compared at the last quarter that both have."
OTHER_START = (
    "The two start at different times, so their settings cannot be mixed; the difference is that "
    "of the last quarter that both have."
)
OWN_TITLE = "Your own figures"
OWN_FILE = "A CSV file with the columns date, users (million) and, optionally, platform"
OWN_HELP = (
    "Dates like 2016-06-30, 2016-06, 2016Q2 or 2016. The figures are crosses on the chart over "
    "time. A new file replaces them. They stay in this session and are in no link."
)
OWN_REFUSED = "{file} was not used: {error}"


def apart(difference: Comparison, now: float, other: str, present: str = "") -> list[str]:
    """How far two scenarios are apart at the last time that both have; if they are, in what range.

    now : million WeChat users of the present one then
    other, present : their names as Markdown; the present one may go without saying
    """
    change, low, high = at_end(difference.total)
    by = month_text(difference.times[-1])
    if change == low == high == 0:
        return [f"The same as {other}: no difference by {by}."]
    there, size, here = printed_steps(now - change, [change])
    has, runs = present and f"{present} has ", f"Four runs in five: {between(low, high)}."
    if not (size := size or two_digits(change)):
        about_as = "about as many" if has else "About as many"
        return [f"{has}{about_as} WeChat users by {by} as {other}.", runs]
    both = "" if here == there else f": {bare(here)} against {users_text(there)}"
    return [f"{has}**{more(size)}** WeChat users by {by} than {other}{both}.", runs]


def more(printed: float) -> str:
    """A rounded difference of users in words: "12 million more", "none more"."""
    if not printed:
        return "none more"
    return f"{users_text(abs(printed))} {'more' if printed > 0 else 'fewer'}"


def between(low: float, high: float) -> str:
    """The range of a difference: "between 3 million fewer and 12 million more"."""
    if low == high == 0:
        return "no difference"
    if low < 0 <= high:
        return f"between {about(-low)} fewer and {about(high)} more"
    small, large = sorted((abs(low), abs(high)))
    return f"{about_range(small, large)} {'fewer' if low < 0 else 'more'}"


def note(difference: Comparison) -> str:
    """How to read the lines, and the largest difference if it is not that of the end."""
    if not peaks_before(difference):
        return LINES_NOTE
    most, time = peak(difference)
    return f"{LINES_NOTE} At most it is {more(two_digits(most))}, in {month_text(time)}."


def signed(change: float, percent: float = 0.0) -> str:
    """A difference of users with its sign: "-18 million (-47%)", without a percentage below 1."""
    text = signed_as_printed(two_digits(change))
    return f"{text} ({percent:+.0f}%)" if text != NO_CHANGE and abs(percent) >= 0.5 else text


def signed_as_printed(change: float) -> str:
    """A difference that is rounded already, with its sign: "-18 million"."""
    return f"{'-' if change < 0 else '+'}{users_text(abs(change))}" if change else NO_CHANGE


def as_printed(explanation: Explanation) -> tuple[float, ...]:
    """The total before, each contribution in its order and the total after; they add up."""
    return printed_steps(explanation.before, [one.users for one in explanation.contributions])


def made_by(explanation: Explanation) -> str:
    """The change that made most of the difference, and the best grade of its sources."""
    parts = explanation.contributions
    if max((abs(one.users) for one in parts), default=0) < LEAST_TO_COMPARE:
        return CHANGES_NOTHING
    _, *printed, _ = as_printed(explanation)
    most, size = max(zip(parts, printed, strict=True), key=lambda pair: abs(pair[0].users))
    share = most.users / (explanation.after - explanation.before)
    if len(parts) == 1:
        how, number = "All of it", ""
    else:
        how = "Most of it" if 0.5 <= share <= 1 else "The largest part"
        number = f" ({signed_as_printed(size)})"
    return f"{how} is **{label(most.setting)}**{number}{_grade(most)}."


def _grade(change: Contribution) -> str:
    """The best grade of the sources of a changed setting, in words; "" of several settings."""
    if change.setting == OTHERS:
        return ""
    known = load_evidence()
    rows = known.settings[known.settings.name == change.setting].itertuples()
    if change.setting == "events":
        before, after = (set(parse_events(str(names))) for names in (change.before, change.after))
        rows = switched(tuple(before ^ after))
    ids = [source for row in rows for source in row.source_id.split(";")]
    if {*ids} == {"assumption"}:
        return ", an assumption (grade D)"
    best = min(known.sources.set_index("source_id").grade[ids])
    return f", {'its source' if len(ids) == 1 else 'the best source for it'} is of grade {best}"


def own_figures(score: Score, file: str) -> str:
    """How many of the figures of a file lie inside the range, and how far the projection is off."""
    lie = "lies" if score.beyond == 1 else "lie"
    beyond = f" {score.beyond} {lie} outside its time." if score.beyond else ""
    if not score.known:
        return f"{file}: no figure lies within the time of the projection."
    off = f" The median miss is a factor of {three_digits(two_digits(score.miss))}."
    return (
        f"{file}: **{score.inside} of {score.known}** figures lie inside the range."
        f"{off if score.miss else ''}{beyond}"
    )
