from tests.data_samples import examine
from tests.facts.test_documents import pdf

STORY = "# Récits\n\n## Récit 1\n\nEn tant que libraire, je veux chercher un titre, afin de répondre au client.\n"
CRITERIA = "\nCritères d'acceptation :\n\n- le titre s'affiche en moins de deux secondes\n"
FLOW = "```mermaid\nflowchart TD\n  A[Accueil] --> B[Recherche]\n```\n"
ER = "```mermaid\nerDiagram\n  LIVRE ||--o{ PRET : concerne\n```\n"
MERISE = "specification.models-follow-merise"
JOURNEYS = "specification.draws-the-journeys"
STORIES = "specification.writes-stories"
STANDARD = "specification.rests-on-an-accessibility-standard"


def outcome(files, check):
    return examine(files, check).outcome.value


def test_two_levels_of_merise_are_met_and_one_diagram_is_partly():
    logical = "LIVRE (id_livre, titre, auteur, annee)\n\nPRET (id_pret, date, #id_livre, #id_lecteur)\n"
    both = f"# Base\n\n## MCD\n\n{ER}\n## MLD\n\n{logical}"
    assert outcome({"docs/base.md": both}, MERISE) == "met"
    assert outcome({"docs/base.md": f"# Base\n\n## Schéma\n\n{ER}"}, MERISE) == "partly"
    assert outcome({"docs/base.md": "# Base\n\nLe MCD et le MLD suivent Merise.\n"}, MERISE) == "not_met"


def test_a_model_written_over_several_top_chapters_has_its_levels():
    entities = "# Modèle de données (MCD et MPD)\n\n# 1. MCD\n\n### Entité : LIVRE\n- titre\n\n### Entité : PRET\n- date\n"
    tied = (
        "\n# 2. Associations\n\n### LIVRE et PRET\nLIVRE (0,n) — (1,1) PRET\n\n### LECTEUR et PRET\nLECTEUR (0,n) — (1,1) PRET\n"
    )
    tables = "\n# 3. MPD\n\n## Livres\n\n```sql\nCREATE TABLE livres (id INTEGER PRIMARY KEY, titre TEXT);\n```\n"
    found = examine({"docs/base.md": entities + tied + tables}, MERISE)
    assert (found.outcome.value, [e.line for e in found.evidence]) == ("met", [3, 11, 21])
    assert outcome({"docs/base.md": entities + tables}, MERISE) == "partly"
    assert outcome({"docs/base.md": entities + "\nVoir `create table` et le MPD.\n"}, MERISE) == "not_met"


def test_a_notation_is_a_diagram():
    check = "specification.models-follow-a-notation"
    assert outcome({"docs/base.md": f"# Base\n\n{ER}"}, check) == "met"
    assert outcome({"docs/base.md": "# Base\n\n- livre\n- pret\n"}, check) == "not_met"
    shown = pdf("2. Base", "Le diagramme ER montre les tables livre et pret.")
    assert outcome({"rapport.pdf": shown}, check) == "partly"
    assert outcome({"rapport.pdf": pdf("2. Base", "Les tables livre et pret.")}, check) == "not_met"


def test_journeys_as_flowcharts_or_wireframes_are_met():
    found = examine({"docs/parcours.md": f"# Parcours utilisateurs\n\n## Libraire\n\n{FLOW}"}, JOURNEYS)
    assert (found.outcome.value, found.evidence[0].path) == ("met", "docs/parcours.md")
    assert outcome({"docs/maquette_accueil.png": "PNG"}, JOURNEYS) == "met"


def test_journeys_in_words_are_partly_and_another_flowchart_is_nothing():
    words = "# P\n\n## Parcours utilisateur\n\n1. Le libraire se connecte\n2. Il cherche un titre\n3. Il réserve\n"
    assert outcome({"README.md": words}, JOURNEYS) == "partly"
    assert outcome({"README.md": f"# P\n\n## Chaîne d'intégration\n\n{FLOW}"}, JOURNEYS) == "not_met"
    assert outcome({"README.md": "# P\n\n![Maquettes](docs/maquettes.png)\n"}, JOURNEYS) == "not_met"


def test_stories_with_criteria_are_met_and_without_are_partly():
    found = examine({"docs/recits.md": STORY + CRITERIA}, STORIES)
    assert (found.outcome.value, [e.line for e in found.evidence[:2]]) == ("met", [5, 7])
    assert outcome({"docs/recits.md": STORY}, STORIES) == "partly"
    assert outcome({"README.md": "# P\n\nLes critères d'acceptation sont validés.\n"}, STORIES) == "not_met"


def test_a_standard_applied_in_the_stories_is_met_and_in_passing_is_partly():
    assert outcome({"docs/recits.md": STORY + CRITERIA + "- contraste WCAG 2.1 AA\n"}, STANDARD) == "met"
    assert outcome({"README.md": "# P\n\n## Style\n\nFeuilles de style WCAG.\n"}, STANDARD) == "partly"
    assert outcome({"docs/veille.md": "# Veille technologique\n\nLes synthèses suivent WCAG.\n"}, STANDARD) == "not_met"


def test_a_diagram_with_keys_is_not_conceptual_whatever_its_title():
    keyed = ER.replace("  LIVRE ||", "  LIVRE {\n    int id PK\n  }\n  PRET {\n    int livre_id FK\n  }\n  LIVRE ||")
    files = {
        "docs/mcd_mpd.md": f"# Modèle de données : MCD et MPD\n\n## Schéma MCD / MPD\n\n{keyed}",
        "docs/r.md": f"# R\n\n## MPD\n\n{keyed}",
    }
    assert outcome(files, MERISE) == "partly"


def test_the_file_of_an_editor_of_tables_is_a_data_model() -> None:
    merise, notation = "specification.models-follow-merise", "specification.models-follow-a-notation"
    tables = b"<?xml version='1.0'?>\n<SQLContainer>\n<SQLTable><name>lecteur</name></SQLTable>\n</SQLContainer>\n"
    whole, empty = {"modeles/biblio.sqs": tables}, {"modeles/biblio.sqs": b"<SQLContainer/>\n"}
    assert [examine(whole, check).outcome.value for check in (merise, notation)] == ["partly", "met"]
    assert [examine(empty, check).outcome.value for check in (merise, notation)] == ["not_met", "not_met"]
