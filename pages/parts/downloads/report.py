"""The report: an HTML file for paper that loads nothing and runs nothing."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.analysis import attribution, bands
from model.analysis.market_facts import market_table
from model.messengers import PLATFORMS
from model.number_text import three_digits
from model.quarters import month_text
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import SettingError
from pages.parts.charts import waterfall
from pages.parts.charts.fan_data import fan_rows
from pages.parts.downloads import svg
from pages.parts.downloads.provenance import (
    by_grade,
    changes,
    for_paper,
    sources_of,
    statements,
)
from pages.parts.downloads.render import ROOT
from pages.parts.wording import answer as answer_words
from pages.parts.wording import markets as market_words
from pages.parts.wording import scenarios
from pages.parts.wording import share as words
from pages.parts.wording.compare import made_by

TOP = 5  # markets in the table
SIZE = 710, 350  # of the chart, pixels: its smallest letters then have 8 points on paper
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
    chart = svg.chart(fan_rows(answer, scenario=scenario), SIZE)
    return TEMPLATES.get_template("report.html.jinja").render(
        whole=whole,
        printed=for_paper(whole["Short link"]),
        picture=svg.sheet(SIZE, answer_words.CHART, chart),
        legend=words.LEGEND,
        made=_made(scenario, pinned),
        start=month_text(answer.times[0]),
        end=month_text(answer.times[-1]),
        users=list(_users(answer)),
        top=TOP,
        markets=list(_markets(answer)),
        case=cases()[scenario.case],
        changes=changes(scenario),
        limits=limits(),
        count=len(sources),
        sources=by_grade(sources),
        grades=words.GRADES,
        titles=words.TITLES,
        date=date.today().isoformat(),
    )


def limits() -> list[str]:
    """Head and first sentence of each limit on the method page."""
    text = (ROOT / "pages" / "method.md").read_text(encoding="utf-8").split(LIMITS)[1]
    return re.findall(r"^- (\*\*.+?\*\*[^.]*\.)", text, flags=re.M)


def _users(answer: bands.Answer) -> Iterator[list[str]]:
    """A row for each platform: million users with their ranges at the start and at the end."""
    total = answer.total
    wide, narrow = (total.low, total.high), (total.low50, total.high50)
    for k, name in enumerate(PLATFORMS):
        row = [name]
        for t, ranges in ((0, [wide]), (-1, [wide, narrow])):
            row.append(three_digits(total.line[t, k]))
            row += [" to ".join(three_digits(end[t, k]) for end in ends) for ends in ranges]
        yield [*row, three_digits(answer.without_concern[-1, k])]


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
        "said": made_by(found),
        "pinned": scenarios.named(pinned),
        "rows": rows.replace({"kind": {"total": ""}}).to_numpy().tolist(),
    }


def _markets(answer: bands.Answer) -> Iterator[list[str]]:
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
    closing = [market_words.OTHERS.format(count=len(table) - TOP), market_words.UNPLACED]
    shares = [*map(three_digits, top["share"]), "", "", ""]
    strongest = [
        *(f"{row.messenger}, {row.established_share:.0f}%" for row in top.itertuples()),
        *("", "", ""),
    ]
    columns = [[*top["name"], *closing, market_words.ALL], columns[0], shares, *columns[1:]]
    yield from map(list, zip(*columns, strongest, strict=True))
