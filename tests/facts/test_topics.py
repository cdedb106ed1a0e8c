"""Topics by lexicon, copies of the grid, diagrams, announcements and the accessibility of documents."""

from __future__ import annotations

import pytest

from checks.facts import lexicons
from checks.facts.announcements import Announcements, announcements
from checks.facts.diagrams import Diagrams, diagrams
from checks.facts.document_accessibility import issues_of
from checks.facts.documents import Documents, documents
from checks.facts.lexicons import load_topics, words
from checks.facts.topics import Topics
from checks.workspace import Workspace


def workspace(**files: str) -> Workspace:
    return Workspace({name.replace("__", "/").replace("_md", ".md"): text.encode() for name, text in files.items()})


def read(text: str, path: str = "a.md") -> Documents:
    return documents(Workspace({path: text.encode()}))


def test_words_are_folded_and_small_ones_dropped() -> None:
    assert words("L'Évaluation de la Dérive, c'est l'œuvre") == ["evaluation", "derive", "oeuvre"]


def test_inflections_and_accents_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    topics: dict[str, tuple[lexicons.Term, ...]] = {}
    lexicons._read("x.yaml", "suivi: {fr: [surveillance modèle, alerte], en: [monitoring], names: [Grafana]}", topics)
    monkeypatch.setattr("checks.facts.topics.load_topics", lambda: topics)
    found = Topics(
        read(
            "# Surveillances des modeles\nDes alertes partent.\nRien.\n\n## Suite\ngrafana est là\n\n# Autre\nune grafanaise, un modèle\n"
        )
    )
    assert [(p.section.heading, p.where) for p in found.about("suivi")] == [
        ("Surveillances des modeles", "heading"),
        ("Suite", "trail"),
        ("Autre", "trail"),
    ]
    assert [(h.line, h.term) for h in found.hits("suivi")] == [(2, "alerte"), (6, "Grafana")]
    assert found.in_text("suivi", "le MONITORING")
    assert not found.in_text("suivi", "la surveillance du modem")


@pytest.mark.parametrize("text", ["a: {fr: x}", "a: {de: [x]}"])
def test_a_malformed_lexicon_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"x\.yaml: a"):
        lexicons._read("x.yaml", text, {})


def test_a_topic_belongs_to_one_lexicon() -> None:
    topics: dict[str, tuple[lexicons.Term, ...]] = {}
    lexicons._read("x.yaml", "a: {fr: [b]}", topics)
    with pytest.raises(ValueError, match="another lexicon"):
        lexicons._read("y.yaml", "a: {fr: [c]}", topics)


def test_every_term_of_our_lexicons_can_match() -> None:
    empty = [(topic, term.shown) for topic, terms in load_topics().items() for term in terms if not term.keys]
    assert empty == []


TICKED = "# Auto-évaluation\n" + "".join(f"- C{n} ✅ fait\n" for n in range(1, 15))


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("notes.md", TICKED, False),
        ("notes.md", "# Suivi\n| Critère | État |\n|---|---|\n" + "".join(f"| C{n}.1 | ✅ |\n" for n in range(1, 12)), False),
        ("grille_evaluation.md", "# Bloc\n" + "".join(f"C{n} le script marche\n\n" for n in range(1, 8)), False),
        (
            "docs/c9.md",
            "# C9 – API du modèle\nL'API expose le modèle par deux routes protégées.\nLe jeton expire au bout d'une heure.\n",
            True,
        ),
        ("README.md", "# Projet\nUn service de prédiction.\n", True),
    ],
)
def test_copies_of_the_grid_count_for_nothing(path: str, text: str, counts: bool) -> None:
    (document,) = read(text, path).all
    assert (document.counts and all(s.counts for s in document.sections)) is counts


def test_only_the_ticked_section_of_a_readme_is_left_out() -> None:
    text = "# Projet\nUn service.\n\n## Couverture des compétences\n- C1 ✅\n- C2 ✅\n- C3 ✅\n\n### Détail\n- C4 ✅\n\n## Installation\nLancer le script.\n"
    found = read(text, "README.md")
    assert [s.heading for s in found.sections] == ["Projet", "Installation"]
    assert [s.heading for s in Topics(found)._sections] == ["Projet", "Installation"]


def drawn(text: str, path: str = "docs/a.md", **more: bytes) -> Diagrams:
    place = Workspace({path: text.encode(), **{k.replace("__", "/").replace("_png", ".png"): v for k, v in more.items()}})
    return diagrams(place, documents(place))


@pytest.mark.parametrize(
    ("text", "notation", "kinds"),
    [
        ("# Données\n```mermaid\nerDiagram\n  CLIENT ||--o{ COMMANDE : passe\n```\n", "mermaid", {"entity-relation"}),
        ("# MCD\n```mermaid\nerDiagram\n  A ||--o{ B : x\n```\n", "mermaid", {"entity-relation", "merise-conceptual"}),
        ("# Flux de données\n```mermaid\nflowchart LR\n  A --> B\n```\n", "mermaid", {"flowchart", "data-flow"}),
        ("# Parcours utilisateur\n```mermaid\ngraph TD\n A-->B\n```\n", "mermaid", {"flowchart", "user-journey"}),
        ("# X\n```mermaid\nsequenceDiagram\n A->>B: x\n```\n", "mermaid", {"sequence"}),
        ("# X\n```plantuml\n@startuml\nusecase Lire\n@enduml\n```\n", "plantuml", {"use-case"}),
        ("# X\n```dbml\nTable client {\n id int\n}\n```\n", "dbml", {"entity-relation", "merise-physical"}),
        ("# Architecture\n```\n┌───┐  ┌───┐\n│api│→│db │\n└───┘  └───┘\n  │\n  ▼\n```\n", "ascii", {"architecture"}),
    ],
)
def test_diagrams_are_told_by_source_and_heading(text: str, notation: str, kinds: set[str]) -> None:
    (found,) = drawn(text).all
    assert (found.notation, set(found.kinds) & kinds) == (notation, kinds)
    assert found.line == 2


def test_a_tree_of_files_is_no_diagram() -> None:
    assert drawn("# Architecture\n```\nprojet/\n├── api/\n│   └── main.py\n├── tests/\n└── README.md\n```\n").all == ()


def test_entities_of_a_diagram_are_named() -> None:
    text = '# A\n```mermaid\nerDiagram\n  CLIENT ||--o{ COMMANDE : passe\n  CLIENT {\n    int id\n  }\n  "LIGNE" }o--|| COMMANDE : de\n```\n'
    assert set(drawn(text).all[0].entities) == {"CLIENT", "COMMANDE", "LIGNE"}


def test_images_are_told_by_name_and_context_and_must_exist() -> None:
    assert drawn("# X\n![Modèle conceptuel de données](img/m.png)\n", docs__img__m_png=b"x").of("merise-conceptual")[0].line == 2
    assert drawn("# X\n![Modèle conceptuel de données](img/absent.png)\n").all == ()
    assert drawn("# X\ntexte\n", annexe__mcd_png=b"x").of("merise-conceptual")[0].path == "annexe/mcd.png"
    assert drawn("# Architecture\n![build](https://img.shields.io/badge/x)\n").all == ()


def said(text: str, **files: bytes) -> Announcements:
    place = Workspace({"docs/a.md": text.encode(), **{k.replace("__", "/").replace("_md", ".md"): v for k, v in files.items()}})
    return announcements(place, documents(place))


def test_an_address_with_a_hole_to_fill_announces_nothing() -> None:
    found = said("# A\nOuvrir http://[adresse]:8501/page.md puis [guide](guide.md) et [x](http://[hote]/a.pdf).\n")
    assert [(a.kind, a.target) for a in found.all] == [("absent", "guide.md")]


def test_announced_files_boards_and_addresses() -> None:
    found = said(
        "# A\n[guide](guide.md) [là](b.md) [dossier](../src/) [ancre](#a) [site](https://example.org)\n"
        "[tableau](https://trello.com/b/abc) [maquette](https://www.figma.com/file/x) https://projet.onrender.com\n"
        "[la chaîne](https://github.com/camille/chaine)\n",
        docs__b_md=b"# B\n",
    )
    assert [(a.kind, a.line, a.target) for a in found.all] == [
        ("absent", 2, "guide.md"),
        ("absent", 2, "../src/"),
        ("board", 3, "https://trello.com/b/abc"),
        ("mock-up", 3, "https://www.figma.com/file/x"),
        ("repository", 4, "https://github.com/camille/chaine"),
        ("live", 3, "https://projet.onrender.com"),
    ]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("# A\n## B\ntexte\n", []),
        ("# A\n### B\ntexte\n", ["heading-order"]),
        ("# A\n![](x.png)\n![capture.png](y.png)\n![Le flux des relevés](z.png)\n", ["image-alt", "image-alt"]),
        ("# A\n| | |\n|---|---|\n| a | b |\n", ["table-header"]),
        ("# A\n[ici](x.md)\n", ["link-text"]),
        ("texte\n\n" * 30, ["no-heading"]),
    ],
)
def test_defects_of_accessibility_are_seen(text: str, rules: list[str]) -> None:
    (document,) = read(text).all
    assert [i.rule for i in issues_of(document)] == rules
