"""Requests written in scripts and templates: fetch, axios, jQuery, htmx, forms. Read line by line with plain patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator

REFUSAL_IN_SCRIPT = re.compile(
    r"status\w*\s*={2,3}\s*40[13]\b|\b40[13]\s*={2,3}\s*\w*\.?status|refresh_?token|token/refresh|case 401", re.I
)
_CREDENTIAL = re.compile(
    r"authorization|bearer|x-api-key|credentials\s*:\s*[\"'](include|same-origin)|withCredentials|csrf|access_token|apikey", re.I
)
_HEADER = re.compile(r"[\"'`]?Authorization[\"'`]?\]?\s*[:=]|Bearer \$\{|x-api-key", re.I)
_CALLER = re.compile(
    r"(?:\b(fetch|axios|ajax|\w*[fF]etch|\w*[aA]pi\w*|http\w*|client|instance|request|\$)"
    r"(?:\.(get|post|put|patch|delete|ajax|request|getJSON))?)\s*(?:<[^<>()]{0,80}>)?\(\s*([^\n]{1,300})"
)
_LITERAL = re.compile(r"[`'\"]([^`'\"\n]{1,300})[`'\"]")
_HTMX = re.compile(r"\bhx-(get|post|put|patch|delete)\s*=\s*[\"']([^\"']{1,300})[\"']", re.I)
_FORM = re.compile(r"<form\b([^>]{0,600})>", re.I)
_METHOD = re.compile(r"method[\"']?\s*[:=]\s*[\"'`](\w{3,6})[\"'`]", re.I)
_SHARP = re.compile(
    r"\.(Get|Post|Put|Delete|Patch|GetFrom|Send)(?:AsJson|Json|String|FromJson)?Async(?:<[^<>()]{0,80}>)?"
    r"\(\s*(?:\w+\s*\+\s*)?(?:\$?\"([^\"\n]{1,200})\"|(\w+)\b)"
)
_SHARP_CREDENTIAL = re.compile(
    r"\bHeaders\.Authorization\b|AuthenticationHeaderValue\(|\"(?:Authorization|X-API-Key|Bearer)\b", re.I
)
_SHARP_ADDRESS = re.compile(
    r"\b(\w+)\s*=\s*(?:new Uri\(\s*(?:[^\s,\"()]{1,80}\s*,\s*)?\$?\"([^\"\n]{1,200})\"|\$\"([^\"\n]{0,199}/[^\"\n]{0,200})\")"
)
_SOCKET = re.compile(r"new (?:WebSocket|EventSource)\(\s*([^\n]{1,300})")


def calls_in_script(text: str, suffix: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield (line, method or "", address, whether a credential goes with it) for every request written in a file."""
    lines = text.split("\n")
    whole_file = suffix in (".js", ".ts", ".mjs") and bool(_HEADER.search(text))  # a client module adds the header in one place
    for number, line in enumerate(lines, 1):
        if len(line) > 4000:
            continue
        for found in _CALLER.finditer(line):
            yield from _from_call(lines, number, found, whole_file)
        for found in _SOCKET.finditer(line):
            for literal in _LITERAL.findall(found[1])[:1]:
                yield number, "", literal, False
        if suffix not in (".js", ".ts", ".mjs"):
            for verb, url in _HTMX.findall(line):
                yield number, verb.upper(), url, True
            for attributes in _FORM.findall(line):
                yield from _from_form(number, attributes)


def calls_in_csharp(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield the requests of a C# file, as `calls_in_script` does."""
    credential = bool(_SHARP_CREDENTIAL.search(text))  # set once on the client of the whole class
    addresses: dict[str, str] = {}  # name of a variable → the address that it was given last
    for number, line in enumerate(text.split("\n"), 1):
        for name, resolved, written in _SHARP_ADDRESS.findall(line[:2000]):
            addresses[name] = resolved or written
        for verb, literal, name in _SHARP.findall(line[:2000]):
            url = literal or addresses.get(name, "")
            method = {"GetFrom": "GET", "Send": ""}.get(verb, verb.upper())
            if url:
                yield number, method, re.sub(r"\{[^{}]*\}", "{}", url), credential


def _from_call(lines: list[str], number: int, found: re.Match[str], whole_file: bool) -> Iterator[tuple[int, str, str, bool]]:
    near = "\n".join(lines[number - 1 : number + 11])
    rest = found[3]
    if "/" not in rest and found[1] in ("ajax", "axios", "$", "fetch") and number < len(lines):
        rest = " ".join(lines[number - 1 : number + 4])[:600]
    literals = [t for t in _LITERAL.findall(rest) if t.startswith(("/", "http", "${", "ws")) or re.match(r"\w+/", t)]
    if not literals or re.search(r"\.(js|css|png|jpg|svg|json|csv|html)$", literals[0]):
        return
    verb = (found[2] or "").upper()
    if verb in ("", "AJAX", "REQUEST"):
        spoken = _METHOD.search(near)
        verb = spoken[1].upper() if spoken else ("GET" if found[1] == "fetch" else "")
    verb = "GET" if verb == "GETJSON" else verb
    credential = bool(_CREDENTIAL.search(near)) or bool(
        re.search(r"interceptors\.request|defaults\.headers", "\n".join(lines[:400]))
    )
    url = re.sub(r"\$\{[^{}]*\}", "{}", literals[0])
    yield number, verb, url, credential or bool(re.search(r"auth|token", found[1], re.I)) or whole_file


def _from_form(number: int, attributes: str) -> Iterator[tuple[int, str, str, bool]]:
    action = re.search(r"action\s*=\s*[\"']([^\"']{1,300})[\"']", attributes, re.I)
    method = re.search(r"method\s*=\s*[\"']?(\w{3,6})", attributes, re.I)
    if action and not action[1].startswith(("{", "#")):
        yield number, (method[1] if method else "GET").upper(), action[1], False
