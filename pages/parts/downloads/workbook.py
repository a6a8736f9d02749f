"""The workbook: the answer, users by quarter and market, settings and sources as XLSX.

Every text is written as text, so that no title from somebody else's link is a formula or a link.
The same scenario gives the same bytes: the file is dated by the data, not by the clock.
"""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from numpy.typing import NDArray

from model.analysis import bands
from model.evidence import DAY, data_version, load_evidence
from model.messengers import PLATFORMS
from model.number_text import six_digits
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import all_settings
from pages.parts.downloads.provenance import sources_of, statements
from pages.parts.wording import markets as words

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
THREE_DIGITS = "[>=99.95]0;[>=9.995]0.0;0.00"  # as users are shown; the cell keeps six digits
USERS = ("Quarters", "Markets")  # sheets of users
LONGEST_CELL = 32_767  # characters that a cell can hold
SOURCE_COLUMNS = ["source_id", "producer", "title", "date_published", "url", "grade", "locator"]

Rows = Iterable[Iterable[Any]]


def workbook_xlsx(scenario: Scenario, title: str, link: str) -> bytes:
    """A workbook with the sheets Answer, Quarters, Markets, Settings and Sources.

    title : as typed;  link : complete address of the page
    """
    answer = bands.answer(scenario)
    whole = statements(scenario, answer, title, link)
    sources = sources_of(scenario)[SOURCE_COLUMNS]
    sheets = {
        "Answer": [
            ("name", "text"),
            *((name, text.replace("**", "")) for name, text in whole.items()),
        ],
        "Quarters": [QUARTER_COLUMNS, *_quarters(answer)],
        "Markets": _markets(answer),
        "Settings": [SETTING_COLUMNS, *_settings(scenario)],
        "Sources": [SOURCE_COLUMNS, *sources.astype(str).to_numpy()],
    }
    file = BytesIO()
    import xlsxwriter  # not for the first screen

    with xlsxwriter.Workbook(file, TEXT_ONLY) as book:
        day = DAY.match(data_version())
        book.set_properties({"created": datetime.fromisoformat(day[0] if day else "2014-03-13")})
        bold, users = (
            book.add_format(look) for look in ({"bold": True}, {"num_format": THREE_DIGITS})
        )
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]) - 1, 18)
            for number, row in enumerate(rows):
                _write(sheet, number, row, bold if not number else users if name in USERS else None)
        book.get_worksheet_by_name("Answer").set_column(1, 1, 100)
    return file.getvalue()


def _write(sheet: Any, number: int, cells: Iterable[Any], style: Any = None) -> None:
    """Write a row: numbers as numbers of six digits, everything else as text."""
    for column, value in enumerate(cells):
        if isinstance(value, float | int):
            sheet.write_number(number, column, six_digits(value), style)
        else:
            sheet.write_string(number, column, value[:LONGEST_CELL], style)


QUARTER_COLUMNS = [
    "quarter",
    "platform",
    "users, million people",
    *("low, 80% range", "low, 50% range", "high, 50% range", "high, 80% range"),
]


def _quarters(answer: bands.Answer) -> Rows:
    """A row for each quarter and platform: line and ranges, million people."""
    columns = [getattr(answer.total, name) for name in ("line", *bands.RANGES)]
    for t, time in enumerate(answer.times):
        for k, name in enumerate(PLATFORMS):
            yield [quarter_name(time), name, *(float(values[t, k]) for values in columns)]


def _markets(answer: bands.Answer) -> list[Iterable[Any]]:
    """Names of columns, then each market at the end: line and 80% range of each messenger, million.

    Then what is in one market or another, nobody knows which, and all of them, so that the sums of
    the sheet add up.
    """
    known, end = load_evidence().markets.set_index("market").name, quarter_name(answer.times[-1])
    closing = words.UNPLACED, words.ALL
    columns: dict[str, list[Any]] = {
        "market": [*answer.names, "", bands.EVERYWHERE],
        "name": [*(known[market] for market in answer.names), *closing],
        "quarter": [end] * (len(answer.names) + 2),
    }

    def add(name: str, users: NDArray, whole: float) -> None:
        rest = six_digits(whole) - sum(map(six_digits, users))
        columns[name] = [*map(float, users), rest, float(whole)]

    ends, others = answer.market_ends, answer.established
    for k, name in enumerate(PLATFORMS):
        add(f"{name}, million", ends.line[k], ends.line[k].sum() + answer.unplaced[k])
        columns |= {f"{name} {of}": [*getattr(ends, of)[k], "", ""] for of in ("low", "high")}
    for of, head in (("line", ", million"), ("low", " low"), ("high", " high")):
        columns[f"{bands.ESTABLISHED}{head}"] = [*getattr(others, of), "", ""]
    add("WeChat lost to concern, million", answer.lost, answer.cost.line)
    return [list(columns), *zip(*columns.values(), strict=True)]


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
