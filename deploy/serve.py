"""The page as it is served: `streamlit run deploy/serve.py` from the project's folder.

As app.py, with security headers, limits by visitor, link previews, an answer that is there before
the page, and answers by address. FRAME_ANCESTORS names who may show the page in a frame (default:
all). FORWARDED_ALLOW_IPS names the proxies that say who a visitor is (default: those of this
machine).
"""

import asyncio
import ctypes
import gc
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import net_util

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from model.scenario.scenario import case  # noqa: E402
from pages.parts import cached, stage, turns  # noqa: E402, F401  stage: nobody waits for it
from pages.parts.serving.api import routes  # noqa: E402
from pages.parts.serving.budgets import Used  # noqa: E402
from pages.parts.serving.first_paint import SCRIPT, previews  # noqa: E402
from pages.parts.serving.headers import policy, security_headers  # noqa: E402
from pages.parts.serving.limits import limited  # noqa: E402
from pages.parts.serving.logs import keep_private  # noqa: E402

# of mallopt: M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, bytes
HEAP = {-8: 1, -3: 2**20, -1: 2**20}


def share_memory() -> None:
    """Let all threads share one heap, and give large blocks back as soon as they are freed.

    The C library of Linux gives each thread a heap of its own and keeps it: twenty visitors who ask
    hard questions left 1,150 MB behind, so they leave 580. A move takes some 7% more of a core.
    """
    with suppress(OSError, AttributeError, TypeError):  # another system
        for parameter, value in HEAP.items():
            ctypes.CDLL(None).mallopt(parameter, value)


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """Before the first visitor: room for many connections, and the answer that most open with."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # four for each session
    except (ImportError, ValueError, OSError):
        pass  # not on Windows, or not allowed: the limit stays
    # files are made there, one at a time: whoever waits must not keep others from waiting
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(turns.MOST["file"]))
    cached.answer(case())
    gc.collect()
    gc.freeze()  # modules and data stay: a collection looks at the rest alone
    yield


# it asks an outside host, on the event loop, whenever a page of another origin wants to connect
net_util.get_external_ip = lambda: None
keep_private()
share_memory()
st.set_option("logger.enableRich", False)  # it would print an error with its words, past the logs
base = st.get_option("server.baseUrlPath").strip("/")
root = f"/{base}/" if base else "/"
page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
frames = os.environ.get("FRAME_ANCESTORS", "*")
used = Used()
app = st.App(
    ROOT / "app.py",
    lifespan=ready,
    routes=routes(root, used),
    middleware=[
        Middleware(security_headers, policy=policy(page + SCRIPT, frames)),
        Middleware(limited, used=used, root=root),
        Middleware(previews, html=page, root=root, used=used),
    ],
)
