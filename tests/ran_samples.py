"""Documents of a run, written by hand: the archive that the examiner would be given, and findings over it."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from checks import registry
from checks.facts.ran import ran
from checks.facts.ran_values import Ran
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Finding, History

NONCE = "n-42"
SUITE = {"runner": "pytest", "folder": ".", "targets": ["tests"], "place": {"path": "tests/test_api.py", "line": 1}}
APP = {"framework": "fastapi", "folder": "", "target": "api.main:app", "place": {"path": "api/main.py", "line": 5}}
BASE = {"kind": "ddl", "folder": "", "target": "base.sql", "engine": "sqlite", "place": {"path": "base.sql", "line": 1}}
READY = {
    "part": "api",
    "key": "k",
    "warm": True,
    "seconds": 0.1,
    "left_out": [],
    "relaxed": [],
    "installed": ["fastapi==0.110.0"],
    "error": None,
}


def case(name: str, outcome: str = "passed", *, message: str = "", trace: str = "", file: str = "tests/test_api.py") -> str:
    """Return one test of a JUnit report, as pytest's xunit1 family writes it."""
    head = f'<testcase classname={quoteattr(file.removesuffix(".py").replace("/", "."))} name={quoteattr(name)} file={quoteattr(file)} line="3" time="0.1">'
    tag = {"failed": "failure", "error": "error", "skipped": "skipped"}.get(outcome)
    return f"{head}{f'<{tag} message={quoteattr(message)}>{escape(trace)}</{tag}>' if tag else ''}</testcase>"


def junit(*cases: str) -> str:
    """Return a report whose totals are right."""
    bad, errors = sum("<failure" in c for c in cases), sum("<error" in c for c in cases)
    skipped = sum("<skipped" in c for c in cases)
    head = f'<testsuite name="pytest" errors="{errors}" failures="{bad}" skipped="{skipped}" tests="{len(cases)}" time="0.3">'
    return f'<?xml version="1.0" encoding="utf-8"?><testsuites>{head}{"".join(cases)}</testsuite></testsuites>'


def command(code: int = 0, *, how: str = "exit", tail: str = "") -> dict[str, Any]:
    """Return a command as the runner tells it."""
    return {"argv": ["python", "-m", "pytest"], "folder": ".", "how": how, "code": code, "seconds": 1.0, "tail": tail}


def ran_suite(*cases: str, code: int | None = None, **more: Any) -> dict[str, Any]:
    """Return the runner's document of a test suite; its exit code fits the report unless it is given."""
    text = junit(*cases)
    right = 1 if "<failure" in text or "<error" in text else 0
    return {
        "kind": "tests",
        "commands": [command(right if code is None else code)],
        "services": [],
        "junit": text,
        "again": None,
        "coverage": None,
        "finished": True,
        **more,
    }


def exchange(method: str, route: str, status: int | None, purpose: str = "without-credentials", **more: Any) -> dict[str, Any]:
    """Return an exchange as the prober tells it."""
    path = more.pop("path", route)
    base = {"purpose": purpose, "method": method, "route": route, "path": path, "status": status, "error": None}
    return {**base, "seconds": 0.01, "headers": {}, "body": "", **more}


def probe(*exchanges: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the prober's document of an application that answered."""
    base: dict[str, Any] = {
        "reached": True,
        "openapi": None,
        "openapi_path": None,
        "openapi_valid": None,
        "exchanges": list(exchanges),
    }
    base |= {"metrics": {"path": None, "before": {}, "after": {}}, "screenshot": None, "limited_after": None}
    return {**base, "fuzz": {"ran": False, "cases": 0, "failures": [], "seconds": 0.0}, **more}


def openapi(*routes: str) -> dict[str, Any]:
    """Return the part of a probe that tells of a valid document of these routes (`GET /items`)."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        method, path = route.split()
        paths.setdefault(path, {})[method.lower()] = {"responses": {"200": {"description": "ok"}}}
    return {"openapi": {"openapi": "3.1.0", "info": {}, "paths": paths}, "openapi_path": "/openapi.json", "openapi_valid": True}


def schema(*tables: tuple[str, int], **more: Any) -> dict[str, Any]:
    """Return the runner's document of a schema that made these tables (name, rows)."""
    made = [{"name": n, "columns": ["id", "nom"], "rows": rows} for n, rows in tables]
    base = {"kind": "migrate", "commands": [command()], "services": [], "engine": "sqlite", "tables": made}
    return {**base, "imported": [], "queries": [], **more}


def archive(
    *steps: dict[str, Any], environments: tuple[dict[str, Any], ...] = (READY,), nonce: str = NONCE, **files: bytes
) -> bytes:
    """Return the archive of a run. A step is a runner's document; its `host` entry says what our side saw."""
    host_steps, documents = [], {}
    for n, given in enumerate(steps, 1):
        said = {"nonce": nonce, **given}
        ours = said.pop("host", {})
        what = {"tests": SUITE, "serve": APP, "migrate": BASE}.get(said["kind"])
        seen = {
            "n": n,
            "kind": said["kind"],
            "part": "api",
            "what": what,
            "how": "exit",
            "code": 0,
            "reason": None,
            "seconds": 2.0,
            "probe": None,
        }
        host_steps.append({**seen, **ours})
        documents[f"steps/{n}.json"] = json.dumps(said).encode()
    host = {"nonce": NONCE, "sandbox": "docker", "environments": list(environments), "steps": host_steps}
    return tar({"host.json": json.dumps(host).encode(), **documents, **{f"steps/{k}.json": v for k, v in files.items()}})


def served(
    *exchanges: dict[str, Any], ready: bool = True, tail: str = "", app: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return the step of an application with what the prober saw of it."""
    seen = {"probe": probe(*exchanges, **more), **({"what": app} if app else {})}
    return {"kind": "serve", "commands": [command(tail=tail)], "services": [], "ready": ready, "host": seen}


def tar(members: dict[str, bytes]) -> bytes:
    """Return an archive of these members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def read(*steps: dict[str, Any], **more: Any) -> Ran:
    """Return what the fact makes of these steps."""
    return ran(archive(*steps, **more))


def engine(files: dict[str, str], data: bytes) -> Engine:
    """Return an engine over files and an archive."""
    workspace = Workspace({path: text.encode() for path, text in files.items()})
    return Engine(registry.FACTS, {"workspace": workspace, "history": History(), "tool_run": None, "ran_archive": data})


def finding(files: dict[str, str], check: str, *steps: dict[str, Any], **more: Any) -> Finding:
    """Return a check's finding over files and what ran."""
    return engine(files, archive(*steps, **more)).run(next(c for c in registry.CHECKS if c.id == check))
