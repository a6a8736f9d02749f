"""The sentences of what it would take, but those of the cards, which the command prints as well."""

from pages.parts.wording.answer import runs

GOALS = {
    "pass-kakao": "WeChat passes KakaoTalk",
    "pass-line": "WeChat passes LINE",
    "reach": "WeChat reaches so many users",
}
ALONE = (
    "Each card moves one setting alone and leaves the others as they are. At its value the line, "
    "the middle of the runs, just meets the goal."
)
PAIRS = (
    "Two settings move by the same number of spreads, all others stay as they are. The smallest "
    "change first; a spread is that of what we thought the setting could be before any fit."
)
PAIRS_HELP = "The pairs that meet the goal with the smallest change; about a second."
NO_PAIR = "No two of these settings meet the goal together, as far as a search found."
USE = "Sets {settings} as on this card; Undo takes it back."


def enough(share: float) -> str:
    """In how many runs a value is enough."""
    return f"That is enough in {runs(share)}."
