"""First paint and link previews: the answer of an address within the HTML that the server sends.

Messengers and search engines run no script, and Streamlit's page is the same for every address.
Here its title is the scenario's, its description the answer. Behind a title, which is anybody's,
stands the question of the page, and it is the name of the site.

The body begins with the sentences of the page and its chart as SVG, in their places on the page,
and they lie over the page until that has drawn its own: first the sentences go, then the chart.
Styles do this, and a script takes it away for good, whose hash the policy names. Whoever touches
the page meanwhile sees only the page, so no number is shown that was changed.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import HTMLResponse

from model.evidence import DataError
from model.quarters import decimal_year
from model.scenario import links
from model.scenario.scenario import Scenario, later_quarters, until
from model.scenario.story import step_alone
from pages.parts import cached
from pages.parts.charts import fan_data
from pages.parts.downloads import svg
from pages.parts.downloads.render import missing
from pages.parts.serving import budgets
from pages.parts.serving.budgets import Used
from pages.parts.serving.headers import Application, Receive, Scope, Send
from pages.parts.serving.limits import ask_as, visitor
from pages.parts.state import GUESS_ASKED, VIEWS
from pages.parts.turns import Refused
from pages.parts.wording import answer as wording
from pages.parts.wording import guess, page

ROOT = '<div id="root"></div>'
FONT = re.compile(r'href="([^"]+\.woff2)"')
STYLESHEETS = re.compile('<link rel="stylesheet"[^>]*>')
TITLE_TAG = re.compile(r"<title>.*?</title>", re.DOTALL)
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
LONGEST_WAIT = 2.0  # seconds that the page waits for its preview
SIZES = {"desk": (906, 372), "phone": (343, 250), "embed": (668, 372)}  # of the chart, pixels
# in braces: the page has other scripts with names of their own
SCRIPT = f"<script>{{{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}}}</script>"
CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
DARK = f"@media(prefers-color-scheme:dark){{{svg.colours('dark', '#first ')}}}"
STYLE = re.sub(r"/\*.*?\*/|\s+", " ", CSS) + svg.colours("light", "#first ") + DARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An address, and the things that it shows.

    query : after its question mark;  base : before it, complete
    phone : whether the page will be drawn for a phone, as state.is_phone finds it
    linked : the scenario of its words;  scenario : that of the page, which a step may set
    at : the quarter that the answer is for, "" for the end;  answered : the scenario until then
    view : by its name in the address;  is_hidden : a guess comes before the answer
    """

    query: str = field(compare=False)
    phone: bool = field(compare=False)
    base: str
    linked: Scenario
    scenario: Scenario
    at: str
    answered: Scenario
    title: str
    view: str
    is_hidden: bool
    is_embedded: bool


def shown(request: Request, root: str) -> Shown:
    """The address of a request; bad words are left out, as on the page.

    root : the path of the page, ends with a slash
    """
    scope, query = request.scope, request.scope["query_string"].decode("latin-1")
    host = HOST.fullmatch(request.headers.get("host", ""))
    words = parse_qs(query, keep_blank_values=True)
    view, _ = links.from_query(words, VIEWS)
    views, scenario = dict(view.views), view.scenario
    is_hidden = views["guess"] == GUESS_ASKED
    is_embedded = "true" in [one.lower() for one in words.get("embed", ())]
    if not (is_hidden or is_embedded) and (
        step := step_alone(scenario, views, names_case="case" in words)
    ):
        scenario, views = step.scenario, views | {"open": step.view, "at": ""}
    at = views["at"] if views["at"] in later_quarters(scenario)[:-1] else ""
    return Shown(
        query=query,
        phone="Mobi" in request.headers.get("user-agent", ""),
        base=f"{scope.get('scheme', 'http')}://{host[0] if host else 'localhost'}{root}",
        linked=view.scenario,
        scenario=scenario,
        at=at,
        answered=until(scenario, at),
        title=view.title,
        view="over" if is_embedded else views["open"],
        is_hidden=is_hidden,
        is_embedded=is_embedded,
    )


def words_of(one: Shown) -> str:
    """The words of the shortest address with this answer, after a question mark; "" without any."""
    views = (("at", one.at),) if one.at else ()
    view = links.View(scenario=one.scenario, views=views, title=one.title)
    query = urlencode(links.to_query(view, full=False))
    return f"?{query}" if query else ""


def tables(scenario: Scenario, at: str, *, phone: bool) -> dict[str, pa.Table]:
    """The rows of the chart of a scenario, with the quarter that the answer is for."""
    time = decimal_year(at) if at else None
    more = {"phone": phone, "fixed": cached.fixed_datasets}
    return fan_data.fan_rows(cached.answer(scenario), scenario=scenario, at=time, **more)


@cached.computed_once(64, "answer")  # 7 kB each: the page waits for it
def chart(scenario: Scenario, at: str, kind: str) -> str:
    """The chart of a scenario as SVG; kind : of page, of SIZES."""
    phone = kind == "phone"
    return svg.chart_svg(tables(scenario, at, phone=phone), SIZES[kind], phone=phone)


def with_answer(html: str, request: Request, root: str) -> str:
    """The HTML of the page with title, answer and chart of the address of a request.

    Styles of the page come behind the first paint: a browser draws nothing before styles that it
    waits for.
    """
    one = shown(request, root)
    kind = "phone" if one.phone else "embed" if one.is_embedded else "desk"
    names = f"{kind} {'over' if one.view == 'over' and not one.is_hidden else 'other'}"
    names += " embed" * one.is_embedded
    style = STYLE.replace("FONT", next(iter(FONT.findall(html)), "data:,"))
    first = f'<style>{style}</style><div id="first" class="{names}">{_body(one, kind)}</div>'
    first += "".join(STYLESHEETS.findall(html))
    html = TITLE_TAG.sub(lambda _: _head(one), html, count=1)
    return STYLESHEETS.sub("", html).replace(ROOT, f"{first}{ROOT}{SCRIPT}", 1)


def _head(one: Shown) -> str:
    """The tags by which others show a link to the address."""
    title = f"{one.title} | {page.TITLE}" if one.title else page.TITLE
    text = page.GUESS_FIRST
    if not one.is_hidden:
        text = wording.sentence(cached.answer(one.answered)).replace("**", "")
    head = {"og:type": "website", "og:title": title, "og:site_name": page.TITLE}
    head |= {"description": text, "og:description": text, "twitter:card": "summary"}
    if not (one.is_hidden or missing()):
        head["og:image"] = f"{one.base}api/chart.png{words_of(one)}"
        head |= {"og:image:width": f"{svg.CARD[0]}", "og:image:height": f"{svg.CARD[1]}"}
        head |= {"twitter:card": "summary_large_image", "og:image:alt": text}
    tags = [f"<title>{escape(title)}</title>"]
    for name, content in head.items():
        kind = "property" if name.startswith("og:") else "name"
        tags.append(f'<meta {kind}="{name}" content="{escape(content)}" />')
    return "\n    ".join(tags)


def _body(one: Shown, kind: str) -> str:
    """Title, answer and chart; where a guess comes first, its question alone."""
    found = cached.answer(one.answered)
    headline, below = wording.headline(found), [wording.below_headline(found)]
    if one.is_hidden:
        at_end = cached.answer(one.scenario)
        headline, below = guess.question(at_end), [guess.how(at_end)]
    elif not one.phone:
        below = wording.lines(found, one.scenario)
    text = f"<h2>{headline}</h2><p>{'<br>'.join(map(_marked, below))}</p></div>"
    if not one.is_embedded:
        text = _title(one) + text
    if one.is_hidden:
        return f'<div class="t">{text}'
    finding = f'<p class="t finding">{_marked(wording.finding(found))}</p>' * (kind == "desk")
    return f'<div class="t">{text}{finding}{chart(one.scenario, one.at, kind)}'


def _title(one: Shown) -> str:
    """The question of the page, and beside it what the page is, or the title of the link."""
    about = _marked(page.short_subtitle() if one.phone else page.subtitle())
    below = f'<b class="own">{escape(one.title)}</b>' if one.title else about
    return f'<div class="row"><h1>{page.TITLE}</h1><p>{below}</p></div>'


def _marked(text: str) -> str:
    """Our own Markdown as HTML: bold text and links."""
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"\[(.+?)\]\((.+?)\)", r'<a href="\2">\1</a>', text)


def previews(app: Application, html: str, root: str, used: Used) -> Application:
    """An application that serves `html` at `root`, within the budget with its answer."""
    # two threads of their own: a crowd must not take those that serve files. What is over its time
    # while it waits for its turn is dropped; what is computed ends, and nobody gets its place
    threads = ThreadPoolExecutor(2, "preview")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not (is_page and scope["path"] == root):
            return await app(scope, receive, send)
        text = html
        # without it where that takes too long, or where the page itself says what is wrong
        who = visitor(scope)
        if not budgets.take(used, "previews", {"visitor": who}):
            left = ask_as("", who)
            with suppress(DataError, TimeoutError, Refused):
                work = asyncio.get_running_loop().run_in_executor(
                    threads, copy_context().run, with_answer, html, Request(scope), root
                )
                text = await asyncio.wait_for(work, LONGEST_WAIT)
            left.set()
        response = HTMLResponse(text, headers={"cache-control": "no-cache", "vary": "user-agent"})
        await response(scope, receive, send)

    return answer
