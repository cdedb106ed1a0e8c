"""Why something did not run, or is not believed: a sentence for each code, so that no grid shows a bare code."""

from __future__ import annotations

from grader.values import Text

REASONS: dict[str, Text] = {
    # Ours
    "not-run": Text("Cette étape n'a pas été lancée.", "This step was not started."),
    "no-environment": Text("L'environnement n'a pas pu être préparé.", "The environment could not be prepared."),
    "no-sandbox": Text("Aucun bac à sable n'est disponible.", "No sandbox is available."),
    "no-time-left": Text("Le temps imparti était déjà écoulé.", "The time allowed was already spent."),
    "no-baseline": Text(
        "Les tests ne passent pas d'abord : il n'y a rien à mesurer.", "The tests do not pass first: there is nothing to measure."
    ),
    "baseline-timeout": Text(
        "Les tests sont trop lents pour être mesurés dans le temps imparti.",
        "The tests are too slow to be measured in the time given.",
    ),
    "unsteady-tests": Text(
        "Des tests finissent par échouer sans que rien n'ait changé : il n'y a rien à mesurer.",
        "Tests come to fail although nothing was changed: there is nothing to measure.",
    ),
    "another-runner": Text(
        "Les fautes ne sont introduites que sous des tests que pytest peut lancer.",
        "Faults are put in only under tests that pytest can run.",
    ),
    "no-pytest": Text("pytest n'est pas installé.", "pytest is not installed."),
    "no-code": Text(
        "Les tests n'exercent aucun code du projet où introduire une faute.",
        "The tests exercise no code of the project to put a fault in.",
    ),
    "no-coverage": Text("La couverture n'a pas pu être mesurée.", "Coverage could not be measured."),
    "no-vitest": Text("Vitest n'est pas installé.", "Vitest is not installed."),
    "no-jest": Text("Jest n'est pas installé.", "Jest is not installed."),
    "no-time": Text("Le temps imparti était déjà écoulé.", "The time allowed was already spent."),
    "out-of-memory": Text("La mémoire du bac à sable n'a pas suffi.", "The sandbox's memory was not enough."),
    "timeout": Text("Le temps imparti s'est écoulé.", "The time allowed ran out."),
    "killed": Text("Le bac à sable a été arrêté avant la fin.", "The sandbox was stopped before the end."),
    "output-too-large": Text("Ce qui était écrit dépassait la taille admise.", "What was written was above the size allowed."),
    "preparation-failed": Text("La préparation de l'environnement a échoué.", "Preparing the environment failed."),
    "preparation-timeout": Text("La préparation des paquets a dépassé son temps.", "Preparing the packages took too long."),
    "resolve-timeout": Text(
        "Le choix des versions des paquets a dépassé son temps.", "Choosing the versions of the packages took too long."
    ),
    "install-timeout": Text("L'installation des paquets a dépassé son temps.", "Installing the packages took too long."),
    "install-failed": Text("L'installation des paquets a échoué.", "Installing the packages failed."),
    "index-unreachable": Text("L'index des paquets n'a pas répondu.", "The package index did not answer."),
    "no-python": Text("Python n'est pas dans le bac à sable.", "Python is not in the sandbox."),
    "no-node": Text("Node n'est pas dans le bac à sable.", "Node is not in the sandbox."),
    "no-postgresql": Text(
        "PostgreSQL n'a pas pu être lancé dans le bac à sable.", "PostgreSQL could not be started in the sandbox."
    ),
    "no-uvicorn": Text("Le serveur ASGI n'est pas installé.", "The ASGI server is not installed."),
    "no-alembic": Text("Alembic n'est pas installé.", "Alembic is not installed."),
    "no-django": Text("Django n'est pas installé.", "Django is not installed."),
    "no-sqlalchemy": Text("SQLAlchemy n'est pas installé.", "SQLAlchemy is not installed."),
    "no-flask": Text("Flask n'est pas installé.", "Flask is not installed."),
    "no-streamlit": Text("Streamlit n'est pas installé.", "Streamlit is not installed."),
    "no-gradio": Text("Gradio n'est pas installé.", "Gradio is not installed."),
    "unknown-framework": Text("Nous ne savons pas démarrer ce cadre.", "We do not know how to start this framework."),
    "runner-killed": Text("Le lanceur a été arrêté par ce qu'il lançait.", "The runner was stopped by what it ran."),
    "out-of-time": Text("Le temps imparti s'est écoulé.", "The time allowed ran out."),
    "disk-full": Text("Le disque du bac à sable n'a pas suffi.", "The sandbox's disk was not enough."),
    # What a stranger's process said
    "no-document": Text("L'étape n'a laissé aucun compte rendu.", "The step left no account of itself."),
    "malformed": Text("Le compte rendu est illisible.", "The account of the step cannot be read."),
    "too-large": Text("Le compte rendu est trop grand.", "The account of the step is too large."),
    "forged": Text("Le compte rendu ne répond pas à cette demande.", "The account does not answer this request."),
    "contradictory": Text(
        "Le rapport de tests et le code de sortie se contredisent.", "The test report and the exit code contradict each other."
    ),
    "unfailing": Text(
        "Un test qui ne peut qu'échouer, que nous avons placé à côté des autres, passe lui aussi : les résultats ne prouvent rien.",
        "A test that can only fail, which we put beside the others, passes too: the results prove nothing.",
    ),
    "empty": Text("Le rapport de tests ne contient aucun test.", "The test report holds no test."),
    "no-report": Text(
        "Le processus des tests s'est terminé avec succès sans laisser de rapport.",
        "The test process ended with success and left no report.",
    ),
    "no-test-collected": Text("Aucun test n'a été trouvé par le lanceur.", "The runner found no test."),
    "stopped-early": Text("Le lanceur de tests s'est arrêté avant la fin.", "The test runner stopped before the end."),
    "no-table-described": Text(
        "Ce module, chargé seul, ne décrit aucune table.", "This module describes no table when it is loaded by itself."
    ),
    "no-fault": Text("Aucune faute n'a été introduite.", "No fault was put in."),
    "no-command": Text("Aucune commande n'a été lancée.", "No command was started."),
    # What was sought and not seen
    "sandbox-lacks": Text("Ce qui manque au bac à sable empêche d'en juger.", "What the sandbox lacks keeps us from judging."),
    "unsorted": Text("Les échecs n'ont pas pu être expliqués.", "The failures could not be explained."),
    "not-ready": Text("L'application n'a pas accepté de connexion.", "The application accepted no connection."),
    "not-reached": Text("L'application n'a pas répondu à la sonde.", "The application did not answer the prober."),
    "table-absent": Text("Le schéma créé n'a pas ces tables.", "The created schema does not have these tables."),
    "not-asked": Text("Aucune de ces routes n'a pu être appelée.", "None of these routes could be called."),
}


def why(code: str | None) -> Text:
    """Return the sentence of a reason; a code that is not known is shown as it is."""
    return REASONS.get(code or "not-run") or Text(f"Motif : {code}.", f"Reason: {code}.")
