"""Link previews: title and answer of a link in the head of the page, for who runs no script.

Messengers and search engines read the page that the server sends first, and Streamlit's is the same
for every address. Here its title is the scenario's, and its description the answer. Behind a title,
which is anybody's, stands the question of the page, and it is the name of the site.
"""

import asyncio
import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse

from model.evidence import DataError
from model.scenario import links
from model.scenario.scenario import until
from pages.parts import cached
from pages.parts.serving.headers import Application, Receive, Scope, Send
from pages.parts.serving.limits import ask_as, visitor
from pages.parts.state import GUESS_ASKED, VIEWS
from pages.parts.turns import Refused
from pages.parts.wording import page as words
from pages.parts.wording.answer import sentence

TITLE_TAG = re.compile(r"<title>.*?</title>", re.DOTALL)
LONGEST_WAIT = 2.0  # seconds that the page waits for its preview


def with_preview(page: str, query: str) -> str:
    """The HTML of the page with the title and the answer of an address.

    query : of the address, after its question mark; words that cannot be used are left out, as on
        the page
    """
    view, _ = links.from_query(parse_qs(query, keep_blank_values=True), VIEWS)
    views = dict(view.views)
    title = f"{view.title} | {words.TITLE}" if view.title else words.TITLE
    head = {"og:type": "website", "og:title": title, "twitter:card": "summary"}
    head["og:site_name"] = words.TITLE
    head["og:description"] = head["description"] = _description(view, views)
    tags = [f"<title>{html.escape(title)}</title>"]
    for name, text in head.items():
        kind = "property" if name.startswith("og:") else "name"
        tags.append(f'<meta {kind}="{name}" content="{html.escape(text)}" />')
    return TITLE_TAG.sub(lambda _: "\n    ".join(tags), page, count=1)


def _description(view: links.View, views: dict[str, str]) -> str:
    """The answer of a view in a sentence."""
    if views.get("guess") == GUESS_ASKED:
        return words.GUESS_FIRST
    answer = cached.answer(until(view.scenario, views.get("at") or None))
    return sentence(answer).replace("**", "")


def previews(app: Application, page: str, root: str, may: Callable[[Scope], bool]) -> Application:
    """An application that puts the preview into `page`, which it serves at `root`.

    may : whether there may be a preview for whoever asks
    """
    # two threads of their own: a crowd must not take those that serve files. What is over its time
    # while it waits for its turn is dropped; what is computed ends, and nobody gets its place
    threads = ThreadPoolExecutor(2, "preview")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not (is_page and scope["path"] == root):
            await app(scope, receive, send)
            return
        query, text = scope["query_string"].decode("latin-1"), page
        # without a preview where that takes too long, or where the page itself says what is wrong
        if may(scope):
            left = ask_as("", visitor(scope))
            with suppress(DataError, TimeoutError, Refused):
                work = asyncio.get_running_loop().run_in_executor(
                    threads, copy_context().run, with_preview, page, query
                )
                text = await asyncio.wait_for(work, LONGEST_WAIT)
            left.set()
        response = HTMLResponse(text, headers={"cache-control": "no-cache"})
        await response(scope, receive, send)

    return answer
