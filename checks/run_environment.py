"""Whether the declared dependencies install, and the whole can be set up from a clean clone: we did it ourselves."""

from __future__ import annotations

import re

from checks.facts.dependencies import Dependencies, Package
from checks.facts.ran_values import Environment, LeftOutPackage, Ran
from checks.findings import evidence, inconclusive, met, not_applicable, partly
from checks.run_reasons import why
from checks.run_tests import nothing_ran
from grader.values import Evidence, Finding, Source, Text

THEIRS = ("not-found", "conflict")  # a package that no index knows, versions that exclude each other


def _named(text: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def _declared(text: str, dependencies: Dependencies) -> Package | None:
    return dependencies.by_name.get(_named(text))


def _left_out(package: LeftOutPackage, dependencies: Dependencies) -> Evidence | None:
    declared = _declared(package.text, dependencies)
    return evidence(declared.path, declared.line, f"{package.text}: {package.reason}", Source.RAN) if declared else None


def _installed(environments: list[Environment], dependencies: Dependencies) -> list[Evidence]:
    """Return the first declaration of each file whose packages were installed."""
    count = sum(len(e.installed) for e in environments)
    first = {p.path: p for p in reversed(dependencies.packages)}
    return [evidence(p.path, p.line, f"{count} packages installed", Source.RAN) for p in first.values()][:3]


def installs(ran: Ran, dependencies: Dependencies) -> Finding:
    """The declared dependencies install.

    fr: Les dépendances déclarées s'installent.
    why: An environment that no longer installs cannot follow any specification.
    pourquoi: Un environnement qui ne s'installe plus ne suit aucune spécification.
    fix: Pin versions that exist together, and try the installation from a clean clone.
    corriger: Figez des versions compatibles, et essayez l'installation depuis un clone neuf.
    """
    if not ran.whole:
        return nothing_ran()
    ready = [e for e in ran.environments if e.error is None]
    if not ready:
        code = next((e.error for e in ran.environments), None)
        if code is None:
            return not_applicable("Aucun environnement à préparer.", "No environment to prepare.", "no-environment-declared")
        return inconclusive(why(code).fr, why(code).en, code)
    lost = [p for e in ready for p in e.left_out]
    theirs = [p for p in lost if p.reason in THEIRS and _declared(p.text, dependencies)]
    count = sum(len(e.installed) for e in ready)
    if theirs:
        names = ", ".join(p.text for p in theirs[:4])
        return partly(
            f"{count} paquet(s) installés ; introuvables ou incompatibles : {names}.",
            f"{count} package(s) installed; not found or incompatible: {names}.",
            [place for p in theirs if (place := _left_out(p, dependencies))],
            question=Text(f"D'où vient {theirs[0].text} ?", f"Where does {theirs[0].text} come from?"),
        )
    if not count:
        return inconclusive("Aucun paquet n'a été installé.", "No package was installed.", "no-package")
    aside = f" ({len(lost)} laissé(s) de côté par le bac à sable)" if lost else ""
    beside = f" ({len(lost)} left out by the sandbox)" if lost else ""
    return met(f"{count} paquet(s) installés{aside}.", f"{count} package(s) installed{beside}.", _installed(ready, dependencies))


def sets_up_from_a_clone(ran: Ran, dependencies: Dependencies) -> Finding:
    """Packages, database and application come up from a clean clone.

    fr: Paquets, base et application se mettent en place depuis un clone neuf.
    why: This is what the installation procedure promises.
    pourquoi: C'est ce que promet la procédure d'installation.
    fix: Follow your own procedure on another machine, and write down what was missing.
    corriger: Suivez votre procédure sur une autre machine, et notez ce qui manquait.
    """
    if not ran.whole:
        return nothing_ran()
    ready = [e for e in ran.environments if e.error is None and e.installed]
    schemas = [s for s in ran.schemas if s.tables]
    up = [s for s in ran.servers if s.reached]
    if ready and schemas and (up or not ran.servers):
        places = [*_installed(ready, dependencies)[:1]]
        places += [evidence(s.step.path, s.step.line, f"{s.engine}: {len(s.tables or ())} tables", Source.RAN) for s in schemas]
        places += [evidence(s.step.path, s.step.line, "answers", Source.RAN) for s in up]
        return met("Paquets, base et application se mettent en place.", "Packages, database and application come up.", places)
    if not (ran.schemas or ran.servers):
        return not_applicable(
            "Ni base ni application n'a été lancée.", "No database and no application was started.", "nothing-to-set-up"
        )
    if ready and up and not ran.schemas:
        return inconclusive(
            "Paquets et application se mettent en place ; aucune base n'était à créer à part.",
            "Packages and application come up; no database was to be created apart.",
            "no-schema",
        )
    return inconclusive(
        "Tout ne s'est pas mis en place dans le bac à sable.", "Not everything came up in the sandbox.", "not-all-up"
    )


CHECKS = (installs, sets_up_from_a_clone)
