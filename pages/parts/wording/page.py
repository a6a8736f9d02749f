"""Title and frame of the page, and what it says when it cannot be shown."""

from datetime import date
from functools import lru_cache

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


@lru_cache(maxsize=1)
def _article() -> str:
    """The address of the article."""
    return load_evidence().sources.set_index("source_id").url[ARTICLE]


def short_subtitle() -> str:
    """Origin and limits of the page, for a phone."""
    return f"After [AFP, March 2014]({_article()}) · not a forecast"


@lru_cache(maxsize=1)
def subtitle() -> str:
    """Origin and limits of the page, and its newest figure.

    A figure's own day counts, not that of our reading, which may be years later.
    """
    newest = date.fromisoformat(load_evidence().observed.date.max())
    return (
        f"A what-if after an [AFP article of March 2014]({_article()}), not a forecast · newest "
        f"figure {newest:%B %Y}"
    )
