"""Parts of the documents that are made from the code: `make documents` writes them anew."""

import re
from pathlib import Path
from textwrap import wrap

from model.cli.parser import build_parser

ROOT = Path(__file__).parents[1]
FOLDERS = {  # what each room is for; its modules are read from the folder
    "pages": "the reading pages",
    "pages/parts": "what the pages are drawn from",
    "pages/parts/charts": "a chart and its rows in one file; no streamlit",
    "pages/parts/questions": "one question, its sentence and its picture",
    "pages/parts/wording": "every sentence on the screen",
    "pages/parts/downloads": "files to take away",
    "pages/parts/serving": "what a server answers besides the page",
    "model": "evidence reads data/; names, numbers and the calendar",
    "model/scenario": "settings, cases, scenarios and links",
    "model/engine": "from a scenario to users: the equations, their inputs, project",
    "model/analysis": "every question as a batch of runs",
    "model/calibration": "both fits and the record",
    "model/cli": "the command line",
}


def commands() -> str:
    """A list of the commands of `python -m model`, with the purpose of each, as Markdown."""
    command = next(action for action in build_parser()._actions if action.dest == "command")
    rows = [f"| `{row.dest}` | {row.help} |" for row in command._choices_actions]
    return "\n".join(["| command | prints |", "|---|---|", *rows, ""])


def packages(*paths: str) -> str:
    """A table of the packages in files of requirements, from the remark beside each pin."""
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in paths)
    found = re.findall(r"^([\w-]+)==.+?# (.+?): (.+)$", text, re.M)
    rows = [f"| {name} | {licence} | {reason} |" for name, licence, reason in found]
    return "\n".join(["| package | licence | for |", "|---|---|---|", *rows, ""])


def tree() -> str:
    """The folders of the project with their modules, one line a folder, as a code block."""
    lines = ["app.py: the page, top to bottom"]
    for folder, purpose in FOLDERS.items():
        modules = sorted(path.stem for path in (ROOT / folder).glob("*.py"))
        names = " ".join(name for name in modules if not name.startswith("__"))
        indent = {"initial_indent": "    ", "subsequent_indent": "    "}
        lines += [f"{folder}/: {purpose}", *wrap(names, 100, **indent)]
    return "\n".join(["```", *lines, "```", ""])
