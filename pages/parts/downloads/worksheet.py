"""The worksheet: six questions about a link on one printed page, their answers on another.

An HTML file that loads and runs nothing. The answers are those of the page, from what it keeps.
"""

from datetime import date

from model.analysis.bands import Answer
from model.analysis.goal_seek import goal_years, order
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario
from pages.parts import cached, turns
from pages.parts.charts import fan_data, tiles
from pages.parts.downloads import svg
from pages.parts.downloads.provenance import for_paper, statements
from pages.parts.downloads.report import TEMPLATES, limits
from pages.parts.wording import answer as wording
from pages.parts.wording import goals, markets, share
from pages.parts.wording import worksheet as words

SIZE = 696, 252  # of the chart, pixels: as broad as the paper, so that its letters have 8 points
CARDS = 4  # of what it would take: as many as stand abreast on the page


def for_class(scenario: Scenario, title: str, link: str) -> str:
    """The worksheet as an HTML file.

    title : as typed;  link : complete address of the page
    """
    answer = cached.answer(scenario)
    years, by = goal_years(scenario)
    whole = statements(scenario, answer, title, link)
    more = {"phone": True, "fixed": cached.fixed_datasets}  # few words in a low chart
    tables = fan_data.fan_rows(answer, scenario=scenario, **more)
    asked = words.questions(answer, month_text(decimal_year(years[by])))
    return TEMPLATES.get_template("worksheet.html.jinja").render(
        whole=whole,
        caution=share.NO_FORECAST,
        printed=for_paper(whole["Short link"]),
        picture=svg.chart_svg(tables, SIZE, phone=True, about=words.ALT),
        colours=svg.colours("light"),
        pairs=list(zip(asked, answers(scenario, answer, years[by]), strict=True)),
        words=words,
        made=share.MADE.format(date=date.today().isoformat(), data=whole["Data"]),
    )


def answers(scenario: Scenario, answer: Answer, by: str) -> list[list[str]]:
    """The lines that answer each question; by : the quarter of the goal."""
    return [
        [f"{wording.headline(answer)}.", wording.four_in_five(answer)],
        [wording.cost(answer, scenario)],
        [markets.finding(answer, tiles.tile_rows(answer, "share"))],
        [words.leader(answer)],
        _what_it_takes(scenario, by),
        [_start(scenario), words.ANY, *(f"- {line}" for line in limits())],
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
    return words.start(total, source.grade, source.producer)
