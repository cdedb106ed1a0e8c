"""The composition root of the service's web side."""

from __future__ import annotations

from fastapi import FastAPI

from api import problems
from api.headers import Headers
from api.routes import sign_in
from api.service import Service


def create_app(service: Service) -> FastAPI:
    """Return the application over the given parts."""
    app = FastAPI(title="Jurygrid", version="1", docs_url=None, redoc_url=None)
    app.state.service = service
    app.add_middleware(Headers, https=service.is_https)
    problems.install(app)
    app.include_router(sign_in.router)
    return app
