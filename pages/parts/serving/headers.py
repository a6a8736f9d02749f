"""Security headers on every response, as ASGI middleware.

The policy lets the page load only from its own server. Streamlit needs four exceptions: its own
inline script, by its hash; styles that it writes into the page; blobs, for the component that
follows sliders, for workers and for pictures; and WebAssembly, in which it reads whole numbers of
64 bits. Nothing may evaluate text as a script; Vega runs without.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
OFF = ("camera", "geolocation", "microphone", "payment", "usb")  # what the page never asks for


def script_hashes(html: str) -> list[str]:
    """The hashes of the inline scripts of a page, as a policy names them."""
    digests = (hashlib.sha256(text.encode()).digest() for text in INLINE.findall(html))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def policy(html: str, frames: str) -> str:
    """The Content-Security-Policy of the page.

    html : the page that Streamlit serves;  frames : who may show the page in a frame, as in
        frame-ancestors: "*", "'none'", or addresses
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *script_hashes(html)],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": [frames],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


class SecurityHeaders:
    """Adds the headers to every HTTP response of an application."""

    def __init__(self, app: Application, policy: str) -> None:
        self.app = app
        headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "permissions-policy": ", ".join(f"{name}=()" for name in OFF),
        }
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; headers that the application set itself stay as they are."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message.get("headers", [])}
                more = [pair for pair in self.headers if pair[0] not in known]
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        await self.app(scope, receive, with_headers)
