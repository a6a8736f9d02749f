"""Statements that a download rests on, one list for every file, and their sources."""

from collections.abc import Iterable
from urllib.parse import urlencode

import pandas as pd

from model.analysis.bands import Answer, coverage
from model.analysis.hindsight import AFTER, observed_totals
from model.evidence import data_version, load_evidence
from model.quarters import decimal_year
from model.scenario import take_away
from model.scenario.links import View, clean_title, to_query
from model.scenario.scenario import Scenario, changed
from model.scenario.settings import all_settings
from pages.parts.wording import answer as wording
from pages.parts.wording import share as words

LONGEST_PRINTED = 200  # characters of an address on paper


def statements(scenario: Scenario, answer: Answer, title: str, link: str) -> dict[str, str]:
    """Name and text of all that a download says and rests on; ** marks what is bold.

    title : as typed;  link : complete address of the page
    """
    sources = load_evidence().sources
    shown = sources[sources.source_id.isin(observed(scenario))]
    producers = shown.producer[shown.url.str.startswith("http")].unique().tolist()
    return {
        "Question": words.QUESTION,
        "Title": clean_title(title),
        "Answer": wording.sentence(answer),
        "Cost of concern": wording.cost(answer, scenario),
        "In hindsight": wording.in_hindsight(answer),
        "Caution": f"{words.NO_FORECAST} {wording.limits(coverage())}",
        "Settings": words.settings(scenario, changes(scenario)),
        "Events": words.events(scenario),
        "Users": words.USERS,
        "Data": data_version(),
        "Rests on": words.rests_on(data_version(), producers, len(used(scenario))),
        "Page": link,
        "Short link": short_link(scenario, link),
        "Command": take_away.command_line(scenario),
        "Cite as": take_away.citation(link.partition("?")[0]),
    }


def short_link(scenario: Scenario, link: str) -> str:
    """The address of the page with only the settings that differ from the case."""
    query = urlencode(to_query(View(scenario=scenario), full=False))
    return link.partition("?")[0] + (f"?{query}" if query else "")


def for_paper(address: str) -> str:
    """The page's address, without its settings if they would take many lines."""
    return address if len(address) <= LONGEST_PRINTED else address.partition("?")[0]


def sources_of(scenario: Scenario) -> pd.DataFrame:
    """The rows of data/sources.csv behind the projection and the observed figures."""
    sources = load_evidence().sources
    return sources[sources.source_id.isin({*used(scenario), *observed(scenario)})]


def changes(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Settings that differ from the case: label, value of the case and value now, with units."""
    rows = []
    for name, (before, now) in changed(scenario).items():
        if setting := all_settings().get(name):
            values = [setting.format(value, whole_unit=True) for value in (before, now)]
            rows.append((setting.label, *values))
        elif name == "origin":
            rows.append(("Start", before, now))
    return rows


def used(scenario: Scenario) -> list[str]:
    """Ids of the sources behind a projection, in the order of data/sources.csv."""
    known = load_evidence()
    tables = [
        known.case_settings[known.case_settings.case == scenario.case],
        known.switches[known.switches.switch.isin(scenario.events)],
        known.cases[known.cases.case == scenario.case],
        known.totals[known.totals.origin == scenario.origin],
        known.installed_base[known.installed_base.origin == scenario.origin],
        *(known.settings, known.parameters, known.constants),
        *(known.addressable, known.concern, known.incumbents, known.migrants, known.descent),
    ]
    return _ids(cell for table in tables for cell in table.source_id)


def observed(scenario: Scenario) -> list[str]:
    """Ids of the sources of the observed figures in the chart, in the order of data/sources.csv."""
    table, start = observed_totals(), decimal_year(scenario.origin)
    last = start + scenario["horizon"] + AFTER
    return _ids(table.source_id[table.year.between(start - 1, last)])


def by_grade(sources: pd.DataFrame) -> dict[str, list[tuple[str, str, int]]]:
    """Producer, address of the first source and their number, by grade, the best grade first."""
    found = {}
    for grade, graded in sources.groupby("grade"):
        producers = graded.groupby("producer", sort=False).url
        found[grade] = [(name, urls.iloc[0], len(urls)) for name, urls in producers]
    return found


def _ids(cells: Iterable[str]) -> list[str]:
    """The source ids in some cells, each once, in the order of data/sources.csv."""
    present = {name for cell in cells for name in cell.split(";")}
    return [name for name in load_evidence().sources.source_id.tolist() if name in present]
