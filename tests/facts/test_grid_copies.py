from checks.facts.documents import documents
from checks.workspace import Workspace

COPIED = """# Épreuve E3

### Développer une API

- L'API restreint l'accès au modèle avec un moyen d'authentification.
- L'API permet l'accès aux fonctions du modèle, comme attendu selon les spécifications.
- Les sources sont versionnées et accessibles depuis un dépôt Git distant.
- Les tests couvrent tous les points de terminaison dans le respect des spécifications.
- Les résultats des tests sont correctement interprétés.
- La documentation couvre les règles d'authentification et d'autorisation.
- La documentation est communiquée dans un format accessible.
"""
OWN = "".join(f"\nLe service numéro {n} rend un résumé des relevés de la station.\n" for n in range(20))


def counted(text):
    (document,) = documents(Workspace({"docs/e3.md": text.encode()})).all
    return document.counts


def test_a_file_of_sentences_of_the_grid_counts_for_nothing():
    assert counted(COPIED) is False


def test_a_report_that_quotes_the_grid_still_counts():
    assert counted(COPIED + OWN) is True
    assert counted(COPIED + "\n```bash\nuvicorn api:app\n```\n") is True
