"""Users for many scenarios, written to a CSV file.

Blocks of scenarios go through `project` as batches of draws, in double precision, and are written
in order. Only a few blocks are in memory at a time.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from model.cli.sweep_input import Row, Sweep
from model.cli.sweep_workers import BLOCKS_AHEAD, fingerprint, same_project
from model.engine.projection import project, total
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, change, changed, every_value, value_text
from model.scenario.settings import SettingError
from model.whole_file import InUseError, open_whole, unfinished

BLOCK = 512  # scenarios: two of the batches in which `project` itself works
FIXED = ("case", "origin", "events", "horizon")  # the same for all draws of a projection

Numbered = tuple[int, Row]  # a scenario's number, from 1, and its row


def write_sweep(
    sweep: Sweep,
    out: Path,
    *,
    force: bool = False,
    executor: Executor | None = None,
    ahead: int = BLOCKS_AHEAD,
) -> None:
    """Write the file `out`, one row per scenario and quarter; raises SettingError if it cannot.

    Rows go to the file beside it that `unfinished` names, which is renamed once it is complete.

    force : overwrite `out`;  executor : where the blocks are computed; None: in this process
    ahead : blocks that an executor has at a time
    """
    if out.exists() and not out.is_file():
        raise SettingError(f"--out {out} is not a file; name a CSV file")
    lines = partial(block_lines, sweep.base, sweep.names, sweep.last_only)
    if executor:
        lines = partial(same_project, fingerprint(), lines)
    try:
        with (
            open_whole(out, new=not force) as file,
            closing(_computed(lines, _blocks(sweep), executor, ahead)) as computed,
        ):
            file.write(",".join(["scenario", *sweep.names, "quarter", *PLATFORMS]).encode() + b"\n")
            for block in computed:
                file.write(block)
                file.flush()  # so that a killed sweep mostly ends with a whole row
    except InUseError:
        other = "wait until that ends, or name another file"
        raise SettingError(f"--out {out} is being written by another sweep; {other}") from None
    except FileExistsError:
        other = "name another file, or overwrite it by --force"
        raise SettingError(f"--out {out} exists; {other}") from None
    except OSError as error:
        raise SettingError(f"--out {out} cannot be written: {error.strerror}") from None
    except KeyboardInterrupt:
        rest = f"{out} was not written, {unfinished(out)} holds the first scenarios"
        raise KeyboardInterrupt(f"the sweep was stopped: {rest}") from None


def _blocks(sweep: Sweep) -> Iterator[list[Numbered]]:
    """The rows of the sweep's part with the numbers of their scenarios, at most BLOCK at a time."""
    first, end = sweep.span
    numbered = enumerate(islice(sweep.rows(first), end - first), first + 1)
    while block := list(islice(numbered, BLOCK)):
        yield block


def _computed(
    lines: Callable[[list[Numbered]], bytes],
    blocks: Iterator[list[Numbered]],
    executor: Executor | None,
    ahead: int,
) -> Generator[bytes, None, None]:
    """The lines of each block, in order; an executor has at most `ahead` blocks at a time."""
    if executor is None:
        yield from map(lines, blocks)
        return
    waiting = deque(executor.submit(lines, block) for block in islice(blocks, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(executor.submit(lines, block) for block in islice(blocks, 1))


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
