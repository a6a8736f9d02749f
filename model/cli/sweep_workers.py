"""Where the blocks of a sweep are computed: this process, its workers, or a Dask cluster."""

import asyncio
import hashlib
import os
import platform
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np

from model.evidence.version import data_version
from model.scenario.settings import SettingError

MODEL = Path(__file__).parents[1]
BLOCKS_AHEAD = 32  # some 32 MB of lines, and work for as many processes
ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:[0-9]{1,5}/?")
PATIENCE = 5  # seconds in which a scheduler must answer


@contextmanager
def workers(jobs: int, scheduler: str | None) -> Iterator[tuple[Executor | None, int]]:
    """Where to compute, None for this process, and how many blocks it should have at a time.

    jobs : processes of this computer;  scheduler : the address of a Dask cluster to use instead
    """
    if scheduler is not None:
        with _cluster(scheduler) as place:
            yield place
    elif jobs == 1:
        yield None, 1
    else:
        try:
            with ProcessPoolExecutor(jobs, initializer=_start_worker) as pool:
                yield pool, max(BLOCKS_AHEAD, 2 * jobs)
        except BrokenProcessPool:
            raise SettingError(f"--jobs {jobs}: a worker was killed; is memory short?") from None


def _start_worker() -> None:
    """Leave Ctrl-C to the process that writes, which says so once, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on a Dask cluster, and twice as many blocks as it has threads.

    Raises SettingError if `distributed` is missing or the cluster does not answer or breaks.
    """
    try:
        from distributed import Client
    except ImportError:
        install = "python -m pip install distributed"
        raise SettingError(f"--scheduler needs the package distributed: {install}") from None
    if not ADDRESS.fullmatch(address):
        expected = "expected an address such as tcp://10.0.0.1:8786"
        raise SettingError(f"--scheduler: {expected}, found {address[:60]!r}")
    try:
        asyncio.run(_connect(address))  # a Client that fails here would print a traceback later
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception:  # a server of another kind can answer anything
        raise SettingError(f"--scheduler {address}: no Dask scheduler answers there") from None
    with client:
        threads = sum(client.nthreads().values())
        yield client.get_executor(pure=False), max(BLOCKS_AHEAD, 2 * threads)


async def _connect(address: str) -> None:
    """Raise an error unless Dask answers at the address."""
    from distributed.comm import connect

    comm = await connect(address, timeout=PATIENCE)
    await comm.close()


def same_project(print_here: str, lines: Callable[[Any], bytes], block: Any) -> bytes:
    """The lines of a block, if this process has the model, data and numpy that wrote the print."""
    if fingerprint() != print_here:
        raise SettingError(f"--scheduler: {platform.node()} has another version of the model")
    return lines(block)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A code that changes with the model, the data and numpy."""
    whole = hashlib.sha256(f"{np.__version__}\n{data_version()}".encode())
    for path in sorted(MODEL.rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()
