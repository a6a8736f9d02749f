"""Security headers on every response, as ASGI middleware.

The policy lets the page load only from its own server. Streamlit needs four exceptions: its own
inline script, by its hash, as that of the first paint; styles that it writes into the page; blobs,
for the component that follows sliders, for workers and for pictures; and WebAssembly, in which it
reads whole numbers of 64 bits. Nothing may evaluate text as a script; Vega runs without.
"""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp as Application
from starlette.types import Message, Receive, Scope, Send

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval' {hashes}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {frames}"
)


def policy(html: str, frames: str) -> str:
    """The Content-Security-Policy of the page.

    html : the page that Streamlit serves;  frames : who may show the page in a frame, as in
        frame-ancestors: "*", "'none'", or addresses
    """
    digests = [hashlib.sha256(text.encode()).digest() for text in INLINE_SCRIPT.findall(html)]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return POLICY.format(hashes=" ".join(hashes), frames=frames)


def security_headers(app: Application, policy: str) -> Application:
    """An application with these headers on every HTTP response; its own stay as they are."""
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                for name, value in headers.items():
                    own.setdefault(name, value)
            await send(message)

        await app(scope, receive, send_more if scope["type"] == "http" else send)

    return answer
