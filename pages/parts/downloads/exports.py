"""The projection as CSV and JSON, with settings, data version and sources.

Downloads read no widget and no state, because the server makes them after the page has been drawn.
"""

import json
import re

from model.analysis import bands
from model.engine.projection import OUTSIDE
from model.evidence import data_version, load_evidence
from model.scenario import take_away
from model.scenario.link_text import clean_title
from model.scenario.scenario import Scenario, case
from model.scenario.settings import all_settings
from pages.parts.downloads import provenance

COLUMNS = {  # unit and meaning of each column
    "case": ("", "case in data/cases.csv that the settings start from"),
    "quarter": ("quarter", "end of this calendar quarter"),
    "market": ("", "ISO 3166 alpha-3; ROW rest of the world; EX-CHINA all without mainland China"),
    "platform": (
        "",
        "messenger; users of several count in each; established: the strongest other messenger of "
        "the market, such as WhatsApp, whose share of people online is given from outside",
    ),
    "users_millions": ("million people", "the line: mean of the middle half of 64 runs"),
    "low": ("million people", "10th of a hundred runs: lower end of the 80% simulation band"),
    "high": ("million people", "90th of a hundred runs: upper end of the 80% simulation band"),
}


def projection_csv(scenario: Scenario, title: str, link: str) -> str:
    """The rows of `python -m model project`, each with its settings, data version and sources."""
    table = bands.table(scenario)
    sources = provenance.by_row(scenario.origin)
    table = table.assign(
        vintage=data_version(),
        settings=take_away.arguments(scenario),
        sources=[sources[key] for key in zip(table.market, table.platform, strict=True)],
        title=no_formula(clean_title(title)),
        link=provenance.page(scenario, OUTSIDE[0], bands.BANDS[0], link),
    )
    return table.to_csv(index=False, float_format="%.6f", lineterminator="\n")


def projection_json(scenario: Scenario, title: str, link: str) -> str:
    """The rows of the CSV with units, all settings and the sources in full."""
    sources = load_evidence().sources.set_index("source_id", drop=False)
    columns = ["source_id", "producer", "title", "date_published", "url", "grade"]
    start = case(scenario.case)
    head = {
        "what": f"{provenance.QUESTION} {provenance.NO_FORECAST}",
        "title": clean_title(title),
        "link": link,
        "vintage": data_version(),
        "case": scenario.case,
        "origin": scenario.origin,
        "events": list(scenario.events),
        "command": take_away.command_line(scenario, OUTSIDE[0]),
        "settings": {
            name: {
                "label": setting.label,
                "value": scenario[name],
                "of_the_case": start[name],
                "unit": setting.unit,
                "source_id": setting.source_id,
            }
            for name, setting in all_settings().items()
        },
        "sources": sources.loc[provenance.used(scenario), columns].to_dict("records"),
        "columns": [{"name": k, "unit": u, "what": w} for k, (u, w) in COLUMNS.items()],
    }
    text = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    rows = bands.table(scenario)[list(COLUMNS)].round(6).to_numpy().tolist()
    lines = ",\n  ".join(json.dumps(row, allow_nan=False) for row in rows)
    return f'{text},\n "rows": [\n  {lines}\n ]\n}}\n'  # a line for each row: short and readable


def no_formula(text: str) -> str:
    """`text` so that no spreadsheet computes it: the title may come from somebody else's link."""
    # also the wide signs of Chinese and Japanese keyboards, and what a cell may be trimmed of
    return f"'{text}" if re.match(r"\s*[=+\-@＝＋－＠]", text) else text
