"""Title and frame of the page, and what it says when it cannot be shown or too much is asked."""

import math
from datetime import date

from model.evidence import load_evidence

TITLE = "How far could WeChat go abroad?"
FULL_PAGE = "Change the settings on the full page"
VIEWS = {  # by their names in the address
    "over": "Over time",
    "where": "Where",
    "lead": "Who wins",
    "matters": "What matters",
    "solve": "What would it take",
    "compare": "Compare",
    "share": "Share",
}
READING = {  # the links to the reading pages
    "settings": "All settings, with sources",
    "evidence": "Sources and figures",
    "method": "How this works, and what it cannot tell you",
}
BACK = "Back to the page"
AT_THE_END = "Answer for the end"
GUESS_FIRST = "Guess how many users WeChat could have abroad, then see the answer and its range."
RUNNING = "Running the model…"
NOT_IN_ORDER = "The page cannot be shown, because its data are not in order: {error}"
ARTICLE = "afp-via-taipei"  # its source
TOO_LARGE = "The request is too large: a file may have 1 MB at most.\n"
NO_LENGTH = "The request does not say how long it is: expected the header Content-Length.\n"
BUSY = "The server has too much to do: please try again in a moment."
OVERDUE = "Not worked out: these settings take too long to solve."
NOT_A_MESSAGE = "Expected a message of the page."


def _article() -> str:
    return load_evidence().sources.set_index("source_id").url[ARTICLE]


def short_subtitle() -> str:
    """Origin and limits of the page, for a phone."""
    return f"After [AFP, March 2014]({_article()}) · not a forecast"


def subtitle() -> str:
    """Origin and limits of the page, and its newest figure.

    A figure's own day counts, not that of our reading, which may be years later.
    """
    newest = date.fromisoformat(load_evidence().observed.date.max())
    return (
        f"A what-if after an [AFP article of March 2014]({_article()}), not a forecast · newest "
        f"figure {newest:%B %Y}"
    )


def over(level: str, seconds: float) -> str:
    """A sentence for a budget that is used up; level : line, visitor or server."""
    whole = max(1, math.ceil(seconds))
    wait = f"{whole} second{'s' * (whole > 1)}"
    if seconds > 120:
        wait = f"{math.ceil(seconds / 60)} minutes"
    is_own = level != "server"
    why = "Too many requests came from your address" if is_own else "The server has too much to do"
    return f"{why}: please try again in {wait}."
