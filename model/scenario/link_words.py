"""The words of a link: how values, titles and whole scenarios are written, and read back.

A scenario inside a link is its case and what differs from it, joined by ~, in characters that an
address need not escape: hard-line~events.india-ban.us-ban~wechat.160. Readers add a sentence to
`notes` for each word that cannot be used, of the form "what is wrong; what is used instead".
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from model.scenario.scenario import Scenario, case, cases, change, changed, events_text
from model.scenario.settings import SettingError, all_settings

FORMAT = 2  # of links and files; format 1 is an address without v
IGNORED = ("embed", "embed_options")  # Streamlit's own
MOST_NOTES, MOST_IN_TABLE = 20, 8
LONGEST_TITLE, LONGEST_WORD, LONGEST = 80, 200, 30_000  # characters; links we write are shorter
LARGEST_FILE = 64 * 1024
# control characters, ends of lines, turns of direction, halves of characters
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
GONE = ("active_share",)  # settings of links that are older than active_home and active_abroad
TEXTS = ("case", "origin", "events", "pin", "title", "data")

Words = dict[str, str]
Query = dict[str, list[str]]


class _Digits(str):
    """A number of a file as it is written there, so that 1e400 can be named."""


def value_text(value: object) -> str:
    """The shortest text that reads back as exactly this value: 160.0 -> "160"."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def clean_title(text: str) -> str:
    """At most 80 characters of one line, without control characters or turns of direction."""
    return UNSEEN.sub("", text).strip()[:LONGEST_TITLE].strip()


def every_value(scenario: Scenario) -> Words:
    """Every value of a scenario but its case, as words."""
    words = {"origin": scenario.origin, "events": events_text(scenario.events)}
    return words | {name: value_text(value) for name, value in scenario.values}


def differences(scenario: Scenario) -> Words:
    """What differs from the scenario's case, as words."""
    return {name: value_text(now) for name, (_, now) in changed(scenario).items()}


def scenario_text(scenario: Scenario, title: str = "") -> str:
    """One scenario as part of a link."""
    words = differences(scenario)
    if "events" in words:
        words["events"] = words["events"].replace("+", ".")
    if clean_title(title):
        words["title"] = quote(clean_title(title), safe="").replace("~", "%7E")
    return "~".join([scenario.case, *(f"{name}.{text}" for name, text in words.items())])


def short(text: str) -> str:
    """A word as a note shows it."""
    return repr(text[:40])


def few(notes: list[str]) -> list[str]:
    """The first notes, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"{more} more values were not used"] if more > 0 else notes


def last(query: Mapping[str, list[str]], notes: list[str]) -> Words:
    """The last value of each word, as far as a link may be long."""
    words, room = {}, LONGEST
    for name, values in query.items():
        if name in IGNORED or not values:
            continue
        size = len(name) + sum(map(len, values))
        if size > room:
            notes.append(f"{short(name)} is too long, {short(values[-1])}; it is left out")
            continue
        room -= size
        words[name] = values[-1]
        if len(values) > 1:
            notes.append(f"{short(name)} is there more than once; the last is used")
    return words


def _plus_signs(words: Words) -> Words:
    """Format 1 was also typed by hand, with a plus sign that arrives as a blank."""
    return words | {"events": words["events"].replace(" ", "+")} if "events" in words else words


STEPS: dict[int, Callable[[Words], Words]] = {1: _plus_signs}  # from a format to the next


def present(words: Words, notes: list[str]) -> Words:
    """Words of any format in those of the present one; raises SettingError for a newer one."""
    words = dict(words)
    said = words.pop("v", "1")
    if not re.fullmatch("[1-9][0-9]{0,99}", said):
        notes.append(
            f"v (the format): {short(said)} is not a whole number from 1 on; it is ignored"
        )
        said = "1"
    if int(said) > FORMAT:
        raise SettingError(
            f"format {short(said)} is of a newer version of the page; this one reads up to {FORMAT}"
        )
    for old in range(int(said), FORMAT):
        words = STEPS[old](words)
    return words


def title_of(text: str, place: str, notes: list[str]) -> str:
    """A title that can be shown, with a note if it is another than `text`."""
    title = clean_title(text)
    if title != text:
        wrong = f"{place}: {short(text)} is longer than {LONGEST_TITLE} or not plain text"
        notes.append(f"{wrong}; {short(title)} is used")
    return title


def scenarios(text: str, place: str, notes: list[str]) -> tuple[tuple[str, Scenario], ...]:
    """Titles and scenarios of the word `place`: table, or pin, which is one without title."""
    most = MOST_IN_TABLE if place == "table" else 1
    parts = text.split("~~")
    if len(parts) > most:
        notes.append(f"{place}: {len(parts)} scenarios are too many; the first {most} are used")
    found = [_titled(part, place, notes) for part in parts[:most]]
    return tuple(one for one in found if one)


def _titled(text: str, place: str, notes: list[str]) -> tuple[str, Scenario] | None:
    """Title and scenario of a text as scenario_text makes it, or None without a known case."""
    name, *parts = text.split("~")
    if name not in cases():
        notes.append(f"{place}: {short(name)} is not a case; it is left out")
        return None
    words: Words = {}
    for part in parts:
        key, _, value = part.partition(".")
        if key in words:
            notes.append(f"{place}: {short(key)} is there more than once; the last is used")
        words[key] = value
    title = title_of(unquote(words.pop("title", "")), place, notes) if place == "table" else ""
    if "events" in words:
        words["events"] = words["events"].replace(".", "+")
    return title, changed_by(case(name), words, notes, f"{place}: ")


def changed_by(start: Scenario, words: Words, notes: list[str], place: str = "") -> Scenario:
    """`start` with those of the words that are settings and can be used."""
    as_it_is = every_value(start)
    words = {name: text for name, text in words.items() if text != as_it_is.get(name)}
    plain = (0 < len(text) <= LONGEST_WORD and text.isascii() for text in words.values())
    if "case" not in words and all(plain):
        try:
            return change(start, words)
        except SettingError:
            pass  # some of them can be used, one by one
    for name, text in words.items():
        if name in GONE:
            notes.append(f"{place}{name} is no longer a setting; it is left out")
            continue
        known = name in all_settings() or name in ("origin", "events")
        if not known and len(notes) >= MOST_NOTES:
            notes.append(name)  # only counted: to guess what was meant takes time
            continue
        try:
            start = _changed_by_one(start, name, text)
        except SettingError as error:
            notes.append(f"{place}{error}; {_instead(start, name)}")
    return start


def _changed_by_one(scenario: Scenario, name: str, text: str) -> Scenario:
    """`scenario` with one word used; raises SettingError."""
    if name == "case":
        raise SettingError("case belongs at the beginning")
    if name in all_settings() or name in ("origin", "events"):
        if not (0 < len(text) <= LONGEST_WORD and text.isascii()):
            raise SettingError(f"{name}: {short(text)} is not a value of it")
    return change(scenario, {name: text})


def _instead(scenario: Scenario, name: str) -> str:
    """What is used in place of a word that could not be."""
    now = every_value(scenario)
    return f"{now[name]} is used" if name in now else "it is left out"


def file_query(text: str | bytes, notes: list[str]) -> Query:
    """The words of a scenario file as a link would hold them; raises SettingError if none."""
    found = _object(text)
    if not found.keys() & {"format", "case", "settings"}:
        raise SettingError("it is not a scenario file: it names no format, case or settings")
    found.pop("what", None)
    groups = [{"v": found.pop("format")}] if "format" in found else []
    for name in ("settings", "views"):
        given = found.pop(name, [])
        groups += [group for group in given if isinstance(group, dict)]
        wrong = [_as_written(group) for group in given if not isinstance(group, dict)]
        notes += [f"{name}: {value} is not an object; it is left out" for value in wrong]
    query: Query = {}
    for group in [*groups, found]:
        for name, values in group.items():
            query[name] = query.get(name, []) + _texts(name, values, notes)
    return query


def _texts(name: str, values: list[Any], notes: list[str]) -> list[str]:
    """Values of one name of a file as a link would hold them, without those of a wrong type."""
    if name in all_settings() or name in ("v", "said"):
        kind, fits = "a number", lambda value: isinstance(value, _Digits)
    elif name == "table":
        kind, fits = "a list of texts", _is_texts
    elif name in TEXTS:
        kind, fits = "text", _is_text
    else:  # a view, or a name of another format
        return [value if isinstance(value, str) else _as_written(value) for value in values]
    wrong = [_as_written(value) for value in values if not fits(value)]
    notes += [f"{name}: {value} is not {kind}; it is left out" for value in wrong]
    right = (value for value in values if fits(value))
    return ["~~".join(value) if name == "table" else value for value in right]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, _Digits)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _as_written(value: Any) -> str:
    """A value of a file as a note shows it."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return short(value) if isinstance(value, str) else json.dumps(value)


def _object(text: str | bytes) -> dict[str, list[Any]]:
    """The JSON object of a file, all values of each name, numbers as they are written."""
    if len(text) > LARGEST_FILE:
        raise SettingError(f"the file is larger than {LARGEST_FILE // 1024} KB")
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        found = json.loads(
            plain.removeprefix("\ufeff"),
            object_pairs_hook=_pairs,
            parse_float=_Digits,
            parse_int=_Digits,
            parse_constant=_Digits,
        )
    except RecursionError:
        raise SettingError("the file is nested too deeply") from None
    except ValueError as error:
        raise SettingError(f"the file is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise SettingError(f"the file holds {_as_written(found)}, not an object")
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    """All values of each name, so that a repeated one can be told."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
