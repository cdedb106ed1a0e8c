"""What to call: the routes that reading found and the operations that the document describes, each with a path and a valid body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from checks.prober.asked import METHODS, Asked, Route
from checks.prober.calls import Call, json_body
from checks.prober.documents import follow, mappings
from checks.prober.instances import Instances, given

MOST = 60
_PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:(\w+):)?(\w+)>|\{(\w+)(?::(\w+))?\}|:(\w+)")
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f000382018084a98c210000000049454e44ae426082"
)
_BOUNDARY = "jurygrid-boundary"


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: the value it was made from, its bytes, its media type."""

    value: Any
    data: bytes
    media: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A declared way to present a credential: `place` is `header`, `query`, `cookie`, `bearer` or `basic`."""

    place: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to call. `guarded` when reading or the document says that it asks for a credential."""

    call: Call
    kind: str = "other"
    guarded: bool = False
    documented: bool = False
    body: Body | None = None
    schemes: tuple[Scheme, ...] = ()


def operations(asked: Asked, document: dict[str, Any] | None) -> tuple[Operation, ...]:
    """Return what to call, at most 60: reads first, what removes last."""
    read = {(r.method, shape(r.path)): r for r in asked.routes}
    described = {(o.call.method, shape(o.call.route)): o for o in Description(document, read).operations()} if document else {}
    others = [_read_only(route) for key, route in read.items() if key not in described]
    # Guarded and model routes first: they are what the jury asks about when there are too many.
    ranked = sorted(
        (*described.values(), *others), key=lambda o: (not (o.guarded or o.kind in ("model", "data")), not o.documented)
    )
    return tuple(sorted(ranked[:MOST], key=lambda o: METHODS.index(o.call.method)))


def shape(path: str) -> str:
    """Return a path with its parameters made alike."""
    return "/" + _PARAMETER.sub("{}", path.split("?", maxsplit=1)[0]).strip("/^$").lower()


def filled(path: str, values: dict[str, str]) -> str:
    """Return a path whose parameters have their value, or one that suits their converter."""

    def value(match: re.Match[str]) -> str:
        regex, kind, angle, brace, suffix, colon = match.groups()
        name = regex or angle or brace or colon or ""
        default = {"uuid": "00000000-0000-4000-8000-000000000001", "str": "a", "path": "a", "slug": "a"}.get(kind or suffix, "1")
        return values.get(name, default)

    return "/" + _PARAMETER.sub(value, path).lstrip("/^").rstrip("$")


def _read_only(route: Route) -> Operation:
    call = Call(route.method, filled(route.path, {}), route.path)
    return Operation(call, route.kind, route.guarded)


class Description:
    """Reads the operations of one OpenAPI document; `read` are the routes known from reading, by method and shape."""

    def __init__(self, document: dict[str, Any], read: dict[tuple[str, str], Route]) -> None:
        self._document = document
        self._read = read
        self._root = _root(document)

    def operations(self) -> Iterator[Operation]:
        """Yield the operations that can be understood."""
        paths = self._document.get("paths")
        for path, described_item in list(paths.items())[:300] if isinstance(paths, dict) else ():
            item = follow(self._document, described_item)
            for method in METHODS:
                described = item.get(method.lower())
                if isinstance(described, dict) and path.startswith("/") and len(path) <= 300:
                    yield self._operation(method, path, item, described)

    def _operation(self, method: str, path: str, item: dict[str, Any], described: dict[str, Any]) -> Operation:
        values = self._values(item, described)
        known = self._read.get((method, shape(self._root + path))) or self._read.get((method, shape(path)))
        body = self._body(described)
        schemes = self._schemes(described)
        call = Call(
            method,
            self._root + filled(path, values["path"]),
            known.path if known else path,
            tuple(values["query"].items()),
            tuple(values["header"].items()),
        )
        guarded = bool(schemes) or (known is not None and known.guarded)
        return Operation(call, known.kind if known else "other", guarded, True, body, schemes)

    def _values(self, item: dict[str, Any], described: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Return a value for each parameter of a path, and for each required one elsewhere."""
        values: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        for given_ in (*mappings(item.get("parameters")), *mappings(described.get("parameters"))):
            parameter = follow(self._document, given_)
            place, name = str(parameter.get("in")), str(parameter.get("name", ""))[:100]
            if place in values and (place == "path" or parameter.get("required") is True) and len(values[place]) < 20:
                values[place][name] = self._parameter(parameter)
        return values

    def _parameter(self, parameter: dict[str, Any]) -> str:
        found, value = given(parameter)
        if not found or isinstance(value, list | dict):
            schema = parameter.get("schema") or {k: v for k, v in parameter.items() if k not in ("in", "name", "required")}
            value = self._instance(schema)
        while isinstance(value, list) and value:
            value = value[0]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return text[:100] or "a"

    def _instance(self, schema: Any) -> Any:
        try:
            return Instances(self._document).of(schema)
        except (ValueError, OverflowError, ZeroDivisionError, RecursionError):
            return None  # bounds that no number satisfies

    def _body(self, described: dict[str, Any]) -> Body | None:
        """Return a valid body: of OpenAPI 3 (`requestBody`) or of Swagger 2 (a parameter in `body`)."""
        request = follow(self._document, described.get("requestBody"))
        content = request.get("content")
        if isinstance(content, dict):
            for wanted in ("json", "x-www-form-urlencoded", "multipart/form-data"):
                for media, inner in content.items():
                    if wanted in media and isinstance(inner, dict):
                        return self._made(wanted, media, inner)
            return None
        for parameter in mappings(described.get("parameters")):
            if parameter.get("in") == "body":
                return _json(self._instance(parameter.get("schema", {})))
        return None

    def _made(self, kind: str, media: str, content: dict[str, Any]) -> Body | None:
        examples = content.get("examples")
        first = next(iter(examples.values()), None) if isinstance(examples, dict) else None
        value = content.get("example") or follow(self._document, first).get("value")
        if value is None:
            value = self._instance(content.get("schema", {}))
        if kind == "json":
            return _json(value)
        fields = value if isinstance(value, dict) else {}
        return _form(fields) if kind != "multipart/form-data" else _multipart(fields, self._files(content))

    def _files(self, content: dict[str, Any]) -> set[str]:
        schema = follow(self._document, content.get("schema"))
        properties = schema.get("properties")
        items = properties.items() if isinstance(properties, dict) else ()
        return {name for name, inner in items if _is_file(inner) or (isinstance(inner, dict) and _is_file(inner.get("items")))}

    def _schemes(self, described: dict[str, Any]) -> tuple[Scheme, ...]:
        """Return the schemes that an operation requires, in its own words or in those of the whole document."""
        security = described.get("security", self._document.get("security"))
        if not isinstance(security, list) or {} in security:
            return ()
        components = self._document.get("components")
        known = components.get("securitySchemes") if isinstance(components, dict) else self._document.get("securityDefinitions")
        names = [name for option in mappings(security[:5]) for name in list(option)[:5]]
        return (
            tuple(dict.fromkeys(_scheme(follow(self._document, known.get(n))) for n in names)) if isinstance(known, dict) else ()
        )


def _scheme(declared: dict[str, Any]) -> Scheme:
    kind, place = declared.get("type"), declared.get("in")
    if kind == "apiKey" and place in ("header", "query", "cookie"):
        return Scheme(str(place), str(declared.get("name", ""))[:60])
    basic = kind == "basic" or (kind == "http" and str(declared.get("scheme", "")).lower() == "basic")
    return Scheme("basic" if basic else "bearer")


def _root(document: dict[str, Any]) -> str:
    """Return the path under which the document says that it is served."""
    root = document.get("basePath")
    servers = next(mappings(document.get("servers")), {})
    try:
        path = urlsplit(str(servers.get("url", ""))).path if servers else root
    except ValueError:
        return ""
    return "/" + path.strip("/") if isinstance(path, str) and path.strip("/") and "{" not in path and len(path) < 100 else ""


def _is_file(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("format") == "binary" or "contentMediaType" in schema)


def _json(value: Any) -> Body:
    return Body(value, json_body(value), "application/json")


def _form(fields: dict[str, Any]) -> Body:
    return Body(
        fields, urlencode({k: str(v) for k, v in fields.items()}, errors="replace").encode(), "application/x-www-form-urlencoded"
    )


def _multipart(fields: dict[str, Any], files: set[str]) -> Body:
    """Return a form whose files are a picture of one pixel."""
    parts = []
    for name, value in fields.items():
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{quote(name, safe="[]")}"'
        if name in files:
            parts.append(f'{head}; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'.encode() + _PICTURE)
        else:
            parts.append(f"{head}\r\n\r\n{value}".encode("utf-8", "replace"))
    data = b"\r\n".join((*parts, f"--{_BOUNDARY}--\r\n".encode()))
    return Body(fields, data, f"multipart/form-data; boundary={_BOUNDARY}")
