"""A reader's own figures of users, from a CSV file, beside the projection.

date,users,platform
2016-06-30,48,WeChat
2017Q2,171,LINE

date : a day, a month (2016-06), a quarter (2016Q2) or a year; a period counts as its end
users : million people;  platform : WeChat where the column is missing
"""

import csv
import io
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.quarters import day_years
from model.scenario.settings import SettingError

MOST_BYTES = 100_000
MOST_ROWS = 500
MOST_USERS = 10_000  # million people
FIRST, LAST = 1990, 2100  # years
NAMED = 5  # bad rows that are named; the others are counted
COLUMNS = ("date", "users", "platform")
DATES = {  # of each form the letter that pandas has for its period
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}": "D",
    r"[0-9]{4}-[0-9]{2}": "M",
    r"[0-9]{4}Q[1-4]": "Q",
    r"[0-9]{4}": "Y",
}
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{0,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: `time` is a decimal year, `users` million people."""

    platform: str
    date: str
    time: float
    users: float


def read_figures(data: bytes) -> tuple[Figure, ...]:
    """The figures of a CSV file, in its order; raises SettingError that names the bad rows."""
    if len(data) > MOST_BYTES:
        raise SettingError(f"it has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    try:
        text = data.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingError(f"it is not a CSV file ({error})") from None
    if not lines or not any(map(str.strip, lines[0])):
        raise SettingError("it is empty; expected the columns date and users, optionally platform")
    names = [cell.strip().lower() for cell in lines[0]]
    for name in COLUMNS[:2]:
        if names.count(name) != 1:
            has = ", ".join(repr(cell[:20]) for cell in lines[0][:6])
            raise SettingError(f"row 1: expected one column {name}, found {has}")
    rows = [(number, cells) for number, cells in enumerate(lines[1:], 2) if any(cells)]
    if not rows:
        raise SettingError("row 2: there is no figure below the names of the columns")
    if len(rows) > MOST_ROWS:
        raise SettingError(f"it has {len(rows):,} rows; at most {MOST_ROWS} are read")
    return _figures(names, rows)


def _figures(names: list[str], rows: list[tuple[int, list[str]]]) -> tuple[Figure, ...]:
    """The figures of all rows; raises SettingError with the first bad rows."""
    figures: list[Figure] = []
    wrong: list[str] = []
    latest: dict[str, Figure] = {}
    for number, cells in rows:
        try:
            one = _figure(dict(zip(names, map(str.strip, cells), strict=False)))
            before = latest.get(one.platform)
            if before and one.time <= before.time:
                raise SettingError(f"date {one.date!r} does not come after {before.date!r}")
        except SettingError as error:
            wrong.append(f"row {number}: {error}")
            continue
        figures.append(one)
        latest[one.platform] = one
    if wrong:
        more = f"; {len(wrong) - NAMED} more rows are wrong too" if len(wrong) > NAMED else ""
        raise SettingError("; ".join(wrong[:NAMED]) + more)
    return tuple(figures)


def _figure(cells: dict[str, str]) -> Figure:
    """The figure of one row; raises SettingError that names the value."""
    date, users = cells.get("date", ""), cells.get("users", "")
    platform = cells.get("platform", PLATFORMS[0])
    known = {name.lower(): name for name in PLATFORMS}
    if platform.lower() not in known:
        raise SettingError(f"platform {platform[:40]!r} is not one of {', '.join(PLATFORMS)}")
    if not NUMBER.fullmatch(users) or not 0 <= float(users) <= MOST_USERS:
        limits = f"a number of million users from 0 to {MOST_USERS:,}"
        raise SettingError(f"users {users[:40]!r} is not {limits}")
    time = _time(date)
    return Figure(platform=known[platform.lower()], date=date, time=time, users=float(users))


def _time(text: str) -> float:
    """The end of a day, month, quarter or year as a decimal year."""
    form = next((letter for form, letter in DATES.items() if re.fullmatch(form, text)), None)
    try:
        if form is None or not FIRST <= int(text[:4]) <= LAST:
            raise ValueError
        day = pd.Period(text, freq=form).end_time.date().isoformat()
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
    rows = []
    for one in figures:
        k = PLATFORMS.index(one.platform)
        is_within = answer.times[0] - 1e-9 <= one.time <= answer.times[-1] + 1e-9
        projected, low, high = (
            float(np.interp(one.time, answer.times, path[:, k])) if is_within else np.nan
            for path in (answer.path, answer.error_low, answer.error_high)
        )
        inside = ("yes" if low <= one.users <= high else "no") if is_within else ""
        ratio = projected / one.users if one.users else np.nan
        rows.append((one.platform, one.date, one.users, projected, low, high, inside, ratio))
    columns = ["platform", "date", "users", "projected", "low", "high", "inside", "ratio"]
    return pd.DataFrame(rows, columns=columns)


def score_sentence(table: pd.DataFrame) -> str:
    """How many of the figures lie inside the range, and how far the projection is off."""
    known = table[table.inside != ""]
    outside = len(table) - len(known)
    lie = "lies" if outside == 1 else "lie"
    beyond = f" {outside} {lie} outside the time of the projection." if outside else ""
    if known.empty:
        return f"None of your figures lies within the time of the projection.{beyond}"
    inside = int((known.inside == "yes").sum())
    ratios = known.ratio[known.ratio > 0]
    off = f" The median miss is a factor of {np.exp(np.abs(np.log(ratios)).median()):.2g}."
    return (
        f"**{inside} of {len(known)}** of your figures lie inside the range."
        f"{off if len(ratios) else ''}{beyond}"
    )
