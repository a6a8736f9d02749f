"""The scenarios of a sweep: a grid of settings, or a list of scenarios in a CSV file.

Rows are made, or read from the file, one at a time, so that memory does not grow with the sweep.
"""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

MOST = 10_000_000  # scenarios
LARGEST_LIST = 2_000_000_000  # bytes: 200 for each of the most scenarios
LONGEST_LINE = 100_000  # characters: a thousand for each setting

Row = dict[str, float | str]  # setting -> value in one scenario; a setting left out is as in `base`


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Scenarios that differ in a few settings.

    base : the scenario from which each one differs
    names : the swept settings;  count : the number of scenarios
    rows : makes the rows each time it is called, after as many scenarios as it is told to leave out
    last_only : only the last quarter of each scenario is written
    part : (3, 8) is the third of eight parts that differ by at most one scenario
    """

    base: Scenario
    names: tuple[str, ...]
    count: int
    rows: Callable[[int], Iterator[Row]]
    last_only: bool = False
    part: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if self.count > MOST:
            raise SettingError(f"the sweep has more than {MOST:,} scenarios; split it")

    @property
    def span(self) -> tuple[int, int]:
        """The numbers, from 0, of the part's first scenario and of the first one after it."""
        number, parts = self.part
        return (number - 1) * self.count // parts, number * self.count // parts


def grid(base: Scenario, texts: Sequence[str], *, last_only: bool = False) -> Sweep:
    """Every combination of the values of texts like concern=0:100:5, the last changing fastest."""
    names = tuple(text.partition("=")[0].strip() for text in texts)
    _check_names(names, "--grid")
    lows, steps, counts = zip(*map(_axis, texts), strict=True)

    def rows(first: int = 0) -> Iterator[Row]:
        for number in range(first, count):
            places = zip(names, lows, steps, np.unravel_index(number, counts), strict=True)
            yield {name: float(low + int(i) * step) for name, low, step, i in places}

    count = math.prod(counts)
    return Sweep(base=base, names=names, count=count, rows=rows, last_only=last_only)


def _axis(text: str) -> tuple[Fraction, Fraction, int]:
    """First value, step and number of values, exact, of concern=0:100:5; raises SettingError."""
    name, _, span = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in span.split(":")]
    if len(parts) != 3:
        raise SettingError(f"--grid: expected NAME=LOW:HIGH:STEP, found {text[:60]!r}")
    if name in choices():
        raise SettingError(f"--grid: {name} is not a number; put its values into a --list")
    low, high = (Fraction(repr(all_settings()[name].parse(part))) for part in parts[:2])
    if low > high:
        raise SettingError(f"--grid: {name} cannot go from {parts[0]} down to {parts[1]}")
    step = float(parts[2]) if NUMBER.fullmatch(parts[2]) else math.nan
    if not 0 < step < math.inf:
        raise SettingError(f"--grid: {name}: expected a step above 0, found {parts[2][:40]!r}")
    exact = Fraction(repr(step))
    return low, exact, int((high - low) / exact) + 1


def _check_names(names: tuple[str, ...], source: str) -> None:
    """Raise SettingError for a name that is not a setting, or that appears twice."""
    for name in names:
        if name not in choices() and name not in all_settings():
            change(case(), {name: ""})  # raises SettingError with the most similar name
        if names.count(name) > 1:
            raise SettingError(f"{source}: {name} appears twice; name it once")


def listed(base: Scenario, path: Path, *, last_only: bool = False) -> Sweep:
    """The scenarios of a CSV file, one per row under the names of settings; every cell is checked.

    A blank cell is as in the base. With a column `case`, the settings in which the base differs
    from its own case are changed in the case of the row too.
    """
    _check_size(path)
    _, header = next(_csv_lines(path), (1, []))
    names = tuple(cell.strip() for cell in header)
    if not names:
        raise SettingError(f"--list {path} is empty; expected names of settings in the first row")
    _check_names(names, f"--list {path}")

    rows = partial(_list_rows, path, names)
    count = sum(1 for _ in islice(rows(), MOST + 1))
    if not count:
        raise SettingError(f"--list {path} has no rows below its header")
    return Sweep(base=base, names=names, count=count, rows=rows, last_only=last_only)


def _check_size(path: Path) -> None:
    """Raise SettingError for a file that is too large, or without an end, as a device is."""
    try:
        size, is_file = path.stat().st_size, path.is_file()
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    if not is_file:
        raise SettingError(f"--list {path} cannot be read: it is not a file")
    if size > LARGEST_LIST:
        most = f"expected at most {LARGEST_LIST / 1e9:g} GB, found {size / 1e9:.2f} GB"
        raise SettingError(f"--list {path}: {most}; split it into several sweeps")


def _short_lines(file: TextIO) -> Iterator[str]:
    """The lines of the file; raises csv.Error for one that is too long."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"a line has more than {LONGEST_LINE:,} characters")
        yield line


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line that is not blank; raises SettingError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_short_lines(file), strict=True)
            yield from ((reader.line_num, cells) for cells in reader if cells)
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise SettingError(f"--list {path} is not a CSV file in UTF-8: {error}") from None


def _list_rows(path: Path, names: tuple[str, ...], first: int = 0) -> Iterator[Row]:
    """The rows of a list from number `first`; raises SettingError with the line of a bad one."""
    for line, cells in islice(_csv_lines(path), 1 + first, None):
        try:
            if len(cells) != len(names):
                raise SettingError(f"expected {len(names)} values, found {len(cells)}")
            pairs = zip(names, map(str.strip, cells), strict=True)
            yield {name: _cell(name, text) for name, text in pairs if text}
        except SettingError as error:
            raise SettingError(f"--list {path}, row {line}: {error}") from None


def _cell(name: str, text: str) -> float | str:
    """The value of one cell; raises SettingError."""
    if name in all_settings():
        return all_settings()[name].parse(text)
    _check_choice(name, text)
    return text


@lru_cache(maxsize=256)  # a long list repeats a few choices, and a check takes some 50 µs
def _check_choice(name: str, text: str) -> None:
    """Raise SettingError for a case, an origin or events that do not exist."""
    change(case(), {name: text})
