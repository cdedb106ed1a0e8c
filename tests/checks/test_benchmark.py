from tests.data_samples import examine

COMPARED = """# Benchmark des services d'IA

| Service | Coût | Latence |
|---|---|---|
| Mistral | faible | 1 s |
| OpenAI | moyen | 2 s |
"""
ASIDE = "\n## Services écartés\n\n- Cohere : pas de modèle en français\n"
ECO = """
## Mistral

### Démarche éco-responsable

Centres de données bas carbone, bilan carbone publié.

## OpenAI

### Démarche éco-responsable

Peu d'information publiée sur les émissions.
"""
SERVICE = """# Service IA de résumé

## Accès

Définir OPENAI_API_KEY dans le fichier .env.

## Installation

```bash
pip install openai
python resume.py
```

## Tests

```bash
curl http://localhost:8000/resume
```

## Données utilisées

Les comptes rendus internes, sans nom de personne.
"""
LISTS = "benchmark.lists-services-studied-and-set-aside"
GREEN = "benchmark.tells-the-environmental-approach"
DOCS = "ai-service-docs.covers-the-service"


def outcome(text, check):
    return examine({"docs/a.md": text}, check).outcome.value


def test_studied_and_set_aside_are_met():
    found = examine({"docs/a.md": COMPARED + ASIDE}, LISTS)
    assert (found.outcome.value, [e.line for e in found.evidence[:2]]) == ("met", [3, 8])


def test_studied_only_is_partly_and_no_comparison_is_not_met():
    assert outcome(COMPARED, LISTS) == "partly"
    assert outcome("# Projet\n\nNous utilisons Mistral et OpenAI.\n", LISTS) == "not_met"
    assert outcome("# Benchmark\n\nComparatif à venir.\n", LISTS) == "not_met"


def test_the_environment_by_service_is_met():
    assert outcome(COMPARED + ECO, GREEN) == "met"
    column = COMPARED.replace("Latence |", "Empreinte carbone |").replace("1 s", "basse").replace("2 s", "haute")
    assert outcome(column, GREEN) == "met"


def test_a_general_sentence_on_the_environment_is_partly():
    assert outcome(COMPARED + "\n## Bilan\n\nL'empreinte carbone a été regardée dans le choix final.\n", GREEN) == "partly"
    assert outcome("# P\n\nL'empreinte carbone compte.\n", GREEN) == "not_met"


def test_lines_on_the_environment_are_counted_by_service():
    one = "\n## Bilan\n\nL'empreinte carbone de Mistral est publiée chaque année.\n\nMistral annonce une sobriété numérique réelle.\n"
    two = one + "\nOpenAI ne détaille pas son bilan carbone par requête.\n"
    nobody = "\n## Bilan\n\nAucun fournisseur, Mistral ou OpenAI, ne publie son empreinte carbone.\n"
    assert outcome(COMPARED + one, GREEN) == "partly"
    assert outcome(COMPARED + two, GREEN) == "met"
    assert outcome(COMPARED + nobody, GREEN) == "partly"


def test_the_documentation_of_the_service_counts_its_parts():
    assert outcome(SERVICE, DOCS) == "met"
    assert outcome(SERVICE[: SERVICE.index("## Installation")], DOCS) == "partly"
    assert outcome(COMPARED, DOCS) == "not_met"


def test_reasons_are_found_or_asked():
    check = "benchmark.gives-reasons-for-setting-aside"
    assert outcome(COMPARED + ASIDE, check) == "met"
    assert examine({"docs/a.md": COMPARED}, check).reason == "not-in-repository"


def test_services_set_aside_after_study_are_no_list_of_the_others():
    after = "\n## Services écartés\n\n- OpenAI : coût trop élevé\n"
    found = examine({"docs/a.md": COMPARED + after}, LISTS)
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 3)


def test_an_outside_service_is_installed_by_an_account_and_a_key():
    steps = (
        "## Installation\n\n1. Ouvrir un compte chez le fournisseur\n2. Y générer une clé\n3. La ranger dans le fichier .env\n"
    )
    hosted = SERVICE.replace(SERVICE[SERVICE.index("## Installation") : SERVICE.index("## Tests")], steps + "\n")
    assert outcome(hosted, DOCS) == "met"
    assert (
        outcome(hosted.replace(steps, "## Installation\n\nVoir la documentation officielle du fournisseur.\n"), DOCS) == "partly"
    )


def test_a_table_of_exclusions_is_no_table_of_the_comparison():
    apart = "\n### Périmètre\n\n| Service | Raison de l'exclusion |\n|---|---|\n| Cohere | pas de modèle en français |\n| Groq | compte payant |\n"
    found = examine({"docs/benchmark.md": COMPARED + apart}, "benchmark.lists-services-studied-and-set-aside")
    assert found.outcome.value == "met"


def test_the_key_that_a_guide_tells_to_write_is_documented():
    guide = "# Ruches\n\n## Configuration\n\nDans le fichier d'environnement :\n\n```bash\nMISTRAL_API_KEY=votre-jeton\n```\n"
    found = examine({"README.md": guide}, DOCS)
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 8)
    assert examine({"README.md": guide.replace("MISTRAL_API_KEY", "BASE")}, DOCS).outcome.value == "not_met"
