"""The user's own series: a CSV file read and checked, fitted by four curves and scored.

Columns: period (evenly spaced numbers, quarters such as 2014Q1, or ISO dates), exactly one of
adoptions (per period), cumulative or active (levels), and optionally potential (people who could
adopt). All parameters come back per period, the first row being period 1.
"""

import csv
import io
import math
import os
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from model.bass import BASS, fit_bass
from model.curves import (
    GOMPERTZ,
    GROWING_POTENTIAL,
    KINDS,
    LARGEST,
    LOGISTIC,
    MIN_ROWS,
    SMALLEST,
    Curve,
    Series,
)
from model.fits import CurveFit, fit_curve, rolling_origin

COLUMNS = ("period", *KINDS, "potential")
SPACING = 0.05  # steps between numbers may differ by this share: 0.33, 0.67, 1.00 is even
SPACING_DAYS = 4.0  # steps between dates: months and quarters differ in length by up to 3 days
SPACING_DATES = 0.2  # but by no more than this share, or a missing day or week would pass

FITS: dict[str, tuple[Curve, Callable[[Series], CurveFit]]] = {
    "bass": (BASS, fit_bass),
    "gompertz": (GOMPERTZ, partial(fit_curve, GOMPERTZ)),
    "logistic": (LOGISTIC, partial(fit_curve, LOGISTIC)),
    "growing_potential": (GROWING_POTENTIAL, partial(fit_curve, GROWING_POTENTIAL)),
}


def read_series(path_or_file: str | os.PathLike | IO) -> Series:
    """Series read from a CSV file, given by its path or as an open file.

    A bad file raises ValueError with one sentence that names the file, the row (the line of the
    file, the header being line 1), the column and the value.
    """
    name, text = _name_and_text(path_or_file)
    rows = _rows(name, text)
    kind = _kind(name, rows[0][1])
    lines = [line for line, _ in rows[1:]]
    cells = {column: [row[i].strip() for _, row in rows[1:]] for i, column in enumerate(rows[0][1])}
    if len(lines) < MIN_ROWS:
        raise ValueError(f"{name} has {len(lines)} rows of data, and a fit needs {MIN_ROWS}.")
    _check_spacing(name, lines, cells["period"])
    values = _numbers(name, kind, lines, cells[kind])
    if max(values) < SMALLEST:
        raise ValueError(
            f"{name}, rows {lines[0]} to {lines[-1]}, column {kind}: every value is 0."
        )
    if kind == "cumulative":
        _check_rising(name, lines, cells[kind])
    potential = None
    if "potential" in cells:
        potential = _numbers(name, "potential", lines, cells["potential"])
        levels = np.cumsum(values) if kind == "adoptions" else values
        _check_potential(name, lines, potential, levels)
    return Series(kind=kind, values=values, potential=potential, periods=tuple(cells["period"]))


def _name_and_text(source: str | os.PathLike | IO) -> tuple[str, str]:
    """Name of the file without its folder, and its text."""
    if isinstance(source, str | os.PathLike):
        name = Path(source).name
        try:
            raw = Path(source).read_bytes()
        except OSError as error:
            raise ValueError(f"{name} cannot be read: {error.strerror}.") from error
    else:
        name = Path(str(getattr(source, "name", "The file"))).name
        raw = source.read()
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name}, row {line}: byte {raw[error.start]:#04x} is not UTF-8 text; save the file as"
            " CSV in UTF-8."
        ) from error
    return name, text.removeprefix("\ufeff")  # spreadsheets put a byte-order mark first


def _rows(name: str, text: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank, the header (in lower case) first."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"{name}, row {reader.line_num}: not a CSV file ({error}).") from error
    if not rows:
        raise ValueError(f"{name} is empty.")
    header = [cell.strip().lower() for cell in rows[0][1]]
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise ValueError(
                f"{name}, row {line}: {len(row)} values where the header has {len(header)} columns."
            )
    return [(rows[0][0], header), *rows[1:]]


def _kind(name: str, header: list[str]) -> str:
    """Which of adoptions, cumulative and active the header has, after checking all its columns."""
    for column in header:
        if column not in COLUMNS:
            raise ValueError(
                f"{name}, row 1: unknown column {_shown(column)}; the columns may be"
                f" {', '.join(COLUMNS)}, separated by commas."
            )
        if header.count(column) > 1:
            raise ValueError(
                f"{name}, row 1: column {column} appears {header.count(column)} times."
            )
    if "period" not in header:
        raise ValueError(f"{name}, row 1: there is no column period.")
    found = [column for column in header if column in KINDS]
    if len(found) != 1:
        raise ValueError(
            f"{name}, row 1: need exactly one of the columns {', '.join(KINDS)}, found"
            f" {' and '.join(found) or 'none'}."
        )
    return found[0]


def _shown(text: str) -> str:
    """Text in quotes, cut where it would drown the message."""
    return repr(text if len(text) <= 40 else text[:40] + "...")


def _numbers(name: str, column: str, lines: list[int], cells: list[str]) -> tuple[float, ...]:
    """Numbers of one column, each from 0 up."""
    values = []
    for line, cell in zip(lines, cells, strict=True):
        where = f"{name}, row {line}, column {column}"
        if not cell:
            raise ValueError(f"{where}: the value is blank.")
        value = _number(cell)
        if value is None:
            raise ValueError(f"{where}: {_shown(cell)} is not a number.")
        if not math.isfinite(value) or value > LARGEST:
            raise ValueError(f"{where}: {_shown(cell)} is not a finite number.")
        if value < 0:
            raise ValueError(f"{where}: {_shown(cell)} is negative.")
        values.append(value)
    return tuple(values)


def _number(cell: str) -> float | None:
    """Value of a cell that holds a number, or None."""
    try:
        return None if "_" in cell else float(cell)  # Python alone reads 1_000 as a number
    except ValueError:
        return None


def _check_rising(name: str, lines: list[int], cells: list[str]) -> None:
    """Refuse a cumulative series that falls."""
    for i in range(1, len(cells)):
        if float(cells[i]) < float(cells[i - 1]):
            raise ValueError(
                f"{name}, row {lines[i]}, column cumulative: {cells[i]} is below {cells[i - 1]} in"
                " the row before, and a cumulative series cannot fall."
            )


def _check_potential(
    name: str, lines: list[int], potential: tuple[float, ...], levels: NDArray | tuple[float, ...]
) -> None:
    """Refuse a potential of zero, or one smaller than what was already reached."""
    for line, people, level in zip(lines, potential, levels, strict=True):
        if people == 0 or people < level:
            raise ValueError(
                f"{name}, row {line}, column potential: {people:g} must be above 0 and at least the"
                f" level reached, {level:g}."
            )


def _quarter(cell: str) -> float | None:
    """Quarters since year 0 for a cell such as 2014Q1 or 2014-Q1, or None."""
    match = re.fullmatch(r"(\d{4})[ -]?[Qq]([1-4])", cell)
    return 4.0 * int(match[1]) + int(match[2]) if match else None


def _day(cell: str) -> float | None:
    """Days since year 1 for a cell such as 2014-03-31, or 2014-03 for a month, or None."""
    try:
        return float(date.fromisoformat(f"{cell}-01" if len(cell) == 7 else cell).toordinal())
    except ValueError:
        return None


PERIOD_FORMS = (("a number", _number), ("a quarter like 2014Q1", _quarter), ("an ISO date", _day))


def _check_spacing(name: str, lines: list[int], cells: list[str]) -> None:
    """Refuse periods that cannot be read, repeat or are not evenly spaced, in the first's form."""
    form, parse = next((f for f in PERIOD_FORMS if f[1](cells[0]) is not None), (None, None))
    positions = []
    for line, cell in zip(lines, cells, strict=True):
        position = parse(cell) if parse else None
        if position is None or not math.isfinite(position):
            wanted = form or ", ".join(words for words, _ in PERIOD_FORMS)
            shown = f"{_shown(cell)} is not {wanted}" if cell else "the value is blank"
            raise ValueError(f"{name}, row {line}, column period: {shown}.")
        positions.append(position)
    steps = np.diff(positions)
    usual = float(np.median(steps))
    slack = SPACING * usual
    if parse is _day:
        slack = min(SPACING_DAYS, SPACING_DATES * usual)
    for line, cell, before, step in zip(lines[1:], cells[1:], cells, steps, strict=False):
        where = f"{name}, row {line}, column period"
        if step == 0:
            raise ValueError(f"{where}: {cell} is repeated.")
        if step < 0:
            raise ValueError(f"{where}: {cell} comes before {before} in the row above.")
        if abs(step - usual) > slack:
            raise ValueError(f"{where}: {cell} is not one even step after {before}.")


def fit_series(series: Series) -> dict[str, dict[str, Any]]:
    """Estimates and scores of each curve by name, ready for JSON; rates are per period.

    The share of a growing potential is fitted, like the others, to the data themselves and not to
    logarithms, so that all sums of squares compare; it needs a column potential.
    """
    results = {}
    for name, (curve, fit) in FITS.items():
        if curve.scale == "ceiling" and series.potential is None:
            continue
        found = fit(series)
        results[name] = {
            **asdict(found.params),
            "sse": found.sse,
            "standard_errors": dict(found.standard_errors),
            "aicc": found.aicc,
            "n": found.n,
            "converged": found.converged,
            "validity": found.validity,
            "fitted_to": "adoptions per period" if series.kind == "adoptions" else "levels",
            "rolling_origin": rolling_origin(series, curve, fit),
        }
    return results
