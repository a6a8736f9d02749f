"""A scenario in words: its name, its events, and what differs from its case."""

from model.evidence import load_evidence
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, cases, changed
from model.scenario.settings import all_settings


def named(scenario: Scenario) -> str:
    """A scenario by its case: "Hard line, changed"."""
    return f"{cases()[scenario.case].label}{', changed' if changed(scenario) else ''}"


def happens(scenario: Scenario) -> str:
    """The labels of the events of a scenario."""
    labels = dict(zip(load_evidence().switches.switch, load_evidence().switches.label, strict=True))
    return ", ".join(labels[name] for name in scenario.events) or "nothing"


def changes(scenario: Scenario) -> str:
    """The settings that differ from the case in a line; empty if none does."""
    parts = []
    for name, (before, after) in changed(scenario).items():
        if setting := all_settings().get(name):
            parts.append(f"{setting.label} {setting.format(before)} → {setting.format(after)}")
        elif name == "origin":
            start, end = (month_text(decimal_year(str(quarter))) for quarter in (before, after))
            parts.append(f"start {start} → {end}")
        else:
            parts.append(f"on the way: {happens(scenario)}")
    return f"Changed from {cases()[scenario.case].label}: {'; '.join(parts)}." if parts else ""
