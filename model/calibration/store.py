"""Writes what a calibration found into data/."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.scenario.scenario import DEFAULT_FIT


def store_defaults(fits: pd.DataFrame, folder: Path) -> None:
    """Write the medians of the march-2014 fit, rounded to the sliders' steps, as defaults."""
    fitted = fits[fits.fit == DEFAULT_FIT].set_index("setting").value
    for name in ("settings", "parameters"):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for line, row in table[table.name.isin(fitted.index)].iterrows():
            value, step = fitted[row["name"]], float(row.step)
            table.loc[line, "value"] = f"{round(value / step) * step:.6g}"
        write(table, folder / f"{name}.csv")


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table of data/ with 6 significant digits; a killed run leaves the old file."""
    _replace(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def store_rows(counts: Mapping[str, int], folder: Path) -> None:
    """Write how many rows each table now has into the Data Package."""
    path = folder / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    for name, count in counts.items():
        text = re.sub(rf'("path": "{name}.csv",\s*"rows": )\d+', rf"\g<1>{count}", text)
    _replace(path, text)


def _replace(path: Path, text: str) -> None:
    """Write a file that takes its name once it is whole."""
    beside = path.with_name(f"{path.name}.unfinished")
    beside.write_text(text, encoding="utf-8", newline="")
    os.replace(beside, path)
