"""Diagrams: sources in documents and files, drawings in characters, and images by their name and what stands around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.documents import CodeBlock, Documents, Link, Section
from checks.facts.lexicons import keys_of, load_topics, words
from checks.workspace import File, Workspace

IMAGES = (".png", ".jpg", ".jpeg", ".svg", ".webp", ".gif")
_KINDS = (
    *("entity-relation", "merise-conceptual", "merise-logical", "merise-physical", "data-flow", "sequence", "use-case"),
    *("user-journey", "architecture", "wireframe", "gantt", "pipeline"),
)
_MERMAID = {
    "erdiagram": "entity-relation",
    "sequencediagram": "sequence",
    "classdiagram": "class",
    "journey": "user-journey",
    "gantt": "gantt",
    "flowchart": "flowchart",
    "graph": "flowchart",
    "statediagram": "flowchart",
    "c4context": "architecture",
    "c4container": "architecture",
    "architecture-beta": "architecture",
}
_BOX = re.compile(r"[┌┐└┘├┤│─╔╗╚╝║═▼▲►◄]|\+-{3,}\+|-{2,}>|→|──>|\|\s*v\b")
LEAST_BOX_LINES = 4
# Folders of the pictures of a page or of data; those of a document are often in `assets` too, beside no interface.
_PICTURES = re.compile(
    r"(^|/)(static|public|data|datasets?|images_test|uploads)/"
    r"|(^|/)(src|app|apps|frontend|front|client|web|website|ui|www|mobile|lib)/(.*/)?assets/"
)
# Editors of tables, with what a table of theirs looks like: SQLEditor, pgModeler, MySQL Workbench (an archive).
_TABLES = {".sqs": re.compile(rb"<SQLTable\b"), ".dbm": re.compile(rb"<table\s"), ".mwb": re.compile(rb"^PK")}
_EDITORS = frozenset(
    (".drawio", ".dio", ".loo", ".mcd", ".mocodo", ".jmerise", ".excalidraw", ".fig", ".bmpr", ".pencil", ".epgz", *_TABLES)
)
_DRAWN = _EDITORS | frozenset((*IMAGES, ".pdf", ".json"))


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram: its notation, what kinds it may be, the entities it names, and the heading it stands under."""

    path: str
    line: int | None
    notation: str
    kinds: tuple[str, ...]
    entities: tuple[str, ...] = ()
    heading: str = ""
    text: str = ""


@dataclass(frozen=True)
class Diagrams:
    """Every diagram of the submission."""

    all: tuple[Diagram, ...]

    def of(self, *kinds: str) -> tuple[Diagram, ...]:
        """Return the diagrams that may be of one of these kinds, sources before images."""
        return tuple(
            sorted((d for d in self.all if set(d.kinds) & set(kinds)), key=lambda d: (d.notation == "image", d.path, d.line or 0))
        )


def diagrams(workspace: Workspace, documents: Documents) -> Diagrams:
    """Find the diagrams of counted sections, of diagram files, and the images of the repository that are named like one."""
    found = [d for section in documents.sections for d in _in_section(section, workspace)]
    shown = {d.path for d in found}
    found += [d for file in workspace.own if file.path not in shown for d in _in_file(file, workspace)]
    return Diagrams(tuple(found))


def _in_section(section: Section, workspace: Workspace) -> Iterator[Diagram]:
    around = " . ".join((*section.trail[-1:], section.heading))
    for block in section.code:
        diagram = _from_code(section, block, around)
        if diagram is not None:
            yield diagram
    for image in section.images:
        yield from _from_image(section, image, around, workspace)


def _from_code(section: Section, block: CodeBlock, around: str) -> Diagram | None:
    language, text = block.language, block.text[:40_000]
    if language == "mermaid" or re.match(r"\s*(erDiagram|flowchart|graph (TD|LR|TB|BT|RL)|sequenceDiagram|classDiagram)\b", text):
        return Diagram(
            section.path,
            block.line,
            "mermaid",
            _merge(_mermaid(text), _named(around)),
            _mermaid_entities(text),
            section.heading,
            text,
        )
    if language in ("plantuml", "puml") or "@startuml" in text:
        return Diagram(section.path, block.line, "plantuml", _merge(_plantuml(text), _named(around)), (), section.heading, text)
    if language == "dbml" or re.match(r"\s*Table \w+ {", text):
        tables = tuple(re.findall(r"^[ \t]*Table\s+\"?(\w+)", text, re.M | re.I))
        return Diagram(section.path, block.line, "dbml", ("entity-relation", "merise-physical"), tables, section.heading, text)
    if language == "mocodo" or re.search(r"^\w[\w ]*, (0N|1N|01|11) ", text, re.M):
        return Diagram(section.path, block.line, "mocodo", ("entity-relation", "merise-conceptual"), (), section.heading, text)
    if language in ("", "text", "txt", "ascii", "plaintext", "md", "markdown") and _is_drawing(text):
        kinds = _named(around) or (
            ("architecture",)
            if re.search(r"\b(api|frontend|backend|base|database|bdd|client|server|service)\b", text, re.I)
            else ()
        )
        return Diagram(section.path, block.line, "ascii", kinds or ("drawing",), (), section.heading, text)
    return None


def _is_drawing(text: str) -> bool:
    """Tell a drawing of boxes and arrows from a tree of files."""
    lines = [line for line in text.splitlines() if line.strip()]
    tree = sum(bool(re.match(r"^[\s│|]*(├──|└──|\|--|`--|\+--)", line)) for line in lines)
    boxes = sum(bool(_BOX.search(line)) for line in lines)
    return tree < 0.3 * len(lines) and boxes >= LEAST_BOX_LINES


def _mermaid(text: str) -> tuple[str, ...]:
    head = re.sub(r"^(\s*---.*?---|\s*%%[^\n]*\n|\s)+", "", text, flags=re.S).split(None, 1)
    kind = _MERMAID.get(re.sub(r"-v2$", "", head[0].lower()).rstrip(":"), "") if head else ""
    return (kind,) if kind else ()


def _mermaid_entities(text: str) -> tuple[str, ...]:
    if not re.search(r"^[ \t]*erDiagram", text, re.M):
        return ()
    named = re.findall(r"^[ \t]*\"?([A-Za-z_][\w-]*)\"?\s*(?:{|[|}o]{1,2}(?:--|\.\.))", text, re.M)
    right = re.findall(r"(?:--|\.\.)[|{o]{1,2}\s*\"?([A-Za-z_][\w-]*)", text)
    return tuple(dict.fromkeys((*named, *right)))


def _plantuml(text: str) -> tuple[str, ...]:
    for kind, pattern in (
        ("use-case", r"\busecase\b|^[ \t]*\([^)]+\)|:\w+:"),
        ("entity-relation", r"^[ \t]*entity\b|\}o--|\|\|--"),
        ("sequence", r"^[ \t]*participant\b|^[ \t]*\w+\s*->>?\s*\w+\s*:"),
        ("class", r"^[ \t]*(abstract )?class\b"),
        ("flowchart", r"^[ \t]*(start|:.*;)[ \t]*$"),
        ("architecture", r"^[ \t]*(component|node|package|database|cloud)\b|\[[^\]]+\]"),
    ):
        if re.search(pattern, text, re.M):
            return (kind,)
    return ()


def _from_image(section: Section, image: Link, around: str, workspace: Workspace) -> Iterator[Diagram]:
    if image.target.startswith(("http:", "https:", "data:")) and re.search(
        r"badge|shields|skillicons|actions/workflows", image.target
    ):
        return
    own = _named(f"{image.target.rsplit('/', 1)[-1]} {image.text}")
    kinds = own or _named(around)
    here = not image.target.startswith(("http:", "https:")) and _resolve(section.path, image.target, workspace) is None
    if kinds and not here:
        yield Diagram(section.path, image.line, "image", kinds, (), section.heading, f"{image.text} {image.target}".strip())


def _resolve(path: str, target: str, workspace: Workspace) -> File | None:
    import posixpath
    from urllib.parse import unquote

    plain = unquote(target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
    if "." not in plain.rsplit("/", 1)[-1] or plain.startswith("data:"):
        return File(path, b"")  # a picture of a word processor: its bytes are inside the document
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain.lstrip("/") if plain.startswith("/") else plain))
    return workspace.get(place) or workspace.get(plain.lstrip("./"))


def _in_file(file: File, workspace: Workspace) -> Iterator[Diagram]:
    if file.suffix not in _DRAWN:
        return
    kinds = _named(file.name.rsplit(".", 1)[0])
    if file.suffix in (".drawio", ".dio") or file.name.endswith((".drawio.svg", ".drawio.png")):
        yield Diagram(file.path, None, "drawio", kinds or ("architecture",), (), "", file.name)
    elif file.suffix in (".loo", ".mcd", ".mocodo", ".jmerise"):
        yield Diagram(file.path, None, "merise", _merge(("entity-relation", "merise-conceptual"), kinds), (), "", file.name)
    elif file.suffix in _TABLES:
        if _TABLES[file.suffix].search(file.data):
            yield Diagram(file.path, None, "tables", _merge(("entity-relation", "merise-physical"), kinds), (), "", file.name)
    elif file.suffix == ".excalidraw" or file.suffix in (".fig", ".bmpr", ".pencil", ".epgz"):
        yield Diagram(file.path, None, "image", kinds or ("wireframe",), (), "", file.name)
    elif file.suffix in IMAGES and kinds and not _PICTURES.search(file.path.lower().rsplit("/", 1)[0] + "/"):
        yield Diagram(file.path, None, "image", kinds, (), "", file.name)
    elif file.suffix == ".pdf" and kinds:
        yield Diagram(file.path, 1, "image", kinds, (), "", file.name)
    elif file.suffix == ".json" and kinds and "excalidraw" in file.text[:200]:
        yield Diagram(file.path, None, "image", kinds, (), "", _json_title(file))


def _json_title(file: File) -> str:
    try:
        return str(json.loads(file.text).get("type", file.name))
    except (ValueError, AttributeError):
        return file.name


def _named(text: str) -> tuple[str, ...]:
    """Return the kinds that a name, a caption or a heading says, by the lexicon."""
    spaced = re.sub(r"[_\-./]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    found = [set(keys_of(word)) for word in words(spaced)]
    topics, said = load_topics(), set[str]().union(*found)
    return tuple(
        kind
        for kind in _KINDS
        if any(
            all(key in found[start + i] for i, key in enumerate(term.keys))
            for term in topics[f"diagram-{kind}"]
            if said.issuperset(term.keys)
            for start in range(len(found) - len(term.keys) + 1)
        )
    )


def _merge(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second))) or ("drawing",)


FACTS = (diagrams,)
