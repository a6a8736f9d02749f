"""The evidence: reads and checks data/, and refuses what it cannot trust.

Every table is read as text and converted here, so that a blank cell stays a blank and is named
by file, row (the line in the file, the header being line 1) and value in the message.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from model.evidence.schema import COLUMNS, DATE, KEYS, MARKS, RANGED, WORDS

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
    """One table of data/, its cells checked, indexed by line; DataError names file and row."""
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise DataError(f"data/{name}.csv is missing") from None
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"data/{name}.csv cannot be read: {error}") from None
    wanted = [column.rstrip(MARKS) for column in COLUMNS[name].split()]
    rows = dict(lines)
    header = rows.pop(1, [])
    if header != wanted:
        pairs = zip_longest(header, wanted, fillvalue="")
        found, column = next(pair for pair in pairs if pair[0] != pair[1])
        raise DataError(f"data/{name}.csv, row 1: column {found!r} where {column!r} belongs")
    if not rows:
        raise DataError(f"data/{name}.csv has no rows")
    for line, row in rows.items():
        if len(row) != len(wanted):
            said = f"{len(row)} values under {len(wanted)} columns, the last {row[-1]!r}"
            raise DataError(f"data/{name}.csv, row {line}: {said}")
    table = pd.DataFrame(rows.values(), index=list(rows), columns=wanted, dtype=str)
    for column in COLUMNS[name].split():
        table[column.rstrip(MARKS)] = _cells(table, name, column)
    keys = KEYS.get(name)
    if keys and table.duplicated(keys).any():
        row = table[table.duplicated(keys)].iloc[0]
        value = ", ".join(str(row[key]) for key in keys)
        raise DataError(f"data/{name}.csv, row {row.name}: {value!r} is there twice")
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
        line = bad.index[bad.to_numpy().argmax()]
        raise DataError(f"data/{name}.csv, row {line}: {column} {str(cells[line])!r} {why}")


def read_evidence(folder: Path = DATA) -> Evidence:
    """All tables of `folder`, each cell and each cross-reference checked."""
    tables = {field.name: read_table(field.name, folder) for field in fields(Evidence)}
    known = set(tables["sources"].source_id)
    for name, table in tables.items():
        if "source_id" in table and name != "sources":
            _check(tables, name, "source_id", lambda ids: set(ids.split(";")) <= known, "source")
        if "market" in table and name not in ("markets", "concern_effects"):
            markets = {*tables["markets"].market, *(["EX-CHINA"] if name == "record" else [])}
            _check(tables, name, "market", markets.__contains__, "market")
        for column in {"published", "date"} & set(table):
            dated = table[column].map(lambda cell: bool(re.fullmatch(DATE, cell)))
            _refuse(~dated, name, column, table[column], "is not a date, expected 2014-03-31")
    for place, words in WORDS.items():
        name, column = place.split(".")
        _check(tables, name, column, re.compile(words).fullmatch, "word here")
    _complete(tables)
    _ranged(tables)
    surveyed = {"ALL", *tables["markets"].market}
    _check(
        tables, "concern_effects", "market", lambda ids: set(ids.split(";")) <= surveyed, "market"
    )
    origins = set(tables["installed_base"].origin)
    known_as = {
        "case_settings.case": set(tables["cases"].case),
        "case_settings.setting": set(tables["settings"].name),
        "cases.origin": origins,
        "totals.origin": origins,
        "dated_events.switch": {"", *tables["switches"].switch},
    }
    for place, values in known_as.items():
        name, column = place.split(".")
        _check(tables, name, column, values.__contains__, column)
    on = {"none", "all", *tables["switches"].switch}
    _check(tables, "cases", "events", lambda text: set(text.split("+")) <= on, "switch")
    where = {"ALL", "ABROAD", *tables["markets"].market}
    _check(tables, "switches", "markets", where.__contains__, "market")
    dated = tables["switches"].effect.isin(["marketing", "access"])
    _refuse(
        dated & tables["switches"].quarter.eq(""),
        "switches",
        "quarter",
        tables["switches"].quarter,
        "is blank",
    )
    _refuse(tables["switches"]["size"] > 1, "switches", "size", _written(tables), "is over 1")
    return Evidence(**tables)


def _written(tables: dict[str, pd.DataFrame]) -> pd.Series:
    """The sizes of the switches as they are written in the file."""
    return tables["switches"]["size"].map("{:g}".format)


def _check(
    tables: dict[str, pd.DataFrame],
    name: str,
    column: str,
    valid: Callable[[str], bool],
    what: str,
) -> None:
    """Raise DataError for the first cell of a column that names something unknown."""
    cells = tables[name][column]
    bad = ~cells.map(lambda cell: bool(valid(cell)))
    _refuse(bad, name, column, cells, f"is not a known {what}")


def _complete(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError where a market lacks what the projection needs of it."""
    markets = set(tables["markets"].market)
    for name in ("addressable", "concern", "incumbents", "migrants", "descent"):
        missing = sorted(markets - set(tables[name].market))
        if missing:
            raise DataError(f"data/{name}.csv has no row for market {missing[0]!r}")
    base = tables["installed_base"]
    for total in tables["totals"].itertuples():
        rows = base[(base.origin == total.origin) & (base.platform == total.platform)]
        missing = sorted(markets - set(rows.market))
        if missing:
            raise DataError(
                f"data/installed_base.csv has no row for {total.origin}, {total.platform}, "
                f"{missing[0]!r}"
            )


def _ranged(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError for the first value outside its range, and for a range that cannot be."""
    for name, column, least, most in RANGED:
        table = tables[name]
        low, high = table[least].fillna(0), table[most].fillna(float("inf"))
        out = (table[column] < low) | (table[column] > high)
        if out.any():
            line = out.index[out.to_numpy().argmax()]
            expected = f"is outside its range, expected {low[line]:g} to {high[line]:g}"
            _refuse(out, name, column, table[column].map("{:g}".format), expected)
    share, people = tables["incumbents"].high, tables["descent"].descent_millions
    _refuse(share > 100, "incumbents", "high", share.map("{:g}".format), "is over 100%")
    _refuse(
        people == 0,
        "descent",
        "descent_millions",
        people.map("{:g}".format),
        "is not positive, expected at least 0.001",
    )


@lru_cache(maxsize=1)
def load_evidence() -> Evidence:
    """The project's own evidence, read once."""
    return read_evidence()


@lru_cache(maxsize=1)
def constants() -> dict[str, float]:
    """Every constant by name, in the unit of its row."""
    table = load_evidence().constants
    return dict(zip(table.name, table.value.astype(float), strict=True))
