"""The chain that concerns the model: data tests, training, evaluation, and what starts them."""

from __future__ import annotations

import re

from checks.ci import automatic, did_at, heads, nothing, run_by, unseen
from checks.facts.ai_code import AiCode
from checks.facts.announcements import Announcements
from checks.facts.coverage import Coverage
from checks.facts.data_code import FOLDER, DataCode
from checks.facts.flows import TRIGGERS, Flows
from checks.facts.model_pipelines import ModelPipelines
from checks.facts.models import Models
from checks.facts.shell_catalogue import DATA_TEST, EVALUATE, OTHER, TEST, TRAIN
from checks.facts.test_suite import Test, TestSuite
from checks.facts.workflows import Did, Workflows
from checks.findings import evidence, inconclusive, met, not_met, partly, unshown
from grader.values import Evidence, Finding, Text

_THRESHOLD = re.compile(r"score|metric|threshold|seuil|accuracy|f1|rmse|mae|r2|auc|precision|recall|performance|quality", re.I)
_DATA_NAMES = re.compile(
    r"(^|_|\b)(data|donnees?|dataset|schema|drift|quality|qualite|missing|null|nan|duplicates?|columns?|colonnes?|csv|dataframe|df|ranges?|types?)(_|\b|$)",
    re.I,
)

# What a step or a job named for the data says of itself; a database is not data to learn from, and data made up for tests are not the data.
_DATA_STEP = re.compile(
    r"(?<!synthetic )(?<!fake )(?<!dummy )(?<!mock )\b(datas?|datasets?|donn[ée]es)\b(?<!base de donn[ée]es)(?<!bases de donn[ée]es)"
    r"(?! (synth|factic|fictiv|simul|bidon|de test))",
    re.I,
)
_TRAINS = re.compile(r"train|entrain|apprent|\bfit\b", re.I)
_VALIDATES = re.compile(r"(^|[_.])(valid|verif|check|control|quality|qualite)[a-z]*(_|$)", re.I)


def _stages(workflows: Workflows, models: Models) -> dict[str, list[Did]]:
    """Return what the triggered chains do to the model, by kind; a script trains when its code does, whatever its name."""
    found: dict[str, list[Did]] = {TRAIN: [], EVALUATE: [], DATA_TEST: [], TEST: []}
    training = {u.path for u in models.of_kind("train")}
    for did in workflows.sound(TRAIN, EVALUATE, DATA_TEST, TEST, OTHER):
        if did.kind in found:
            found[did.kind].append(did)
        if did.script in training and did.kind != TRAIN:
            found[TRAIN].append(did)
    return found


def _own_model_tests(test_suite: TestSuite, models: Models, ai: AiCode) -> list[Test]:
    """Return the tests that run the project's own model: trained, loaded or judged here, not an outside service or a double."""
    own = {(u.path, u.function) for u in models.uses if not u.service and u.kind in ("train", "evaluate")}
    return [t for t in test_suite.sound if not t.mocks and (set(t.code) & own or (t.path, t.name) in ai.in_tests)]


def _concerned(workflows: Workflows, models: Models, test_suite: TestSuite, ai: AiCode) -> list[Did]:
    """Return what the chains do to the model or its data: training, evaluation, data tests, and tests that run the model."""
    stages = _stages(workflows, models)
    found = [d for kind in (TRAIN, EVALUATE, DATA_TEST) for d in stages[kind]]
    own = _own_model_tests(test_suite, models, ai)
    return found + [d for d in stages[TEST] if run_by(d, own)]


def _run(done: list[Did], tests: list[Test]) -> tuple[list[Did], list[Test]]:
    """Return the test steps that run some of the tests, and the tests that they run."""
    steps = [d for d in done if run_by(d, tests)]
    places = {(t.path, t.name) for d in steps for t in run_by(d, tests)}
    return steps, [t for t in tests if (t.path, t.name) in places]


def _outside(pipelines: ModelPipelines) -> list[Evidence]:
    """Return the places of the pipelines that no CI service starts."""
    return [place for p in pipelines.all for place in (p.head, *p.places)]


def _beyond(workflows: Workflows, models: Models) -> Finding | None:
    """Return the doubt about a model that the repository trains, where a scheduled pipeline hands work to another machine."""
    handed = [(c, *c.remote) for c in workflows.local if c.schedule and c.remote]
    training = [u for u in models.of_kind("train") if not u.service]
    if not handed or not training:
        return None
    path = handed[0][0].path
    return inconclusive(
        f"{path} confie à heure fixe un travail à une autre machine ou à un conteneur, et n'y est pas suivi : il peut entraîner le modèle.",
        f"{path} hands work to another machine or container on a schedule, and is not followed there: it may train the model.",
        "elsewhere",
        [e for c, line, call in handed for e in (evidence(c.path, c.schedule, c.tool), evidence(c.path, line, call))],
        question=Text(f"Que lance {path} à cet endroit ?", f"What does {path} start there?"),
    )


def has_triggers(
    workflows: Workflows,
    models: Models,
    test_suite: TestSuite,
    ai_code: AiCode,
    model_pipelines: ModelPipelines,
    announcements: Announcements,
) -> Finding:
    """Triggers start a chain that trains, tests or delivers the model.

    fr: Des déclencheurs lancent une chaîne qui entraîne, teste ou livre le modèle.
    why: A model that is retrained by hand is forgotten.
    pourquoi: Un modèle réentraîné à la main est oublié.
    fix: Start the model's chain on push, on a schedule or when data change, and say so in the documentation.
    corriger: Lancez la chaîne du modèle à chaque push, à heure fixe ou quand les données changent, et écrivez-le.
    """
    concerned = _concerned(workflows, models, test_suite, ai_code)
    if concerned and any(automatic(d.workflow) for d in concerned):
        started = tuple({d.workflow.path: d.workflow for d in concerned if automatic(d.workflow)}.values())
        return met(
            "Des déclencheurs lancent la chaîne du modèle.",
            "Triggers start the model's chain.",
            [*heads(started), *did_at(concerned)[:2]],
        )
    planned = model_pipelines.scheduled
    if planned:
        return met(
            f"{planned[0].chain.path} ({planned[0].chain.tool}) dit quand la chaîne du modèle s'exécute.",
            f"{planned[0].chain.path} ({planned[0].chain.tool}) says when the model's chain runs.",
            [place for p in planned for place in (p.head, *p.places)],
        )
    if concerned or workflows.triggered:
        shown = heads(workflows.triggered)
        return partly(
            "Les déclencheurs sont ceux de l'application ; aucune étape n'entraîne ni n'évalue le modèle.",
            "Triggers are the application's; no step trains or evaluates the model.",
            shown,
            question=Text(
                f"Qu'est-ce qui, dans {shown[0].path}, concerne le modèle ?", f"What in {shown[0].path} concerns the model?"
            ),
        )
    if model_pipelines.all:
        return partly(
            "Une chaîne du modèle existe, lancée à la main.",
            "A chain of the model exists, started by hand.",
            _outside(model_pipelines),
        )
    return _beyond(workflows, models) or nothing(workflows, announcements)


def is_recognised(
    workflows: Workflows,
    models: Models,
    test_suite: TestSuite,
    ai_code: AiCode,
    model_pipelines: ModelPipelines,
    announcements: Announcements,
) -> Finding:
    """The model chain's configuration files are recognised by the service.

    fr: Les fichiers de configuration de la chaîne du modèle sont reconnus par le service.
    why: A file that the service refuses runs nothing.
    pourquoi: Un fichier que le service refuse n'exécute rien.
    fix: Validate the configuration against the service's schema, and watch one run.
    corriger: Validez la configuration avec le schéma du service, et suivez une exécution.
    """
    if not workflows.all and model_pipelines.all:
        return partly(
            "La chaîne du modèle est lisible ; rien ne montre qu'un service l'exécute.",
            "The model's chain can be read; nothing shows that a service executes it.",
            _outside(model_pipelines),
        )
    if not workflows.all:
        return nothing(workflows, announcements)
    broken = [w for w in workflows.all if w.valid is False]
    if broken:
        return partly(
            f"{broken[0].path} ne suit pas le schéma du service.",
            f"{broken[0].path} does not follow the service's schema.",
            [evidence(w.path, 1, w.complaint) for w in broken],
        )
    concerned = _concerned(workflows, models, test_suite, ai_code)
    if concerned:
        return met(
            "La configuration est reconnue et concerne le modèle.",
            "The configuration is recognised and concerns the model.",
            did_at(concerned),
        )
    return partly(
        "La configuration est reconnue, mais ne concerne pas le modèle.",
        "The configuration is recognised, but does not concern the model.",
        heads(workflows.all),
    )


def tests_the_data(
    workflows: Workflows,
    models: Models,
    test_suite: TestSuite,
    model_pipelines: ModelPipelines,
    data_code: DataCode,
    announcements: Announcements,
) -> Finding:
    """Data testing is part of the chain.

    fr: Le test des données fait partie de la chaîne.
    why: A model trained on broken data is broken without any error.
    pourquoi: Un modèle entraîné sur des données abîmées est abîmé sans aucune erreur.
    fix: Validate schema, ranges and missing values in a step before training, and let it fail.
    corriger: Validez le schéma, les bornes et les valeurs manquantes dans une étape avant l'entraînement, et laissez-la échouer.
    """
    stages = _stages(workflows, models)
    if stages[DATA_TEST]:
        return met(
            "Une étape de la chaîne valide les données.", "A step of the chain validates the data.", did_at(stages[DATA_TEST])
        )
    own = [d for d in stages[TEST] if _tests_of_the_step(d, test_suite)]
    if own:
        return met(
            "Une étape de la chaîne est réservée aux tests des données.",
            "A step of the chain is kept for the tests of the data.",
            [*did_at(own), *(evidence(t.path, t.line, t.name) for t in _tests_of_the_step(own[0], test_suite)[:3])],
        )
    steps, among = _run(stages[TEST], [t for t in test_suite.sound if _about_data(t, data_code)])
    validated = _validates_before_training(workflows, among)
    if validated:
        return met(
            "La validation des données est testée, et la chaîne l'exécute sur les vraies données.",
            "The validation of the data is tested, and the chain runs it on the real data.",
            [*did_at(validated), *did_at(steps)[:1], *(evidence(t.path, t.line, t.name) for t in among)],
        )
    if among:
        return partly(
            "Des tests de données passent parmi les autres tests de la chaîne.",
            "Data tests run among the chain's other tests.",
            [*did_at(steps)[:1], *(evidence(t.path, t.line, t.name) for t in among)],
        )
    outside = [place for p in model_pipelines.all for place in (p.tests_data,) if place]
    if outside or model_pipelines.of_data:
        return partly(
            "Une chaîne hors du service d'intégration teste les données.",
            "A chain outside the integration service tests the data.",
            [*outside, *model_pipelines.of_data],
        )
    hollow = [t for t in test_suite.all if not t.teeth and _DATA_NAMES.search(t.name)]
    if hollow:
        return not_met(
            "Les tests de données ne vérifient rien.",
            "Data tests assert nothing.",
            [evidence(t.path, t.line, t.name) for t in hollow],
        )
    return _absent(workflows, announcements) or not_met(
        "Aucune étape ne teste les données.", "No step tests the data.", did_at(stages[TEST])
    )


def _absent(workflows: Workflows, announcements: Announcements) -> Finding | None:
    """Return what documents show of a chain, where the repository has none."""
    return None if workflows.all else unseen(announcements)


def _validates_before_training(workflows: Workflows, tests: list[Test]) -> list[Did]:
    """Return the steps that start a script whose validating functions are tested."""
    scripts = {path for t in tests for path, name in t.code if _VALIDATES.search(name)}
    return [d for d in workflows.sound(TRAIN, EVALUATE, OTHER) if d.script in scripts]


def _tests_of_the_step(did: Did, test_suite: TestSuite) -> list[Test]:
    """Return the tests that a step kept for the data starts: its name, its job's or the files that it asks for say so."""
    asked = [a.split("::")[0].rstrip("/") for a in did.arguments if not a.startswith("-") and ("/" in a or ".py" in a)]
    titles = " ".join((did.step.name, did.job.title, did.job.name, *asked))
    if not asked or not _DATA_STEP.search(re.sub(r"[_/.-]", " ", titles)):
        return []
    started = [t for t in test_suite.sound if any(f"/{a}/" in f"/{t.path}/" for a in asked)]  # a step may start in a folder
    return [t for t in started if not t.routes and not t.requests]


def _about_data(test: Test, data: DataCode) -> bool:
    """Tell whether a test is about data rather than about an API that serves some: it runs code that prepares data."""
    if test.routes or test.requests:
        return False
    words = f"{test.path.rsplit('/', 1)[-1]} {test.name}"
    touched = set(test.code) & data.functions
    said = _DATA_NAMES.search(words) or _DATA_NAMES.search(" ".join(sorted(f for _, f in touched)))
    return bool(touched) and (bool(said) or any(FOLDER.search(path) for path, _ in touched))


def trains_and_validates(
    workflows: Workflows,
    models: Models,
    test_suite: TestSuite,
    ai_code: AiCode,
    coverage: Coverage,
    model_pipelines: ModelPipelines,
    announcements: Announcements,
) -> Finding:
    """Training, validation and tests of the model are chained.

    fr: Entraînement, validation et tests du modèle s'enchaînent.
    why: A model reaches users only if it was trained, judged and tested by the same chain.
    pourquoi: Un modèle n'atteint les utilisateurs que s'il a été entraîné, jugé et testé par la même chaîne.
    fix: Chain training, an evaluation with a threshold, and the tests; stop on failure.
    corriger: Enchaînez l'entraînement, une évaluation avec un seuil, et les tests ; arrêtez en cas d'échec.
    """
    stages = _stages(workflows, models)
    gated = [e for e in coverage.enforced if e.path in {d.script for d in (*stages[TRAIN], *stages[EVALUATE])}]
    judged = bool(stages[EVALUATE]) or bool(gated)
    training = {d.workflow.path for d in stages[TRAIN]}
    nearest = sorted(stages[TEST], key=lambda d: d.workflow.path not in training)
    steps, aimed = _run(nearest, _aimed(test_suite, ai_code))
    if stages[TRAIN] and judged and (steps or gated):
        return met(
            "La chaîne entraîne, évalue et teste le modèle.",
            "The chain trains, evaluates and tests the model.",
            did_at([*stages[TRAIN][:1], *stages[EVALUATE][:1], *steps[:1]]),
        )
    demanding = _tests_that_train_and_judge(steps, test_suite, models, coverage)
    if demanding:
        return met(
            "Les tests de la chaîne entraînent le modèle et exigent un score.",
            "The chain's tests train the model and demand a score.",
            [*did_at(steps)[:1], *demanding],
        )
    whole = [p for p in model_pipelines.scheduled if p.trains and (p.controls or (p.evaluates and p.tests))]
    if whole:
        return met(
            f"{whole[0].chain.path} entraîne le modèle et le valide, à heure fixe.",
            f"{whole[0].chain.path} trains the model and validates it, on a schedule.",
            [whole[0].head, *whole[0].places],
        )
    if stages[TRAIN] or stages[EVALUATE]:
        return partly(
            "La chaîne n'a qu'une partie de l'entraînement, de la validation et des tests.",
            "The chain has only a part of training, validation and tests.",
            did_at([*stages[TRAIN], *stages[EVALUATE], *steps[:1]]),
        )
    return (
        _tests_alone(steps, aimed, model_pipelines)
        or _beyond(workflows, models)
        or _absent(workflows, announcements)
        or not_met(
            "Aucune étape n'entraîne, ne valide ni ne teste le modèle.",
            "No step trains, validates or tests the model.",
            did_at(stages[TEST]),
        )
    )


def _aimed(test_suite: TestSuite, ai_code: AiCode) -> list[Test]:
    """Return the sound tests that reach the model's code or its routes."""
    return [
        t
        for t in test_suite.sound
        if set(t.code) & ai_code.functions or set(t.imports) & ai_code.modules or any(r.model for r in t.routes)
    ]


def _tests_alone(run: list[Did], aimed: list[Test], model_pipelines: ModelPipelines) -> Finding | None:
    if run and aimed:
        return partly(
            "La chaîne lance des tests du code du modèle, sans entraînement ni validation.",
            "The chain runs tests of the model's code, without training or validation.",
            [*did_at(run)[:1], *(evidence(t.path, t.line, t.name) for t in aimed)],
            question=Text(
                "Comment une nouvelle version du modèle ou du service est-elle validée avant livraison ?",
                "How is a new version of the model or service validated before delivery?",
            ),
        )
    if planned := model_pipelines.scheduled:
        return partly(
            f"{planned[0].chain.path} traite le modèle à heure fixe, sans l'entraîner, le valider et le tester à la fois.",
            f"{planned[0].chain.path} handles the model on a schedule, but does not train, validate and test it all.",
            [place for p in planned for place in (p.head, *p.places)],
        )
    if model_pipelines.all:
        return partly(
            "Une chaîne hors service traite le modèle.",
            "A chain that no service starts handles the model.",
            _outside(model_pipelines),
        )
    return None


def _tests_that_train_and_judge(steps: list[Did], test_suite: TestSuite, models: Models, coverage: Coverage) -> list[Evidence]:
    """Return the score demands of tests that train the project's own model and that the chain runs."""
    training = {(u.path, u.function) for u in models.of_kind("train") if not u.service}
    _, demanding = _run(steps, [t for t in test_suite.sound if set(t.code) & training and not t.mocks])
    files = {t.path for t in demanding}
    return [e for e in coverage.scores if e.path in files]


def is_tracked(
    workflows: Workflows,
    models: Models,
    test_suite: TestSuite,
    ai_code: AiCode,
    model_pipelines: ModelPipelines,
    announcements: Announcements,
) -> Finding:
    """The model chain's sources are tracked in the repository.

    fr: Les sources de la chaîne du modèle sont suivies dans le dépôt.
    why: A chain outside the repository cannot be reviewed or restored.
    pourquoi: Une chaîne hors du dépôt ne peut être ni relue ni restaurée.
    fix: Commit the chain's configuration and its scripts.
    corriger: Versionnez la configuration de la chaîne et ses scripts.
    """
    concerned = _concerned(workflows, models, test_suite, ai_code)
    local = _outside(model_pipelines)
    if concerned or local:
        return met(
            "La chaîne du modèle est suivie dans le dépôt.",
            "The model's chain is tracked in the repository.",
            [*did_at(concerned), *local],
        )
    if workflows.all:
        return partly(
            "La chaîne suivie est celle de l'application.",
            "The chain that is tracked is the application's.",
            heads(workflows.all),
        )
    return nothing(workflows, announcements)


def retrains(workflows: Workflows, models: Models, model_pipelines: ModelPipelines, flows: Flows) -> Finding:
    """A script trains the model again, and something starts it.

    fr: Un script réentraîne le modèle, et quelque chose le lance.
    why: A model that is never trained again grows old with its data.
    pourquoi: Un modèle qui n'est jamais réentraîné vieillit avec ses données.
    fix: Make training a program that reads the new data, and start it on a schedule, on drift, or by hand in the chain.
    corriger: Faire de l'entraînement un programme qui lit les nouvelles données, et le lancer à heure fixe, sur dérive, ou par la chaîne.
    """
    ask = Text(
        "Quand le modèle est-il réentraîné, et qui décide de le servir ?",
        "When is the model trained again, and who decides to serve it?",
    )
    planned = [p for p in model_pipelines.scheduled if p.trains]
    chained = _stages(workflows, models)[TRAIN]
    timed = [e for e in (*flows.schedules, *flows.of(TRIGGERS)) if _TRAINS.search(f"{e.path} {e.excerpt}")]
    if planned or chained or timed:
        where = [
            *(e for p in planned for e in (p.head, *p.places)),
            *heads(tuple(d.workflow for d in chained)),
            *did_at(chained),
            *timed,
        ]
        return met(
            "Un script réentraîne le modèle, et une chaîne ou un horaire le lance.",
            "A script trains the model again, and a chain or a schedule starts it.",
            where,
        )
    uses = [u for u in models.of_kind("train") if not u.service]
    scripts = [evidence(u.path, u.line, u.excerpt) for u in sorted(uses, key=lambda u: u.path.endswith(".ipynb"))]
    by_hand = [e for p in model_pipelines.all if p.trains for e in (p.head, *p.places)]
    if by_hand or scripts:
        return partly(
            "Un entraînement est écrit ; rien dans le dépôt ne le relance.",
            "A training is written; nothing in the repository starts it again.",
            [*by_hand, *scripts],
            question=ask,
        )
    return unshown("Aucun code d'entraînement dans le dépôt.", "No training code in the repository.", question=ask)


CHECKS = (has_triggers, is_recognised, tests_the_data, trains_and_validates, is_tracked, retrains)
