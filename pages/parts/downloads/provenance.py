"""Provenance of a download: title, settings, data, sources and link, the same in every file."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import pandas as pd

from model.analysis.bands import ABROAD, ESTABLISHED, EVERYWHERE, coverage
from model.analysis.hindsight import observed_totals
from model.evidence import data_version, load_evidence
from model.messengers import PLATFORMS
from model.quarters import decimal_year
from model.scenario.links import View, clean_title, to_query
from model.scenario.scenario import Scenario, changed
from model.scenario.settings import all_settings
from pages.parts.wording import answer as wording
from pages.parts.wording import share as words

LONGEST_PRINTED = 200  # characters of an address on paper


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a download rests on, the same in every file.

    title : of the reader, or "";  settings, events, caution : a sentence each
    sources : rows of data/sources.csv behind the projection and the observed figures
    producers : of the observed figures;  count : number of sources behind the projection
    data : version of the data;  link : the complete address of the page;  page : the short one,
        with the settings that differ from the case
    """

    title: str
    settings: str
    events: str
    caution: str
    sources: pd.DataFrame
    producers: list[str]
    count: int
    data: str
    link: str
    page: str

    @property
    def printed(self) -> str:
        """The page's address for paper: without its settings if they would take many lines."""
        return self.page if len(self.page) <= LONGEST_PRINTED else self.page.partition("?")[0]


def provenance_of(scenario: Scenario, title: str, link: str) -> Provenance:
    """The provenance of a download.

    title : as typed;  link : complete address of the page
    """
    sources = load_evidence().sources
    behind, shown = used(scenario), observed(scenario)
    query = urlencode(to_query(View(scenario=scenario), full=False))
    from_web = sources.source_id.isin(shown) & sources.url.str.startswith("http")
    return Provenance(
        title=clean_title(title),
        settings=words.settings(scenario, changes(scenario)),
        events=words.events(scenario),
        caution=f"{words.NO_FORECAST} {wording.limits(coverage())}",
        sources=sources[sources.source_id.isin({*behind, *shown})],
        producers=sources.producer[from_web].unique().tolist(),
        count=len(behind),
        data=data_version(),
        link=link,
        page=f"{link.partition('?')[0]}{'?' if query else ''}{query}",
    )


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
        *(known.settings, known.addressable, known.concern, known.incumbents),
        *(known.migrants, known.descent, known.constants),
    ]
    return _ids(cell for table in tables for cell in table.source_id)


def observed(scenario: Scenario) -> list[str]:
    """Ids of the sources of the observed figures in the chart, in the order of data/sources.csv."""
    table, start = observed_totals(), decimal_year(scenario.origin)
    return _ids(table.source_id[table.year.between(start - 1, start + scenario["horizon"])])


def by_row(origin: str) -> dict[tuple[str, str], str]:
    """Ids of the sources of each (market, platform), joined by ";".

    The totals are EX-CHINA and ABROAD. Concern, people born in China and people of Chinese descent
    count for WeChat only; of an established messenger only its share and people online are given.
    """
    known = load_evidence()
    totals = known.totals[known.totals.origin == origin]
    tables = [
        known.installed_base[known.installed_base.origin == origin],
        totals.assign(market=EVERYWHERE),
        totals.assign(market=ABROAD),
    ]
    for table in (known.addressable, known.incumbents):
        tables += [table.assign(platform=name) for name in (*PLATFORMS, ESTABLISHED)]
    for table in (known.concern, known.migrants, known.descent):
        tables.append(table.assign(platform=PLATFORMS[0]))
    cells = pd.concat(tables).groupby(["market", "platform"]).source_id.agg(";".join)
    return {key: ";".join(_ids([text])) for key, text in cells.items()}


def _ids(cells: Iterable[str]) -> list[str]:
    """The source ids in some cells, each once, in the order of data/sources.csv."""
    present = {name for cell in cells for name in cell.split(";")}
    return [name for name in load_evidence().sources.source_id.tolist() if name in present]
