"""A reader's own figures of users, from a CSV file, beside the projection.

date,users,platform
2016-06-30,48,WeChat
2017Q2,171,LINE

date : a day, a month (2016-06), a quarter (2016Q2) or a year; a period counts as its end
users : million people;  platform : WeChat where the column is missing
"""

import re
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
NAMED = 5  # bad rows that are named; the others are counted
COLUMNS = ("date", "users", "platform")
DATE = re.compile(r"(19|20)[0-9]{2}([- ]?Q[1-4]|-[0-9]{2}(-[0-9]{2})?)?")


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
    figures: dict[tuple[str, float], tuple[int, Figure]] = {}
    wrong: list[str] = []
    for number, cells in rows:
        try:
            if len(cells) < len(names) or any(cells[len(names) :]):
                hint = "; a number with a comma needs quotes" if len(cells) > len(names) else ""
                raise SettingError(f"expected {len(names)} values, found {len(cells)}{hint}")
            one = _figure(dict(zip(names, cells, strict=False)))
            row, first = figures.setdefault((one.platform, one.time), (number, one))
            if row != number:
                raise SettingError(f"date {one.date!r} is the same as {first.date!r} in row {row}")
        except SettingError as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        more = f"; {len(wrong) - NAMED} more rows are wrong too" if len(wrong) > NAMED else ""
        raise SettingError("; ".join(wrong[:NAMED]) + more)
    # tables have the newest first
    return tuple(sorted((one for _, one in figures.values()), key=lambda one: one.time))


def _figure(cells: dict[str, str]) -> Figure:
    """The figure of one row; raises SettingError that names the value."""
    platform, text = cells.get("platform", PLATFORMS[0]), cells["users"]
    known = {name.lower(): name for name in PLATFORMS}
    if platform.lower() not in known:
        raise SettingError(f"platform {platform[:40]!r} is not one of {', '.join(PLATFORMS)}")
    users = float(text) if NUMBER.fullmatch(text) else np.nan
    if not 0 <= users <= MOST_USERS:
        limits = f"a number of million users from 0 to {MOST_USERS:,}, like 48.5"
        raise SettingError(f"users {text[:40]!r} is not {limits}")
    date = cells["date"]
    return Figure(platform=known[platform.lower()], date=date, time=_time(date), users=users)


def _time(text: str) -> float:
    """The end of a day, month, quarter or year as a decimal year."""
    try:
        if not DATE.fullmatch(text):
            raise ValueError
        day = pd.Period(text.replace(" ", "")).end_time.date()
    except ValueError:  # of pandas: there is no 30 February
        known = "a day like 2016-06-30, a month, a quarter like 2016Q2 or a year"
        raise SettingError(f"date {text[:40]!r} is not {known}") from None
    return float(day_years(pd.Series([day]))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a projection does against figures.

    known : figures within the time of the projection;  beyond : the others
    inside : known ones inside the 80% range, which includes past error
    miss : the median factor between projection and figure, at least 1; 0 if none is above 0
    """

    known: int
    beyond: int
    inside: int
    miss: float


def score(figures: tuple[Figure, ...], answer: Answer) -> Score:
    """How the line and the range of an answer do against figures."""
    ends = (answer.total.line, answer.total.low, answer.total.high)
    known = [one for one in figures if answer.times[0] <= one.time <= answer.times[-1]]
    inside, factors = 0, []
    for one in known:
        k = PLATFORMS.index(one.platform)
        line, low, high = (float(np.interp(one.time, answer.times, path[:, k])) for path in ends)
        inside += low <= one.users <= high
        if one.users > 0 < line:
            factors.append(max(line / one.users, one.users / line))
    return Score(
        known=len(known),
        beyond=len(figures) - len(known),
        inside=inside,
        miss=float(np.median(factors)) if factors else 0.0,
    )
