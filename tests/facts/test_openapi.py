from tests.web_samples import MODEL_API, fact


def test_a_written_document():
    text = (
        "openapi: 3.0.0\ninfo:\n  title: Miel\n  version: '1'\nsecurity:\n  - jeton: []\npaths:\n  /predire:\n    post:\n      responses:\n        '200':\n          description: ok\n"
        "components:\n  securitySchemes:\n    jeton: {type: http, scheme: bearer}\n"
    )
    (found,) = fact({"docs/api.yaml": text, "main.py": MODEL_API}, "openapi").files
    assert (found.path, found.line, found.version, found.schemes, found.problems) == ("docs/api.yaml", 1, "3.0.0", ("jeton",), ())
    assert [(o.method, o.path, o.line, o.secured) for o in found.operations] == [("POST", "/predire", 8, True)]


def test_problems_and_routes_that_nobody_serves():
    contents = {"api.json": '{"swagger": "2.0", "basePath": "/v1", "paths": {"/autre": {"get": {}}}}', "main.py": MODEL_API}
    (found,) = fact(contents, "openapi").files
    assert found.problems == ("info.title", "GET /autre: responses")
    assert [o.path for o in found.unrouted(fact(contents, "routes"))] == ["/v1/autre"]


def test_other_files_are_no_documents():
    contents = {"a.yml": "services:\n  api: {}\n", "b.json": '{"openapi": ', "c.yml": "openapi: [&a [*a]]\npaths: 3\n"}
    assert [f.path for f in fact(contents, "openapi").files if f.valid] == []


def test_generated_documents():
    assert [a.id for a in fact({"main.py": MODEL_API}, "openapi").generated] == ["main.py:app"]
    assert fact({"main.py": MODEL_API.replace("FastAPI()", "FastAPI(openapi_url='')")}, "openapi").generated == ()
