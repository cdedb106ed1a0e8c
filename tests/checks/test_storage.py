from tests.data_samples import examine

CHECK = "storage.suits-the-data"
TABLE = "CREATE TABLE arrivage (id INTEGER PRIMARY KEY, jour DATE, poids REAL);\n"
STORES = "services:\n  base:\n    image: postgres:16\n  objets:\n    image: minio/minio\n  cache:\n    image: redis:7\n"


def test_several_kinds_with_an_index_are_met():
    found = examine({"docker-compose.yml": STORES, "schema.sql": TABLE + "CREATE INDEX a ON arrivage (jour);\n"}, CHECK)
    assert found.outcome.value == "met"
    assert "relational, object, key-value" in found.why.en or "relational, key-value, object" in found.why.en


def test_one_store_with_performance_and_roles_is_met():
    sql = TABLE + "CREATE INDEX a ON arrivage (jour);\n\nCREATE ROLE lecture;\nGRANT SELECT ON arrivage TO lecture;\n"
    assert examine({"schema.sql": sql}, CHECK).outcome.value == "met"


def test_rights_are_security_where_they_are_not_all_of_them():
    index = TABLE + "CREATE INDEX a ON arrivage (jour);\n"
    some, every = "GRANT SELECT ON arrivage TO lecture;\n", "GRANT ALL PRIVILEGES ON arrivage TO lecture;\n"
    assert examine({"schema.sql": index + some}, CHECK).outcome.value == "met"
    assert examine({"schema.sql": index + "REVOKE ALL ON arrivage FROM PUBLIC;\n"}, CHECK).outcome.value == "met"
    found = examine({"schema.sql": index + every}, CHECK)
    assert found.outcome.value == "partly" and "missing: several kinds of store, security" in found.why.en


def test_a_store_alone_is_partly_and_a_comment_adds_nothing():
    found = examine(
        {"schema.sql": TABLE + "-- GRANT SELECT ON arrivage TO lecture;\n-- CREATE INDEX a ON arrivage (jour);\n"}, CHECK
    )
    assert found.outcome.value == "partly" and "missing several kinds of store, performance, security" in found.why.en


def test_encryption_at_rest_is_a_measure():
    base = 'resource "aws_db_instance" "base" {\n  engine = "postgres"\n  storage_encrypted = true\n}\n'
    bucket = 'resource "aws_s3_bucket" "lac" {\n  bucket = "lac"\n}\n'
    assert examine({"main.tf": base + bucket}, CHECK).outcome.value == "met"


def test_no_store_is_an_open_question():
    found = examine({"README.md": "# P\n\nPostgreSQL garde les données, MongoDB les documents.\n"}, CHECK)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")
