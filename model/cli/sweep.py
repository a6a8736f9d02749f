"""Users for many scenarios as CSV: blocks of scenarios go through `project` as batches of draws.

A Dask cluster may compute the blocks; the package distributed is needed only for it.
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.engine.projection import project, total
from model.evidence import data_version
from model.messengers import PLATFORMS
from model.number_text import plain_number
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, all_values, change, changed, value_text
from model.scenario.settings import SettingError

BLOCK = 512  # scenarios: some 20 MB for ten years
ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:[0-9]{1,5}/?")
PATIENCE = 5  # seconds in which a scheduler must answer
AT_ONCE = 64  # blocks at the cluster
FIXED = ("case", "origin", "events", "horizon")  # the same for all draws of a projection


def sweep_lines(
    base: Scenario, table: pd.DataFrame, *, last_only: bool = False, scheduler: str | None = None
) -> Iterator[str]:
    """The CSV rows of each block of scenarios, in order, those of the first below the header.

    table : as `sweep_input` gives it;  last_only : only the last quarter of each scenario
    scheduler : the address of a Dask cluster
    """
    blocks = (table.iloc[first : first + BLOCK] for first in range(0, len(table), BLOCK))
    lines = partial(block_lines, base, last_only)
    computed = on_cluster(scheduler, lines, blocks) if scheduler else map(lines, blocks)
    header = ",".join(["scenario", *table, "quarter", *PLATFORMS]) + "\n"
    for rows in computed:  # an error before the first prints nothing
        yield header + rows
        header = ""


def block_lines(base: Scenario, last_only: bool, block: pd.DataFrame) -> str:
    """The CSV rows of a block of scenarios, in order: one for each scenario and quarter."""
    fixed = [name for name in FIXED if name in block]
    groups = block.groupby(fixed, sort=False, dropna=False) if fixed else [((), block)]
    # with another case, the settings in which the base differs from its own change that one too
    own = {name: now for name, (_, now) in changed(base).items()}
    parts = []
    for cells, members in groups:
        given = {name: cell for name, cell in zip(fixed, cells, strict=True) if pd.notna(cell)}
        start = change(base, own | given if "case" in given else given)
        parts.append(_users(start, last_only, members))
    table = pd.concat(parts).sort_index(kind="stable")
    text: str = table.to_csv(header=False, float_format=plain_number, lineterminator="\n")
    return text


def _users(start: Scenario, last_only: bool, members: pd.DataFrame) -> pd.DataFrame:
    """Users (million) of scenarios that share their case, origin, events and horizon."""
    values = {
        name: np.array([start[name] if cell is None else cell for cell in members[name]])
        for name in members
        if name not in FIXED
    }
    projection = project(start, values)
    users = total(projection)[-1 if last_only else 0 :]
    users = np.broadcast_to(users, (*users.shape[:2], len(members)))
    quarters = [quarter_name(time) for time in projection.times[-len(users) :]]
    same = {"case": start.case} | all_values(start)
    texts = {name: value_text(same[name]) for name in members if name in FIXED}
    texts |= {name: [*map(value_text, column.tolist())] for name, column in values.items()}
    table = members.assign(**texts)
    table = table.loc[table.index.repeat(len(quarters))]
    table["quarter"] = quarters * len(members)
    table[[*PLATFORMS]] = users.transpose(2, 0, 1).reshape(-1, len(PLATFORMS))
    return table


def on_cluster(address: str, work: Callable[[Any], str], blocks: Iterable[Any]) -> Iterator[str]:
    """The results of `work` on each block, in order; raises SettingError if the cluster fails."""
    if not ADDRESS.fullmatch(address):
        expected = "expected an address such as tcp://10.0.0.1:8786"
        raise SettingError(f"--scheduler: {expected}, found {address[:60]!r}")
    try:
        from distributed import CancelledError, Client, KilledWorker
    except ImportError:
        install = "python -m pip install distributed"
        raise SettingError(f"--scheduler needs the package distributed: {install}") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # else it logs a traceback
    blocks = iter(blocks)
    try:
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            if client.submit(data_version).result() != data_version():
                raise SettingError("--scheduler: a worker has another version of data/")
            while some := [*islice(blocks, AT_ONCE)]:
                yield from client.gather(client.map(work, some, pure=False))
    except (CancelledError, KilledWorker, OSError):
        raise SettingError(f"--scheduler {address}: no Dask cluster answers there") from None
    except (ImportError, RuntimeError):
        wrong = "the cluster lacks the model; start it with PYTHONPATH set to this project"
        raise SettingError(f"--scheduler {address}: {wrong}") from None


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
