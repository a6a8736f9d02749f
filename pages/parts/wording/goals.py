"""The sentences of what it would take, but those of the cards, which the command prints as well."""

from collections.abc import Sequence

from model.analysis.goal_seek import Solved
from model.scenario.settings import all_settings
from pages.parts.wording.answer import listed, runs

GOALS = {
    "pass-kakao": "WeChat passes KakaoTalk",
    "pass-line": "WeChat passes LINE",
    "reach": "WeChat reaches so many users",
}
NOTE = (
    "Each card moves one setting alone and leaves the others as they are. At its value the middle "
    "of the runs just meets the goal."
)
PAIRS = (
    "Two settings move by the same number of spreads, all others stay as they are; a spread is "
    "that of what we thought possible before any fit. Smallest change first."
)
PAIRS_HELP = "The pairs that meet the goal with the smallest change; about a second."
NO_PAIR = "No two of these settings meet the goal together, as far as a search found."
USE = "Sets {settings} as on this card; Undo takes it back."


def enough(share: float) -> str:
    """In how many runs a value is enough."""
    return f"That is enough in {runs(share)}."


def finding(cards: Sequence[Solved]) -> str:
    """Whether a setting alone meets the goal, and which ones never do, in a sentence or two."""
    enough = [_label(card) for card in cards if card.value is not None and not card.already]
    never = [_label(card) for card in cards if not card.reached]
    if any(card.already for card in cards):
        return "These settings meet the goal already: each card says how far its setting can move."
    if not enough:
        return "No single setting meets the goal within its range."
    rest = f" No value of {listed(never, 'or')} is enough." if never else ""
    return f"Enough alone: **{listed(enough, 'or')}**.{rest}"


def _label(card: Solved) -> str:
    return all_settings()[card.lever].label
