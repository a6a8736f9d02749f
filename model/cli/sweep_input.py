"""The scenarios of a sweep: every combination of a grid, or the rows of a CSV file.

Either is a table with a row a scenario, its number from 1 as the index, and a column a swept
setting; a cell is None where the scenario is as the base.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.scenario.csv_files import csv_rows
from model.scenario.gone import NO_SETTING, former_settings
from model.scenario.scenario import case, change
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

MOST_SCENARIOS = 1_000_000
MOST_BYTES = 200_000_000  # of a list: /dev/zero has no end


def grid(texts: Sequence[str]) -> pd.DataFrame:
    """Every combination of texts like concern=0:100:5, the last fastest; raises SettingError."""
    names = [text.partition("=")[0].strip() for text in texts]
    _check_names(names)
    axes = [_axis(text) for text in texts]
    _check_count(math.prod(map(len, axes)))
    table = pd.MultiIndex.from_product(axes, names=names).to_frame()
    return table.set_axis(range(1, len(table) + 1))


def _axis(text: str) -> NDArray:
    """The values of a text like concern=0:100:5, both ends included."""
    name, _, span = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in span.split(":")]
    if len(parts) != 3:
        raise SettingError(f"expected NAME=LOW:HIGH:STEP, found {text[:60]!r}")
    if name in choices():
        raise SettingError(f"{name} is not a number; put its values into a --list")
    low, high = (all_settings()[name].parse(part) for part in parts[:2])
    if low > high:
        raise SettingError(f"{name} cannot go from {parts[0]} down to {parts[1]}")
    step = float(parts[2]) if NUMBER.fullmatch(parts[2]) else math.nan
    if not 0 < step < math.inf:
        raise SettingError(f"{name}: expected a step above 0, found {parts[2][:40]!r}")
    count = math.floor((high - low) / step + 1e-9) + 1
    _check_count(count)  # before an array of them is made
    return (low + step * np.arange(count)).round(9)  # 0.1 three times is 0.3


def listed(path: Path) -> pd.DataFrame:
    """The scenarios of a CSV file, whose header names settings; every cell is checked.

    Raises SettingError naming the file and the row (a line of the file).
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise SettingError(f"it has more than {MOST_BYTES / 1e6:g} MB; split it")
        rows = csv_rows(data)
        _, names = next(rows, (1, []))
        if not names:
            raise SettingError("it is empty; expected names of settings in the first row")
        _check_names(names)
        scenarios = [_scenario(names, cells, number) for number, cells in rows]
        if not scenarios:
            raise SettingError("it has no rows below its header")
        _check_count(len(scenarios))
    except OSError as error:
        raise SettingError(f"--list {path} cannot be read: {error.strerror}") from None
    except SettingError as error:
        raise SettingError(f"--list {path}: {error}") from None
    numbers = range(1, len(scenarios) + 1)
    return pd.DataFrame(scenarios, index=numbers, columns=names, dtype=object)


def _check_count(count: int) -> None:
    """Raise SettingError for more scenarios than one sweep takes."""
    if count > MOST_SCENARIOS:
        raise SettingError(f"the sweep has more than {MOST_SCENARIOS:,} scenarios; split it")


def _check_names(names: Sequence[str]) -> None:
    """Raise SettingError for a name that is not a setting, or that appears twice."""
    for name in names:
        if name in former_settings():
            raise SettingError(f"{name} {NO_SETTING}; leave it out")
        if name not in choices() and name not in all_settings():
            change(case(), {name: ""})  # its error has the most similar name
        if names.count(name) > 1:
            raise SettingError(f"{name} appears twice; name it once")


def _scenario(names: Sequence[str], cells: Sequence[str], number: int) -> list[float | str | None]:
    """The scenario in row `number` of a list."""
    try:
        if len(cells) != len(names):
            raise SettingError(f"expected {len(names)} values, found {len(cells)}")
        return [_value(name, text) for name, text in zip(names, cells, strict=True)]
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
