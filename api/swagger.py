"""The API's own documentation page, from files of this machine: no other host is asked."""

from __future__ import annotations

from pathlib import Path

import fastapi_swagger
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
FILES = StaticFiles(directory=Path(fastapi_swagger.__file__).parent / "resources")
# Swagger UI writes style attributes: its own page alone allows them. Scripts stay files of ours.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Jurygrid API</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/api/docs/files/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/api/docs/files/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>
"""
_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  requestInterceptor: r => { if (window.csrf) r.headers["X-CSRF-Token"] = window.csrf; return r; }});
fetch("/api/me").then(a => a.ok ? a.json() : {}).then(me => { window.csrf = me.csrf; });
"""


@router.get("/api/docs")
def page() -> HTMLResponse:
    """Show the API's documentation."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/api/docs/start.js")
def start() -> Response:
    """Give the script that starts the page."""
    return Response(_START, media_type="text/javascript")
