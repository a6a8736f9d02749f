"""The sentences of what it would take, but those of the cards, which the command prints as well."""

from collections.abc import Sequence

from model.analysis.goal_seek import Solved
from model.quarters import decimal_year, month_text
from model.scenario.settings import all_settings
from pages.parts.wording.answer import LEAST, PLAIN, listed, odds, runs

GOALS = {
    "pass-kakao": "WeChat passes KakaoTalk",
    "pass-line": "WeChat passes LINE",
    "reach": "WeChat reaches so many users",
}
GOAL, USERS, BY = "Goal", "Million users", "By the end of"
NOTE = (
    "Each moves one setting alone; at its value the middle of the runs just meets the goal. "
    "The most plausible value first."
)
PAIRS = (
    "Two settings move by the same number of spreads of what we thought possible; the smallest "
    "change first."
)
ROUGH = (
    "Rough: these settings take long to solve, so the search for a value after "
    '"about" ended early. '
)
NO_PAIR = "No two of these settings meet the goal together, as far as a search found."
USE = "Use this"
USE_HELP = "Use the value given here for {settings}. Undo reverses it."


def by_the_end(quarter: str) -> str:
    """The end of a quarter, as the time of a goal."""
    return f"by the end of {month_text(decimal_year(quarter))}"


def enough(card: Solved) -> str:
    """In how many runs the value is enough, and how far-fetched it is."""
    rare = "" if card.unusual is None else f"; {unusual_text(card.unusual)}"
    return f"Enough in {runs(card.enough)}{rare}."


def unusual_text(chance: float) -> str:
    """The chance of `far_fetched.unusual` in words: "as unusual as 1 in 40"."""
    if chance > PLAIN:
        return "nothing unusual"
    if chance < LEAST:
        return f"beyond what we hold possible: less than {odds(chance)}"
    return f"as unusual as {odds(chance)}"


def note(cards: Sequence[Solved], pairs: Sequence[Solved]) -> str:
    """How to read the cards."""
    rough = ROUGH if any(card.rough for card in cards or pairs) else ""
    return rough + (NOTE if cards else PAIRS if pairs else NO_PAIR)


def finding(cards: Sequence[Solved]) -> str:
    """Whether a setting alone meets the goal, and which ones never do, in a sentence or two."""
    enough = [_label(card) for card in cards if card.values and not card.already]
    never = [_label(card) for card in cards if not card.values and not card.already]
    if any(card.already for card in cards):
        return "These settings meet the goal already: each says how far its setting can move."
    if not enough:
        return "No single setting meets the goal within its range."
    rest = f" No value of {listed(never, 'or')} is enough." if never else ""
    return f"Enough alone: **{listed(enough, 'or')}**.{rest}"


def _label(card: Solved) -> str:
    (lever,) = card.now
    return all_settings()[lever].label
