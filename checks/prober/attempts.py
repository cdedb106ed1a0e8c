"""Calls each operation without a credential, with wrong ones, with a valid body and with a wrong one; judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from checks.prober.asked import Clock
from checks.prober.calls import Answer, Call, Caller, Exchange, exchange, json_body
from checks.prober.instances import wrong
from checks.prober.operations import Operation, Scheme

DESTRUCTIVE = ("PUT", "PATCH", "DELETE")
_LOGIN = re.compile(r"login|log-in|sign-?in|connexion|/token|/auth/?$|register|sign-?up|password", re.IGNORECASE)


def attempts(caller: Caller, wanted: tuple[Operation, ...], clock: Clock) -> Iterator[Exchange]:
    """Yield the exchanges with each operation until the time is over."""
    for operation in wanted:
        for purpose, call, answer in _each(caller, operation, clock):
            yield exchange(purpose, call, answer)


def _each(caller: Caller, operation: Operation, clock: Clock) -> Iterator[tuple[str, Call, Answer]]:
    if not clock.left():
        return
    call = with_body(operation)
    first = caller.call(call)
    yield "without-credentials", call, first
    refused = first.status in (401, 403)
    login = call.method == "POST" and _LOGIN.search(call.path) is not None
    if not login and clock.left():
        guess = with_wrong_credentials(call, operation.schemes)
        yield "wrong-credentials", guess, caller.call(guess)
    if operation.body is None or refused or call.method in DESTRUCTIVE:
        return
    yield "valid-body", call, first  # one call, seen twice: it asked both questions
    if not login and clock.left() and operation.body.media == "application/json":
        spoiled = replace(call, body=json_body(wrong(operation.body.value)))
        yield "wrong-body", spoiled, caller.call(spoiled)


def with_body(operation: Operation) -> Call:
    """Return the operation's call with its valid body; a JSON object where nothing describes one."""
    if operation.body is not None:
        return replace(operation.call, body=operation.body.data, media=operation.body.media)
    if operation.call.method in ("GET", "DELETE") or operation.documented:
        return operation.call
    return replace(operation.call, body=b"{}", media="application/json")


def with_wrong_credentials(call: Call, schemes: tuple[Scheme, ...]) -> Call:
    """Return the call with credentials that nobody could take for real ones, in each way that is declared or usual."""
    headers = {"Authorization": "Bearer wrong", "X-API-Key": "wrong"}
    query = dict(call.query)
    for scheme in schemes:
        if scheme.place == "basic":
            headers["Authorization"] = "Basic d3Jvbmc6d3Jvbmc="
        elif scheme.place == "header":
            headers[scheme.name] = "wrong"
        elif scheme.place == "cookie":
            headers["Cookie"] = f"{scheme.name}=wrong"
        elif scheme.place == "query":
            query[scheme.name] = "wrong"
    kept = tuple((k, v) for k, v in call.headers if k.lower() not in {name.lower() for name in headers})
    return replace(call, headers=(*kept, *headers.items()), query=tuple(query.items()))
