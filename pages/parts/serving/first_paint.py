"""First paint: the answer of an address within the HTML that the server sends, before any script.

It holds the sentences of the page and its chart as SVG, in their places on the page, and lies over
the page until that has drawn its own: first the sentences go, then the chart. Styles do this, and
a script takes it away for good, whose hash the policy names. Whoever touches the page meanwhile
sees only the page, so no number is shown that was changed. What has no scripts reads it as it is.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pyarrow as pa

from model.analysis.bands import Answer
from model.quarters import decimal_year
from model.scenario import links
from model.scenario.scenario import Scenario, later_quarters, until
from model.scenario.story import step_alone
from pages.parts import cached
from pages.parts.charts import fan_data
from pages.parts.downloads import svg
from pages.parts.state import GUESS_ASKED, VIEWS
from pages.parts.wording import answer as wording
from pages.parts.wording import guess, page

ROOT = '<div id="root"></div>'
FONT = re.compile(r'href="([^"]+\.woff2)"')
STYLESHEETS = re.compile('<link rel="stylesheet"[^>]*>')
SIZES = {"desk": (906, 372), "phone": (343, 250), "embed": (668, 372)}  # of the chart, pixels
# in braces: the page has other scripts with names of their own
SCRIPT = f"<script>{{{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}}}</script>"
CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
DARK = f"@media(prefers-color-scheme:dark){{{svg.colours('dark', '#first ')}}}"
STYLE = re.sub(r"/\*.*?\*/|\s+", " ", CSS) + svg.colours("light", "#first ") + DARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The things that an address shows.

    scenario : up to its end;  at : the quarter that the answer is for, "" for the end
    view : by its name in the address;  is_hidden : a guess comes before the answer
    """

    scenario: Scenario
    at: str
    title: str
    view: str
    is_hidden: bool
    is_embedded: bool


def shown(query: str) -> Shown:
    """The things that the words of an address show; bad words are left out, as on the page."""
    words = parse_qs(query, keep_blank_values=True)
    view, _ = links.from_query(words, VIEWS)
    views, scenario = dict(view.views), view.scenario
    is_hidden = views["guess"] == GUESS_ASKED
    is_embedded = "true" in [one.lower() for one in words.get("embed", ())]
    if not (is_hidden or is_embedded) and (
        step := step_alone(scenario, views, names_case="case" in words)
    ):
        scenario, views = step.scenario, views | {"open": step.view, "at": ""}
    return Shown(
        scenario=scenario,
        at=views["at"] if views["at"] in later_quarters(scenario)[:-1] else "",
        title=view.title,
        view="over" if is_embedded else views["open"],
        is_hidden=is_hidden,
        is_embedded=is_embedded,
    )


def answer(one: Shown) -> Answer:
    """The answer of an address."""
    return cached.answer(until(one.scenario, one.at))


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


def with_answer(html: str, one: Shown, *, phone: bool) -> str:
    """The HTML of the page with the first paint before its root.

    Styles of the page come behind it: a browser draws nothing before styles that it waits for.
    """
    kind = "phone" if phone else "embed" if one.is_embedded else "desk"
    sheets = "".join(STYLESHEETS.findall(html))
    names = f"{kind} {'over' if one.view == 'over' and not one.is_hidden else 'other'}"
    names += " embed" * one.is_embedded
    first = f'<div id="first" class="{names}">{_body(one, kind)}</div>'
    style = STYLE.replace("FONT", next(iter(FONT.findall(html)), "data:,"))
    first = f"<style>{style}</style>{first}{sheets}"
    return STYLESHEETS.sub("", html).replace(ROOT, f"{first}{ROOT}{SCRIPT}", 1)


def _body(one: Shown, kind: str) -> str:
    """Title, answer and chart; where a guess comes first, its question alone."""
    phone, found = kind == "phone", answer(one)
    headline, below = wording.headline(found), [wording.below_headline(found)]
    if one.is_hidden:
        at_end = cached.answer(one.scenario)
        headline, below = guess.question(at_end), [guess.how(at_end)]
    elif not phone:
        below = wording.lines(found, one.scenario)
    text = f"<h2>{headline}</h2><p>{'<br>'.join(map(_marked, below))}</p></div>"
    if not one.is_embedded:
        text = _title(one.title, phone=phone) + text
    if one.is_hidden:
        return f'<div class="t">{text}'
    finding = f'<p class="t finding">{_marked(wording.finding(found))}</p>' * (kind == "desk")
    return f'<div class="t">{text}{finding}{chart(one.scenario, one.at, kind)}'


def _title(own: str, *, phone: bool) -> str:
    """The question of the page, and beside it what the page is, or the title of the link."""
    about = _marked(page.short_subtitle() if phone else page.subtitle())
    below = f'<b class="own">{escape(own)}</b>' if own else about
    return f'<div class="row"><h1>{page.TITLE}</h1><p>{below}</p></div>'


def _marked(text: str) -> str:
    """Our own Markdown as HTML: bold text and links."""
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"\[(.+?)\]\((.+?)\)", r'<a href="\2">\1</a>', text)
