"""Users for many scenarios as CSV: blocks of scenarios go through `project` as batches of draws."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from model.cli.cluster import on_cluster
from model.cli.sweep_input import Row
from model.engine.projection import project, total
from model.messengers import PLATFORMS
from model.number_text import plain_number
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, all_values, change, changed, value_text
from model.scenario.settings import SettingError

BLOCK = 512  # scenarios: some 20 MB for ten years
FIXED = ("case", "origin", "events", "horizon")  # the same for all draws of a projection

Numbered = tuple[int, Row]  # a scenario's number, from 1, and its row


def sweep_lines(
    base: Scenario,
    names: Sequence[str],
    rows: Iterable[Row],
    *,
    last_only: bool = False,
    scheduler: str | None = None,
) -> Iterator[str]:
    """The CSV rows of each block of scenarios, in order, those of the first below the header.

    last_only : only the last quarter of each scenario;  scheduler : the address of a Dask cluster
    """
    numbered = enumerate(rows, 1)
    blocks: Iterator[list[Numbered]] = iter(lambda: [*islice(numbered, BLOCK)], [])
    lines: Callable[[list[Numbered]], str] = partial(block_lines, base, names, last_only)
    computed = on_cluster(scheduler, lines, blocks) if scheduler else map(lines, blocks)
    header = ",".join(["scenario", *names, "quarter", *PLATFORMS]) + "\n"
    for rows_of_block in computed:  # an error before the first prints nothing
        yield header + rows_of_block
        header = ""


def block_lines(
    base: Scenario, names: Sequence[str], last_only: bool, block: Sequence[Numbered]
) -> str:
    """The CSV rows of a block of scenarios, in order: one for each scenario and quarter."""
    groups: dict[tuple, list[tuple[int, dict]]] = {}
    for number, row in block:
        own = {n: value for n, value in zip(names, row, strict=True) if value is not None}
        fixed = tuple((name, own[name]) for name in FIXED if name in own)
        groups.setdefault(fixed, []).append((number, own))
    parts = [
        _table(_start(base, dict(fixed)), names, last_only, members)
        for fixed, members in groups.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values("scenario", kind="stable") if len(parts) > 1 else table
    text: str = table.to_csv(
        index=False, header=False, float_format=plain_number, lineterminator="\n"
    )
    return text


def _start(base: Scenario, fixed: dict) -> Scenario:
    """The base with the settings that all draws of a projection share.

    With another case, the settings in which the base differs from its own case change that one too.
    """
    own = {name: now for name, (_, now) in changed(base).items()} if "case" in fixed else {}
    return change(base, own | fixed)


def _table(
    start: Scenario, names: Sequence[str], last_only: bool, members: Sequence[tuple[int, dict]]
) -> pd.DataFrame:
    """Users (million) of scenarios that share their case, origin, events and horizon."""
    count, numbers = len(members), [number for number, _ in members]
    values = {
        name: [own.get(name, start[name]) for _, own in members]
        for name in names
        if name not in FIXED
    }
    projection = project(start, {name: np.array(column) for name, column in values.items()})
    users = total(projection)[-1 if last_only else 0 :]
    users = np.broadcast_to(users, (*users.shape[:2], count))
    quarters = [quarter_name(time) for time in projection.times[-len(users) :]]
    same = {"case": start.case} | all_values(start)
    columns = {name: values.get(name) or [same[name]] * count for name in names}
    texts = {name: [value_text(value) for value in column] for name, column in columns.items()}
    table = pd.DataFrame({"scenario": numbers} | texts)
    table = table.loc[table.index.repeat(len(quarters))]
    table["quarter"] = quarters * count
    table[[*PLATFORMS]] = users.transpose(2, 0, 1).reshape(-1, len(PLATFORMS))
    return table


def write(lines: Iterable[str], out: Path | None) -> None:
    """Print the lines, or write a file beside `out` that takes its name once it is whole."""
    if out is None:
        sys.stdout.writelines(lines)
        return
    if out.exists() and not out.is_file():  # a device would become a file
        raise SettingError(f"--out {out} is not a file; name a CSV file")
    beside = out.with_name(f"{out.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        os.replace(beside, out)
    except OSError as error:
        raise SettingError(f"--out {out} cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
