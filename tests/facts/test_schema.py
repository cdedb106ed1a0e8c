from tests.data_samples import fact


def test_tables_of_models_and_migrations():
    contents = {
        "modeles.py": "from sqlalchemy import Column, ForeignKey, Integer\nfrom base import Base\n\nclass Trajet(Base):\n    __tablename__ = 'trajet'\n    id = Column(Integer, primary_key=True)\n    agence_id = Column(Integer, ForeignKey('agence.id'))\n",
        "lieux/models.py": "from django.db import models\n\nclass Lieu(models.Model):\n    courriel = models.EmailField()\n",
        "lieux/migrations/0001_initial.py": "from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    operations = [migrations.CreateModel(name='Lieu', fields=[('id', models.AutoField(primary_key=True))])]\n",
    }
    schema = fact(contents, "schema")
    assert [(t.name, t.kind, t.references) for t in schema.tables] == [
        ("lieux_lieu", "django-migration", ()),
        ("lieux_lieu", "django", ()),
        ("trajet", "sqlalchemy", ("agence",)),
    ]
    assert [e.path for e in schema.creations] == ["lieux/migrations/0001_initial.py"]
    assert [(p.table, p.column, p.word) for p in schema.personal] == [("lieux_lieu", "courriel", "courriel")]


def test_a_name_is_personal_beside_other_personal_columns_only():
    schema = fact({"s.sql": "CREATE TABLE ville (nom TEXT);\nCREATE TABLE client (nom TEXT, email TEXT);\n"}, "schema")
    assert [(p.table, p.column) for p in schema.personal] == [("client", "nom"), ("client", "email")]


def test_collections_are_a_kind_of_their_own():
    schema = fact(
        {"m.py": "from pymongo import MongoClient\nclient = MongoClient('x')\nbase = client['cuisine']\nplats = base['plats']\n"},
        "schema",
    )
    assert [(c.name, c.line) for c in schema.collections] == [("plats", 4)]


def test_a_pydantic_model_is_no_table():
    assert fact({"s.py": "from pydantic import BaseModel\n\nclass Lieu(BaseModel):\n    id: int\n"}, "schema").tables == ()
