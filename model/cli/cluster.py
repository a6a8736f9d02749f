"""Work for a Dask cluster; the package distributed is needed only here."""

import asyncio
import logging
import pickle
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from model.evidence import data_version
from model.scenario.settings import SettingError

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:[0-9]{1,5}/?")
PATIENCE = 5  # seconds in which a scheduler must answer
BLOCKS_AHEAD = 64  # at the cluster at a time


def on_cluster(address: str, work: Callable[[Any], str], blocks: Iterable[Any]) -> Iterator[str]:
    """The results of `work` on each block, in order; raises SettingError if the cluster fails."""
    try:
        from distributed import CancelledError, Client, KilledWorker
    except ImportError:
        install = "python -m pip install distributed"
        raise SettingError(f"--scheduler needs the package distributed: {install}") from None
    _check_scheduler(address)
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # else it logs a traceback

    def opened(piece: bytes) -> str:  # travels as code, so that the scheduler needs no model
        import pickle

        result: str = pickle.loads(piece)()
        return result

    pieces = (pickle.dumps(partial(_checked, data_version(), work, block)) for block in blocks)
    try:
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            sent = (client.submit(opened, piece, pure=False) for piece in pieces)
            waiting = deque(islice(sent, BLOCKS_AHEAD))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(islice(sent, 1))
    except (CancelledError, KilledWorker, OSError):
        raise SettingError(f"--scheduler {address}: the cluster was lost") from None
    except ImportError as error:
        wrong = f"a worker has no {error.name}; start it with PYTHONPATH set to this project"
        raise SettingError(f"--scheduler {address}: {wrong}") from None


def _checked(version: str, work: Callable[[Any], str], block: Any) -> str:
    """The result of `work` on a worker, if it has the same data."""
    if data_version() != version:
        wrong = f"expected {version}, found {data_version()}"
        raise SettingError(f"--scheduler: a worker has another version of data/: {wrong}")
    return work(block)


def _check_scheduler(address: str) -> None:
    """Raise SettingError unless a Dask scheduler answers; a Client that fails prints tracebacks."""
    from distributed.core import rpc

    async def kind() -> str:
        async with rpc(address, timeout=PATIENCE) as server:
            return str((await asyncio.wait_for(server.identity(), PATIENCE))["type"])

    if not ADDRESS.fullmatch(address):
        expected = "expected an address such as tcp://10.0.0.1:8786"
        raise SettingError(f"--scheduler: {expected}, found {address[:60]!r}")
    try:
        answer = asyncio.run(kind())
    except Exception:  # a server of another kind can answer anything
        answer = ""
    if answer != "Scheduler":
        raise SettingError(f"--scheduler {address}: no Dask scheduler answers there")
