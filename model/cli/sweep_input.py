"""What a sweep goes through: a grid of settings, or a list of scenarios in a CSV file.

Nothing is kept: the values of a scenario are made, or read again, when they are asked for.
"""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from model.scenario.link_text import every_value
from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

MOST = 10_000_000  # scenarios

Row = tuple[float | str | None, ...]  # the swept values of a scenario; None: as in the base


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What is swept.

    base : what every scenario starts from;  names : of the swept settings;  count : of scenarios
    rows : gives the swept values from the scenario with that number on, the first being 0
    last_only : only the last quarter of each scenario is written
    """

    base: Scenario
    names: tuple[str, ...]
    count: int
    rows: Callable[[int], Iterator[Row]]
    last_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Values of one setting, low + i step for i = 0 ... count - 1, exact as decimals."""

    name: str
    low: Fraction
    step: Fraction
    count: int

    def __getitem__(self, i: int) -> float:
        """The i-th value, in the setting's unit."""
        return float(self.low + i * self.step)


def axis(text: str) -> Axis:
    """The values of a text like concern=0:100:5, both ends among them; raises SettingError."""
    name, _, span = (part.strip() for part in text.partition("="))
    parts = span.split(":")
    if len(parts) != 3:
        raise SettingError(f"--grid {text[:60]!r} is not of the form name=low:high:step")
    _check_name(name)
    if name in choices():
        raise SettingError(f"--grid: {name} is not a number; put it into a --list")
    low, high = (Fraction(repr(all_settings()[name].parse(part))) for part in parts[:2])
    step = _step(name, parts[2])
    if low > high:
        raise SettingError(f"--grid: {name} cannot go from {parts[0]} down to {parts[1]}")
    return Axis(name=name, low=low, step=step, count=int((high - low) / step) + 1)


def _check_name(name: str) -> None:
    """Raise SettingError for a name that cannot be set, with the one it may stand for."""
    if name not in choices() and name not in all_settings():
        change(case(), {name: ""})


def _step(name: str, text: str) -> Fraction:
    """A step above 0; raises SettingError."""
    said = text.strip()
    step = float(said) if NUMBER.fullmatch(said) and said.isascii() else math.nan
    if not 0 < step < math.inf:
        raise SettingError(f"--grid: {name} has the step {said[:40]!r}, not a number above 0")
    return Fraction(repr(step))


def grid(base: Scenario, texts: Sequence[str], *, last_only: bool = False) -> Sweep:
    """The product of the values of several texts, the last changing fastest."""
    axes = [axis(text) for text in texts]
    names = tuple(one.name for one in axes)
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"--grid: {name} is there twice")
    sizes = [one.count for one in axes]
    _check_count(math.prod(sizes))

    def rows(first: int) -> Iterator[Row]:
        for number in range(first, math.prod(sizes)):
            places = np.unravel_index(number, sizes)
            yield tuple(one[int(i)] for one, i in zip(axes, places, strict=True))

    count = math.prod(sizes)
    return Sweep(base=base, names=names, count=count, rows=rows, last_only=last_only)


def _check_count(count: int) -> None:
    if count > MOST:
        raise SettingError(f"more than {MOST:,} scenarios are too many for one sweep")


def listed(base: Scenario, path: Path, *, last_only: bool = False) -> Sweep:
    """The scenarios of a CSV file, one a row under the names of settings; every cell is checked.

    A blank cell is as in the base. With a column `case`, what differs from its case in the base
    differs from the case of the row too.
    """
    names, count = _names(path), 0
    for _ in _rows(path, names):
        count += 1
        _check_count(count)
    if not count:
        raise SettingError(f"--list {path} has no rows under its header")

    def rows(first: int) -> Iterator[Row]:
        return islice(_rows(path, names), first, None)

    return Sweep(base=base, names=names, count=count, rows=rows, last_only=last_only)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not blank; raises SettingError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            yield from ((reader.line_num, cells) for cells in reader if cells)
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise SettingError(f"--list {path} cannot be read: {error}") from None


def _names(path: Path) -> tuple[str, ...]:
    """The header of a list: names of settings, each once."""
    _, cells = next(_lines(path), (1, []))
    names = tuple(cell.strip() for cell in cells)
    if not names:
        raise SettingError(f"--list {path} is empty")
    for name in names:
        _check_name(name)
        if names.count(name) > 1:
            raise SettingError(f"--list {path}: {name} is there twice")
    return names


def _rows(path: Path, names: tuple[str, ...]) -> Iterator[Row]:
    """The scenarios of a list; raises SettingError with the line."""
    for line, cells in islice(_lines(path), 1, None):
        if len(cells) != len(names):
            said = f"{len(cells)} value{'s'[: len(cells) != 1]} under {len(names)} names"
            raise SettingError(f"--list {path}, row {line}: {said}")
        try:
            yield tuple(_cell(name, cell.strip()) for name, cell in zip(names, cells, strict=True))
        except SettingError as error:
            raise SettingError(f"--list {path}, row {line}: {error}") from None


def _cell(name: str, text: str) -> float | str | None:
    """A value of a list; None where it is blank."""
    if not text:
        return None
    return all_settings()[name].parse(text) if name in all_settings() else _choice(name, text)


@lru_cache(maxsize=256)
def _choice(name: str, text: str) -> str:
    """`text` as it is written elsewhere; raises SettingError."""
    chosen = change(case(), {name: text})
    return chosen.case if name == "case" else every_value(chosen)[name]
