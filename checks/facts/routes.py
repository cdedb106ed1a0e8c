"""The routes of the web applications: what each is for, and whether it keeps strangers out."""

from __future__ import annotations

import ast
import re

from checks.facts.call_graph import CallGraph
from checks.facts.guards import Guard
from checks.facts.models import Models
from checks.facts.python_code import Module, PythonCode
from checks.facts.routes_django import DjangoReader
from checks.facts.routes_express import ExpressReader
from checks.facts.routes_fastapi import FastApiReader
from checks.facts.routes_flask import FlaskReader
from checks.facts.routing import Application, Endpoint, Route, Routes, join, shape
from checks.facts.syntax import walk
from checks.workspace import Workspace

__all__ = ["Application", "Endpoint", "Guard", "Route", "Routes", "join", "routes", "shape"]

SYSTEM = re.compile(
    r"(^|/)(health\w*|healthz|metrics|ping|status|ready|readiness|live|liveness|version|docs|redoc|openapi\S*|swagger\S*|schema"
    r"|favicon\S*|static|media|robots\.txt|info|heartbeat|api-docs|up)(/\{\})?$"
)
AUTH = re.compile(
    r"(^|[/_-])(login|log-in|signin|sign-in|logout|register|signup|sign-up|token|refresh|auth|password|verify-email|inscription"
    r"|connexion|deconnexion|oauth\w*|jwt|forgot-password|reset-password|session|activate|callback)([/_-]|$)"
)
NEW_ACCOUNT = re.compile(
    r"(^|\.)(create_user|register\w*|sign_?up\w*|create_account|creer_(utilisateur|compte)|inscri\w*|add_user)$", re.I
)
DATA_CALLS = frozenset(
    [
        "execute",
        "executemany",
        "query",
        "find",
        "find_one",
        "aggregate",
        "fetchall",
        "fetchone",
        "fetch_all",
        "fetch",
        "fetchrow",
        "scalars",
        "scalar",
        "exec",
        "commit",
        "add",
        "read_sql",
        "read_csv",
        "read_parquet",
        "read_json",
        "insert_one",
        "insert_many",
        "update_one",
        "update_many",
        "delete_one",
        "delete_many",
        "count_documents",
        "objects",
        "filter",
        "filter_by",
        "all",
        "get_or_404",
        "select",
        "cursor",
        "read_excel",
        "to_dict",
        "to_sql",
        "table",
        "bulk_create",
        "rpc",
        "distinct",
        "open",
        "merge",
        "put_object",
    ]
)
DATA_NAMES = re.compile(
    r"(^|_)(db|session|conn|connection|cursor|repo|repository|crud|collection|database|engine|df|dataset|client)$", re.I
)


class Purpose:
    """Tells what a route is for, from its path and from what its handler reaches."""

    def __init__(self, code: PythonCode, graph: CallGraph, models: Models) -> None:
        """Take what the handlers are followed through."""
        self.code, self.graph, self.models = code, graph, models

    def handlers(self, endpoint: Endpoint) -> list[tuple[Module, str]]:
        """Return the function that answers, or the methods of the class that does."""
        module = self.code.by_path.get(endpoint.module)
        if module is None:
            return []
        if endpoint.handler in module.functions:
            return [(module, endpoint.handler)]
        return [(module, f) for f in module.functions if f.startswith(endpoint.handler + ".")]

    def model_use(self, endpoint: Endpoint) -> tuple[str, int, str] | None:
        """Return the place (path, line, excerpt) where the route reaches a model, followed through modules."""
        for module, function in self.handlers(endpoint):
            for where, inner in self.graph.closure(module, function):
                use = self.models.within(where.path, inner)
                if use is not None:
                    return use.path, use.line, use.excerpt
        return None

    def touches_data(self, endpoint: Endpoint) -> bool:
        """Tell whether the handler reads or writes stored data."""
        for module, function in self.handlers(endpoint):
            for where, inner in self.graph.closure(module, function, 4):
                names = [c.name.rsplit(".", 1)[-1] for c in self.graph.calls(where, inner)]
                if DATA_CALLS & set(names):
                    return True
                if any(DATA_NAMES.search(a.arg) for a in where.functions[inner].args.args):
                    return True
                if any(isinstance(n, ast.Attribute) and n.attr == "objects" for n in walk(where.functions[inner])):
                    return True
        return False

    def route(self, endpoint: Endpoint) -> Route:
        """Return the route with its purpose."""
        path = shape(endpoint.path)
        use = None if SYSTEM.search(path) else self.model_use(endpoint)
        data = endpoint.stored or self.touches_data(endpoint)
        kind = _kind(endpoint, path, use is not None, data)
        module = self.code.by_path.get(endpoint.module)
        declared = self.code.by_path.get(endpoint.where)
        excerpt = (
            declared.source[endpoint.line - 1].strip()
            if declared and not declared.notebook and endpoint.line <= len(declared.source)
            else ""
        )
        return Route(
            endpoint.method,
            endpoint.path,
            endpoint.handler,
            endpoint.where,
            endpoint.line,
            endpoint.framework,
            endpoint.application,
            kind,
            endpoint.guards,
            endpoint.html,
            endpoint.listed,
            data,
            use is not None,
            use,
            module is not None and _typed(module, endpoint.handler),
            excerpt,
        )


def _kind(endpoint: Endpoint, path: str, model: bool, data: bool) -> str:
    if SYSTEM.search(path) and not model and endpoint.method == "GET":
        return "system"
    if not model and (AUTH.search(path) or (endpoint.method == "POST" and NEW_ACCOUNT.search(endpoint.handler))):
        return "auth"
    if endpoint.html:
        return "page"
    if model:
        return "model"
    if path == "/" or not data:
        return "system" if path == "/" else "other"
    return "data"


def _typed(module: Module, handler: str) -> bool:
    function = module.functions.get(handler)
    if function is None:
        return False
    if any(isinstance(d, ast.Call) and any(k.arg == "response_model" for k in d.keywords) for d in function.decorator_list):
        return True
    return any(a.annotation is not None for a in function.args.args)


def routes(workspace: Workspace, python_code: PythonCode, call_graph: CallGraph, models: Models) -> Routes:
    """Find the routes of every web application."""
    readers = (
        FastApiReader(python_code, call_graph),
        FlaskReader(python_code, call_graph),
        DjangoReader(python_code, call_graph),
    )
    endpoints = [e for reader in readers for e in reader.endpoints()]
    applications = [a for reader in readers for a in reader.applications()]
    purpose = Purpose(python_code, call_graph, models)
    express = ExpressReader(workspace)
    applications += express.applications()
    served = [purpose.route(e) for e in endpoints if e.application] + express.described()
    served.sort(key=lambda r: (r.application, r.path, r.method, r.module, r.line))
    lost = sorted((e for e in endpoints if not e.application), key=lambda e: (e.module, e.line))
    return Routes(tuple(dict.fromkeys(served)), tuple(applications), tuple(lost))


FACTS = (routes,)
