"""What would stop an extraction script from working elsewhere than on its author's machine, or from keeping what it found."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.names import names
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.facts.savings import Saving, Savings, base_name
from checks.facts.sources import Read
from checks.facts.sources_catalogue import FILE
from checks.facts.syntax import walk
from checks.workspace import Workspace
from grader.values import Text

MACHINE_PATH = re.compile(
    r"^(/home/(?!appuser|app/|user/|airflow|jovyan|\{)[\w.-]+/|/Users/[\w.-]+/|[A-Za-z]:[\\/]+(Users|Documents"
    r"|Users|dev|projet|work)\b|/mnt/c/|/content/drive/)",
    re.I,
)
ELEMENTS = names(
    "find_all findAll select getall extract find_elements find_elements_by_css_selector find_elements_by_xpath css xpath"
)
ROWS = names("td th tr li option a")
FEED_OPTION = re.compile(r"scrapy\s+(crawl|runspider)\b[^\n]*\s-[oO]\s*\S+")


@dataclass(frozen=True, slots=True)
class Defect:
    """A reason why the script needs a repair by hand. `code`: machine-path, no-feed, layout-index, other-folder, stray-path."""

    code: str
    path: str
    line: int
    excerpt: str
    what: Text


@dataclass(frozen=True)
class ScrapyProject:
    """What Scrapy's settings say of where items go: spider's path → the saving that keeps its items."""

    saved: dict[str, Saving]

    @classmethod
    def read(cls, workspace: Workspace, code: PythonCode, savings: Savings) -> ScrapyProject:
        """Match spiders with feeds, pipelines and commands of the same project."""
        saved: dict[str, Saving] = {}
        settings = [
            m
            for m in code.application
            if m.path.endswith("settings.py") and ("BOT_NAME" in m.assigned or "SPIDER_MODULES" in m.assigned)
        ]
        commands = list(_feed_commands(workspace))
        for module in code.application:
            if "scrapy" not in module.imported or not any(_is_spider(module, c) for c in module.classes.values()):
                continue
            own = next((n for t, n in module.strings if t in ("FEEDS", "FEED_URI")), None)
            if own is not None:
                saved[module.path] = Saving("file", module.path, module.line(own), module.excerpt(own), "")
                continue
            near = [s for s in settings if module.path.startswith(s.path.rpartition("/")[0])]
            found = next((x for s in near for x in _kept(s, code, savings)), None) or next(iter(commands), None)
            if found is not None:
                saved[module.path] = found
        return cls(saved)


def _is_spider(module: Module, node: ast.ClassDef) -> bool:
    return any(module.resolve(b).endswith("Spider") for b in node.bases)


def _kept(settings: Module, code: PythonCode, savings: Savings) -> Iterator[Saving]:
    for name in ("FEEDS", "FEED_URI"):
        if name in settings.assigned:
            node = settings.assigned[name]
            yield Saving("file", settings.path, settings.line(node), f"{name} = …", "")
    if "ITEM_PIPELINES" in settings.assigned:
        folder = settings.path.rpartition("/")[0]
        for module in code.application:
            if module.path.startswith(folder) and "pipeline" in module.path.lower():
                yield from savings.by_path.get(module.path, ())


def _feed_commands(workspace: Workspace) -> Iterator[Saving]:
    for file in workspace.own:
        runs = file.suffix in (".sh", ".yml", ".yaml", ".bat", ".py", ".toml") or file.name.lower() in ("makefile", "dockerfile")
        found = FEED_OPTION.search(file.text) if runs and b"scrapy" in file.data else None
        line = file.text.count("\n", 0, found.start()) + 1 if found else 0
        if found and not file.line(line).startswith("#"):
            yield Saving("file", file.path, line, found.group()[:200], "")


def defects_of(
    module: Module, reads: list[Read], savings: Savings, scrapy: ScrapyProject, folders: frozenset[str] = frozenset()
) -> list[Defect]:
    """List the defects of one extraction script, the gravest first; `folders` are those of the repository."""
    found = [
        *_feedless(module, scrapy, savings),
        *_machine_paths(module),
        *_strays(module, folders),
        *_layout_indexes(module),
        *other_folder(module, reads, savings),
    ]
    return found[:4]


def _feedless(module: Module, scrapy: ScrapyProject, savings: Savings) -> Iterator[Defect]:
    spiders = [c for c in module.classes.values() if _is_spider(module, c)]
    if "scrapy" in module.imported and spiders and module.path not in scrapy.saved and not savings.by_path.get(module.path):
        node = spiders[0]
        yield Defect(
            "no-feed",
            module.path,
            module.line(node),
            module.excerpt(node),
            Text(
                "l'araignée n'a ni sortie réglée (FEEDS) ni pipeline qui enregistre",
                "the spider has no feed set (FEEDS) and no pipeline that saves",
            ),
        )


def _machine_paths(module: Module) -> Iterator[Defect]:
    for text, node in module.strings:
        if len(text) < 250 and MACHINE_PATH.match(text):
            yield Defect(
                "machine-path",
                module.path,
                module.line(node),
                module.excerpt(node),
                Text("chemin absolu de la machine de son auteur", "absolute path of its author's machine"),
            )
            return


def _strays(module: Module, folders: frozenset[str]) -> Iterator[Defect]:
    """Yield the path built from the script's own place that leads to a folder which stands elsewhere in the repository."""
    if any(c.name.rsplit(".", 1)[-1] in ("mkdir", "makedirs") for c in module.calls):
        return
    for node in module.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            up, parts = _from_here(node)
            here = module.path.split("/")[:-1]
            if up < 0 or up > len(here) + 1 or len(parts) < 2:
                continue
            wanted = "/".join([*here[: len(here) - up + 1], parts[0]])
            if wanted not in folders and any(f.rsplit("/", 1)[-1] == parts[0] for f in folders):
                yield Defect(
                    "stray-path",
                    module.path,
                    module.line(node),
                    module.excerpt(node),
                    Text(
                        f"le chemin mène à « {wanted} », un dossier absent du dépôt",
                        f'the path leads to "{wanted}", a folder that the repository does not have',
                    ),
                )
                return


def _from_here(node: ast.expr) -> tuple[int, list[str]]:
    """Return how many levels `Path(__file__).parent…/"a"/"b"` climbs, -1 when it is no such path, and its parts."""
    parts: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        if not (isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)):
            return -1, []
        parts = [*node.right.value.strip("/").split("/"), *parts]
        node = node.left
    up = 0
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            up, node = up + 1, node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("resolve", "absolute"):
            node = node.func.value
        else:
            break
    given = node.args[0] if isinstance(node, ast.Call) and dotted_name(node.func).endswith("Path") and node.args else None
    return (up, parts) if up and dotted_name(given) == "__file__" and ".." not in parts else (-1, [])


def _layout_indexes(module: Module) -> Iterator[Defect]:
    """Yield constant positions taken in lists of page elements, outside a `try` and without a look at their length."""
    for function in [module.tree, *module.functions.values()]:
        lists = _element_lists(function)
        if not lists:
            continue
        measured = {
            dotted_name(n.args[0]) for n in walk(function) if isinstance(n, ast.Call) and dotted_name(n.func) == "len" and n.args
        }
        guarded = {id(n) for t in walk(function) if isinstance(t, ast.Try) for b in t.body for n in walk(b)}
        for node in walk(function):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.slice, ast.Constant)
                and isinstance(node.slice.value, int)
                and node.slice.value >= 1
            ):
                name = dotted_name(node.value)
                if name in lists and name not in measured and id(node) not in guarded:
                    yield Defect(
                        "layout-index",
                        module.path,
                        module.line(node),
                        module.excerpt(node),
                        Text("position fixe dans la mise en page d'un site", "fixed position in the layout of a page"),
                    )
                    return


def _element_lists(function: ast.AST) -> frozenset[str]:
    names = set()
    for node in walk(function):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr in ELEMENTS
        ):
            first = node.value.args[0] if node.value.args else None
            tag = first.value if isinstance(first, ast.Constant) else ""
            if not (isinstance(tag, str) and tag.split(" ")[-1] in ROWS):
                names |= {dotted_name(t) for t in node.targets}
    return frozenset(n for n in names if n)


def other_folder(module: Module, reads: list[Read], savings: Savings) -> Iterator[Defect]:
    """Yield the file that one script writes in a folder and that this one, beside it, reads from another."""
    for read in reads:
        name = base_name(read.target) if read.kind == FILE else ""
        writer = savings.files.get(name)
        if writer is None or writer.path == module.path or "{}" in writer.target + read.target:
            continue
        here, there = posixpath.dirname(posixpath.normpath(read.target)), posixpath.dirname(posixpath.normpath(writer.target))
        same_start = module.path.rpartition("/")[0] == writer.path.rpartition("/")[0]
        if same_start and here != there and not (read.target.startswith("/") or writer.target.startswith("/")):
            yield Defect(
                "other-folder",
                module.path,
                read.line,
                read.excerpt,
                Text(
                    f"« {read.target} » est lu ici mais écrit ailleurs (« {writer.target} », {writer.path})",
                    f'"{read.target}" is read here but written elsewhere ("{writer.target}", {writer.path})',
                ),
            )
            return
