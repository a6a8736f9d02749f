"""Provenance of a download: the settings behind it, its data and its sources."""

from collections.abc import Iterable
from urllib.parse import urlencode

import pandas as pd

from model.analysis.bands import BANDS, ESTABLISHED, Answer, coverage
from model.analysis.hindsight import observed_totals
from model.engine.projection import OUTSIDE
from model.evidence import load_evidence
from model.messengers import PLATFORMS
from model.scenario.links import View, to_query
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings
from pages.parts import wording

QUESTION = "How far could WeChat go outside China, against LINE and KakaoTalk?"
NO_FORECAST = "A simulation, not a forecast: it shows what the settings imply."
LONGEST_PRINTED = 200  # characters of an address on paper


def page(scenario: Scenario, outside: str, band: str, link: str) -> str:
    """The short address of the page with this scenario; `link` is any address of the page."""
    view = View(scenario=scenario, views=(("outside", outside), ("band", band)))
    query = urlencode(to_query(view, full=False, views={"outside": OUTSIDE, "band": BANDS}))
    return f"{link.partition('?')[0]}{'?' if query else ''}{query}"


def printed(page: str) -> str:
    """A page's address for paper: without its settings if they would take many lines."""
    return page if len(page) <= LONGEST_PRINTED else page.partition("?")[0]


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


def events(scenario: Scenario) -> str:
    """The events of the scenario in a sentence, which says if they differ from the case."""
    mark = " (changed)" if "events" in changed(scenario) else ""
    return f"On the way{mark}: {wording.happens(scenario)}."


def settings(scenario: Scenario) -> str:
    """The case and the settings that differ from it in a sentence."""
    values = "; ".join(f"{name} {before} → {now}" for name, before, now in changes(scenario))
    case = cases()[scenario.case].label
    return f"Settings: the case {case}, {f'with {values}' if values else 'as it is'}."


def caution(band: str) -> str:
    """That the projection is no forecast, and how often the prediction interval was right."""
    return f"{NO_FORECAST} {wording.limits(band, coverage())}" if band == "errors" else NO_FORECAST


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


def observed(answer: Answer, outside: str) -> list[str]:
    """Ids of the sources of the observed figures in the chart, in the order of data/sources.csv."""
    table = observed_totals(outside)
    return _ids(table.source_id[table.year.between(answer.times[0] - 1, answer.times[-1])])


def by_row(origin: str) -> dict[tuple[str, str], str]:
    """Ids of the sources of each (market, platform), joined by ";".

    The total is EX-CHINA. Concern, people born in China and people of Chinese descent count for
    WeChat only; of an established messenger only its share and people online are given.
    """
    known = load_evidence()
    totals = known.totals[known.totals.origin == origin]
    tables = [
        known.installed_base[known.installed_base.origin == origin],
        totals.assign(market="EX-CHINA"),
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
