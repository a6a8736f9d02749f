"""Users for many scenarios, written to a CSV file.

Blocks of scenarios go through `project` as batches of draws, in double precision, and are written
in order. Only a few blocks are in memory at a time.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from model.cli.sweep_input import Row, Sweep
from model.engine.projection import project, total
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.link_text import every_value, value_text
from model.scenario.scenario import Scenario, change, changed
from model.scenario.settings import SettingError

BLOCK = 512  # scenarios: two of the batches in which `project` itself works
BLOCKS_IN_MEMORY = 32  # some 32 MB of lines, and work for as many processes
FIXED = ("case", "origin", "events", "horizon")  # the same for all draws of a projection

Numbered = tuple[int, Row]  # a scenario's number, from 1, and its row


def write_sweep(
    sweep: Sweep, out: Path, *, force: bool = False, executor: Executor | None = None
) -> None:
    """Write the file `out`, one row per scenario and quarter; raises SettingError if it cannot.

    Rows go to the file beside it that `unfinished` names, which is renamed once it is complete.

    force : overwrite `out`;  executor : where the blocks are computed; None: in this process
    """
    if out.exists() and not out.is_file():
        raise SettingError(f"--out {out} is not a file; name a CSV file")
    if out.exists() and not force:
        raise SettingError(f"--out {out} exists; name another file, or overwrite it by --force")
    lines = partial(block_lines, sweep.base, sweep.names, sweep.last_only)
    blocks, compute = _blocks(sweep.rows()), executor.map if executor else map
    try:
        with unfinished(out).open("wb") as file:
            file.write(",".join(["scenario", *sweep.names, "quarter", *PLATFORMS]).encode() + b"\n")
            while some := list(islice(blocks, BLOCKS_IN_MEMORY)):
                file.writelines(compute(lines, some))
        unfinished(out).replace(out)
    except OSError as error:
        raise SettingError(f"--out {out} cannot be written: {error.strerror}") from None
    except KeyboardInterrupt:
        rest = f"{out} was not written, {unfinished(out)} holds the first scenarios"
        raise KeyboardInterrupt(f"the sweep was stopped: {rest}") from None


def unfinished(out: Path) -> Path:
    """The file that holds the rows of a sweep until all are written."""
    return out.with_name(f"{out.name}.part")


def _blocks(rows: Iterator[Row]) -> Iterator[list[Numbered]]:
    """The rows with the numbers of their scenarios, at most BLOCK at a time."""
    numbered = enumerate(rows, 1)
    while block := list(islice(numbered, BLOCK)):
        yield block


def block_lines(
    base: Scenario, names: Sequence[str], last_only: bool, block: Sequence[Numbered]
) -> bytes:
    """The CSV lines of a block of scenarios, in order."""
    groups: dict[tuple, list[Numbered]] = {}
    for number, row in block:
        fixed = tuple((name, row[name]) for name in FIXED if name in row)
        groups.setdefault(fixed, []).append((number, row))
    lines: dict[int, str] = {}
    for fixed, members in groups.items():
        lines |= _lines(_start(base, dict(fixed)), names, last_only, members)
    return "".join(lines[number] for number, _ in block).encode()


def _start(base: Scenario, fixed: Row) -> Scenario:
    """The base with the settings that all draws of a projection share."""
    own = {name: now for name, (_, now) in changed(base).items()} if "case" in fixed else {}
    return change(base, own | fixed)


def _lines(
    start: Scenario, names: Sequence[str], last_only: bool, members: Sequence[Numbered]
) -> dict[int, str]:
    """The CSV lines of each scenario by its number; users in millions."""
    texts = {"case": start.case} | every_value(start)
    values = {
        name: [row.get(name, start[name]) for _, row in members]
        for name in names
        if name not in FIXED
    }
    projection = project(start, {name: np.array(column) for name, column in values.items()})
    users = total(projection)[-1 if last_only else 0 :]
    quarters = [quarter_name(time) for time in projection.times[-len(users) :]]
    users = np.broadcast_to(users, (*users.shape[:2], len(members)))
    lines = {}
    for i, (number, _) in enumerate(members):
        cells = (value_text(values[name][i]) if name in values else texts[name] for name in names)
        start_of_line = ",".join([str(number), *cells])
        lines[number] = "".join(
            f"{start_of_line},{quarter},{wechat:.6f},{line:.6f},{kakao:.6f}\n"
            for quarter, (wechat, line, kakao) in zip(quarters, users[..., i].tolist(), strict=True)
        )
    return lines
