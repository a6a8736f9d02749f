"""The sentences of the controls, but the help of each setting, which stands in data/."""

from model.scenario.scenario import Case
from model.scenario.settings import Setting

LEVELS_OF_CONCERN = "0 none · 25 some · 50 strong · 75 talk of bans · 100 nobody who worries joins"
GROWTH = "**Growth**: new users that 100 users bring in within a year"
EVENTS = "Events ({on} of {count} on)"
EVENTS_NOTE = "What happened later, each to be switched on: what would it have changed?"
MORE = "{count} more assumptions"
OTHER_START = "The settings are still those of another start; the case Today goes with 2025."
EXACT_HELP = (
    'Settings by name or label, each with its value: "wechat = 200", "Security concern 33%". '
    "Names: {names} and so on (all under Sources and figures). Enter sets them."
)
REFUSED = "Nothing was set. {error}"


def slider_help(setting: Setting, producer: str) -> str:
    """The note of a setting, its default, range and unit, and who its source is."""
    default = f"Default {setting.value:g}, from {setting.low:g} to {setting.high:g}"
    return f"{setting.note}\n\n*{default} ({setting.unit}). Source: {producer}.*"


def case_help(note: str, case: Case) -> str:
    """The meaning of a case, and the story of the one that is chosen."""
    return f"{note}\n\n**{case.label}**: {case.story}"
