"""Rubrics: data with line-accurate errors. A rubric's version is the hash of its content, overlay included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from grader.errors import RubricInvalid
from grader.rules import Ask, Rule, RuleMalformed, checks_of, parse_rule
from grader.values import Text
from grader.yaml_lines import Lines, named

FORMAT = "jurygrid-rubric/1"
DECIDE = ("auto", "assist", "jury")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the grid; `line` is that of its rule in the rubric's file."""

    id: str
    decide: str
    text: Text
    rule: Rule
    question: Text | None = None
    line: int = field(default=0, compare=False)


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
    file: str = field(default="", compare=False)

    @property
    def criteria(self) -> Iterator[Criterion]:
        """All criteria, in order."""
        return (criterion for competency in self.competencies for criterion in competency.criteria)

    @property
    def by_block(self) -> bool:
        """Tell whether the lines are grouped by block: a certification whose competencies have no criteria of their own."""
        blocks = {b.id for b in self.blocks}
        return all(c.id in blocks for c in self.competencies)

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
        return self.only(frozenset(c for exam in exams for c in known[exam].competencies))

    def only(self, competencies: frozenset[str]) -> Rubric:
        """Return the part of the grid that some competencies make."""
        return replace(self, competencies=tuple(c for c in self.competencies if c.id in competencies))


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
    return _read(rubric_text(name), f"rubrics/{name}/rubric.yaml", overlay)


def read_rubric(data: bytes, name: str, overlay: bytes | None = None) -> Rubric:
    """Read a rubric's YAML, and its overlay's; `name` is what its errors call it. Raises RubricInvalid."""
    rubric = _Reader(data, name).rubric()
    return lay_over(rubric, overlay, f"{name}+overlay") if overlay else rubric


def rubric_text(name: str) -> bytes:
    """Return the YAML of a rubric that comes with the project. Raises RubricInvalid."""
    if name not in available():
        raise RubricInvalid("rubric-absent", rubric=name, rubrics=", ".join(available()))
    return files("rubrics").joinpath(name).joinpath("rubric.yaml").read_bytes()


def _read(data: bytes, name: str, overlay: Path | None) -> Rubric:
    rubric = _Reader(data, name).rubric()
    if overlay is None:
        return rubric
    if not overlay.is_file():
        raise RubricInvalid("overlay-absent", path=str(overlay))
    return lay_over(rubric, overlay.read_bytes(), str(overlay))


def lay_over(rubric: Rubric, overlay: bytes, name: str) -> Rubric:
    """Return the rubric with an institution's own wording: the overlay maps ids to `{fr: …, en: …}`, either or both."""
    reader = Lines(overlay, name)
    texts = reader.mapping(reader.root, Text("les libellés", "the overlay"))
    known = {c.id for c in rubric.criteria} | {c.id for c in rubric.competencies} | {b.id for b in rubric.blocks}
    for key, node in texts.items():
        if key not in known:
            reader.wrong(node, f"{key} n'est pas un identifiant de {rubric.id}", f"{key} is no id of {rubric.id}")
        elif given := reader.mapping(node, named(key)):
            reader.known_keys(given, "fr en", named(key))
            for language in given:
                reader.scalar(given, language, node, named(key))
    reader.finish()
    words = {key: {k: v.value for k, v in reader.mapping(node, named(key)).items()} for key, node in texts.items()}

    def laid(key: str, text: Text) -> Text:
        return Text(words.get(key, {}).get("fr", text.fr), words.get(key, {}).get("en", text.en))

    competencies = tuple(
        replace(c, text=laid(c.id, c.text), criteria=tuple(replace(k, text=laid(k.id, k.text)) for k in c.criteria))
        for c in rubric.competencies
    )
    return replace(rubric, competencies=competencies, blocks=tuple(replace(b, text=laid(b.id, b.text)) for b in rubric.blocks))


_RUBRIC, _TITLE = Text("la grille", "the rubric"), Text("title", "title")
_BLOCK, _EXAM = Text("un bloc", "a block"), Text("une épreuve", "an exam")
_COMPETENCY, _CRITERION = Text("une compétence", "a competency"), Text("un critère", "a criterion")


class _Reader(Lines):
    """Reads a rubric. Remembers where each id stands, for what can only be checked on the whole."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data, name)
        self.places: list[tuple[str, Any]] = []
        self.uses: list[tuple[str, str, Any]] = []

    def rubric(self) -> Rubric:
        top = self.mapping(self.root, _RUBRIC)
        self.finish()
        self.known_keys(top, "format id title level rules blocks exams competencies jury", _RUBRIC)
        if self.scalar(top, "format", self.root, _RUBRIC) not in ("", FORMAT):
            self.wrong(top["format"], f"format inconnu : il faut {FORMAT}", f"unknown format: it must be {FORMAT}")
        identity = self.scalar(top, "id", self.root, _RUBRIC)
        title = self.text(self.mapping(top.get("title", self.root), _TITLE), top.get("title", self.root), _TITLE)
        blocks = tuple(self.block(n) for n in self.sequence(top.get("blocks"), named("blocks")))
        exams = tuple(self.exam(n) for n in self.sequence(top.get("exams"), named("exams")))
        competencies = tuple(self.competency(n) for n in self.sequence(top.get("competencies"), named("competencies")))
        self.cross_check({c.id for c in competencies}, {c for b in blocks for c in b.competencies})
        self.finish()
        return Rubric(identity, title, blocks, exams, competencies, self.name)

    def part(self, node: Any, what: Text) -> tuple[dict[str, Any], str]:
        """Return the fields of a part and its id."""
        fields = self.mapping(node, what)
        return fields, self.scalar(fields, "id", node, what) if fields else ""

    def used(self, fields: dict[str, Any], parent: Any, identity: str) -> tuple[str, ...]:
        nodes = self.sequence(fields.get("competencies", parent), named(f"{identity}: competencies"))
        self.uses += [(identity, str(n.value), n) for n in nodes]
        return tuple(str(n.value) for n in nodes)

    def block(self, node: Any) -> Block:
        fields, identity = self.part(node, _BLOCK)
        if not fields:
            return Block("", Text("", ""), ())
        return Block(identity, self.text(fields, node, named(identity)), self.used(fields, node, identity))

    def exam(self, node: Any) -> Exam:
        fields, identity = self.part(node, _EXAM)
        if not fields:
            return Exam("", ())
        handed = self.sequence(fields["deliverables"], named(f"{identity}: deliverables")) if "deliverables" in fields else []
        return Exam(identity, self.used(fields, node, identity), tuple(str(n.value) for n in handed))

    def competency(self, node: Any) -> Competency:
        fields, identity = self.part(node, _COMPETENCY)
        if not fields:
            return Competency("", Text("", ""), ())
        self.known_keys(fields, "id fr en criteria", named(identity))
        self.places.append((identity, fields.get("id", node)))
        criteria = tuple(self.criterion(n) for n in self.sequence(fields.get("criteria", node), named(f"{identity}: criteria")))
        return Competency(identity, self.text(fields, node, named(identity)), criteria)

    def criterion(self, node: Any) -> Criterion:
        fields, identity = self.part(node, _CRITERION)
        if not fields:
            return Criterion("", "", Text("", ""), Ask(()))
        what = named(identity)
        self.known_keys(fields, "id decide fr en rule question", what)
        self.places.append((identity, fields.get("id", node)))
        decide = self.scalar(fields, "decide", node, what)
        if decide and decide not in DECIDE:
            one_of = ", ".join(DECIDE)
            self.wrong(
                fields["decide"],
                f"{identity} : decide est un de {one_of}, pas {decide}",
                f"{identity}: decide must be one of {one_of}, not {decide}",
            )
        question = self.text(self.mapping(fields["question"], what), node, what) if "question" in fields else None
        rule = self.rule(fields.get("rule"), node, identity, proposes=decide == "auto")
        line = fields.get("rule", node).start_mark.line + 1
        return Criterion(identity, decide, self.text(fields, node, what), rule, question, line)

    def rule(self, node: Any, parent: Any, identity: str, *, proposes: bool) -> Rule:
        if node is None:
            self.wrong(parent, f"{identity} : il manque rule", f"{identity} needs rule")
            return Ask(())
        try:
            rule = parse_rule(yaml.SafeLoader("").construct_document(node))
        except RuleMalformed as error:
            self.wrong(node, f"{identity} : {error.text.fr}", f"{identity}: {error.text.en}")
            return Ask(())
        except (ValueError, yaml.YAMLError) as error:
            self.wrong(node, f"{identity} : {error}", f"{identity}: {error}")
            return Ask(())
        if proposes and isinstance(rule, Ask):
            self.wrong(
                node,
                f"{identity} : un critère auto demande une règle qui propose, pas ask",
                f"{identity}: an auto criterion needs a rule that proposes, not ask",
            )
        return rule

    def cross_check(self, known: set[str], in_blocks: set[str]) -> None:
        """Check what only the whole can tell: ids given twice, ids that are no competency, competencies in no block."""
        seen: set[str] = set()
        for identity, node in self.places:
            if identity in seen:
                self.wrong(node, f"{identity} est donné deux fois", f"{identity} is given twice")
            elif identity in known and identity not in in_blocks:
                self.wrong(node, f"{identity} n'est dans aucun bloc", f"{identity} is in no block")
            seen.add(identity)
        for group, identity, node in self.uses:
            if identity not in known:
                self.wrong(
                    node,
                    f"{group} nomme {identity}, qui n'est pas une compétence",
                    f"{group} names {identity}, which is no competency",
                )


def unknown_checks(rubric: Rubric, known: frozenset[str]) -> list[Text]:
    """Return a sentence, with its line, for each check that a rule names and that does not exist."""
    return [
        Text(
            f"{rubric.file}:{criterion.line}: {criterion.id} : aucun contrôle ne s'appelle {check}",
            f"{rubric.file}:{criterion.line}: {criterion.id}: no such check: {check}",
        )
        for criterion in rubric.criteria
        for check in checks_of(criterion.rule)
        if check not in known
    ]
