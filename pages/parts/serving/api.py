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
from model.scenario.links import View, link_view
from model.scenario.scenario import Scenario, case, later_quarters, until
from model.scenario.settings import SettingError
from pages.parts import cached, turns
from pages.parts.downloads import paper, render, svg
from pages.parts.downloads.provenance import statements
from pages.parts.serving import budgets, first_paint
from pages.parts.serving.budgets import AT_A_TIME, RETRY_AT_A_TIME, Used
from pages.parts.serving.first_paint import Shown
from pages.parts.serving.limits import refused, visitor
from pages.parts.serving.preview import asked_of
from pages.parts.wording import answer as wording
from pages.parts.wording import share as words
from pages.parts.wording.page import TITLE


@cached.computed_once(16)  # 230 kB each
def projection(scenario: Scenario, form: str) -> str:
    """The rows of a scenario as CSV or JSON."""
    return table_text(table(scenario), form)


@cached.computed_once(32, "file")  # 7 kB an SVG, 220 kB a PNG
def card(form: str, one: Shown, base: str) -> str | bytes:
    """The picture of an address, as "svg" or "png"."""
    found, title = first_paint.answer(one), one.title
    if form == "png":  # an SVG has the fonts of whoever opens it
        title = render.drawable(title).strip()
    lines = [title or TITLE, wording.headline(found), wording.reach(found).replace("**", "")]
    tables = first_paint.tables(one.scenario, one.at, phone=True)
    drawn = svg.card(tables, [*lines, words.source(base)])
    return render.png(drawn) if form == "png" else drawn


@cached.computed_once(16, "file")  # 15 kB each
def exercise(one: Shown, base: str) -> str:
    """The worksheet of an address."""
    link = base + first_paint.words_of(one)
    return paper.worksheet_html(until(one.scenario, one.at), one.title, link)


def number(one: Shown, base: str) -> str:
    """The number of an address with its range, as SVG."""
    found = first_paint.answer(one)
    link = base + first_paint.words_of(one)
    return svg.number(words.in_text(found), wording.sentence(found).replace("**", ""), link)


def sentences(one: Shown, base: str) -> str:
    """The answer of an address and all that it rests on, as Markdown."""
    link = base + first_paint.words_of(one)
    whole = statements(until(one.scenario, one.at), first_paint.answer(one), one.title, link)
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", whole.pop("Title"))  # anybody's: no Markdown
    lines = [f"- {name}: {text}" for name, text in whole.items() if text]
    return "\n".join([f"# {title or TITLE}", "", *lines, ""])


# media type, and how it is made of an address: all that it holds, what it shows, and the page's own
FILES: dict[str, tuple[str, Callable[[View, Shown, str], str | bytes]]] = {
    "project.csv": ("text/csv", lambda view, *_: projection(view.scenario, "csv")),
    "project.json": ("application/json", lambda view, *_: projection(view.scenario, "json")),
    "chart.svg": ("image/svg+xml", lambda _, *of: card("svg", *of)),
    "chart.png": ("image/png", lambda _, *of: card("png", *of)),
    "number.svg": ("image/svg+xml", lambda _, *of: number(*of)),
    "worksheet.html": ("text/html", lambda _, *of: exercise(*of)),
    "answer.md": ("text/markdown", lambda _, *of: sentences(*of)),
    "llms.txt": ("text/plain", lambda *of: words.for_programs(cached.answer(case()), of[-1])),
}
# those with a budget of downloads, and whether one is kept already
COSTLY: dict[str, Callable[[Shown, str], bool]] = {
    "chart.png": lambda *of: ("png", *of) in card.results,
    "worksheet.html": lambda *of: of in exercise.results,
}


async def reply(request: Request, *, used: Used, root: str) -> Response:
    """The file of an address; else one sentence: 400 for its words, 500 for what is broken here."""
    name = request.path_params.get("name", "llms.txt")
    if name not in FILES:
        return PlainTextResponse(f"{name[:40]!r} is not one of {', '.join(FILES)}.\n", 404)
    media, make = FILES[name]
    state = request.app.state  # a thread for each: they wait for their turn there
    limiter = state.api_limiter = getattr(state, "api_limiter", None) or CapacityLimiter(
        AT_A_TIME["api"]["server"]
    )
    asked = asked_of(request.scope, root)
    try:
        (view, old), one = link_view("?" + asked.query), first_paint.shown(asked.query)
        if not name.startswith("project"):  # whose rows are those of the whole projection
            check(one, asked.query)
        if name in COSTLY and not COSTLY[name](one, asked.base):
            who = visitor(request.scope)
            names = {"visitor": who, "server": "", "line": who}
            if response := refused(budgets.take(used, "downloads", names)):
                return response
        made = await to_thread.run_sync(make, view, one, asked.base, limiter=limiter)
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


def check(one: Shown, query: str) -> None:
    """Raise SettingError where an address hides its answer, or asks for no quarter of its own."""
    if one.is_hidden:
        raise SettingError(words.IS_HIDDEN)
    quarters, value = later_quarters(one.scenario), parse_qs(query).get("at", [""])[-1]
    if value and value not in quarters:
        raise SettingError(words.NO_QUARTER.format(value[:40], quarters[0], quarters[-1]))


def routes(root: str, used: Used) -> list[Route]:
    """The routes of the API; `root` is the path of the page, with a slash at its end."""
    answer = partial(reply, used=used, root=root)
    return [Route(f"{root}{path}", answer) for path in ("api/{name}", "llms.txt")]
