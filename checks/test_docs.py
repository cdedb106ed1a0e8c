"""Does the documentation tell what is tested, in which environment, and how?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.ai_code import AiCode
from checks.facts.ai_use import AiUse
from checks.facts.python_code import PythonCode
from checks.facts.test_aims import described, tests_of_the_model
from checks.facts.test_suite import TestSuite
from checks.facts.testing_manual import ManualOfTests
from checks.findings import evidence, met, not_met, partly
from checks.parts import missing, present, sentence
from grader.values import Finding, Text

SEVERAL = 3  # tests of the model that say what they verify, from which their docstrings amount to a description of the cases


def explains_running_the_tests(testing_manual: ManualOfTests, ai_code: AiCode, ai_use: AiUse) -> Finding:
    """The documentation covers the test environment, running the tests and computing coverage.

    fr: La documentation couvre l'environnement de test, l'exécution des tests et le calcul de la couverture.
    why: Tests that the team cannot run protect nobody.
    pourquoi: Des tests que l'équipe ne sait pas lancer ne protègent personne.
    fix: Write what to install for the tests, the command that runs them, and the one that computes coverage.
    corriger: Écrire quoi installer pour les tests, la commande qui les lance, et celle qui calcule la couverture.
    """
    parts = (testing_manual.environment, testing_manual.run, testing_manual.coverage)
    fr, en = sentence(parts)
    if not missing(parts) and not (ai_code.modules or ai_use.matched or ai_use.outside):
        return partly(
            f"Documentation des tests : {fr} ; aucun modèle ni service d'IA dans le code.",
            f"Documentation of the tests: {en}; no model or AI service in the code.",
            present(parts),
        )
    if not missing(parts):
        return met(f"Documentation des tests : {fr}.", f"Documentation of the tests: {en}.", present(parts))
    if testing_manual.run.found or testing_manual.coverage.found:
        return partly(
            f"Documentation des tests, en partie : {fr}.", f"Documentation of the tests, in part: {en}.", present(parts)
        )
    if testing_manual.environment.found and testing_manual.coverage_named.found:
        return partly(
            "Les tests sont décrits, sans commande pour les lancer.",
            "The tests are described, without a command to run them.",
            [*present(parts), *present((testing_manual.coverage_named,))],
        )
    return not_met(
        "Aucun document ne dit comment installer, lancer et mesurer les tests.",
        "No document tells how to install, run and measure the tests.",
    )


def lists_the_cases_to_test(
    testing_manual: ManualOfTests, test_suite: TestSuite, ai_code: AiCode, python_code: PythonCode
) -> Finding:
    """Documents list the cases to test on the model, with their scope and the strategy.

    fr: Des documents listent les cas à tester sur le modèle, avec leur périmètre et la stratégie.
    why: A list of cases tells what was left out as much as what was tested.
    pourquoi: Une liste de cas dit ce qui a été laissé de côté autant que ce qui a été testé.
    fix: Write a table with each case (data, model or service aimed at, input, expected result) and the strategy.
    corriger: Écrire un tableau avec chaque cas (données, modèle ou service visé, entrée, résultat attendu) et la stratégie.
    """
    parts = (testing_manual.cases, testing_manual.scope, testing_manual.strategy)
    ask = Text(
        "Quels cas avez-vous choisi de tester sur le modèle, et lesquels avez-vous laissés ?",
        "Which cases did you choose to test on the model, and which did you leave out?",
    )
    fr, en = sentence(parts)
    if not testing_manual.about_model or not present(parts):
        said = described(tests_of_the_model(test_suite, ai_code)[0], python_code)
        if len(said) >= SEVERAL:
            return partly(
                "Les cas ne sont décrits que dans les docstrings des tests : ni liste, ni stratégie.",
                "The cases are described in the docstrings of the tests only: no list, no strategy.",
                [evidence(test.path, test.line, text) for test, text in said],
                question=ask,
            )
        return not_met(
            "Aucun document ne liste de cas de test sur le modèle ou ses données.",
            "No document lists test cases on the model or its data.",
            question=ask,
        )
    if missing(parts):
        return partly(f"Cas de test, en partie : {fr}.", f"Test cases, in part: {en}.", present(parts), question=ask)
    return met(f"Cas de test : {fr}.", f"Test cases: {en}.", present(parts), question=ask)


CHECKS: tuple[Callable[..., Finding], ...] = (explains_running_the_tests, lists_the_cases_to_test)
