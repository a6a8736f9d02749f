"""The sentences of the Compare view: how far two scenarios are apart, and what made it."""

from model.analysis.attribution import OTHERS, Contribution, Explanation, label
from model.analysis.comparison import Comparison
from model.evidence import load_evidence
from model.number_text import bare, printed_steps, two_digits, users_text
from model.quarters import month_text
from model.scenario.scenario import parse_events
from model.scenario.settings import all_settings, choices
from pages.parts.wording.difference import as_printed, between, signed_as_printed
from pages.parts.wording.from_links import plain

WITH = "Compare with"
PRESENT = "The present scenario, as it is now"
PASTE = "or paste a link"
SWAP = "Swap"
STOP = "Stop"
STOP_HELP = "Stop comparing with this scenario"
THIS = "This scenario"
LINKED = "The pasted link"
TITLED = "The link “{title}”"
NOT_YET = "Move a slider, or choose another scenario: a picture shows what makes the difference."
NO_SETTING = "it holds no setting of this page; expected words like wechat=160"
REFUSED = "The link was not used: {error}"
LINES = "WeChat users more or fewer over time, with the range of paired runs"
RUNNING = "Working out what made it…"
CHANGES_NOTHING = "Users are the same, whatever differs between the two."
LEAST = 0.05  # million users; fewer are none
OTHER_END = "The two end at different times: compared at the last quarter that both have."
OTHER_START = (
    "The two start at different times, so their settings cannot be mixed; the difference is that "
    "of the last quarter that both have."
)


def apart(difference: Comparison, now: float, names: tuple[str, str], *, linked: bool) -> str:
    """How far two scenarios are apart at the last time that both have; a second line: the range.

    now : million WeChat users of the present one then;  names : of the other and the present one
    linked : the other came with a pasted link
    """
    ends = (difference.total.line, difference.total.low, difference.total.high)
    change, low, high = (float(part[-1, 0]) for part in ends)
    by, (other, own) = month_text(difference.times[-1]), map(plain, names)
    if change == low == high == 0:
        return f"The same as {other}: no difference by {by}."
    then, size, now = printed_steps(now - change, [change])
    size = size or two_digits(change)
    runs = f"  \nFour runs in five: {between(low, high)}."
    if linked:
        both = f"{users_text(now)} here, {bare(then)} in the link"
        return f"You are **{users_text(abs(size))} apart** by {by}: {both}.{runs}"
    word = "more" if size >= 0 else "fewer"
    both = f"{bare(now)} against {users_text(then)}"
    has = f"{own} has **{users_text(abs(size))} {word}** WeChat users by {by}"
    return f"{has} than {other}: {both}.{runs}"


def made_by(explanation: Explanation) -> str:
    """The change that made most of the difference, and the best grade of its sources."""
    parts = explanation.contributions
    if not parts or not max(abs(one.users) for one in parts) >= LEAST:
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
    grades = known.sources.set_index("source_id").grade
    if change.setting == "events":
        switched = set(parse_events(str(change.before))) ^ set(parse_events(str(change.after)))
        rows = known.switches[known.switches.switch.isin(switched)].source_id
    elif change.setting in all_settings():
        rows = [all_settings()[change.setting].source_id]
    else:
        rows = [choices()[change.setting]["source_id"]]
    ids = [source for row in rows for source in row.split(";")]
    if {*ids} == {"assumption"}:
        return ", an assumption (grade D)"
    best = min(grades[ids])
    return f", {'its source' if len(ids) == 1 else 'the best source for it'} is of grade {best}"
