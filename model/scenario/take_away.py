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


def command_line(scenario: Scenario) -> str:
    """The command that prints the numbers of the answer: million people by quarter and messenger.

    Those of the page are in the rows with the market ABROAD.
    """
    values = [f" --set {name}={value}" for name, value in differences(scenario).items()]
    return f"python -m model project --case {scenario.case}{''.join(values)}"


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

    There is no DOI, and the project names no author.

    address : of the page, to end with
    """
    text = (DATA.parent / "CITATION.cff").read_text(encoding="utf-8")
    about = dict(re.findall(r'^([a-z-]+): "?(.+?)"?$', text, re.M))
    version = f"Version {about['version']} ({about['date-released']}), data of {data_version()}"
    return f"{about['title']}. {version}. {about['license']} licence. {address}".rstrip()
