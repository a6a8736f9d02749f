"""The sentences of what moves WeChat."""

from model.analysis.comparison import LEAST_TO_COMPARE, Comparison, peak, peaks_before
from model.analysis.sensitivity import Tornado
from model.analysis.two_doubts import Doubts
from model.number_text import about_range, bare, printed_sum, two_digits, users_text
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings
from pages.parts.wording.answer import listed, year
from pages.parts.wording.compare import more

BARS = "Bars of WeChat's users by setting. {finding}"
DOUBTS = {  # the parts of the bar, in its order, on a wide screen and on a narrow one
    "remains": ("what remains", "remains"),
    "concern": ("security concern", "concern"),
    "established": ("the messengers people already have", "other messengers"),
}


def doubts_texts(doubts: Doubts) -> dict[str, str]:
    """The users of each part of the bar of the two doubts: "takes 33"; of what remains no verb."""
    remains, concern, established, _ = _printed(doubts)
    takes = {"concern": ("takes", "brings", concern), "established": ("take", "bring", established)}
    texts = {"remains": bare(remains)}
    for part, (lost, gained, users) in takes.items():
        texts[part] = f"{lost if users >= 0 else gained} {bare(abs(users))}"
    return texts


def doubts_sentence(doubts: Doubts) -> str:
    """The article's two doubts in a sentence or two; the numbers add up as they are printed."""
    texts, nobody = doubts_texts(doubts), _printed(doubts)[-1]
    return (
        f"Without either doubt: about **{users_text(nobody)}**. The messengers people have "
        f"{texts['established']}, security concern, counted last, {texts['concern']}; "
        f"{texts['remains']} remain."
    )


def _printed(doubts: Doubts) -> tuple[float, ...]:
    """Users that remain, that concern and other messengers take, and their sum, as printed."""
    return printed_sum(doubts.remains, doubts.concern, doubts.established)


def finding(result: Tornado) -> str:
    """The setting that moves WeChat most, and the next two."""
    first, *others = result.bars[:3]
    setting = all_settings()[first.setting]
    low, high = sorted((first.users_low, first.users_high))
    ends = setting.format_range(first.low, first.high)
    labels = listed([all_settings()[bar.setting].label for bar in others])
    return (
        f"**{setting.label}** matters most: {about_range(low, high)} users over its plausible "
        f"range ({ends}); then {labels}."
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
    text = f"{more(two_digits(end))} in {by}"
    if peaks_before(without):
        text = f"at most {more(two_digits(most))}, in {year(when)}; {text}"
    return f"**Advertising** abroad ({spent}), against none: {text}."
