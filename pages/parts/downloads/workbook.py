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
from model.evidence import data_version, load_evidence
from model.messengers import PLATFORMS
from model.number_text import six_digits
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import all_settings
from pages.parts.downloads.provenance import sources_of, statements
from pages.parts.wording import markets as words

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
THREE_DIGITS = "[>=99.95]0;[>=9.995]0.0;0.00"  # as users are shown; the cell keeps six digits
USERS = ("Quarters", "Markets")  # sheets of users
LONGEST_CELL = 32_767  # characters that a cell can hold
SOURCE_COLUMNS = ["source_id", "producer", "title", "date_published", "url", "grade", "locator"]

Rows = list[Iterable[Any]]


def workbook_xlsx(scenario: Scenario, title: str, link: str) -> bytes:
    """A workbook with the sheets Answer, Quarters, Markets, Settings and Sources.

    title : as typed;  link : complete address of the page
    """
    answer = bands.answer(scenario)
    whole = statements(scenario, answer, title, link)
    sources = sources_of(scenario)[SOURCE_COLUMNS]
    texts = [(name, text.replace("**", "")) for name, text in whole.items()]
    sheets: dict[str, Rows] = {
        "Answer": [("name", "text"), *texts],
        "Quarters": _quarters(answer),
        "Markets": _markets(answer),
        "Settings": _settings(scenario),
        "Sources": [SOURCE_COLUMNS, *sources.astype(str).to_numpy()],
    }
    file = BytesIO()
    import xlsxwriter  # not for the first screen

    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.fromisoformat(data_version()[:10])})
        bold, users = map(book.add_format, ({"bold": True}, {"num_format": THREE_DIGITS}))
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]) - 1, 18)
            for number, row in enumerate(rows):
                _write(sheet, number, row, bold if not number else users if name in USERS else None)
        book.get_worksheet_by_name("Answer").set_column(1, 1, 100)
    return file.getvalue()


def _write(sheet: Any, number: int, cells: Iterable[Any], style: Any) -> None:
    """Write a row: numbers as numbers of six digits, everything else as text."""
    for column, value in enumerate(cells):
        if isinstance(value, float | int):
            sheet.write_number(number, column, six_digits(value), style)
        else:
            sheet.write_string(number, column, value[:LONGEST_CELL], style)


def _quarters(answer: bands.Answer) -> Rows:
    """The head, and a row for each quarter and platform: line and ranges, million people."""
    ranges = ["low, 80% range", "low, 50% range", "high, 50% range", "high, 80% range"]
    columns = [getattr(answer.total, name) for name in ("line", *bands.RANGES)]
    rows = [
        [quarter_name(time), name, *(float(values[t, k]) for values in columns)]
        for t, time in enumerate(answer.times)
        for k, name in enumerate(PLATFORMS)
    ]
    return [["quarter", "platform", "users, million people", *ranges], *rows]


def _markets(answer: bands.Answer) -> Rows:
    """The head, then each market at the end: line and 80% range of each messenger, million.

    Then what is in one market or another, nobody knows which, and all of them, so that the sums of
    the sheet add up.
    """
    known, end = load_evidence().markets.set_index("market").name, quarter_name(answer.times[-1])
    columns: dict[str, list[Any]] = {
        "market": [*answer.names, "", bands.EVERYWHERE],
        "name": [*(known[market] for market in answer.names), words.UNPLACED, words.ALL],
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


def _settings(scenario: Scenario) -> Rows:
    """The head, then a row for the case, the start, the events, and each numeric setting."""
    head = ["setting", "label", "value", "value of the case", "unit", "lowest", "highest"]
    start = case(scenario.case)
    rows: Rows = [
        [*head, "source_id", "note"],
        ["case", "", scenario.case, cases()[scenario.case].label],
        ["origin", "", scenario.origin, start.origin],
        ["events", "", " ".join(scenario.events), " ".join(start.events)],
    ]
    for name, setting in all_settings().items():
        values = (scenario[name], start[name], setting.unit, setting.low, setting.high)
        rows.append([name, setting.label, *values, setting.source_id, setting.note])
    return rows
