"""Report and worksheet: HTML files for paper that load nothing and run nothing.

The worksheet asks six questions about a link on one page and answers them on another, with what the
page says and keeps.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.analysis import attribution, bands
from model.analysis.bands import Answer
from model.analysis.goal_seek import goal_years, order
from model.analysis.market_facts import market_table
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.number_text import three_digits
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import SettingError
from pages.parts import cached, turns
from pages.parts.charts import tiles, waterfall
from pages.parts.charts.fan_data import fan_rows
from pages.parts.downloads import svg
from pages.parts.downloads.provenance import by_grade, changes, for_paper, sources_of, statements
from pages.parts.downloads.render import ROOT
from pages.parts.wording import answer as wording
from pages.parts.wording import compare, goals, markets, scenarios, share, worksheet

TOP = 5  # markets in the table of the report
CARDS = 4  # of what it would take on the worksheet: its page has room for no more
# of the charts, pixels: their smallest letters then have 8 points on paper
REPORT, WORKSHEET = (710, 350), (696, 252)
LIMITS = "## What this cannot tell you"  # heading on the method page
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)


def report_html(scenario: Scenario, title: str, link: str, pinned: Scenario | None = None) -> str:
    """The answer, its settings and its sources on one or two printed pages, as an HTML file.

    title : as typed;  link : complete address of the page;  pinned : scenario to compare with
    """
    answer = bands.answer(scenario)
    whole = statements(scenario, answer, title, link)
    sources = sources_of(scenario)
    chart = svg.chart(fan_rows(answer, scenario=scenario), REPORT)
    return TEMPLATES.get_template("report.html.jinja").render(
        whole=whole,
        printed=for_paper(whole["Short link"]),
        picture=svg.sheet(REPORT, wording.CHART, chart),
        legend=share.LEGEND,
        made=_made(scenario, pinned),
        start=month_text(answer.times[0]),
        end=month_text(answer.times[-1]),
        users=_users(answer),
        top=TOP,
        markets=_markets(answer),
        case=cases()[scenario.case],
        changes=changes(scenario),
        limits=_limits(),
        count=len(sources),
        sources=by_grade(sources),
        grades=share.GRADES,
        titles=share.TITLES,
        date=date.today().isoformat(),
    )


def _users(answer: Answer) -> list[list[str]]:
    """A row for each platform: million users with their ranges at the start and at the end."""
    total = answer.total
    wide, narrow = (total.low, total.high), (total.low50, total.high50)

    def cells(t: int, k: int, *ranges: tuple) -> list[str]:
        ends = [" to ".join(three_digits(end[t, k]) for end in pair) for pair in ranges]
        return [three_digits(total.line[t, k]), *ends]

    free = answer.without_concern[-1]
    return [
        [name, *cells(0, k, wide), *cells(-1, k, wide, narrow), three_digits(free[k])]
        for k, name in enumerate(PLATFORMS)
    ]


def _made(scenario: Scenario, pinned: Scenario | None) -> dict[str, Any]:
    """The difference from the pinned scenario, explained: a sentence, and a row a setting.

    Empty where nothing is pinned, or the two cannot be mixed.
    """
    if pinned is None:
        return {}
    try:
        found = attribution.explain(pinned, scenario)
    except SettingError:
        return {}
    rows = waterfall.attribution_rows(found)[["label", "change", "kind", "text"]]
    if len(rows) < 3:  # nothing differs
        return {}
    return {
        "said": compare.made_by(found),
        "pinned": scenarios.named(pinned),
        "rows": rows.replace({"kind": {"total": ""}}).to_numpy().tolist(),
    }


def _markets(answer: Answer) -> list[tuple[str, ...]]:
    """A row for each of the markets with most WeChat users at the end, and three that close sums.

    The other markets, what is in one market or another, and all. A column of users has as many
    decimals as three digits leave its sum, so that it adds up as printed.
    """
    table = market_table(answer)
    top, order = table.head(TOP), [answer.names.index(market) for market in table.index]
    users = np.vstack([answer.market_ends.line, answer.lost])[:, order]  # the table's are rounded
    sums = [*(answer.market_ends.line.sum(axis=1) + answer.unplaced), float(answer.cost.line)]
    columns = []
    for own, whole in zip(users, sums, strict=True):
        places = 0 if abs(whole) >= 99.95 else 1 if abs(whole) >= 9.995 else 2
        cells = [round(float(n), places) + 0.0 for n in (*own[:TOP], own[TOP:].sum(), whole)]
        cells.insert(-1, round(cells[-1] - sum(cells[:-1]), places) + 0.0)
        columns.append([f"{cell:.{places}f}" for cell in cells])
    others, blank = markets.OTHERS.format(count=len(table) - TOP), [""] * 3
    names = [*top["name"], others, markets.UNPLACED, markets.ALL]
    shares = [*map(three_digits, top["share"]), *blank]
    strongest = [f"{row.messenger}, {row.established_share:.0f}%" for row in top.itertuples()]
    return list(zip(names, columns[0], shares, *columns[1:], [*strongest, *blank], strict=True))


def _limits() -> list[str]:
    """Head and first sentence of each limit on the method page."""
    text = (ROOT / "pages" / "method.md").read_text(encoding="utf-8").split(LIMITS)[1]
    return re.findall(r"^- (\*\*.+?\*\*[^.]*\.)", text, flags=re.M)


def worksheet_html(scenario: Scenario, title: str, link: str) -> str:
    """The worksheet as an HTML file.

    title : as typed;  link : complete address of the page
    """
    answer = cached.answer(scenario)
    years, by = goal_years(scenario)
    whole = statements(scenario, answer, title, link)
    # few words in a low chart, as on a phone
    tables = fan_rows(answer, scenario=scenario, phone=True, fixed=cached.fixed_datasets)
    asked = worksheet.questions(answer, month_text(decimal_year(years[by])))
    return TEMPLATES.get_template("worksheet.html.jinja").render(
        whole=whole,
        caution=share.NO_FORECAST,
        printed=for_paper(whole["Short link"]),
        picture=svg.sheet(WORKSHEET, worksheet.ALT, svg.chart(tables, WORKSHEET, phone=True)),
        pairs=list(zip(asked, _key(scenario, answer, years[by]), strict=True)),
        words=worksheet,
        made=share.MADE.format(date=date.today().isoformat(), data=whole["Data"]),
    )


def _key(scenario: Scenario, answer: Answer, by: str) -> list[list[str]]:
    """The lines that answer each question; by : the quarter of the goal."""
    return [
        [f"{wording.headline(answer)}.", wording.four_in_five(answer)],
        [wording.cost(answer, scenario)],
        [markets.finding(answer, tiles.tile_rows(answer, "share"))],
        [worksheet.leader(answer)],
        _what_it_takes(scenario, by),
        [_start(scenario), worksheet.ANY, *(f"- {line}" for line in _limits())],
    ]


def _what_it_takes(scenario: Scenario, by: str) -> list[str]:
    """The finding of that view for passing LINE, and its first cards; without any, why not."""
    try:
        found = order(cached.solved(scenario, "pass-line", by))
    except turns.Overdue as error:  # the page says so too
        return [str(error)]
    cards = [f"- {one.sentence} {goals.enough(one)}" for one in found if one.values]
    cards = cards or [f"- {one.sentence}" for one in found]
    return [goals.finding(found), *cards[:CARDS]]


def _start(scenario: Scenario) -> str:
    """The figure and the grade behind WeChat's starting total."""
    known = load_evidence()
    rows, sources = known.totals.set_index(["origin", "platform"]), known.sources
    total = rows.loc[(scenario.origin, PLATFORMS[0])]
    source = sources.set_index("source_id").loc[total.source_id.split(";")[0]]
    return worksheet.start(total, source.grade, source.producer)
