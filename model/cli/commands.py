"""What each command of the command line does with its options, and how it prints the answer."""

import argparse
import csv
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from model.analysis.bands import table
from model.analysis.goal_seek import LEVERS, parse_goal, solve
from model.analysis.sensitivity import tornado
from model.calibration import backtest, calibrate, record_scores
from model.cli import sweep
from model.cli.sweep_input import grid, listed
from model.curves import user_series
from model.engine.projection import OUTSIDE
from model.evidence.reader import DATA, load_evidence
from model.scenario.link_text import value_text
from model.scenario.links import View, from_query, parse_link
from model.scenario.scenario import case, cases, change, events_text
from model.scenario.scenario_file import LARGEST_FILE, from_file
from model.scenario.settings import SettingError

SOLVED = ("lever", "value", "now", "reached", "sentence")


def view_from(arguments: argparse.Namespace) -> View:
    """The scenario that the options ask for, with the views of a link; raises SettingError."""
    if arguments.case is not None and not arguments.case.strip():
        raise SettingError(f"--case {arguments.case!r} is not one of {', '.join(cases())}")
    if arguments.link is not None and not arguments.link.strip():
        raise SettingError(f"--link {arguments.link!r} is not an address of the page")
    if arguments.link is not None:
        base = _whole("--link", from_query(parse_link(arguments.link)))
    elif arguments.file is not None:
        base = _whole(f"--file {arguments.file}", _read(arguments.file))
    else:
        base = View(scenario=case(arguments.case or ""))
    outside = dict(base.views).get("outside", OUTSIDE[0])
    if outside not in OUTSIDE:
        raise SettingError(f"outside: {outside[:40]!r} is not one of {', '.join(OUTSIDE)}")
    changes = {}
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise SettingError(f"--set {text[:60]!r} is not of the form name=value")
        changes[name.strip()] = value.strip()
    return replace(base, scenario=change(base.scenario, changes))


def _read(path: Path) -> tuple[View, list[str]]:
    """What a scenario file says; raises SettingError with its name."""
    try:
        with path.open("rb") as file:
            return from_file(file.read(LARGEST_FILE + 1))
    except OSError as error:
        raise SettingError(f"--file {path} cannot be read: {error.strerror}") from None
    except SettingError as error:
        raise SettingError(f"--file {path}: {error}") from None


def _whole(where: str, found: tuple[View, list[str]]) -> View:
    """A view of which everything could be used; raises SettingError for the first that could not.

    Nobody would see a note beside rows that a program reads.
    """
    view, notes = found
    if notes:
        wrong, _, _instead = notes[0].rpartition("; ")
        raise SettingError(f"{where}: {wrong}")
    return view


def _outside(arguments: argparse.Namespace, view: View) -> str:
    """Which users count: as the option says, else the link."""
    return arguments.outside or dict(view.views).get("outside", OUTSIDE[0])


def write(frame: pd.DataFrame, form: str) -> None:
    """Print a frame as CSV or as a JSON list of rows, numbers with six decimals."""
    if form == "csv":
        frame.to_csv(sys.stdout, index=False, float_format="%.6f", lineterminator="\n")
    else:
        rows = json.loads(frame.to_json(orient="records", double_precision=6))
        print(json.dumps(rows, indent=1))


def write_exactly(rows: list[dict[str, Any]], form: str, *, one: bool = False) -> None:
    """Print rows with all digits as CSV or JSON; `one` row as a JSON object."""
    if form == "json":
        print(json.dumps(rows[0] if one else rows, indent=1, ensure_ascii=False))
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(rows[0])
    for row in rows:
        sheet.writerow(_cell(value) for value in row.values())


def _cell(value: Any) -> str:
    """A value in a sheet: nothing for None, true and false as in JSON."""
    if isinstance(value, dict):
        return " ".join(f"{name}={value_text(one)}" for name, one in value.items())
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return value_text(value)


def do_cases(arguments: argparse.Namespace) -> None:
    """Print the named cases with what each sets and its story."""
    rows = [
        {
            "case": found.name,
            "label": found.label,
            "origin": found.origin,
            "events": events_text(found.events),
            "settings": dict(found.overrides),
            "story": found.story,
        }
        for found in cases().values()
    ]
    write_exactly(rows, arguments.format)


def do_project(arguments: argparse.Namespace) -> None:
    """Print users by quarter, market and platform."""
    write(table(view_from(arguments).scenario), arguments.format)


def do_solve(arguments: argparse.Namespace) -> None:
    """Print what each lever alone would have to be."""
    view = view_from(arguments)
    if arguments.by is not None and not arguments.by.strip():
        raise SettingError(f"--by {arguments.by!r} is not a quarter like 2020Q1")
    goal = parse_goal(arguments.goal, arguments.by or "", view.scenario)
    levers = dict.fromkeys(arguments.lever or LEVERS)
    found = solve(view.scenario, goal, levers, _outside(arguments, view))
    rows = [{name: getattr(one, name) for name in SOLVED} for one in found]
    write_exactly(rows, arguments.format, one=len(arguments.lever) == 1)


def do_tornado(arguments: argparse.Namespace) -> None:
    """Print what each setting alone does at the ends of its range."""
    view = view_from(arguments)
    found = tornado(view.scenario, _outside(arguments, view))
    write(pd.DataFrame([asdict(bar) for bar in found.bars]), arguments.format)


def do_sweep(arguments: argparse.Namespace) -> None:
    """Write many scenarios into a file."""
    base, last_only = view_from(arguments).scenario, arguments.quarters == "end"
    if arguments.grid:
        plan = grid(base, arguments.grid, last_only=last_only)
    else:
        if (
            arguments.out.exists()
            and arguments.list.exists()
            and arguments.out.samefile(arguments.list)
        ):
            raise SettingError(f"--out {arguments.out} is the list itself")
        plan = listed(base, arguments.list, last_only=last_only)
    sweep.run(plan, arguments.out, resume=arguments.resume, force=arguments.force)


def do_calibrate(arguments: argparse.Namespace) -> None:
    """Make both fits, the back-test and the record again, and print the fits."""
    known = load_evidence()
    made = calibrate.store(known, DATA)
    for name, frame in (backtest.tables(known) | record_scores.tables(known)).items():
        calibrate.write(frame, DATA / f"{name}.csv")
    write(made["fits"], arguments.format)


def do_backtest(arguments: argparse.Namespace) -> None:
    """Print the scores of the back-test."""
    write(backtest.score_backtest(load_evidence()), arguments.format)


def do_record(arguments: argparse.Namespace) -> None:
    """Print what the page's model would have forecast from each origin, and what came."""
    write(load_evidence().record, arguments.format)


def do_fit(arguments: argparse.Namespace) -> None:
    """Print fits to a series of one's own."""
    print(json.dumps(user_series.fit_series(user_series.read_series(arguments.series)), indent=1))
