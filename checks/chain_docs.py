"""Does the documentation explain the integration and delivery chains?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.chain_manual import ChainManual
from checks.findings import met, not_met, partly
from checks.parts import Part, missing, present, sentence
from grader.values import Finding, Text

NO_CHAIN = Text(
    "Aucun document ne décrit une chaîne d'intégration ou de livraison (étapes, déclencheurs) : nommer l'outil ne suffit pas.",
    "No document describes an integration or delivery chain (steps, triggers): naming the tool is not enough.",
)
ASK = Text(
    "Qu'est-ce qui déclenche votre chaîne, et quelles étapes s'enchaînent ensuite ?",
    "What triggers your chain, and which steps follow?",
)


def describes_the_chain(chain_manual: ChainManual) -> Finding:
    """The documentation names the tool of the integration chain, its steps and its triggers.

    fr: La documentation nomme l'outil de la chaîne d'intégration, ses étapes et ses déclencheurs.
    why: A chain that only its author understands cannot be maintained by the team.
    pourquoi: Une chaîne que seul son auteur comprend ne peut pas être maintenue par l'équipe.
    fix: Write a page with the tool, a table of steps (what each does) and the events that start them.
    corriger: Écrire une page avec l'outil, un tableau des étapes (ce que fait chacune) et les événements qui les déclenchent.
    """
    parts = (chain_manual.tool, chain_manual.steps, chain_manual.triggers)
    if not chain_manual.described:
        return not_met(NO_CHAIN.fr, NO_CHAIN.en, question=ASK)
    fr, en = sentence(parts)
    if missing(parts) or not chain_manual.real:
        absent = (
            Text("", "") if chain_manual.real else Text(" ; aucune chaîne n'est configurée ici", "; no chain is configured here")
        )
        return partly(
            f"Chaîne décrite en partie : {fr}{absent.fr}.",
            f"Chain described in part: {en}{absent.en}.",
            present(parts),
            question=ASK,
        )
    return met(f"La chaîne est décrite : {fr}.", f"The chain is described: {en}.", present(parts))


def describes_the_model_chain(chain_manual: ChainManual) -> Finding:
    """The documentation describes the steps and triggers of a chain that trains, validates or delivers the model.

    fr: La documentation décrit les étapes et déclencheurs d'une chaîne qui entraîne, valide ou livre le modèle.
    why: The chain of a model has stages of its own: data validation, training, evaluation, packaging.
    pourquoi: La chaîne d'un modèle a ses propres étapes : validation des données, entraînement, évaluation, packaging.
    fix: Describe each stage that concerns the data or the model, and what starts it.
    corriger: Décrire chaque étape qui concerne les données ou le modèle, et ce qui la déclenche.
    """
    parts = (chain_manual.steps, chain_manual.triggers, chain_manual.model_work)
    if not chain_manual.described and chain_manual.model_scripts.found:
        return partly(
            "Les étapes du modèle sont expliquées script par script, sans ce qui déclenche la chaîne.",
            "The steps of the model are explained script by script, without what triggers the chain.",
            present((chain_manual.model_scripts,)),
            question=ASK,
        )
    if not chain_manual.described:
        return not_met(NO_CHAIN.fr, NO_CHAIN.en, question=ASK)
    fr, en = sentence(parts)
    if missing(parts) or not chain_manual.real:
        return partly(
            f"Une chaîne est décrite, mais pas en entier pour le modèle : {fr}.",
            f"A chain is described, but not in full for the model: {en}.",
            present(parts),
            question=Text(
                "Quelles étapes de votre chaîne concernent le modèle ?", "Which steps of your chain concern the model?"
            ),
        )
    return met(f"La chaîne du modèle est décrite : {fr}.", f"The model's chain is described: {en}.", present(parts))


def describes_the_delivery(chain_manual: ChainManual) -> Finding:
    """The documentation describes the delivery steps and what triggers them.

    fr: La documentation décrit les étapes de livraison et ce qui les déclenche.
    why: Whoever is on duty must know how a version reaches production.
    pourquoi: Qui est d'astreinte doit savoir comment une version arrive en production.
    fix: Describe packaging, publication and deployment, with the event or the branch that starts each.
    corriger: Décrire packaging, publication et déploiement, avec l'événement ou la branche qui lance chacun.
    """
    parts = (chain_manual.delivery_steps, chain_manual.triggers)
    if not chain_manual.delivery_steps.found:
        return not_met(
            "Aucun document ne décrit les étapes d'une livraison automatisée.",
            "No document describes the steps of an automated delivery.",
        )
    fr, en = sentence(parts)
    whole = not missing(parts) and chain_manual.described and chain_manual.real
    make = met if whole else partly
    return make(f"Livraison décrite : {fr}.", f"Delivery described: {en}.", present(parts))


def _set_up(parts: tuple[Part, Part, Part], whole: bool, fallback: Part, subject: Text) -> Finding:
    fr, en = sentence(parts)
    if whole:
        return met(f"{subject.fr} : {fr}.", f"{subject.en}: {en}.", present(parts))
    if present(parts):
        return partly(f"{subject.fr}, en partie : {fr}.", f"{subject.en}, in part: {en}.", present(parts))
    if fallback.found:
        return partly(
            f"{subject.fr} : seulement {fallback.name.fr}.", f"{subject.en}: only {fallback.name.en}.", present((fallback,))
        )
    return not_met(
        f"{subject.fr} : aucun document ne le couvre (cherché : installation, configuration, test).",
        f"{subject.en}: no document covers it (looked for: installation, configuration, test).",
    )


def explains_the_set_up_of_the_chain(chain_manual: ChainManual) -> Finding:
    """The documentation tells how to install, configure and test the integration chain.

    fr: La documentation dit comment installer, configurer et tester la chaîne d'intégration.
    why: The team must be able to set the chain up again elsewhere.
    pourquoi: L'équipe doit pouvoir remonter la chaîne ailleurs.
    fix: Write which file configures it, which secrets it needs, how to run its steps locally and how to check it.
    corriger: Écrire quel fichier la configure, quels secrets il faut, comment lancer ses étapes en local et comment la vérifier.
    """
    parts = (chain_manual.installation, chain_manual.configuration, chain_manual.check)
    whole = chain_manual.configuration.found is not None and len(present(parts)) >= 2 and chain_manual.real
    fallback = chain_manual.local_tests if chain_manual.described else Part(chain_manual.local_tests.name)
    return _set_up(parts, whole, fallback, Text("Mise en place de la chaîne", "Setting up the chain"))


def explains_the_set_up_of_the_model_chain(chain_manual: ChainManual) -> Finding:
    """The documentation tells how to install, configure and test the model's delivery chain.

    fr: La documentation dit comment installer, configurer et tester la chaîne de livraison du modèle.
    why: Training and delivery of a model need more set-up than an application: data, registry, secrets.
    pourquoi: Entraîner et livrer un modèle demande plus de préparation qu'une application : données, registre, secrets.
    fix: Write what must be installed and configured for the steps that concern the model, and how to test them.
    corriger: Écrire ce qu'il faut installer et configurer pour les étapes qui concernent le modèle, et comment les tester.
    """
    parts = (chain_manual.installation, chain_manual.configuration, chain_manual.check)
    configured = chain_manual.configuration.found is not None and len(present(parts)) >= 2
    whole = configured and chain_manual.model_work.found is not None and chain_manual.real
    fallback = chain_manual.local_tests if chain_manual.described else Part(chain_manual.local_tests.name)
    return _set_up(parts, whole, fallback, Text("Mise en place de la chaîne du modèle", "Setting up the model's chain"))


def explains_the_set_up_of_the_delivery(chain_manual: ChainManual) -> Finding:
    """The documentation tells how to install, configure and test the delivery chain.

    fr: La documentation dit comment installer, configurer et tester la chaîne de livraison.
    why: A delivery that cannot be set up again stops with the machine or the person that holds it.
    pourquoi: Une livraison qu'on ne sait pas remonter s'arrête avec la machine ou la personne qui la porte.
    fix: Write the registry or server used, the secrets, the branch that delivers, and how to rehearse it.
    corriger: Écrire le registre ou le serveur utilisé, les secrets, la branche qui livre, et comment répéter l'opération.
    """
    parts = (chain_manual.delivery_installation, chain_manual.delivery_configuration, chain_manual.delivery_check)
    configured = chain_manual.delivery_configuration.found is not None and len(present(parts)) >= 2
    whole = configured and chain_manual.delivery_steps.found is not None and chain_manual.real
    fallback = Part(Text("ce qui est dit de la chaîne ou du déploiement", "what is said of the chain or of the deployment"))
    near = chain_manual.delivery_steps.found or (chain_manual.configuration.found if chain_manual.described else None)
    return _set_up(parts, whole, Part(fallback.name, near), Text("Mise en place de la livraison", "Setting up the delivery"))


CHECKS: tuple[Callable[..., Finding], ...] = (
    describes_the_chain,
    describes_the_model_chain,
    describes_the_delivery,
    explains_the_set_up_of_the_chain,
    explains_the_set_up_of_the_model_chain,
    explains_the_set_up_of_the_delivery,
)
