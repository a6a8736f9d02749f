"""Reads data/ and checks it against the form that data/datapackage.json gives.

The form is a Data Package (https://specs.frictionlessdata.io/data-package/) with three terms of our
own: `lists` is a reference whose cells may join several values or hold an extra word; `ranges`
names a value that must lie between two others of its row; `rows` is the number of rows of a table
that `python -m model calibrate` makes.

Every table is read as text and converted here, so that a blank cell stays a blank. An error names
the file, the row (the line in the file, the header being line 1), the value and what was expected.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, zip_longest
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"
DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
EXAMPLES = {r"\d{4}Q[1-4]": "a quarter such as 2014Q1", DATE: "a date such as 2014-03-31"}
MAKE = "`python -m model calibrate` makes it anew"
FOR_EVERY_MARKET = ("addressable", "concern", "incumbents", "migrants", "descent")


class DataError(ValueError):
    """A file in data/ is missing or wrong; the message names file, row and value."""


class Evidence(SimpleNamespace):
    """Every table of data/datapackage.json by its name, checked.

    Columns and units are described in data/README.md. `content` is a hash of all files.
    """

    def with_tables(self, **tables: pd.DataFrame) -> Self:
        """The same with other tables in place of its own."""
        return type(self)(**vars(self) | tables)


@lru_cache(maxsize=1)
def _resources() -> dict[str, dict[str, Any]]:
    """Table -> its description in data/datapackage.json."""
    try:
        package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
        kept = ("schema", "rows")
        return {one["name"]: {key: one.get(key) for key in kept} for one in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"data/datapackage.json cannot be read: {error!r}") from None


def schemas() -> dict[str, dict[str, Any]]:
    """Table -> its schema: fields, primaryKey, foreignKeys, lists, ranges."""
    return {name: resource["schema"] for name, resource in _resources().items()}


def made() -> dict[str, int]:
    """The tables that `python -m model calibrate` makes, each with its number of rows."""
    return {name: one["rows"] for name, one in _resources().items() if one["rows"] is not None}


def read_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """One table of data/, its cells checked and converted, indexed by line."""
    rows, schema = _read_rows(name, folder), schemas()[name]
    columns = [field["name"] for field in schema["fields"]]
    for found, expected in zip_longest(rows.pop(1, []), columns, fillvalue=""):
        if found != expected:
            wrong = f"expected column {expected!r}, found {found!r}"
            raise DataError(f"data/{name}.csv, row 1: {wrong}")
    if not rows:
        raise DataError(f"data/{name}.csv has no rows")
    for line, row in rows.items():
        if len(row) != len(columns):
            wrong = f"expected {len(columns)} values, found {len(row)}"
            raise DataError(f"data/{name}.csv, row {line}: {wrong}")
    lines, cells = list(rows), dict(zip(columns, zip(*rows.values(), strict=True), strict=True))
    values = {field["name"]: _values(cells, lines, name, field) for field in schema["fields"]}
    table = pd.DataFrame(values, index=lines)
    if key := schema.get("primaryKey"):
        keys = list(zip(*(cells[column] for column in key), strict=True))
        again = table.duplicated(key)
        _refuse(again, lines, name, "", [", ".join(texts) for texts in keys], "appears again")
    return table


def _read_rows(name: str, folder: Path) -> dict[int, list[str]]:
    """Line -> the texts of its cells, without blank lines."""
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except FileNotFoundError:
        raise DataError(f"data/{name}.csv is missing") from None
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"data/{name}.csv cannot be read: {error}") from None
    return dict(lines)


def _values(
    table: Mapping[str, Sequence[str]], lines: Sequence[int], name: str, field: dict[str, Any]
) -> list[str] | list[float]:
    """The cells of one column as its field says: text, or numbers with NaN for a blank."""
    column, constraints = field["name"], field.get("constraints", {})
    cells = table[column]

    def check(is_right: Callable[[str], object], problem: str) -> None:
        wrong = [bool(cell) and not is_right(cell) for cell in cells]
        _refuse(wrong, lines, name, column, cells, problem)

    if "required" in constraints:
        _refuse([not cell for cell in cells], lines, name, column, cells, "is blank")
    if field["type"] != "number":
        pattern = DATE if field["type"] == "date" else constraints.get("pattern")
        if allowed := constraints.get("enum"):
            check({*allowed}.__contains__, f"is not one of {', '.join(allowed)}")
        elif pattern:
            check(re.compile(pattern).fullmatch, f"is not {EXAMPLES.get(pattern, pattern)}")
        return list(cells)
    least, most = constraints.get("minimum", -math.inf), constraints.get("maximum", math.inf)
    limits = f" from {least:g} to {most:g}" if most < math.inf else f" of at least {least:g}"
    problem = f"is not a number{limits if least > -math.inf else ''}"
    check(lambda cell: math.isfinite(_number(cell)) and least <= _number(cell) <= most, problem)
    are_whole = all(cell.removeprefix("-").isdigit() for cell in cells)
    return [int(cell) if are_whole else _number(cell) for cell in cells]


def _number(cell: str) -> float:
    """The number in a cell, NaN if there is none."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        return math.nan


def _refuse(
    bad: Iterable[bool],
    lines: Sequence[int],
    name: str,
    column: str,
    cells: Sequence[object],
    problem: str,
) -> None:
    """Raise DataError for the first bad cell, if there is one."""
    first = next((i for i, is_bad in enumerate(bad) if is_bad), None)
    if first is not None:
        cell = f"{cells[first]:g}" if isinstance(cells[first], float) else cells[first]
        value = f"{column} {cell!r}".strip()
        raise DataError(f"data/{name}.csv, row {lines[first]}: {value} {problem}")


def read_evidence(folder: Path = DATA, *, only_inputs: bool = False) -> Evidence:
    """All tables of `folder`, each cell and each cross-reference checked.

    only_inputs : leave the tables that `calibrate` makes unread and empty, because it must be able
        to make them anew when they are damaged
    """
    left_out = [*made()] if only_inputs else []
    tables = {}
    for name in schemas():
        if name in left_out:
            continue
        try:
            tables[name] = read_table(name, folder)
        except DataError as error:
            raise DataError(f"{error}; {MAKE}" if name in made() else error) from None
    content = hashlib.sha256()
    for name in sorted(tables):
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")  # line ends differ by system
        content.update(f"{name}.csv\n{text}\n".encode())
    for name in tables:
        schema = schemas()[name]
        for reference in [*schema.get("foreignKeys", []), *schema.get("lists", [])]:
            _check_reference(tables, name, reference)
        for names in schema.get("ranges", []):
            _check_range(tables[name], name, names)
    switches = tables["switches"]
    undated = switches.effect.isin(["marketing", "access"]) & switches.quarter.eq("")
    quarters = switches.quarter.tolist()
    problem = "is blank, expected a quarter"
    _refuse(undated, switches.index, "switches", "quarter", quarters, problem)
    _check_complete(tables)
    if not only_inputs:
        _check_made(tables)
    for name in left_out:
        columns = [field["name"] for field in schemas()[name]["fields"]]
        tables[name] = pd.DataFrame(columns=columns)
    return Evidence(**tables, content=content.hexdigest())


def _check_range(table: pd.DataFrame, name: str, names: dict[str, str]) -> None:
    """Raise DataError for the first value outside the range that its row gives."""
    value, low, high = (table[names[end]].tolist() for end in ("value", "low", "high"))
    for line, x, least, most in zip(table.index, value, low, high, strict=True):
        least, most = (0 if math.isnan(least) else least), (math.inf if math.isnan(most) else most)
        if not least <= x <= most:
            problem = f"is outside its range, expected {least:g} to {most:g}"
            _refuse([True], [line], name, names["value"], [x], problem)


def _check_reference(tables: dict[str, pd.DataFrame], name: str, reference: dict[str, Any]) -> None:
    """Raise DataError for the first cell whose value another table does not list."""
    [column], separator = reference["fields"], reference.get("separator")
    listing, [listed] = reference["reference"]["resource"], reference["reference"]["fields"]
    cells, known = tables[name][column].tolist(), {*tables[listing][listed]}
    known |= {*reference.get("others", [])}
    bad = [
        cell != "" and not known.issuperset(cell.split(separator) if separator else [cell])
        for cell in cells
    ]
    problem = f"is not in data/{listing}.csv, column {listed}"
    _refuse(bad, tables[name].index, name, column, cells, problem)


def _check_complete(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError where a market lacks a row that the projection needs."""
    base, totals = tables["installed_base"], tables["totals"]
    known = {*zip(totals.origin, totals.platform, strict=True)}
    for origin, platform in zip(base.origin, base.platform, strict=True):
        if (origin, platform) not in known:
            raise DataError(f"data/totals.csv has no row for {origin}, {platform}")
    needed = {f"data/{name}.csv has no row for": tables[name] for name in FOR_EVERY_MARKET}
    for total in totals.itertuples():
        rows = base[(base.origin == total.origin) & (base.platform == total.platform)]
        needed[f"data/installed_base.csv has no row for {total.origin}, {total.platform},"] = rows
    for problem, rows in needed.items():
        missing = sorted({*tables["markets"].market} - {*rows.market})
        if missing:
            raise DataError(f"{problem} market {missing[0]!r}")


def _check_made(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError where a table that `calibrate` makes lacks a row."""
    fits, pairs = tables["fits"], tables["fit_correlations"]
    settings = {*zip(fits.fit, fits.setting, strict=True)}
    named = [*zip(pairs.fit, pairs.setting, strict=True), *zip(pairs.fit, pairs.other, strict=True)]
    by_fit = fits.groupby("fit", sort=False).setting
    both = [(fit, *pair) for fit, own in by_fit for pair in combinations(own, 2)]
    known = {*zip(pairs.fit, pairs.other, pairs.setting, strict=True)}
    longest = int(tables["settings"].set_index("name").high["horizon"])
    quarters = [(f"{ahead} quarters ahead",) for ahead in range(1, 4 * longest + 1)]
    spread = {(f"{ahead:g} quarters ahead",) for ahead in tables["error_spread"].horizon_quarters}
    summaries = {(fit,) for fit in tables["fit_summary"].fit}
    rows: dict[str, tuple[list, set]] = {  # table -> the rows that it must have, those that it has
        "fits": (named, settings),
        "fit_correlations": (both, known),
        "fit_summary": ([(fit,) for fit, _ in by_fit], summaries),
        "error_spread": (quarters, spread),
    }
    for name, (needed, has) in rows.items():
        for row in needed:
            if row not in has:
                missing = ", ".join(row)
                raise DataError(f"data/{name}.csv has no row for {missing}; {MAKE}")
    for name, count in made().items():
        if len(tables[name]) != count:
            wrong = f"has {len(tables[name])} rows, expected {count}"
            raise DataError(f"data/{name}.csv {wrong}; {MAKE}")


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
