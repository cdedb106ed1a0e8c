"""Signing in with an identity provider: OpenID Connect, or GitHub. It says who somebody is; what they may do is said here."""

from __future__ import annotations

import warnings
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from fastapi import APIRouter, Request
from fastapi.responses import Response
from httpx import HTTPError
from joserfc.errors import JoseError

from api.asking import TheService, Writing
from api.pages.frame import safe_next, to
from api.rates import count
from api.routes.sign_in import start_sign_in
from grader.errors import NotSignedIn, Unknown
from grader.settings import ServiceSettings
from grader.store.people import by_identity

with warnings.catch_warnings():  # of the library to its own developers: whoever starts a service can do nothing about it
    warnings.filterwarnings("ignore", "authlib.jose module is deprecated")
    from authlib.integrations.starlette_client import OAuth

router = APIRouter(include_in_schema=False)
PUBLIC_GITHUB = "https://github.com"  # whose API has a host of its own; that of an Enterprise Server lies below it
_FAILURES = (OAuthError, HTTPError, JoseError, KeyError, ValueError, TypeError)


def clients(settings: ServiceSettings) -> OAuth:
    """Return a client of each provider that is set; each request carries state and PKCE."""
    made = OAuth()
    if settings.oidc_issuer and settings.oidc_client_id:
        made.register(
            "oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
        )
    if settings.github_client_id:
        github = settings.github_url.rstrip("/")
        made.register(
            "github",
            client_id=settings.github_client_id,
            client_secret=settings.github_client_secret,
            access_token_url=f"{github}/login/oauth/access_token",
            authorize_url=f"{github}/login/oauth/authorize",
            api_base_url="https://api.github.com/" if github == PUBLIC_GITHUB else f"{github}/api/v3/",
            # Where GitHub documents them: in the form, and not in a header.
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a way, no secret
            client_kwargs={"scope": "read:user user:email", "code_challenge_method": "S256"},
        )
    return made


def _client(request: Request, provider: str) -> Any:
    found = request.app.state.providers.create_client(provider)
    if found is None:
        raise Unknown("provider-unknown")
    return found


@router.get("/sign-in/{provider}")
async def go(request: Request, provider: str, service: TheService, next: str = "/") -> Response:
    """Go to the provider."""
    count(request, "sign-in")
    request.session["next"] = safe_next(next)
    answer: Response = await _client(request, provider).authorize_redirect(
        request, f"{service.service_settings.address}/sign-in/{provider}/back"
    )
    return answer


@router.get("/sign-in/{provider}/back")
async def back(request: Request, provider: str, service: TheService, session: Writing) -> Response:
    """Come back from the provider: sign in whoever has the verified address. No account and no role is made here."""
    count(request, "sign-in")
    client = _client(request, provider)
    try:
        token = await client.authorize_access_token(request)
        subject, email = await (_github(client, token) if provider == "github" else _oidc(token))
    except _FAILURES:
        raise NotSignedIn("provider-failed") from None
    person = by_identity(session, provider, subject, email)
    answer = to(safe_next(str(request.session.pop("next", "/"))))
    start_sign_in(request, answer, service, session, person)
    return answer


async def _oidc(token: dict[str, Any]) -> tuple[str, str | None]:
    told = token["userinfo"]
    return str(told["sub"]), str(told["email"]) if told.get("email_verified") is True else None


async def _github(client: Any, token: dict[str, Any]) -> tuple[str, str | None]:
    told = (await client.get("user", token=token)).json()
    emails = (await client.get("user/emails", token=token)).json()
    verified = next((e["email"] for e in emails if e.get("primary") and e.get("verified") is True), None)
    return str(told["id"]), verified
