from tests.data_samples import STATIONS, examine

MODEL = """
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()

    class Trajet(Base):
        __tablename__ = "trajet"
        id = Column(Integer, primary_key=True)
"""


def test_ddl_with_its_keys_is_met():
    ddl = "CREATE TABLE agence (id INTEGER PRIMARY KEY);\nCREATE TABLE trajet (id INTEGER PRIMARY KEY, agence_id INTEGER REFERENCES agence(id));\n"
    found = examine({"sql/schema.sql": ddl}, "database.is-created")
    assert (found.outcome.value, found.evidence[0].line, found.measures["tables"]) == ("met", 2, 2.0)


def test_a_foreign_key_to_nowhere_is_asked_about():
    found = examine(
        {"schema.sql": "CREATE TABLE trajet (id INTEGER PRIMARY KEY, agence_id INTEGER REFERENCES agence(id));\n"},
        "database.is-created",
    )
    assert found.outcome.value == "partly" and "agence" in found.question.fr


def test_models_need_something_that_creates_them():
    assert examine({"modeles.py": MODEL}, "database.is-created").outcome.value == "partly"
    created = {
        "modeles.py": MODEL,
        "init.py": "from modeles import Base\n\ndef creer(moteur):\n    Base.metadata.create_all(moteur)\n",
    }
    assert examine(created, "database.is-created").outcome.value == "met"


def test_django_models_need_their_migrations():
    model = {
        "lieux/models.py": "from django.db import models\n\nclass Lieu(models.Model):\n    nom = models.CharField(max_length=9)\n"
    }
    assert examine(model, "database.is-created").outcome.value == "partly"


def test_a_document_store_counts_in_part_and_a_drawing_not_at_all():
    store = "from pymongo import MongoClient\nclient = MongoClient('x')\nbase = client['cuisine']\nplats = base['plats']\n"
    assert examine({"m.py": store}, "database.is-created").outcome.value == "partly"
    assert examine({"MPD.md": "```sql\nCREATE TABLE trajet (id int);\n```\n"}, "database.is-created").outcome.value == "not_met"


def test_a_script_fills_the_database():
    found = examine({"collecte/stations.py": STATIONS}, "database.is-filled-by-import")
    assert (found.outcome.value, found.evidence[0].line) == ("met", 19)


def test_the_api_s_own_writes_and_accounts_are_no_import():
    api = 'from fastapi import FastAPI\nimport sqlite3\napp = FastAPI()\n\n@app.post("/p")\ndef p(x: int):\n    sqlite3.connect("b").execute("INSERT INTO prediction (x) VALUES (?)", (x,))\n'
    admin = "import sqlite3\nif __name__ == '__main__':\n    sqlite3.connect('b').execute(\"INSERT INTO users (nom) VALUES ('admin')\")\n"
    assert examine({"api.py": api, "creer_admin.py": admin}, "database.is-filled-by-import").outcome.value == "not_met"


def test_a_function_that_no_script_calls_is_no_import():
    layer = "import sqlite3\n\nclass Base:\n    def compte(self):\n        return 1\n    def ajoute(self, x):\n        sqlite3.connect('b').execute('INSERT INTO mesure (x) VALUES (?)', (x,))\n"
    caller = "from base import Base\n\nif __name__ == '__main__':\n    print(Base().compte())\n"
    assert examine({"base.py": layer, "lancer.py": caller}, "database.is-filled-by-import").outcome.value == "not_met"
    caller = caller.replace("compte()", "ajoute(3)")
    assert examine({"base.py": layer, "lancer.py": caller}, "database.is-filled-by-import").outcome.value == "met"


def test_rows_written_by_hand_count_in_part():
    assert (
        examine({"jeu.sql": "INSERT INTO ville (nom) VALUES ('Lyon');\n"}, "database.is-filled-by-import").outcome.value
        == "partly"
    )
    assert (
        examine({"jeu.sql": "COPY ville FROM '/donnees/villes.csv' CSV HEADER;\n"}, "database.is-filled-by-import").outcome.value
        == "met"
    )


def test_installation_never_exceeds_partly_when_read():
    contents = {
        "docker-compose.yml": "services:\n  base:\n    image: postgres:16\n",
        ".env.example": "BASE=\n",
        "schema.sql": "CREATE TABLE ville (id int PRIMARY KEY);\n",
    }
    found = examine(contents, "database.can-be-installed")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("partly", "docker-compose.yml", 3)
    assert examine({"a.py": "x = 1\n"}, "database.can-be-installed").outcome.value == "not_met"
