"""The scenarios of a sweep: a grid of settings, or a list in a CSV file.

A scenario is a row of values in the order of the swept settings, None where it is as in the base.
A former setting is left out, and a sentence says what is used instead.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from pathlib import Path

from model.scenario.csv_files import csv_rows
from model.scenario.gone import columns_left
from model.scenario.scenario import case, change
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

MOST_SCENARIOS = 1_000_000
LARGEST_LIST = 200_000_000  # bytes: 200 for each of the most scenarios

Row = tuple[float | str | None, ...]


def grid(texts: Sequence[str]) -> tuple[tuple[str, ...], Iterable[Row], list[str]]:
    """Names, every combination of values of texts like concern=0:100:5, the last fastest, notes."""
    left, notes = columns_left(text.partition("=")[0].strip() for text in texts)
    texts = [texts[place] for place in left]
    names = tuple(text.partition("=")[0].strip() for text in texts)
    try:
        _check_names(names)
        axes = [_axis(text) for text in texts]
    except SettingError as error:
        raise SettingError(f"{error}") from None
    _check_count(math.prod(map(len, axes)))
    return names, product(*axes), notes


def _axis(text: str) -> list[float]:
    """The values of a text like concern=0:100:5, exact as decimals; raises SettingError."""
    name, _, span = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in span.split(":")]
    if len(parts) != 3:
        raise SettingError(f"expected NAME=LOW:HIGH:STEP, found {text[:60]!r}")
    if name in choices():
        raise SettingError(f"{name} is not a number; put its values into a --list")
    low, high = (Fraction(repr(all_settings()[name].parse(part))) for part in parts[:2])
    if low > high:
        raise SettingError(f"{name} cannot go from {parts[0]} down to {parts[1]}")
    step = float(parts[2]) if NUMBER.fullmatch(parts[2]) else math.nan
    if not 0 < step < math.inf:
        raise SettingError(f"{name}: expected a step above 0, found {parts[2][:40]!r}")
    exact = Fraction(repr(step))
    count = int((high - low) / exact) + 1
    _check_count(count)  # before a list of them is made
    return [float(low + i * exact) for i in range(count)]


def _check_count(count: int) -> None:
    """Raise SettingError for more scenarios than one sweep takes."""
    if count > MOST_SCENARIOS:
        raise SettingError(f"the sweep has more than {MOST_SCENARIOS:,} scenarios; split it")


def _check_names(names: Sequence[str]) -> None:
    """Raise SettingError for a name that is not a setting, or that appears twice."""
    for name in names:
        if name not in choices() and name not in all_settings():
            change(case(), {name: ""})  # its error has the most similar name
        if names.count(name) > 1:
            raise SettingError(f"{name} appears twice; name it once")


def listed(path: Path) -> tuple[tuple[str, ...], list[Row], list[str]]:
    """Names, scenarios, one a row under the names of settings, and notes of a CSV file.

    Every cell is checked.

    Raises SettingError naming the file and the row (a line of the file).
    """
    try:
        rows = csv_rows(_content(path))
        _, header = next(rows, (1, []))
        if not header:
            raise SettingError("it is empty; expected names of settings in the first row")
        left, notes = columns_left(header)
        names = [header[place] for place in left]
        _check_names(names)
        scenarios = [_scenario(len(header), names, left, cells, row) for row, cells in rows]
        if not scenarios:
            raise SettingError("it has no rows below its header")
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    except SettingError as error:
        raise SettingError(f"--list {path}: {error}") from None
    _check_count(len(scenarios))
    return tuple(names), scenarios, notes


def _content(path: Path) -> bytes:
    """The bytes of a file of at most LARGEST_LIST."""
    if not path.is_file() and path.exists():  # a device has no end
        raise SettingError("it is not a file; expected a CSV file")
    if (size := path.stat().st_size) > LARGEST_LIST:
        most = f"expected at most {LARGEST_LIST // 10**6} MB, found {size // 10**6:,} MB"
        raise SettingError(f"{most}; split it into several sweeps")
    return path.read_bytes()


def _scenario(
    width: int, names: Sequence[str], left: Sequence[int], cells: Sequence[str], number: int
) -> Row:
    """The scenario in row `number` of a list: the cells in the places `left` of `width`."""
    try:
        if len(cells) != width:
            raise SettingError(f"expected {width} values, found {len(cells)}")
        used = (cells[place] for place in left)
        return tuple(_value(name, text) for name, text in zip(names, used, strict=True))
    except SettingError as error:
        raise SettingError(f"row {number}: {error}") from None


@lru_cache(maxsize=4096)  # a long list repeats its choices, and to check one takes some 50 µs
def _value(name: str, text: str) -> float | str | None:
    """The value of one cell, None for a blank one; raises SettingError."""
    if not text:
        return None
    if name in all_settings():
        return all_settings()[name].parse(text)
    change(case(), {name: text})
    return text
