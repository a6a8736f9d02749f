"""A scenario in words: its name, its events, and what differs from its case."""

from collections.abc import Sequence

from model.number_text import bare, two_digits
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, cases, changed, switches
from model.scenario.settings import all_settings
from pages.parts.wording.from_links import plain

STRIP = "Scenarios, each with the million WeChat users abroad at its end"
KEEP = "+ Keep"
NAME = "Name"
KEEP_THIS = "Keep this scenario"
REMOVE = "Remove"
FULL = "A link carries at most {most} kept scenarios: remove one first."
LONGEST_CHIP = 26  # characters of a title


def named(scenario: Scenario) -> str:
    """A scenario by its case: "Hard line, changed"."""
    return f"{cases()[scenario.case].label}{', changed' if changed(scenario) else ''}"


def happens(scenario: Scenario) -> str:
    """The labels of the events of a scenario."""
    return ", ".join(switches()[name] for name in scenario.events) or "nothing"


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


def short(scenario: Scenario) -> str:
    """A short name of a changed scenario: its first changed setting and how many more there are."""
    names = list(changed(scenario))
    if not names:
        return cases()[scenario.case].label
    setting = all_settings().get(names[0])
    text = names[0] if setting is None else f"{setting.label} {setting.format(scenario[names[0]])}"
    return text if len(names) == 1 else f"{text} and {len(names) - 1} more"


def numbered(titles: Sequence[str]) -> list[str]:
    """Each title; one that appeared before has a number: "Mine", "Mine (2)"."""
    names: list[str] = []
    for title in titles:
        name, count = title, 1
        while name in names:
            count += 1
            name = f"{title} ({count})"
        names.append(name)
    return names


def chips(titles: Sequence[str], users: Sequence[float]) -> list[str]:
    """The label of each chip: its title, cut where it is long, and its million users."""
    cut = [
        f"{title[: LONGEST_CHIP - 1].strip()}…" if len(title) > LONGEST_CHIP else title
        for title in titles
    ]
    return [
        f"{plain(name)} **{bare(two_digits(size))}**"
        for name, size in zip(numbered(cut), users, strict=True)
    ]


def names(titles: Sequence[str]) -> list[str]:
    """The names of the scenarios of the chips elsewhere: titles of a person are in quotes."""
    return numbered([*titles[: len(cases())], *(f"“{title}”" for title in titles[len(cases()) :])])
