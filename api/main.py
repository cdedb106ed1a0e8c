"""The composition root of the service's web side."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api import problems, swagger
from api.headers import Headers, MostBytes
from api.measures import Measured, Measures
from api.openapi import document
from api.pages import account, candidate, jury, providers
from api.pages import sessions as session_pages
from api.pages.frame import STATIC, problem_page, wants_page
from api.rates import Rates
from api.routes import assessments, candidates, people, rubrics, service, sessions, sign_in
from api.service import Service
from checks.registry import CHECKS
from grader import tracing
from grader.commands.parts import open_database
from grader.files import Files
from grader.secret import read_secret
from grader.settings import all_settings
from worker.queue import queue_from_settings

PAGES = (account, providers, candidate, jury, session_pages)
ROUTERS = (sign_in, sessions, candidates, assessments, rubrics, people, service)


def service_from_environment() -> Service:
    """Build the parts from the environment. The embedded service brings its own tables up to date; the other one must find them so."""
    settings, service_settings = all_settings()
    if service_settings.tracing:
        tracing.set_up("jurygrid-api")
    return Service(
        open_database(service_settings, upgrade=service_settings.is_embedded),
        Files(service_settings.files),
        read_secret(service_settings.secret),
        queue_from_settings(service_settings),
        settings,
        service_settings,
        {c.id: c for c in CHECKS},
    )


def create_app(parts: Service) -> FastAPI:
    """Return the application over the given parts."""
    app = FastAPI(title="Jurygrid", version="1", docs_url=None, redoc_url=None)
    app.state.service = parts
    app.state.measures = Measures(parts.database, parts.files)
    app.state.rates = Rates(parts.service_settings.queue_url)
    app.state.streams = set()
    app.state.providers = providers.clients(parts.service_settings)
    # Holds what a provider must give back, signed, for ten minutes; sign-ins themselves are rows, not this cookie.
    app.add_middleware(
        SessionMiddleware,
        secret_key=parts.secret.links.hex(),
        session_cookie="jurygrid-provider",
        max_age=600,
        same_site="lax",
        https_only=parts.is_https,
    )
    if parts.service_settings.tracing:
        from starlette.middleware.opentelemetry import OpenTelemetryMiddleware

        app.add_middleware(OpenTelemetryMiddleware, excluded_urls=("/invitation",))  # whose address is a secret
    app.add_middleware(MostBytes, uploads=parts.service_settings.upload_bytes)
    app.add_middleware(Headers, https=parts.is_https)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=parts.hosts)
    app.add_middleware(Measured, measures=app.state.measures)
    problems.install(app, wants_page=wants_page, shown=problem_page)
    for module in (*ROUTERS, *PAGES):
        app.include_router(module.router)
    app.mount("/static", STATIC)
    app.include_router(swagger.router)
    app.mount("/api/docs/files", swagger.FILES)

    def openapi() -> dict[str, Any]:
        app.openapi_schema = app.openapi_schema or document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app
