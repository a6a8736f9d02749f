"""What every download states: the settings behind it, its data and its sources."""

from functools import lru_cache
from urllib.parse import urlencode

import pandas as pd

from model.analysis.bands import ESTABLISHED, Answer, coverage
from model.analysis.hindsight import observed_totals
from model.evidence.reader import load_evidence
from model.messengers import PLATFORMS
from model.scenario.link_words import clean_title, differences
from model.scenario.links import View, to_query
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings
from pages.parts import wording

WHAT = "How far could WeChat go outside China, against LINE and KakaoTalk?"
NO_FORECAST = "A simulation, not a forecast: it shows what the settings imply."

LONGEST_SHOWN = 200  # characters of an address on paper


def title(text: str) -> str:
    """A typed title as it can be shown: one line, only characters that XML knows."""
    return clean_title(text.replace("\ufffe", "").replace("\uffff", ""))


def command(scenario: Scenario) -> str:
    """The words after `python -m model project` that make this scenario again."""
    sets = [f"--set {name}={value}" for name, value in differences(scenario).items()]
    return " ".join([f"--case {scenario.case}", *sets])


def page(scenario: Scenario, outside: str, band: str, link: str) -> str:
    """The short address of the page with this scenario; `link` says where the page is."""
    view = View(scenario=scenario, views=(("outside", outside), ("band", band)))
    words = urlencode(to_query(view, full=False))
    return "?".join(filter(None, [link.partition("?")[0], words]))


def shown(page: str) -> str:
    """A page's address as it can be printed: without what would take many lines."""
    return page if len(page) <= LONGEST_SHOWN else page.partition("?")[0]


def changes(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Settings that differ from the case: label, value of the case and value now, with units."""
    found = []
    for name, (before, now) in changed(scenario).items():
        if name in all_settings():
            one = all_settings()[name]
            found.append(
                (one.label, one.format(before, whole_unit=True), one.format(now, whole_unit=True))
            )
        elif name == "origin":
            found.append(("Start", before, now))
    return found


def on_the_way(scenario: Scenario) -> str:
    """What happens on the way, and whether that was changed from the case."""
    told = " (changed)" if "events" in changed(scenario) else ""
    return f"On the way{told}: {wording.happens(scenario)}."


def setting_line(scenario: Scenario) -> str:
    """The settings in a line: the case, and what was changed from it."""
    made = "; ".join(f"{name} {before} → {now}" for name, before, now in changes(scenario))
    case = cases()[scenario.case].label
    return f"Settings: the case {case}, {f'with {made}' if made else 'as it is'}."


def caution(band: str) -> str:
    """What the projection is not, and how good the prediction interval was."""
    return f"{NO_FORECAST} {wording.limits(band, coverage())}" if band == "errors" else NO_FORECAST


def used(scenario: Scenario) -> list[str]:
    """Ids of the sources behind a projection, in the order of data/sources.csv."""
    known = load_evidence()
    own = known.case_settings[known.case_settings.case == scenario.case]
    on = known.switches[known.switches.switch.isin(scenario.events)]
    parts = [own, on, known.settings, known.cases[known.cases.case == scenario.case]]
    parts += [known.addressable, known.concern, known.incumbents, known.migrants, known.descent]
    parts += [known.constants]
    parts += [
        table[table.origin == scenario.origin] for table in (known.totals, known.installed_base)
    ]
    return ids(pd.concat([part.source_id for part in parts]))


def seen(answer: Answer, outside: str) -> list[str]:
    """Ids of the sources of the observed figures that the chart shows."""
    observed = observed_totals(outside)
    return ids(observed[observed.year.between(answer.times[0] - 1, answer.times[-1])].source_id)


def ids(cells: pd.Series) -> list[str]:
    """The source ids in some cells, in the order of data/sources.csv."""
    found = {one for cell in cells for one in cell.split(";")}
    return [one for one in load_evidence().sources.source_id if one in found]


@lru_cache(maxsize=4)
def by_row(origin: str) -> dict[tuple[str, str], str]:
    """Ids of the sources of each (market, platform): what is given there, joined by ";".

    The total is EX-CHINA. Concern, people born in China and people of Chinese descent count for
    WeChat only; of an established messenger only its share and people online are given.
    """
    known = load_evidence()
    base = known.installed_base[known.installed_base.origin == origin]
    totals = known.totals[known.totals.origin == origin].assign(market="EX-CHINA")
    given = [known.addressable, known.incumbents]
    for_wechat = [known.concern, known.migrants, known.descent]
    tables = [base, totals, *(table.assign(platform=ESTABLISHED) for table in given)]
    tables += [table.assign(platform=name) for table in given for name in PLATFORMS]
    tables += [table.assign(platform=PLATFORMS[0]) for table in for_wechat]
    whole = pd.concat([table[["market", "platform", "source_id"]] for table in tables])
    return {
        key: ";".join(ids(rows)) for key, rows in whole.groupby(["market", "platform"]).source_id
    }
