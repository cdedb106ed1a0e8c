"""Containers as declared: compose services with what they mount and expose, and Dockerfiles step by step."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checks.facts.yaml_files import Mapping, as_items, as_mapping, load_yaml
from checks.workspace import File, Workspace

COMPOSE_NAME = re.compile(r"compose[^/]*\.ya?ml$", re.I)
DOCKERFILE_NAME = re.compile(r"^(dockerfile([._-].*)?|.*\.dockerfile|containerfile)$", re.I)
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?[^}]*\}")
INSTRUCTION = re.compile(r"^\s*([A-Za-z]+)\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of the repository put into a container. `source` is its path in the repository, "" when it is
    a named volume or lies outside; `present` tells whether it is tracked."""

    source: str
    target: str
    line: int
    present: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of a service; `value` is as written, "" when only passed through."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a compose file. `ports` are (on the host, in the container), "" where not said."""

    path: str
    name: str
    line: int
    image: str
    dockerfile: str  # path of the Dockerfile that builds it, "" for none or an absent one
    context: str
    ports: tuple[tuple[str, str], ...]
    mounts: tuple[Mount, ...]
    environment: tuple[Variable, ...]
    depends_on: tuple[str, ...]
    command: str
    healthcheck: bool

    @property
    def inner_ports(self) -> frozenset[str]:
        """Ports that the container listens on, as far as the file says."""
        return frozenset(inner for _, inner in self.ports if inner)


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a Dockerfile, its name in upper case."""

    line: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile: `base` is the image of its last stage."""

    path: str
    steps: tuple[Step, ...]

    @property
    def base(self) -> str:
        """Image of the last stage."""
        froms = [s.text.split() for s in self.steps if s.name == "FROM" and s.text.split()]
        return next((w for w in (froms[-1] if froms else []) if not w.startswith("--")), "")

    def last(self, name: str) -> Step | None:
        """Return the last instruction of a name, None when there is none."""
        return next((s for s in reversed(self.steps) if s.name == name), None)


@dataclass(frozen=True)
class Containers:
    """Everything the submission says about containers, in path order."""

    services: tuple[Service, ...]
    dockerfiles: tuple[Dockerfile, ...]

    @cached_property
    def _built(self) -> dict[str, Dockerfile]:
        return {d.path: d for d in self.dockerfiles}

    def image_of(self, service: Service) -> str:
        """Return the image that a service runs: its own, or the base of the Dockerfile that builds it."""
        if service.image and not service.dockerfile:
            return service.image.lower()
        built = self._built.get(service.dockerfile)
        return (built.base if built else service.image).lower()

    def dockerfile_of(self, service: Service) -> Dockerfile | None:
        """Return the Dockerfile that builds a service, None when there is none."""
        return self._built.get(service.dockerfile)

    def running(self, *words: str) -> tuple[Service, ...]:
        """Return the services whose image contains one of `words`."""
        return tuple(s for s in self.services if any(w in self.image_of(s) for w in words))

    def named(self, name: str) -> tuple[Service, ...]:
        """Return the services that other containers reach by `name`, in whichever file."""
        return tuple(s for s in self.services if s.name == name)


def expand(value: str) -> str:
    """Replace `${NAME:-default}` by its default, and a variable without default by nothing."""
    return VARIABLE.sub(lambda m: m.group(2) or "", value)


def _words(value: Any) -> str:
    return " ".join(str(v) for v in value) if isinstance(value, list) else str(value or "")


def _ports(value: Any) -> Iterator[tuple[str, str]]:
    for item, _ in as_items(value):
        if isinstance(item, dict):
            yield str(item.get("published", "")), str(item.get("target", ""))
            continue
        parts = expand(str(item)).split("/")[0].split(":")
        yield (parts[-2] if len(parts) > 1 else "", parts[-1])


def environment(value: Any) -> Iterator[Variable]:
    """Yield the variables of a mapping or of a list of `NAME=value`."""
    if isinstance(value, Mapping):
        for name, given in value.items():
            plain = given.get("value") if isinstance(given, Mapping) else given  # GitLab may add a description
            text = "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)
            yield Variable(name, text, value.at(name))
    for item, line in as_items(value):
        name, _, given = str(item).partition("=")
        yield Variable(name.strip(), given.strip(), line)


class _Reader:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._paths = {f.path for f in workspace.files}
        self._folders = {"/".join(p.split("/")[:n]) for p in self._paths for n in range(1, p.count("/") + 1)}

    def exists(self, path: str) -> bool:
        return path in self._paths or path in self._folders or path in ("", ".")

    def services(self, file: File) -> tuple[Service, ...]:
        found = []
        for document in load_yaml(file):
            services = as_mapping(as_mapping(document).get("services"))
            for name, body in services.items():
                if isinstance(body, Mapping):
                    found.append(self._service(file.path, name, services.at(name), body))
        return tuple(found)

    def _service(self, path: str, name: str, line: int, body: Mapping) -> Service:
        folder = posixpath.dirname(path)
        build = body.get("build")
        context = build if isinstance(build, str) else str(as_mapping(build).get("context", "."))
        context = self._inside(folder, context)
        written = str(as_mapping(build).get("dockerfile", "Dockerfile"))
        dockerfile = self._dockerfile(context, written) if build is not None else ""
        depends = body.get("depends_on")
        return Service(
            path,
            name,
            line,
            expand(str(body.get("image") or "")),
            dockerfile,
            context,
            (*_ports(body.get("ports")), *(("", str(p)) for p, _ in as_items(body.get("expose")))),
            tuple(self._mounts(folder, body.get("volumes"))),
            tuple(environment(body.get("environment"))),
            tuple(str(d) for d in depends) if isinstance(depends, list | dict) else (),
            " ".join(x for x in (_words(body.get("entrypoint")), _words(body.get("command"))) if x),
            "healthcheck" in body,
        )

    def _dockerfile(self, context: str, written: str) -> str:
        for name in (written, written.lower(), written.capitalize()):
            path = posixpath.normpath(posixpath.join(context, name))
            if path in self._paths:
                return path
        return ""

    def _inside(self, folder: str, written: str) -> str:
        path = posixpath.normpath(posixpath.join(folder, expand(written)))
        return "" if path == "." else path

    def _mounts(self, folder: str, volumes: Any) -> Iterator[Mount]:
        for item, line in as_items(volumes):
            if isinstance(item, Mapping):
                source, target = str(item.get("source", "")), str(item.get("target", ""))
                local = item.get("type") == "bind" or source.startswith(".")
            else:
                source, _, rest = expand(str(item)).partition(":")
                target, local = rest.split(":")[0], source.startswith(("./", "../")) or source in (".", "..")
            path = self._inside(folder, source) if local else ""
            outside = path.startswith(("/", ".."))
            yield Mount("" if outside else path, target, line, local and not outside and self.exists(path))


def _steps(file: File) -> Dockerfile:
    steps: list[Step] = []
    pending, start = "", 0
    for number, raw in enumerate(file.lines, 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        start = start or number
        pending += text.removesuffix("\\").strip() + " "
        if text.endswith("\\"):
            continue
        match = INSTRUCTION.match(pending[:4000])
        if match:
            steps.append(Step(start, match.group(1).upper(), match.group(2).strip()))
        pending, start = "", 0
    return Dockerfile(file.path, tuple(steps))


def command_words(text: str) -> str:
    """Return the command of a CMD or ENTRYPOINT, JSON form or shell form, as one line."""
    if text.startswith("["):
        try:
            return _words(json.loads(text))
        except ValueError:
            return text
    return text


def containers(workspace: Workspace) -> Containers:
    """Read every compose file and Dockerfile of the candidate."""
    reader = _Reader(workspace)
    services: list[Service] = []
    dockerfiles = []
    for file in workspace.own:
        if COMPOSE_NAME.search(file.name):
            services.extend(workspace.attempt(file, reader.services) or ())
        elif DOCKERFILE_NAME.match(file.name) and not file.is_binary and file.size < 200_000:
            read = workspace.attempt(file, _steps)
            if read is not None and read.base:
                dockerfiles.append(read)
    return Containers(tuple(services), tuple(dockerfiles))


FACTS = (containers,)
