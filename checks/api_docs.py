"""Does the documentation explain how to use the APIs: authentication, architecture, endpoints?"""

from __future__ import annotations

from collections.abc import Callable

from checks import interfaces
from checks.facts.api_manual import ApiManual, Authentication
from checks.facts.openapi import OpenApi
from checks.facts.route_mentions import RouteMentions
from checks.facts.routing import Routes
from checks.facts.served import Api, Served
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding, Text

NAMES = {
    "sent": Text("ce que la requête porte", "what the request carries"),
    "obtained": Text("comment l'obtenir", "how to obtain it"),
    "rule": Text("les règles (rôles, durée, refus)", "the rules (roles, lifetime, refusals)"),
}
ASK = Text(
    "Comment un client de votre API s'authentifie-t-il, pas à pas ?", "How does a client of your API authenticate, step by step?"
)


def _guarded(api: Api | None) -> bool:
    return api is not None and any(r.guards for r in api.routes)


def _grade(told: Authentication, api: Api | None, any_route: bool, which: Text) -> Finding:
    places = [*told.told.values(), *([told.scheme] if told.scheme else [])]
    fr = ", ".join(NAMES[k].fr for k in NAMES if k in told.told)
    en = ", ".join(NAMES[k].en for k in NAMES if k in told.told)
    if not any_route or not places:
        return not_met(
            f"Aucun document n'explique l'authentification à l'API {which.fr}.",
            f"No document explains the authentication to the {which.en} API.",
            question=ASK,
        )
    if len(told.told) >= 2 and told.developed and (_guarded(api) or api is None):
        return met(
            f"L'authentification à l'API {which.fr} est expliquée : {fr}.",
            f"Authentication to the {which.en} API is explained: {en}.",
            places,
        )
    if told.told and not _guarded(api):
        return partly(
            f"Une authentification est documentée ({fr}), les routes de l'API {which.fr} n'en demandent pas.",
            f"An authentication is documented ({en}), the routes of the {which.en} API ask for none.",
            places,
            question=ASK,
        )
    only = Text("seul le schéma de l'OpenAPI la montre", "only the OpenAPI scheme shows it")
    return partly(
        f"Authentification à l'API {which.fr} peu expliquée : {fr or only.fr}.",
        f"Authentication to the {which.en} API hardly explained: {en or only.en}.",
        places,
        question=ASK,
    )


def explains_authentication_to_the_data_api(api_manual: ApiManual, served: Served) -> Finding:
    """The documentation tells how to authenticate to the data API.

    fr: La documentation dit comment s'authentifier à l'API de données.
    why: Without it, nobody but the author can call a protected API.
    pourquoi: Sans cela, personne d'autre que l'auteur ne peut appeler une API protégée.
    fix: Write how to obtain a credential, where to put it in the request, and what is refused to whom, with an example.
    corriger: Écrire comment obtenir une identité, où la mettre dans la requête, et ce qui est refusé à qui, avec un exemple.
    """
    return _grade(api_manual.data, served.data, served.data is not None, Text("de données", "data"))


def explains_authentication_to_the_model_api(api_manual: ApiManual, served: Served, routes: Routes) -> Finding:
    """The documentation tells how to authenticate to the model API.

    fr: La documentation dit comment s'authentifier à l'API du modèle.
    why: Without it, nobody but the author can call a protected API.
    pourquoi: Sans cela, personne d'autre que l'auteur ne peut appeler une API protégée.
    fix: Write how to obtain a credential, where to put it in the request, and what is refused to whom, with an example.
    corriger: Écrire comment obtenir une identité, où la mettre dans la requête, et ce qui est refusé à qui, avec un exemple.
    """
    reaches = served.model is not None or any(r.model for r in routes.all) or (bool(api_manual.written) and bool(routes.all))
    if not reaches and (elsewhere := interfaces.in_another_repository(served)):
        return elsewhere
    return _grade(api_manual.model, served.model, reaches, Text("du modèle", "model"))


def _endpoints(served: Served, mentions: RouteMentions) -> tuple[list[Evidence], bool, int]:
    """Return where the model's routes are documented, whether all of them are, and how many are missing."""
    if served.model is None:
        return [], False, 0
    api = served.model
    told = [r for r in api.routes if r in api.documented or mentions.of(r)]
    places: list[Evidence] = [e for r in told if (e := mentions.of(r))][:2]
    if api.generated:
        places.append(
            evidence(
                *(
                    api.application.generates_at
                    if api.application.generates_at[0]
                    else (api.application.path, api.application.line)
                )
            )
        )
    elif api.written is not None:
        places.append(evidence(api.written.path, api.written.line, f"OpenAPI {api.written.version}"))
    return places, len(told) == len(api.routes), len(api.routes) - len(told)


def _lacks(drawn: bool, absent: int) -> Text:
    """Return what is missing beside what was found."""
    if not drawn:
        return Text("aucune section d'architecture", "no architecture section")
    if absent:
        return Text(f"{absent} point(s) de terminaison sans documentation", f"{absent} endpoint(s) undocumented")
    return Text("aucun point de terminaison du modèle", "no endpoint of the model")


def covers_architecture_and_endpoints(
    api_manual: ApiManual, served: Served, openapi: OpenApi, routes: Routes, route_mentions: RouteMentions
) -> Finding:
    """The documentation of the model API covers its architecture and every endpoint.

    fr: La documentation de l'API du modèle couvre son architecture et tous ses points de terminaison.
    why: An integrator needs both the whole picture and the list of what can be called.
    pourquoi: Qui intègre l'API a besoin de la vue d'ensemble et de la liste de ce qu'on peut appeler.
    fix: Add an architecture section with a diagram, and keep the OpenAPI document in step with the routes.
    corriger: Ajouter une section d'architecture avec un schéma, et garder l'OpenAPI en accord avec les routes.
    """
    drawn = api_manual.model_architecture
    places, whole, absent = _endpoints(served, route_mentions)
    stray = [o for s in openapi.files for o in s.unrouted(routes)]
    ask = Text(
        "Où votre architecture et tous vos points de terminaison sont-ils documentés ?",
        "Where are your architecture and all your endpoints documented?",
    )
    if served.model is None and not (stray or any(r.model for r in routes.all)):
        return interfaces.in_another_repository(served) or not_met(
            "Aucune API de modèle à documenter n'a été trouvée.", "No model API to document was found.", question=ask
        )
    where = [*([drawn] if drawn else []), *places]
    if drawn and places and whole and not stray:
        return met(
            "L'architecture et tous les points de terminaison sont documentés.",
            "The architecture and every endpoint are documented.",
            where,
        )
    if stray:
        where += [evidence(openapi.files[0].path, stray[0].line, f"{stray[0].method} {stray[0].path}")]
        return partly(
            f"La spécification décrit {stray[0].path}, que le code ne sert pas.",
            f"The specification describes {stray[0].path}, which the code does not serve.",
            where,
            question=ask,
        )
    if places or drawn or api_manual.drawn_only:
        lacks = _lacks(bool(drawn), absent)
        where += [api_manual.drawn_only] if api_manual.drawn_only and not drawn else []
        return partly(
            f"Documentation de l'API en partie : {lacks.fr}.",
            f"Documentation of the API, in part: {lacks.en}.",
            where,
            question=ask,
        )
    return not_met(
        "Ni architecture ni points de terminaison de l'API du modèle ne sont documentés.",
        "Neither the architecture nor the endpoints of the model API are documented.",
        question=ask,
    )


CHECKS: tuple[Callable[..., Finding], ...] = (
    explains_authentication_to_the_data_api,
    explains_authentication_to_the_model_api,
    covers_architecture_and_endpoints,
)
