"""data/datapackage.json: the form of data/ as a Data Package, made from the schema.

Written by `python -m model.evidence.datapackage`. Format: https://specs.frictionlessdata.io/data-package/
"""

import json
import math
import re
from typing import Any

from model.evidence.reader import DATA
from model.evidence.schema import (
    COLUMNS,
    DATE,
    KEYS,
    MAY_BE_BLANK,
    NUMBERS,
    PATTERNS,
    REFERENCES,
    column_marks,
    limits,
)


def data_package() -> dict[str, Any]:
    """The descriptor of data/: resources with their fields, keys and references."""
    return {
        "profile": "tabular-data-package",
        "name": "wechat-line-kakaotalk-abroad",
        "title": "WeChat, LINE and KakaoTalk outside China: figures and settings",
        "description": "Facts and figures from the sources in sources.csv, with assumptions and "
        "results of fits; README.md says how each file was made. Facts and figures are those of "
        "the sources named in each row; their compilation is under the MIT License.",
        "licenses": [
            {"name": "MIT", "title": "MIT License", "path": "https://opensource.org/license/mit"}
        ],
        "resources": [_resource(table, _descriptions()) for table in COLUMNS],
    }


def _resource(table: str, descriptions: dict[tuple[str, str], str]) -> dict[str, Any]:
    """The descriptor of one table."""
    schema: dict[str, Any] = {
        "fields": [
            _field(table, column, mark, descriptions.get((table, column), ""))
            for column, mark in column_marks(table).items()
        ],
        "missingValues": [""],
    }
    if table in KEYS:
        schema["primaryKey"] = KEYS[table]
    foreign = []
    for place, (target, others, separator) in REFERENCES.items():
        listing, listed = target.split(".")
        if place.startswith(f"{table}.") and not others and not separator:
            reference = {"resource": listing, "fields": [listed]}
            foreign.append({"fields": [place.split(".")[1]], "reference": reference})
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: str, column: str, mark: str, description: str) -> dict[str, Any]:
    """The descriptor of one column."""
    pattern = PATTERNS.get(f"{table}.{column}", "")
    constraints: dict[str, Any] = {} if mark and mark in MAY_BE_BLANK else {"required": True}
    kind = "number" if mark in NUMBERS else "date" if pattern == DATE else "string"
    if kind == "number":
        least, most = limits(table, column, mark)
        ends = {"minimum": least, "maximum": most}
        constraints |= {end: value for end, value in ends.items() if math.isfinite(value)}
    elif kind == "string" and re.fullmatch("[A-Za-z -]+([|][A-Za-z -]+)+", pattern):
        constraints["enum"] = pattern.split("|")
    elif kind == "string" and pattern:
        constraints["pattern"] = pattern
    field = {"name": column, "type": kind, "description": description, "constraints": constraints}
    return {key: value for key, value in field.items() if value}


def _descriptions() -> dict[tuple[str, str], str]:
    """(table, column) -> the meaning of the column, from the lists and tables of data/README.md."""
    meanings = {}
    names, unit = r"(`\w+`(?:, `\w+`)*)", r"(?: \((.+?)\))?"
    in_list = re.compile(rf"^- {names}{unit}: ((?:.+\n)(?:  .+\n)*)", re.M)
    in_table = re.compile(rf"^\| {names} \|(?: ([^|]*) \|)? ([^|]+) \|$", re.M)
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for section in readme.split("\n## ")[1:]:
        tables = re.findall(r"(\w+)\.csv", section.partition("\n")[0])
        for columns, units, text in in_list.findall(section) + in_table.findall(section):
            meaning = " ".join(text.split()).removesuffix(".")
            for column in re.findall(r"\w+", columns):
                table = next((name for name in tables if column in column_marks(name)), "")
                meanings.setdefault((table, column), f"{meaning} ({units})" if units else meaning)
    return meanings


if __name__ == "__main__":
    content = json.dumps(data_package(), indent=1, ensure_ascii=False) + "\n"
    (DATA / "datapackage.json").write_text(content, encoding="utf-8")
