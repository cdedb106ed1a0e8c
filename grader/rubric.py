"""Rubrics: data with line-accurate errors. A rubric's version is the hash of its content, overlay included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from grader.errors import RubricInvalid
from grader.rules import Ask, Rule, checks_of, parse_rule
from grader.values import Text

DECIDE = ("auto", "assist", "jury")
MOST_NODES = 200_000


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the grid."""

    id: str
    decide: str
    text: Text
    rule: Rule
    question: Text | None = None


@dataclass(frozen=True, slots=True)
class Competency:
    """A competency and its criteria, in the grid's order."""

    id: str
    text: Text
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of competencies, validated on its own."""

    id: str
    text: Text
    competencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam and the competencies it assesses."""

    id: str
    competencies: tuple[str, ...]
    deliverables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rubric:
    """A whole certification grid."""

    id: str
    title: Text
    blocks: tuple[Block, ...]
    exams: tuple[Exam, ...]
    competencies: tuple[Competency, ...]

    @property
    def criteria(self) -> Iterator[Criterion]:
        """All criteria, in order."""
        return (criterion for competency in self.competencies for criterion in competency.criteria)

    @cached_property
    def checks(self) -> frozenset[str]:
        """Ids of every check that some rule names."""
        return frozenset(check for criterion in self.criteria for check in checks_of(criterion.rule))

    @cached_property
    def version(self) -> str:
        """Hash of the content: 64 hexadecimal digits."""
        plain = [[c.id, c.decide, c.text.fr, c.text.en, repr(c.rule), repr(c.question)] for c in self.criteria]
        shape = [self.id, [[b.id, b.competencies] for b in self.blocks], [[e.id, e.competencies] for e in self.exams], plain]
        return hashlib.sha256(json.dumps(shape, ensure_ascii=True).encode()).hexdigest()

    def for_exams(self, exams: tuple[str, ...]) -> Rubric:
        """Return the part of the grid that the named exams assess, all of it when none is named. Raises RubricInvalid."""
        known = {exam.id: exam for exam in self.exams}
        for exam in exams:
            if exam not in known:
                raise RubricInvalid("exam-unknown", exam=exam, exams=", ".join(known))
        if not exams:
            return self
        wanted = {c for exam in exams for c in known[exam].competencies}
        return replace(self, competencies=tuple(c for c in self.competencies if c.id in wanted))


def available() -> tuple[str, ...]:
    """Return the ids of the rubrics that come with the project."""
    return tuple(sorted(p.name for p in files("rubrics").iterdir() if p.joinpath("rubric.yaml").is_file()))


def load_rubric(name: str, overlay: Path | None = None) -> Rubric:
    """Load a rubric by id or by path. Raises RubricInvalid, whose sentence lists every defect with its line."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_dir():
        file = path / "rubric.yaml" if path.is_dir() else path
        if not file.is_file():
            raise RubricInvalid("rubric-absent", rubric=name, rubrics=", ".join(available()))
        return _read(file.read_bytes(), str(file), overlay)
    if name not in available():
        raise RubricInvalid("rubric-absent", rubric=name, rubrics=", ".join(available()))
    return _read(files("rubrics").joinpath(name).joinpath("rubric.yaml").read_bytes(), f"rubrics/{name}/rubric.yaml", overlay)


def _read(data: bytes, name: str, overlay: Path | None) -> Rubric:
    rubric = _Reader(data, name).rubric()
    return lay_over(rubric, overlay) if overlay else rubric


def lay_over(rubric: Rubric, overlay: Path) -> Rubric:
    """Return the rubric with an institution's own wording: the overlay maps ids to `{fr: …, en: …}`, either or both."""
    if not overlay.is_file():
        raise RubricInvalid("overlay-absent", path=str(overlay))
    reader = _Reader(overlay.read_bytes(), str(overlay))
    texts = reader.mapping(reader.root, "the overlay")
    known = {c.id for c in rubric.criteria} | {c.id for c in rubric.competencies} | {b.id for b in rubric.blocks}
    for key, node in texts.items():
        if key not in known:
            reader.wrong(node, f"{key} is no id of {rubric.id}")
        elif set(reader.mapping(node, key)) - {"fr", "en"}:
            reader.wrong(node, f"{key}: only fr and en may be given")
    reader.finish()
    words = {key: {k: v.value for k, v in reader.mapping(node, key).items()} for key, node in texts.items()}

    def laid(key: str, text: Text) -> Text:
        return Text(words.get(key, {}).get("fr", text.fr), words.get(key, {}).get("en", text.en))

    competencies = tuple(
        replace(c, text=laid(c.id, c.text), criteria=tuple(replace(k, text=laid(k.id, k.text)) for k in c.criteria))
        for c in rubric.competencies
    )
    return replace(rubric, competencies=competencies, blocks=tuple(replace(b, text=laid(b.id, b.text)) for b in rubric.blocks))


class _Reader:
    """Walks YAML nodes, which remember their lines; collects every defect before refusing."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.defects: list[str] = []
        try:
            loader = yaml.CSafeLoader(data.decode("utf-8"))
            root = loader.get_single_node()
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            self.defects.append(f"{name}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', None) or error}")
            self.finish()
            raise
        self.root = root if root is not None else yaml.MappingNode("tag:yaml.org,2002:map", [])

    def wrong(self, node: Any, what: str) -> None:
        line = node.start_mark.line + 1 if node is not None and node.start_mark else 1
        self.defects.append(f"{self.name}:{line}: {what}")

    def finish(self) -> None:
        if self.defects:
            raise RubricInvalid("rubric-invalid", count=len(self.defects), defects="\n".join(self.defects))

    def mapping(self, node: Any, what: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} must be a mapping")
            return {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:
                self.wrong(key, f"{what}: {key.value} is given twice")
            found[key.value] = value
        return found

    def sequence(self, node: Any, what: str) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"{what} must be a list")
            return []
        return list(node.value)

    def scalar(self, fields: dict[str, Any], key: str, parent: Any, what: str) -> str:
        node = fields.get(key)
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.wrong(node or parent, f"{what} needs {key}")
            return ""
        return str(node.value)

    def text(self, fields: dict[str, Any], parent: Any, what: str) -> Text:
        return Text(self.scalar(fields, "fr", parent, what), self.scalar(fields, "en", parent, what))

    def ids(self, fields: dict[str, Any], key: str, parent: Any, what: str) -> tuple[str, ...]:
        node = fields.get(key)
        return tuple(str(n.value) for n in self.sequence(node or parent, f"{what}: {key}"))

    def known_keys(self, fields: dict[str, Any], allowed: str, what: str) -> None:
        for key, node in fields.items():
            if key not in allowed.split():
                self.wrong(node, f"{what}: unknown key {key} (known: {allowed})")

    def rubric(self) -> Rubric:
        top = self.mapping(self.root, "the rubric")
        self.known_keys(top, "format id title level rules blocks exams competencies jury", "the rubric")
        identity = self.scalar(top, "id", self.root, "the rubric")
        title = self.text(self.mapping(top.get("title", self.root), "title"), self.root, "title")
        blocks = tuple(self.block(n) for n in self.sequence(top.get("blocks", self.root), "blocks"))
        exams = tuple(self.exam(n) for n in self.sequence(top.get("exams", self.root), "exams"))
        competencies = tuple(self.competency(n) for n in self.sequence(top.get("competencies", self.root), "competencies"))
        rubric = Rubric(identity, title, blocks, exams, competencies)
        self.cross_check(rubric)
        self.finish()
        return rubric

    def block(self, node: Any) -> Block:
        fields = self.mapping(node, "a block")
        identity = self.scalar(fields, "id", node, "a block")
        return Block(identity, self.text(fields, node, identity), self.ids(fields, "competencies", node, identity))

    def exam(self, node: Any) -> Exam:
        fields = self.mapping(node, "an exam")
        identity = self.scalar(fields, "id", node, "an exam")
        deliverables = self.ids(fields, "deliverables", node, identity) if "deliverables" in fields else ()
        return Exam(identity, self.ids(fields, "competencies", node, identity), deliverables)

    def competency(self, node: Any) -> Competency:
        fields = self.mapping(node, "a competency")
        self.known_keys(fields, "id fr en criteria", "a competency")
        identity = self.scalar(fields, "id", node, "a competency")
        criteria = tuple(self.criterion(n) for n in self.sequence(fields.get("criteria", node), f"{identity}: criteria"))
        return Competency(identity, self.text(fields, node, identity), criteria)

    def criterion(self, node: Any) -> Criterion:
        fields = self.mapping(node, "a criterion")
        identity = self.scalar(fields, "id", node, "a criterion")
        self.known_keys(fields, "id decide fr en rule question", identity)
        decide = self.scalar(fields, "decide", node, identity)
        if decide and decide not in DECIDE:
            self.wrong(fields["decide"], f"{identity}: decide must be one of {', '.join(DECIDE)}, not {decide}")
        question = self.text(self.mapping(fields["question"], identity), node, identity) if "question" in fields else None
        rule = self.rule(fields.get("rule"), node, identity)
        if decide == "auto" and isinstance(rule, Ask):
            self.wrong(fields.get("rule", node), f"{identity}: an auto criterion needs a rule that proposes, not ask")
        return Criterion(identity, decide, self.text(fields, node, identity), rule, question)

    def rule(self, node: Any, parent: Any, what: str) -> Rule:
        if node is None:
            self.wrong(parent, f"{what} needs rule")
            return Ask(())
        try:
            return parse_rule(yaml.SafeLoader("").construct_document(node))
        except (ValueError, yaml.YAMLError) as error:
            self.wrong(node, f"{what}: {error}")
            return Ask(())

    def cross_check(self, rubric: Rubric) -> None:
        known = [c.id for c in rubric.competencies]
        everything = known + [c.id for c in rubric.criteria]
        for identity in sorted({i for i in everything if everything.count(i) > 1}):
            self.wrong(self.root, f"{identity} is given twice")
        groups = [(b.id, b.competencies) for b in rubric.blocks] + [(e.id, e.competencies) for e in rubric.exams]
        for group, named in groups:
            for competency in named:
                if competency not in known:
                    self.wrong(self.root, f"{group} names {competency}, which is no competency")
        for competency in known:
            if not any(competency in b.competencies for b in rubric.blocks):
                self.wrong(self.root, f"{competency} is in no block")


def unknown_checks(rubric: Rubric, known: frozenset[str]) -> list[str]:
    """Return a sentence for each check that a rule names and that does not exist."""
    return [
        f"{criterion.id}: no such check: {check}"
        for criterion in rubric.criteria
        for check in checks_of(criterion.rule)
        if check not in known
    ]
