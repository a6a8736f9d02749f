"""Links: everything that an address of the page holds, written and read.

A short link holds what differs from the defaults: ?case=hard-line&wechat=160. A full link holds
every value, the number that the page showed and the version of the data behind it. It shows the
same scenario after a default has changed, and tells its reader whether the answer changed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qs

from model.evidence import data_version
from model.number_text import users_text
from model.scenario import link_text
from model.scenario.link_text import MOST_IN_TABLE, MOST_NOTES, Words, short
from model.scenario.scenario import Scenario, case, cases
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

FORMAT = 2  # of links and files; format 1 is an address without v
PARTS = ("pin", "table", "title", "said", "data")  # beside settings and views
FROM_STREAMLIT = ("embed", "embed_options")  # in the address, but not of the scenario
LONGEST_LINK = 30_000  # characters; the links that the page writes are shorter
SLUG = re.compile(r"[A-Za-z0-9-]{1,40}")
DATA_VERSION = re.compile(r"[0-9a-z.-]{1,40}")
MOST_USERS = 10_000  # million people
NEAR = 0.75  # similarity from which an unknown name is taken for a misspelt setting

Query = Mapping[str, list[str]]
Views = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that a link holds.

    views : (name, value) of each view of the page, in the page's order
    pin : the scenario to compare with;  table : (title, scenario), at most MOST_IN_TABLE
    shown_users : the headline number, million people;  shown_data : the data version behind it
    """

    scenario: Scenario
    views: tuple[tuple[str, str], ...] = ()
    pin: Scenario | None = None
    table: tuple[tuple[str, Scenario], ...] = ()
    title: str = ""
    shown_users: float | None = None
    shown_data: str = ""


def changed_answer(view: View, users: float, *, complete: bool = True) -> str:
    """A sentence if the headline number of a link is now another, `users` (million); else "".

    complete : every value of the link could be used
    """
    if view.shown_users is None or users_text(view.shown_users) == users_text(users):
        return ""
    numbers = f"It showed {users_text(view.shown_users)}, now {users_text(users)}: "
    if not complete:
        return f"{numbers}not all of its values could be used, as listed below."
    now = data_version()
    if view.shown_data == now:
        return f"{numbers}the model changed since, the data did not (data of {now})."
    versions = f"data of {view.shown_data} then, of {now} now"
    if not view.shown_data:
        versions = "no data named"
    return f"{numbers}the data or the model changed since ({versions})."


def to_query(view: View, *, full: bool, views: Views | None = None) -> Words:
    """The words of a link: every value if `full`, else what differs from the defaults.

    views : the views of the page and their values, the default first
    """
    words = {"v": str(FORMAT)} if full else {}
    if full or view.scenario.case != case().case:
        words["case"] = view.scenario.case
    words |= link_text.every_value(view.scenario) if full else link_text.differences(view.scenario)
    defaults = {} if full else {name: next(iter(of), "") for name, of in (views or {}).items()}
    words |= {name: value for name, value in view.views if value != defaults.get(name)}
    rows = view.table[:MOST_IN_TABLE]
    words |= {
        "pin": link_text.scenario_text(view.pin) if view.pin else "",
        "table": "~~".join(link_text.scenario_text(scenario, title) for title, scenario in rows),
        "title": link_text.clean_title(view.title),
    }
    if full:
        words["data"] = view.shown_data
    if full and view.shown_users is not None:
        words["said"] = link_text.value_text(float(view.shown_users))
    return {name: text for name, text in words.items() if text}


def parse_link(text: str) -> dict[str, list[str]]:
    """The words of a complete address, or of the part after its question mark."""
    before, mark, after = text.strip().partition("?")
    words = after if mark else "" if "://" in before else before
    return parse_qs(words.partition("#")[0], keep_blank_values=True)


def from_query(query: Query, views: Views | None = None) -> tuple[View, list[str]]:
    """The view of an address, and a sentence for each value that was not used.

    views : as in to_query; without it every word that can be the name of a view is kept as one
    """
    notes: list[str] = []
    try:
        view = view_from(query, views, notes)
    except SettingError as error:
        notes = [f"{error}; using {_default_label()}"]
        view = view_from({}, views, notes)
    return view, first_notes(notes)


def _default_label() -> str:
    return cases()[case().case].label


def first_notes(notes: list[str]) -> list[str]:
    """The first notes, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"{more} more values were not used"] if more > 0 else notes


def view_from(query: Query, views: Views | None, notes: list[str]) -> View:
    """The view of an address or file of any format; raises SettingError for a newer format."""
    words = _last_values(query, notes)
    is_full = "v" in words
    words = _in_present_format(words, notes)
    view_words = _any_views(words) if views is None else _known_views(words, views, notes)
    pins = link_text.scenarios_from(words, "pin", 1, notes)
    table = link_text.scenarios_from(words, "table", MOST_IN_TABLE, notes)
    title = link_text.title_from(words.pop("title", ""), "title", notes)
    users = _take(words, "said", _is_users, notes)
    data = _take(words, "data", DATA_VERSION.fullmatch, notes)
    name = words.pop("case", case().case)
    if name not in cases():
        known = ", ".join(cases())
        notes.append(f"case: {short(name)} is not one of {known}; using {_default_label()}")
        name = ""
    start = case(name)
    newer = [name for name in all_settings() if name not in words]
    if is_full and 0 < len(newer) < len(all_settings()) / 2:  # written before these were settings
        values = link_text.every_value(start)
        used = ", ".join(f"{name} {values[name]}" for name in newer)
        notes.append(f"newer settings are missing: {', '.join(newer)}; using {used} of the case")
    return View(
        scenario=link_text.changed_by(start, words, notes),
        views=view_words,
        pin=pins[0][1] if pins else None,
        table=table,
        title=title,
        shown_users=float(users) if users else None,
        shown_data=data,
    )


def _last_values(query: Query, notes: list[str]) -> Words:
    """The last value of each name, up to the length of the longest link."""
    words, room = {}, LONGEST_LINK
    for name, values in query.items():
        if name in FROM_STREAMLIT or not values:
            continue
        size = len(name) + sum(map(len, values))
        if size > room:
            notes.append(f"{short(name)} is too long, {short(values[-1])}; it is left out")
            continue
        room -= size
        words[name] = values[-1]
        if len(values) > 1:
            notes.append(f"{short(name)} appears more than once; using the last")
    return words


def _with_plus_signs(words: Words) -> Words:
    """Format 1 was also typed by hand, with a plus sign that arrives as a blank."""
    return words | {"events": words["events"].replace(" ", "+")} if "events" in words else words


# from each format to the next
STEPS: dict[int, Callable[[Words], Words]] = {1: _with_plus_signs}


def _in_present_format(words: Words, notes: list[str]) -> Words:
    """Words of any format in the present one, without v; raises SettingError for a newer one."""
    text = words.get("v", "1")
    words = {name: value for name, value in words.items() if name != "v"}
    if not re.fullmatch("[1-9][0-9]{0,99}", text):
        notes.append(f"v (the format): {short(text)} is not a whole number from 1; using 1")
        text = "1"
    if int(text) > FORMAT:
        raise SettingError(
            f"format {short(text)} was written by a newer version; this one reads up to {FORMAT}"
        )
    for old in range(int(text), FORMAT):
        words = STEPS[old](words)
    return words


def _any_views(words: Words) -> tuple[tuple[str, str], ...]:
    """(name, value) of every word that can be a view of the page; removes them from `words`."""
    others = {*choices(), *all_settings(), *link_text.REMOVED_SETTINGS, *PARTS}
    views = [pair for pair in words.items() if pair[0] not in others and _can_be_view(*pair)]
    return tuple((name, words.pop(name)) for name, _ in views)


def _can_be_view(name: str, value: str) -> bool:
    """Whether a word is not like a setting: market=IDN is a view, marketin=300 a misspelt one."""
    if not (SLUG.fullmatch(name) and SLUG.fullmatch(value)):
        return False
    known = [*choices(), *(all_settings() if NUMBER.fullmatch(value) else [])]
    return not get_close_matches(name, known, n=1, cutoff=NEAR)


def _known_views(words: Words, views: Views, notes: list[str]) -> tuple[tuple[str, str], ...]:
    """(name, value) of each view of the page; removes them from `words`."""
    pairs = []
    for name, options in views.items():
        valid = options.__contains__ if options else lambda text: not text or SLUG.fullmatch(text)
        pairs.append((name, _take(words, name, valid, notes, next(iter(options), ""))))
    return tuple(pairs)


def _take(
    words: Words, name: str, valid: Callable[[str], object], notes: list[str], default: str = ""
) -> str:
    """Remove a word and return it if it is valid, else `default`."""
    text = words.pop(name, None)
    if text is None or valid(text):
        return default if text is None else text
    instead = f"using {default}" if default else "it is left out"
    notes.append(f"{name}: {short(text)} is not known; {instead}")
    return default


def _is_users(text: str) -> bool:
    """Whether a text is a number of users (million people)."""
    is_number = link_text.is_value(text) and NUMBER.fullmatch(text)
    return bool(is_number) and 0 <= float(text) <= MOST_USERS
