"""What a link and a scenario file say.

A short link holds what differs from the defaults: ?case=hard-line&wechat=160. A full link and a
file hold every value, with the number they showed and the vintage of the data, so that they say
the same when a default has changed since, and a reader learns if the answer did.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qs

from model.evidence.version import data_version
from model.number_text import users_text
from model.scenario.link_words import (
    FORMAT,
    LONGEST_WORD,
    MOST_IN_TABLE,
    Words,
    changed_by,
    clean_title,
    differences,
    every_value,
    few,
    file_query,
    last,
    present,
    scenario_text,
    scenarios,
    short,
    title_of,
    value_text,
)
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

SLUG = re.compile(r"[A-Za-z0-9-]{1,40}")
VINTAGE = re.compile(r"[0-9a-z.-]{1,40}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_SAID = 10_000  # million people
WHAT = "A scenario of the page How far could WeChat go abroad? Names are those of data/settings.csv"

Views = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that a link says.

    views : (name, value) of each view, in the order of the views that are known
    pin : the scenario to compare with;  table : (title, scenario), at most MOST_IN_TABLE
    said : the headline number that it showed, million people;  vintage : of the data behind it
    """

    scenario: Scenario
    views: tuple[tuple[str, str], ...] = ()
    pin: Scenario | None = None
    table: tuple[tuple[str, Scenario], ...] = ()
    title: str = ""
    said: float | None = None
    vintage: str = ""


def drift(view: View, now_said: float, *, whole: bool = True) -> str:
    """A sentence if the number behind a link is another one now (million people), else "".

    whole : every value of the link could be used
    """
    if view.said is None or users_text(view.said) == users_text(now_said):
        return ""
    moved = f"It showed {users_text(view.said)}, now {users_text(now_said)}: "
    if not whole:
        return f"{moved}not all of its values could be used, as said below."
    if view.vintage == data_version():
        return f"{moved}the model changed since, the data did not (data of {data_version()})."
    then = (
        f"data of {view.vintage} then, of {data_version()} now" if view.vintage else "no data named"
    )
    return f"{moved}the data or the model changed since ({then})."


def to_query(view: View, *, full: bool, views: Views | None = None) -> Words:
    """The words of a link: what differs from the defaults, or in full every value."""
    if full:
        words = {"v": str(FORMAT), "case": view.scenario.case, **every_value(view.scenario)}
    else:
        same = view.scenario.case == case().case
        words = {} if same else {"case": view.scenario.case}
        words |= differences(view.scenario)
    first = {name: options[0] for name, options in (views or {}).items() if options}
    words |= {k: value for k, value in view.views if value and (full or value != first.get(k))}
    words |= _extras(view)
    if full:
        words |= _stamp(view)
    return words


def _extras(view: View) -> Words:
    """Pin, table and title, where there are any."""
    rows = view.table[:MOST_IN_TABLE]
    words = {
        "pin": scenario_text(view.pin) if view.pin else "",
        "table": "~~".join(scenario_text(scenario, title) for title, scenario in rows),
        "title": clean_title(view.title),
    }
    return {name: text for name, text in words.items() if text}


def _stamp(view: View) -> Words:
    """What was shown, and from which data, where the view has them."""
    said = "" if view.said is None else value_text(float(view.said))
    words = {"data": view.vintage, "said": said}
    return {name: text for name, text in words.items() if text}


def from_query(
    query: Mapping[str, list[str]], views: Views | None = None
) -> tuple[View, list[str]]:
    """What a link says, and a sentence for each value that was not used."""
    notes: list[str] = []
    given = last(query, notes)
    try:
        words = present(given, notes)
    except SettingError as error:
        words, notes = {}, [f"{error}; {_default_case()} is used"]
    return _view(words, views, notes, stamped="v" in given), few(notes)


def _default_case() -> str:
    return cases()[case().case].label


def _view(words: Words, views: Views | None, notes: list[str], *, stamped: bool) -> View:
    """The view that words of the present format describe; uses them up.

    stamped : the words come with a format, as those of full links and files do
    """
    if views is None:
        shown = _any_views(words)
    else:
        shown = tuple((name, _shown(words, name, views[name], notes)) for name in views)
    pin = scenarios(words.pop("pin"), "pin", notes) if "pin" in words else ()
    table = scenarios(words.pop("table"), "table", notes) if "table" in words else ()
    title = title_of(words.pop("title", ""), "title", notes)
    said = _fitting(words, "said", _is_said, notes)
    data = _fitting(words, "data", VINTAGE.fullmatch, notes)
    start = words.pop("case", case().case)
    if start not in cases():
        known = ", ".join(cases())
        notes.append(f"case: {short(start)} is not one of {known}; {_default_case()} is used")
        start = ""
    newer = [name for name in all_settings() if name not in words]
    if (
        stamped and 0 < len(newer) < len(all_settings()) / 2
    ):  # every value of an older list of settings
        values = every_value(case(start))
        used = ", ".join(f"{name} {values[name]}" for name in newer)
        notes.append(f"without {', '.join(newer)}, which are newer; {used} of the case is used")
    return View(
        scenario=changed_by(case(start), words, notes),
        views=shown,
        pin=pin[0][1] if pin else None,
        table=table,
        title=title,
        said=float(said) if said else None,
        vintage=data,
    )


def _any_views(words: Words) -> tuple[tuple[str, str], ...]:
    """The words that may be views of a page that the reader does not know; uses them up."""
    known = {*choices(), *all_settings()}
    names = [
        name
        for name, value in words.items()
        if name not in known | {"pin", "table", "title", "said", "data"}
        and SLUG.fullmatch(name)
        and SLUG.fullmatch(value)
        and not get_close_matches(name, known, n=1, cutoff=0.75)
    ]
    return tuple((name, words.pop(name)) for name in names)


def _shown(words: Words, name: str, options: tuple[str, ...], notes: list[str]) -> str:
    """The value of one view; uses up its word."""
    first = options[0] if options else ""
    value = words.pop(name, first)
    if value == first or (value in options if options else SLUG.fullmatch(value)):
        return value
    notes.append(f"{name}: {short(value)} is not known; {first or 'nothing'} is used")
    return first


def _fitting(words: Words, name: str, fits: Callable[[str], object], notes: list[str]) -> str:
    """One word if it fits, else ""; uses it up."""
    if name not in words:
        return ""
    text = words.pop(name)
    if fits(text):
        return text
    notes.append(f"{name}: {short(text)} is not known; it is left out")
    return ""


def _is_said(text: str) -> bool:
    """Whether a text is a number of million people."""
    plain = len(text) <= LONGEST_WORD and text.isascii() and NUMBER.fullmatch(text)
    return bool(plain) and 0 <= float(text) <= MOST_SAID


def parse_link(text: str) -> dict[str, list[str]]:
    """The words of a whole address, or of what follows its question mark."""
    before, mark, after = text.strip().partition("?")
    words = after if mark else "" if "://" in before else before
    return parse_qs(words.partition("#")[0], keep_blank_values=True)


def to_file(view: View) -> str:
    """A scenario file: JSON with the words of a full link, its numbers as numbers."""
    settings_now = {name: _plain(value) for name, value in view.scenario.values}
    words = {k: v for k, v in every_value(view.scenario).items() if k not in settings_now}
    extras, stamp = _extras(view), _stamp(view)
    found: dict[str, Any] = {"what": WHAT, "format": FORMAT, "case": view.scenario.case, **words}
    found |= {"settings": settings_now, "views": {k: v for k, v in view.views if v}}
    if "table" in extras:
        extras["table"] = extras["table"].split("~~")
    if "said" in stamp:
        stamp["said"] = _plain(float(view.said))
    return json.dumps(found | extras | stamp, indent=1, ensure_ascii=False) + "\n"


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def from_file(text: str | bytes, views: Views | None = None) -> tuple[View, list[str]]:
    """What a scenario file says, and a sentence for each value that was not used.

    Raises SettingError for a file of which nothing can be used.
    """
    notes: list[str] = []
    given = last(file_query(text, notes), notes)
    words = present(given, notes)
    return _view(words, views, notes, stamped="v" in given), few(notes)
