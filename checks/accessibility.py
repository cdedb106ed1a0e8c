"""Documentation shared in a format that everyone can read: the document itself, not the application."""

from __future__ import annotations

from collections import Counter

from checks import ai_service_docs, api_docs, chain_docs, install_docs, monitoring_docs, test_docs
from checks.facts.ai_code import AiCode
from checks.facts.ai_use import AiUse
from checks.facts.api_manual import ApiManual
from checks.facts.chain_manual import ChainManual
from checks.facts.document_accessibility import SERIOUS, issues_of
from checks.facts.documents import AccessibilityIssue, Document, Documents
from checks.facts.install_manual import InstallManual
from checks.facts.monitoring import Monitoring
from checks.facts.monitoring_manual import MonitoringManual
from checks.facts.openapi import OpenApi
from checks.facts.route_mentions import RouteMentions
from checks.facts.routing import Routes
from checks.facts.served import Served
from checks.facts.testing_manual import ManualOfTests
from checks.facts.topics import BODY, Topics
from checks.facts.zones import Explanations
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding, Text

MOST_DOCUMENTS = 4
FEW_ISSUES = 2
RULES: dict[str, Text] = {
    "untagged": Text("PDF non balisé", "untagged PDF"),
    "language": Text("langue non indiquée", "language not set"),
    "title": Text("titre absent des propriétés", "no title in the properties"),
    "heading-order": Text("niveaux de titre sautés", "skipped heading levels"),
    "no-heading": Text("aucun titre", "no heading"),
    "image-alt": Text("images sans texte alternatif", "images without alternative text"),
    "table-header": Text("tableaux sans en-têtes", "tables without headers"),
    "link-text": Text("liens au texte vague", "links with vague text"),
    "slide-title": Text("diapositives sans titre", "slides without title"),
}


def _about(topic: str, documents: Documents, topics: Topics) -> tuple[Document, ...]:
    """Return the documents that carry a topic, those whose headings name it first."""
    passages = [p for p in topics.about(topic, body=4) if p.where != BODY or len(p.hits) >= 4]
    paths = list(dict.fromkeys(p.section.path for p in passages))[:MOST_DOCUMENTS]
    return tuple(d for path in paths if (d := documents.get(path)) is not None)


def _holding(written: Finding | None, documents: Documents) -> tuple[Document, ...]:
    """Return the documents in which another check found what is written on a subject."""
    paths = dict.fromkeys(e.path for e in written.evidence) if written is not None else ()
    return tuple(d for path in paths if (d := documents.get(path)) is not None and d.counts)


def _finding(topic: str, subject: Text, documents: Documents, topics: Topics, written: Finding | None = None) -> Finding:
    found = tuple(dict.fromkeys((*_holding(written, documents), *_about(topic, documents, topics))))
    if not found:
        return not_met(
            f"Aucun document du dépôt ne porte sur {subject.fr}.", f"No document of the repository is about {subject.en}."
        )
    judged = [(d, issues_of(d)) for d in found]
    best = min(judged, key=lambda pair: _weight(pair[1]))  # the first of the most accessible: what holds the subject comes first
    places = [e for d, issues in (best, *(j for j in judged if j is not best)) for e in _places(d, issues)]
    told = _told(best[1])
    name = best[0].path
    if _weight(best[1]) == 0:
        return met(
            f"{name} est un document structuré, sans défaut d'accessibilité relevé.",
            f"{name} is a structured document; no accessibility defect was seen.",
            places,
        )
    if any(i.rule == "untagged" for i in best[1]):
        return not_met(
            f"Le seul format partagé n'est pas accessible ({name} : {told.fr}).",
            f"The only format shared is not accessible ({name}: {told.en}).",
            places,
        )
    if _weight(best[1]) <= FEW_ISSUES:
        return met(f"{name} est structuré ; à corriger : {told.fr}.", f"{name} is structured; to mend: {told.en}.", places)
    return partly(
        f"{name} est lisible mais garde des défauts : {told.fr}.", f"{name} is readable but keeps defects: {told.en}.", places
    )


def _weight(issues: tuple[AccessibilityIssue, ...]) -> int:
    return sum(i.rule in SERIOUS for i in issues)


def _told(issues: tuple[AccessibilityIssue, ...]) -> Text:
    counts = Counter(i.rule for i in issues)
    fr = ", ".join(f"{RULES[rule].fr} ({count})" for rule, count in sorted(counts.items()) if rule in RULES)
    en = ", ".join(f"{RULES[rule].en} ({count})" for rule, count in sorted(counts.items()) if rule in RULES)
    return Text(fr, en)


def _places(document: Document, issues: tuple[AccessibilityIssue, ...]) -> list[Evidence]:
    shown = [
        evidence(document.path, i.line, f"{RULES[i.rule].en}: {i.detail}" if i.detail else RULES[i.rule].en)
        for i in issues
        if i.rule in RULES
    ]
    first = next((s for s in document.sections if s.heading), document.sections[0])
    return [evidence(document.path, first.line, first.heading or document.title), *shown[:2]]


def watch_summaries_documentation_is_accessible(documents: Documents, topics: Topics) -> Finding:
    """Watch summaries are shared in an accessible format.

    fr: Les synthèses de veille sont partagées dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the technology watch.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur la veille.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    return _finding("accessible-watch", Text("la veille", "the technology watch"), documents, topics)


def ai_service_documentation_is_accessible(documents: Documents, topics: Topics, explanations: Explanations) -> Finding:
    """The AI service's documentation is shared in an accessible format.

    fr: La documentation du service d'IA est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the AI service.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur le service d'IA.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = ai_service_docs.covers_the_service(explanations)
    return _finding("accessible-ai-service", Text("le service d'IA", "the AI service"), documents, topics, written)


def model_api_documentation_is_accessible(
    documents: Documents,
    topics: Topics,
    api_manual: ApiManual,
    served: Served,
    openapi: OpenApi,
    routes: Routes,
    route_mentions: RouteMentions,
) -> Finding:
    """The model API's documentation is shared in an accessible format.

    fr: La documentation de l'API du modèle est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the API.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur l'API.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = api_docs.covers_architecture_and_endpoints(api_manual, served, openapi, routes, route_mentions)
    return _finding("accessible-api", Text("l'API", "the API"), documents, topics, written)


def model_monitoring_documentation_is_accessible(
    documents: Documents, topics: Topics, monitoring_manual: MonitoringManual, monitoring: Monitoring
) -> Finding:
    """The model monitoring's documentation is shared in an accessible format.

    fr: La documentation du suivi du modèle est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the model's monitoring.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur le suivi du modèle.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = monitoring_docs.explains_the_monitoring_of_the_model(monitoring_manual, monitoring)
    subject = Text("le suivi du modèle", "the model's monitoring")
    return _finding("accessible-model-monitoring", subject, documents, topics, written)


def model_tests_documentation_is_accessible(
    documents: Documents, topics: Topics, testing_manual: ManualOfTests, ai_code: AiCode, ai_use: AiUse
) -> Finding:
    """The tests' documentation is shared in an accessible format.

    fr: La documentation des tests est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the tests.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur les tests.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = test_docs.explains_running_the_tests(testing_manual, ai_code, ai_use)
    return _finding("accessible-tests", Text("les tests", "the tests"), documents, topics, written)


def model_chain_documentation_is_accessible(documents: Documents, topics: Topics, chain_manual: ChainManual) -> Finding:
    """The model chain's documentation is shared in an accessible format.

    fr: La documentation de la chaîne du modèle est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about the integration chain.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur la chaîne d'intégration.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = chain_docs.explains_the_set_up_of_the_model_chain(chain_manual)
    return _finding("accessible-chain", Text("la chaîne d'intégration", "the integration chain"), documents, topics, written)


def application_documentation_is_accessible(documents: Documents, topics: Topics, install_manual: InstallManual) -> Finding:
    """The application's documentation is shared in an accessible format.

    fr: La documentation de l'application est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about installation and architecture.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur l'installation et l'architecture.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = install_docs.covers_the_application(install_manual)
    subject = Text("l'installation et l'architecture", "installation and architecture")
    return _finding("accessible-application", subject, documents, topics, written)


def integration_documentation_is_accessible(documents: Documents, topics: Topics, chain_manual: ChainManual) -> Finding:
    """The integration chain's documentation is shared in an accessible format.

    fr: La documentation de l'intégration continue est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about continuous integration.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur l'intégration continue.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = chain_docs.explains_the_set_up_of_the_chain(chain_manual)
    return _finding("accessible-chain", Text("l'intégration continue", "continuous integration"), documents, topics, written)


def delivery_documentation_is_accessible(documents: Documents, topics: Topics, chain_manual: ChainManual) -> Finding:
    """The delivery chain's documentation is shared in an accessible format.

    fr: La documentation de la livraison est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about delivery.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur la livraison.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = chain_docs.explains_the_set_up_of_the_delivery(chain_manual)
    return _finding("accessible-delivery", Text("la livraison", "delivery"), documents, topics, written)


def monitoring_documentation_is_accessible(
    documents: Documents, topics: Topics, monitoring_manual: MonitoringManual, monitoring: Monitoring
) -> Finding:
    """The monitoring documentation is shared in an accessible format.

    fr: La documentation de la surveillance est partagée dans un format accessible.
    why: Somebody who uses a screen reader, a zoom or the keyboard must be able to read what is written about monitoring.
    pourquoi: Une personne qui utilise un lecteur d'écran, un zoom ou le clavier doit pouvoir lire ce qui est écrit sur la surveillance.
    fix: Share a text document with ordered headings, alternative texts, table headers and its language set; tag PDF files.
    corriger: Partagez un document texte aux titres ordonnés, avec textes alternatifs, en-têtes de tableaux et langue indiquée ; balisez les PDF.
    """
    written = monitoring_docs.explains_the_set_up_of_the_tools(monitoring_manual, monitoring)
    return _finding("accessible-monitoring", Text("la surveillance", "monitoring"), documents, topics, written)


CHECKS = (
    watch_summaries_documentation_is_accessible,
    ai_service_documentation_is_accessible,
    model_api_documentation_is_accessible,
    model_monitoring_documentation_is_accessible,
    model_tests_documentation_is_accessible,
    model_chain_documentation_is_accessible,
    application_documentation_is_accessible,
    integration_documentation_is_accessible,
    delivery_documentation_is_accessible,
    monitoring_documentation_is_accessible,
)
