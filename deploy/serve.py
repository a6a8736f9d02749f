"""The page for the world: `streamlit run deploy/serve.py` from the project's folder.

As app.py, with security headers, link previews, and the projection as CSV and JSON by address.
FRAME_ANCESTORS names the pages that may show this one in a frame (default: all).
"""

import os
import sys
from pathlib import Path

from streamlit import App, file_util

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from starlette.middleware import Middleware  # noqa: E402

from pages.parts.serving.api import ROUTES  # noqa: E402
from pages.parts.serving.headers import SecurityHeaders, policy  # noqa: E402
from pages.parts.serving.preview import Previews  # noqa: E402

page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
app = App(
    ROOT / "app.py",
    routes=ROUTES,
    middleware=[
        Middleware(SecurityHeaders, policy=policy(page, os.environ.get("FRAME_ANCESTORS", "*"))),
        Middleware(Previews, page=page),
    ],
)
