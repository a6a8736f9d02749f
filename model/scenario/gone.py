"""Names that older links, lists and commands set, and that are no settings or choices now.

A parameter was a setting once (data/parameters.csv); another setting or parameter counts for each
name in its column `replaces`.
"""

from collections.abc import Mapping
from functools import lru_cache

from model.scenario.scenario import Scenario, change
from model.scenario.settings import NUMBER, Setting, all_parameters, settings_and_parameters

# words of older links that chose what is no choice now: the value that stays, and what it means
GONE = {
    "outside": ("home", "each messenger is counted outside its home market"),
    "band": ("errors", "the range includes past forecast error"),
    "scale": ("stretched", "the chart has a square-root scale"),
    "active_share": ("", "how many accounts are used comes with the fit"),
}
RENAMED = {  # values that have another name now
    "open": {"markets": "where", "levers": "matters", "none": "over", "story": "over"},
    "show": {"one": "lead"},
    "origin": {"2024Q2": "2025Q3"},  # where the case Today started before
}
NO_SETTING, NO_CHOICE = "is no longer a setting", "is no longer a choice"
LONGEST_QUOTED = 40  # characters of a value


def take_gone(words: dict[str, str]) -> list[tuple[str, str]]:
    """A sentence for each word of an older link that is no choice now, on what counts; takes these.

    A value that is renamed gets its name of today, and is told where it is an origin.
    """
    notes = []
    for name, renamed in RENAMED.items():
        if (old := words.get(name, "")) in renamed:
            words[name] = renamed[old]
            if name == "origin":
                notes.append((f"origin={old} {NO_CHOICE}", f"using {renamed[old]}"))
    for name, (same, meaning) in GONE.items():
        if (old := words.pop(name, same)) != same:
            notes.append((f"{name}={old[:LONGEST_QUOTED]} {NO_CHOICE}", meaning))
    return notes


@lru_cache(maxsize=1)
def former_settings() -> dict[str, Setting]:
    """Name of a former setting -> what counts now: a parameter, or the setting that replaces it."""
    replaced = {
        name: one
        for one in settings_and_parameters().values()
        for name in one.replaces.split(";")
        if name
    }
    return all_parameters() | replaced


def instead(scenario: Scenario, name: str, text: str) -> tuple[str, str] | None:
    """That `text` of a former setting is not used, and what is used; None for the same value."""
    now = former_settings()[name]
    value = scenario[now.name]
    is_number = NUMBER.fullmatch(text.removesuffix("%").strip())
    if is_number and float(text.removesuffix("%")) == value:
        return None
    given = f"{name}={text[:LONGEST_QUOTED] if is_number else repr(text[:LONGEST_QUOTED])}"
    used = now.format(value, whole_unit=not now.unit.startswith("%"))
    if now.name == name:
        return f"{now.label} ({given}) {NO_SETTING}", f"the fit's {used} is used"
    return f"{given} {NO_SETTING}", f'"{now.label}" ({now.name}), {used}, counts for it'


def change_with_notes(
    scenario: Scenario, changes: Mapping[str, object]
) -> tuple[Scenario, list[str]]:
    """As `change`, but a former setting is no error: a sentence says what is used instead."""
    former = former_settings()
    changed = change(scenario, {name: x for name, x in changes.items() if name not in former})
    notes = (instead(changed, name, str(x)) for name, x in changes.items() if name in former)
    return changed, ["; ".join(note) for note in notes if note]
