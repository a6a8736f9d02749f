"""Where the blocks of a sweep are computed: this process, its workers, or a Dask cluster."""

import asyncio
import hashlib
import logging
import os
import pickle
import platform
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import Pipe, Process, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from model.evidence import data_version
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
        with _Processes(jobs) as pool:
            try:
                yield pool, max(BLOCKS_AHEAD, 2 * jobs)
            except _WorkerLostError:
                wrong = f"--jobs {jobs}: a worker was killed; is memory short?"
                raise SettingError(wrong) from None


class _WorkerLostError(Exception):
    """A worker ended before its result was here."""


class _Processes(Executor):
    """Worker processes, each with a pipe of its own and a thread here that waits for it.

    ProcessPoolExecutor's workers share one pipe: where one is killed while it sends its result, the
    others and the reader wait for ever.
    """

    def __init__(self, jobs: int) -> None:
        self.idle: SimpleQueue[Connection] = SimpleQueue()
        self.processes = [self._started() for _ in range(jobs)]
        self.threads = ThreadPoolExecutor(jobs)

    def _started(self) -> BaseProcess:
        here, there = Pipe()
        process = Process(target=_work, args=(there,), daemon=True)
        process.start()
        there.close()  # here and in later workers: then only the worker's end closes the pipe
        self.idle.put(here)
        return process

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """The result to come; it raises what `fn` raised, or _WorkerLostError."""
        return self.threads.submit(self._run, partial(fn, *args, **kwargs))

    def _run(self, work: Callable) -> Any:
        pipe = self.idle.get()
        try:
            pipe.send(work)
            result, error = pipe.recv()
        except (EOFError, OSError):
            raise _WorkerLostError from None
        finally:
            self.idle.put(pipe)  # a lost worker's too, so that nobody waits for it
        if error is not None:
            raise error
        return result

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End the workers, whatever they are at."""
        for process in self.processes:
            process.kill()
        self.threads.shutdown(wait, cancel_futures=cancel_futures)
        for process in self.processes:
            process.join()


def _work(pipe: Connection) -> None:
    """Answer each piece of work with its result, or with the error that it raised.

    Ctrl-C is left to the process that writes, which says so once; this one ends with it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the process that writes has ended
        while True:
            pipe.send(_answer(pipe.recv()))


def _answer(work: Callable) -> tuple[Any, Exception | None]:
    try:
        return work(), None
    except Exception as error:  # it belongs to the one who asked
        return None, error


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
        from distributed import Client, KilledWorker
    except ImportError:
        install = "python -m pip install distributed"
        raise SettingError(f"--scheduler needs the package distributed: {install}") from None
    if not ADDRESS.fullmatch(address):
        expected = "expected an address such as tcp://10.0.0.1:8786"
        raise SettingError(f"--scheduler: {expected}, found {address[:60]!r}")
    log = logging.getLogger("distributed.client")
    log.setLevel(logging.CRITICAL)  # a lost cluster is one sentence, not a traceback
    try:
        asyncio.run(_check_scheduler(address))  # a Client that fails prints a traceback later
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception:  # a server of another kind can answer anything
        raise SettingError(f"--scheduler {address}: no Dask scheduler answers there") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            print(f"{address} has no workers yet; the sweep waits for them", file=sys.stderr)
        try:
            yield _DaskExecutor(client), max(BLOCKS_AHEAD, 2 * threads)
        except (CancelledError, asyncio.CancelledError):
            raise SettingError(f"--scheduler {address}: the cluster was lost") from None
        except KilledWorker:
            wrong = "workers end while they compute; is memory short?"
            raise SettingError(f"--scheduler {address}: {wrong}") from None
        except ImportError as error:
            wrong = (
                f"a worker has no {error.name}; start it with PYTHONPATH={MODEL.parent} or a copy"
            )
            raise SettingError(f"--scheduler {address}: {wrong}") from None


class _DaskExecutor(Executor):
    """Sends work to a Dask cluster as bytes, which only the worker that does it opens.

    A scheduler then needs no model, and a worker without one says so; else Dask ends the worker.
    Dask's own executor waits for ever if the scheduler ends while a result is on its way.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Any:
        def run(work: bytes) -> Any:  # a local function goes to the worker as code, not as a name
            import pickle

            return pickle.loads(work)()

        work = pickle.dumps(partial(fn, *args, **kwargs))
        return _DaskResult(self.client.submit(run, work, pure=False))


@dataclass(frozen=True)
class _DaskResult:
    """The result of work that was sent to a cluster; the client, when closed, cancels the work."""

    future: Any

    def result(self) -> Any:
        """The result. Raises CancelledError if the connection breaks."""
        try:
            return self.future.result()
        except OSError as error:
            raise CancelledError from error


async def _check_scheduler(address: str) -> None:
    """Raise an error unless a Dask scheduler answers at the address."""
    from distributed.core import rpc

    async with rpc(address, timeout=PATIENCE) as server:
        identity = await asyncio.wait_for(server.identity(), PATIENCE)
    if identity["type"] != "Scheduler":
        raise ValueError(f"{address} is a {identity['type']}")


def same_project(print_here: str, lines: Callable[[Any], bytes], block: Any) -> bytes:
    """The lines of a block, if this process has the model, data and numpy that wrote the print."""
    if fingerprint() != print_here:
        wrong = (
            "has another version of the model, its data or numpy; expected that of this computer"
        )
        raise SettingError(f"--scheduler: the worker on {platform.node()} {wrong}")
    return lines(block)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A code that changes with the model, the data and numpy."""
    whole = hashlib.sha256(f"{np.__version__}\n{data_version()}".encode())
    for path in sorted(MODEL.rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()
