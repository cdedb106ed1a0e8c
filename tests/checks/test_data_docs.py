from tests.data_samples import examine

SCRIPT = """
import pandas as pd
import requests

def main():
    releves = requests.get("https://meteo.exemple.fr/api/releves").json()
    table = pd.DataFrame(releves).drop_duplicates().dropna()
    table.to_csv("releves.csv")

if __name__ == "__main__":
    main()
"""
RULES = """# Relevés

## Nettoyage des données

Étape 1 : le script collecte.py lit les relevés, ensuite agrege.py les regroupe par jour.

- Les doublons de station et d'heure sont supprimés, le plus récent est gardé
- Les valeurs manquantes de pluie sont remplacées par zéro
- Les dates au format ISO sont mises en heure locale, encodage UTF-8

## Lancement

```bash
pip install -r requirements.txt
python collecte.py
python agrege.py
```
"""
FILES = {"collecte.py": SCRIPT, "agrege.py": SCRIPT}


def outcome(files, check):
    return examine(files, check).outcome.value


def test_rules_steps_commands_and_dependencies_are_met():
    found = examine({**FILES, "README.md": RULES}, "data-docs.explains-the-preparation")
    assert found.outcome.value == "met"
    assert (found.evidence[0].path, found.evidence[0].line) == ("README.md", 7)


def test_commands_without_cleaning_choices_are_partly():
    commands = RULES[RULES.index("## Lancement") :]
    found = examine({**FILES, "README.md": commands}, "data-docs.explains-the-preparation")
    assert found.outcome.value == "partly" and "choix de nettoyage" in found.why.fr and "cleaning" in found.why.en


def test_a_word_in_passing_explains_nothing():
    said = {
        **FILES,
        "README.md": "# Projet\n\n## Fonctionnalités\n\n- Nettoyage des données, doublons, valeurs manquantes, encodage\n",
    }
    assert outcome(said, "data-docs.explains-the-preparation") == "not_met"
    assert outcome({"README.md": RULES}, "data-docs.gives-dependencies-and-commands") == "partly"


def test_commands_of_the_data_scripts_are_met_and_installation_alone_is_partly():
    check = "data-docs.gives-dependencies-and-commands"
    found = examine({**FILES, "README.md": RULES}, check)
    assert (found.outcome.value, [e.line for e in found.evidence]) == ("met", [15, 16, 14])
    assert outcome({**FILES, "README.md": "# P\n\n```bash\npip install -r requirements.txt\n```\n"}, check) == "partly"
    assert outcome({**FILES, "requirements.txt": "pandas\n", "README.md": "# P\n"}, check) == "not_met"


def test_a_command_of_an_absent_script_is_no_command_of_the_scripts():
    wrong = "# P\n\n```bash\npip install pandas\npython absent.py\n```\n"
    assert outcome({**FILES, "README.md": wrong}, "data-docs.gives-dependencies-and-commands") == "partly"


def test_the_root_names_the_import_script():
    load = "import sqlite3\n\nbase = sqlite3.connect('x.db')\nbase.execute('INSERT INTO releve VALUES (1, 2)')\nbase.commit()\n"
    check = "data-docs.names-the-import-at-the-root"
    assert outcome({"charge.py": load, "README.md": "# P\n\n```bash\npython charge.py\n```\n"}, check) == "met"
    assert (
        outcome({"charge.py": load, "README.md": "# P\n\nLe script `charge.py` remplit la base de données.\n"}, check) == "partly"
    )
    assert outcome({"charge.py": load, "docs/a.md": "# P\n\n```bash\npython charge.py\n```\n"}, check) == "not_met"
    led = "# P\n\n## Documentation\n\n- [Chargement](chargement/README.md)\n"
    assert outcome({"chargement/charge.py": load, "chargement/README.md": "# Chargement\n", "README.md": led}, check) == "partly"
    assert outcome({"charge.py": load, "chargement/README.md": "# Chargement\n", "README.md": led}, check) == "not_met"


HEADER = '"""Regroupe les relevés.\n\nTraitements :\n  1. Suppression des doublons de station et d\'heure\n  2. Les valeurs manquantes de pluie valent zéro\n  3. Les dates au format ISO, en heure locale\n"""\n'
INNER = 'def propre(lignes):\n    """Rend les relevés utilisables.\n\n    1. Lecture des lignes du service\n    2. Les doublons de station et heure sont ôtés\n    3. Les valeurs manquantes de pluie valent zéro\n    """\n    return lignes\n'


def test_the_header_of_a_script_tells_its_cleaning_choices():
    commands = RULES[RULES.index("## Lancement") :]
    files = {"collecte.py": SCRIPT, "agrege.py": HEADER + SCRIPT, "README.md": commands}
    found = examine(files, "data-docs.explains-the-preparation")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "agrege.py", 4)


def test_ordered_docstrings_of_functions_explain_in_part():
    found = examine({**FILES, "propre.py": INNER}, "data-docs.explains-the-preparation")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("partly", "propre.py", 5)
    unordered = {**FILES, "propre.py": INNER.replace("1. ", "").replace("2. ", "").replace("3. ", "")}
    assert outcome(unordered, "data-docs.explains-the-preparation") == "not_met"


def test_the_manual_of_one_script_gives_its_dependencies_and_command():
    manual = (
        "# Documentation du script d'agrégation\n\n## Commandes\n\n```bash\npip install pandas requests\npython agrege.py\n```\n"
    )
    assert outcome({**FILES, "docs/agregation.md": manual}, "data-docs.gives-dependencies-and-commands") == "met"
    assert (
        outcome(
            {**FILES, "README.md": manual.replace("# Documentation du script d'agrégation", "# Projet")},
            "data-docs.gives-dependencies-and-commands",
        )
        == "partly"
    )


def test_starting_the_whole_application_gives_the_commands_in_part():
    found = examine(
        {**FILES, "README.md": "# Relevés\n\n## Démarrage\n\n```bash\ndocker compose up --build\n```\n"},
        "data-docs.gives-dependencies-and-commands",
    )
    assert (found.outcome.value, [e.line for e in found.evidence]) == ("partly", [6])
