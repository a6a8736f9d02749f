"""Reads data/ and checks it against model/evidence/schema.py.

Every table is read as text and converted here, so that a blank cell stays a blank. An error names
the file, the row (the line in the file, the header being line 1), the value and what was expected.
"""

import csv
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from model.evidence.schema import (
    EXAMPLES,
    KEYS,
    MARKET_TABLES,
    MAY_BE_BLANK,
    NUMBERS,
    PATTERNS,
    RANGES,
    REFERENCES,
    column_marks,
    limits,
)

DATA = Path(__file__).resolve().parents[2] / "data"


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
    descent: pd.DataFrame
    reference_class: pd.DataFrame
    concern_effects: pd.DataFrame
    constants: pd.DataFrame
    installed_base: pd.DataFrame
    totals: pd.DataFrame
    observed: pd.DataFrame
    dated_events: pd.DataFrame
    story: pd.DataFrame
    switches: pd.DataFrame
    article: pd.DataFrame
    fits: pd.DataFrame
    fit_correlations: pd.DataFrame
    fit_summary: pd.DataFrame
    backtest: pd.DataFrame
    record: pd.DataFrame
    record_leaders: pd.DataFrame
    error_spread: pd.DataFrame
    sources: pd.DataFrame


def read_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """One table of data/, its cells checked and converted, indexed by line."""
    rows = _read_rows(name, folder)
    marks = column_marks(name)
    header = rows.pop(1, [])
    for found, expected in zip_longest(header, marks, fillvalue=""):
        if found != expected:
            raise DataError(
                f"data/{name}.csv, row 1: expected column {expected!r}, found {found!r}"
            )
    if not rows:
        raise DataError(f"data/{name}.csv has no rows")
    for line, row in rows.items():
        if len(row) != len(marks):
            raise DataError(
                f"data/{name}.csv, row {line}: expected {len(marks)} values, found {len(row)}"
            )
    text = pd.DataFrame(rows.values(), index=list(rows), columns=list(marks), dtype=str)
    table = pd.DataFrame({column: _cells(text, name, column) for column in marks})
    if name in KEYS and (again := table.duplicated(KEYS[name])).any():
        key = text[KEYS[name]].agg(", ".join, axis=1)
        _refuse(again, name, "", key, "appears again")
    return table


def _read_rows(name: str, folder: Path) -> dict[int, list[str]]:
    """Line -> the texts of its cells, without blank lines."""
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise DataError(f"data/{name}.csv is missing") from None
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"data/{name}.csv cannot be read: {error}") from None
    return dict(lines)


def _cells(text: pd.DataFrame, name: str, column: str) -> pd.Series:
    """The cells of one column as its mark says: text, or numbers with NaN for a blank."""
    mark, cells = column_marks(name)[column], text[column].str.strip()
    blank = cells.eq("")
    if mark not in MAY_BE_BLANK or not mark:
        _refuse(blank, name, column, cells, "is blank")
    if mark not in NUMBERS:
        return cells
    least, most = limits(name, column, mark)
    number = pd.to_numeric(cells.where(~blank), errors="coerce")
    right = number.between(least, most) & (number.abs() < float("inf"))
    span = f"from {least:g} to {most:g}" if most < float("inf") else f"of at least {least:g}"
    problem = f"is not a number {span}" if least > float("-inf") else "is not a number"
    _refuse(~right & ~blank, name, column, cells, problem)
    return number


def _refuse(bad: pd.Series, name: str, column: str, cells: pd.Series, problem: str) -> None:
    """Raise DataError for the first bad cell, if there is one."""
    if bad.any():
        line = bad.idxmax()
        cell = f"{cells[line]:g}" if isinstance(cells[line], float) else cells[line]
        value = f"{column} {cell!r}".strip()
        raise DataError(f"data/{name}.csv, row {line}: {value} {problem}")


def read_evidence(folder: Path = DATA) -> Evidence:
    """All tables of `folder`, each cell and each cross-reference checked."""
    tables = {field.name: read_table(field.name, folder) for field in fields(Evidence)}
    for place, pattern in PATTERNS.items():
        name, column = place.split(".")
        cells = tables[name][column]
        expected = EXAMPLES.get(pattern, f"one of {pattern.replace('|', ', ')}")
        bad = cells.ne("") & ~cells.str.fullmatch(pattern)
        _refuse(bad, name, column, cells, f"is not {expected}")
    for place, (target, others, separator) in REFERENCES.items():
        name, column = place.split(".")
        cells, (listing, listed) = tables[name][column], target.split(".")
        known = {*tables[listing][listed], *others}
        parts = cells.map(lambda cell, by=separator: cell.split(by) if by else [cell])
        bad = cells.ne("") & ~parts.map(known.issuperset)
        _refuse(bad, name, column, cells, f"is not in data/{listing}.csv, column {listed}")
    for name, column, least, most in RANGES:
        table = tables[name]
        low, high = table[least].fillna(0), table[most].fillna(float("inf"))
        outside = ~table[column].between(low, high)
        line = outside.idxmax()
        problem = f"is outside its range, expected {low[line]:g} to {high[line]:g}"
        _refuse(outside, name, column, table[column], problem)
    switches = tables["switches"]
    undated = switches.effect.isin(["marketing", "access"]) & switches.quarter.eq("")
    _refuse(undated, "switches", "quarter", switches.quarter, "is blank, expected a quarter")
    _check_complete(tables)
    return Evidence(**tables)


def _check_complete(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError where a market lacks a row that the projection needs."""
    base = tables["installed_base"]
    needed = {f"data/{name}.csv has no row for": tables[name] for name in MARKET_TABLES}
    for total in tables["totals"].itertuples():
        rows = base[(base.origin == total.origin) & (base.platform == total.platform)]
        needed[f"data/installed_base.csv has no row for {total.origin}, {total.platform},"] = rows
    for problem, rows in needed.items():
        missing = sorted({*tables["markets"].market} - {*rows.market})
        if missing:
            raise DataError(f"{problem} market {missing[0]!r}")


@lru_cache(maxsize=1)
def load_evidence() -> Evidence:
    """The project's own evidence, read once."""
    return read_evidence()


@lru_cache(maxsize=1)
def constants() -> dict[str, float]:
    """Every constant by name, in the unit of its row."""
    table = load_evidence().constants
    return dict(zip(table.name, table.value.astype(float), strict=True))
