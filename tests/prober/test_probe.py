"""The prober as a process, against a real FastAPI application and a real Flask one."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import sys
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.security import APIKeyHeader, HTTPBearer
from flask import Flask, redirect, request
from pydantic import BaseModel, Field

from tests.prober.servers import asgi, ask, seen, wsgi


class Flat(BaseModel):
    surface: Annotated[float, Field(gt=9, le=500)]
    rooms: Annotated[int, Field(ge=1)]
    town: str


class Credentials(BaseModel):
    username: str
    password: str


def bearer(given: Annotated[Any, Depends(HTTPBearer(auto_error=False))]) -> None:
    if given is None or given.credentials != "right":
        raise HTTPException(401)


def keyed(given: Annotated[str | None, Depends(APIKeyHeader(name="X-Town-Key", auto_error=False))]) -> None:
    if given != "right":
        raise HTTPException(403)


def prices() -> FastAPI:
    app, asked = FastAPI(title="Prices"), {"count": 0, "logins": 0}

    @app.get("/flats/{flat_id}", dependencies=[Depends(bearer)])
    def flat(flat_id: int) -> dict[str, int]:
        return {"id": flat_id}

    @app.delete("/flats/{flat_id}", dependencies=[Depends(keyed)])
    def remove(flat_id: int) -> None:
        asked["count"] += 1_000

    @app.post("/predict")
    def predict(flat: Flat) -> dict[str, float]:
        asked["count"] += 1
        return {"price": flat.surface / (flat.rooms - 7)}  # the defect that fuzzing is to find is below

    @app.get("/towns/{name}")
    def town(name: str) -> dict[str, str]:
        if len(name) > 1:
            raise RuntimeError("not only one letter")
        return {"name": name}

    @app.post("/login")
    def login(_credentials: Credentials) -> None:
        asked["logins"] += 1
        raise HTTPException(401)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        text = f'# TYPE predictions_total counter\npredictions_total{{model="a"}} {asked["count"]}\npredictions_total{{model="b"}} 2\n'
        return Response(f"{text}logins_total {asked['logins']}\n", media_type="text/plain")

    return app


@pytest.fixture(scope="module")
def answered() -> dict[str, Any]:
    routes = [
        {"method": "GET", "path": "/flats/{flat_id}", "kind": "data", "guarded": True, "place": {"path": "a.py", "line": 1}},
        {"method": "GET", "path": "/forgotten/<uuid:key>", "kind": "data", "guarded": False},
    ]
    with asgi(prices()) as port:
        return ask(port, routes=routes)


def test_the_document_is_found_and_valid(answered: dict[str, Any]) -> None:
    assert answered["reached"] is True
    assert answered["openapi_path"] == "/openapi.json"
    assert answered["openapi_valid"] is True
    assert "/predict" in answered["openapi"]["paths"]
    assert answered["troubles"] == []


def test_each_operation_is_called_without_and_with_wrong_credentials(answered: dict[str, Any]) -> None:
    without = seen(answered, "without-credentials")
    assert without[("GET", "/flats/{flat_id}")] == 401
    assert without[("DELETE", "/flats/{flat_id}")] == 403
    assert without[("GET", "/towns/{name}")] == 200
    assert without[("GET", "/forgotten/<uuid:key>")] == 404
    wrong = seen(answered, "wrong-credentials")
    assert wrong[("GET", "/flats/{flat_id}")] == 401
    assert wrong[("DELETE", "/flats/{flat_id}")] == 403


def test_bodies_are_valid_then_wrong(answered: dict[str, Any]) -> None:
    assert seen(answered, "valid-body")[("POST", "/predict")] == 200
    assert seen(answered, "wrong-body")[("POST", "/predict")] == 422


def test_a_login_is_tried_once(answered: dict[str, Any]) -> None:
    assert [e["purpose"] for e in answered["exchanges"] if e["route"] == "/login"] == ["without-credentials"]
    assert answered["metrics"]["after"]["logins_total"] == 1


def test_metrics_are_summed_before_and_after(answered: dict[str, Any]) -> None:
    assert answered["metrics"]["path"] == "/metrics"
    assert answered["metrics"]["before"]["predictions_total"] == 2
    assert answered["metrics"]["after"]["predictions_total"] == 4  # without and with wrong credentials


def test_fuzzing_finds_the_server_error_and_shows_a_request(answered: dict[str, Any]) -> None:
    assert answered["fuzz"]["ran"] is True
    assert answered["fuzz"]["ended"] == "exit"
    assert answered["fuzz"]["cases"] > 20
    found = {(f["method"], f["route"]): f for f in answered["fuzz"]["failures"] if f["what"] == "not_a_server_error"}
    assert found[("GET", "/towns/{name}")]["status"] == 500
    assert found[("GET", "/towns/{name}")]["sent"].startswith("/towns/")


def test_an_api_without_pages_has_no_picture(answered: dict[str, Any]) -> None:
    assert answered["screenshot"] is None


def pages() -> Flask:
    app, calls = Flask("pages"), {"items": 0}

    @app.get("/")
    def home() -> Any:
        return redirect("/welcome")

    @app.get("/welcome")
    def welcome() -> str:
        return "<!doctype html><h1>Bienvenue</h1><script>alert(1)</script>"

    @app.get("/docs")
    def docs() -> str:
        return "<html><script>SwaggerUIBundle({url: '/hidden/spec.yaml'})</script>"

    @app.get("/hidden/spec.yaml")
    def spec() -> Any:
        return "swagger: '2.0'\ninfo: {title: a, version: '1'}\npaths: {'/items/{id}': {get: {responses: {200: {description: ok}}}}}\n"

    @app.get("/items/<int:item>")
    def items(item: int) -> Any:
        calls["items"] += 1
        status = 429 if calls["items"] > 20 else 200
        return {"id": item, "cookie": request.cookies.get("seen")}, status, {"X-RateLimit-Limit": "20", "Set-Cookie": "seen=1"}

    return app


def test_pages_a_picture_a_named_document_and_a_limit() -> None:
    routes = [{"method": "GET", "path": "/items/<int:item>", "kind": "data", "guarded": False}]
    with wsgi(pages()) as port:
        answered = ask(port, app={"framework": "flask"}, routes=routes, screenshot=True, seconds=20)
    assert [e["status"] for e in answered["exchanges"] if e["purpose"] == "home"] == [302, 200]
    assert base64.b64decode(answered["screenshot"]).startswith(b"\x89PNG")
    assert answered["openapi_path"] == "/hidden/spec.yaml"
    assert answered["openapi"]["swagger"] == "2.0"
    assert answered["limited_after"] == 19  # two calls came before
    assert '"cookie":null' in next(e["body"] for e in answered["exchanges"] if e["purpose"] == "wrong-credentials")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answered = ask(port)
    assert answered["reached"] is False
    assert [e["error"] for e in answered["exchanges"]] == ["refused"]


@pytest.mark.parametrize(
    "sent", [b"", b"\0\0", struct.pack(">Q", 2) + b"[]", struct.pack(">Q", 1 << 60), struct.pack(">Q", 3) + b"{}"]
)
def test_malformed_questions_have_an_answer(sent: bytes) -> None:
    done = subprocess.run((sys.executable, "-I", "-m", "checks.prober"), input=sent, capture_output=True, timeout=30)
    assert done.returncode == 0
    assert b'"malformed"' in done.stdout
