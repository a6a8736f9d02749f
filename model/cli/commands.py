"""The commands of the command line: each computes its answer from its options and prints it.

The docstring of a command is its help.
"""

import argparse
import csv
import json
import sys
from dataclasses import asdict, replace
from typing import Any

from model.analysis.attribution import explain
from model.analysis.bands import table
from model.analysis.goal_seek import LEVERS, Solved, parse_goal, solve
from model.analysis.lever_pairs import solve_pairs
from model.analysis.sensitivity import tornado
from model.analysis.two_doubts import doubts
from model.calibration import calibrate, scores, store
from model.cli import sweep
from model.cli.sweep_input import grid, listed
from model.engine import compiled
from model.evidence import DATA, load_evidence, use_only_inputs
from model.number_text import json_text, plain_number, table_text
from model.scenario.gone import change_with_notes
from model.scenario.links import View, link_view
from model.scenario.scenario import case, cases, events_text, typed_values
from model.scenario.settings import SettingError


def view_from(arguments: argparse.Namespace) -> View:
    """The scenario of the options, with what else its link holds; raises SettingError.

    On stderr a line for each former setting or choice that is not used.
    """
    if arguments.link is not None:
        try:
            view, old = link_view(arguments.link)
        except SettingError as error:
            raise SettingError(f"--link: {error}") from None
    else:
        view, old = View(scenario=case(arguments.case or "")), []
    changes: dict[str, str] = {}
    for text in arguments.set:
        try:
            changes |= typed_values(text)
        except SettingError as error:
            raise SettingError(f"--set {text[:60]!r}: {error}") from None
    scenario, notes = change_with_notes(view.scenario, changes)
    for text in (*old, *notes):
        print(f"python -m model: {text}", file=sys.stderr)
    return replace(view, scenario=scenario)


def write_rows(rows: list[dict[str, Any]], form: str, *, one: bool = False) -> None:
    """Print rows of values of any kind as CSV or JSON; `one` row as a JSON object."""
    if form == "json":
        print(json_text(rows[0] if one else rows))
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(rows[0])
    sheet.writerows([_cell(value) for value in row.values()] for row in rows)


def _cell(value: Any) -> str:
    """A value as the text of a CSV cell: None is blank, true and false are as in JSON."""
    if isinstance(value, dict):
        return " ".join(f"{name}={_cell(number)}" for name, number in value.items())
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, bool):
        return json.dumps(value)
    return "" if value is None else str(value)


def do_cases(arguments: argparse.Namespace) -> None:
    """List the named cases: the settings of each, and its story."""
    rows = [
        {
            "case": name,
            "label": known.label,
            "origin": known.start.origin,
            "events": events_text(known.start.events),
            "settings": known.overrides,
            "story": known.story,
        }
        for name, known in cases().items()
    ]
    write_rows(rows, arguments.format)


def do_project(arguments: argparse.Namespace) -> None:
    """Print users (millions) by quarter, market and messenger, with the 80% band."""
    print(table_text(table(view_from(arguments).scenario), arguments.format), end="")


def do_solve(arguments: argparse.Namespace) -> None:
    """Find the value of one setting, or of two, at which WeChat reaches a goal."""
    view = view_from(arguments)
    goal = parse_goal(arguments.goal, arguments.by or "", view.scenario)
    levers = dict.fromkeys(arguments.lever or LEVERS)
    rows = [_solved_row(one) for one in solve(view.scenario, goal, levers)]
    if not any(row["reached"] for row in rows):
        rows += [_solved_row(one) for one in solve_pairs(view.scenario, goal, levers=levers)]
    write_rows(rows, arguments.format, one=len(arguments.lever) == 1)


def _solved_row(one: Solved) -> dict[str, Any]:
    """A row of `solve`; of a pair of levers value and now name both."""
    row: dict[str, Any] = {"lever": "+".join(one.now), "value": one.values, "now": one.now}
    if len(one.now) == 1:
        ((lever, now),) = one.now.items()
        row |= {"value": one.values.get(lever), "now": now}
    row["reached"] = bool(one.values) or one.already
    return row | {name: getattr(one, name) for name in ("enough", "unusual", "sentence")}


def do_explain(arguments: argparse.Namespace) -> None:
    """Say what each changed setting made of the difference from another scenario."""
    view = view_from(arguments)
    pinned = None if arguments.before else view.pin
    before = pinned or case(arguments.before or view.scenario.case)
    explanation = explain(before, view.scenario)
    if not explanation.contributions:
        raise SettingError(f"--from {before.case}: no setting differs from it")
    write_rows([asdict(one) for one in explanation.contributions], arguments.format)


def do_doubts(arguments: argparse.Namespace) -> None:
    """Split WeChat users at the end by doubt: without any, what each takes, what remains."""
    split = doubts(view_from(arguments).scenario)
    write_rows([asdict(split)], arguments.format, one=True)


def do_tornado(arguments: argparse.Namespace) -> None:
    """Rank the settings: WeChat users with each one alone at the ends of its range."""
    bars = tornado(view_from(arguments).scenario).bars
    write_rows([asdict(bar) for bar in bars], arguments.format)


def do_sweep(arguments: argparse.Namespace) -> None:
    """Write users for many scenarios to a file."""
    compiled.compile_now()
    base, out = view_from(arguments).scenario, arguments.out
    if out and arguments.list and arguments.list.resolve() == out.resolve():
        raise SettingError(f"--out {out} would overwrite the list itself; name another file")
    table = listed(arguments.list) if arguments.list else grid(arguments.grid)
    last_only, scheduler = arguments.quarters == "end", arguments.scheduler
    lines = sweep.sweep_lines(base, table, last_only=last_only, scheduler=scheduler)
    sweep.write(lines, out)


def do_calibrate(arguments: argparse.Namespace) -> None:
    """Compute both fits and the record again (minutes) and store them."""
    compiled.compile_now()
    use_only_inputs()  # it must be able to mend what it makes
    known = load_evidence()
    made = calibrate.tables(known) | scores.tables(known)
    for name, frame in made.items():
        store.write(frame, DATA / f"{name}.csv")
    store.store_rows({name: len(frame) for name, frame in made.items()}, DATA)
    store.store_defaults(made["fits"], DATA)
    print(table_text(made["fits"], arguments.format), end="")


def do_compile(arguments: argparse.Namespace) -> None:
    """Compile the equations, once for this machine (half a minute)."""
    print(compiled.compile_now() or "nothing to compile: answers take longer, and are the same")


def do_record(arguments: argparse.Namespace) -> None:
    """Print what the page's model would have forecast from 2013 to 2022, and what came."""
    print(table_text(load_evidence().record, arguments.format), end="")
