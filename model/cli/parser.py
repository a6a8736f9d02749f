"""The commands of the command line and their options, and how errors end a command."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from model.cli import commands

PROGRAM = "python -m model"
ABOUT = """\
How far could WeChat go outside China, against LINE and KakaoTalk? The same model and the
same numbers as on the page. A scenario is a named case (python -m model cases) or a link to the
page, with any setting changed by --set. All users are in millions."""
EXAMPLES = """\
examples:
  python -m model cases
  python -m model project --case hard-line --set wechat=160 --format csv
  python -m model project --link "http://localhost:8501/?case=hard-line&wechat=160"
  python -m model solve --goal pass-line --by 2020Q1 --lever wechat --format json
  python -m model explain --case hard-line --from march-2014
  python -m model doubts --case march-2014
  python -m model tornado --case march-2014
  python -m model sweep --grid wechat=60:200:5 --grid concern=0:100:5 --out sweep.csv

data/settings.csv lists the settings with their ranges and units. A wrong input ends the command
with one sentence on stderr, nothing on stdout and exit code 2."""
SWEEP = """\
Write users abroad, each messenger outside its home market, for many scenarios as CSV: scenario (a
number from 1), the swept settings, quarter, WeChat, LINE, KakaoTalk (million users). Each scenario
is one run with its settings as they are, not the central line of 256 runs. A million of ten years
are the most."""


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one sentence on stderr, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = _Parser(
        prog=PROGRAM,
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(run: Callable) -> argparse.ArgumentParser:
        """A command, named and described by its function; argparse formats only the help."""
        name = run.__name__.removeprefix("do_")
        purpose = (run.__doc__ or "").split(".\n")[0].rstrip(".")
        purpose = purpose[0].lower() + purpose[1:]
        command = subparsers.add_parser(
            name, help=purpose.replace("%", "%%"), description=purpose, allow_abbrev=False
        )
        command.set_defaults(run=run)
        if name not in ("sweep", "compile"):
            form = "form of the rows (default: csv)"
            command.add_argument("--format", choices=["csv", "json"], default="csv", help=form)
        return command

    add(commands.do_cases)
    _add_scenario(add(commands.do_project))
    _add_goal(_add_scenario(add(commands.do_solve)))
    before = "the case to start from (default: the pinned scenario of a link, else the own case)"
    _add_scenario(add(commands.do_explain)).add_argument(
        "--from", dest="before", type=_text, metavar="CASE", help=before
    )
    _add_scenario(add(commands.do_doubts))
    _add_scenario(add(commands.do_tornado))
    sweep = _add_scenario(add(commands.do_sweep))
    sweep.description = SWEEP
    _add_sweep(sweep)
    add(commands.do_calibrate)
    add(commands.do_compile)
    add(commands.do_record)
    return parser


def _text(text: str) -> str:
    """A value that is not blank."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a value, found a blank")
    return text


def _path(text: str) -> Path:
    """The path of a file; a blank one would mean this folder."""
    return Path(_text(text))


def _add_scenario(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    base = command.add_mutually_exclusive_group()
    case = f"a case that `{PROGRAM} cases` lists (default: march-2014)"
    base.add_argument("--case", type=_text, metavar="NAME", help=case)
    link = "an address of the page, or the part after its question mark"
    base.add_argument("--link", type=_text, metavar="TEXT", help=link)
    changes = "change a setting, in its unit: wechat=160, concern=30, origin=2025Q3; repeatable"
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=changes)
    return command


def _add_goal(command: argparse.ArgumentParser) -> None:
    goal = "pass-line, pass-kakao, or reach=50 for 50 million users"
    command.add_argument("--goal", required=True, help=goal)
    quarter = "the goal's quarter, such as 2020Q1 (default: the end of the scenario)"
    command.add_argument("--by", type=_text, metavar="QUARTER", help=quarter)
    lever = "the setting to solve for; repeatable (default: each of the seven main settings)"
    command.add_argument("--lever", action="append", default=[], metavar="NAME", help=lever)


def _add_sweep(command: argparse.ArgumentParser) -> None:
    scenarios = command.add_mutually_exclusive_group(required=True)
    span = "values of a setting, in its unit, both ends included; several give all combinations"
    scenarios.add_argument("--grid", action="append", metavar="NAME=LOW:HIGH:STEP", help=span)
    rows = (
        "CSV in UTF-8, one scenario a row, names of settings in the first row; case, origin and "
        "events may be columns too, and a blank cell is as in --case or --link"
    )
    scenarios.add_argument("--list", type=_path, metavar="FILE", help=rows)
    out = "CSV to write, or to overwrite once the new one is whole (default: stdout)"
    command.add_argument("--out", type=_path, metavar="FILE", help=out)
    quarters = "all quarters of each scenario, or only its last (default: all)"
    command.add_argument("--quarters", choices=["all", "end"], default="all", help=quarters)
    cluster = (
        "compute on a Dask cluster, such as tcp://10.0.0.1:8786; needs the package distributed, "
        "and scheduler and workers with PYTHONPATH set to a copy of this project"
    )
    command.add_argument("--scheduler", type=_text, metavar="ADDRESS", help=cluster)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0, 2 for a wrong input or 130 if it was interrupted."""
    if sys.stdout is None:  # closed by the shell: >&-
        print(f"{PROGRAM}: output: it is closed", file=sys.stderr)
        return 2
    try:
        try:
            arguments = build_parser().parse_args(words)
            arguments.run(arguments)
        finally:  # also after --help: a full disk or a closed pipe shows here, not at Python's end
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe needs no more rows
        _forget_output()
    except KeyboardInterrupt:
        print(f"\n{PROGRAM}: stopped before the end", file=sys.stderr)
        return 130
    except OSError as error:
        _forget_output()
        print(f"{PROGRAM}: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 2
    except ValueError as error:  # SettingError or DataError
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


def _forget_output() -> None:
    """Send what is left of the output nowhere, else Python tries to print it again at its end."""
    with suppress(OSError):  # an output that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
