"""Work for a Dask cluster; the package distributed is needed only here."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from model.evidence import data_version
from model.scenario.settings import SettingError

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:[0-9]{1,5}/?")
PATIENCE = 5  # seconds in which a scheduler must answer
AT_ONCE = 64  # blocks at the cluster


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
