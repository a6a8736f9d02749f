"""The sentences of what moves WeChat, and of what would narrow its range."""

from collections.abc import Sequence

from model.analysis.comparison import LEAST_TO_COMPARE, Comparison, peak, peaks_before
from model.analysis.narrowing import Narrowing, label
from model.analysis.sensitivity import Tornado
from model.number_text import about, two_digits, users_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts.wording.answer import year

BARS = "Bars of WeChat's users by setting. {finding}"
PARTS = {  # of the bar of doubts, on a wide screen and on a narrow one
    "remains": ("what remains", "remains"),
    "concern": ("security concern", "concern"),
    "established": ("the messengers people already have", "other messengers"),
}
NARROWING = "Bars of how much narrower WeChat's range would be. {finding}"
NARROWING_HELP = "Which setting, if somebody found it out, would make WeChat's range narrower."
NARROWING_NOTE = (
    "If one setting were known and all others stayed as uncertain as they are. Thin line: two "
    "standard errors. Beside it: the grade of its best source, from A (best) to D "
    "(assumption), and what the fit to past figures made of its spread. From the 1,024 runs that "
    "are kept of the fit, without past forecast errors, which no setting narrows; the width is "
    "that of upper end over lower end."
)
SAYS_LITTLE = 0.9  # from this ratio of spreads, after the fit over before, it says little


def strongest(result: Tornado) -> str:
    """The setting that moves WeChat most, and the next two."""
    first, *others = result.bars[:3]
    setting = all_settings()[first.setting]
    ends = f"{setting.format(first.low)} and {setting.format(first.high)}"
    labels = " and ".join(all_settings()[bar.setting].label for bar in others)
    return (
        f"**{setting.label}** moves WeChat most: {users_text(first.users_low)} and "
        f"{users_text(first.users_high)} users with it at {ends}, the ends of its plausible "
        f"range. Then come {labels}."
    )


def advertising(scenario: Scenario, without: Comparison) -> str:
    """The users that advertising brings at its peak and at the end, in a sentence.

    without : the scenario less the same one without WeChat's advertising
    """
    spent = all_settings()["marketing"].format(scenario["marketing"], whole_unit=True)
    if not scenario["marketing"]:
        return "Nothing is spent on WeChat's advertising abroad in this scenario."
    most, when = peak(without)
    end, by = float(without.total.line[-1, 0]), year(float(without.times[-1]))
    if abs(most) < LEAST_TO_COMPARE:
        return f"**Advertising** abroad ({spent}) makes no difference that can be seen."
    last = f"{_change(end)} in {by}"
    first = f"at most {_change(most)}, in {year(when)}; {last}" if peaks_before(without) else last
    return f"**Advertising** abroad ({spent}), against none: {first}."


def _change(users: float) -> str:
    """A difference of WeChat users: "12 million more"."""
    size = about(abs(users))
    return f"{size} {'more' if users > 0 else 'fewer'}" if two_digits(abs(users)) else "none more"


def how_to_read(shown: int, count: int) -> str:
    """The meaning of bars, and how many of `count` are shown."""
    return (
        "Each setting moves alone; all others stay as they are. Click a bar to set the slider "
        f"there. The {shown} longest of {count} are shown."
    )


def takes(part: str, users: float) -> str:
    """The users of a part of the bar of doubts: "takes 33 million"; of what remains no verb."""
    if part == "remains":
        return users_text(users)
    verb = "take" if part == "established" else "takes"
    if users < 0:
        verb = verb.replace("take", "bring")
    return f"{verb} {users_text(abs(users))}" if users else f"{verb} none"


def most_narrowing(rows: Sequence[Narrowing]) -> str:
    """The largest reduction in words, rounded to whole percent; of one row or of several."""
    most = max(rows, key=lambda row: row.reduction)
    if most.reduction < 1:
        return "No setting would make the range 1% narrower if it alone were known."
    return (
        f'If "{label(most.setting)}" were known, the range would be about {most.reduction:.0f}% '
        f"narrower, give or take {max(most.error, 1):.0f}."
    )


def known(row: Narrowing) -> str:
    """The grade and the fit of a setting in words: "grade C, the fit says little"."""
    if row.informed is None:
        return f"grade {row.grade}, no fit"
    if row.informed > SAYS_LITTLE:
        return f"grade {row.grade}, the fit says little"
    return f"grade {row.grade}, {100 * (1 - row.informed):.0f}% narrower since the fit"
