"""What every answer carries, and how large a request may be."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Pages load our own files only: no script of a repository can run, whatever a template forgot.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class Headers:
    """Adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap an application."""
        self.app = app
        self.headers = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"} if https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with them."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, adding if scope["type"] == "http" else send)


class MostBytes:
    """Bounds requests: what carries a file may be as large as an upload, anything else is small."""

    def __init__(self, app: ASGIApp, *, uploads: int) -> None:
        """Wrap an application."""
        self.small = RequestBodyLimitMiddleware(app, max_body_size=_SMALL)
        self.large = RequestBodyLimitMiddleware(app, max_body_size=uploads + _SMALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 413."""
        carries = scope["type"] == "http" and any(
            n == b"content-type" and v.startswith(b"multipart/") for n, v in scope["headers"]
        )
        await (self.large if carries else self.small)(scope, receive, send)


_SMALL = 2_000_000
