"""Values, titles and scenarios as the text of a link, and back.

A scenario inside a link is its case and what differs from it, joined by ~, in characters that an
address need not escape: hard-line~events.india-ban.us-ban~wechat.160. Readers add a sentence to
`notes` for each value that cannot be used: "what is wrong; what is used instead".
"""

import re
from urllib.parse import quote, unquote

from model.scenario.scenario import Scenario, all_values, case, cases, change, changed
from model.scenario.settings import SettingError

MOST_NOTES, MOST_IN_TABLE = 20, 8
LONGEST_TITLE, LONGEST_VALUE = 80, 200  # characters
# control characters, line ends, direction marks, surrogates
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
REMOVED_SETTINGS = ("active_share",)  # older than active_home and active_abroad
# words of older links that chose between what is now one: the choice that stays, and what it says
GONE = {
    "outside": ("home", "each messenger is counted outside its home market"),
    "band": ("errors", "the range includes past forecast error"),
    "scale": ("stretched", "the chart has a square-root scale"),
}

Words = dict[str, str]  # name -> text of one value


def value_text(value: object) -> str:
    """The shortest text that reads back as exactly this value: 160.0 -> "160"."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def is_value(text: str) -> bool:
    """Whether a text is short and plain enough for a value of a setting."""
    return 0 < len(text) <= LONGEST_VALUE and text.isascii()


def short(text: str) -> str:
    """A text as a note quotes it, at most 40 characters."""
    return repr(text[:40])


def clean_title(text: str) -> str:
    """At most 80 characters of one line, without control characters or direction marks."""
    return INVISIBLE.sub("", text).strip()[:LONGEST_TITLE].strip()


def title_from(text: str, place: str, notes: list[str]) -> str:
    """The title that can be shown for a text, with a note if the text was changed."""
    title = clean_title(text)
    if title != text:
        wrong = f"{place}: {short(text)} is longer than {LONGEST_TITLE} or not plain text"
        notes.append(f"{wrong}; using {short(title)}")
    return title


def every_value(scenario: Scenario) -> Words:
    """Every setting of a scenario as text, without its case."""
    return {name: value_text(value) for name, value in all_values(scenario).items()}


def differences(scenario: Scenario) -> Words:
    """The settings that differ from the scenario's case, as text."""
    return {name: value_text(now) for name, (_, now) in changed(scenario).items()}


def scenario_text(scenario: Scenario, title: str = "") -> str:
    """One scenario as part of a link."""
    words = differences(scenario)
    if "events" in words:
        words["events"] = words["events"].replace("+", ".")
    if clean_title(title):
        words["title"] = quote(clean_title(title), safe="").replace("~", "%7E")
    return "~".join([scenario.case, *(f"{name}.{text}" for name, text in words.items())])


def scenarios_from(
    words: Words, place: str, most: int, notes: list[str]
) -> tuple[tuple[str, Scenario], ...]:
    """(title, scenario) for each text that scenario_text made; removes them from `words`.

    place : their name in `words`, joined by ~~;  most : how many are used
    """
    if place not in words:
        return ()
    parts = words.pop(place).split("~~")
    if len(parts) > most:
        notes.append(f"{place}: {len(parts)} scenarios are too many; using the first {most}")
    pairs = (_scenario_from(part, place, notes) for part in parts[:most])
    return tuple(pair for pair in pairs if pair)


def _scenario_from(text: str, place: str, notes: list[str]) -> tuple[str, Scenario] | None:
    """Title and scenario of a text that scenario_text made, None without a known case."""
    name, *parts = text.split("~")
    if name not in cases():
        notes.append(f"{place}: {short(name)} is not a case; it is left out")
        return None
    words: Words = {}
    for part in parts:
        key, _, value = part.partition(".")
        if key in words:
            notes.append(f"{place}: {short(key)} appears more than once; using the last")
        words[key] = value
    has_title = place == "table"
    title = title_from(unquote(words.pop("title", "")), place, notes) if has_title else ""
    if "events" in words:
        words["events"] = words["events"].replace(".", "+")
    return title, changed_by(case(name), words, notes, f"{place}: ")


def changed_by(start: Scenario, words: Words, notes: list[str], place: str = "") -> Scenario:
    """`start` with the settings of `words` that can be used; a note for each that cannot."""
    before = every_value(start)
    for name, text in words.items():
        if text == before.get(name):
            continue
        if name not in before and len(notes) >= MOST_NOTES:
            notes.append(name)  # only counted: the search for a similar name takes time
            continue
        try:
            if name in REMOVED_SETTINGS:
                raise SettingError(f"{name} is no longer a setting")
            if name == "case":
                raise SettingError("case belongs at the beginning")
            if name in before and not is_value(text):
                raise SettingError(f"{name}: {short(text)} is not a value of this setting")
            start = change(start, {name: text})
        except SettingError as error:
            instead = f"using {before[name]}" if name in before else "it is left out"
            notes.append(f"{place}{error}; {instead}")
    return start
