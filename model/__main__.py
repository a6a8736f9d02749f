"""The same engine from the command line: python -m model --help."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from model.bands import table
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


def _project(arguments: argparse.Namespace) -> None:
    frame = table(scenario_from(arguments))
    if arguments.format == "csv":
        frame.to_csv(sys.stdout, index=False, float_format="%.6f", lineterminator="\n")
    else:
        rows = json.loads(frame.to_json(orient="records", double_precision=6))
        json.dump(rows, sys.stdout, indent=1)
        print()


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = _Parser(prog="python -m model", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    one = commands.add_parser(
        "project", help="users by quarter, market and platform, with the 80%% simulation band"
    )
    one.add_argument("--case", default="", help="a named case, as in data/cases.csv")
    one.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change one setting"
    )
    one.add_argument("--format", choices=["csv", "json"], default="csv")
    one.set_defaults(run=_project)
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
