"""A scenario to take along: a command and lines of Python that give its answer, a citation."""

import re

from model.evidence import DATA, data_version
from model.scenario.scenario import Scenario, changed, differences

NOTEBOOK = """\
from model.analysis.bands import answer
from model.messengers import PLATFORMS
from model.number_text import plain_number
from model.scenario.scenario import case, change

scenario = {scenario}
users = answer(scenario).total  # million people: the line and 80% of the runs
for row in zip(PLATFORMS, users.line[-1], users.low[-1], users.high[-1]):
    print("{{}}: {{}} ({{}} to {{}})".format(row[0], *map(plain_number, row[1:])))
"""


def arguments(scenario: Scenario) -> str:
    """The options of the command line that make this scenario again."""
    values = [f"--set {name}={value}" for name, value in differences(scenario).items()]
    return " ".join([f"--case {scenario.case}", *values])


def command_line(scenario: Scenario) -> str:
    """The command that prints the numbers of the answer: million people by quarter and messenger.

    Those of the page are in the rows with the market ABROAD.
    """
    return f"python -m model project {arguments(scenario)}"


def notebook_lines(scenario: Scenario) -> str:
    """Lines of Python, with imports, that print users and 80% band at the end, million people.

    They run in the folder of this project.
    """
    values = {name: now for name, (_, now) in changed(scenario).items()}
    start = f'case("{scenario.case}")'
    made = f"change({start}, {values!r})" if values else start
    return NOTEBOOK.format(scenario=made)


def citation(address: str = "") -> str:
    """Title, version with its date, data version and licence in a line, from CITATION.cff.

    There is no DOI, and the project names no author. Raises OSError if the file is missing and
    ValueError if it lacks a field.

    address : of the page, to end with
    """
    text = (DATA.parent / "CITATION.cff").read_text(encoding="utf-8")
    title, version, date, licence = (
        _field(text, name) for name in ("title", "version", "date-released", "license")
    )
    data = f"data of {data_version()}"
    return f"{title}. Version {version} ({date}), {data}. {licence} licence. {address}".rstrip()


def _field(text: str, name: str) -> str:
    """The value of a field of CITATION.cff that stands on one line."""
    found = re.search(rf'^{name}: "?(.+?)"?$', text, re.M)
    if found is None:
        raise ValueError(f"CITATION.cff: expected a line that begins with {name}: ")
    return found[1]
