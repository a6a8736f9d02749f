"""The same engine from the command line: python -m model --help."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

import pandas as pd

from model import backtest, calibrate, series
from model.bands import table
from model.evidence import DATA, evidence
from model.scenario import Scenario, case, change
from model.settings import SettingError


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence on stderr and ends with exit code 2."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def scenario_from(arguments: argparse.Namespace) -> Scenario:
    """The scenario that --case and --set ask for; raises SettingError."""
    changes = {}
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"--set {text[:60]!r} is not of the form name=value")
        changes[name.strip()] = value.strip()
    return change(case(arguments.case), changes)


def _write(frame: pd.DataFrame, form: str) -> None:
    """Print a frame as CSV or as a JSON list of rows."""
    if form == "csv":
        frame.to_csv(sys.stdout, index=False, float_format="%.6f", lineterminator="\n")
    else:
        rows = json.loads(frame.to_json(orient="records", double_precision=6))
        print(json.dumps(rows, indent=1))


def _project(arguments: argparse.Namespace) -> None:
    _write(table(scenario_from(arguments)), arguments.format)


def _calibrate(arguments: argparse.Namespace) -> None:
    known = evidence()
    made = calibrate.store(known, DATA)
    for name, frame in backtest.tables(known).items():
        calibrate.write(frame, DATA / f"{name}.csv")
    _write(made["fits"], arguments.format)


def _backtest(arguments: argparse.Namespace) -> None:
    _write(backtest.backtest(evidence()), arguments.format)


def _fit(arguments: argparse.Namespace) -> None:
    found = series.fit_series(series.read_series(arguments.file))
    print(json.dumps(found, indent=1))


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = _Parser(prog="python -m model", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def add(name: str, run: Callable, does: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=does, description=does)
        command.set_defaults(run=run)
        return command

    tables = [
        add("project", _project, "users by quarter, market and platform, with the 80%% band"),
        add("calibrate", _calibrate, "make both fits and the back-test again and store them"),
        add("backtest", _backtest, "how often the model would have been right: rolling origins"),
    ]
    for command in tables:
        command.add_argument("--format", choices=["csv", "json"], default="csv")
    tables[0].add_argument("--case", default="", help="a named case, as in data/cases.csv")
    tables[0].add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change one setting"
    )
    fit = add("fit", _fit, "fit Bass, Gompertz and logistic curves to your own series, as JSON")
    fit.add_argument("file", help="CSV with period and adoptions, cumulative or active")
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one sentence on stderr for input that cannot be used."""
    arguments = parser().parse_args(words)
    try:
        arguments.run(arguments)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
    except ValueError as error:  # SettingError, DataError, a bad series
        print(f"python -m model: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
