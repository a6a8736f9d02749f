"""Link previews: title and answer of a link in the head of the page, for who runs no script.

Messengers and search engines read the page that the server sends first, and Streamlit's is the same
for every address. Here its title is the scenario's, and its description the answer.
"""

import html
import re
from urllib.parse import parse_qs

from anyio import CapacityLimiter, move_on_after, to_thread
from starlette.responses import HTMLResponse

from model.evidence import DataError
from model.scenario import links
from model.scenario.scenario import until
from pages.parts import cached
from pages.parts.serving.headers import Application, Message, Receive, Send
from pages.parts.state import ASKED, VIEWS
from pages.parts.wording import page as words
from pages.parts.wording.answer import sentence

TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
LONGEST = 2.0  # seconds that the page waits for its preview


def with_preview(page: str, query: str) -> str:
    """The HTML of the page with the title and the answer of an address.

    query : of the address, after its question mark; words that cannot be used are left out, as on
        the page
    """
    view, _ = links.from_query(parse_qs(query, keep_blank_values=True), VIEWS)
    views = dict(view.views)
    title = view.title or words.TITLE
    head = {"og:type": "website", "og:title": title, "twitter:card": "summary"}
    head["og:description"] = head["description"] = _description(view, views)
    tags = [f"<title>{html.escape(title)}</title>"]
    for name, text in head.items():
        kind = "property" if name.startswith("og:") else "name"
        tags.append(f'<meta {kind}="{name}" content="{html.escape(text)}" />')
    return TITLE.sub(lambda _: "\n    ".join(tags), page, count=1)


def _description(view: links.View, views: dict[str, str]) -> str:
    """The answer of a view in a sentence."""
    if views.get("guess") == ASKED:
        return words.GUESS_FIRST
    answer = cached.answer(until(view.scenario, views.get("at") or None))
    return sentence(answer).replace("**", "")


class Previews:
    """Puts the preview into the page that an application serves at `root`."""

    def __init__(self, app: Application, page: str, root: str = "/") -> None:
        self.app, self.page, self.root = app, page, root
        self.limiter: CapacityLimiter | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer with the page and its preview, or without one where that takes too long."""
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not (is_page and scope["path"] == self.root):
            await self.app(scope, receive, send)
            return
        # two threads of their own: a crowd must not take those that serve files
        self.limiter = self.limiter or CapacityLimiter(2)
        query, page = scope["query_string"].decode("latin-1"), self.page
        with move_on_after(LONGEST):
            try:
                page = await to_thread.run_sync(
                    with_preview, self.page, query, limiter=self.limiter, abandon_on_cancel=True
                )
            except DataError:
                pass  # the page itself says so
        response = HTMLResponse(page, headers={"cache-control": "no-cache"})
        await response(scope, receive, send)
