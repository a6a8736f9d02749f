"""The sentences of Share and of what can be downloaded there."""

from collections.abc import Iterable

from model.scenario.scenario import Scenario, cases, changed
from pages.parts.wording.scenarios import happens

QUESTION = "How far could WeChat go outside China, against LINE and KakaoTalk?"
NO_FORECAST = "A simulation, not a forecast: it shows what the settings imply."
USERS = "Million people abroad; who uses two apps counts in both"
TITLE = "Title (optional, shown above the answer)"
LINK = "Copy link"
FILES = (
    "Report: two pages to print. Worksheet: a page of questions for a class and one of answers. "
    "Page to take away: one file with the chart and two live sliders, which works without a "
    "network."
)
MODELLERS = "For modellers"
TABS = {  # under "For modellers": name and note of each text
    "Complete link": "With every value, the number shown and its data: it tells its reader if "
    "these have changed.",
    "Embed": "A frame with the answer and the chart, for another page.",
    "Command": "Prints the numbers of this page, in a copy of the project.",
    "Notebook": "Prints users and range at the end, in the folder of the project.",
    "API": "Where the page is served with its API: every market and quarter as CSV (.json too), "
    "the chart as a picture, and the number with its range for running text.",
    "Cite": "The project has no DOI.",
}
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

PAGE = {  # sentences of the page to take away, with the gaps that its script fills
    "axis": "Million users abroad, square-root scale",
    "answer": "About {users} WeChat users abroad by {end}",
    "reach": "Four runs in five: {range}. Ahead of LINE in {line}, of KakaoTalk in {kakao}.",
    "cost": "Without security concern about {free}: concern costs {cost}.",
    "gain": "Without security concern about {free}: concern brings {cost}.",
    "nobody": "Nobody worries about security here.",
    "reset": "Back to the scenario",
}
PAGE_LEGEND = (
    "Lines: the middle of 256 runs of the model. Shaded: four runs in five of WeChat. Hollow "
    "marks: published figures; thick bars: our own reading, where only a range is known."
)
PAGE_NOTE = (
    "This file works without a network: it holds answers of the model and draws a smooth curve "
    "between them. The line is within 1.5% of the model, nearly all ends of its range within 5%. "
    "All other settings stay as they are below."
)
NO_SCRIPT = "The chart and the two sliders need JavaScript."
MADE = "Made on {date} with data of {data}."
FULL = "Change all settings on the full page"


def rules(events: Iterable[tuple[float, str]]) -> str:
    """The names of the events that are thin rules on the page to take away."""
    names = "; ".join(name for _, name in events)
    return f"Thin rules, from the left: {names}." if names else ""


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
