"""Does a plan govern the data: policy, roll-out, training, audits, risks? Pointers for a jury that judges them."""

from __future__ import annotations

from collections.abc import Callable

from checks.covering import Subject, about, covered, place, told, whole
from checks.facts.documents import Documents
from checks.facts.topics import Topics
from checks.facts.zones import Zone
from checks.parts import Part
from grader.values import Finding, Text

_POLICY = Subject(
    Text("Politique de gouvernance", "Governance policy"),
    (
        ("governance-stakeholder", Text("parties prenantes", "stakeholders")),
        ("governance-role", Text("rôles", "roles")),
        ("governance-compliance", Text("conformité", "compliance")),
        ("governance-quality", Text("qualité", "quality")),
        ("governance-availability", Text("disponibilité", "availability")),
        ("governance-security", Text("sécurité", "security")),
        ("governance-confidentiality", Text("confidentialité", "confidentiality")),
    ),
    Text(
        "Avec qui cette politique a-t-elle été conçue, et qui en répond ?",
        "With whom was this policy designed, and who answers for it?",
    ),
)
_ROLL_OUT = Subject(
    Text("Mise en œuvre de la politique", "Roll-out of the policy"),
    (
        ("governance-rollout", Text("étapes", "stages")),
        ("governance-role", Text("responsabilités", "responsibilities")),
        ("governance-change", Text("conduite du changement", "change management")),
        ("governance-indicator", Text("indicateurs", "indicators")),
    ),
    Text("Qu'est-ce qui a déjà été mis en œuvre, et par qui ?", "What has been implemented already, and by whom?"),
)
_TRAINING = Subject(
    Text("Formation et sensibilisation", "Training and awareness"),
    (
        ("governance-training", Text("plan de formation", "training plan")),
        ("governance-awareness", Text("sensibilisation", "awareness")),
        ("governance-inclusion", Text("formats accessibles", "accessible formats")),
    ),
    Text(
        "Comment une personne en situation de handicap suit-elle cette formation ?",
        "How does a person with a disability follow this training?",
    ),
)
_AUDIT = Subject(
    Text("Audits", "Audits"),
    (
        ("governance-audit", Text("plan d'audit", "audit plan")),
        ("governance-frequency", Text("fréquence", "frequency")),
        ("governance-regulation", Text("règlements", "regulations")),
        ("governance-correction", Text("suites données", "follow-up")),
    ),
    Text("Qui audite, à quelle fréquence, et que devient un écart ?", "Who audits, how often, and what becomes of a gap?"),
)
_RISKS = Subject(
    Text("Risques liés aux données", "Data risks"),
    (
        ("risk-of-data", Text("risques nommés", "named risks")),
        ("risk-likelihood", Text("probabilité", "likelihood")),
        ("risk-impact", Text("gravité", "impact")),
        ("risk-measure", Text("mesures", "measures")),
    ),
    Text("Quel risque est le plus grave, et quelle mesure le réduit ?", "Which risk is the most serious, and what reduces it?"),
)


def _covered(subject: Subject, everything: Zone) -> Finding:
    return covered(subject, about(everything, "governance-plan"), everything)


def _chapters(area: Zone, topic: str) -> Zone:
    """Return the chapters of a topic in an area, what stands below their headings included."""
    return area.narrowed(lambda s: any(h and area.topics.in_text(topic, h) for h in (s.heading, *s.trail[1:])))


def covers_the_policy(documents: Documents, topics: Topics) -> Finding:
    """A governance policy covers stakeholders, roles, compliance, quality, availability, security and confidentiality.

    fr: Une politique de gouvernance couvre parties prenantes, rôles, conformité, qualité, disponibilité, sécurité et confidentialité.
    why: What the policy leaves out, nobody governs.
    pourquoi: Ce que la politique ne couvre pas, personne ne le gouverne.
    fix: Give the governance plan one chapter for each of these, with who decides.
    corriger: Donner au plan de gouvernance un chapitre pour chacun de ces points, avec qui en décide.
    """
    return _covered(_POLICY, whole(documents, topics))


def rolls_out_the_policy(documents: Documents, topics: Topics) -> Finding:
    """The roll-out of the policy is planned: stages, responsibilities, change management, indicators.

    fr: La mise en œuvre de la politique est planifiée : étapes, responsabilités, conduite du changement, indicateurs.
    why: A policy that nobody carries stays a document.
    pourquoi: Une politique que personne ne porte reste un document.
    fix: Write the stages with dates, who carries each, how teams are won over, and what measures progress.
    corriger: Écrire les étapes datées, qui porte chacune, comment les équipes sont entraînées, et ce qui mesure l'avancée.
    """
    return _covered(_ROLL_OUT, whole(documents, topics))


def trains_everybody(documents: Documents, topics: Topics) -> Finding:
    """Training and awareness are planned for all staff, in accessible formats.

    fr: Formation et sensibilisation sont prévues pour tous, dans des formats accessibles.
    why: Data are handled by everybody, people with disabilities included.
    pourquoi: Tout le monde manipule des données, les personnes en situation de handicap aussi.
    fix: Write who is trained in what, when, and in which accessible formats.
    corriger: Écrire qui est formé à quoi, quand, et dans quels formats accessibles.
    """
    return _covered(_TRAINING, whole(documents, topics))


def is_audited(documents: Documents, topics: Topics) -> Finding:
    """Audits are planned with their frequency, the regulations they check, and what follows.

    fr: Des audits sont prévus, avec leur fréquence, les règlements contrôlés et leurs suites.
    why: Conformity that nobody checks again does not last.
    pourquoi: Une conformité que personne ne revérifie ne dure pas.
    fix: Plan the audits: scope, frequency, regulations, who follows up.
    corriger: Planifier les audits : périmètre, fréquence, règlements, qui en suit les suites.
    """
    everything = whole(documents, topics)
    plan = about(everything, "governance-plan")
    chapters = _chapters(plan or everything, "governance-audit")
    # A frequency and a follow-up are those of an audit only where audits are spoken of.
    places = {"governance-audit": plan or chapters, "governance-regulation": plan or chapters}
    return told(_AUDIT, tuple(Part(name, place(places.get(topic, chapters), topic)) for topic, name in _AUDIT.parts))


def assesses_risks(documents: Documents, topics: Topics) -> Finding:
    """The risks of the data are assessed: likelihood, impact, measures.

    fr: Les risques liés aux données sont évalués : probabilité, gravité, mesures.
    why: Means go where the risk is, once it is written down.
    pourquoi: Les moyens vont là où est le risque, une fois qu'il est écrit.
    fix: Keep a table of risks: likelihood, impact, measure, owner.
    corriger: Tenir un tableau des risques : probabilité, gravité, mesure, responsable.
    """
    everything = whole(documents, topics)
    chapters = _chapters(about(everything, "governance-plan"), "governance-risk") or _chapters(everything, "governance-risk")
    return told(_RISKS, tuple(Part(name, place(chapters, topic)) for topic, name in _RISKS.parts))


CHECKS: tuple[Callable[..., Finding], ...] = (
    covers_the_policy,
    rolls_out_the_policy,
    trains_everybody,
    is_audited,
    assesses_risks,
)
