"""Infrastructure as declared: Terraform, CloudFormation, Bicep, Kubernetes, Ansible, Vagrant, cloud libraries and command lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.facts import infrastructure_catalogue as known
from checks.facts.python_code import Module, PythonCode
from checks.findings import evidence
from checks.workspace import File, Workspace
from grader.values import Evidence

MOST_BYTES = 400_000
LONGEST_BODY = 6000
MOST_RESOURCES = 400
_BLOCK = re.compile(r'^\s*(resource|module|data)\s+"([^"\n]{1,120})"(?:\s+"([^"\n]{1,120})")?\s*\{?')
_DEFAULT = re.compile(r'^\s*variable\s+"([^"\n]{1,80})"')
_VALUE = re.compile(r'^\s*default\s*=\s*"([^"\n]{0,200})"')
_SOURCE = re.compile(r'^\s*source\s*=\s*"([^"\n]{1,200})"', re.M)
_CLOUD_FORMATION = re.compile(r"^[ \t]*\"?Type\"?\s*:\s*[\"']?(AWS::\w+::\w+(?:::\w+)?)", re.M)
_BICEP = re.compile(r"^\s*resource\s+(\w+)\s+'([\w.]+/[\w/]+)@", re.M)
_ARM = re.compile(r"^\s*\"type\"\s*:\s*\"(Microsoft\.[\w.]+/[\w/]+)\"", re.M)
_KIND = re.compile(r"^kind:\s*[\"']?(\w{2,60})", re.M)
_NAME = re.compile(r"^\s+name:\s*[\"']?([\w.-]{1,80})", re.M)
_PLAY = re.compile(r"^-?\s*(?:hosts|tasks):", re.M)
_MODULE = re.compile(r"^[ \t]*-?[ \t]*((?:[a-z_]+\.){0,2}[a-z0-9_]{2,40}):\s*$", re.M)
_VAGRANT = re.compile(r"^\s*\w+\.vm\.(?:box|define)\b.*", re.M)
_SCRIPTS = (".sh", ".bash", ".ps1", ".bat", ".cmd")


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that `tool` declares: `type` is its type as written there, `text` its body, comments left out."""

    tool: str
    type: str
    name: str
    path: str
    line: int
    text: str = ""

    def serves(self, role: str) -> bool:
        """Tell whether its type is of a role; some roles no tool declares."""
        return role in known.TYPES and bool(known.TYPES[role].search(self.type))

    @property
    def place(self) -> Evidence:
        """Where it is declared."""
        return evidence(self.path, self.line, f"{self.type} {self.name}".strip())

    @property
    def trains(self) -> bool:
        """Tell whether it is made for training: managed for it, accelerated, or named so."""
        about = f"{self.name} {self.text}"
        return self.serves(known.TRAINING) or bool(known.ACCELERATED.search(about) or known.FOR_TRAINING.search(about))

    @property
    def replicas(self) -> int:
        """How many copies run, 1 where it is not said."""
        counts = re.findall(
            r"\b(?:replicas|minReplicas|desired_size|desired_capacity|max_size|max_capacity|node_count|initial_node_count|num_workers"
            r"|worker_count|maxReplicas|max_node_count|max_count|parallelism)\"?\s*[:=]\s*\"?(\d{1,4})",
            self.text,
        )
        return max((int(c) for c in counts), default=1)


@dataclass(frozen=True)
class Infrastructure:
    """All declared resources, in path order."""

    resources: tuple[Resource, ...] = ()

    def of(self, *roles: str) -> tuple[Resource, ...]:
        """Return the resources of any of these roles."""
        return tuple(r for r in self.resources if any(r.serves(role) for role in roles))


def infrastructure(workspace: Workspace, python_code: PythonCode) -> Infrastructure:
    """Read every declaration; a file that cannot be read is listed and costs itself alone."""
    found: list[Resource] = []
    for file in workspace.own:
        reader = _reader(file)
        if reader is not None and file.size < MOST_BYTES:
            found += workspace.attempt(file, lambda f, reader=reader: tuple(reader(f))) or ()  # type: ignore[misc]
    defaults = _defaults([f for f in workspace.own if f.suffix in (".tf", ".tfvars") and f.size < MOST_BYTES])
    found = [_expanded(r, defaults) if r.tool == "Terraform" else r for r in found]
    for module in python_code.application:
        found += _in_python(module)
    return Infrastructure(tuple(sorted(found, key=lambda r: (r.path, r.line))[:MOST_RESOURCES]))


def _reader(file: File) -> Callable[[File], Iterator[Resource]] | None:
    if file.suffix == ".tf":
        return _terraform
    if file.suffix == ".bicep":
        return _bicep
    if file.suffix in (".yaml", ".yml", ".tpl"):
        return _yaml
    if file.suffix in (".json", ".template"):
        return _json if b"AWS::" in file.data[:MOST_BYTES] or b"deploymentTemplate" in file.data[:2000] else None
    if file.name == "Vagrantfile":
        return _vagrant
    return _script if file.suffix in _SCRIPTS or file.name in ("Makefile", "Jenkinsfile") else None


def _uncommented(text: str, *marks: str) -> list[str]:
    """Return the lines, those that are comments as empty ones; `/* … */` is left out too."""
    lines, inside = [], False
    for line in text.splitlines():
        bare = line.strip()
        inside = inside or bare.startswith("/*")
        lines.append("" if inside or bare.startswith(marks) else line)
        inside = inside and "*/" not in bare
    return lines


def _terraform(file: File) -> Iterator[Resource]:
    """Yield the blocks of a file of Terraform: depth is counted by braces outside strings, heredocs end by their word."""
    lines = _uncommented(file.text, "#", "//")
    start, depth, until, head = 0, 0, "", None
    for number, line in enumerate(lines, 1):
        if until:
            until = "" if line.strip() == until else until
            continue
        if depth == 0 and (block := _BLOCK.match(line)):
            head, start = block, number
        plain = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        depth = max(depth + plain.count("{") - plain.count("}"), 0)
        if here := re.search(r"<<[-~]?\s*\"?(\w{1,40})\"?\s*$", plain):
            until = here[1]
        if head is not None and depth == 0 and number >= start and "}" in plain:
            yield _block(head, file.path, start, "\n".join(lines[start - 1 : number])[:LONGEST_BODY])
            head = None


def _block(head: re.Match[str], path: str, line: int, body: str) -> Resource:
    if head[1] == "module":
        source = _SOURCE.search(body)
        return Resource("Terraform", f"/{source[1]}/" if source else "module", head[2], path, line, body)
    kind = f"data.{head[2]}" if head[1] == "data" else head[2]
    return Resource("Terraform", kind, head[3] or "", path, line, body)


def _defaults(files: list[File]) -> dict[str, str]:
    """Return the defaults of variables, and what files of values give them."""
    found: dict[str, str] = {}
    for file in files:
        name = ""
        for line in _uncommented(file.text, "#", "//"):
            if declared := _DEFAULT.match(line):
                name = declared[1]
            elif name and (value := _VALUE.match(line)):
                found.setdefault(name, value[1])
            elif file.suffix == ".tfvars" and (given := re.match(r'^\s*(\w{1,80})\s*=\s*"([^"\n]{0,200})"', line)):
                found[given[1]] = given[2]
    return found


def _expanded(resource: Resource, defaults: dict[str, str]) -> Resource:
    text = re.sub(r"\bvar\.(\w{1,80})", lambda m: f'"{defaults[m[1]]}"' if m[1] in defaults else m[0], resource.text)
    return Resource(resource.tool, resource.type, resource.name, resource.path, resource.line, text[:LONGEST_BODY])


def _typed(tool: str, pattern: re.Pattern[str], path: str, text: str) -> Iterator[Resource]:
    """Yield what a pattern of types finds, with the text up to the next one as its body."""
    hits = list(pattern.finditer(text))
    for hit, following in zip(hits, [*hits[1:], None], strict=True):
        end = following.start() if following else len(text)
        kind, line = hit[pattern.groups], text.count("\n", 0, hit.start(pattern.groups)) + 1
        yield Resource(tool, kind, hit[1] if pattern.groups > 1 else "", path, line, text[hit.start() : end][:LONGEST_BODY])


def _bicep(file: File) -> Iterator[Resource]:
    yield from _typed("Bicep", _BICEP, file.path, "\n".join(_uncommented(file.text, "//")))


def _json(file: File) -> Iterator[Resource]:
    yield from _typed("CloudFormation", _CLOUD_FORMATION, file.path, file.text)
    yield from _typed("ARM", _ARM, file.path, file.text)


def _yaml(file: File) -> Iterator[Resource]:
    text = "\n".join(_uncommented(file.text, "#", "{{/*"))
    if "AWS::" in text:
        yield from _typed("CloudFormation", _CLOUD_FORMATION, file.path, text)
    elif re.search(r"^apiVersion:", text, re.M):
        yield from _kubernetes(file.path, text)
    elif _PLAY.search(text) or "/tasks/" in f"/{file.path}":
        yield from (r for r in _typed("Ansible", _MODULE, file.path, text) if r.serves(known.SERVER) or r.serves(known.CONTAINER))
    elif file.path.startswith((".github/workflows/", ".gitlab-ci", ".circleci/")) or "pipelines" in file.name:
        yield from _commands(file.path, text)


def _kubernetes(path: str, text: str) -> Iterator[Resource]:
    line = 1
    for document in re.split(r"^---.*$", text, flags=re.M):
        kind = _KIND.search(document)
        if kind:
            name = _NAME.search(document)
            at = line + document.count("\n", 0, kind.start())
            yield Resource("Kubernetes", kind[1], name[1] if name else "", path, at, document[:LONGEST_BODY])
        line += document.count("\n")


def _vagrant(file: File) -> Iterator[Resource]:
    text = "\n".join(_uncommented(file.text, "#"))
    for hit in list(_VAGRANT.finditer(text))[:20]:
        yield Resource(
            "Vagrant", "vagrant", hit[0].strip()[:120], file.path, text.count("\n", 0, hit.start()) + 1, text[:LONGEST_BODY]
        )


def _script(file: File) -> Iterator[Resource]:
    yield from _commands(file.path, "\n".join(_uncommented(file.text, "#", "//", "REM", "rem", "::")))


def _commands(path: str, text: str) -> Iterator[Resource]:
    for number, line in enumerate(text.splitlines(), 1):
        hit = None if re.match(r"^\W*(echo|printf|Write-)", line) else known.COMMANDS.search(line[:2000])
        if hit:
            yield Resource("command line", hit[0], "", path, number, line[:LONGEST_BODY])


def _in_python(module: Module) -> Iterator[Resource]:
    """Yield the resources that programs declare (Pulumi, CDK) or ask of a cloud's library."""
    roots = ("pulumi", "aws_cdk", "boto3", "sagemaker", "google.cloud", "azure", "libcloud", "airflow")
    if not any(origin.startswith(roots) for origin in module.imports.values()):
        return
    for call in module.calls:
        if any(known.TYPES[r].search(call.name) for r in (known.SERVER, known.TRAINING, known.CLUSTER, known.MONITORING)):
            yield Resource("Python", call.name, "", module.path, call.line, ast.unparse(call.node)[:LONGEST_BODY])


FACTS = (infrastructure,)
