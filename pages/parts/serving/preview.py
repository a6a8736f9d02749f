"""Link previews: title, answer and picture of a link, for who runs no script, and first paint.

Messengers and search engines read the page that the server sends first, and Streamlit's is the same
for every address. Here its title is the scenario's, its description the answer, and its body begins
with that (first_paint.py). Behind a title, which is anybody's, stands the question of the page, and
it is the name of the site.
"""

import asyncio
import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass

from starlette.responses import HTMLResponse

from model.evidence import DataError
from pages.parts.downloads.render import missing
from pages.parts.downloads.svg import CARD
from pages.parts.serving import first_paint
from pages.parts.serving.headers import Application, Receive, Scope, Send
from pages.parts.serving.limits import ask_as, visitor
from pages.parts.turns import Refused
from pages.parts.wording import page as words
from pages.parts.wording.answer import sentence

TITLE_TAG = re.compile(r"<title>.*?</title>", re.DOTALL)
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
LONGEST_WAIT = 2.0  # seconds that the page waits for its preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """query : of the address, after its question mark;  base : the address before it, complete.

    phone : whether the page will be drawn for a phone, as state.is_phone finds it
    """

    query: str
    base: str
    phone: bool


def with_preview(page: str, asked: Asked) -> str:
    """The HTML of the page with title, answer and chart of an address.

    Words that cannot be used are left out, as on the page.
    """
    shown = first_paint.shown(asked.query)
    title = f"{shown.title} | {words.TITLE}" if shown.title else words.TITLE
    text = words.GUESS_FIRST
    if not shown.is_hidden:
        text = sentence(first_paint.answer(shown)).replace("**", "")
    head = {"og:type": "website", "og:title": title, "og:site_name": words.TITLE}
    head |= {"description": text, "og:description": text, "twitter:card": "summary"}
    if not (shown.is_hidden or missing()):
        head["og:image"] = f"{asked.base}api/chart.png{first_paint.words_of(shown)}"
        head |= {"og:image:width": f"{CARD[0]}", "og:image:height": f"{CARD[1]}"}
        head |= {"twitter:card": "summary_large_image", "og:image:alt": text}
    tags = [f"<title>{html.escape(title)}</title>"]
    for name, content in head.items():
        kind = "property" if name.startswith("og:") else "name"
        tags.append(f'<meta {kind}="{name}" content="{html.escape(content)}" />')
    page = TITLE_TAG.sub(lambda _: "\n    ".join(tags), page, count=1)
    return first_paint.with_answer(page, shown, phone=asked.phone)


def asked_of(scope: Scope, root: str) -> Asked:
    """The address that a request asks for; `root`: the path of the page, ends with a slash."""
    headers = scope.get("headers", ())
    sent = {name.decode("latin-1"): text.decode("latin-1") for name, text in headers}
    host = HOST.fullmatch(sent.get("host", ""))
    return Asked(
        query=scope["query_string"].decode("latin-1"),
        base=f"{scope.get('scheme', 'http')}://{host[0] if host else 'localhost'}{root}",
        phone="Mobi" in sent.get("user-agent", ""),
    )


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
        text = page
        # without a preview where that takes too long, or where the page itself says what is wrong
        if may(scope):
            left = ask_as("", visitor(scope))
            with suppress(DataError, TimeoutError, Refused):
                work = asyncio.get_running_loop().run_in_executor(
                    threads, copy_context().run, with_preview, page, asked_of(scope, root)
                )
                text = await asyncio.wait_for(work, LONGEST_WAIT)
            left.set()
        response = HTMLResponse(text, headers={"cache-control": "no-cache", "vary": "user-agent"})
        await response(scope, receive, send)

    return answer
