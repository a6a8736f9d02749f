"""The scenarios of a sweep: a grid of settings, or a list in a CSV file.

A scenario is a row of values in the order of the swept settings, None where it is as in the base.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from pathlib import Path

from model.scenario.scenario import case, change
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

MOST_SCENARIOS = 1_000_000
LARGEST_LIST = 200_000_000  # bytes: 200 for each of the most scenarios

Row = tuple[float | str | None, ...]


def grid(texts: Sequence[str]) -> tuple[tuple[str, ...], Iterable[Row]]:
    """Names and every combination of values of texts like concern=0:100:5, the last fastest."""
    names = tuple(text.partition("=")[0].strip() for text in texts)
    _check_names(names, "--grid")
    axes = [_axis(text) for text in texts]
    _check_count(math.prod(map(len, axes)))
    return names, product(*axes)


def _axis(text: str) -> list[float]:
    """The values of a text like concern=0:100:5, exact as decimals; raises SettingError."""
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
    count = int((high - low) / exact) + 1
    _check_count(count)
    return [float(low + i * exact) for i in range(count)]


def _check_count(count: int) -> None:
    """Raise SettingError for more scenarios than one sweep takes."""
    if count > MOST_SCENARIOS:
        raise SettingError(f"the sweep has more than {MOST_SCENARIOS:,} scenarios; split it")


def _check_names(names: Sequence[str], source: str) -> None:
    """Raise SettingError for a name that is not a setting, or that appears twice."""
    for name in names:
        if name not in choices() and name not in all_settings():
            try:
                change(case(), {name: ""})  # its error has the most similar name
            except SettingError as error:
                raise SettingError(f"{source}: {error}") from None
        if names.count(name) > 1:
            raise SettingError(f"{source}: {name} appears twice; name it once")


def listed(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """Names and scenarios of a CSV file, one a row under the names of settings, every cell checked.

    Separated by commas, semicolons or tabs; lines without any value are left out.
    """
    lines = _lines(path)
    _, header = next(lines, (1, []))
    if not header:
        raise SettingError(f"--list {path} is empty; expected names of settings in the first row")
    names = tuple(header)
    _check_names(names, f"--list {path}")
    rows: list[Row] = []
    for number, cells in lines:
        try:
            if len(cells) != len(names):
                raise SettingError(f"expected {len(names)} values, found {len(cells)}")
            pairs = zip(names, cells, strict=True)
            rows.append(tuple(_cell(name, text) if text else None for name, text in pairs))
        except SettingError as error:
            raise SettingError(f"--list {path}, row {number}: {error}") from None
    if not rows:
        raise SettingError(f"--list {path} has no rows below its header")
    _check_count(len(rows))
    return names, rows


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line that has a value; raises SettingError."""
    text = _text(path)
    header = text.lstrip().partition("\n")[0]
    mark = next((mark for mark in ",;\t" if mark in header), ",")
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark, strict=True)
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield reader.line_num, [*map(str.strip, cells)]
    except csv.Error as error:
        wrong = f"row {reader.line_num} is not a row of a CSV file: {error}"
        raise SettingError(f"--list {path}, {wrong}") from None


def _text(path: Path) -> str:
    """The text of a file, whichever line ends it has; raises SettingError."""
    try:
        if not path.is_file() and path.exists():  # a device has no end
            raise SettingError(f"--list {path} is not a file; expected a CSV file")
        if (size := path.stat().st_size) > LARGEST_LIST:
            most = f"expected at most {LARGEST_LIST // 10**6} MB, found {size // 10**6:,} MB"
            raise SettingError(f"--list {path}: {most}; split it into several sweeps")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 without its mark reads as UTF-8 with zeros
        raise SettingError(f"--list {path} is not in UTF-8; save the file as CSV in UTF-8")
    return text


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
