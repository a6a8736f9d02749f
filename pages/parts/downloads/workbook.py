"""The workbook: the answer, users by quarter and market, settings and sources as XLSX.

Every text is written as text, so that no title from somebody else's link is a formula or a link.
The same scenario gives the same bytes: the file is dated by the data, not by the clock.
"""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from model.analysis import bands
from model.evidence.reader import load_evidence
from model.evidence.version import DAY, data_version
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario import take_away
from model.scenario.links import clean_title
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import all_settings
from pages.parts import wording
from pages.parts.downloads import provenance

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DIGITS = 6  # decimals of million people, as in the CSV
TEXT_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
LONGEST_CELL = 32_767  # characters that a cell can hold
SOURCE_COLUMNS = ["source_id", "producer", "title", "date_published", "url", "grade", "locator"]

Rows = Iterable[Iterable[Any]]


def workbook_xlsx(scenario: Scenario, title: str, link: str) -> bytes:
    """A workbook with the sheets Answer, Quarters, Markets, Settings and Sources.

    title : as typed;  link : complete address of the page
    """
    answer = bands.answer(scenario)
    sheets = {
        "Answer": (["", ""], _answer(scenario, answer, (title, link))),
        "Quarters": (QUARTER_COLUMNS, _quarters(answer)),
        "Markets": (_market_columns(), _markets(answer)),
        "Settings": (SETTING_COLUMNS, _settings(scenario)),
        "Sources": (SOURCE_COLUMNS, _sources(scenario, answer)),
    }
    file = BytesIO()
    import xlsxwriter  # not for the first screen

    with xlsxwriter.Workbook(file, TEXT_ONLY) as book:
        day = DAY.match(data_version())
        book.set_properties({"created": datetime.fromisoformat(day[0] if day else "2014-03-13")})
        bold = book.add_format({"bold": True})
        for name, (head, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            if any(head):
                sheet.freeze_panes(1, 0)
            _write(sheet, 0, head, bold)
            for number, row in enumerate(rows, 1 if any(head) else 0):
                _write(sheet, number, row)
            sheet.set_column(0, len(list(head)) - 1, 18)
        book.get_worksheet_by_name("Answer").set_column(1, 1, 100)
    return file.getvalue()


def _write(sheet: Any, number: int, cells: Iterable[Any], style: Any = None) -> None:
    """Write a row: numbers as numbers, everything else as text."""
    for column, value in enumerate(cells):
        if isinstance(value, float | int):
            sheet.write_number(number, column, value, style)
        else:
            sheet.write_string(number, column, value[:LONGEST_CELL], style)


def _answer(scenario: Scenario, answer: bands.Answer, asked: tuple[str, str]) -> Rows:
    """Name and text of what the workbook says and rests on.

    asked : title and link
    """
    title, link = asked
    return [
        ("Question", provenance.QUESTION),
        ("Title", clean_title(title)),
        ("Answer", wording.sentence(answer).replace("**", "")),
        ("Cost of concern", wording.cost(answer, scenario).replace("**", "")),
        ("Caution", provenance.caution()),
        ("Settings", provenance.settings(scenario)),
        ("Events", provenance.events(scenario)),
        ("Users", "Million people abroad; who uses two apps counts in both"),
        ("Data", data_version()),
        ("Page", link),
        ("Command", take_away.command_line(scenario)),
        ("Cite as", take_away.citation()),
    ]


QUARTER_COLUMNS = [
    "quarter",
    "platform",
    "users, million people",
    "low, 80% range with past forecast error",
    "high, 80% range with past forecast error",
]


def _quarters(answer: bands.Answer) -> Rows:
    """A row for each quarter and platform: line and range, million people."""
    for t, time in enumerate(answer.times):
        for k, name in enumerate(PLATFORMS):
            numbers = (
                float(round(values[t, k], DIGITS))
                for values in (answer.path, answer.error_low, answer.error_high)
            )
            yield [quarter_name(time), name, *numbers]


def _market_columns() -> list[str]:
    """Names of the columns of the sheet of markets."""
    names = [*PLATFORMS, bands.ESTABLISHED]
    columns = [f"{name}{end}" for name in names for end in (", million", " low", " high")]
    return ["market", "name", "quarter", *columns, "WeChat lost to concern, million"]


def _markets(answer: bands.Answer) -> Rows:
    """A row for each market at the end: line and 80% band of each messenger, million people."""
    known = load_evidence().markets.set_index("market").name
    end = quarter_name(answer.times[-1])
    others = (answer.established, answer.established_low, answer.established_high)
    for m, market in enumerate(answer.names):
        numbers = [
            values[k, m]
            for k in range(len(PLATFORMS))
            for values in (answer.markets[-1], answer.market_low, answer.market_high)
        ]
        numbers += [values[-1, m] for values in others]
        numbers.append(answer.lost[m])
        yield [market, known[market], end, *(float(round(x, DIGITS)) for x in numbers)]


SETTING_COLUMNS = [
    *("setting", "label", "value", "value of the case", "unit", "lowest", "highest"),
    *("source_id", "note"),
]


def _settings(scenario: Scenario) -> Rows:
    """A row for the case, the start and the events, and for each numeric setting."""
    start = case(scenario.case)
    label = cases()[scenario.case].label
    for name, now, before in (
        ("case", scenario.case, label),
        ("origin", scenario.origin, start.origin),
        ("events", " ".join(scenario.events), " ".join(start.events)),
    ):
        yield [name, "", now, before]
    for name, setting in all_settings().items():
        values = (scenario[name], start[name], setting.unit, setting.low, setting.high)
        yield [name, setting.label, *values, setting.source_id, setting.note]


def _sources(scenario: Scenario, answer: bands.Answer) -> Rows:
    """A row for each source behind the projection and the observed figures."""
    used = {*provenance.used(scenario), *provenance.observed(answer)}
    table = load_evidence().sources
    return table.loc[table.source_id.isin(used), SOURCE_COLUMNS].astype(str).to_numpy().tolist()
