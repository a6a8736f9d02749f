"""The page for the world: `streamlit run deploy/serve.py` from the project's folder.

As app.py, with security headers, link previews, the projection as CSV and JSON by address, and a
histogram of reruns. FRAME_ANCESTORS names who may show the page in a frame (default: all).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.middleware import Middleware
from streamlit import App, config, file_util

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from model.scenario.scenario import case  # noqa: E402
from pages.parts import cached  # noqa: E402
from pages.parts.serving import memory, metrics  # noqa: E402
from pages.parts.serving.api import routes  # noqa: E402
from pages.parts.serving.headers import SecurityHeaders, policy  # noqa: E402
from pages.parts.serving.preview import Previews  # noqa: E402


@asynccontextmanager
async def ready(app: App) -> AsyncIterator[None]:
    """Before the first visitor: room for many connections, and the answer that most open with.

    While the server runs, memory that is free goes back to the system.
    """
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # four for each session
    except (ImportError, ValueError, OSError):
        pass  # not on Windows, or not allowed: the limit stays
    memory.free_large_blocks()
    # app.py's imports are done here already (menu imports all questions), so that nobody waits
    metrics.register()
    cached.answer(case())
    giving_back = asyncio.create_task(memory.give_back())
    yield
    giving_back.cancel()


base = config.get_option("server.baseUrlPath").strip("/")
root = f"/{base}/" if base else "/"
page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
app = App(
    ROOT / "app.py",
    lifespan=ready,
    routes=routes(root),
    middleware=[
        Middleware(SecurityHeaders, policy=policy(page, os.environ.get("FRAME_ANCESTORS", "*"))),
        Middleware(Previews, page=page, root=root),
    ],
)
