"""The user's own series: a CSV file read and checked, fitted by four curves and scored.

Columns: period (evenly spaced numbers, quarters such as 2014Q1, or ISO dates), exactly one of
adoptions (per period), cumulative or active (levels), and optionally potential (people who could
adopt). All parameters come back per period, the first row being period 1.
"""

import csv
import io
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from model.curves.bass import BASS, fit_bass
from model.curves.families import KINDS, LARGEST, MIN_ROWS, RELATIVES, SMALLEST, Series
from model.curves.fits import fit_curve, rolling_origin

COLUMNS = ("period", *KINDS, "potential")
SPACING = 0.05  # steps between numbers may differ by this share: 0.33, 0.67, 1.00 is even
SPACING_DAYS = 4.0  # steps between dates: months and quarters differ in length by up to 3 days
SPACING_DATES = 0.2  # but by no more than this share, or a missing day or week would pass
DATE = "an ISO date"
LARGEST_FILE = 10_000_000  # bytes: more than a millennium of days

FITS = {"bass": (BASS, fit_bass)}
FITS |= {name: (curve, partial(fit_curve, curve)) for name, curve in RELATIVES.items()}


def read_series(path: Path) -> Series:
    """The series in a CSV file.

    A bad file raises ValueError with one sentence that names the file, the row (the line of the
    file, the header being line 1), the column and the value.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)  # a device has no end
        if len(data) > LARGEST_FILE:
            raise ValueError(f"row 1: the file is larger than {LARGEST_FILE // 10**6} MB")
        return _series(_table(data.decode("utf-8-sig")))
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line, byte = error.object[: error.start].count(b"\n") + 1, error.object[error.start]
        wrong = f"byte {byte:#04x} is not UTF-8 text; save the file as CSV in UTF-8"
        raise ValueError(f"{path.name}, row {line}: {wrong}.") from error
    except ValueError as error:
        raise ValueError(f"{path.name}, {error}.") from error


def _table(text: str) -> pd.DataFrame:
    """The cells as text, indexed by the line of the file; the header in lower case."""
    # csv, since pandas would not say in which line a bad cell is, nor refuse a row of odd length
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise ValueError(f"row {reader.line_num}: not a CSV file ({error})") from error
    rows = {line: cells for line, cells in lines if any(cells)}
    if not rows:
        raise ValueError("row 1: the file is empty")
    header = [cell.lower() for cell in rows.pop(min(rows))]
    for line, row in rows.items():
        if len(row) != len(header):
            columns = f"where the header has {len(header)} columns"
            raise ValueError(f"row {line}: {len(row)} values {columns}")
    return pd.DataFrame(list(rows.values()), index=list(rows), columns=header, dtype=str)


def _series(table: pd.DataFrame) -> Series:
    """The series in a table of text, after all checks."""
    kind = _kind(list(table.columns))
    if len(table) < MIN_ROWS:
        raise ValueError(f"below row 1: {len(table)} rows of data, and a fit needs {MIN_ROWS}")
    _check_spacing(table["period"])
    values = _numbers(table[kind])
    if values.max() < SMALLEST:
        first, last = table.index[[0, -1]]
        raise ValueError(f"rows {first} to {last}, column {kind}: every value is 0")
    if kind == "cumulative":
        wrong = "{cell} is below {before} in the row before, and a cumulative series cannot fall"
        _refuse(np.diff(values, prepend=0.0) < 0, table[kind], wrong)
    if "potential" not in table:
        return Series(kind=kind, values=tuple(values.tolist()))
    people = _numbers(table["potential"])
    levels = np.cumsum(values) if kind == "adoptions" else values
    too_few = (people == 0) | (people < levels)
    wrong = f"must be above 0 and at least the level reached, {levels[too_few.argmax()]:g}"
    _refuse(too_few, table["potential"], "{cell} " + wrong)
    return Series(kind=kind, values=tuple(values.tolist()), potential=tuple(people.tolist()))


def _kind(header: list[str]) -> str:
    """The one of KINDS that the header names; raises ValueError for a bad header."""
    for column in header:
        if column not in COLUMNS:
            known = f"the columns may be {', '.join(COLUMNS)}, separated by commas"
            raise ValueError(f"row 1: unknown column {column[:40]!r}; {known}")
        if header.count(column) > 1:
            raise ValueError(f"row 1: column {column} appears {header.count(column)} times")
    if "period" not in header:
        raise ValueError("row 1: there is no column period")
    kinds = [column for column in header if column in KINDS]
    if len(kinds) != 1:
        expected = f"need exactly one of the columns {', '.join(KINDS)}"
        raise ValueError(f"row 1: {expected}, found {' and '.join(kinds) or 'none'}")
    return kinds[0]


def _refuse(bad: ArrayLike, cells: pd.Series, sentence: str) -> None:
    """Raise ValueError for the first bad cell; `sentence` may hold {cell} and the one {before}."""
    if np.any(bad):
        i = int(np.argmax(bad))
        cell = cells.iloc[i][:40] + "..." * (len(cells.iloc[i]) > 40)
        wrong = sentence.format(cell=cell, before=cells.iloc[i - 1])
        raise ValueError(f"row {cells.index[i]}, column {cells.name}: {wrong}")


def _numbers(cells: pd.Series) -> NDArray:
    """Numbers of one column, each from 0 up."""
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    _refuse(cells == "", cells, "the value is blank")
    _refuse(np.isnan(values) & (cells.str.lower() != "nan"), cells, "{cell!r} is not a number")
    _refuse(~(np.abs(values) <= LARGEST), cells, "{cell!r} is not a finite number")
    _refuse(values < 0, cells, "{cell!r} is negative")
    return values


def _check_spacing(cells: pd.Series) -> None:
    """Refuse periods that cannot be read, repeat or are not evenly spaced, in the first's form."""
    quarters = cells.str.extract(r"^(\d{4})[ -]?[Qq]([1-4])$").astype(float)
    dates = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True)
    forms = {  # where each period lies; nan where it is not of that form
        "a number": pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float),
        "a quarter like 2014Q1": (4 * quarters[0] + quarters[1]).to_numpy(),
        DATE: ((dates - dates.min()) / pd.Timedelta(days=1)).to_numpy(),
    }
    form = next((form for form in forms if not np.isnan(forms[form][0])), ", ".join(forms))
    places = forms.get(form, np.full(len(cells), np.nan))
    _refuse(cells == "", cells, "the value is blank")
    _refuse(~(np.abs(places) <= LARGEST), cells, "{cell!r} is not " + form)
    steps = np.diff(places, prepend=np.nan)  # the first row has none
    usual = np.nanmedian(steps)
    slack = min(SPACING_DAYS, SPACING_DATES * usual) if form == DATE else SPACING * usual
    _refuse(steps == 0, cells, "{cell} is repeated")
    _refuse(steps < 0, cells, "{cell} comes before {before} in the row above")
    _refuse(np.abs(steps - usual) > slack, cells, "{cell} is not one even step after {before}")


def fit_series(series: Series) -> dict[str, dict[str, Any]]:
    """Estimates and scores of each curve by name, ready for JSON; rates are per period.

    All are fitted to the data themselves, not to logarithms, so that their SSE compare.
    """
    fitted_to = "adoptions per period" if series.kind == "adoptions" else "levels"
    results = {}
    for name, (curve, fit) in FITS.items():
        if curve.scale == "m" or series.potential is not None:
            result = asdict(fit(series))
            result |= result.pop("params")
            result |= {"fitted_to": fitted_to, "rolling_origin": rolling_origin(series, curve, fit)}
            results[name] = result
    return results
