"""Do documents record the treatments of personal data and the procedures that sort them out?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.facts.documents import Section
from checks.facts.schema_values import Schema
from checks.facts.zones import Explanations, Zone, body, has_substance
from checks.findings import evidence, met, not_met, partly, unshown
from checks.parts import Part, missing, present, sentence
from grader.values import Evidence, Finding, Text

PARTS = (
    ("register-purpose", Text("finalité", "purpose")),
    ("register-data", Text("données", "data")),
    ("register-basis", Text("base légale", "legal basis")),
    ("register-retention", Text("conservation", "retention")),
)
SHORTEST = 7
PROCEDURE_LINES = 4
FEWEST_STEPS = 3
_UNNEEDED = re.compile(
    r"\b(n['’]est|ne sont|is|are) (donc |pas |not )+(requis|nécessaire|applicable|concern|prévu|required|needed|planned)", re.I
)


@dataclass(frozen=True)
class _Register:
    """One document that may be a register: the parts found in it."""

    parts: tuple[Part, ...]
    tables: bool

    @property
    def found(self) -> int:
        return len(present(self.parts))


def _register(area: Zone) -> _Register:
    """Read the parts of a register off one document: names of columns, of lines, of headings."""
    parts = []
    for topic, name in PARTS:
        cells = (
            evidence(s.path, t.line, " | ".join(t.header))
            for s in area.sections
            for t in s.tables
            if any(area.topics.in_text(topic, cell) for cell in t.header) or _in_first_column(area, t.rows, topic)
        )
        parts.append(Part(name, next(cells, None) or next(iter(area.said(topic)), None) or area.headed(topic)))
    return _Register(tuple(parts), any(s.tables for s in area.sections))


def _in_first_column(area: Zone, rows: tuple[tuple[str, ...], ...], topic: str) -> bool:
    return any(row and area.topics.in_text(topic, row[0]) for row in rows[:60])


def keeps_a_register(explanations: Explanations, schema: Schema) -> Finding:
    """A register records each treatment of personal data: purpose, data, legal basis, retention.

    fr: Un registre décrit chaque traitement de données personnelles : finalité, données, base légale, conservation.
    why: The register is what the law asks for first when personal data are kept.
    pourquoi: Le registre est ce que la loi demande d'abord quand on garde des données personnelles.
    fix: Write a register with one entry per treatment: purpose, data, legal basis, retention, recipients.
    corriger: Écrire un registre avec une entrée par traitement : finalité, données, base légale, conservation, destinataires.
    """
    named = explanations.zone("processing-register", only=("heading", "trail"))
    best = max((_register(named.in_file(p)) for p in named.paths), key=lambda r: r.found, default=None)
    question = _uncovered(schema)
    if best and best.found == len(PARTS):
        return met(
            "Un registre des traitements donne finalité, données, base légale et conservation.",
            "A register of processing gives purpose, data, legal basis and retention.",
            present(best.parts),
            question=question,
        )
    if best and best.found >= 2:
        fr, en = sentence(best.parts)
        return partly(f"Registre incomplet : {fr}.", f"Incomplete register: {en}.", present(best.parts), question=question)
    private = explanations.zone("privacy", only=("heading", "trail"))
    told = max((_register(private.in_file(p)) for p in private.paths), key=lambda r: r.found, default=None)
    if told and told.found >= len(PARTS) - 1:
        fr, en = sentence(told.parts)
        return partly(
            f"Les traitements sont décrits, sans registre : {fr}.",
            f"The processing is described, without a register: {en}.",
            present(told.parts),
            question=question,
        )
    written = _written(explanations)
    if written:
        return partly(
            "Les données personnelles sont décrites, sans registre des traitements.",
            "Personal data are described, without a register of processing.",
            written,
            question=question,
        )
    return not_met(
        "Ni registre des traitements ni description des données personnelles.",
        "No register of processing, no description of personal data.",
        question=question,
    )


def _uncovered(schema: Schema) -> Text | None:
    column = next(iter(schema.personal), None)
    if column is None:
        return None
    return Text(
        f"Quel traitement de votre registre couvre la colonne « {column.column} » de la table « {column.table} » ({column.path}) ?",
        f'Which treatment of your register covers the column "{column.column}" of the table "{column.table}" ({column.path})?',
    )


def _written(explanations: Explanations) -> list[Evidence]:
    """Return what documents write on the personal data: a statement that there are none, or a section of its own."""
    return [*_sections(explanations), *_none_kept(explanations)]


def _none_kept(explanations: Explanations) -> list[Evidence]:
    """Return the statements that no personal data are kept."""
    return [e for e in explanations.everything.said("no-personal-data") if len(e.excerpt.split()) >= 4]


def _sections(explanations: Explanations) -> list[Evidence]:
    return [
        evidence(s.path, s.line, s.heading)
        for s in explanations.zone("privacy", only=("heading",)).sections
        if has_substance(s) and (s.tables or len(_long(s)) >= 2)
    ]


def _long(section: Section) -> list[tuple[int, str]]:
    return [(n, t) for n, t in body(section) if len(t.split()) >= 4]


def writes_procedures(explanations: Explanations, schema: Schema) -> Finding:
    """Procedures to sort out personal data are written: what is purged or made anonymous, when and how.

    fr: Des procédures de tri des données personnelles sont écrites : ce qui est purgé ou anonymisé, quand et comment.
    why: Without a procedure, retention periods stay words.
    pourquoi: Sans procédure, les durées de conservation restent des mots.
    fix: Write for each kind of data the criterion, the action (purge, anonymise), its frequency and the script that does it.
    corriger: Écrire par type de données le critère, l'action (purge, anonymisation), sa fréquence et le script qui la fait.
    """
    area = explanations.zone("privacy-procedure", only=("heading", "trail"))
    best = max((area.in_file(p) for p in area.paths), key=_weight, default=None)
    if best is not None and _carried_out(best) and (_weight(best) >= PROCEDURE_LINES or _in_steps(best)):
        return met(
            "Des procédures de tri des données personnelles sont écrites.",
            "Procedures to sort out personal data are written.",
            [*filter(None, [best.headed("privacy-procedure")]), *best.said("procedure-act")],
        )
    private = explanations.zone("privacy", count=2)
    told = [*area.said("procedure-act"), *private.said("procedure-act"), *private.said("privacy-rights")]
    told = [e for e in told if len(e.excerpt.split()) >= 4 and not _UNNEEDED.search(e.excerpt)]
    told += [evidence(s.path, s.line, s.heading) for s in area.named("privacy-procedure")]
    if told:
        return partly(
            "Conservation, purge ou droits sont mentionnés, sans procédure complète.",
            "Retention, purge or rights are mentioned, without a complete procedure.",
            told,
            question=Text(
                "Qui purge ou anonymise les données, quand, avec quel script ?",
                "Who purges or anonymises the data, when, with which script?",
            ),
        )
    none = _none_kept(explanations)
    if none and not schema.personal:
        return unshown(
            "Un document dit qu'aucune donnée personnelle n'est gardée, et aucune colonne n'en a le nom : rien à trier si c'est exact.",
            "A document says that no personal data are kept, and no column is named like any: nothing to sort out if that is so.",
            none,
            question=Text(
                "Comment savez-vous qu'aucune donnée personnelle n'est gardée, comptes et journaux compris ?",
                "How do you know that no personal data are kept, accounts and logs included?",
            ),
        )
    return not_met(
        "Aucun document ne décrit le tri des données personnelles.", "No document describes how personal data are sorted out."
    )


def _weight(area: Zone) -> int:
    return len(area.said("procedure-act"))


def _in_steps(area: Zone) -> bool:
    """Tell whether a chapter headed as a procedure tells its steps, one with its frequency and one that sorts data out."""
    return any(
        len(_long(s)) >= FEWEST_STEPS
        and any(area.topics.in_text("procedure-act", t) for _, t in _long(s))
        and any(area.topics.in_text("procedure-frequency", t) for _, t in _long(s))
        for s in area.named("privacy-procedure")
    )


def _carried_out(area: Zone) -> bool:
    """Tell whether the procedure says when or with what: a frequency, a script, a numbered list of steps."""
    coded = any(s.code for s in area.sections)
    return bool(area.said("procedure-frequency")) or coded or bool(area.commands("start", "crontab"))


def states_frequencies(explanations: Explanations) -> Finding:
    """The procedures state each treatment, automated or not, and how often it runs.

    fr: Les procédures précisent les traitements, automatiques ou non, et leur fréquence.
    why: A purge that nobody schedules does not happen.
    pourquoi: Une purge que personne ne planifie n'a pas lieu.
    fix: Give each treatment its frequency and say whether a script or a person does it.
    corriger: Donner à chaque traitement sa fréquence et dire si un script ou une personne le fait.
    """
    ask = Text(
        "À quelle fréquence chaque traitement de tri passe-t-il, et qui le lance ?",
        "How often does each sorting treatment run, and who starts it?",
    )
    area = explanations.zone("privacy-procedure", only=("heading", "trail"))
    parts = (
        Part(Text("traitements", "treatments"), next(iter(area.said("procedure-act")), None)),
        Part(Text("fréquence", "frequency"), next(iter(area.said("procedure-frequency")), None)),
    )
    if not missing(parts):
        return met(
            "Traitements et fréquences sont écrits.", "Treatments and frequencies are written.", present(parts), question=ask
        )
    if present(parts):
        fr, en = sentence(parts)
        return partly(f"Procédures en partie : {fr}.", f"Procedures in part: {en}.", present(parts), question=ask)
    return unshown("Aucune procédure de tri dans le dépôt.", "No sorting procedure in the repository.", question=ask)


CHECKS: tuple[Callable[..., Finding], ...] = (keeps_a_register, writes_procedures, states_frequencies)
