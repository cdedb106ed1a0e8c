"""Security of the application and of its interfaces."""

from __future__ import annotations

from collections.abc import Iterable

from checks import interfaces
from checks.facts.dependencies import Dependencies
from checks.facts.linters import Issue, LintReport
from checks.facts.protections import Measure, Protections, Weakness
from checks.facts.reach import Reach
from checks.facts.routing import Route, Routes
from checks.facts.secrets import Secret, Secrets
from checks.facts.served import Served
from checks.findings import evidence, inconclusive, met, not_applicable, not_met, partly
from grader.values import Evidence, Finding, Text

ENOUGH, SOME = 4, 2
OPEN_SHARE = 0.25
NAMES = {
    "audit": Text("journal d'audit", "audit log"),
    "authentication": Text("authentification", "authentication"),
    "container-user": Text("conteneur sans droits root", "container without root"),
    "cookies": Text("cookies protégés", "protected cookies"),
    "cors": Text("CORS restreint", "narrow CORS"),
    "csrf": Text("protection CSRF", "CSRF protection"),
    "escaping": Text("échappement", "escaping"),
    "hashing": Text("mots de passe hachés", "hashed passwords"),
    "headers": Text("en-têtes de sécurité", "security headers"),
    "https": Text("HTTPS", "HTTPS"),
    "rate-limit": Text("limitation de débit", "rate limiting"),
    "roles": Text("rôles", "roles"),
    "scanning": Text("analyse de sécurité dans la chaîne", "security scan in the chain"),
    "secrets-outside": Text("secrets lus de l'environnement", "secrets read from the environment"),
    "sql-bound": Text("requêtes SQL paramétrées", "parameterised SQL"),
    "upload": Text("contrôle des fichiers reçus", "upload checks"),
    "validation": Text("validation des entrées", "input validation"),
}
NOT_OF_AN_API = frozenset({"csrf", "cookies", "container-user"})


def _guarded(routes: Routes) -> tuple[list[Route], list[Route]]:
    reached = [r for r in routes.all if r.kind in ("data", "model")]
    return reached, [r for r in reached if not r.protected]


def _shown(secrets: Iterable[Secret]) -> list[Evidence]:
    return [evidence(s.path, s.line, s.shown) for s in secrets]


def _measured(measures: Iterable[Measure]) -> list[Evidence]:
    return [evidence(m.path, m.line, m.excerpt) for m in measures]


def _weak(weaknesses: Iterable[Weakness]) -> list[Evidence]:
    return [evidence(w.path, w.line, w.excerpt) for w in weaknesses]


def _flagged(issues: Iterable[Issue]) -> list[Evidence]:
    return [evidence(i.path, i.line, f"{i.tool} {i.rule} · {i.code or i.text}") for i in issues]


def _oral(places: list[Evidence]) -> Text | None:
    if not places:
        return None
    first = places[0]
    where = f"{first.path}:{first.line}" if first.line else first.path
    return Text(f"Que risque-t-on à cause de {where} ({first.excerpt}) ?", f"What is the risk of {where} ({first.excerpt})?")


def _judged(kept: dict[str, Measure], holes: list[Evidence], *, grave: bool, hopeless: bool) -> Finding:
    named_fr, named_en = (", ".join(getattr(NAMES[k], lang) for k in kept) for lang in ("fr", "en"))
    counted = f"{len(kept)} mesure(s) : {named_fr}." if kept else "Aucune mesure reconnue."
    counted_en = f"{len(kept)} measure(s): {named_en}." if kept else "No measure recognised."
    places = _measured(kept.values())
    if len(kept) < SOME or hopeless:
        why = " Des secrets sont en clair et l'accès est ouvert." if hopeless else ""
        why_en = " Secrets are in clear and access is open." if hopeless else ""
        return not_met(counted + why, counted_en + why_en, [*holes[:3], *places], question=_oral(holes))
    if len(kept) >= ENOUGH and not grave:
        return met(counted, counted_en, places, question=_oral(holes))
    flaw = _flaw(holes[0]) if grave else Text("", "")
    return partly(counted + flaw.fr, counted_en + flaw.en, [*places[:2], *holes[:3], *places[2:]], question=_oral(holes))


def _flaw(hole: Evidence) -> Text:
    """Say which serious flaw remains: the first hole, since the grave ones come first."""
    where = f"{hole.path}:{hole.line}" if hole.line else hole.path
    return Text(f" Un défaut sérieux demeure : {where}.", f" A serious flaw remains: {where}.")


def _judge(protections: Protections, secrets: Secrets, routes: Routes, linters: LintReport, left_out: frozenset[str]) -> Finding:
    reached, opened = _guarded(routes)
    clear = _shown(secrets.grave)
    kept = {k: m for k, m in protections.kinds.items() if k not in left_out and not (k == "secrets-outside" and clear)}
    share = len(opened) / len(reached) if reached else 0.0
    stranger = share >= 0.5 if reached else "authentication" not in kept
    ajar = [evidence(r.module, r.line, f"{r.method} {r.path}") for r in opened] if share >= OPEN_SHARE else []
    graves = [w for w in protections.weaknesses if w.grave]
    high = [i for i in linters.issues if i.severity == "high" and i.tool == "bandit"]
    holes = [*clear[:2], *_weak(graves), *ajar[:2], *_weak(w for w in protections.weaknesses if not w.grave), *_flagged(high)]
    return _judged(kept, holes, grave=bool(clear or graves or ajar), hopeless=bool(clear) and stranger and len(kept) < ENOUGH)


def applies_owasp_measures(protections: Protections, secrets: Secrets, routes: Routes, linters: LintReport) -> Finding:
    """The application takes four measures or more against the OWASP risks, and keeps no secret in clear.

    fr: L'application prend au moins quatre mesures contre les risques OWASP, et ne garde aucun secret en clair.
    why: Personal data and paid services hang on a few known precautions.
    pourquoi: Des données personnelles et des services payants tiennent à quelques précautions connues.
    fix: Hash passwords, bind SQL values, validate inputs, limit the rate, set headers and cookies, and move every secret to
      the environment.
    corriger: Hachez les mots de passe, liez les valeurs SQL, validez les entrées, limitez le débit, posez en-têtes et
      cookies, et sortez tout secret du code.
    """
    return _judge(protections, secrets, routes, linters, frozenset())


def api_follows_owasp(protections: Protections, secrets: Secrets, routes: Routes, linters: LintReport, served: Served) -> Finding:
    """The interface for programs takes the measures that OWASP recommends for APIs.

    fr: L'interface pour programmes prend les mesures que l'OWASP recommande pour les API.
    why: An open or careless interface hands data and computing power to anybody.
    pourquoi: Une interface ouverte ou négligente livre données et puissance de calcul à n'importe qui.
    fix: Check a credential on each route, validate and bound inputs, limit the rate, narrow CORS and keep keys out of the code.
    corriger: Contrôlez un jeton à chaque route, validez et bornez les entrées, limitez le débit, restreignez CORS et sortez
      les clés du code.
    """
    if not [r for r in routes.interfaces if r.kind in ("data", "model", "other", "auth")]:
        return interfaces.in_another_repository(served) or not_met(
            "Aucune route d'API à protéger n'a été trouvée.", "No API route to protect was found."
        )
    return _judge(protections, secrets, routes, linters, NOT_OF_AN_API)


def keeps_secrets_out(secrets: Secrets, reach: Reach, dependencies: Dependencies) -> Finding:
    """No secret stands in clear in the repository.

    fr: Aucun secret n'est en clair dans le dépôt.
    why: What is committed is published, and stays in the history.
    pourquoi: Ce qui est versionné est publié, et reste dans l'historique.
    fix: Revoke the exposed value, read it from the environment, and commit an example file without values.
    corriger: Révoquez la valeur exposée, lisez-la de l'environnement, et versionnez un fichier d'exemple sans valeurs.
    """
    if not dependencies.files and not reach.entries and not secrets.all:
        return not_applicable(
            "Aucun code ni service où chercher des secrets.", "No code or service in which to look for secrets.", "no-code"
        )
    if secrets.grave:
        places = _shown(secrets.grave)
        fr = f"{len(secrets.grave)} secret(s) en clair."
        return not_met(fr, f"{len(secrets.grave)} secret(s) in clear.", places, question=_oral(places))
    if secrets.all:
        fr = "Seuls des mots de passe par défaut ou des valeurs de repli sont en clair."
        return partly(fr, "Only default passwords or fallback values are in clear.", _shown(secrets.all))
    if secrets.personal:
        path, columns = secrets.personal[0]
        fr = "Pas de clé en clair, mais un export de données personnelles est versionné."
        return partly(
            fr, "No key in clear, but an export of personal data is committed.", [evidence(path, 1, ", ".join(columns))]
        )
    return met("Aucun secret en clair n'a été trouvé.", "No secret in clear was found.", [])


def static_analysis_is_clean(linters: LintReport) -> Finding:
    """A static analysis of the Python code, under our own settings, raises no serious issue.

    fr: Une analyse statique du code Python, avec nos propres réglages, ne lève aucun problème sérieux.
    why: Known dangerous calls are found by machines in seconds, by attackers too.
    pourquoi: Les appels dangereux connus se trouvent en quelques secondes, par des machines comme par des attaquants.
    fix: Follow the rule named beside the line; do not silence it.
    corriger: Suivez la règle nommée à côté de la ligne ; ne la faites pas taire.
    """
    if not linters.of:
        return not_applicable("Aucun code Python à analyser.", "No Python code to analyse.", "no-code")
    if not linters.answered("bandit", "pylint"):
        fr = "L'analyse statique n'a pas répondu à temps."
        return inconclusive(fr, "The static analysis gave no answer in time.", "took-too-long", _flagged(linters.issues))
    issues = linters.of_tools("bandit", "pylint")
    high = [i for i in issues if i.severity in ("high", "error")]
    read = (f" ({linters.files} fichier(s) lu(s) sur {linters.of}).", f" ({linters.files} of {linters.of} file(s) read).")
    if high:
        return not_met(
            f"{len(high)} problème(s) sérieux" + read[0],
            f"{len(high)} serious issue(s)" + read[1],
            _flagged(high),
            question=_oral(_flagged(high)),
        )
    if issues:
        return partly(
            f"{len(issues)} problème(s) moyen(s)" + read[0], f"{len(issues)} medium issue(s)" + read[1], _flagged(issues)
        )
    return met("Aucun problème relevé" + read[0], "No issue raised" + read[1], [])


CHECKS = (applies_owasp_measures, api_follows_owasp, keeps_secrets_out, static_analysis_is_clean)
