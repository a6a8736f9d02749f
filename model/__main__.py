"""The command line: the same engine and the same numbers as the page."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from model.cli import commands
from model.engine.projection import OUTSIDE

ABOUT = """\
How far could WeChat go outside China, against LINE and KakaoTalk? The same model and the
same numbers as on the page. A scenario is a named case (python -m model cases), a link or
a file of the page, with any setting changed by --set. All users are in millions."""
EXAMPLES = """\
examples:
  python -m model cases
  python -m model project --case hard-line --set wechat=160 --format csv
  python -m model project --link "http://localhost:8501/?case=hard-line&wechat=160"
  python -m model solve --goal pass-line --by 2020Q1 --lever wechat --format json
  python -m model tornado --case march-2014
  python -m model sweep --grid wechat=60:200:5 --grid concern=0:100:5 --out sweep.csv

Settings, their ranges and units are in data/settings.csv. Input that cannot be used: one
sentence on stderr, nothing on stdout, exit code 2."""
SWEEP = """\
Users outside China for many scenarios, as CSV: scenario (a number from 1), the swept
settings, quarter, WeChat, LINE, KakaoTalk (million users). Each is the central path of its
settings, one run in the middle of all, not the line in the middle of 64 runs."""
CALIBRATE = "make both fits, the back-test and the record again (minutes) and store them"
LIST = """\
scenarios from a CSV file: names of settings in the first line, then one scenario a row; case,
origin and events may be columns too, and a blank cell is as in --case, --link or --file"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence on stderr and ends with exit code 2."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = _Parser(
        prog="python -m model",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    known = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable, does: str) -> argparse.ArgumentParser:
        command = known.add_parser(name, help=does, allow_abbrev=False)
        command.description = does.replace("%%", "%")  # only help is formatted
        command.set_defaults(run=run)
        return command

    add("cases", commands.do_cases, "the named cases: what each sets, and its story")
    project = "users by quarter, market and platform, with the 80%% band"
    _add_scenario(add("project", commands.do_project, project))
    solve = "what one setting alone would have to be for WeChat to reach a goal"
    _add_solve(add("solve", commands.do_solve, solve))
    tornado = "which settings matter most: users with each alone at the ends of its range"
    _add_outside(_add_scenario(add("tornado", commands.do_tornado, tornado)))
    sweep = add("sweep", commands.do_sweep, "users for many scenarios, into a file")
    sweep.description = SWEEP
    _add_sweep(_add_scenario(sweep))
    add("calibrate", commands.do_calibrate, CALIBRATE)
    backtest = "scores of the model's one-platform form and of naive methods, by series"
    add("backtest", commands.do_backtest, backtest)
    record = "what the page's model would have forecast from 2013 to 2022, and what came"
    add("record", commands.do_record, record)
    fit = add("fit", commands.do_fit, "fit growth curves to your own series, as JSON")
    fit.add_argument(
        "series", type=_path, metavar="FILE", help="CSV: period; adoptions, cumulative or active"
    )
    for name, command in known.choices.items():
        if name not in ("sweep", "fit"):
            command.add_argument("--format", choices=["csv", "json"], default="csv")
    return top


def _path(text: str) -> Path:
    """A file's name; blank would mean this folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the file's name is blank")
    return Path(text)


def _add_scenario(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options that say which scenario."""
    base = command.add_mutually_exclusive_group()
    case = "a named case, as `python -m model cases` lists them"
    base.add_argument("--case", metavar="NAME", help=case)
    base.add_argument(
        "--link", metavar="TEXT", help="an address of the page, or what follows its ?"
    )
    base.add_argument("--file", type=_path, help="a scenario file that the page made")
    changes = "change a setting: wechat=160, concern=30, origin=2024Q2, ...; may be repeated"
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=changes)
    return command


def _add_outside(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the option that says which users count."""
    said = "count users outside China (as by default) or outside each messenger's home market"
    command.add_argument("--outside", choices=OUTSIDE, help=said)
    return command


def _add_solve(command: argparse.ArgumentParser) -> None:
    """Add the options of a question."""
    _add_outside(_add_scenario(command))
    goal = "pass-line, pass-kakao, or reach=50 for 50 million users"
    command.add_argument("--goal", required=True, help=goal)
    command.add_argument("--by", metavar="QUARTER", help="as 2020Q1; else the end")
    levers = "the setting to solve for; may be repeated; the main ones without it"
    command.add_argument("--lever", action="append", default=[], metavar="NAME", help=levers)


def _add_sweep(command: argparse.ArgumentParser) -> None:
    """Add the options of a sweep."""
    what = command.add_mutually_exclusive_group(required=True)
    span = "all values from low to high; several --grid give every combination"
    what.add_argument("--grid", action="append", metavar="NAME=LOW:HIGH:STEP", help=span)
    what.add_argument("--list", type=_path, metavar="FILE", help=LIST)
    command.add_argument("--out", type=_path, required=True, metavar="FILE", help="CSV to write")
    quarters = "all quarters of each scenario, or only its last"
    command.add_argument("--quarters", choices=["all", "end"], default="all", help=quarters)
    there = command.add_mutually_exclusive_group()
    there.add_argument("--resume", action="store_true", help="go on with a file cut short")
    there.add_argument("--force", action="store_true", help="overwrite the file")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one sentence on stderr for input that cannot be used."""
    try:
        arguments = parser().parse_args(words)
        arguments.run(arguments)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
    except KeyboardInterrupt:
        print("\npython -m model: stopped", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"python -m model: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 2
    except ValueError as error:  # SettingError, DataError, a bad series
        print(f"python -m model: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
