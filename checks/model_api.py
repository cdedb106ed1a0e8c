"""The model API: it reaches a model or an AI service, keeps strangers out, and documents itself in a standard."""

from __future__ import annotations

from checks import interfaces
from checks.facts.openapi import OpenApi
from checks.facts.served import Served
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding, Text


def _no_api(served: Served) -> Finding:
    if served.pages:
        return not_met(
            "Le modèle n'est atteint que par des pages, aucune route d'API.",
            "The model is reached from pages only, no API route.",
            map(interfaces.place, served.pages),
        )
    return interfaces.in_another_repository(served) or not_met(
        "Aucune route n'appelle un modèle ou un service d'IA (suivi à travers les modules).",
        "No route calls a model or an AI service (followed through modules).",
    )


def requires_authentication(served: Served) -> Finding:
    """Every route that reaches the model requires a credential and checks it.

    fr: Chaque route qui atteint le modèle exige une identité et la vérifie.
    why: A model costs money and may leak what it learnt: it is not for passers-by.
    pourquoi: Un modèle coûte et peut révéler ce qu'il a appris : il n'est pas pour les passants.
    fix: Put a verified token or key before the prediction routes, without a published default.
    corriger: Placer un jeton ou une clé vérifiés devant les routes de prédiction, sans valeur publiée.
    """
    if served.model is not None:
        return interfaces.protection(served.model, interfaces.MODEL)
    closed = tuple(p for p in served.pages if p.protected)
    if closed and len(closed) == len(served.pages):
        return partly(
            "Le modèle n'est atteint que par des pages, réservées aux personnes connectées.",
            "The model is reached from pages only, kept for people who logged in.",
            map(interfaces.place, closed),
        )
    return _no_api(served)


def reaches_the_model(served: Served) -> Finding:
    """The API's routes call the model or the AI service.

    fr: Les routes de l'API appellent le modèle ou le service d'IA.
    why: The API is the way by which other programs use the model.
    pourquoi: L'API est la voie par laquelle d'autres programmes utilisent le modèle.
    fix: Offer a route that takes typed inputs, calls the model and returns its answer.
    corriger: Offrir une route qui reçoit des entrées typées, appelle le modèle et rend sa réponse.
    """
    if served.model is not None:
        routes = served.model.routes
        uses = [_use(r.model_use) for r in routes if r.model_use is not None]
        first = sorted(routes, key=lambda r: (not r.schema, r.method != "POST"))
        return met(
            f"{len(routes)} route(s) appelle(nt) le modèle ou le service d'IA : {interfaces.listing(routes)}.",
            f"{len(routes)} route(s) call(s|) the model or the AI service: {interfaces.listing(routes)}.",
            [interfaces.place(first[0]), *uses[:1], *map(interfaces.place, first[1:])],
        )
    if served.pages:
        return partly(
            "Des pages appellent le modèle, aucune route d'API.",
            "Pages call the model, no API route does.",
            [interfaces.place(p) for p in served.pages] + [_use(p.model_use) for p in served.pages if p.model_use],
        )
    if served.claimed:
        return partly(
            f"Une route porte le nom d'une prédiction, aucun modèle connu n'y est appelé : {interfaces.listing(served.claimed)}.",
            f"A route is named after a prediction, no known model is called there: {interfaces.listing(served.claimed)}.",
            map(interfaces.place, served.claimed),
            question=Text(
                f"Quel modèle répond à {served.claimed[0].path} ({served.claimed[0].module}) ?",
                f"Which model answers {served.claimed[0].path} ({served.claimed[0].module})?",
            ),
        )
    return _no_api(served)


def _use(use: tuple[str, int, str]) -> Evidence:
    return evidence(use[0], use[1], use[2])


def follows_openapi(served: Served, openapi: OpenApi) -> Finding:
    """The model API and its documentation follow OpenAPI.

    fr: L'API du modèle et sa documentation suivent le standard OpenAPI.
    why: A standard lets people and tools read the documentation without learning it first.
    pourquoi: Un standard se lit sans apprentissage, par les personnes comme par les outils.
    fix: Serve the OpenAPI document that the framework generates, or write one and keep it valid.
    corriger: Servir l'OpenAPI généré par le cadre, ou en écrire un et le garder valide.
    """
    if served.model is None:
        return _no_api(served)
    return interfaces.standard(served.model, interfaces.MODEL, openapi.files)


def scheme_documents_authentication(served: Served) -> Finding:
    """The model API's OpenAPI document shows how to authenticate, and the code does check it.

    fr: L'OpenAPI de l'API du modèle montre comment s'authentifier, et le code le vérifie.
    why: Whoever calls the API must know which credential to send, and the promise must be kept.
    pourquoi: Qui appelle l'API doit savoir quelle identité envoyer, et la promesse doit être tenue.
    fix: Declare a security scheme (HTTPBearer, APIKeyHeader, OAuth2) that the routes depend on and verify.
    corriger: Déclarer un schéma de sécurité (HTTPBearer, APIKeyHeader, OAuth2) dont les routes dépendent et qu'elles vérifient.
    """
    return _no_api(served) if served.model is None else interfaces.scheme(served.model, interfaces.MODEL)


CHECKS = (requires_authentication, reaches_the_model, follows_openapi, scheme_documents_authentication)
