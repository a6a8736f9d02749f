"""Links: everything that an address of the page holds, written and read.

A short link holds what differs from the defaults: ?case=hard-line&wechat=160. A full link holds
every value, the number that the page showed and the version of the data behind it. It shows the
same scenario after a default has changed, and tells its reader whether the answer changed.

A scenario inside a link is its case and what differs from it, joined by ~, in characters that an
address need not escape: hard-line~events.india-ban.us-ban~wechat.160. Words that are no near miss
of a word of ours were added by messengers, mail or advertisers: they are left out without a note.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from re import Pattern
from urllib.parse import parse_qs, quote, unquote

from model.number_text import plain_number
from model.scenario.gone import GONE, NO_CHOICE, NO_SETTING, former_settings, instead, take_gone
from model.scenario.scenario import Scenario, case, cases, change, differences, every_value
from model.scenario.settings import NUMBER, SettingError, all_settings, choices

FORMAT = 2  # of links; format 1 is an address without v
PARTS = ("v", "pin", "table", "title", "said", "data")  # beside settings and views
MOST_NOTES, MOST_IN_TABLE = 20, 8
MOST_UNKNOWN = 100  # words that are compared with ours: it takes time
LONGEST_TITLE, LONGEST_VALUE, LONGEST_LINK = 80, 200, 30_000  # characters
LONGEST_NAME = 40  # characters of a word that may be misspelt
ALIKE_NUMBER, ALIKE = 0.8, 0.85  # similarity from which a word is a misspelt one, with a number
USERS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?(e-[0-9]{1,2})?")  # million people
LEFT_OUT = "it is left out"
SLUG = re.compile(r"[A-Za-z0-9-]{0,40}")
DATA_VERSION = re.compile(r"[0-9a-z.-]{1,40}")
# control characters, line ends, direction marks, surrogates
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

Words = dict[str, str]  # name -> text of one value
Query = Mapping[str, list[str]]
Notes = list[tuple[str, str]]  # what is wrong with a word, and what is used instead
Views = Mapping[str, tuple[str, ...]]  # the values of each view, the default first


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


def to_query(view: View, *, full: bool, views: Views | None = None) -> Words:
    """The words of a link: every value if `full`, else what differs from the defaults."""
    words = {"v": str(FORMAT)} if full else {}
    if full or view.scenario.case != case().case:
        words["case"] = view.scenario.case
    words |= every_value(view.scenario) if full else differences(view.scenario)
    defaults = {} if full else {name: next(iter(of), "") for name, of in (views or {}).items()}
    words |= {name: value for name, value in view.views if value != defaults.get(name)}
    rows = [_scenario_text(scenario, title) for title, scenario in view.table[:MOST_IN_TABLE]]
    words["pin"] = _scenario_text(view.pin) if view.pin else ""
    words |= {"table": "~~".join(rows), "title": clean_title(view.title)}
    if full:
        words["data"] = view.shown_data
        words["said"] = "" if view.shown_users is None else plain_number(view.shown_users)
    return {name: text for name, text in words.items() if text}


def clean_title(text: str) -> str:
    """At most 80 characters of one line, without control characters or direction marks."""
    return INVISIBLE.sub("", text).strip()[:LONGEST_TITLE].strip()


def _scenario_text(scenario: Scenario, title: str = "") -> str:
    words = differences(scenario)
    if "events" in words:  # a plus sign would be escaped
        words["events"] = words["events"].replace("+", ".")
    if clean_title(title):
        words["title"] = quote(clean_title(title), safe="").replace("~", "%7E")
    return "~".join([scenario.case, *(f"{name}.{text}" for name, text in words.items())])


def parse_link(text: str) -> dict[str, list[str]]:
    """The words of a complete address, or of the part after its question mark."""
    before, mark, after = text.strip().partition("?")
    words = after if mark else "" if "://" in before else before
    return parse_qs(words.partition("#")[0], keep_blank_values=True)


def link_view(text: str) -> tuple[View, list[str]]:
    """The view of an address, and a sentence for each word of an older link that has no effect now.

    Raises SettingError with the first word that cannot be used.
    """
    if text and not re.search("[=?/:.]", text):
        raise SettingError(
            f"{_short(text)} is no address of the page; expected words as wechat=160"
        )
    view, notes = _read(parse_link(text), {})
    for wrong, _ in notes:
        if not wrong.endswith((NO_SETTING, NO_CHOICE)):
            raise SettingError(wrong)
    return view, _sentences(notes)


def from_query(query: Query, views: Views | None = None) -> tuple[View, list[str]]:
    """The view of an address, and a sentence for each value that was not used.

    views : as in to_query; without it views are left out
    """
    view, notes = _read(query, views or {})
    texts = _sentences(notes[:MOST_NOTES])
    more = len(notes) - MOST_NOTES
    return view, [*texts, f"{more} more values were not used"] if more > 0 else texts


def _sentences(notes: Notes) -> list[str]:
    return [
        f"{wrong} {used.capitalize()}" if wrong.endswith("?") else f"{wrong}; {used}"
        for wrong, used in notes
    ]


def known_words(query: Query, views: Views | None = None) -> dict[str, list[str]]:
    """The words of an address that are ours, or near misses of ours; &amp; is taken for &."""
    ours = {*choices(), *all_settings(), *former_settings(), *PARTS, *GONE, *(views or {})}
    found: dict[str, list[str]] = {}
    unknown = 0
    for written, values in query.items():
        if not values:
            continue
        name = re.sub("^(amp;)+", "", written)
        unknown += name not in ours
        if name in ours or (unknown <= MOST_UNKNOWN and meant_word(name, values, views or {})):
            found.setdefault(name, []).extend(values)
    return found


def meant_word(name: str, values: list[str], views: Iterable[str] = ()) -> str:
    """The word of a link that an unknown one is a misspelling of; "" for a foreign word.

    A setting is meant rather by a number: market=IDN is another word, marketin=300 is not.
    """
    if not 3 <= len(name) <= LONGEST_NAME:
        return ""
    is_number = NUMBER.fullmatch(values[-1].strip().removesuffix("%").strip())
    found = get_close_matches(name.lower(), all_settings(), 1, ALIKE_NUMBER if is_number else ALIKE)
    others = [one for one in (*choices(), "table", "title", *views) if len(name) > 3 < len(one)]
    same_letters = [one for one in others if sorted(one) == sorted(name.lower()) and len(one) > 4]
    alike = get_close_matches(name.lower(), others, 1, ALIKE)
    return next(iter(found or same_letters or alike), "")


def _read(query: Query, views: Views) -> tuple[View, Notes]:
    """The view of an address of any format, and the notes on it."""
    notes: Notes = []
    words: Words = {}
    for name, values in known_words(query, views).items():
        if len(values[-1]) > LONGEST_LINK:
            notes.append((f"{name} is too long, {_short(values[-1])}", LEFT_OUT))
            continue
        words[name] = values[-1]
        if len(values) > 1:
            notes.append((f"{_short(name)} appears more than once", "using the last"))
    version = words.get("v", "1")
    if not re.fullmatch("[1-9][0-9]{0,99}", version):
        wrong = f"v (the format): {_short(version)} is not a whole number from 1"
        notes.append((wrong, "using 1"))
    elif int(version) > FORMAT:
        newer = f"format {_short(version)} was written by a newer version; this one reads up to"
        return _read({}, views)[0], [(f"{newer} {FORMAT}", f"using {cases()[case().case].label}")]
    return _view(words, views, notes), notes


def _view(words: Words, views: Views, notes: Notes) -> View:
    """The view of words that are ours or misspelt; removes them from `words`."""
    is_full = words.pop("v", None) is not None
    notes += take_gone(words)
    shown = tuple((name, _take(words, name, of or SLUG, notes)) for name, of in views.items())
    pins = _scenarios(words.pop("pin", ""), "pin", 1, notes)
    table = _scenarios(words.pop("table", ""), "table", MOST_IN_TABLE, notes)
    title = _title(words.pop("title", ""), "title", notes)
    users = _take(words, "said", USERS, notes)
    data = _take(words, "data", DATA_VERSION, notes)
    name = words.pop("case", case().case)
    if name not in cases():
        wrong = f"case: {_short(name)} is not one of {', '.join(cases())}"
        notes.append((wrong, f"using {cases()[case().case].label}"))
    start = case(name if name in cases() else "")
    newer = [name for name in all_settings() if name not in words]
    if is_full and 0 < len(newer) < len(all_settings()) / 2:  # written before these were settings
        notes.append((f"newer settings are missing: {', '.join(newer)}", "using those of the case"))
    ours = {*choices(), *all_settings(), *former_settings()}
    for name in [name for name in words if name not in ours]:
        meant = meant_word(name, [words.pop(name)], views)
        notes.append((f"{_short(name)} is not a setting; did you mean {meant}?", LEFT_OUT))
    return View(
        scenario=_changed_by(start, words, notes),
        views=shown,
        pin=pins[0][1] if pins else None,
        table=table,
        title=title,
        shown_users=float(users) if users else None,
        shown_data=data,
    )


def _short(text: str) -> str:
    """A text as a note quotes it, at most 40 characters."""
    return repr(text[:40])


def _take(words: Words, name: str, allowed: Pattern | tuple[str, ...], notes: Notes) -> str:
    """Remove a word and return it if it is allowed, else the first of a list, or ""."""
    default = "" if isinstance(allowed, Pattern) else allowed[0]
    if (text := words.pop(name, None)) is None:
        return default
    if allowed.fullmatch(text) if isinstance(allowed, Pattern) else text in allowed:
        return text
    used = f"using {default}" if default else LEFT_OUT
    notes.append((f"{name}: {_short(text)} is not known", used))
    return default


def _title(text: str, place: str, notes: Notes) -> str:
    """The title that can be shown for a text, with a note if the text was changed."""
    title = clean_title(text)
    if title != text:
        wrong = f"{place}: {_short(text)} is longer than {LONGEST_TITLE} or not plain text"
        notes.append((wrong, f"using {_short(title)}"))
    return title


def _scenarios(text: str, place: str, most: int, notes: Notes) -> tuple[tuple[str, Scenario], ...]:
    """(title, scenario) of each part of the word `place`; parts are joined by ~~."""
    parts = [part.split("~") for part in text.split("~~") if part]
    if len(parts) > most:
        notes.append((f"{place}: {len(parts)} scenarios are too many", f"using the first {most}"))
    rows = []
    for name, *pairs in parts[:most]:
        if name not in cases():
            notes.append((f"{place}: {_short(name)} is not a case", LEFT_OUT))
            continue
        own: Words = dict(pair.partition(".")[::2] for pair in pairs)
        title = _title(unquote(own.pop("title", "")), place, notes)
        rows.append((title, _changed_by(case(name), own, notes, f"{place}: ")))
    return tuple(rows)


def _changed_by(start: Scenario, words: Words, notes: Notes, place: str = "") -> Scenario:
    """`start` with the settings of `words` that can be used; a note for each that cannot."""
    before, former = every_value(start), former_settings()
    for name, text in words.items():
        if name in former or text == before.get(name):
            continue
        if name not in before and len(notes) >= MOST_NOTES:
            notes.append((name, LEFT_OUT))  # only counted: to find a similar name takes time
            continue
        try:
            if name == "case":
                raise SettingError(f"{name} is not a setting here")
            if not 0 < len(text) <= LONGEST_VALUE:
                raise SettingError(f"{name}: {_short(text)} is not a value of this setting")
            start = change(start, {name: text})
        except SettingError as error:
            used = f"using {before[name]}" if name in before else LEFT_OUT
            notes.append((f"{place}{error}", used))
    for name, text in words.items():  # last: another word may set what counts instead
        if name in former and (note := instead(start, name, text)):
            notes.append((f"{place}{note[0]}", note[1]))
    return start
