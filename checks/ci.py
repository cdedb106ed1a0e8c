"""Continuous integration: is a service configured, does it prepare and run the tests when something changes?"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.announcements import Announcements
from checks.facts.shell_catalogue import BUILD, DEPLOY, EVALUATE, LINT, PUBLISH, SETUP, TEST, TRAIN
from checks.facts.test_suite import Test, TestSuite
from checks.facts.workflows import Did, Workflow, Workflows
from checks.findings import evidence, inconclusive, mention, met, not_met, partly
from grader.values import Evidence, Finding, Text

# What says that a link to another repository leads to the chain: "pipeline" alone is more often that of data.
_CHAIN_WORDS = (
    "ci/cd",
    "ci-cd",
    "github actions",
    "gitlab ci",
    "intégration continue",
    "continuous integration",
    "déploiement continu",
)
# What runs the tests of a front end, and none in Python.
_OF_FRONT_ENDS = frozenset(
    ("npm", "npx", "yarn", "pnpm", "bun", "vitest", "jest", "mocha", "ng", "cypress", "playwright", "karma")
)
LEFT_OUT = 0.25  # share of the sound tests outside the chain that a jury would raise
AUTOMATIC = frozenset(("push", "pull-request", "schedule", "tag", "release", "after", "call"))

NEUTRAL = {
    "failure-ignored": Text("son échec n'arrête rien", "its failure stops nothing"),
    "switched-off": Text("elle est désactivée", "it is switched off"),
    "only-talks": Text("elle ne fait qu'afficher", "it only prints"),
    "path-absent": Text("les tests qu'elle nomme sont absents", "the tests that it names are absent"),
    "runs-nothing": Text("elle n'exécute rien", "it runs nothing"),
}


def did_at(done: tuple[Did, ...] | list[Did]) -> list[Evidence]:
    """Return the places of what a chain does."""
    return [evidence(d.path, d.line, d.text) for d in done]


def heads(workflows: tuple[Workflow, ...]) -> list[Evidence]:
    """Return the places where workflows say what starts them."""
    return [
        evidence(
            w.path, w.triggers[0].line if w.triggers else 1, ", ".join(dict.fromkeys(t.detail or t.kind for t in w.triggers))
        )
        for w in workflows
    ]


def automatic(workflow: Workflow) -> bool:
    """Tell whether something other than a person starts the workflow."""
    return any(t.kind in AUTOMATIC for t in workflow.triggers)


def nothing(workflows: Workflows, announcements: Announcements) -> Finding:
    """Return the finding of a repository without any CI configuration: elsewhere, misplaced or absent."""
    if workflows.misplaced:
        path = workflows.misplaced[0]
        return not_met(
            f"{path} n'est pas à un endroit qu'un service exécute.",
            f"{path} is not at a place that a service executes.",
            [evidence(p, 1, p) for p in workflows.misplaced],
            question=Text(f"Pourquoi {path} n'est-il pas exécuté ?", f"Why is {path} not executed?"),
        )
    return unseen(announcements) or not_met(
        "Aucune configuration d'intégration continue.", "No continuous-integration configuration."
    )


def unseen(announcements: Announcements) -> Finding | None:
    """Return what documents show of a chain that is not in the repository: elsewhere, or printed; None when they show none."""
    elsewhere = [a for a in announcements.of("repository") if any(w in a.text.lower() for w in _CHAIN_WORDS)]
    if elsewhere:
        return inconclusive(
            "Un document dit que la chaîne est dans un autre dépôt.",
            "A document says that the chain is in another repository.",
            "elsewhere",
            [mention(a.path, a.line, a.target) for a in elsewhere],
        )
    if servers := announcements.of("ci-server"):
        return inconclusive(
            f"{servers[0].path} installe un serveur d'intégration continue ({servers[0].target}), dont les tâches ne sont pas dans le dépôt.",
            f"{servers[0].path} sets a server of continuous integration up ({servers[0].target}); its jobs are not in the repository.",
            "elsewhere",
            [evidence(a.path, a.line, a.text) for a in servers],
            question=Text(
                "Que font les tâches de ce serveur, et où les lire ?",
                "What do the jobs of this server do, and where can they be read?",
            ),
        )
    if printed := announcements.of("chain"):
        path = printed[0].path
        return inconclusive(
            f"{path} imprime la configuration d'une chaîne, qui n'est pas dans le dépôt.",
            f"{path} prints the configuration of a chain, which is not in the repository.",
            "printed",
            [mention(a.path, a.line, a.target or a.path) for a in printed],
            question=Text(f"Où s'exécute la chaîne que montre {path} ?", f"Where does the chain that {path} shows run?"),
        )
    return None


def has_a_service(workflows: Workflows, announcements: Announcements) -> Finding:
    """A CI service is configured for the project.

    fr: Un service d'intégration continue est configuré pour le projet.
    why: Tests that somebody must remember to run are not run.
    pourquoi: Des tests qu'il faut penser à lancer ne sont pas lancés.
    fix: Add a workflow at the place that your forge executes, with the project's tests.
    corriger: Ajoutez une configuration à l'endroit que votre forge exécute, avec les tests du projet.
    """
    if not workflows.all:
        local = [(c, d) for c in workflows.local for d in c.commands if d.kind in (TEST, LINT, TRAIN, EVALUATE)]
        if local:
            return partly(
                f"{local[0][0].path} fait une partie du travail, sans service qui le déclenche.",
                f"{local[0][0].path} does a part of the work, without a service that starts it.",
                [evidence(d.path, d.line, d.text) for _, d in local],
            )
        return nothing(workflows, announcements)
    useful = [w for w in workflows.triggered if any(True for _ in w.done(TEST, LINT, BUILD, SETUP))]
    if any(True for w in useful for _ in w.done(TEST, LINT)):
        tools = ", ".join(dict.fromkeys(w.tool for w in useful))
        return met(f"{tools} est configuré.", f"{tools} is configured.", heads(tuple(useful)))
    return partly(
        "Un service est configuré, mais il ne teste rien.", "A service is configured, but it tests nothing.", heads(workflows.all)
    )


def prepares_the_tests(workflows: Workflows, announcements: Announcements) -> Finding:
    """The chain has the stages that tests need first.

    fr: La chaîne a les étapes dont les tests ont besoin avant eux.
    why: Tests without their environment fail for the wrong reason.
    pourquoi: Des tests sans leur environnement échouent pour une mauvaise raison.
    fix: Install the dependencies and start the services before the test step.
    corriger: Installez les dépendances et démarrez les services avant l'étape de test.
    """
    tests = workflows.done(TEST)
    if not tests:
        absent = not_met("Aucune étape de test dans la chaîne.", "No test step in the chain.", heads(workflows.all))
        return absent if workflows.all else unseen(announcements) or absent
    before = [
        d
        for test in tests
        for d in test.workflow.done(SETUP, BUILD)
        if d.job is test.job and d.line < test.line and not d.text.startswith("actions/checkout")
    ]
    if before:
        return met("Des étapes préparent les tests.", "Stages prepare the tests.", did_at([before[-1], tests[0], *before[:-1]]))
    return partly(
        "Les tests sont lancés sans préparation visible.", "Tests are started without visible preparation.", did_at(tests)
    )


def runs_tests(workflows: Workflows, test_suite: TestSuite, announcements: Announcements) -> Finding:
    """The chain runs the application's tests when it is triggered.

    fr: La chaîne exécute les tests de l'application quand elle se déclenche.
    why: A chain that cannot fail protects nothing.
    pourquoi: Une chaîne qui ne peut pas échouer ne protège rien.
    fix: Run the whole suite on push and pull request, without ignoring its failure.
    corriger: Lancez toute la suite à chaque push et pull request, sans ignorer son échec.
    """
    done = workflows.done(TEST)
    if not done:
        return (
            nothing(workflows, announcements)
            if not workflows.all
            else not_met("La chaîne n'exécute aucun test.", "The chain runs no test.", heads(workflows.all))
        )
    sound = [d for d in done if d.sound]
    if not sound:
        first = done[0]
        why = NEUTRAL.get(first.neutral or "", NEUTRAL["failure-ignored"])
        return partly(
            f"L'étape de test est neutralisée ({why.fr}).",
            f"The test step is neutralised ({why.en}).",
            did_at(done),
            question=Text(
                f"{first.path} ligne {first.line} : que se passe-t-il quand les tests échouent ?",
                f"{first.path} line {first.line}: what happens when the tests fail?",
            ),
        )
    if not test_suite.all and not test_suite.scripts:
        return partly(
            "La chaîne lance des tests, mais le dépôt n'en contient pas.",
            "The chain starts tests, but the repository holds none.",
            did_at(sound),
        )
    if not any(automatic(d.workflow) for d in sound):
        return partly(
            "Rien d'automatique, dans le dépôt, ne lance les tests de la chaîne.",
            "Nothing automatic in the repository starts the chain's tests.",
            did_at(sound),
            question=Text(f"Qu'est-ce qui lance {sound[0].path} ?", f"What starts {sound[0].path}?"),
        )
    left_out = _left_out(sound, test_suite)
    if left_out:
        return partly(
            f"La chaîne lance des tests, mais pas ceux de {left_out[0].path}.",
            f"The chain runs tests, but not those of {left_out[0].path}.",
            [*did_at(sound)[:2], *(evidence(t.path, t.line, t.name) for t in left_out)],
            question=Text(
                f"Pourquoi {left_out[0].path} n'est-il pas dans la chaîne ?", f"Why is {left_out[0].path} not in the chain?"
            ),
        )
    return met(
        "La chaîne exécute les tests à chaque déclenchement.",
        "The chain runs the tests whenever triggered.",
        did_at([d for d in sound if automatic(d.workflow)]),
    )


def _named(did: Did) -> list[str] | None:
    """Return the paths that a test command names, or the folder where it collects; None when it may collect everything."""
    program = did.arguments[0].rsplit("/", 1)[-1] if did.arguments else ""
    paths = [
        a.split("::")[0].strip("./").rstrip("/")
        for a in did.arguments[1:]
        if not a.startswith("-") and ("/" in a or a.endswith(".py") or "test" in a.lower())
    ]
    if {"unittest", "manage.py"} & set(did.arguments[:3]) and did.folder:  # collects below the folder where it runs
        return [did.folder]
    if program in ("pytest", "py.test") and (paths or did.folder):
        return paths or [did.folder]
    return None


def _collects(named: list[str], test: Test) -> bool:
    return any(
        test.path == p or test.path.startswith(f"{p}/") or f"/{p}/" in f"/{test.path}" or test.path.endswith(f"/{p}")
        for p in named
    )


def run_by(did: Did, tests: Iterable[Test]) -> list[Test]:
    """Return the tests, of those given, that a test command of a chain may run."""
    program = did.arguments[0].rsplit("/", 1)[-1] if did.arguments else ""
    named = _named(did)
    if program in _OF_FRONT_ENDS:
        return []
    return [t for t in tests if named is None or _collects(named, t)]


def _left_out(done: list[Did], suite: TestSuite) -> list[Test]:
    """Return the sound tests that no test command collects, when every command names its paths or a folder, and they are many."""
    named: list[str] = []
    for did in done:
        paths = _named(did)
        if paths is None:
            return []
        named += paths
    missed = [t for t in suite.sound if not _collects(named, t)]
    return missed if len(missed) >= LEFT_OUT * len(suite.sound) else []


def is_tracked(workflows: Workflows, announcements: Announcements) -> Finding:
    """The chain's configuration is tracked with the sources.

    fr: La configuration de la chaîne est suivie avec les sources.
    why: A chain outside the repository cannot be reviewed or restored.
    pourquoi: Une chaîne hors du dépôt ne peut être ni relue ni restaurée.
    fix: Commit the configuration files.
    corriger: Versionnez les fichiers de configuration.
    """
    if not workflows.all:
        return nothing(workflows, announcements)
    return met(
        "La configuration est suivie dans le dépôt.", "The configuration is tracked in the repository.", heads(workflows.all)
    )


def neutral_steps_are_absent(workflows: Workflows) -> Finding:
    """No step of the chain is neutralised.

    fr: Aucune étape de la chaîne n'est neutralisée.
    why: A step that only prints or ignores its failure looks like work that is not done.
    pourquoi: Une étape qui ne fait qu'afficher ou ignore son échec ressemble à un travail qui n'est pas fait.
    fix: Let steps fail, and replace `echo` by the real command.
    corriger: Laissez échouer les étapes, et remplacez `echo` par la vraie commande.
    """
    weak = [d for d in workflows.done(TEST, BUILD, PUBLISH, DEPLOY, "train", "evaluate", "data-test") if not d.sound]
    talk = [
        s
        for w in workflows.triggered
        for j in w.jobs
        for s in j.steps
        if s.only_talks
        and any(
            k in f"{s.name} {j.name} {j.title}".lower()
            for k in ("deploy", "déploi", "deploi", "livr", "release", "publish", "train")
        )
    ]
    places = did_at(weak) + [evidence(s.path, s.line, s.excerpt) for s in talk]
    if not workflows.all:
        return not_met("Aucune chaîne.", "No chain.")
    if places:
        first = places[0]
        return partly(
            f"{len(places)} étape(s) neutralisée(s) ou fictive(s).",
            f"{len(places)} step(s) neutralised or fictitious.",
            places,
            question=Text(
                f"{first.path} ligne {first.line} : que fait vraiment cette étape ?",
                f"{first.path} line {first.line}: what does this step really do?",
            ),
        )
    return met("Aucune étape neutralisée.", "No neutralised step.", heads(workflows.all))


CHECKS = (has_a_service, prepares_the_tests, runs_tests, is_tracked, neutral_steps_are_absent)
