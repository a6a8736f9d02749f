"""The sentences of the controls and of the page of all settings."""

from typing import Any

import pandas as pd

from model.scenario.scenario import Scenario, cases
from model.scenario.scenario import changed as changes
from model.scenario.settings import Setting, SettingError, settings_and_parameters

EVENTS = "Events: {on} of {count} on"
EVENTS_NOTE = "What happened later, each to be switched on: what would it have changed?"
OTHERS = "More"
TITLE = "All settings"
ABOUT = "Choose a setting in the table or in the box, then change its value."
TABLE = "All settings"
LIKELY = "nine chances in ten before any fit"
CHOSEN = "Setting"
VALUE = "Value ({unit})"
BACK_TO = "Back to {value}"
UNDO = "Undo"
SEVERAL = "Or type several values"
SEVERAL_HELP = (
    "Name and value of any setting, as in the table or in a link: wechat=137 Security concern: "
    "33%. Enter sets them."
)
REFUSED = "{error}; the settings stay as they were"
CHOICE = "Choose it on the page itself, or type it below. Now: `{name}={value}`"
EQUATION = "In the equations it is ${symbol}$:"
METHOD = "All equations, with their symbols"
FIXED = "Numbers that no setting moves"
FIXED_TABLES = {  # title -> the text above it
    "Parameters of the fit": (
        "They come with the fit: moved alone, most change nothing that can be seen; the others "
        "belong to single markets. The runs still vary those that are uncertain. A scenario with "
        "another fit has the values of that one: Sources and figures, Calibrated settings."
    ),
    "Constants": "Numbers of the model that neither a setting nor a fit moves.",
}
NAME = "Name in links"
HEADS = {"before": "In its scenario", "name": NAME}


def slider_help(setting: Setting, producer: str) -> str:
    """The note of a setting, its default, range and unit, and who its source is."""
    default = f"Default {setting.value:g}, from {setting.low:g} to {setting.high:g}"
    return f"{setting.note}\n\n*{default} ({setting.unit}). Source: {producer}.*"


def changed(scenario: Scenario) -> str:
    """Which settings differ from their scenario, in a sentence."""
    label, known = cases()[scenario.case].label, settings_and_parameters()
    names = [known[name].label if name in known else name for name in changes(scenario)]
    if not names:
        return f"Every setting is that of the scenario {label}."
    return f"Changed from the scenario {label}: {', '.join(names)}."


def refused(setting: Setting, error: SettingError, kept: str) -> str:
    """Why a value cannot be used, and which one stays."""
    reason = str(error).removeprefix(f"{setting.name}: ")
    return f"{setting.label}: {reason}; {kept} stays"


def ends(row: pd.Series, plausible: str | None) -> str:
    """Allowed and plausible range of a setting, and its name; `row` of settings.csv."""
    allowed = f"Allowed: {row.low:g} to {row.high:g} ({row.unit}) · " if row.low == row.low else ""
    likely = f"plausible: {plausible}, {LIKELY}" if plausible else "no plausible range: a choice"
    return f"{allowed}{likely} · name in links: `{row.name}`"


def source(row: Any) -> str:
    """A source with its grade and link; `row` of sources.csv."""
    title = f"[{row.title}]({row.url})" if row.url.startswith("http") else row.title
    return f"**Source, grade {row.grade}:** {row.producer}, {title}, {row.locator}."
