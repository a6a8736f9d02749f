"""The sentences of the controls, but the help of each setting, which stands in data/."""

from model.scenario.settings import Setting

EVENTS = "Events: {on} of {count} on"
OTHERS = "More"
EVENTS_NOTE = "What happened later, each to be switched on: what would it have changed?"


def slider_help(setting: Setting, producer: str) -> str:
    """The note of a setting, its default, range and unit, and who its source is."""
    default = f"Default {setting.value:g}, from {setting.low:g} to {setting.high:g}"
    return f"{setting.note}\n\n*{default} ({setting.unit}). Source: {producer}.*"
