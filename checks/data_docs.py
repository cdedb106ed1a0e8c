"""Do documents explain the queries, the preparation of the data and the scripts?"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator

from checks.facts.extraction import ExtractionScripts
from checks.facts.instructions import Command
from checks.facts.python_code import Module, PythonCode
from checks.facts.savings import Savings
from checks.facts.transformations import Transformations
from checks.facts.zones import Explanations, Zone, body, has_substance
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part, present, sentence
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

SHORTEST = 7  # words without which a line explains nothing
ENOUGH = 3
_SCRIPT = re.compile(r"[\w./\\-]*?([\w-]+)\.(py|sh|ipynb|sql|R|scala)\b")
_MODULE = re.compile(r"-m ([\w.]+)|scrapy crawl (\w+)|dbt (run|build)|dagster|airflow|dvc repro|make (\w+)")
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)] ", re.M)
_INSTALLED = re.compile(
    r"requirements[\w.-]*\.txt|pyproject\.toml|environment\.ya?ml|Pipfile|poetry install|uv sync|pip3? install", re.I
)


def _names(workspace: Workspace) -> frozenset[str]:
    return frozenset(f.name.rsplit(".", 1)[0].lower() for f in workspace.own if f.suffix in (".py", ".sh", ".ipynb", ".sql"))


def _data_scripts(
    extraction_scripts: ExtractionScripts, transformations: Transformations, savings: Savings
) -> dict[str, tuple[str, ...]]:
    """Return the programs that extract, prepare or save data: stem → paths."""
    paths = [s.path for s in extraction_scripts.all if s.setting != "interface"]
    paths += [w.path for w in transformations.works if w.role not in ("api", "interface", "test")]
    paths += [s.path for s in savings.all if s.kind in ("table", "store")]
    found: dict[str, tuple[str, ...]] = {}
    for path in dict.fromkeys(paths):
        stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
        found[stem] = (*found.get(stem, ()), path)
    return found


def _runs(area: Zone, stems: frozenset[str]) -> Iterator[tuple[str, Command]]:
    """Return the commands that start one of the scripts, each script once."""
    seen = set()
    for command in area.commands("start", "crontab"):
        if re.search(r"\b(streamlit|uvicorn|gunicorn|runserver|pytest)\b", command.text):
            continue
        named = [m.group(1) for m in _SCRIPT.finditer(command.text[:400])]
        named += [(m.group(1) or m.group(2) or "").rsplit(".", 1)[-1] for m in _MODULE.finditer(command.text[:400])]
        for stem in (n.lower() for n in named):
            if stem in stems and stem not in seen:
                seen.add(stem)
                yield stem, command


def _place(command: Command) -> Evidence:
    return evidence(command.path, command.line, command.text)


def _dependencies(area: Zone) -> Evidence | None:
    code = next((_place(c) for c in area.commands("install") if "docker" not in c.text), None)
    lines = ((s, n, t) for s in area.sections for n, t in body(s) if _INSTALLED.search(t))
    return code or next((evidence(s.path, n, t) for s, n, t in lines), None)


def gives_dependencies_and_commands(
    explanations: Explanations,
    extraction_scripts: ExtractionScripts,
    transformations: Transformations,
    savings: Savings,
    workspace: Workspace,
) -> Finding:
    """Documents give the dependencies of the data scripts and the commands that run them.

    fr: La documentation donne les dépendances des scripts de données et les commandes qui les lancent.
    why: Without them, nobody else fills the database.
    pourquoi: Sans elles, personne d'autre ne remplit la base.
    fix: Write in a README how to install the dependencies, then one command per script, in order.
    corriger: Écrire dans un README comment installer les dépendances, puis une commande par script, dans l'ordre.
    """
    scripts = frozenset(_data_scripts(extraction_scripts, transformations, savings))
    area = explanations.everything
    runs = list(_runs(area, scripts))
    installed = _dependencies(area)
    wanted = min(len(scripts), 2)
    if installed and len(runs) == 1 and installed.path in _preparation(explanations).paths:
        wanted = 1 if runs[0][1].path == installed.path else wanted  # the manual of that script gives both
    places = [_place(c) for _, c in runs]
    if installed and runs and len(runs) >= wanted:
        return met(
            f"Dépendances et commandes de {len(runs)} script(s) de données.",
            f"Dependencies and commands of {len(runs)} data script(s).",
            [*places[:3], installed],
        )
    others = list(_runs(area, _names(workspace))) if scripts else []
    started = area.command("install", "start") if scripts else None  # the application as a whole
    if installed or places or others or started:
        application = started if not (installed or places or others) else None
        shown = [*places, *(e for e in (installed, application) if e), *(_place(c) for _, c in others)]
        return partly(
            "Installation ou lancement documentés, mais pas les commandes des scripts de données.",
            "Installation or start documented, but not the commands of the data scripts.",
            shown,
            question=Text("Quelle commande lance chaque script de données ?", "Which command runs each data script?"),
        )
    return not_met(
        "Aucun document ne donne dépendances et commandes des scripts.",
        "No document gives dependencies and commands of the scripts.",
    )


def explains_the_preparation(
    explanations: Explanations,
    extraction_scripts: ExtractionScripts,
    transformations: Transformations,
    savings: Savings,
    python_code: PythonCode,
) -> Finding:
    """Documents give dependencies, commands, steps and cleaning choices of the preparation of the data.

    fr: La documentation donne dépendances, commandes, enchaînement et choix de nettoyage de la préparation des données.
    why: Cleaning choices decide what the data can say; they must be known.
    pourquoi: Les choix de nettoyage décident de ce que disent les données ; ils doivent être connus.
    fix: Write the rules (duplicates, missing values, formats), the order of the scripts, their dependencies and commands.
    corriger: Écrire les règles (doublons, valeurs manquantes, formats), l'ordre des scripts, leurs dépendances et commandes.
    """
    programs = _data_scripts(extraction_scripts, transformations, savings)
    scripts = frozenset(programs)
    area = _preparation(explanations)
    run = next((_place(c) for _, c in _runs(explanations.everything, scripts)), None)
    choices = _choices(area) or _choices_in_code(explanations, python_code, programs)
    steps = _steps(area, scripts) or _ordered(explanations.everything, scripts)
    parts = (
        Part(Text("choix de nettoyage et de format", "cleaning and format choices"), choices[0] if choices else None),
        Part(Text("enchaînement", "steps"), steps),
        Part(Text("commandes", "commands"), run),
        Part(Text("dépendances", "dependencies"), _dependencies(explanations.everything) if choices or run else None),
    )
    fr, en = sentence(parts)
    found = present(parts)
    if parts[0].found and len(found) >= ENOUGH and scripts:
        return met(f"Préparation des données : {fr}.", f"Preparation of the data: {en}.", [*found, *choices[1:2]])
    if choices or run or (steps and scripts):
        return partly(
            f"Préparation des données, en partie : {fr}.", f"Preparation of the data, in part: {en}.", [*found, *choices]
        )
    beside = _choices_in_functions(explanations, python_code) if scripts else []
    if beside:
        return partly(
            "Le nettoyage n'est expliqué que dans les commentaires des fonctions.",
            "The cleaning is only explained in the docstrings of functions.",
            beside,
        )
    return not_met(
        "Aucun document n'explique le nettoyage ni l'agrégation des données.",
        "No document explains the cleaning or the aggregation of the data.",
    )


def _preparation(explanations: Explanations) -> Zone:
    """Return the sections under a heading about the preparation of data; a title counts only when it says nothing else."""
    topics = explanations.topics
    area = explanations.apart_from("privacy", explanations.zone("preparation", only=("heading", "trail")))
    titled = {s.path for s in explanations.zone("preparation-title", only=("heading", "trail")).sections if s.level <= 1}
    return area.narrowed(
        lambda s: s.path in titled or any(h and topics.in_text("preparation", h) for h in (s.heading, *s.trail[1:]))
    )


def _choices(area: Zone) -> list[Evidence]:
    """Return the lines of the document that tells most kinds of cleaning: three kinds, or two under a heading that names one."""
    told: dict[str, dict[str, Evidence]] = {}
    headed: set[str] = set()
    for section in area.sections:
        if any(h and area.topics.in_text("cleaning-choice", h) for h in (section.heading, *section.trail[1:])):
            headed.add(section.path)
    for hit in area.topics.hits("cleaning-choice", area.sections):
        if len(hit.text.split()) >= SHORTEST - 3:
            told.setdefault(hit.path, {}).setdefault(hit.term, evidence(hit.path, hit.line, hit.text))
    best = max(sorted(told), key=lambda path: len(told[path]), default="")
    found = sorted(set(told.get(best, {}).values()), key=lambda e: e.line or 0)
    return found if len(told.get(best, {})) >= (ENOUGH - 1 if best in headed else ENOUGH) else []


def _choices_in_code(explanations: Explanations, code: PythonCode, programs: dict[str, tuple[str, ...]]) -> list[Evidence]:
    """Return the cleaning choices that the header of a data script tells on three lines or more."""
    paths = sorted(path for paths in programs.values() for path in paths)
    modules = [m for path in paths if (m := code.by_path.get(path)) is not None and not m.is_test]
    return next((found for m in modules if len(found := _told_in(explanations, m, m.tree)) >= ENOUGH), [])


def _choices_in_functions(explanations: Explanations, code: PythonCode) -> list[Evidence]:
    """Return the cleaning choices of the docstring of a function, when it tells the steps in order too."""
    for module in code.by_path.values():
        for node in module.nodes if not module.is_test else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                ordered = len(_NUMBERED.findall(ast.get_docstring(node) or "")) >= ENOUGH
                found = _told_in(explanations, module, node) if ordered else []
                if len(found) > 1:
                    return found
    return []


def _told_in(
    explanations: Explanations, module: Module, node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
) -> list[Evidence]:
    first = node.body[0] if node.body else None
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant) or not isinstance(first.value.value, str):
        return []
    start = module.line(first)
    lines = enumerate(first.value.value[:8_000].splitlines(), start)
    topics = explanations.topics
    return [evidence(module.path, n, t) for n, t in lines if len(t.split()) >= 4 and topics.in_text("cleaning-choice", t)]


def _steps(area: Zone, scripts: frozenset[str]) -> Evidence | None:
    for section in area.sections:
        told = area.topics.hits("preparation-step", (section,))
        named = {m.group(1).lower() for m in _SCRIPT.finditer(section.text[:20_000])} & scripts
        if has_substance(section) and (len(told) >= 2 or len(named) >= 2):
            return evidence(section.path, section.line, section.heading)
    return None


def _ordered(area: Zone, scripts: frozenset[str]) -> Evidence | None:
    runs = [c for _, c in _runs(area, scripts)]
    same = [c for c in runs if c.path == runs[0].path] if runs else []
    return _place(same[0]) if len(same) >= ENOUGH - 1 else None


def names_the_import_at_the_root(
    explanations: Explanations, extraction_scripts: ExtractionScripts, transformations: Transformations, savings: Savings
) -> Finding:
    """The README at the root names the import script and the command that runs it.

    fr: Le README à la racine nomme le script d'import et la commande qui le lance.
    why: It is the first place where a colleague looks for how to fill the database.
    pourquoi: C'est là qu'un collègue cherche d'abord comment remplir la base.
    fix: Add to the README at the root the name of the import script, its dependencies and its command.
    corriger: Ajouter au README de la racine le nom du script d'import, ses dépendances et sa commande.
    """
    imports = {s.path.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower() for s in savings.all if s.kind in ("table", "store")}
    root = explanations.everything.narrowed(lambda s: "/" not in s.path)
    runs = list(_runs(root, frozenset(imports)))
    if runs:
        return met(
            "La documentation de la racine donne la commande du script d'import.",
            "The documentation at the root gives the command of the import script.",
            [_place(c) for _, c in runs],
        )
    named = [
        evidence(s.path, n, t)
        for s in root.sections
        for n, t in body(s)
        if {m.group(1).lower() for m in _SCRIPT.finditer(t[:400])} & imports
    ]
    scripts = frozenset(_data_scripts(extraction_scripts, transformations, savings))
    indirect = [_place(c) for _, c in _runs(root, scripts)]
    if named or indirect:
        return partly(
            "La racine nomme un script de données, sans la commande de l'import.",
            "The root names a data script, without the command of the import.",
            [*named, *indirect],
        )
    led = _leads_to(root, {s.path for s in savings.all if s.kind in ("table", "store")})
    if led:
        return partly(
            "La racine renvoie au dossier du script d'import, sans en donner la commande.",
            "The root leads to the folder of the import script, without giving its command.",
            led,
        )
    return not_met(
        "La documentation de la racine ne parle pas du script d'import.",
        "The documentation at the root says nothing of the import script.",
    )


def _leads_to(root: Zone, imports: set[str]) -> list[Evidence]:
    """Return the links of the root to a document of a folder in which an import script stands."""
    found = []
    for section in root.sections:
        for link in section.links:
            folder = posixpath.dirname(posixpath.normpath(link.target.partition("#")[0]))
            if folder and not folder.startswith((".", "http")) and any(path.startswith(f"{folder}/") for path in imports):
                found.append(evidence(section.path, link.line, f"{link.text} ({link.target})"))
    return found


CHECKS: tuple[Callable[..., Finding], ...] = (
    explains_the_preparation,
    gives_dependencies_and_commands,
    names_the_import_at_the_root,
)
