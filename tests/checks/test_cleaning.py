from tests.data_samples import examine, notebook
from tests.facts.test_transformations import MERGE

LOAD = """
    import pandas as pd

    def charger(moteur):
        d = pd.read_csv("brut/{name}.csv").dropna()
        d["date"] = pd.to_datetime(d["date"])
        d.to_sql("{name}", moteur)

    if __name__ == "__main__":
        charger(None)
"""


def outcome(contents, check="cleaning.puts-sources-together"):
    return examine(contents, check).outcome.value


def test_a_script_that_cleans_and_merges_is_met():
    found = examine({"agrege.py": MERGE}, "cleaning.puts-sources-together")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "agrege.py", 9)
    assert outcome({"agrege.py": MERGE}, "cleaning.is-tracked") == "met"


def test_two_loaders_into_one_database_are_met_with_a_question():
    found = examine(
        {"a.py": LOAD.replace("{name}", "ventes"), "b.py": LOAD.replace("{name}", "lieux")}, "cleaning.puts-sources-together"
    )
    assert found.outcome.value == "met" and "a.py" in found.question.fr


def test_one_source_or_a_notebook_only_count_in_part():
    assert outcome({"a.py": LOAD.replace("{name}", "ventes")}) == "partly"
    cells = [
        "import pandas as pd",
        "a, b = pd.read_csv('a.csv').dropna(), pd.read_csv('b.csv').drop_duplicates()",
        "a.merge(b, on='id').to_csv('c.csv')",
    ]
    found = examine({"n.ipynb": notebook(*cells)}, "cleaning.puts-sources-together")
    assert found.outcome.value == "partly" and "carnet" in found.why.fr
    assert outcome({"n.ipynb": notebook(*cells)}, "cleaning.is-tracked") == "partly"


def test_words_about_cleaning_clean_nothing():
    contents = {
        "README.md": "# Nettoyage\ndrop_duplicates, dropna et merge sont faits.\n",
        "a.py": "# df.dropna()\nprint('nettoyage terminé : merge ok')\n",
    }
    assert outcome(contents) == "not_met"
    assert outcome(contents, "cleaning.is-tracked") == "not_met"


def test_sources_cleaned_in_turn_then_imported_are_met():
    clean = """
    import json
    from pathlib import Path

    import pandas as pd

    def ventes():
        d = pd.read_csv("brut/ventes.csv").dropna().drop_duplicates()
        d.to_csv("propre/ventes.csv")

    def lieux():
        d = pd.DataFrame(json.loads(Path("brut/lieux.json").read_text())).fillna(0)
        d["nom"] = d["nom"].str.strip().str.lower()
        d.to_csv("propre/lieux.csv")

    if __name__ == "__main__":
        ventes()
        lieux()
"""
    files = {"brut/ventes.csv": "a\n1\n", "brut/lieux.json": "[]", "nettoie.py": clean}
    assert outcome(files) == "partly"
    assert outcome({**files, "importe.py": LOAD.replace("{name}", "ventes").replace("brut/", "propre/")}) == "met"
