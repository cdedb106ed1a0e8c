"""Help texts and labels of the command line, in both languages."""

from __future__ import annotations

from grader.values import Text

HELP: dict[str, Text] = {
    "jurygrid": Text(
        "Lit les livrables d'une certification avant le jury : une grille préremplie, avec des preuves à ouvrir à la ligne.",
        "Reads certification deliverables before the jury does: a prefilled grid, with evidence that opens at the line.",
    ),
    "usage": Text("usage :", "usage:"),
    "help": Text("montrer cette aide", "show this help"),
    "lang": Text("langue de la sortie", "language of the output"),
    "debug": Text("montrer la trace d'une erreur inattendue", "show the trace of an unexpected error"),
    "grade": Text("évaluer un dépôt", "grade one repository"),
    "source": Text(
        "adresse https d'un hôte autorisé, gh:propriétaire/nom, ou dossier d'un dépôt local (c'est son dernier commit qui est lu)",
        "https address of an allowed host, gh:owner/name, or folder of a local repository (its last commit is what is read)",
    ),
    "rubric": Text("référentiel : identifiant ou fichier", "rubric: an id or a file"),
    "overlay": Text("fichier des libellés de votre institution", "your institution's wording file"),
    "ref": Text(
        "branche, étiquette ou commit (par défaut : la branche principale)", "branch, tag or commit (default: the main branch)"
    ),
    "exam": Text("ne garder que les critères de ces épreuves", "keep only the criteria of these exams"),
    "json": Text("écrire la grille en JSON (- : sortie standard)", "write the grid as JSON (-: standard output)"),
    "html": Text(
        "écrire la grille en une page à ouvrir dans un navigateur (- : sortie standard)",
        "write the grid as one page for a browser (-: standard output)",
    ),
    "sandbox": Text("où lire le dépôt", "where to read the repository"),
    "no-run": Text("lire seulement, ne rien exécuter", "read only, run nothing"),
    "quiet": Text("n'afficher ni l'avancement ni la grille", "print neither progress nor grid"),
    "rubric-command": Text("vérifier un référentiel", "verify a rubric"),
    "rubric-check": Text("dire chaque défaut d'un référentiel, avec sa ligne", "tell every defect of a rubric, with its line"),
    "rubric-good": Text(
        "{id} : {criteria} critères, {checks} contrôles, version {version} : aucun défaut.",
        "{id}: {criteria} criteria, {checks} checks, version {version}: no defect.",
    ),
    "checks": Text("lire la documentation des contrôles", "read the documentation of the checks"),
    "checks-list": Text("lister les contrôles", "list the checks"),
    "checks-show": Text("montrer un contrôle", "show one check"),
    "doctor": Text("dire ce qui marche sur cette machine", "tell what works on this machine"),
    "why": Text("Pourquoi :", "Why:"),
    "fix": Text("Pour y arriver :", "How to fix:"),
    "facts": Text("Faits utilisés :", "Facts used:"),
}


def help_text(key: str, language: str) -> str:
    """Return a text of the command line."""
    return HELP[key].in_(language)
