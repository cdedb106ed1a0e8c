"""The parts of the prober by themselves: documents, instances, operations, metrics, pictures."""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from checks.prober.asked import Asked, Clock, Route, read_asked
from checks.prober.attempts import with_wrong_credentials
from checks.prober.calls import Answer
from checks.prober.documents import closed, read_document
from checks.prober.fuzz import tally
from checks.prober.instances import Instances, wrong
from checks.prober.metrics import totals
from checks.prober.openapi import is_valid
from checks.prober.operations import Scheme, filled, operations
from checks.prober.screenshot import MOST_BYTES, screenshot, smaller
from tests.prober.servers import raw, says

SCHEMAS: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 5, "maximum": 9},
    {"type": "integer", "exclusiveMinimum": 5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
    {"type": "number", "maximum": -3},
    {"type": "integer", "minimum": 7, "multipleOf": 5},
    {"type": "string", "minLength": 12, "maxLength": 20},
    {"type": "string", "enum": ["red", "blue"]},
    {"type": ["null", "string"], "format": "date"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "number"}]}, "b": {"type": "string"}},
    },
    {"type": "object", "properties": {"a": {"type": "boolean"}}, "minProperties": 1},
    {
        "allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
            {"required": ["b"], "properties": {"b": {"const": 3}}},
        ]
    },
    {
        "type": "object",
        "required": ["when"],
        "properties": {"when": {"type": "string", "format": "date-time"}},
        "example": {"when": "2020-01-01T00:00:00Z"},
    },
    {"oneOf": [{"$ref": "#/components/schemas/Flat"}, {"type": "string"}]},
]
COMPONENTS = {
    "components": {
        "schemas": {"Flat": {"type": "object", "required": ["s"], "properties": {"s": {"type": "number", "minimum": 10}}}}
    }
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_instance_is_valid_and_always_the_same(schema: dict[str, Any]) -> None:
    made = Instances(COMPONENTS).of(schema)
    jsonschema.validate(made, {**schema, **COMPONENTS})
    assert made == Instances(COMPONENTS).of(schema)


@pytest.mark.parametrize("schema", [s for s in SCHEMAS if s.get("type") == "object" or "allOf" in s])
def test_a_wrong_body_is_not_valid(schema: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong(Instances(COMPONENTS).of(schema)), {**schema, **COMPONENTS})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "minimum": 1e308, "multipleOf": 1e-300},
        {"type": "array", "minItems": 10**9, "items": {"type": "array", "minItems": 10**9}},
        {"type": "string", "minLength": 10**12},
        {"type": "integer", "minimum": "x", "multipleOf": True, "enum": []},
        {"allOf": [{"$ref": "#"}, {"allOf": 3}], "properties": [], "required": {"a": 1}},
        {"anyOf": [[], 3], "oneOf": "x"},
        {"type": "object", "required": [1, None, {"a": 1}], "properties": {"1": {"$ref": "#/paths"}}},
    ],
)
def test_a_hostile_schema_gives_some_body_or_none(schema: dict[str, Any]) -> None:
    document = {"paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}}
    (operation,) = operations(Asked(port=1), document)
    assert operation.body is not None
    assert len(operation.body.data) < 20_000


def test_documents_mutilated_at_random_never_stop_the_prober() -> None:
    sound: dict[str, Any] = {
        "openapi": "3.0.0",
        "servers": [{"url": "/v1"}],
        "security": [{"key": []}],
        "paths": {"/a/{b}": {"parameters": [{"in": "path", "name": "b", "schema": {"type": "integer"}}], "post": {"requestBody": {"content": {"multipart/form-data": {"schema": {"properties": {"f": {"type": "string", "format": "binary"}}}}}}}}},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}},
    }  # fmt: skip
    assert operations(Asked(port=1), sound)[0].call.path == "/v1/a/1"
    chance = random.Random(7)
    text = json.dumps(sound)
    for _ in range(1_500):
        start = chance.randrange(len(text))
        junk = chance.choice(['""', "[]", "{}", "null", "1e999", "-1", '"$ref"', '{"$ref":"#/paths"}', ""])
        try:
            document = closed(read_document((text[:start] + junk + text[start + chance.randrange(12) :]).encode()))
        except ValueError:
            continue
        for operation in operations(Asked(port=1), document):
            json.dumps(operation.call.path)


def test_the_document_itself_says_how_to_be_asked() -> None:
    document = {
        "swagger": "2.0",
        "basePath": "/api",
        "securityDefinitions": {"basic": {"type": "basic"}, "key": {"type": "apiKey", "in": "query", "name": "k"}},
        "paths": {
            "/b/{when}": {
                "get": {
                    "security": [{"basic": [], "key": []}],
                    "parameters": [
                        {"in": "path", "name": "when", "type": "string", "format": "date"},
                        {"in": "query", "name": "size", "type": "integer", "required": True, "minimum": 4},
                        {"in": "query", "name": "page", "type": "integer"},
                    ],
                },
                "delete": {},
            }
        },
    }
    read, removed = operations(Asked(port=1, routes=(Route("GET", "/api/b/<when>", "data", True),)), document)
    assert (read.call.path, read.call.route, read.call.query) == ("/api/b/2026-01-15", "/api/b/<when>", (("size", "4"),))
    assert (read.kind, read.guarded, read.documented) == ("data", True, True)
    assert set(read.schemes) == {Scheme("basic"), Scheme("query", "k")}
    assert removed.call.method == "DELETE"
    guess = with_wrong_credentials(read.call, read.schemes)
    assert ("Authorization", "Basic d3Jvbmc6d3Jvbmc=") in guess.headers
    assert ("k", "wrong") in guess.query


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/a/{id}", "/a/1"),
        ("/a/<int:id>/b", "/a/1/b"),
        ("/a/<uuid:id>", "/a/00000000-0000-4000-8000-000000000001"),
        ("/a/{rest:path}", "/a/a"),
        ("/a/:id", "/a/1"),
        (r"^a/(?P<pk>\d+)/$", "/a/1/"),
    ],
)
def test_parameters_are_filled_in_every_dialect(template: str, path: str) -> None:
    assert filled(template, {}) == path


def test_there_are_at_most_sixty_operations_guarded_ones_first() -> None:
    routes = (*(Route("GET", f"/o{n}") for n in range(90)), *(Route("DELETE", f"/g{n}", "data", True) for n in range(10)))
    wanted = operations(Asked(port=1, routes=routes), None)
    assert len(wanted) == 60
    assert [o.call.path for o in wanted[-10:]] == [f"/g{n}" for n in range(10)]


def test_validity_follows_the_specification() -> None:
    sound: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}
    assert is_valid(sound) is True
    assert is_valid({**sound, "info": {}}) is False
    assert is_valid({**sound, "openapi": "9.0"}) is False


def test_a_relative_address_of_a_token_is_valid() -> None:
    flows = {"password": {"tokenUrl": "/token", "scopes": {}}}
    sound = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}
    schemes = {"securitySchemes": {"OAuth2PasswordBearer": {"type": "oauth2", "flows": flows}}}
    assert is_valid({**sound, "components": schemes}) is True
    assert is_valid({**sound, "components": {"securitySchemes": [1]}}) is False


def test_metrics_are_read_whatever_they_hold() -> None:
    text = (
        b'# HELP a b\na_total{x="}"} 2 1700000000\na_total{x="2"} 3.5e0\nb NaN\nc +Inf\nd{ 3\n=\xff 3\ne 1e999\nf -4\n'
        + b"{" * 100_000
    )
    found = totals(Answer(200, None, 0.1, {"content-type": "text/plain; version=0.0.4"}, text))
    assert found == {"a_total": 5.5, "b": 0.0, "c": 0.0, "e": 0.0, "f": -4.0}
    many = b"".join(b"n%d 1\n" % n for n in range(5_000))
    assert len(totals(Answer(200, None, 0.1, {}, many))) == 2_000


def test_a_report_of_fuzzing_that_was_cut_or_forged_is_still_read(tmp_path: Path) -> None:
    recorder = {
        "label": "GET /a\x1b[1m",
        "cases": {"x": {"value": {"body": [1]}}},
        "checks": {"x": [{"name": "not_a_server_error", "status": "failure"}]},
    }
    interactions = {"x": {"request": {"uri": "http://127.0.0.1:1/a?b=1"}, "response": {"status_code": 500}}}
    good = json.dumps({"ScenarioFinished": {"recorder": {**recorder, "interactions": interactions}}})
    lines = [
        good,
        good,
        "[" * 100_000,
        "{}",
        '{"ScenarioFinished": 3}',
        '{"ScenarioFinished": {"recorder": {"checks": [1], "cases": 2}}}',
        good[:50],
    ]
    (tmp_path / "events.ndjson").write_text("\n".join(lines))
    cases, failures = tally(tmp_path / "events.ndjson")
    assert cases == 2
    assert [(f.method, f.route, f.status, f.sent) for f in failures] == [("GET", "/a\ufffd[1m", 500, "/a?b=1 [1]")]


def test_a_redirect_to_no_address_leads_nowhere() -> None:
    assert Answer(302, None, 0.1, {"location": "http://[nulle"}, b"").local_redirect() is None
    assert Answer(302, None, 0.1, {"location": "/connexion"}, b"").local_redirect() == "/connexion"


def test_a_request_that_was_refused_or_got_no_answer_proves_nothing(tmp_path: Path) -> None:
    answers = {
        "a": {"status_code": 200},
        "b": {"status_code": 403},
        "c": None,
        "d": {"status_code": 429},
        "e": {"status_code": 422},
    }
    recorder = {
        "label": "GET /ruches",
        "cases": {case: {} for case in answers},
        "interactions": {case: {"response": answer} for case, answer in answers.items()},
    }
    (tmp_path / "events.ndjson").write_text(json.dumps({"ScenarioFinished": {"recorder": recorder}}))
    assert tally(tmp_path / "events.ndjson") == (2, ())


def test_a_page_that_never_ends_has_no_picture_in_time() -> None:
    body = b"<h1>a</h1><script>while(1){}</script>"
    with raw(says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)) as port:
        clock = Clock(4)
        picture, code = screenshot(port, clock)
    assert (picture, code) == (None, "timeout")
    assert clock.spent() < 6


def test_a_picture_is_made_small_enough() -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (1200, 900), os.urandom(1200 * 900 * 3)).save(out, "PNG")
    small = smaller(out.getvalue())
    assert small is not None
    assert len(small) <= MOST_BYTES
    assert smaller(b"\x89PNG" + b"0" * MOST_BYTES) is None


def test_questions_are_read_with_bounds() -> None:
    routes = [
        {"method": "get", "path": "a"},
        {"method": "TRACE", "path": "/b"},
        {"path": "/" + "x" * 400},
        3,
        {"method": "GET", "path": "/a"},
    ]
    asked = read_asked(json.dumps({"port": 80, "routes": routes, "seconds": 1e9, "app": [], "seed": -5}).encode())
    assert asked.routes == (Route("GET", "/a"),)
    assert asked.seconds == 600
    with pytest.raises(ValueError, match="no port"):
        read_asked(b'{"port": 0}')
