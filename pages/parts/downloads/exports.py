"""The projection as CSV, with settings, data version and sources.

Downloads read no widget and no state, because the server makes them after the page has been drawn.
"""

import re

from model.analysis import bands
from model.evidence import data_version
from model.number_text import plain_number
from model.scenario import take_away
from model.scenario.links import clean_title
from model.scenario.scenario import Scenario
from pages.parts.downloads.provenance import by_row, short_link


def projection_csv(scenario: Scenario, title: str, link: str) -> str:
    """The rows of `python -m model project`, each with its settings, data version and sources."""
    table, sources = bands.table(scenario), by_row(scenario.origin)
    table = table.assign(
        vintage=data_version(),
        settings=no_formula(take_away.arguments(scenario)),  # they begin with --case
        sources=[sources[key] for key in zip(table.market, table.platform, strict=True)],
        title=no_formula(clean_title(title)),
        link=short_link(scenario, link),
    )
    return table.to_csv(index=False, float_format=plain_number, lineterminator="\n")


def no_formula(text: str) -> str:
    """`text` so that no spreadsheet computes it: the title may come from somebody else's link."""
    # also the wide signs of Chinese and Japanese keyboards, and what a cell may be trimmed of
    is_one = re.match(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]", text)
    return f"'{text}" if is_one else text
