from tests.data_samples import examine

MODELS, DOCUMENTED = "architecture.models-the-data", "architecture.is-documented"
STAR = "```mermaid\nerDiagram\n  fact_arrivage }o--|| dim_marche : a\n  fact_arrivage }o--|| dim_produit : de\n```\n"
DDL = "CREATE TABLE dim_marche (id INTEGER PRIMARY KEY, nom TEXT);\nCREATE TABLE fact_arrivage (id INTEGER PRIMARY KEY, marche INTEGER REFERENCES dim_marche(id), poids REAL);\n"
PAGE = """\
# Architecture de la plateforme

```mermaid
flowchart LR
  capteurs --> kafka --> lac[(lac)] --> modele
```

## Composants

Kafka reçoit les mesures ; le lac garde les fichiers ; le modèle lit le lac.

## Choix techniques

Kafka a été préféré à une file simple parce que les mesures se rejouent.

## Déploiement

Terraform crée les machines, puis Ansible installe les services.
"""


def test_a_drawn_star_with_its_tables_is_met():
    found = examine({"README.md": f"# P\n\n## Modèle de données\n\n{STAR}", "schema.sql": DDL}, MODELS)
    assert found.outcome.value == "met" and {e.path for e in found.evidence} == {"README.md", "schema.sql"}


def test_one_without_the_other_is_partly():
    drawn = examine({"README.md": f"# P\n\n## Modèle de données\n\n{STAR}"}, MODELS)
    tables = examine({"schema.sql": DDL}, MODELS)
    assert (drawn.outcome.value, tables.outcome.value) == ("partly", "partly")
    assert "of a star" in tables.why.en


def test_no_model_in_the_repository_is_an_open_question():
    found = examine({"README.md": "# P\n\nUn programme trie des images.\n"}, MODELS)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


def test_a_whole_page_documents_the_architecture():
    found = examine({"docs/architecture.md": PAGE}, DOCUMENTED)
    assert found.outcome.value == "met", found.why.fr


def test_missing_reasons_are_named():
    head, _, rest = PAGE.partition("## Choix techniques")
    found = examine({"docs/architecture.md": head + "## Déploiement" + rest.partition("## Déploiement")[2]}, DOCUMENTED)
    assert found.outcome.value == "partly" and found.why.en.endswith("missing: reasons for the choices.")


def test_no_page_on_the_architecture_is_an_open_question():
    found = examine({"README.md": "# P\n\nUn programme trie des images.\n"}, DOCUMENTED)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")
