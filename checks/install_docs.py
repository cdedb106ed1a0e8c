"""Does the documentation let somebody take the application over?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.install_manual import InstallManual
from checks.findings import met, not_met, partly
from checks.parts import missing, present, sentence
from grader.values import Finding, Text

ENOUGH = 2


def covers_the_application(install_manual: InstallManual) -> Finding:
    """The documentation covers installation, architecture, dependencies and running the tests.

    fr: La documentation couvre l'installation, l'architecture, les dépendances et l'exécution des tests.
    why: Whoever takes the project over starts from these four.
    pourquoi: Qui reprend le projet part de ces quatre points.
    fix: Write the commands to install and start, a diagram or table of components, the dependencies, and the test command.
    corriger: Écrire les commandes d'installation et de lancement, un schéma des composants, les dépendances, la commande de test.
    """
    parts = (install_manual.installation, install_manual.architecture, install_manual.dependencies, install_manual.tests)
    fr, en = sentence(parts)
    found = present(parts)
    if not missing(parts):
        return met(f"Documentation technique : {fr}.", f"Technical documentation: {en}.", found)
    ask = Text(
        "Comment un nouveau développeur installe-t-il et teste-t-il le projet ?",
        "How does a new developer install and test the project?",
    )
    if len(found) >= ENOUGH:
        return partly(
            f"Documentation technique, en partie : {fr}.", f"Technical documentation, in part: {en}.", found, question=ask
        )
    return not_met(
        f"Documentation technique insuffisante : {fr}.", f"Technical documentation falls short: {en}.", found, question=ask
    )


CHECKS: tuple[Callable[..., Finding], ...] = (covers_the_application,)
