"""Many scenarios at once, into a CSV file.

Blocks of scenarios go as batches of draws through `project`, in double precision, in a pool of
processes, and are written in order as they come. Only a few blocks are in memory at a time.
"""

import os
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import numpy as np

from model.cli.sweep_input import Row, Sweep
from model.engine.projection import project, total
from model.messengers import PLATFORMS
from model.quarters import quarter_name
from model.scenario.link_text import every_value, value_text
from model.scenario.scenario import Scenario, change, changed
from model.scenario.settings import SettingError

BLOCK = 512  # scenarios: two of the batches in which project itself works
APART = ("case", "origin", "events", "horizon")  # what cannot differ within a batch
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TAIL = 1 << 20  # bytes: more than the rows of two scenarios with every setting swept


def run(sweep: Sweep, out: Path, *, resume: bool = False, force: bool = False) -> None:
    """Write the sweep, one row a scenario and quarter; raises SettingError if it cannot.

    resume : go on after the last whole scenario of a file that is there;  force : overwrite it
    """
    if out.exists() and not (resume or force):
        raise SettingError(f"--out {out} exists; --resume continues it, --force overwrites it")
    there = resume and out.exists()
    header = ",".join(["scenario", *sweep.names, "quarter", *PLATFORMS]) + "\n"
    try:
        with out.open("r+b" if there else "wb") as file:
            first, place = _done(sweep, file, header.encode()) if there else (0, 0)
            file.seek(place)
            file.truncate()
            if not place:
                file.write(header.encode())
            show = _Progress(sweep.count, first)
            for done, text in _blocks(sweep, first):
                file.write(text)
                show(done)
    except OSError as error:
        raise SettingError(f"--out {out} cannot be written: {error.strerror}") from None


def _done(sweep: Sweep, file: BinaryIO, header: bytes) -> tuple[int, int]:
    """Whole scenarios that a file holds, and where they end in it; raises SettingError."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(len(header))
    if header.startswith(start) and size < len(header):
        return 0, 0
    if start != header:
        raise SettingError(f"--resume: {file.name} has other columns than this sweep")
    place = max(len(header), size - TAIL)
    file.seek(place)
    whole, _, _ = file.read().rpartition(b"\n")
    lines = whole.decode("utf-8", "replace").splitlines()
    last = lines[-1].partition(",")[0] if lines else "1"
    for _ in range(2):  # the last scenario, or where it was cut short the one before it
        number = lines[-1].partition(",")[0] if lines else ""
        held = [line for line in lines if line.startswith(f"{number},")]
        if _are(held, sweep, number):
            return int(number), place + len("\n".join(lines)) + 1
        lines = lines[: len(lines) - len(held)]
    if last == "1" and not lines:
        return 0, len(header)
    raise SettingError(f"--resume: {file.name} has other numbers than this sweep")


def _are(held: list[str], sweep: Sweep, number: str) -> bool:
    """Whether lines are those of the scenario with that number, but for the last digit."""
    if not (re.fullmatch("[0-9]{1,8}", number) and 1 <= int(number) <= sweep.count):
        return False
    first = int(number) - 1
    row = next(sweep.rows(first))
    wanted = block(sweep.base, sweep.names, sweep.last_only, first, [row]).decode().splitlines()
    if [line.split(",")[:-3] for line in held] != [line.split(",")[:-3] for line in wanted]:
        return False
    try:
        numbers = [[float(cell) for cell in line.split(",")[-3:]] for line in held]
    except ValueError:
        return False
    exact = [[float(cell) for cell in line.split(",")[-3:]] for line in wanted]
    return np.allclose(numbers, exact, rtol=0, atol=1.1e-6)


def _blocks(sweep: Sweep, first: int) -> Iterator[tuple[int, bytes]]:
    """Scenarios done and the text of each block, in order; no more at a time than are needed."""
    rows = sweep.rows(first)
    ends = range(first, sweep.count, BLOCK)
    tasks = ((sweep.base, sweep.names, sweep.last_only, i, list(islice(rows, BLOCK))) for i in ends)
    if sweep.count - first <= 2 * BLOCK:  # done before a pool has started
        for task in tasks:
            yield task[3] + len(task[4]), block(*task)
        return
    workers = os.cpu_count() or 1
    os.environ |= dict.fromkeys(ONE_THREAD, "1")  # one process a core is enough
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    with ProcessPoolExecutor(workers, get_context("spawn"), _ignore_interrupts) as pool:
        for task in tasks:
            waiting.append((task[3] + len(task[4]), pool.submit(block, *task)))
            if len(waiting) > 2 * workers:
                done, text = waiting.popleft()
                yield done, text.result()
        for done, text in waiting:
            yield done, text.result()


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that writes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def block(
    base: Scenario, names: tuple[str, ...], last_only: bool, first: int, rows: Sequence[Row]
) -> bytes:
    """The lines of scenarios, the first with the number `first` + 1."""
    groups: dict[Row, list[int]] = {}
    apart = [i for i, name in enumerate(names) if name in APART]
    for place, row in enumerate(rows):
        groups.setdefault(tuple(row[i] for i in apart), []).append(place)
    texts = [""] * len(rows)
    for values, places in groups.items():
        start = _start(base, tuple(names[i] for i in apart), values)
        own = {"case": start.case} | every_value(start)
        found, quarters = _users(start, names, [rows[place] for place in places], last_only)
        lines = "".join(f"\0{quarter},%.6f,%.6f,%.6f\n" for quarter in quarters)
        for place, users in zip(places, found, strict=True):
            cells = zip(names, rows[place], strict=True)
            shown = [own[name] if cell is None else value_text(cell) for name, cell in cells]
            before = ",".join([str(first + place + 1), *shown, ""])
            texts[place] = (lines % tuple(users)).replace("\0", before)
    return "".join(texts).encode()


def _start(base: Scenario, names: tuple[str, ...], values: Row) -> Scenario:
    """The base with what cannot differ within a batch."""
    given = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    if "case" in given:
        given = {name: now for name, (_, now) in changed(base).items()} | given
    return change(base, given)


def _users(
    start: Scenario, names: tuple[str, ...], rows: Sequence[Row], last_only: bool
) -> tuple[list[list[float]], list[str]]:
    """Million users (scenario, quarter and platform), and the quarters."""
    drawn = {
        name: np.array([start[name] if row[i] is None else row[i] for row in rows])
        for i, name in enumerate(names)
        if name not in APART
    }
    found = project(start, drawn)
    users = total(found)[-1 if last_only else 0 :]
    users = np.broadcast_to(users, (*users.shape[:2], len(rows)))
    quarters = [quarter_name(time) for time in found.times[-len(users) :]]
    return users.reshape(-1, len(rows)).T.tolist(), quarters


class _Progress:
    """A bar on stderr, if somebody looks at it."""

    def __init__(self, count: int, first: int) -> None:
        self.count, self.first, self.began = count, first, time.monotonic()

    def __call__(self, done: int) -> None:
        if not sys.stderr.isatty():
            return
        rate = (done - self.first) / max(time.monotonic() - self.began, 1e-9)
        bar = "#" * (20 * done // self.count)
        left = f"{(self.count - done) / rate:,.0f} s left"
        said = f"{done:,} of {self.count:,} scenarios, {rate:,.0f}/s, {left}"
        end = "" if done < self.count else "\n"
        print(f"\r[{bar:.<20}] {said}  ", end=end, file=sys.stderr, flush=True)
