"""The downloads: each opens in its usual program and states settings, data vintage and sources.

They read no widget and no state, because the server makes them after the page has been drawn.
"""

import json as json_text
from html import escape
from typing import Any

from model.analysis import bands
from model.engine.projection import OUTSIDE
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.scenario.scenario import Scenario, case
from model.scenario.settings import all_settings
from pages.parts.downloads import poster, provenance
from pages.parts.downloads import report as sheet
from pages.parts.downloads.render import PictureError, draw

COLUMNS = {
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
    """The rows of `python -m model project`, with what they rest on in each row."""
    frame = bands.table(scenario)
    sources = provenance.by_row(scenario.origin)
    keys = zip(frame.market, frame.platform, strict=True)
    frame = frame.assign(
        vintage=data_version(),
        settings=provenance.command(scenario),
        sources=[sources[key] for key in keys],
        title=_no_formula(provenance.title(title)),
        link=provenance.page(scenario, OUTSIDE[0], bands.BANDS[0], link),
    )
    return frame.to_csv(index=False, float_format="%.6f", lineterminator="\n")


def projection_json(scenario: Scenario, title: str, link: str) -> str:
    """The rows of `csv` with units, all settings and the sources in full."""
    rows = bands.table(scenario)[list(COLUMNS)].round(6).to_numpy().tolist()
    known = load_evidence().sources.set_index("source_id", drop=False)
    columns = ["source_id", "producer", "title", "date_published", "url", "grade"]
    about = {
        "what": f"{provenance.WHAT} {provenance.NO_FORECAST}",
        "title": provenance.title(title),
        "link": link,
        "vintage": data_version(),
        "case": scenario.case,
        "origin": scenario.origin,
        "events": list(scenario.events),
        "command": f"python -m model project {provenance.command(scenario)}",
        "settings": _all_settings(scenario),
        "sources": known.loc[provenance.used(scenario), columns].to_dict("records"),
        "columns": [{"name": k, "unit": u, "what": w} for k, (u, w) in COLUMNS.items()],
    }
    head = json_text.dumps(about, indent=1, ensure_ascii=False, allow_nan=False)
    lines = ",\n  ".join(json_text.dumps(row, allow_nan=False) for row in rows)
    return f'{head[:-2]},\n "rows": [\n  {lines}\n ]\n}}\n'  # one row a line: short, and to read


def svg(scenario: Scenario, outside: str, band: str, title: str, link: str) -> bytes:
    """The chart with its answer and all it rests on; raises PictureError."""
    return draw(_poster(scenario, outside, band, title, link), "svg")


def png(scenario: Scenario, outside: str, band: str, title: str, link: str) -> bytes:
    """The picture of `svg` in twice as many pixels each way; raises PictureError."""
    return draw(_poster(scenario, outside, band, title, link), "png")


def _poster(scenario: Scenario, outside: str, band: str, title: str, link: str) -> dict[str, Any]:
    """The specification of the picture."""
    answer = bands.answer(scenario, outside)
    page = provenance.page(scenario, outside, band, link)
    return poster.poster_spec(
        scenario, answer, outside, band, title=provenance.title(title), page=page
    )


def report_html(scenario: Scenario, outside: str, band: str, title: str, link: str) -> str:
    """The answer on one or two printed pages: an HTML file that loads nothing."""
    answer = bands.answer(scenario, outside)
    try:
        chart = draw(poster.bare(answer, outside, band), "svg").decode()
    except PictureError as error:  # all the rest can be said without it
        chart = f"<p>{escape(str(error))}</p>"
    facts = sheet.Facts(
        scenario=scenario,
        answer=answer,
        outside=outside,
        band=band,
        title=provenance.title(title),
        link=link,
        page=provenance.page(scenario, outside, band, link),
    )
    return sheet.html(facts, chart)


def _no_formula(text: str) -> str:
    """`text` so that no spreadsheet works it out: the title may come with somebody's link."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _all_settings(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Every setting: label, value here and in the case, unit and source."""
    start = case(scenario.case)
    return {
        name: {
            "label": setting.label,
            "value": scenario[name],
            "of_the_case": start[name],
            "unit": setting.unit,
            "source_id": setting.source_id,
        }
        for name, setting in all_settings().items()
    }
