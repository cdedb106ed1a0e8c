from tests.data_samples import fact

MERGE = """
    import pandas as pd

    def lire(chemin):
        return pd.read_csv(chemin)

    ventes, lieux = lire("brut/ventes.csv"), pd.read_json("brut/lieux.json")
    ventes = ventes.drop_duplicates().dropna(subset=["lieu"])
    ventes["date"] = pd.to_datetime(ventes["date"])
    final = ventes.merge(lieux, on="lieu")
    final.to_csv("propre/ventes.csv", index=False)
"""


def test_a_script_that_merges_two_inputs_aggregates():
    (work,) = fact({"agrege.py": MERGE}, "transformations").works
    assert (work.aggregates, sorted(work.cleaning), work.merges[0].line) == (True, ["duplicates", "missing", "types"], 9)
    assert work.inputs == ("brut/ventes.csv", "brut/lieux.json")


def test_joining_strings_paths_and_lists_is_no_merge():
    code = "import os\nimport pandas as pd\nx = pd.read_csv('a.csv')\ny = ','.join(['a'])\nz = os.path.join('a', 'b')\nl = []\nl.append(1)\n"
    found = fact({"a.py": code}, "transformations")
    assert [o.kind for o in found.by_file.get("a.py", ())] == []


def test_a_sql_script_can_aggregate():
    sql = "INSERT INTO final SELECT DISTINCT trim(v.nom), coalesce(l.km, 0) FROM ventes v JOIN lieux l ON l.id = v.lieu;\n"
    (work,) = fact({"agrege.sql": sql}, "transformations").works
    assert (work.aggregates, work.inputs) == (True, ("lieux", "ventes"))
