"""Reads data/ by the types and constraints of data/datapackage.json.

The form is a Data Package (https://specs.frictionlessdata.io/data-package/). An error names the
file, the row (the line in the file, the header being line 1), the value and what was expected.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data"
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
EXAMPLES = {r"\d{4}Q[1-4]": "a quarter such as 2014Q1", DAY.pattern: "a date such as 2014-03-31"}
FOR_EVERY_MARKET = ("addressable", "concern", "incumbents", "migrants", "descent")
NAMED = ("settings", "parameters")  # either has what NAMING name in their column `setting`
NAMING = ("case_settings", "fits")
MAKE = "`python -m model calibrate` makes it anew"


class DataError(ValueError):
    """A file in data/ is missing or wrong; the message names file, row and value."""


class Evidence(SimpleNamespace):
    """Every table of data/datapackage.json by its name, and `content`, a hash of all files."""

    def with_tables(self, **tables: pd.DataFrame) -> Self:
        """The same with other tables in place of its own."""
        return type(self)(**vars(self) | tables)


@lru_cache(maxsize=1)
def _resources() -> dict[str, dict[str, Any]]:
    """Table -> its description in data/datapackage.json."""
    try:
        package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
        return {one["name"]: one for one in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"data/datapackage.json cannot be read: {error!r}") from None


def read_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """One table of data/, its cells checked and converted, indexed by line."""
    where, schema = f"data/{name}.csv", _resources()[name]["schema"]
    rows = _rows(folder, name)
    header, columns = rows.pop(min(rows, default=1), []), _columns(name)
    if header != columns:
        wrong = f"expected the columns {', '.join(columns)}, found {', '.join(header)}"
        raise DataError(f"{where}, row 1: {wrong}")
    if not rows:
        raise DataError(f"{where} has no rows")
    for line, row in rows.items():
        if len(row) != len(columns):
            raise DataError(f"{where}, row {line}: expected {len(columns)} cells, found {len(row)}")
    cells = zip(schema["fields"], zip(*rows.values(), strict=True), strict=True)
    values = {one["name"]: _values(where, one, [*rows], column) for one, column in cells}
    table = pd.DataFrame(values, index=[*rows])
    if key := schema.get("primaryKey"):
        for line in table.index[table.duplicated(key)]:
            again = ", ".join(map(str, table.loc[line, key]))
            raise DataError(f"{where}, row {line}: {again!r} appears again")
    return table


def _columns(name: str) -> list[str]:
    return [field["name"] for field in _resources()[name]["schema"]["fields"]]


def _rows(folder: Path, name: str) -> dict[int, list[str]]:
    """Line -> cells of the rows of a table that have a value, the header first."""
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
            return dict(rows)
    except FileNotFoundError:
        raise DataError(f"data/{name}.csv is missing") from None
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"data/{name}.csv cannot be read: {error}") from None


def _values(
    where: str, field: dict[str, Any], lines: list[int], cells: tuple[str, ...]
) -> list[str] | list[float]:
    """The cells of one column as its field says: text, or numbers with NaN for a blank."""
    is_required = field.get("constraints", {}).get("required")
    is_right, problem = _rule(field)
    for line, cell in zip(lines, cells, strict=True):
        if not is_right(cell) if cell else is_required:
            value = f"{field['name']} {cell!r} {problem if cell else 'is blank'}"
            raise DataError(f"{where}, row {line}: {value}")
    if field["type"] != "number":
        return list(cells)
    are_whole = all(cell.removeprefix("-").isdigit() for cell in cells)
    return [int(cell) if are_whole else _number(cell) for cell in cells]


def _rule(field: dict[str, Any]) -> tuple[Callable[[str], object], str]:
    """Whether a cell that is not blank is right for its field, and what a wrong one is called."""
    rules = field.get("constraints", {})
    if field["type"] == "number":
        least, most = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
        limits = f" from {least:g} to {most:g}" if most < math.inf else f" of at least {least:g}"
        problem = f"is not a number{limits if least > -math.inf else ''}"
        return lambda cell: least <= _number(cell) <= most, problem
    if allowed := rules.get("enum"):
        return allowed.__contains__, f"is not one of {', '.join(allowed)}"
    pattern = DAY.pattern if field["type"] == "date" else rules.get("pattern", "(?s:.*)")
    return re.compile(pattern).fullmatch, f"is not {EXAMPLES.get(pattern, pattern)}"


def _number(cell: str) -> float:
    """The finite number in a cell, NaN if there is none."""
    try:
        number = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def read_evidence(folder: Path = DATA, *, only_inputs: bool = False) -> Evidence:
    """All tables of `folder`.

    only_inputs : leave the tables that `calibrate` makes unread and empty, because it must be able
        to make them anew when they are damaged
    """
    tables, content = {}, hashlib.sha256()
    for name in sorted(_resources()):
        count = _resources()[name].get("rows")
        if count and only_inputs:
            tables[name] = pd.DataFrame(columns=_columns(name))
            continue
        try:
            tables[name] = read_table(name, folder)
            if count not in (None, len(tables[name])):
                wrong = f"has {len(tables[name])} rows, expected {count}"
                raise DataError(f"data/{name}.csv {wrong}")
        except DataError as error:
            raise DataError(f"{error}; {MAKE}" if count else error) from None
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")  # line ends differ by system
        content.update(f"{name}.csv\n{text}\n".encode())
    for name, table in tables.items():
        for key in _resources()[name]["schema"].get("foreignKeys", []):
            known = tables[key["reference"]["resource"]][key["reference"]["fields"][0]]
            _check_reference(name, table[key["fields"][0]], known, [key["reference"]["resource"]])
    names = pd.concat([tables[name].name for name in NAMED])
    if twice := names[names.duplicated()].tolist():
        raise DataError(f"data/{NAMED[1]}.csv: {twice[0]!r} is in data/{NAMED[0]}.csv too")
    for name in NAMING:
        _check_reference(name, tables[name].setting, names, NAMED)
    _check_complete(tables)
    return Evidence(**tables, content=content.hexdigest())


def _check_reference(name: str, cells: pd.Series, known: pd.Series, listing: Sequence[str]) -> None:
    """Raise DataError for the first cell of a table whose value the tables `listing` lack."""
    lists = " or ".join(f"data/{one}.csv" for one in listing)
    for line in cells.index[~cells.isin(["", *known])]:
        wrong = f"{cells.name} {cells[line]!r} is not in {lists}"
        raise DataError(f"data/{name}.csv, row {line}: {wrong}")


def _check_complete(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError for the first market without a row that the projection needs."""
    base, needed = tables["installed_base"], {name: tables[name] for name in FOR_EVERY_MARKET}
    for total in tables["totals"].itertuples():
        rows = base[(base.origin == total.origin) & (base.platform == total.platform)]
        needed[f"installed_base.csv has no row for {total.origin}, {total.platform},"] = rows
    for name, table in needed.items():
        problem = name if " " in name else f"{name}.csv has no row for"
        if missing := sorted({*tables["markets"].market} - {*table.market}):
            raise DataError(f"data/{problem} market {missing[0]!r}")


_choice: dict[str, Any] = {}  # of this process, how to read the evidence


@lru_cache(maxsize=1)
def load_evidence() -> Evidence:
    """The project's own evidence, read once."""
    return read_evidence(**_choice)


def use_only_inputs() -> None:
    """Have this process read no table that `calibrate` makes; before anything else is read."""
    _choice["only_inputs"] = True


class _Constants(dict[str, float]):
    """Constants by name."""

    def __missing__(self, name: str) -> float:
        raise DataError(f"data/constants.csv has no row for {name}")


@lru_cache(maxsize=1)
def constants() -> Mapping[str, float]:
    """Every constant by name, in the unit of its row; DataError for one that is missing."""
    table = load_evidence().constants
    return _Constants(zip(table.name, table.value.astype(float), strict=True))


@lru_cache(maxsize=1)
def data_version() -> str:
    """Newest day in the data and six digits of a hash of all files: "2026-02-10.3f9a2c".

    Of the data as they were read: what happens to the files of a server that runs counts once it
    is started again.
    """
    known = load_evidence()
    days = [*known.sources.date_published, *known.observed.published]
    return f"{max(day for day in days if DAY.fullmatch(day))}.{known.content[:6]}"
