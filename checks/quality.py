"""Figures on the code itself. They point, and never propose alone: no rubric asks for a number."""

from __future__ import annotations

from collections import Counter

from checks.facts.complexity import LIMIT, Complexity
from checks.facts.linters import LintReport
from checks.findings import evidence, inconclusive, met, not_applicable, partly
from grader.values import Finding, Text

FEW_COMPLEX = 0.05
FEW_IDLE = 0.5  # idle names or loops a file
KINDS = {
    "F401": Text("import(s) sans usage", "unused import(s)"),
    "F811": Text("définition(s) en double", "repeated definition(s)"),
    "F841": Text("variable(s) sans usage", "unused variable(s)"),
    "PERF": Text("boucle(s) à alléger", "loop(s) to lighten"),
}


def functions_stay_simple(complexity: Complexity) -> Finding:
    """Nineteen functions in twenty stay under a cognitive complexity of fifteen.

    fr: Dix-neuf fonctions sur vingt restent sous une complexité cognitive de quinze.
    why: What cannot be followed cannot be reviewed, tested or repaired in time.
    pourquoi: Ce qu'on ne peut pas suivre ne peut être ni relu, ni testé, ni réparé à temps.
    fix: Split the longest branches into named functions, and return early.
    corriger: Découpez les plus longues branches en fonctions nommées, et sortez tôt.
    """
    functions, over = complexity.functions, complexity.over
    if not functions:
        return not_applicable("Aucune fonction Python à mesurer.", "No Python function to measure.", "no-code")
    worst = functions[0].complexity
    measures = {"functions": float(len(functions)), "over": float(len(over)), "worst": float(worst)}
    shown = [evidence(f.path, f.line, f"{f.name} : {f.complexity}") for f in (over or functions[:1])]
    if not over:
        fr = f"{len(functions)} fonction(s), la plus complexe à {worst} (limite {LIMIT})."
        return met(fr, f"{len(functions)} function(s), the most complex at {worst} (limit {LIMIT}).", shown, measures=measures)
    fr = f"{len(over)} fonction(s) sur {len(functions)} au-delà d'une complexité cognitive de {LIMIT} (jusqu'à {worst})."
    en = f"{len(over)} function(s) of {len(functions)} beyond a cognitive complexity of {LIMIT} (up to {worst})."
    conclude = met if len(over) <= FEW_COMPLEX * len(functions) else partly
    return conclude(fr, en, shown, measures=measures)


def nothing_is_idle(linters: LintReport) -> Finding:
    """The Python code holds hardly any unused name, and no loop that does by hand what the language does faster.

    fr: Le code Python n'a presque ni nom inutile, ni boucle qui fait à la main ce que le langage fait plus vite.
    why: Code that serves nothing is loaded, read and maintained all the same.
    pourquoi: Un code qui ne sert à rien est chargé, lu et entretenu tout de même.
    fix: Remove what a linter says is unused; replace the loops it names with comprehensions.
    corriger: Retirez ce qu'un linter dit inutilisé ; remplacez les boucles qu'il nomme par des compréhensions.
    """
    if not linters.files:
        return not_applicable("Aucun code Python à analyser.", "No Python code to analyse.", "no-code")
    if not linters.answered("ruff"):
        return inconclusive("L'analyse n'a pas répondu à temps.", "The analysis gave no answer in time.", "took-too-long")
    issues = linters.of_tools("ruff")
    measures = {"idle": float(len(issues)), "files": float(linters.files)}
    if not issues:
        fr = f"Rien d'inutile relevé dans {linters.files} fichier(s)."
        return met(fr, f"Nothing idle found in {linters.files} file(s).", [], measures=measures)
    counts = Counter(next(k for k in KINDS if i.rule.startswith(k)) for i in issues if i.rule.startswith(tuple(KINDS)))
    fr, en = (", ".join(f"{n} {KINDS[k].in_(lang)}" for k, n in sorted(counts.items())) for lang in ("fr", "en"))
    conclude = met if len(issues) <= FEW_IDLE * linters.files else partly
    return conclude(
        f"{fr} dans {linters.files} fichier(s).",
        f"{en} in {linters.files} file(s).",
        [evidence(i.path, i.line, f"{i.rule} {i.code}") for i in issues],
        measures=measures,
    )


CHECKS = (functions_stay_simple, nothing_is_idle)
