"""What the applications answered when they ran: seen by our prober, from a sandbox of its own."""

from __future__ import annotations

from checks.facts.answers import REFUSALS, Answers
from checks.facts.failures import CANDIDATE, SANDBOX
from checks.facts.ran_values import Exchange, Ran, Server
from checks.facts.routing import Route, Routes, shape
from checks.facts.served import Api, Served
from checks.findings import evidence, inconclusive, met, not_applicable, not_met, partly
from checks.interfaces import listing
from checks.run_reasons import why
from checks.run_tests import nothing_ran
from grader.values import Evidence, Finding, Source, Text

STRANGERS = ("without-credentials", "wrong-credentials")
HEADERS = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
)
FEWEST_HEADERS = 2
OF_THE_RUNTIME = ("process_", "python_", "go_", "nodejs_", "promhttp_")


def shown(route: Route, exchange: Exchange) -> Evidence:
    """Return where a route is declared, with what it answered."""
    key = " (wrong credentials)" if exchange.purpose == "wrong-credentials" else ""
    return evidence(route.module, route.line, f"{exchange.shown}{key}", Source.RAN)


def _at_start(server: Server, excerpt: str) -> Evidence:
    return evidence(server.step.path, server.step.line, excerpt, Source.RAN)


def _unreached(ran: Ran, answers: Answers) -> Finding | None:
    """Return the finding of applications that answered nothing; None when one did."""
    if not ran.whole:
        return nothing_ran()
    if not answers.servers:
        return not_applicable("Aucune application n'a été lancée.", "No application was started.", "no-server")
    if answers.reached:
        return None
    code, text = _silence(answers)
    return inconclusive(f"Une application a été lancée. {text.fr}", f"An application was started. {text.en}", code)


def _silence(answers: Answers) -> tuple[str, Text]:
    server = answers.servers[0]
    ending = answers.endings.get(server.step.n)
    if ending:
        return ending.code, ending.text
    code = (
        server.step.reason
        or server.step.doubt
        or next(iter(server.step.trouble), "")
        or ("not-reached" if server.ready else "not-ready")
    )
    return code, why(code)


def starts(ran: Ran, answers: Answers) -> Finding:
    """The application starts and answers.

    fr: L'application démarre et répond.
    why: An application that a jury cannot start cannot be shown to work.
    pourquoi: Une application que le jury ne peut pas démarrer ne peut pas être montrée en marche.
    fix: Keep a start command that works from a clean clone, with the settings that the repository gives.
    corriger: Gardez une commande de démarrage qui marche depuis un clone neuf, avec les réglages du dépôt.
    """
    if not ran.whole or not answers.servers:
        return _unreached(ran, answers) or nothing_ran()
    up = [(s, e) for s in answers.reached for e in s.of("home")[-1:] if e.status is not None and e.status < 500]
    up += [(s, e) for s in answers.reached for e in s.exchanges[:1] if not s.of("home") and e.status is not None]
    if up:
        names = ", ".join(dict.fromkeys(s.step.what.get("target", s.step.part) for s, _ in up))
        places = [_at_start(s, e.shown) for s, e in up]
        fr = "démarrent et répondent" if ", " in names else "démarre et répond"
        return met(f"{names} {fr}.", f"{names} {'start and answer' if ', ' in names else 'starts and answers'}.", places)
    return _did_not_start(answers)


def _did_not_start(answers: Answers) -> Finding:
    theirs = [(s, e) for s in answers.servers if (e := answers.endings.get(s.step.n)) and e.whose == CANDIDATE]
    if theirs and len(theirs) == len(answers.servers):
        server, ending = theirs[0]
        return partly(
            f"L'application s'arrête au démarrage. {ending.text.fr}",
            f"The application stops while starting. {ending.text.en}",
            [_at_start(server, ending.detail or ending.code)],
            question=Text(
                "Pouvez-vous démarrer l'application devant le jury ?", "Can you start the application before the jury?"
            ),
        )
    code, text = _silence(answers)
    return inconclusive(f"L'application n'a pas répondu. {text.fr}", f"The application did not answer. {text.en}", code)


def refuses_strangers_to_the_data(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The data routes refuse callers without a credential, or with a wrong one.

    fr: Les routes de données refusent qui n'a pas d'identité, ou une fausse.
    why: Calling without a credential is the proof that a guard is wired to the route.
    pourquoi: Appeler sans identité est la preuve que la garde est bien branchée sur la route.
    fix: Check the credential in front of every data route, and answer 401 or 403.
    corriger: Vérifiez l'identité devant chaque route de données, et répondez 401 ou 403.
    """
    return _unreached(ran, answers) or _refusals(answers, served.data)


def refuses_strangers_to_the_model(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The model's routes refuse callers without a credential, or with a wrong one.

    fr: Les routes du modèle refusent qui n'a pas d'identité, ou une fausse.
    why: Calling without a credential is the proof that a guard is wired to the route.
    pourquoi: Appeler sans identité est la preuve que la garde est bien branchée sur la route.
    fix: Check the credential in front of every route of the model, and answer 401 or 403.
    corriger: Vérifiez l'identité devant chaque route du modèle, et répondez 401 ou 403.
    """
    return _unreached(ran, answers) or _refusals(answers, served.model)


def _is_refusal(exchange: Exchange) -> bool:
    """Tell whether an answer refuses a stranger; a form's missing token (CSRF) says nothing about who calls."""
    if exchange.status in (302, 303, 307):
        return any(word in exchange.headers.get("location", "").lower() for word in ("login", "connexion", "signin"))
    return exchange.status in REFUSALS and "csrf" not in exchange.body.lower()


def _lets_in(exchange: Exchange) -> bool:
    return exchange.status is not None and 200 <= exchange.status < 300 and exchange.error is None


def _refusals(answers: Answers, api: Api | None) -> Finding:
    if api is None:
        return not_applicable("Aucune API de ce genre n'a été lue.", "No such API was read.", "no-api")
    asked = [(r, es) for r in api.routes if (es := answers.of(r, *STRANGERS))]
    opened = [(r, next(e for e in es if _lets_in(e))) for r, es in asked if any(map(_lets_in, es))]
    # A missing parameter is told before a missing credential: the answer to a wrong one is what counts then.
    closed = [
        (r, next(e for e in es if _is_refusal(e))) for r, es in asked if any(map(_is_refusal, es)) and not any(map(_lets_in, es))
    ]
    against = [(r, e) for r, e in opened if r.protected]
    if against:
        return _contradicted(against, whole=not closed)
    if closed and not opened:
        names = listing(tuple(r for r, _ in closed))
        return met(f"Un inconnu est refusé : {names}.", f"A stranger is refused: {names}.", [shown(r, e) for r, e in closed])
    if opened:
        return _as_read(api, opened, closed)
    text = why("not-asked")
    return inconclusive(text.fr, text.en, "not-asked", [shown(r, es[0]) for r, es in asked[:3]])


def _contradicted(against: list[tuple[Route, Exchange]], *, whole: bool) -> Finding:
    route, exchange = against[0]
    credential = "une fausse identité" if exchange.purpose == "wrong-credentials" else "aucune identité"
    without = "a wrong credential" if exchange.purpose == "wrong-credentials" else "no credential"
    build = not_met if whole else partly
    return build(
        f"{len(against)} route(s) que le code paraît protéger répondent à un inconnu : {exchange.shown} avec {credential}.",
        f"{len(against)} route(s) that the code seems to protect answer a stranger: {exchange.shown} with {without}.",
        [shown(r, e) for r, e in against],
        question=Text(
            f"{exchange.method} {exchange.path}, avec {credential}, répond {exchange.status} ({route.module}, ligne {route.line}) : pourquoi ?",
            f"{exchange.method} {exchange.path}, with {without}, answers {exchange.status} ({route.module}, line {route.line}): why?",
        ),
    )


def _as_read(api: Api, opened: list[tuple[Route, Exchange]], closed: list[tuple[Route, Exchange]]) -> Finding:
    """Return what running says of routes that reading already found open: the same."""
    names = listing(tuple(r for r, _ in opened))
    bare = not closed and not any(r.guards for r in api.routes)
    build = not_met if bare else partly
    places = [shown(r, e) for r, e in [*opened[:4], *closed[:2]]]
    return build(f"Un inconnu obtient une réponse : {names}.", f"A stranger gets an answer: {names}.", places)


def refuses_strangers_to_its_spaces(ran: Ran, answers: Answers, routes: Routes) -> Finding:
    """Pages and routes that are kept for some people refuse the others.

    fr: Les pages et routes réservées refusent les autres personnes.
    why: A restricted space is restricted when a stranger is turned away from it.
    pourquoi: Un espace est réservé quand un inconnu en est écarté.
    fix: Redirect strangers to the login, or answer 401 or 403.
    corriger: Renvoyez les inconnus à la connexion, ou répondez 401 ou 403.
    """
    unreached = _unreached(ran, answers)
    if unreached:
        return unreached
    kept = [(r, es) for r in routes.all if r.protected and (es := answers.of(r, *STRANGERS, "home"))]
    closed = [(r, next(e for e in es if _is_refusal(e))) for r, es in kept if any(map(_is_refusal, es))]
    opened = [(r, next(e for e in es if _lets_in(e))) for r, es in kept if any(map(_lets_in, es)) and not r.html]
    if closed and not opened:
        names = listing(tuple(r for r, _ in closed))
        return met(f"Un inconnu est écarté : {names}.", f"A stranger is turned away: {names}.", [shown(r, e) for r, e in closed])
    if not kept:
        return not_applicable("Aucun espace réservé n'a été appelé.", "No restricted space was called.", "no-such-route")
    question = None
    if opened:
        exchange = opened[0][1]
        question = Text(
            f"{exchange.method} {exchange.path} répond {exchange.status} à un inconnu : pourquoi ?",
            f"{exchange.method} {exchange.path} answers {exchange.status} to a stranger: why?",
        )
    places = [shown(r, e) for r, e in [*closed, *opened]]
    return inconclusive(
        "Les espaces réservés n'ont pas tous refusé un inconnu.",
        "Not every restricted space refused a stranger.",
        "not-refused",
        places,
        question=question,
    )


def returns_the_data(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The data routes answer.

    fr: Les routes de données répondent.
    why: A route that fails on its first call returns no data.
    pourquoi: Une route qui échoue au premier appel ne rend aucune donnée.
    fix: Let every read route answer from a clean clone, with an empty database too.
    corriger: Que chaque route de lecture réponde depuis un clone neuf, base vide comprise.
    """
    unreached = _unreached(ran, answers)
    if unreached or served.data is None:
        return unreached or not_applicable("Aucune API de données lue.", "No data API was read.", "no-api")
    return _answered(answers, tuple(r for r in served.data.routes if r.method == "GET"))


def answers_with_the_model(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The model's routes answer a valid request.

    fr: Les routes du modèle répondent à une demande valide.
    why: An answer to a request that the contract allows is what the caller came for.
    pourquoi: Une réponse à une demande que le contrat permet est ce que l'appelant attend.
    fix: Let the prediction route answer from a clean clone: commit a small model, or say how to fetch it.
    corriger: Que la route de prédiction réponde depuis un clone neuf : versionnez un petit modèle, ou dites où le prendre.
    """
    unreached = _unreached(ran, answers)
    if unreached or served.model is None:
        return unreached or not_applicable("Aucune API de modèle lue.", "No model API was read.", "no-api")
    return _answered(answers, served.model.routes)


def _answered(answers: Answers, routes: tuple[Route, ...]) -> Finding:
    asked = [(r, es) for r in routes if (es := answers.of(r, "without-credentials", "valid-body"))]
    fine = [(r, next(e for e in es if _lets_in(e))) for r, es in asked if any(map(_lets_in, es))]
    broken = [(r, e) for r, es in asked for e in es[:1] if e.status is not None and e.status >= 500]
    ours = any(_is_ours(answers, s) for r, _ in broken for s in answers.serving(r.application))
    question = _why_so(f"{broken[0][1].method} {broken[0][1].path}", broken[0][1].status) if broken and not ours else None
    if fine and len(fine) >= len(broken):
        names = listing(tuple(r for r, _ in fine))
        places = [shown(r, e) for r, e in [*fine[:4], *broken[:2]]]
        return met(f"Réponse obtenue : {names}.", f"Answer received: {names}.", places, question=question)
    places = [shown(r, es[0]) for r, es in asked]
    if broken:
        ending = next((e for s in answers.serving(broken[0][0].application) if (e := answers.endings.get(s.step.n))), None)
        told = ending.text if ending else Text("La cause n'est pas connue.", "The cause is not known.")
        return inconclusive(
            f"{len(broken)} route(s) répondent par une erreur du serveur. {told.fr}",
            f"{len(broken)} route(s) answer with a server error. {told.en}",
            ending.code if ending else "unsorted",
            places,
            question=question,
        )
    if any(_is_refusal(e) for _, es in asked for e in es):
        return inconclusive(
            "Les routes refusent un inconnu ; nous n'avons pas d'identité à présenter.",
            "The routes refuse a stranger; we have no credential to present.",
            "refused",
            places,
        )
    text = why("not-asked")
    return inconclusive(text.fr, text.en, "not-asked", places)


def documents_the_data_api(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The running data API serves a valid OpenAPI document of its routes.

    fr: L'API de données, lancée, sert un document OpenAPI valide de ses routes.
    why: A document that the application itself serves is in step with its routes.
    pourquoi: Un document que l'application sert elle-même est en accord avec ses routes.
    fix: Let the framework serve its OpenAPI document, with every route in it.
    corriger: Laissez le cadre servir son document OpenAPI, avec toutes les routes.
    """
    return _unreached(ran, answers) or _documented(answers, served.data)


def documents_the_model_api(ran: Ran, answers: Answers, served: Served) -> Finding:
    """The running API of the model serves a valid OpenAPI document of its routes.

    fr: L'API du modèle, lancée, sert un document OpenAPI valide de ses routes.
    why: A document that the application itself serves is in step with its routes.
    pourquoi: Un document que l'application sert elle-même est en accord avec ses routes.
    fix: Let the framework serve its OpenAPI document, with every route in it.
    corriger: Laissez le cadre servir son document OpenAPI, avec toutes les routes.
    """
    return _unreached(ran, answers) or _documented(answers, served.model)


def _documented(answers: Answers, api: Api | None) -> Finding:
    if api is None:
        return not_applicable("Aucune API de ce genre n'a été lue.", "No such API was read.", "no-api")
    serving = answers.serving(api.application.id)
    listed = [(s, r) for s in serving for r in api.routes if (r.method, shape(r.path)) in s.documented]
    if not listed:
        return not_applicable(
            "Aucun document OpenAPI servi ne décrit ces routes.", "No OpenAPI document served tells these routes.", "not-served"
        )
    server = listed[0][0]
    told = {(r.method, r.path) for _, r in listed}
    missing = tuple(r for r in api.routes if (r.method, r.path) not in told)
    places = [
        _at_start(server, f"GET {server.openapi_path} → 200, OpenAPI"),
        *(evidence(r.module, r.line, f"{r.method} {r.path} in {server.openapi_path}", Source.RAN) for _, r in listed),
    ]
    if server.openapi_valid is False or missing:
        fr = (
            f"Le document servi n'est pas conforme à OpenAPI : {server.openapi_path}."
            if not missing
            else f"Le document servi ne décrit pas : {listing(missing)}."
        )
        en = (
            f"The document served does not follow OpenAPI: {server.openapi_path}."
            if not missing
            else f"The document served does not tell: {listing(missing)}."
        )
        return inconclusive(fr, en, "incomplete-openapi", places, question=Text(f"{fr} Pourquoi ?", f"{en} Why?"))
    return met(
        f"{server.openapi_path} est servi et décrit les {len(api.routes)} route(s).",
        f"{server.openapi_path} is served and tells all {len(api.routes)} route(s).",
        places,
    )


def takes_precautions(ran: Ran, answers: Answers) -> Finding:
    """The running application sends security headers or limits its callers.

    fr: L'application, lancée, envoie des en-têtes de sécurité ou limite ses appelants.
    why: These are the measures that can be seen from outside.
    pourquoi: Ce sont les mesures qui se voient de l'extérieur.
    fix: Set the security headers and a limit of calls in the application or in front of it.
    corriger: Posez les en-têtes de sécurité et une limite d'appels dans l'application ou devant elle.
    """
    unreached = _unreached(ran, answers)
    if unreached:
        return unreached
    found = [(s, _precautions(s)) for s in answers.reached]
    best = [(s, told) for s, told in found if len(told) >= FEWEST_HEADERS or s.limited_after]
    if not best:
        return inconclusive(
            "Ni en-têtes de sécurité ni limite d'appels n'ont été vus.",
            "No security header and no limit of calls were seen.",
            "not-seen",
        )
    names = list(dict.fromkeys(n for _, told in best for n in told))
    limited = next((s.limited_after for s, _ in best if s.limited_after), None)
    fr = ", ".join([*names, *([f"refus 429 après {limited} appel(s)"] if limited else [])])
    en = ", ".join([*names, *([f"429 after {limited} call(s)"] if limited else [])])
    places = [_at_start(s, ", ".join(told) or f"429 after {s.limited_after} calls") for s, told in best]
    return met(f"Vu à l'exécution : {fr}.", f"Seen while running: {en}.", places)


def _precautions(server: Server) -> list[str]:
    return [h for h in HEADERS if any(h in e.headers for e in server.exchanges)]


def moves_its_metrics(ran: Ran, answers: Answers, routes: Routes) -> Finding:
    """The running application serves metrics, and calls move them.

    fr: L'application, lancée, sert des métriques, et les appels les font bouger.
    why: A metric that never moves measures nothing.
    pourquoi: Une métrique qui ne bouge jamais ne mesure rien.
    fix: Update the metrics where requests are answered, and serve them at /metrics.
    corriger: Mettez à jour les métriques là où les demandes sont traitées, et servez-les sur /metrics.
    """
    unreached = _unreached(ran, answers)
    if unreached:
        return unreached
    serving = [s for s in answers.reached if s.metrics_path]
    if not serving:
        return not_applicable("Aucune page de métriques n'a répondu.", "No metrics page answered.", "no-metrics")
    for server in serving:
        moved = [n for n in server.moved if not n.startswith(OF_THE_RUNTIME)]
        if moved:
            return met(
                f"Les appels font bouger {len(moved)} métrique(s) : {', '.join(moved[:4])}.",
                f"Calls move {len(moved)} metric(s): {', '.join(moved[:4])}.",
                _metric_places(server, routes, f"GET {server.metrics_path} → {', '.join(moved[:3])}"),
            )
    server = serving[0]
    return inconclusive(
        "Des métriques sont servies ; nos appels ne les ont pas fait bouger.",
        "Metrics are served; our calls did not move them.",
        "not-moved",
        _metric_places(server, routes, f"GET {server.metrics_path} → 200"),
    )


def _metric_places(server: Server, routes: Routes, excerpt: str) -> list[Evidence]:
    wanted = shape(server.metrics_path or "")
    found = [evidence(r.module, r.line, excerpt, Source.RAN) for r in routes.all if shape(r.path) == wanted]
    return found[:1] or [_at_start(server, excerpt)]


def withstands_valid_data_requests(ran: Ran, answers: Answers, served: Served, routes: Routes) -> Finding:
    """Requests that the data API's OpenAPI document allows make no server error.

    fr: Les demandes que permet le document OpenAPI de l'API de données ne provoquent pas d'erreur du serveur.
    why: A contract promises an answer to what it allows.
    pourquoi: Un contrat promet une réponse à ce qu'il permet.
    fix: Validate what the schema lets through, and answer 4xx rather than fail.
    corriger: Validez ce que le schéma laisse passer, et répondez 4xx plutôt que d'échouer.
    """
    return _unreached(ran, answers) or _withstood(answers, served.data, routes)


def withstands_valid_model_requests(ran: Ran, answers: Answers, served: Served, routes: Routes) -> Finding:
    """Requests that the OpenAPI document of the model's API allows make no server error.

    fr: Les demandes que permet le document OpenAPI de l'API du modèle ne provoquent pas d'erreur du serveur.
    why: A contract promises an answer to what it allows.
    pourquoi: Un contrat promet une réponse à ce qu'il permet.
    fix: Validate what the schema lets through, and answer 4xx rather than fail.
    corriger: Validez ce que le schéma laisse passer, et répondez 4xx plutôt que d'échouer.
    """
    return _unreached(ran, answers) or _withstood(answers, served.model, routes)


def _withstood(answers: Answers, api: Api | None, routes: Routes) -> Finding:
    serving = answers.serving(api.application.id) if api else ()
    cases = sum(s.cases for s in serving)
    if not cases:
        return not_applicable(
            "Aucune demande engendrée n'a reçu d'autre réponse qu'un refus.",
            "No generated request got another answer than a refusal.",
            "no-cases",
        )
    failed = [(s, f) for s in serving for f in s.surprises if f.status is not None and f.status >= 500]
    if not failed:
        places = [_at_start(s, f"{s.cases} generated requests, no 5xx") for s in serving if s.cases]
        return met(f"{cases} demandes valides, aucune erreur du serveur.", f"{cases} valid requests, no server error.", places)
    by_route = {(r.method, shape(r.path)): r for r in routes.all}
    places = [
        _surprise_place(s, by_route.get((f.method, shape(f.route))), f"{f.method} {f.sent} → {f.status}") for s, f in failed
    ]
    server, first = failed[0]
    return inconclusive(
        f"Sur {cases} demandes valides, {len(failed)} sorte(s) provoquent une erreur du serveur.",
        f"Of {cases} valid requests, {len(failed)} kind(s) make a server error.",
        "server-error",
        places,
        question=None if _is_ours(answers, server) else _why_so(f"{first.method} {first.sent}", first.status),
    )


def _is_ours(answers: Answers, server: Server) -> bool:
    """Tell whether the last error that a server printed comes from what the sandbox lacks: there is nothing to ask then."""
    ending = answers.endings.get(server.step.n)
    return ending is not None and ending.whose == SANDBOX


def _why_so(request: str, status: int | None) -> Text:
    return Text(
        f"{request} répond {status}, alors que son contrat le permet : pourquoi ?",
        f"{request} answers {status}, although its contract allows it: why?",
    )


def _surprise_place(server: Server, route: Route | None, excerpt: str) -> Evidence:
    return evidence(route.module, route.line, excerpt, Source.RAN) if route else _at_start(server, excerpt)


CHECKS = (
    starts,
    refuses_strangers_to_the_data,
    refuses_strangers_to_the_model,
    refuses_strangers_to_its_spaces,
    returns_the_data,
    answers_with_the_model,
    documents_the_data_api,
    documents_the_model_api,
    takes_precautions,
    moves_its_metrics,
    withstands_valid_data_requests,
    withstands_valid_model_requests,
)
