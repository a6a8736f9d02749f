"""Answers by address: /api/project.csv?case=hard-line&wechat=160 and others, and /llms.txt.

Under a server's base path, if it has one. The words are those of the page's address: rows of the
projection are those of `python -m model project --link`, sentences and pictures say what the page
says. What an older address sets that is no setting now is named in the header x-note,
percent-encoded where it is not plain. Where too many wait already, the answer is 503.
"""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs, quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from model.analysis.bands import table
from model.evidence import DataError
from model.number_text import ended, table_text
from model.scenario.links import link_view
from model.scenario.scenario import Scenario, case, later_quarters
from model.scenario.settings import SettingError
from pages.parts import cached, turns
from pages.parts.downloads import paper, render, svg
from pages.parts.downloads.provenance import statements
from pages.parts.serving import budgets, first_paint
from pages.parts.serving.budgets import AT_A_TIME, RETRY_AT_A_TIME, Used
from pages.parts.serving.first_paint import Shown
from pages.parts.serving.limits import refused, visitor
from pages.parts.wording import answer as wording
from pages.parts.wording import share as words
from pages.parts.wording.page import TITLE


@cached.computed_once(16)  # 230 kB each
def projection(scenario: Scenario, form: str) -> str:
    """The rows of a scenario as CSV or JSON."""
    return table_text(table(scenario), form)


@cached.computed_once(32, "file")  # 7 kB an SVG, 220 kB a PNG
def card(form: str, one: Shown) -> str | bytes:
    """The picture of an address, as "svg" or "png"."""
    found, title = cached.answer(one.answered), one.title
    if form == "png":  # an SVG has the fonts of whoever opens it
        title = render.drawable(title).strip()
    lines = [title or TITLE, wording.headline(found), wording.reach(found).replace("**", "")]
    tables = first_paint.tables(one.scenario, one.at, phone=True)
    drawn = svg.card(tables, [*lines, words.source(one.base)])
    return render.png(drawn) if form == "png" else drawn


@cached.computed_once(16, "file")  # 15 kB each
def exercise(one: Shown) -> str:
    """The worksheet of an address."""
    return paper.worksheet_html(one.answered, one.title, link_of(one))


def number(one: Shown) -> str:
    """The number of an address with its range, as SVG."""
    found = cached.answer(one.answered)
    text = wording.sentence(found).replace("**", "")
    return svg.number(words.in_text(found), text, link_of(one))


def sentences(one: Shown) -> str:
    """The answer of an address and all that it rests on, as Markdown."""
    whole = statements(one.answered, cached.answer(one.answered), one.title, link_of(one))
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", whole.pop("Title"))  # anybody's: no Markdown
    lines = [f"- {name}: {text}" for name, text in whole.items() if text]
    return "\n".join([f"# {title or TITLE}", "", *lines, ""])


def link_of(one: Shown) -> str:
    """The shortest address of the page with this answer."""
    return one.base + first_paint.words_of(one)


# media type, and how it is made of an address
FILES: dict[str, tuple[str, Callable[[Shown], str | bytes]]] = {
    "project.csv": ("text/csv", lambda one: projection(one.linked, "csv")),
    "project.json": ("application/json", lambda one: projection(one.linked, "json")),
    "chart.svg": ("image/svg+xml", partial(card, "svg")),
    "chart.png": ("image/png", partial(card, "png")),
    "number.svg": ("image/svg+xml", number),
    "worksheet.html": ("text/html", exercise),
    "answer.md": ("text/markdown", sentences),
    "llms.txt": ("text/plain", lambda one: words.for_programs(cached.answer(case()), one.base)),
}
# those with a budget of downloads, and whether one is kept already
COSTLY: dict[str, Callable[[Shown], bool]] = {
    "chart.png": lambda one: ("png", one) in card.results,
    "worksheet.html": lambda one: (one,) in exercise.results,
}
THREADS = CapacityLimiter(AT_A_TIME["api"]["server"])  # calls wait for their turn there


async def reply(request: Request, *, used: Used, root: str) -> Response:
    """The file of an address; else one sentence: 400 for its words, 500 for what is broken here."""
    name = request.path_params.get("name", "llms.txt")
    if name not in FILES:
        return PlainTextResponse(f"{name[:40]!r} is not one of {', '.join(FILES)}.\n", 404)
    media, make = FILES[name]
    try:
        one = first_paint.shown(request, root)
        _, old = link_view(f"?{one.query}")
        if not name.startswith("project"):  # whose rows are those of the whole projection
            check(one)
        if name in COSTLY and not COSTLY[name](one):
            who = visitor(request.scope)
            if response := refused(budgets.take(used, "downloads", {"visitor": who, "line": who})):
                return response
        made = await to_thread.run_sync(make, one, limiter=THREADS)
    except turns.Refused as error:
        wait = {"retry-after": f"{RETRY_AT_A_TIME:.0f}"}
        return PlainTextResponse(f"{error}\n", 503, headers=wait)
    except turns.Left:
        return Response(status_code=503)  # nobody reads it
    except SettingError as error:
        return PlainTextResponse(ended(str(error)) + "\n", 400)
    except (DataError, render.PictureError) as error:
        return PlainTextResponse(ended(str(error)) + "\n", 500)
    headers = {"access-control-allow-origin": "*"}
    if old:  # of an older link; the rows stay those of the command line
        headers["access-control-expose-headers"] = "x-note"
        headers["x-note"] = quote(". ".join(old), safe=" ,;:.=()'\"%$")
    return Response(made, media_type=media, headers=headers)


def check(one: Shown) -> None:
    """Raise SettingError where an address hides its answer, or asks for no quarter of its own."""
    if one.is_hidden:
        raise SettingError(words.IS_HIDDEN)
    quarters, value = later_quarters(one.scenario), parse_qs(one.query).get("at", [""])[-1]
    if value and value not in quarters:
        raise SettingError(words.NO_QUARTER.format(value[:40], quarters[0], quarters[-1]))


def routes(root: str, used: Used) -> list[Route]:
    """The routes of the API; `root` is the path of the page, with a slash at its end."""
    answer = partial(reply, used=used, root=root)
    return [Route(f"{root}{path}", answer) for path in ("api/{name}", "llms.txt")]
