"""Access rights to the application and its spaces."""

from __future__ import annotations

from checks.facts.access_control import AccessControl, Gate
from checks.facts.routing import Routes
from checks.findings import evidence, met, not_met, partly
from checks.interfaces import place
from grader.values import Evidence, Finding


def _place(gate: Gate) -> Evidence:
    return evidence(gate.path, gate.line, gate.excerpt or gate.what)


def restricts_spaces(access_control: AccessControl, routes: Routes) -> Finding:
    """People log in, and some spaces of the application are kept for them.

    fr: On se connecte, et des espaces de l'application sont réservés.
    why: Rights are managed when the application itself knows who may see what.
    pourquoi: Les droits sont gérés quand l'application elle-même sait qui peut voir quoi.
    fix: Add a login and put a guard before the pages that are not for everybody; sort by role where needed.
    corriger: Ajouter une connexion et une garde devant les pages réservées ; distinguer les rôles si besoin.
    """
    logins, kept, roles = (access_control.of_kind(k) for k in ("login", "restricts", "role"))
    where = [*map(_place, logins[:2]), *map(_place, kept[:2]), *map(_place, roles[:2])]
    if logins and (kept or roles):
        published = [g for g in logins if g.default] and not [g for g in logins if not g.default]
        elsewhere = [g for g in kept if not g.routed]  # pages that no route tells apart
        few = access_control.pages > 1 and access_control.restricted * 3 < access_control.pages
        mostly_open = few and not roles and not elsewhere
        if not published and not mostly_open:
            return met("Connexion et espaces réservés.", "A login and restricted spaces.", where)
        return partly(
            "Connexion présente, mais "
            + ("ses identifiants sont écrits dans le code." if published else "la plupart des pages restent ouvertes."),
            "A login exists, but " + ("its credentials are written in the source." if published else "most pages stay open."),
            where,
        )
    if kept or roles:
        return partly("Des espaces sont réservés, sans connexion visible.", "Spaces are restricted, no login is visible.", where)
    guarded = [r for r in routes.all if r.protected and r.kind in ("data", "model", "other")]
    if guarded:
        return partly(
            "Identité demandée au niveau de l'API seulement.",
            "Credentials at API level only.",
            [*map(place, guarded[:3]), *map(_place, logins[:2])],
        )
    if logins:
        return partly("Une connexion existe, rien n'est réservé.", "A login exists, nothing is restricted.", where)
    return not_met("Aucun contrôle d'accès trouvé.", "No access control found.")


CHECKS = (restricts_spaces,)
