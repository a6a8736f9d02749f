"""The evidence: reads and checks data/, and refuses what it cannot trust.

Every table is read as text and converted here, so that a blank cell stays a blank and is named
by file, row (the line in the file, the header being line 1) and value in the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parent.parent / "data"
PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
PLATFORM_KEYS = ("wechat", "line", "kakao")  # the same as the settings call them
LINE_KEY = ("JPN", "TWN", "THA", "IDN")  # LINE's four key markets, as the company calls them
HOME_TURF = {"WeChat": (), "LINE": LINE_KEY, "KakaoTalk": ("KOR",)}
HOME = {"WeChat": None, "LINE": "JPN", "KakaoTalk": "KOR"}  # WeChat's home is not a market here

MARKS = "#%~!?"
# file -> its columns; a trailing mark says what a cell must be:
# # number >= 0, % number from 0 to 100, ~ number or blank, ! any number, ? text or blank
COLUMNS = {
    "settings": "name label value low~ high~ step~ unit prior_low~ prior_high~ scale? drawn group "
    "source_id note",
    "cases": "case label origin events source_id story",
    "case_settings": "case setting value# source_id note",
    "markets": "market name region bloc leader_2014 leader_2014_evidence leader_latest "
    "leader_latest_year?",
    "addressable": "market year# population_millions# internet_pct% addressable_millions# status "
    "published source_id",
    "concern": "market year# unfavourable# privacy# concern# status published source_id",
    "incumbents": "market year# share_pct% messenger basis published source_id",
    "migrants": "market year# china_born# published note? source_id",
    "installed_base": "origin platform market value_millions# low# high# basis note source_id",
    "totals": "origin platform geography value_millions# low# high# basis note source_id",
    "observed": "series platform geography metric date quarter published value# low~ high~ unit "
    "grade source_id note?",
    "events": "date platform markets kind summary switch? source_id",
    "switches": "switch label quarter? platform markets effect size# source_id",
    "article": "fact said value~ unit? place source_id",
    "fits": "fit setting value# spread# informed#",
    "fit_correlations": "fit setting other correlation!",
    "fit_summary": "fit fingerprint cost# observations# converged validity",
    "sources": "source_id producer title date_published url grade locator",
}
KEYS = {
    "settings": ["name"],
    "cases": ["case"],
    "case_settings": ["case", "setting"],
    "markets": ["market"],
    "addressable": ["market", "year"],
    "concern": ["market", "year"],
    "incumbents": ["market", "year"],
    "migrants": ["market", "year"],
    "installed_base": ["origin", "platform", "market"],
    "totals": ["origin", "platform"],
    "observed": ["series", "date", "metric", "value"],
    "switches": ["switch"],
    "fits": ["fit", "setting"],
    "fit_correlations": ["fit", "setting", "other"],
    "fit_summary": ["fit"],
    "sources": ["source_id"],
}


class DataError(ValueError):
    """A file in data/ is missing or wrong; the message names file, row and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Every table of data/, checked; columns and units are described in data/README.md."""

    settings: pd.DataFrame
    cases: pd.DataFrame
    case_settings: pd.DataFrame
    markets: pd.DataFrame
    addressable: pd.DataFrame
    concern: pd.DataFrame
    incumbents: pd.DataFrame
    migrants: pd.DataFrame
    installed_base: pd.DataFrame
    totals: pd.DataFrame
    observed: pd.DataFrame
    events: pd.DataFrame
    switches: pd.DataFrame
    article: pd.DataFrame
    fits: pd.DataFrame
    fit_correlations: pd.DataFrame
    fit_summary: pd.DataFrame
    sources: pd.DataFrame


def read_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """One table of data/ as a frame, its cells checked; raises DataError with file and row."""
    path = folder / f"{name}.csv"
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"data/{name}.csv is missing") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"data/{name}.csv cannot be read: {str(error).strip()}") from None
    wanted = [column.rstrip(MARKS) for column in COLUMNS[name].split()]
    if list(table.columns) != wanted:
        wrong = sorted(set(wanted) ^ set(table.columns)) or list(table.columns)
        raise DataError(f"data/{name}.csv, row 1: wrong columns, look at {', '.join(wrong)}")
    if table.empty:
        raise DataError(f"data/{name}.csv has no rows")
    for column in COLUMNS[name].split():
        table[column.rstrip(MARKS)] = _cells(table, name, column)
    keys = KEYS.get(name)
    if keys and table.duplicated(keys).any():
        row = int(table.duplicated(keys).to_numpy().argmax())
        value = ", ".join(str(table.loc[row, key]) for key in keys)
        raise DataError(f"data/{name}.csv, row {row + 2}: {value!r} is there twice")
    return table


def _cells(table: pd.DataFrame, name: str, column: str) -> pd.Series:
    """The cells of one column, converted as the mark at its end says."""
    mark, column = (column[-1], column[:-1]) if column[-1] in MARKS else ("", column)
    cells = table[column].str.strip()
    if mark == "?":
        return cells
    blank = cells.eq("")
    if mark != "~":
        _refuse(blank, name, column, cells, "is blank")
    if mark == "":
        return cells
    number = pd.to_numeric(cells.where(~blank), errors="coerce")
    finite = number.abs() < float("inf")
    _refuse(~finite & ~blank, name, column, cells, "is not a number")
    if mark == "!":
        return number
    _refuse(number < 0, name, column, cells, "is negative")
    if mark == "%":
        _refuse(number > 100, name, column, cells, "is over 100%")
    return number


def _refuse(bad: pd.Series, name: str, column: str, cells: pd.Series, why: str) -> None:
    """Raise DataError for the first bad cell, if there is one."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(f"data/{name}.csv, row {row + 2}: {column} {cells[row]!r} {why}")


def read_evidence(folder: Path = DATA) -> Evidence:
    """All tables of `folder`, each cell and each cross-reference checked."""
    tables = {field.name: read_table(field.name, folder) for field in fields(Evidence)}
    known = set(tables["sources"].source_id)
    for name, table in tables.items():
        if "source_id" in table and name != "sources":
            _check(tables, name, "source_id", lambda ids: set(ids.split(";")) <= known, "source")
        for column in ("market",) if name != "markets" else ():
            if column in table:
                markets = set(tables["markets"].market)
                _check(tables, name, column, markets.__contains__, "market")
    for name in ("installed_base", "totals"):
        _check(tables, name, "platform", PLATFORMS.__contains__, "platform")
    cases, settings = set(tables["cases"].case), set(tables["settings"].name)
    _check(tables, "case_settings", "case", cases.__contains__, "case")
    _check(tables, "case_settings", "setting", settings.__contains__, "setting")
    _complete(tables)
    return Evidence(**tables)


def _check(
    tables: dict[str, pd.DataFrame],
    name: str,
    column: str,
    valid: Callable[[str], bool],
    what: str,
) -> None:
    """Raise DataError for the first cell of a column that names something unknown."""
    cells = tables[name][column]
    bad = ~cells.map(valid).astype(bool)
    _refuse(bad, name, column, cells, f"is not a known {what}")


def _complete(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError where a market lacks what the projection needs of it."""
    markets = set(tables["markets"].market)
    for name in ("addressable", "concern", "incumbents", "migrants"):
        missing = sorted(markets - set(tables[name].market))
        if missing:
            raise DataError(f"data/{name}.csv has no row for market {missing[0]!r}")
    base = tables["installed_base"]
    for (origin, platform), rows in base.groupby(["origin", "platform"]):
        missing = sorted(markets - set(rows.market))
        if missing:
            raise DataError(
                f"data/installed_base.csv has no row for {origin}, {platform}, {missing[0]!r}"
            )


@lru_cache(maxsize=1)
def evidence() -> Evidence:
    """The project's own evidence, read once."""
    return read_evidence()
