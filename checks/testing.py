"""Tests as they are written: what they exercise, and whether they can fail."""

from __future__ import annotations

import re

from checks import interfaces
from checks.facts.access_control import AccessControl
from checks.facts.ai_code import AiCode
from checks.facts.application_calls import ApplicationCalls
from checks.facts.coverage import Coverage
from checks.facts.data_code import DataCode
from checks.facts.http_calls import HttpCalls
from checks.facts.model_pipelines import ModelPipelines
from checks.facts.python_code import PythonCode
from checks.facts.routing import Route, Routes
from checks.facts.served import Served
from checks.facts.test_aims import BUSINESS, beside_the_model, share_reached, tests_of_the_data, tests_of_the_model, untested
from checks.facts.test_suite import Test, TestSuite
from checks.facts.workflows import Workflows
from checks.findings import NOT_RUN, evidence, inconclusive, met, not_applicable, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

FORGOTTEN = 0.2  # share of an application's routes without a test from which a jury no longer says "all"
NEARLY_ALL = 0.8  # share of the application's calls that tests must exercise
MOST_OF = 0.25  # share of the business code that tests must reach for a jury to call it covered


def _at(tests: tuple[Test, ...] | list[Test]) -> list[Evidence]:
    return [evidence(t.path, t.line, t.name) for t in tests]


def _hollow(suite: TestSuite) -> tuple[Test, ...]:
    return tuple(t for t in suite.all if not t.teeth)


def cover_the_model_api(test_suite: TestSuite, served: Served, routes: Routes) -> Finding:
    """Tests exercise every endpoint of the model's API.

    fr: Des tests exercent chaque point de terminaison de l'API du modèle.
    why: An endpoint that no test calls may break without anybody noticing.
    pourquoi: Un point de terminaison qu'aucun test n'appelle peut casser sans que personne ne le voie.
    fix: Write one test per endpoint, with its refusals, that asserts on the answer.
    corriger: Écrivez un test par point de terminaison, refus compris, qui vérifie la réponse.
    """
    wanted = served.model.routes if served.model else served.pages
    if not wanted:
        return interfaces.in_another_repository(served) or not_met(
            "Aucune API de modèle, donc rien à tester.", "No API of a model, hence nothing to test."
        )
    missing = untested(wanted, test_suite)
    places = _at([t for r in wanted for t in test_suite.reaching(r)[:1] if t.counts])
    if not places:
        return _no_api_test(test_suite, wanted, routes)
    beside = beside_the_model(served, routes)
    forgotten = untested(beside, test_suite)
    if not missing and len(forgotten) > FORGOTTEN * (len(beside) + len(wanted)):
        missing = forgotten
    if missing:
        names = ", ".join(f"{r.method} {r.path}" for r in missing[:4])
        return partly(
            f"Des tests exercent l'API, sauf {len(missing)} point(s) de terminaison : {names}.",
            f"Tests exercise the API, except {len(missing)} endpoint(s): {names}.",
            [*places[:2], *(evidence(r.module, r.line, f"{r.method} {r.path}") for r in missing)],
            question=Text(
                f"Comment {missing[0].method} {missing[0].path} est-il testé ?",
                f"How is {missing[0].method} {missing[0].path} tested?",
            ),
        )
    return met(
        "Chaque point de terminaison du modèle est exercé par un test.",
        "Every endpoint of the model is exercised by a test.",
        places,
    )


def _no_api_test(suite: TestSuite, wanted: tuple[Route, ...], routes: Routes) -> Finding:
    applications = {r.application for r in wanted}
    rest = [r for r in routes.all if r.application in applications and r not in wanted]
    asking = [t for r in rest for t in suite.reaching(r) if t.counts]
    shown = [evidence(r.module, r.line, f"{r.method} {r.path}") for r in wanted]
    if asking and len(untested(rest, suite)) <= len(rest) / 2:
        return partly(
            "Des tests appellent l'API, pas les points de terminaison du modèle.",
            "Tests call the API, not the model's endpoints.",
            _at(list(dict.fromkeys(asking))),
        )
    if asking:
        return not_met(
            "Les tests n'appellent qu'une petite part de l'API, sans les points de terminaison du modèle.",
            "Tests call a small part of the API only, without the model's endpoints.",
            [*_at(list(dict.fromkeys(asking)))[:1], *shown],
        )
    hollow = _hollow(suite)
    if hollow:
        return not_met(
            "Aucun test exécuté ne peut échouer sur ces points de terminaison.",
            "No test that runs could fail on these endpoints.",
            _at(hollow)[:2] + shown,
        )
    return not_met("Aucun test n'appelle l'API du modèle.", "No test calls the model's API.", shown)


def run_without_bugs(test_suite: TestSuite) -> Finding:
    """The tests run without bugs.

    fr: Les tests s'exécutent sans bug.
    why: A test that does not run proves nothing.
    pourquoi: Un test qui ne s'exécute pas ne prouve rien.
    fix: Run the whole suite from a clean clone before handing in.
    corriger: Exécutez toute la suite depuis un clone neuf avant de rendre.
    """
    if not test_suite.all and not test_suite.scripts:
        return not_met("Le dépôt ne contient aucun test.", "The repository holds no test.")
    if not test_suite.sound and not any(sound for _, _, sound in test_suite.scripts):
        return not_met(
            "Aucun test ne peut échouer : ils ne vérifient rien.", "No test can fail: they assert nothing.", _at(test_suite.all)
        )
    return inconclusive(
        f"{len(test_suite.sound)} test(s) lu(s), non exécuté(s).",
        f"{len(test_suite.sound)} test(s) read, not run.",
        NOT_RUN,
        _at(test_suite.sound),
        question=Text("Pouvez-vous lancer la suite de tests devant le jury ?", "Can you run the test suite before the jury?"),
    )


def cover_the_integration(
    test_suite: TestSuite, application_calls: ApplicationCalls, http_calls: HttpCalls, routes: Routes
) -> Finding:
    """Integration tests exercise the calls that the application makes.

    fr: Des tests d'intégration exercent les appels que fait l'application.
    why: Each part may pass its own tests while the two do not fit.
    pourquoi: Chaque partie peut passer ses tests alors que les deux ne s'accordent pas.
    fix: Test the application's side: its pages or its client, against the API or a faithful double of it.
    corriger: Testez le côté application : ses pages ou son client, avec l'API ou une doublure fidèle.
    """
    if not test_suite.all and not test_suite.scripts:
        return not_met("Le dépôt ne contient aucun test.", "The repository holds no test.")
    side = application_calls.tests
    real = [t for t in side if not t.mocks or t.routes or set(t.started) & set(http_calls.interfaces)]
    if real and application_calls.share >= NEARLY_ALL:
        return met(
            "Des tests exercent les appels du côté de l'application.",
            "Tests exercise the calls from the application's side.",
            _at(real),
        )
    pages = {(r.module, r.handler) for r in routes.all if r.html}
    through_pages = [t for t in test_suite.sound if {(r.module, r.handler) for r in t.routes} & pages]
    asking = [t for t in test_suite.sound if t.routes] if application_calls.tested or routes.of_kind("model") else []
    shown = [*side, *through_pages, *asking]
    if shown:
        return _in_part(application_calls, _at(list(dict.fromkeys(shown))), doubles=bool(side) and not real)
    return not_met(
        "Aucun test d'intégration : rien n'exerce les appels de l'application.",
        "No integration test: nothing exercises the application's calls.",
        _at(_hollow(test_suite)),
    )


def _in_part(calls: ApplicationCalls, where: list[Evidence], *, doubles: bool) -> Finding:
    missing = calls.missing
    question = (
        Text(
            f"Qu'est-ce qui vérifie l'appel de {missing[0].path} ligne {missing[0].line} ?",
            f"What verifies the call of {missing[0].path} line {missing[0].line}?",
        )
        if missing
        else None
    )
    if doubles:
        return partly(
            "Les appels ne sont testés qu'avec des doublures.", "Calls are tested with doubles only.", where, question=question
        )
    return partly(
        "Les tests exercent une partie des appels, ou l'API seule.",
        "Tests exercise a part of the calls, or the API alone.",
        [*where[:3], *(evidence(c.path, c.line, c.excerpt) for c in missing)],
        question=question,
    )


def use_a_framework_on_the_model(
    test_suite: TestSuite,
    ai_code: AiCode,
    coverage: Coverage,
    data_code: DataCode,
    workflows: Workflows,
    model_pipelines: ModelPipelines,
) -> Finding:
    """A test framework is used on the model, its data or the code of the AI service.

    fr: Un outil de test est utilisé sur le modèle, ses données ou le code du service d'IA.
    why: Tests of pages say nothing of the model.
    pourquoi: Des tests de pages ne disent rien du modèle.
    fix: Test data preparation, prediction and evaluation with the project's test framework.
    corriger: Testez la préparation des données, la prédiction et l'évaluation avec l'outil de test du projet.
    """
    aimed, through_api = tests_of_the_model(test_suite, ai_code)
    aimed = aimed or tests_of_the_data(test_suite, data_code, workflows, model_pipelines)
    if aimed:
        return met(
            f"{len(aimed)} test(s) {aimed[0].framework} vise(nt) le modèle, ses données ou son service.",
            f"{len(aimed)} {aimed[0].framework} test(s) aim(s|) at the model, its data or its service.",
            _at(aimed),
        )
    gates = coverage.scores
    if through_api and gates:
        return met(
            "Des tests exercent le modèle et un script de la chaîne contrôle son score.",
            "Tests exercise the model and a script of the chain controls its score.",
            [*gates[:1], *_at(through_api)],
        )
    if through_api:
        return partly(
            "Le modèle n'est testé qu'à travers les réponses de l'API.",
            "The model is tested only through the API's answers.",
            _at(through_api),
        )
    return not_met(
        "Aucun test ne vise le modèle, ses données ou le service d'IA.",
        "No test aims at the model, its data or the AI service.",
        _at(_hollow(test_suite)),
    )


def of_the_model_reach_their_target(test_suite: TestSuite, ai_code: AiCode, coverage: Coverage) -> Finding:
    """Tests of the model are in place and a coverage or score target is enforced.

    fr: Les tests du modèle sont en place et un objectif de couverture ou de score est imposé.
    why: Without a target that fails the chain, coverage and quality slide.
    pourquoi: Sans objectif qui fait échouer la chaîne, la couverture et la qualité baissent.
    fix: Set `--cov-fail-under` or a score threshold that stops the chain.
    corriger: Fixez `--cov-fail-under` ou un seuil de score qui arrête la chaîne.
    """
    aimed, through_api = tests_of_the_model(test_suite, ai_code)
    shown = _at(aimed or through_api)
    if (aimed or through_api) and coverage.enforced:
        return met(
            "Les tests du modèle existent et un objectif est imposé.",
            "Tests of the model exist and a target is enforced.",
            [*coverage.enforced[:2], *shown],
        )
    if aimed or through_api:
        return partly(
            "Des tests du modèle existent, sans objectif de couverture ou de score imposé.",
            "Tests of the model exist, without an enforced coverage or score target.",
            [*shown[:2], *coverage.measured],
            question=Text(
                "Quelle couverture visiez-vous, et où est-elle vérifiée ?",
                "Which coverage did you aim at, and where is it verified?",
            ),
        )
    return not_met(
        "Aucun test du modèle, de ses données ou de son service.",
        "No test of the model, its data or its service.",
        _at(_hollow(test_suite)),
    )


def are_tracked(test_suite: TestSuite, workspace: Workspace, coverage: Coverage) -> Finding:
    """The tests' sources are tracked in the repository, and the data they need by a tool made for it.

    fr: Les sources des tests sont suivies dans le dépôt, et leurs données par un outil prévu pour cela.
    why: A jury can only run what is tracked.
    pourquoi: Un jury ne peut exécuter que ce qui est suivi.
    fix: Commit the tests; follow large data with DVC, Git LFS or a registry.
    corriger: Versionnez les tests ; suivez les données volumineuses avec DVC, Git LFS ou un registre.
    """
    if not test_suite.all and not test_suite.scripts:
        return not_met("Aucun test suivi dans le dépôt.", "No test tracked in the repository.")
    places = _at(test_suite.all) or [evidence(p, n, "") for p, n, _ in test_suite.scripts]
    tools = [
        f
        for f in workspace.own
        if f.name in ("dvc.yaml", "MLproject") or f.suffix == ".dvc" or (f.name == ".gitattributes" and "filter=lfs" in f.text)
    ]
    return met(
        "Les tests sont suivis dans le dépôt.",
        "The tests are tracked in the repository.",
        [*places[:2], *(evidence(f.path, 1, f.name) for f in tools)],
    )


def cover_business_code_and_access(
    test_suite: TestSuite, routes: Routes, python_code: PythonCode, access_control: AccessControl
) -> Finding:
    """Tests cover business components and access management.

    fr: Des tests couvrent les composants métier et la gestion des accès.
    why: These are the two places where a fault hurts users most.
    pourquoi: Ce sont les deux endroits où une faute touche le plus les utilisateurs.
    fix: Test the business functions and, for each protected page or route, the refusal of strangers.
    corriger: Testez les fonctions métier et, pour chaque page ou route protégée, le refus des inconnus.
    """
    access = [t for t in test_suite.sound if t.refusal]
    business = [
        t
        for t in test_suite.sound
        if (not t.refusal or t.code) and (t.code or any(r.kind in BUSINESS for r in t.routes) or t.imports)
    ]
    broad = share_reached(business, routes, python_code) >= MOST_OF
    if access and business and broad:
        return met(
            "Le code métier et les accès sont testés.",
            "Business code and access are both tested.",
            _at([business[0], access[0], *business[1:], *access[1:]]),
        )
    if access or business:
        part = (
            ("les accès", "access")
            if access and not business
            else ("le code métier", "business code")
            if business and not access
            else ("une partie du code métier", "a part of the business code")
        )
        return partly(
            f"Seul {part[0]} est testé."
            if not (access and business)
            else "Les accès sont testés, mais une petite partie seulement du code métier.",
            f"Only {part[1]} is tested."
            if not (access and business)
            else "Access is tested, but only a small part of the business code.",
            _at([*access[:1], *business[:3]]),
            question=Text(
                "Comment vérifiez-vous le reste des composants et des accès ?",
                "How do you verify the other components and access rules?",
            ),
        )
    return not_met(
        "Aucun test qui puisse échouer ne porte sur le code métier ou les accès.",
        "No test that can fail is about business code or access.",
        _at(_hollow(test_suite)),
    )


def exercise_business_components(test_suite: TestSuite) -> Finding:
    """Business components work as specified: their tests pass.

    fr: Les composants métier fonctionnent comme prévu : leurs tests passent.
    why: Only running the tests shows that the components work.
    pourquoi: Seule l'exécution des tests montre que les composants marchent.
    fix: Keep a suite that passes from a clean clone.
    corriger: Gardez une suite qui passe depuis un clone neuf.
    """
    sound = [t for t in test_suite.sound if t.code or t.routes]
    if sound:
        return inconclusive(
            f"{len(sound)} test(s) de composants, lu(s) sans être exécuté(s).",
            f"{len(sound)} test(s) of components, read but not run.",
            NOT_RUN,
            _at(sound),
            question=Text("Pouvez-vous montrer les composants en fonctionnement ?", "Can you show the components working?"),
        )
    if re.search(r".", "".join(t.name for t in test_suite.all)):
        return not_met("Les tests n'exercent aucun composant.", "The tests exercise no component.", _at(test_suite.all))
    return inconclusive(
        "Aucun test de composant : à voir en démonstration.",
        "No test of a component: to be seen in a demonstration.",
        NOT_RUN,
        question=Text("Pouvez-vous montrer les composants en fonctionnement ?", "Can you show the components working?"),
    )


def can_fail(test_suite: TestSuite) -> Finding:
    """The tests can fail.

    fr: Les tests peuvent échouer.
    why: A test without a real assertion is always green and proves nothing.
    pourquoi: Un test sans vraie assertion est toujours vert et ne prouve rien.
    fix: Assert on what the code returns or changes.
    corriger: Vérifiez ce que le code renvoie ou modifie.
    """
    if not test_suite.all:
        return not_applicable("Aucun test.", "No test.", "no-test")
    hollow = _hollow(test_suite)
    if not hollow:
        return met("Chaque test a une vraie assertion.", "Every test makes a real assertion.", _at(test_suite.all))
    sentence = (
        f"Tests qui ne peuvent pas échouer : {len(hollow)} sur {len(test_suite.all)}.",
        f"Tests that cannot fail: {len(hollow)} of {len(test_suite.all)}.",
    )
    question = Text(
        f"Que vérifie {hollow[0].name} dans {hollow[0].path} ?", f"What does {hollow[0].name} in {hollow[0].path} verify?"
    )
    build = partly if len(hollow) < len(test_suite.all) else not_met
    return build(*sentence, _at(hollow), question=question)


CHECKS = (
    cover_the_model_api,
    run_without_bugs,
    cover_the_integration,
    use_a_framework_on_the_model,
    of_the_model_reach_their_target,
    are_tracked,
    cover_business_code_and_access,
    exercise_business_components,
    can_fail,
)
