"""The sentences of the story; those of its steps stand in data/, with gaps that are filled here."""

from model.analysis.bands import Answer
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import about, about_range, range_text
from model.quarters import month_text
from model.scenario.settings import all_settings
from model.scenario.story import Step
from pages.parts.wording.answer import at_end

READ = "Read it in {count} steps"
GUESS_FIRST = "Guess first"
STEP = "**Step {now} of {count}: {title}**"
STEP_ON_PHONE = "**{now} of {count}**"
BACK = "Back"
NEXT = "Next"
END = "End"
AGAIN = "Set again"
GUESS = (
    "Hides the answer until you have guessed how many users WeChat could have. The guess becomes "
    "part of the address, so that a class can compare."
)


def story_text(step: Step, before: Answer | None, after: Answer) -> str:
    """The text of a step, its gaps filled from the answers, so that what it claims is so.

    before : the answer of `step.before`, or None;  after : that of `step.scenario`
    """
    users, low, high = at_end(after.total)
    gaps = {
        "start": about(after.total.line[0, 0]),
        "after": about(users),
        "range": about_range(low, high),
        "by": month_text(after.times[-1]),
        "beats": _beats(after),
        "observed": _observed(after),
    }
    known = all_settings()
    gaps |= {name: known[name].format(step.scenario[name], whole_unit=True) for name in known}
    if step.before and before:
        old, *_ = at_end(before.total)
        gaps |= {"before": about(old), "moves": _moves(old, users)}
        for name, setting in known.items():
            gaps[f"{name}_before"] = setting.format(step.before[name], whole_unit=True)
    return step.text.format(**gaps).replace("$", r"\$")  # no formula


def _moves(old: float, new: float) -> str:
    """How WeChat's users at the end change: "falls from 55 million to 15 million"."""
    if about(old) == about(new):
        return f"stays at about {about(new)}"
    return f"{'rises' if new > old else 'falls'} from {about(old)} to {about(new)}"


def _beats(answer: Answer) -> str:
    """WeChat's place at the end: "ahead of KakaoTalk (26 million) and behind LINE (170 ..."."""
    users, *rivals = answer.total.line[-1]
    sides: dict[str, list[str]] = {"ahead of": [], "behind": []}
    for name, rival in zip(PLATFORMS[1:], rivals, strict=True):
        sides["ahead of" if users > rival else "behind"].append(f"{name} ({about(rival)})")
    return " and ".join(f"{side} {' and '.join(names)}" for side, names in sides.items() if names)


def _observed(answer: Answer) -> str:
    """Where WeChat ends beside our own reading of what was observed, in a sentence; or empty."""
    for platform, _, users, row in beside_observed(answer):
        if platform == PLATFORMS[0] and row.kind == "range":
            side = "below" if users < row.low else "above" if users > row.high else "inside"
            return f"That is {side} our own reading of {range_text(row.low, row.high)}."
    return ""
