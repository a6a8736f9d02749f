"""The page's address: the views of a scenario that a link carries beside its settings."""

from model.analysis.bands import BANDS
from model.engine.projection import OUTSIDE
from model.messengers import PLATFORMS

# what the page shows of a scenario; the first value is the default, () takes any links.SLUG
VIEWS = {
    "outside": OUTSIDE,
    "band": BANDS,
    "scale": ("stretched", "even"),
    "platform": PLATFORMS,
    "open": ("none", "markets", "compare", "solve", "lead", "levers", "story", "share"),
    "show": ("lead", "years", "cost", "table", "one"),
    "market": (),
    "rival": PLATFORMS[1:],
    "step": tuple("0123456"),
}
