"""Scenarios: a case and what was changed from it. A scenario is a what-if without probability."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from model.evidence import DataError, load_evidence
from model.quarters import QUARTER, decimal_year, quarter_name, quarters_between
from model.scenario.settings import (
    SettingError,
    all_parameters,
    all_settings,
    choices,
    settings_and_parameters,
)

DEFAULT_FIT = "march-2014"  # its values are those of data/settings.csv, parameters.csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One what-if, hashable: equal scenarios give equal projections.

    values : (name, value) for every numeric setting, in the order of data/settings.csv
    parameters : (name, value) for every constant of the fit; those of the case, nobody sets them
    """

    case: str
    origin: str
    events: tuple[str, ...]
    values: tuple[tuple[str, float], ...]
    parameters: tuple[tuple[str, float], ...]

    def __getitem__(self, name: str) -> float:
        """The value of one numeric setting or parameter, in its unit."""
        return dict(self.values + self.parameters)[name]


@dataclass(frozen=True, slots=True)
class Case:
    """A named scenario with its story.

    fit : the fit that it starts from, in data/fits.csv
    overrides : the settings that differ from data/settings.csv
    """

    label: str
    story: str
    fit: str
    overrides: dict[str, float]
    start: Scenario


@lru_cache(maxsize=1)
def starting_quarters() -> tuple[str, ...]:
    """The quarters from which a projection can start, earliest first."""
    return tuple(sorted(load_evidence().installed_base.origin.unique()))


@lru_cache(maxsize=1)
def switches() -> dict[str, str]:
    """The dated events that can be switched on: name -> label, in the order of the table."""
    table = load_evidence().switches
    return dict(zip(table.switch, table.label, strict=True))


def parse_events(text: str) -> tuple[str, ...]:
    """Switch names from "none", "all" or names joined by "+", in the order of the table.

    A plus sign typed into an address arrives as a blank; a scenario inside a link has points.
    """
    known = tuple(switches())
    if text in ("none", ""):
        return ()
    names = known if text == "all" else tuple(re.split("[+ .]", text))
    if {"none", "all"} & {*names}:
        wrong = f"{text[:40]!r} joins none or all with others"
        raise SettingError(f"events: {wrong}, of {', '.join(known)}")
    for name in names:
        if name not in known:
            raise SettingError(f"events: {name[:40]!r} is not one of none, all, {', '.join(known)}")
    return tuple(name for name in known if name in names)


def events_text(names: tuple[str, ...]) -> str:
    """The opposite of parse_events: the word or words for the switches that are on."""
    return "+".join(names) or "none"


@lru_cache(maxsize=1)
def cases() -> dict[str, Case]:
    """The cases of data/cases.csv by name, the default first."""
    known, by_name = load_evidence(), {}
    for row in known.cases.itertuples():
        own = known.case_settings[known.case_settings.case == row.case]
        differ = _fitted(row.fit) | {one.setting: _override(one) for one in own.itertuples()}
        parameters = {key: differ.pop(key, one.value) for key, one in all_parameters().items()}
        start = Scenario(
            case=row.case,
            origin=_origin(row.origin),
            events=parse_events(row.events),
            values=tuple((key, differ.get(key, one.value)) for key, one in all_settings().items()),
            parameters=tuple(parameters.items()),
        )
        by_name[row.case] = Case(row.label, row.story, row.fit, overrides=differ, start=start)
    return by_name


@lru_cache(maxsize=2)
def _fitted(fit: str) -> dict[str, float]:
    """The settings of a fit to the steps of their sliders, its parameters to three digits.

    Nothing of the default one. No answer depends on it: the draws are the fit's own, wherever the
    slider stands for them.
    """
    table, known, found = load_evidence().fits, settings_and_parameters(), {}
    rows = table[(table.fit == fit) & table.setting.isin(known) & (fit != DEFAULT_FIT)]
    for name, value in zip(rows.setting, rows.value, strict=True):
        step = known[name].step
        is_slider = name in all_settings()
        text = f"{round(value / step) * step:.6g}" if is_slider else f"{value:.3g}"
        found[name] = known[name].parse(text)
    return found


def fit_value(fit: str, name: str) -> float:
    """The value of a setting or parameter where the cases of a fit start."""
    return _fitted(fit).get(name, settings_and_parameters()[name].value)


def _override(line: Any) -> float:
    """The value of one row of data/case_settings.csv; raises DataError with the row."""
    try:
        return settings_and_parameters()[line.setting].parse(line.value)
    except SettingError as error:
        raise DataError(f"data/case_settings.csv, row {line.Index}: {error}") from None


def case(name: str = "") -> Scenario:
    """The scenario of a named case; the default case without a name. Raises SettingError."""
    name = name or choices()["case"]["value"]
    if name not in cases():
        raise SettingError(f"case: {name[:40]!r} is not one of {', '.join(cases())}")
    return cases()[name].start


def change(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """`scenario` with some settings changed; raises SettingError naming a bad name or value.

    changes : setting name -> value; a case is applied first, so that it can be changed too
    """
    if "case" in changes:
        scenario = case(str(changes["case"]))
    values = dict(scenario.values)
    for name, value in changes.items():
        if name == "case":
            continue
        if name == "origin":
            scenario = replace(scenario, origin=_origin(str(value)))
        elif name == "events":
            scenario = replace(scenario, events=parse_events(str(value)))
        elif name in values:
            values[name] = all_settings()[name].parse(value)
        else:
            raise SettingError(_unknown(str(name), [*choices(), *values]))
    return replace(scenario, values=tuple(values.items()))


@lru_cache(maxsize=1)
def _typed_names() -> dict[str, str]:
    """Every name and label of a setting, in lower case -> the name."""
    labels = {row["label"]: name for name, row in choices().items()}
    labels |= {one.label: name for name, one in settings_and_parameters().items()}
    return {text.lower(): name for label, name in labels.items() for text in (label, name)}


@lru_cache(maxsize=1)
def _typed_pair() -> re.Pattern:
    """A name or label and its value, as a person types them: "wechat = 200", "Concern: 33 %"."""
    known = map(re.escape, sorted(_typed_names(), key=len, reverse=True))
    names = "|".join(re.sub(r"(\\ )+", r"\\s+", text) for text in known)
    value = r"[+-]?[0-9.]+,[0-9]+(?:\s*%)?|[^\s,;&]+(?:\s*%)?"
    equals = r"\s*[=:]\s*|\s+(?=[+-]?\.?[0-9])"
    return re.compile(rf"[\s,;&]*({names}|[^\s=:,;&]+)(?:{equals})({value})", re.IGNORECASE)


def typed_values(text: str) -> dict[str, str]:
    """Setting name -> value of texts like "wechat=137 Security concern: 33%", for `change`.

    A setting has its name or its label. Raises SettingError for what has no value.
    """
    values, rest = {}, text.strip(" \t\r\n,;&")
    while rest:
        pair = _typed_pair().match(rest)
        if pair is None:
            raise SettingError(f"{rest[:40]!r} has no value; expected NAME=VALUE")
        name = " ".join(pair[1].split())
        values[_typed_names().get(name.lower(), name)] = pair[2]
        rest = rest[pair.end() :].lstrip(" \t\r\n,;&")
    return values


def later_quarters(scenario: Scenario) -> tuple[str, ...]:
    """The quarters that a projection can end at: from the shortest horizon to its own end."""
    start, shortest = decimal_year(scenario.origin), all_settings()["horizon"].low
    count = round((scenario["horizon"] - shortest) / QUARTER) + 1
    return tuple(quarter_name(start + shortest + i * QUARTER) for i in range(count))


def until(scenario: Scenario, quarter: str | None) -> Scenario:
    """`scenario` with its end at an earlier quarter; the same without one that it can end at."""
    if quarter not in later_quarters(scenario)[:-1]:
        return scenario
    return change(scenario, {"horizon": quarters_between(scenario.origin, quarter) * QUARTER})


def _unknown(name: str, known: list[str]) -> str:
    """Say that a name is not a setting, and which one it may stand for."""
    alike = get_close_matches(name.lower(), known, n=1)
    meant = f"; did you mean {alike[0]}?" if alike else f"; the first are {', '.join(known[:8])}"
    return f"{name[:40]!r} is not a setting{meant}"


def all_values(scenario: Scenario) -> dict[str, object]:
    """Every setting of a scenario but its case, events as text."""
    events = events_text(scenario.events)
    return {"origin": scenario.origin, "events": events, **dict(scenario.values)}


def changed(scenario: Scenario) -> dict[str, tuple[object, object]]:
    """The settings that differ from the scenario's case: name -> (value of the case, value now)."""
    before, after = all_values(case(scenario.case)), all_values(scenario)
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def every_value(scenario: Scenario) -> dict[str, str]:
    """Every setting of a scenario as text, without its case."""
    return {name: value_text(value) for name, value in all_values(scenario).items()}


def differences(scenario: Scenario) -> dict[str, str]:
    """The settings that differ from the scenario's case, as text."""
    return {name: value_text(now) for name, (_, now) in changed(scenario).items()}


def value_text(value: object) -> str:
    """The shortest text that reads back as exactly this value: 160.0 -> "160"."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


@lru_cache(maxsize=64)
def switched(events: tuple[str, ...]) -> tuple[Any, ...]:
    """The rows of data/switches.csv that are on."""
    table = load_evidence().switches
    return tuple(table[table.switch.isin(events)].itertuples())


def events_between(scenario: Scenario, start: float, end: float) -> list[tuple[float, str]]:
    """Time (decimal year) and name of each event between two times, the earliest first."""
    dated = [row for row in switched(scenario.events) if row.quarter]
    events = [(decimal_year(row.quarter), row.label.partition(" (")[0]) for row in dated]
    if "wechat-ads-end" not in scenario.events and scenario["marketing"] > 0:
        events.append((scenario["until"] + 1, "WeChat stops advertising"))
    if scenario["incident"] > 0:
        events.append((scenario["incident_year"], "Security incident"))
    return sorted(event for event in events if start < event[0] < end)


def _origin(text: str) -> str:
    """`text` if it is an origin; raises SettingError."""
    if text not in starting_quarters():
        raise SettingError(f"origin: {text[:40]!r} is not one of {', '.join(starting_quarters())}")
    return text
