"""The tables of the page of all settings, and the equations that its settings are in."""

import re
from pathlib import Path

import pandas as pd

from model.evidence import Evidence
from model.scenario.scenario import Scenario, all_values, case, cases
from pages.parts.evidence_tables import sourced
from pages.parts.wording import settings as words

METHOD = Path(__file__).parents[1] / "method.md"
EQUATION = re.compile(r"^\$\$\n((?:(?!\$\$).)*?\\tag\{(\w+)\})\n\$\$$", re.M | re.S)


def shown(value: object) -> str:
    """A value of a setting as text, a number with four digits: a year keeps its own."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def values(scenario: Scenario) -> dict[str, str]:
    """Every setting of a scenario as the table shows it, by name."""
    texts = {name: shown(value) for name, value in all_values(scenario).items()}
    return {"case": cases()[scenario.case].label, **texts}


def plausible(low: float, high: float) -> str | None:
    """The range of a prior, "70 to 300"; None without one."""
    return None if pd.isna(low) else f"{low:g} to {high:g}"


def settings(known: Evidence, scenario: Scenario) -> pd.DataFrame:
    """One row a setting: its value, unit, plausible range, value in its scenario, and source."""
    rows = known.settings[["label", "unit", "name", "source_id"]].reset_index(drop=True)
    rows.insert(1, "value", rows.name.map(values(scenario)))
    rows.insert(3, "plausible", _ranges(known.settings))
    rows.insert(4, "before", rows.name.map(values(case(scenario.case))))
    table = sourced(known, rows, **words.HEADS).drop(columns="Link")  # the details have it
    return table.assign(**{words.NAME: table.pop(words.NAME)})  # the last column


def fixed(known: Evidence) -> dict[str, pd.DataFrame]:
    """The numbers that no setting moves, by the title of their table."""
    parameters = known.parameters
    columns = ["label", "symbol", "equation", "value", "unit", "note", "source_id"]
    rows = parameters[columns].reset_index(drop=True)
    rows["symbol"] = rows.symbol.str.replace(r"\\text|[\\{}]", "", regex=True)
    rows.insert(5, "plausible", _ranges(parameters))
    tables = sourced(known, rows, label="Parameter"), sourced(known, known.constants)
    return dict(zip(words.FIXED_TABLES, tables, strict=True))


def _ranges(table: pd.DataFrame) -> list[str | None]:
    """The plausible range of each row."""
    return list(map(plausible, table.prior_low, table.prior_high))


def equations(numbers: str) -> str:
    """The equations of the method page with these numbers, joined by ;, as Markdown."""
    known = {number: text for text, number in EQUATION.findall(METHOD.read_text(encoding="utf-8"))}
    return "\n\n".join(f"$$\n{known[number]}\n$$" for number in numbers.split(";"))
