"""Routes of Express and Fastify servers: routers and prefixes joined across files, middlewares followed to what they verify."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.facts.guards import Guard
from checks.facts.routing import Application, Route, join
from checks.workspace import File, Workspace

_SERVER = re.compile(
    r"\b(?:const|let|var)\s+(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:new\s+)?(express|fastify|Fastify|Router|express\.Router|Hono|Koa)\s*\("
)
_ROUTE = re.compile(r"\b(\w+)\.(get|post|put|patch|delete)\(\s*[\"'`](/[^\"'`\n]{0,200})[\"'`]\s*,")
_USE = re.compile(r"\b(\w+)\.(?:use|register)\(\s*(?:[\"'`](/[^\"'`\n]{0,200})[\"'`]\s*,\s*)?([^\n;]{1,300})")
_IMPORT = re.compile(
    r"(?:import\s+(?:\*\s+as\s+)?\{?([\w\s,]{1,200})\}?\s+from|(?:const|let|var)\s+\{?([\w\s,]{1,200})\}?\s*=\s*require\()\s*\(?\s*[\"']([^\"'\n]{1,200})[\"']"
)
_REFUSES = re.compile(
    r"status\(\s*40[13]|sendStatus\(\s*40[13]|\.code\(\s*40[13]|Unauthorized|Forbidden|redirect\([^)\n]{0,40}login"
)
_VERIFIES = re.compile(
    r"\bverify\w*\(|jwtVerify|compare\w*\(|timingSafeEqual|findOne\(|findUnique\(|[!=]==\s*(process\.env|config|API_KEY|expected)|getUser\(|isAuthenticated\("
)
_KNOWN_GUARD = re.compile(r"passport\.authenticate|expressjwt|expressJwt|requireAuth\(\)|auth\(\)|checkJwt|ensureLoggedIn")
_MODEL = re.compile(
    r"openai|mistral|anthropic|ollama|gemini|langchain|\.predict\(|chat\.completions|generateContent|api-inference\.huggingface",
    re.I,
)
_DATA = re.compile(
    r"\.(find\w*|query|aggregate|create|save|insert\w*|update\w*|delete\w*|select|count\w*|execute)\(|prisma\.|knex\(|SELECT ",
    re.I,
)
_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?")
_SYSTEM = re.compile(r"^/(api/)?(health\w*|metrics|ping|status|docs|api-docs|)/?$")
_AUTH = re.compile(r"log-?in|log-?out|register|sign-?up|sign-?in|token|refresh|password|/auth\b", re.I)


@dataclass(frozen=True, slots=True)
class Script:
    """One server file: its servers and routers, the names it imports and from which file."""

    file: File
    servers: dict[str, str]
    imports: dict[str, str]


class ExpressReader:
    """Reads the JavaScript servers of a submission."""

    def __init__(self, workspace: Workspace) -> None:
        """Find the server files."""
        self.workspace = workspace
        self.scripts: dict[str, Script] = {}
        for file in workspace.with_suffix(".js", ".ts", ".mjs", ".cjs"):
            if (
                file.size < 300_000
                and re.search(r"express|fastify|hono|koa", file.text)
                and not re.search(r"\.(test|spec)\.|(^|/)tests?/", file.path)
            ):
                found: dict[str, str] = dict(_SERVER.findall(file.text))
                if found:
                    self.scripts[file.path] = Script(file, found, dict(self._imports(file)))
        self._mounts = {p: list(self._read_mounts(s)) for p, s in self.scripts.items()}

    def _imports(self, file: File) -> Iterator[tuple[str, str]]:
        for first, second, target in _IMPORT.findall(file.text):
            if target.startswith("."):
                base = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), target))
                plain = re.sub(r"\.(js|ts|mjs)$", "", base)
                for candidate in (base, *(f"{plain}{end}" for end in (".js", ".ts", ".mjs", "/index.js", "/index.ts"))):
                    if self.workspace.get(candidate) is not None:
                        for name in _WORD.findall(first or second):
                            yield name, candidate
                        break

    def _read_mounts(self, script: Script) -> Iterator[tuple[str, str, str, tuple[Guard, ...]]]:
        """Yield (parent, prefix, path of the child's file or name here, guards); a guard for everything has no child."""
        for parent, prefix, rest in _USE.findall(script.file.text):
            if parent in script.servers:
                names = _WORD.findall(rest)
                guards = tuple(self._guards(script, rest))
                children = [n for n in names if script.imports.get(n) in self.scripts or n in script.servers]
                for child in children or ([""] if guards else []):
                    yield parent, prefix, script.imports.get(child, child), guards

    def _guards(self, script: Script, text: str) -> Iterator[Guard]:
        if known := _KNOWN_GUARD.search(text):
            line = script.file.text.count("\n", 0, max(script.file.text.find(text), 0)) + 1
            yield Guard(known[0], script.file.path, line, True, True)
        for name in _WORD.findall(text)[:12]:
            plain = name.split(".")[-1]
            source = self.workspace.get(script.imports.get(name.split(".")[0], script.file.path))
            if source is not None and (found := _definition(source, plain)) is not None:
                body, line = found
                if _REFUSES.search(body):
                    yield Guard(plain, source.path, line, True, bool(_VERIFIES.search(body)))

    def _prefixes(self, path: str, name: str, depth: int = 0) -> Iterator[tuple[str, str, tuple[Guard, ...]]]:
        """Yield (application, prefix, guards) for every way in which a router is served."""
        script = self.scripts[path]
        own = tuple(
            g for parent, prefix, child, gs in self._mounts[path] if parent == name and not child and not prefix for g in gs
        )
        if "Router" not in script.servers[name]:
            yield f"{path}:{name}", "", own
        for other, mounts in self._mounts.items() if depth < 5 else ():
            for parent, prefix, child, guards in mounts:
                if child and (child == path != other or (other == path and child == name)):
                    for application, above, outer in self._prefixes(other, parent, depth + 1):
                        yield application, join(above, prefix), (*outer, *guards, *own)

    def routes(self) -> Iterator[Route]:
        """Yield every served route."""
        for path, script in self.scripts.items():
            text = script.file.text
            found = [m for m in _ROUTE.finditer(text) if m[1] in script.servers]
            for position, match in enumerate(found):
                end = found[position + 1].start() if position + 1 < len(found) else len(text)
                body = text[match.start() : min(end, match.start() + 4000)]
                for served in self._prefixes(path, match[1]):
                    yield self._route(script, match, body, served)

    def _route(self, script: Script, match: re.Match[str], body: str, served: tuple[str, str, tuple[Guard, ...]]) -> Route:
        application, prefix, guards = served
        before = re.split(r"\(\s*\w*req\b|async\b|function\b|=>", body[match.end() - match.start() :], maxsplit=1)[0]
        line = script.file.text.count("\n", 0, match.start()) + 1
        reach = body + self._called(script, body)
        whole = join(prefix, match[3])
        html = "res.render(" in body or "sendFile(" in body
        model, data = bool(_MODEL.search(reach)), bool(_DATA.search(reach))
        kind = "page" if html else "model" if model else "data" if data else "other"
        kind = "system" if _SYSTEM.match(whole) else "auth" if _AUTH.search(whole) and not model else kind
        held = tuple(dict.fromkeys([*guards, *self._guards(script, before)]))
        use = (script.file.path, line, script.file.line(line)) if model else None
        method = match[2].upper()
        name = f"{method} {match[3]}"
        return Route(
            method,
            whole,
            name,
            script.file.path,
            line,
            "express",
            application,
            kind,
            held,
            html,
            False,
            data,
            model,
            use,
            False,
            script.file.line(line),
        )

    def _called(self, script: Script, body: str) -> str:
        """Return the text of the repository's functions that a handler names, one file away."""
        texts = []
        for name in dict.fromkeys(_WORD.findall(body)):
            target = script.imports.get(name.split(".")[0])
            source = self.workspace.get(target) if target else None
            if source is not None and (found := _definition(source, name.split(".")[-1])) is not None:
                texts.append(found[0])
        return "\n".join(texts)

    def applications(self) -> Iterator[Application]:
        """Yield the servers and what generates their OpenAPI document."""
        generator = next(
            (
                f
                for f in self.workspace.with_suffix(".js", ".ts", ".mjs")
                if "swagger-jsdoc" in f.text or "swaggerJsdoc" in f.text
            ),
            None,
        )
        for path, script in sorted(self.scripts.items()):
            for name, kind in script.servers.items():
                if "Router" not in kind:
                    line = next((i for i, t in enumerate(script.file.lines, 1) if re.search(rf"\b{re.escape(name)}\b.*=", t)), 1)
                    made = ("swagger-jsdoc", (generator.path, 1)) if generator is not None else ("", ("", 0))
                    yield Application(f"{path}:{name}", path, line, "express", "", *made)

    def described(self) -> list[Route]:
        """Return the routes, those with an @openapi comment above them listed."""
        found = []
        for route in self.routes():
            lines = self.scripts[route.module].file.lines
            above = "\n".join(lines[max(route.line - 40, 0) : route.line - 1]).rsplit("/**", 1)[-1]
            found.append(replace(route, listed="@swagger" in above or "@openapi" in above))
        return found


def _definition(file: File, name: str) -> tuple[str, int] | None:
    found = re.search(
        rf"(?:function\s+|(?:const|let|var)\s+|exports\.|^[ \t]*(?:static\s+)?(?:async\s+)?){re.escape(name)}\b\s*[=(:]",
        file.text,
        re.M,
    )
    if found is None:
        return None
    return file.text[found.start() : found.start() + 1800], file.text.count("\n", 0, found.start()) + 1
