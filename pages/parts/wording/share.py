"""The sentences of Share and of what can be downloaded there."""

from collections.abc import Iterable

from model.scenario.scenario import Scenario, cases, changed
from pages.parts.wording.scenarios import happens

QUESTION = "How far could WeChat go outside China, against LINE and KakaoTalk?"
NO_FORECAST = "A simulation, not a forecast: it shows what the settings imply."
USERS = "Million people abroad; who uses two apps counts in both"
TITLE = "Title (optional, shown above the answer)"
LINK = "**Link to this page as it is**, with every value, the number shown and its data"
COMMAND = "Both print the numbers of this page from a copy of the project."
LEGEND = (
    "Dashed: the projection, the middle of 256 runs. Shaded: WeChat's ranges, darker half of the "
    "runs, both shades 80% of them; brackets at the right: the same of LINE and KakaoTalk, cut off "
    "at the top of the chart. Past forecast errors are part of the runs. Hollow marks: observed; "
    "thick bars: where only a range is known. On the square-root scale small numbers can be read."
)

GRADES = {
    "A": "company filing, official statistics or refereed paper",
    "B": "company figure in the press",
    "C": "third-party estimate or survey",
    "D": "assumption or our own reading",
}
TITLES = "Titles, dates and addresses of all: in the workbook, and under Sources and figures."


def left_out(letters: int) -> str:
    """That letters of the title are not in a picture; empty if all are."""
    many = "1 letter" if letters == 1 else f"{letters} letters"
    return f"Left out: {many} of the title, which no font of the server has." if letters else ""


def settings(scenario: Scenario, changes: Iterable[tuple[str, str, str]]) -> str:
    """The case and the settings that differ from it: their labels and values, before and now."""
    values = "; ".join(f"{name} {before} → {now}" for name, before, now in changes)
    case = cases()[scenario.case].label
    return f"Settings: the case {case}, {f'with {values}' if values else 'as it is'}."


def events(scenario: Scenario) -> str:
    """The events of the scenario, and whether they differ from the case."""
    mark = " (changed)" if "events" in changed(scenario) else ""
    return f"On the way{mark}: {happens(scenario)}."


def rests_on(data: str, producers: Iterable[str], count: int) -> str:
    """Data version, producers of the observed figures, and the number of sources behind."""
    observed = f" Observed: {names}." if (names := ", ".join(producers)) else ""
    return (
        f"Data of {data}.{observed} The projection rests on {count} sources, which the report of "
        "the page names."
    )
