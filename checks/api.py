"""The data API: documented, in a standard, closed to strangers, and complete."""

from __future__ import annotations

from checks import interfaces
from checks.facts.openapi import OpenApi
from checks.facts.other_stacks import OtherServices
from checks.facts.route_mentions import RouteMentions
from checks.facts.routing import Routes
from checks.facts.served import Served
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding, Text


def _no_api(openapi: OpenApi) -> Finding:
    written = [evidence(s.path, s.line, f"OpenAPI {s.version}") for s in openapi.files]
    return not_met(
        "Aucune route ne met des données à disposition (FastAPI, Flask, Django, Express cherchés)."
        + (" Un document OpenAPI décrit des chemins sans route." if written else ""),
        "No route serves data (FastAPI, Flask, Django, Express looked for)."
        + (" An OpenAPI document describes paths without routes." if written else ""),
        written,
    )


def _generated_elsewhere(openapi: OpenApi, other_services: OtherServices) -> Finding:
    """Judge the documentation of an API in another language: a generator documents all its controllers."""
    service = other_services.best
    if service is None or service.generator is None:
        return _no_api(openapi)
    return met(
        f"La documentation OpenAPI de l'API {service.stack} est générée à partir de ses contrôleurs.",
        f"The OpenAPI documentation of the {service.stack} API is generated from its controllers.",
        [service.generator, *service.reads],
    )


def documents_every_route(
    served: Served, openapi: OpenApi, route_mentions: RouteMentions, other_services: OtherServices
) -> Finding:
    """The technical documentation covers every route of the data API.

    fr: La documentation technique couvre toutes les routes de l'API de données.
    why: A colleague must be able to call the API without reading its code.
    pourquoi: Un collègue doit pouvoir appeler l'API sans en lire le code.
    fix: Let the framework generate OpenAPI, or keep a written specification in step with the routes.
    corriger: Laisser le cadre générer l'OpenAPI, ou tenir une spécification écrite en accord avec les routes.
    """
    if served.data is None:
        return _generated_elsewhere(openapi, other_services)
    api = served.data
    told = {r for r in api.routes if route_mentions.of(r) is not None}
    covered = [r for r in api.routes if r in told or r in api.documented]
    where: list[Evidence] = [*interfaces.documentation_place(api)]
    where += [m for r in api.routes if (m := route_mentions.of(r)) is not None][:3]
    missing = tuple(r for r in api.routes if r not in covered)
    if not covered:
        return not_met(
            f"Aucune documentation ne décrit les routes de données : {interfaces.listing(missing)}.",
            f"No documentation describes the data routes: {interfaces.listing(missing)}.",
            map(interfaces.place, missing),
        )
    if missing:
        return partly(
            f"{len(covered)} route(s) de données documentée(s) sur {len(api.routes)} ; manquent : {interfaces.listing(missing)}.",
            f"{len(covered)} of {len(api.routes)} data routes documented; missing: {interfaces.listing(missing)}.",
            [*where, *map(interfaces.place, missing)],
        )
    return met(
        f"{len(api.routes)} route(s) de données documentée(s) sur {len(api.routes)}.",
        f"{len(api.routes)} of {len(api.routes)} data route(s) documented.",
        [*where, *map(interfaces.place, api.routes)],
    )


def follows_openapi(served: Served, openapi: OpenApi, other_services: OtherServices) -> Finding:
    """The data API's documentation follows OpenAPI.

    fr: La documentation de l'API de données suit le standard OpenAPI.
    why: A standard lets people and tools read the documentation without learning it first.
    pourquoi: Un standard se lit sans apprentissage, par les personnes comme par les outils.
    fix: Serve the OpenAPI document that the framework generates, or write one and keep it valid.
    corriger: Servir l'OpenAPI généré par le cadre, ou en écrire un et le garder valide.
    """
    if served.data is None:
        return _generated_elsewhere(openapi, other_services)
    return interfaces.standard(served.data, interfaces.DATA, openapi.files)


def requires_authentication(served: Served, openapi: OpenApi, other_services: OtherServices) -> Finding:
    """Every data route requires a credential and checks it.

    fr: Chaque route de données exige une identité et la vérifie.
    why: Data is served to authorised callers only; a header whose value nobody compares protects nothing.
    pourquoi: Les données ne vont qu'aux personnes autorisées ; un en-tête que personne ne compare ne protège rien.
    fix: Put a dependency or a decorator that verifies a token or a key before every data route, without a published default.
    corriger: Placer devant chaque route une dépendance ou un décorateur qui vérifie un jeton ou une clé, sans valeur publiée.
    """
    if served.data is not None:
        return interfaces.protection(served.data, interfaces.DATA)
    service = next((s for s in other_services.all if s.guard is not None), None)
    if service is None or service.guard is None:
        return _no_api(openapi)
    return partly(
        f"L'API {service.stack} contrôle l'accès ; que chaque route le fasse n'a pas été vérifié dans ce langage.",
        f"The {service.stack} API controls access; whether every route does was not followed in this language.",
        [service.guard, *service.reads],
        question=Text("Quelles routes restent ouvertes, et d'où vient la clé ?", "Which routes stay open, and where is the key?"),
    )


def reads_the_data(served: Served, openapi: OpenApi, other_services: OtherServices) -> Finding:
    """The data API has read routes for the project's data.

    fr: L'API de données offre des routes de lecture sur les données du projet.
    why: The specifications promise data; the API must be able to return it.
    pourquoi: Les spécifications promettent des données ; l'API doit pouvoir les rendre.
    fix: Offer a read route for each main table or collection.
    corriger: Offrir une route de lecture par table ou collection principale.
    """
    if served.data is None and other_services.all:
        return partly(
            "Des contrôleurs d'un autre langage offrent des routes de lecture ; leurs données n'ont pas été suivies.",
            "Controllers in another language offer read routes; their data were not followed.",
            [e for s in other_services.all for e in s.reads],
        )
    if served.data is None:
        return _no_api(openapi)
    reads = tuple(r for r in served.data.routes if r.method == "GET")
    conclude = met if len(reads) > 1 else partly
    return conclude(
        f"{len(reads)} route(s) de lecture : {interfaces.listing(reads)}.",
        f"{len(reads)} read route(s): {interfaces.listing(reads)}.",
        map(interfaces.place, reads),
    )


def scheme_documents_authentication(served: Served, openapi: OpenApi) -> Finding:
    """The data API's OpenAPI document shows how to authenticate, and the code does check it.

    fr: L'OpenAPI de l'API de données montre comment s'authentifier, et le code le vérifie.
    why: Whoever calls the API must know which credential to send, and the promise must be kept.
    pourquoi: Qui appelle l'API doit savoir quelle identité envoyer, et la promesse doit être tenue.
    fix: Declare a security scheme (HTTPBearer, APIKeyHeader, OAuth2) that the routes depend on and verify.
    corriger: Déclarer un schéma de sécurité (HTTPBearer, APIKeyHeader, OAuth2) dont les routes dépendent et qu'elles vérifient.
    """
    return _no_api(openapi) if served.data is None else interfaces.scheme(served.data, interfaces.DATA)


def routes_are_mounted(routes: Routes) -> Finding:
    """Every declared route is served by an application.

    fr: Chaque route déclarée est servie par une application.
    why: A router that no application includes answers nobody.
    pourquoi: Un routeur qu'aucune application n'inclut ne répond à personne.
    fix: Include the router or remove it.
    corriger: Inclure le routeur ou le supprimer.
    """
    lost = [evidence(e.module, e.line, f"{e.method} {e.path}") for e in routes.unmounted]
    if lost:
        return partly(f"{len(lost)} route(s) déclarée(s) jamais servie(s).", f"{len(lost)} declared route(s) never served.", lost)
    if not routes.all:
        return not_met("Aucune route trouvée.", "No route found.")
    return met("Toutes les routes déclarées sont servies.", "Every declared route is served.", [interfaces.place(routes.all[0])])


CHECKS = (
    documents_every_route,
    follows_openapi,
    requires_authentication,
    reads_the_data,
    scheme_documents_authentication,
    routes_are_mounted,
)
