"""The sentences of Share, of what can be downloaded there, and of what other programs read."""

from collections.abc import Iterable

from model.analysis.bands import Answer
from model.evidence import data_version
from model.number_text import range_text, two_digits, users_text
from model.quarters import month_text
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings
from pages.parts.wording import answer as wording
from pages.parts.wording.page import TITLE as PAGE_TITLE
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

IS_HIDDEN = "The address asks for a guess first (guess=first): without it the answer is shown"
NO_QUARTER = "at: {!r} is not a quarter from {} to {}"
PROGRAMS = """\
# {title}

> {question} {caution}

{answer}

## Answers by address

Each takes the words of the page's address, such as ?case=hard-line&wechat=160&at=2020Q4.

- [The answer in words]({base}api/answer.md)
- [Picture]({base}api/chart.png), [as SVG]({base}api/chart.svg)
- [The number with its range, for running text]({base}api/number.svg)
- [Worksheet with an answer key]({base}api/worksheet.html), two pages to print
- [Every market and quarter]({base}api/project.csv), and as .json

## Words of an address

- case: {cases}
- at: the quarter of the answer, as 2020Q4
{settings}
"""


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


def in_text(answer: Answer) -> str:
    """The answer within a sentence of somebody else: "55 million (21 to 260) by March 2024"."""
    users, low, high = map(two_digits, wording.at_end(answer.total))
    ends = range_text(low, high).removesuffix(" million")
    return f"{users_text(users)} ({ends}) by {month_text(answer.times[-1])}"


def source(base: str) -> str:
    """The line below a picture; base : address of the page."""
    return f"{NO_FORECAST} Data of {data_version()}. {base}"


def for_programs(answer: Answer, base: str) -> str:
    """The page for programs that read (llms.txt): its answer, and the addresses of all others."""
    return PROGRAMS.format(
        title=PAGE_TITLE,
        question=QUESTION,
        caution=NO_FORECAST,
        answer=wording.sentence(answer),
        base=base,
        cases=", ".join(f"{name} ({one.label})" for name, one in cases().items()),
        settings="\n".join(
            f"- {one.name}: {one.label}, {one.format_range(one.low, one.high)}"
            for one in all_settings().values()
        ),
    )
