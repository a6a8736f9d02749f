"""Settings and parameters: a row of data/settings.csv or data/parameters.csv each, nowhere else.

A setting's row feeds the default, the slider, its help, the command line's option, the prior of the
band and the evidence page. A parameter is a constant of the fit: moved alone it changes nothing
that can be seen, so nobody sets it; its prior and its draws are those of a setting.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from model.evidence import DataError, load_evidence

CHOICE = "choice"
NUMBER = re.compile(
    r"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?|nan|inf(inity)?)", re.I | re.A
)
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,20},[0-9]{1,20}")
Z90 = ndtri(0.95)  # half of a 90% range in standard deviations


class SettingError(ValueError):
    """A setting that cannot be used; the message names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One number that a person can set, or a parameter: one that comes with the fit.

    value, low, high, step : in `unit`
    symbol, equation : LaTeX symbol and numbers of equations (joined by ;) in pages/method.md
    prior_low, prior_high : 90% range of the prior, in `unit`; None where it is a choice
    scale : "log" or "logit", the scale on which the prior is normal; "" where there is none
    drawn : "yes" if it differs between the runs; a lever such as concern is set, not drawn
    group : where its slider stands; "" for a parameter
    replaces : names of former settings that are part of this one, joined by ;
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float
    unit: str
    symbol: str
    equation: str
    prior_low: float | None
    prior_high: float | None
    scale: str
    drawn: str
    group: str = ""
    replaces: str = ""
    source_id: str
    note: str

    def parse(self, text: object) -> float:
        """`text` as a value of this setting, with or without %; raises SettingError."""
        digits = str(text).strip()
        if self.unit.startswith("%"):
            digits = digits.removesuffix("%").rstrip()
        if DECIMAL_COMMA.fullmatch(digits):
            whole, _, rest = digits.partition(",")
            meant = f"{whole}{'' if len(rest) == 3 else '.'}{rest}"
            wrong = f"{self.name}: {digits!r} has a comma"
            raise SettingError(f"{wrong}; expected a number with a decimal point, such as {meant}")
        if not NUMBER.fullmatch(digits):
            raise SettingError(f"{self.name}: {str(text)[:40]!r} is not a number ({self.unit})")
        value = float(digits)
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise SettingError(
                f"{self.name}: {digits[:40]} is outside {self.low:g} to {self.high:g} ({self.unit})"
            )
        return value + 0.0  # minus zero would be written as -0

    def format(self, value: float, *, whole_unit: bool = False) -> str:
        """`value` with its unit, at most three significant digits: "39%", "US$ 200 M", "2016".

        whole_unit : as in "125% a year", "US$ 200 M a year", "end of 2016"
        """
        digits = 5 if value > 1500 else 3  # a year keeps its four digits
        text = np.format_float_positional(value, digits, fractional=False, trim="-")
        if self.unit.startswith("US$"):
            text = f"{value:,.0f}" if whole_unit and value >= 1000 else text
            return f"US$ {text} M{self.unit.removeprefix('US$ M') if whole_unit else ''}"
        if self.unit.startswith("%"):
            return text + (self.unit if whole_unit else "%")
        if self.unit.startswith("per 100"):
            return f"{text} {self.unit if whole_unit else 'per 100'}"
        if self.unit in ("year", "end of year"):
            return (self.unit.removesuffix("year") if whole_unit else "") + text
        return f"{text} yr" if self.unit == "years" and not whole_unit else f"{text} {self.unit}"

    def format_range(self, low: float, high: float) -> str:
        """Two values with their unit once: "30 to 200%", "US$ 0 to 1000 M"."""
        number, after = re.findall(r"(\D*[0-9.,]+)(.*)", self.format(low))[0]
        last = self.format(high).removeprefix("US$ ")
        return f"{number} to {last}" if last.endswith(after) else f"{number}{after} to {last}"


@lru_cache(maxsize=1)
def all_settings() -> dict[str, Setting]:
    """The numeric settings by name, in the order of the file."""
    return _read("settings")


@lru_cache(maxsize=1)
def all_parameters() -> dict[str, Setting]:
    """The constants of the fit by name, in the order of the file."""
    return _read("parameters")


@lru_cache(maxsize=1)
def settings_and_parameters() -> dict[str, Setting]:
    """Both by name, the settings first."""
    return all_settings() | all_parameters()


def _read(name: str) -> dict[str, Setting]:
    """The numbers of a table by name; raises DataError naming a row that cannot be used."""
    settings = {}
    for row, cells in getattr(load_evidence(), name).to_dict("index").items():
        if cells["scale"] == CHOICE:
            continue
        for column in ("prior_low", "prior_high"):
            cells[column] = None if math.isnan(cells[column]) else cells[column]
        where = f"data/{name}.csv, row {row}"
        try:
            cells["value"] = float(cells["value"])
        except ValueError:
            raise DataError(f"{where}: value {cells['value']!r} is not a number") from None
        if not cells["low"] <= cells["value"] <= cells["high"]:
            outside = f"{cells['value']:g} is outside {cells['low']:g} to {cells['high']:g}"
            raise DataError(f"{where}: value {outside}")
        if (cells["scale"] != "") != (cells["prior_low"] is not None):
            raise DataError(f"{where}: scale {cells['scale']!r} and prior do not go together")
        settings[cells["name"]] = Setting(**cells)
    return settings


@lru_cache(maxsize=1)
def choices() -> dict[str, dict[str, str]]:
    """The rows of the settings that are chosen from a list: case, origin, events."""
    table = load_evidence().settings
    return table[table.scale == CHOICE].set_index("name", drop=False).to_dict("index")


def to_scale(setting: Setting, value: NDArray | float) -> NDArray:
    """A setting's value on the scale on which its prior is normal."""
    return np.log(value) if setting.scale == "log" else logit(np.asarray(value) / 100)


def from_scale(setting: Setting, point: NDArray | float) -> NDArray:
    """The opposite of to_scale."""
    return np.exp(point) if setting.scale == "log" else 100 * expit(point)


def prior(setting: Setting) -> tuple[float, float]:
    """Centre and standard deviation of a setting's prior, on its own scale."""
    if setting.prior_low is None or setting.prior_high is None:
        raise ValueError(f"expected a setting with a prior, found {setting.name} without one")
    low, high = to_scale(setting, setting.prior_low), to_scale(setting, setting.prior_high)
    return float(low + high) / 2, float(high - low) / (2 * Z90)
