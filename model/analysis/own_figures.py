"""A reader's own figures of users, from a CSV file, beside the projection.

date,users,platform
2016-06-30,48,WeChat
2017Q2,171,LINE

date : a day, a month (2016-06), a quarter (2016Q2, Q2 2016) or a year; a period counts as its end
users : million people;  platform : WeChat where the column is missing
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.quarters import day_years
from model.scenario.csv_files import csv_rows
from model.scenario.settings import NUMBER, SettingError

MOST_BYTES = 100_000
MOST_ROWS = 500
MOST_USERS = 10_000  # million people
FIRST, LAST = 1990, 2100  # years
NAMED = 5  # bad rows that are named; the others are counted
COLUMNS = ("date", "users", "platform")
YEAR = r"['’]?(?P<year>\d{4}|\d\d)"
CLOCK = r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?)"
ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))"
DATES = {  # of each form the letter that pandas has for its period
    r"(?P<year>\d{4})[-/ ]?Q(?P<quarter>[1-4])": "Q",
    rf"Q(?P<quarter>[1-4])[-/ ]?{YEAR}": "Q",
    rf"(?P<quarter>[1-4])Q[-/ ]?{YEAR}": "Q",
    r"(?P<year>\d{4})(?:\.0)?": "Y",
    r"(?P<year>\d{4})(?P<month>\d\d)": "M",
    r"(?P<year>\d{4})[-/](?P<month>\d\d?)": "M",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)": "D",
    rf"(?P<year>\d{{4}})([-/])(?P<month>\d\d?)\2(?P<day>\d\d?)(?:{CLOCK}{ZONE}?)?": "D",
}
SPACES = " \u00a0\u202f'’"  # between thousands, besides comma and point
GROUPS = re.compile(rf"[1-9]\d{{0,2}}([,.{SPACES}])\d{{3}}(\1\d{{3}})*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: `time` is a decimal year, `users` million people."""

    platform: str
    date: str
    time: float
    users: float


def read_figures(data: bytes) -> tuple[Figure, ...]:
    """The figures of a CSV file in order of time.

    Raises SettingError with one sentence that names the bad rows (the lines of the file).
    """
    if len(data) > MOST_BYTES:
        raise SettingError(f"it has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    (first, header), *rows = [*csv_rows(data)] or [(0, [])]
    if not header:
        raise SettingError("it is empty; expected the columns date and users, optionally platform")
    names = [cell.lower() for cell in header]
    for name in COLUMNS:
        if names.count(name) != 1 and (name in names or name != "platform"):
            found = ", ".join(repr(cell[:20]) for cell in header[:6])
            raise SettingError(f"row {first}: expected one column {name}, found {found}")
    if not rows:
        raise SettingError(f"row {first + 1}: there is no figure below the names of the columns")
    if len(rows) > MOST_ROWS:
        raise SettingError(f"it has {len(rows):,} rows; at most {MOST_ROWS} are read")
    return _figures(names, rows)


def _figures(names: list[str], rows: list[tuple[int, list[str]]]) -> tuple[Figure, ...]:
    """The figures of all rows; raises SettingError with the first bad rows."""
    figures: list[Figure] = []
    wrong: list[str] = []
    seen: dict[tuple[str, float], str] = {}
    place = names.index("users")
    mark = _decimal_mark([cells[place] for _, cells in rows if len(cells) > place])
    for number, cells in rows:
        try:
            if len(cells) < len(names) or any(cells[len(names) :]):
                hint = "; a number with a comma needs quotes" if len(cells) > len(names) else ""
                raise SettingError(f"expected {len(names)} values, found {len(cells)}{hint}")
            one = _figure(dict(zip(names, cells, strict=False)), mark)
            if before := seen.get((one.platform, one.time)):
                raise SettingError(f"date {one.date!r} is the same as {before}")
            seen[one.platform, one.time] = f"{one.date!r} in row {number}"
            figures.append(one)
        except SettingError as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        more = f"; {len(wrong) - NAMED} more rows are wrong too" if len(wrong) > NAMED else ""
        raise SettingError("; ".join(wrong[:NAMED]) + more)
    return tuple(sorted(figures, key=lambda one: one.time))  # tables have the newest first


def _figure(cells: dict[str, str], mark: str) -> Figure:
    """The figure of one row; raises SettingError that names the value."""
    platform = cells.get("platform", PLATFORMS[0])
    known = {name.lower(): name for name in PLATFORMS}
    if platform.lower() not in known:
        raise SettingError(f"platform {platform[:40]!r} is not one of {', '.join(PLATFORMS)}")
    users, date = _users(cells["users"], mark), cells["date"]
    return Figure(platform=known[platform.lower()], date=date, time=_time(date), users=users)


def _decimal_mark(cells: Sequence[str]) -> str:
    """The decimal mark that a column shows: 48.5 a point, 48,5 a comma, 48 and 1,234 none ("")."""
    for mark, other in (".,", ",."):
        form = rf"(\d+|\d{{1,3}}([{other}{SPACES}]\d{{3}})+)[{mark}]\d+"
        if any(re.fullmatch(form, cell) and not GROUPS.fullmatch(cell) for cell in cells):
            return mark
    return ""


def _users(text: str, mark: str) -> float:
    """A number of million users; raises SettingError for another or one that may be two.

    mark : the decimal mark that its column shows, if it shows one
    """
    whole, point, decimals = text.partition(mark or ".")
    number = f"{whole}.{decimals}" if point else whole
    if groups := GROUPS.fullmatch(whole):
        number = number.replace(groups[1], "", whole.count(groups[1]))
        if groups[1] == "," and not mark and whole.count(",") == 1:
            either = f"{number} or {whole.replace(',', '.')}"
            raise SettingError(f"users {text!r} may be {either}; write it without a comma")
    users = float(number) if NUMBER.fullmatch(number) else np.nan
    if not 0 <= users <= MOST_USERS:
        limits = f"a number of million users from 0 to {MOST_USERS:,}"
        raise SettingError(f"users {text[:40]!r} is not {limits}")
    return users


def _time(text: str) -> float:
    """The end of a day, month, quarter or year as a decimal year."""
    forms = [
        (letter, found.groupdict())
        for form, letter in DATES.items()
        if (found := re.fullmatch(form, text, re.ASCII | re.IGNORECASE))
    ]
    try:
        [(letter, texts)] = forms
        parts = {name: int(part) for name, part in texts.items()}
        if parts["year"] < 100:  # the '14 of Q1 '14
            parts["year"] += 1900 if parts["year"] >= FIRST % 100 else 2000
        if not FIRST <= parts["year"] <= LAST:
            raise ValueError
        datetime.date(parts["year"], parts.get("month", 1), parts.get("day", 1))  # pandas goes on
        day = pd.Period(freq=letter, **parts).end_time.date().isoformat()
    except ValueError:
        raise SettingError(
            f"date {text[:40]!r} is not a day like 2016-06-30, a month, a quarter like 2016Q2 or a "
            f"year from {FIRST} to {LAST}"
        ) from None
    return float(day_years(pd.Series([day]))[0])


def scores(figures: tuple[Figure, ...], answer: Answer) -> pd.DataFrame:
    """Each figure beside the projection at its date; outside the projection's time nothing is.

    columns : platform, date, users, projected, low, high (million people; missing outside),
        inside (yes, no or ""), ratio (projected over observed). The range includes past error
    """
    table = pd.DataFrame([(one.platform, one.date, one.users) for one in figures])
    table.columns = ["platform", "date", "users"]
    paths = {"projected": answer.total.line, "low": answer.total.low, "high": answer.total.high}
    for name, path in paths.items():
        table[name] = [
            np.interp(
                one.time, answer.times, path[:, PLATFORMS.index(one.platform)], np.nan, np.nan
            )
            for one in figures
        ]
    inside = np.where(table.users.between(table.low, table.high), "yes", "no")
    table["inside"] = np.where(table.projected.isna(), "", inside)
    table["ratio"] = table.projected / table.users.mask(table.users == 0)
    return table
