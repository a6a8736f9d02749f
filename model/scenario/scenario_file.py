"""Scenario files: JSON with the words of a full link, numbers as numbers."""

import json
from typing import Any

from model.scenario.link_text import short
from model.scenario.links import View, Views, first_notes, to_query, view_from
from model.scenario.settings import SettingError, all_settings

LARGEST_FILE = 64 * 1024  # bytes
WHAT = "A scenario of the page How far could WeChat go abroad? Names are those of data/settings.csv"
TEXTS = ("case", "origin", "events", "pin", "title", "data")


class _Digits(str):
    """A number as the file writes it, so that a note can quote 1e400."""


def to_file(view: View) -> str:
    """The scenario file of a view."""
    words = to_query(view, full=True)
    content: dict[str, Any] = {"what": WHAT, "format": int(words.pop("v"))}
    content |= {name: words.pop(name) for name in ("case", "origin", "events")}
    content["settings"] = {name: _number(words.pop(name)) for name in all_settings()}
    content["views"] = {name: words.pop(name) for name, value in view.views if value}
    content |= words
    if "table" in content:
        content["table"] = content["table"].split("~~")
    if "said" in content:
        content["said"] = _number(content["said"])
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _number(text: str) -> float | int:
    """The number of a text, without a decimal point where it is whole."""
    value = float(text)
    return int(value) if value.is_integer() else value


def from_file(text: str | bytes, views: Views | None = None) -> tuple[View, list[str]]:
    """The view of a scenario file, and a sentence for each value that was not used.

    views : as in links.from_query. Raises SettingError for a file without any usable value.
    """
    notes: list[str] = []
    return view_from(_query(text, notes), views, notes), first_notes(notes)


def _query(text: str | bytes, notes: list[str]) -> dict[str, list[str]]:
    """The words of a file as a link would hold them."""
    content = _object(text)
    if not content.keys() & {"format", "case", "settings"}:
        raise SettingError("it is not a scenario file: it names no format, case or settings")
    content.pop("what", None)
    groups = [{"v": content.pop("format")}] if "format" in content else []
    for name in ("settings", "views"):
        for group in content.pop(name, []):
            if isinstance(group, dict):
                groups.append(group)
            else:
                notes.append(f"{name}: {_quoted(group)} is not an object; it is left out")
    query: dict[str, list[str]] = {}
    for group in [*groups, content]:
        for name, values in group.items():
            query.setdefault(name, []).extend(_texts(name, values, notes))
    return query


def _texts(name: str, values: list[Any], notes: list[str]) -> list[str]:
    """The values of one name as a link would hold them, without those of a wrong type."""
    if name in all_settings() or name in ("v", "said"):
        kind, fits = "a number", lambda value: isinstance(value, _Digits)
    elif name == "table":
        kind, fits = (
            "a list of texts",
            lambda value: isinstance(value, list) and all(map(_is_text, value)),
        )
    elif name in TEXTS:
        kind, fits = "text", _is_text
    else:  # a view, or a name of another format
        return [value if isinstance(value, str) else _quoted(value) for value in values]
    wrong = [_quoted(value) for value in values if not fits(value)]
    notes += [f"{name}: {value} is not {kind}; it is left out" for value in wrong]
    right = [value for value in values if fits(value)]
    return ["~~".join(value) for value in right] if name == "table" else right


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, _Digits)


def _quoted(value: Any) -> str:
    """A value of a file as a note quotes it."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return short(value) if isinstance(value, str) else json.dumps(value)


def _object(text: str | bytes) -> dict[str, list[Any]]:
    """The JSON object of a file: name -> all its values, so that a repeated name is noticed."""
    if len(text) > LARGEST_FILE:
        raise SettingError(f"the file is larger than {LARGEST_FILE // 1024} KB")
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        content = json.loads(
            plain.removeprefix("\ufeff"),
            object_pairs_hook=_grouped,
            parse_float=_Digits,
            parse_int=_Digits,
            parse_constant=_Digits,
        )
    except RecursionError:
        raise SettingError("the file is nested too deeply") from None
    except ValueError as error:
        raise SettingError(f"the file is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise SettingError(f"expected a JSON object, found {_quoted(content)}")
    return content


def _grouped(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    """All values of each name."""
    content: dict[str, list[Any]] = {}
    for name, value in pairs:
        content.setdefault(name, []).append(value)
    return content
