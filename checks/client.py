"""The application as a client: it calls the API or the AI service, identifies itself, deals with refusals."""

from __future__ import annotations

import ast
import re

from checks import interfaces
from checks.facts.ai_use import AiUse
from checks.facts.http_calls import HttpCall, HttpCalls
from checks.facts.models import Use
from checks.facts.python_code import PythonCode
from checks.facts.routing import Routes
from checks.facts.served import Served
from checks.facts.start_commands import StartCommands
from checks.findings import NOT_RUN, evidence, met, not_met, partly
from grader.values import Evidence, Finding, Text

_HOSTED = re.compile(
    r"openai|mistralai|anthropic|groq|cohere|google\.gen|together|replicate"
)  # their libraries send a key by themselves


def _call(call: HttpCall) -> Evidence:
    return evidence(call.path, call.line, call.excerpt)


def _use(use: Use) -> Evidence:
    return evidence(use.path, use.line, use.excerpt)


def calls_the_api(ai_use: AiUse, served: Served) -> Finding:
    """The application calls the model API or the AI service over the network.

    fr: L'application appelle l'API du modèle ou le service d'IA par le réseau.
    why: The competency is to integrate an API, not to load a model inside the application.
    pourquoi: La compétence est d'intégrer une API, non de charger un modèle dans l'application.
    fix: Call the prediction route from the application with an HTTP client.
    corriger: Appeler la route de prédiction depuis l'application avec un client HTTP.
    """
    direct = [c for c, _ in ai_use.to_model if c.interface]
    if direct or ai_use.services:
        return met(
            "L'application appelle l'API du modèle ou le service d'IA.",
            "The application calls the model API or the AI service.",
            [*map(_call, direct[:4]), *map(_use, ai_use.services)],
        )
    if ai_use.outside and served.model is None:
        return met(
            "L'application appelle une API de prédiction, dont le code n'est pas dans ce dépôt.",
            "The application calls a prediction API whose code is not in this repository.",
            map(_call, ai_use.outside),
        )
    others = [c for c, _ in ai_use.to_model] or [c for c, _ in ai_use.matched if c.interface] or list(ai_use.outside)
    if others:
        return partly(
            "Des appels partent vers l'API du projet, sans qu'une application atteigne clairement le modèle.",
            "Calls go to the project's API, but no application clearly reaches the model.",
            map(_call, others),
        )
    return not_met(
        "Aucune application n'appelle l'API du modèle ni un service d'IA."
        + (" Le modèle est chargé dans l'application." if ai_use.local else ""),
        "No application calls the model API nor an AI service."
        + (" The model is loaded inside the application." if ai_use.local else ""),
        map(_use, ai_use.local),
    )


def renews_its_credential(ai_use: AiUse, routes: Routes, python_code: PythonCode, http_calls: HttpCalls) -> Finding:
    """The application obtains its credential and deals with its expiry or refusal.

    fr: L'application obtient son identité et traite son expiration ou son refus.
    why: A token ends; an application that does not expect it fails in front of its users.
    pourquoi: Un jeton expire ; une application qui ne s'y attend pas échoue devant ses utilisateurs.
    fix: Send the token, test for 401 and 403, then renew it or ask to log in again.
    corriger: Envoyer le jeton, traiter 401 et 403, puis le renouveler ou redemander la connexion.
    """
    programs = [(c, r) for c, r in ai_use.matched if c.interface and not _shares_session(r.application, routes)]
    to_model = [(c, r) for c, r in ai_use.to_model if c.interface]
    asked = [(c, r) for c, r in to_model if r.protected] or [(c, r) for c, r in programs if r.protected]
    sent = [c for c, _ in asked if c.credential] or [c for c in ai_use.outside if c.credential]
    session = [c for c, r in asked if _shares_session(r.application, routes)]
    carriers = sent or session
    if carriers:
        files = {c.path for c in carriers}
        handled = [c for c, _ in ai_use.matched if c.refusal and (c.path in files or c.credential or "auth" in c.target)]
        redirected = [g for c, r in asked if session for g in r.guards if c.language == "javascript"]
        if handled or (session and (redirected and _handles_refusal(python_code))):
            return met(
                "L'application obtient et envoie son identité, et traite le refus ou l'expiration.",
                "The application obtains and sends its credential, and deals with refusal or expiry.",
                [*map(_call, (handled or carriers)[:2]), *map(_call, carriers[:3])],
            )
        return partly(
            "L'identité est envoyée, rien ne traite son expiration ou son refus.",
            "The credential is sent, nothing deals with its expiry or refusal.",
            map(_call, carriers),
            question=Text(
                f"Que voit l'utilisateur quand le jeton envoyé par {carriers[0].path} a expiré ?",
                f"What does the user see once the token sent by {carriers[0].path} has expired?",
            ),
        )
    keyed = [u for u in ai_use.services if u.path in http_calls.behind and (_HOSTED.match(u.what) or _reads_key(python_code, u))]
    if keyed:
        return partly(
            "La clé du service d'IA est lue dans la configuration, sans renouvellement.",
            "The AI service's key is read from the settings, without renewal.",
            map(_use, keyed),
        )
    return not_met(
        "L'application n'envoie aucune identité à l'API.",
        "The application sends the API no credential.",
        [_call(c) for c, _ in ai_use.matched if c.interface],
    )


def _shares_session(application: str, routes: Routes) -> bool:
    own = routes.by_application.get(application, ())
    return any(r.kind == "page" for r in own) and any(r.kind == "auth" for r in own)


def _handles_refusal(code: PythonCode) -> bool:
    """Tell whether a server sends people whose session ended back to the login page."""
    for module in code.application:
        handlers = [
            f
            for n, f in module.functions.items()
            if re.search(r"exception_handler|unauthorized|handle_401|error_?handler|401", n)
        ]
        if any(call.name.endswith(("RedirectResponse", "redirect")) for f in handlers for call in module.calls_under(f)):
            return True
        if any("login_required" in n or "LoginRequiredMixin" in n or n == "LoginManager" for n in module.imports):
            return True
    return False


def _reads_key(code: PythonCode, use: Use) -> bool:
    """Tell whether the module of a use, or another, names a key: in a string, an attribute of the settings or an argument."""
    for module in code.application:
        if (
            module.path == use.path
            or "settings" in module.path
            or "config" in module.path
            or module.imported & {"openai", "dotenv"}
        ):
            names = [t for t, _ in module.strings]
            names += [n.attr for n in module.nodes if isinstance(n, ast.Attribute)]
            if any(re.search(r"(api|secret)_?key|_token$", name[:200], re.I) for name in names):
                return True
    return False


def uses_every_endpoint(ai_use: AiUse, served: Served) -> Finding:
    """Every route of the model API that the project offers is used by an application.

    fr: Chaque route de l'API du modèle est utilisée par une application.
    why: An endpoint that nobody calls was not integrated.
    pourquoi: Un point de terminaison que personne n'appelle n'a pas été intégré.
    fix: Call the missing routes from the application, or say why they are not needed.
    corriger: Appeler les routes manquantes depuis l'application, ou dire pourquoi elles sont inutiles.
    """
    if served.model is None:
        if ai_use.services:
            return partly(
                "L'application appelle un service d'IA.", "The application calls an AI service.", map(_use, ai_use.services)
            )
        return not_met("Aucune API de modèle à intégrer n'a été trouvée.", "No model API to integrate was found.")
    called = {(r.method, r.path) for c, r in ai_use.matched if c.interface}
    used = tuple(r for r in served.model.routes if (r.method, r.path) in called)
    missing = tuple(r for r in served.model.routes if r not in used)
    where = [_call(c) for c, r in ai_use.matched if c.interface and r.model]
    if not used and ai_use.services:
        return partly(
            "L'application appelle le service d'IA sans passer par les routes du projet.",
            "The application calls the AI service without going through the project's routes.",
            [*map(_use, ai_use.services[:2]), *map(interfaces.place, missing)],
        )
    if not used:
        return not_met(
            f"Aucune application n'appelle les routes du modèle : {interfaces.listing(missing)}.",
            f"No application calls the model routes: {interfaces.listing(missing)}.",
            map(interfaces.place, missing),
        )
    conclude = met if not missing else partly
    return conclude(
        f"{len(used)} route(s) du modèle appelée(s) sur {len(served.model.routes)}."
        + (f" Manquent : {interfaces.listing(missing)}." if missing else ""),
        f"{len(used)} of {len(served.model.routes)} model routes called."
        + (f" Missing: {interfaces.listing(missing)}." if missing else ""),
        [*where, *map(interfaces.place, missing)],
    )


def base_application_starts(routes: Routes, http_calls: HttpCalls, start_commands: StartCommands) -> Finding:
    """The base application is in the repository with a way to start it.

    fr: L'application de départ est dans le dépôt, avec de quoi la démarrer.
    why: A jury must be able to start the application that receives the AI service.
    pourquoi: Le jury doit pouvoir démarrer l'application qui reçoit le service d'IA.
    fix: Commit the application, its dependencies and its start command.
    corriger: Déposer l'application, ses dépendances et sa commande de démarrage.
    """
    screens = [evidence(p, 1) for p in http_calls.interfaces]
    screens += [interfaces.place(r) for r in routes.all if r.kind == "page"]
    screens += [_call(c) for c in http_calls.all if c.language in ("javascript", "csharp")]
    if not screens:
        return not_met("Aucune application avec interface n'a été trouvée.", "No application with an interface was found.")
    if start_commands.all:
        return met(
            "Application présente, avec une commande de démarrage.",
            "Application present, with a start command.",
            [*start_commands.all[:2], *screens],
        )
    return partly(
        "Application présente, sans commande de démarrage.", "Application present, no start command.", screens, reason=NOT_RUN
    )


def shows_the_result(ai_use: AiUse, served: Served) -> Finding:
    """Interface files use the result of the AI.

    fr: Des fichiers d'interface utilisent le résultat de l'IA.
    why: The jury compares these screens with the specifications.
    pourquoi: Le jury compare ces écrans aux spécifications.
    fix: Show the result of the AI in the application's screens.
    corriger: Montrer le résultat de l'IA dans les écrans de l'application.
    """
    where = [_call(c) for c, _ in ai_use.to_model if c.interface] + [interfaces.place(p) for p in served.pages]
    where += [_call(c) for c in ai_use.outside] + [_use(u) for u in ai_use.services]
    if not where:
        return not_met("Aucun écran n'utilise le résultat de l'IA.", "No screen uses the AI's result.")
    return met("Des écrans utilisent le résultat de l'IA.", "Screens use the AI's result.", where)


def integrates_the_flows(ai_use: AiUse, routes: Routes, served: Served) -> Finding:
    """Interface, API, data and model are connected in the code.

    fr: Interface, API, données et modèle sont reliés dans le code.
    why: An application works when data flows through all of its parts.
    pourquoi: Une application fonctionne quand les données traversent toutes ses parties.
    fix: Connect the missing link: interface to API, API to data, API to model.
    corriger: Relier le maillon manquant : interface à l'API, API aux données, API au modèle.
    """
    links = [
        [_call(c) for c, _ in ai_use.matched if c.interface] or [interfaces.place(p) for p in served.pages],
        [_use(u) for u in ai_use.services]
        or [interfaces.place(r) for r in routes.all if r.model]
        or [_call(c) for c in ai_use.outside],
        [interfaces.place(r) for r in routes.all if r.data],
    ]
    present = [link for link in links if link]
    where = [link[0] for link in present]
    if len(present) == len(links):
        return met("Interface, modèle et données sont reliés.", "Interface, model and data are connected.", where)
    if present and links[0]:
        return partly(
            f"{len(present)} maillon(s) sur {len(links)} entre interface, modèle et données.",
            f"{len(present)} of {len(links)} links between interface, model and data.",
            where,
        )
    return not_met(
        "Aucune interface n'est reliée à une API ou à un modèle.", "No interface is connected to an API or a model.", where
    )


CHECKS = (
    calls_the_api,
    renews_its_credential,
    uses_every_endpoint,
    base_application_starts,
    shows_the_result,
    integrates_the_flows,
)
