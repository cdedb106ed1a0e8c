"""Services written in other languages than Python: their controllers, what generates their OpenAPI, and what guards them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from checks.findings import evidence
from checks.workspace import File, Workspace
from grader.values import Evidence

LARGEST = 400_000


@dataclass(frozen=True, slots=True)
class _Stack:
    """How a framework is recognised: the file that declares it, its controllers, their read routes, generators and guards."""

    name: str
    build: re.Pattern[str]
    generator: re.Pattern[str]
    suffixes: tuple[str, ...]
    controller: re.Pattern[str]
    route: re.Pattern[str]
    guard: re.Pattern[str]
    wired: re.Pattern[str] | None = None  # a call without which the package generates nothing


_STACKS = (
    _Stack(
        "Spring",
        re.compile(r"^(pom\.xml|build\.gradle(\.kts)?)$"),
        re.compile(r"\bspringdoc-openapi[\w-]*|\bspringfox-(boot-starter|swagger2|swagger-ui)\b"),
        (".java", ".kt"),
        re.compile(r"^[ \t]*@RestController\b", re.M),
        re.compile(r"^[ \t]*@(GetMapping|RequestMapping\([^)\n]*RequestMethod\.GET)", re.M),
        re.compile(r"^[ \t]*@(PreAuthorize|Secured|RolesAllowed)\b|\.anyRequest\(\)\s*\.authenticated\(\)", re.M),
    ),
    _Stack(
        "ASP.NET",
        re.compile(r"\.csproj$"),
        re.compile(r"Include=\"(Swashbuckle\.AspNetCore|NSwag\.AspNetCore|Microsoft\.AspNetCore\.OpenApi)\b[^\"]*\""),
        (".cs",),
        re.compile(r"^[ \t]*\[ApiController\b|\bapp\.MapGet\(", re.M),
        re.compile(r"^[ \t]*\[HttpGet\b|\bapp\.MapGet\(", re.M),
        re.compile(r"^[ \t]*\[Authorize\b|\.RequireAuthorization\(", re.M),
        re.compile(r"\b(AddSwaggerGen|AddOpenApiDocument|AddSwaggerDocument|AddOpenApi)\("),
    ),
    _Stack(
        "NestJS",
        re.compile(r"^package\.json$"),
        re.compile(r"\"@nestjs/swagger\"\s*:"),
        (".ts",),
        re.compile(r"^[ \t]*@Controller\(", re.M),
        re.compile(r"^[ \t]*@Get\(", re.M),
        re.compile(r"^[ \t]*@UseGuards\(", re.M),
        re.compile(r"\bSwaggerModule\.setup\("),
    ),
)
_MARKS = (("/*", "*/"), ("<!--", "-->"))
_TESTS = re.compile(r"(^|/)(tests?|__tests__|e2e)/|\.(spec|test)\.ts$")


@dataclass(frozen=True, slots=True)
class OtherService:
    """A service of another stack: where its read routes stand; `generator` and `guard` are None when there are none."""

    stack: str
    folder: str
    reads: tuple[Evidence, ...]
    generator: Evidence | None
    guard: Evidence | None


@dataclass(frozen=True)
class OtherServices:
    """Every service of another stack that has read routes."""

    all: tuple[OtherService, ...]

    @property
    def best(self) -> OtherService | None:
        """The one best documented, then best guarded."""
        return max(self.all, key=lambda s: (s.generator is not None, s.guard is not None), default=None)


def other_services(workspace: Workspace) -> OtherServices:
    """Find the services of other stacks, by the file that declares their packages and the controllers below it."""
    return OtherServices(tuple(_services(workspace)))


def _services(workspace: Workspace) -> Iterator[OtherService]:
    for stack in _STACKS:
        builds = [f for f in workspace.own if stack.build.search(f.name) and f.size <= LARGEST]
        if not builds:
            continue
        code = [f for f in workspace.with_suffix(*stack.suffixes) if f.size <= LARGEST and not _TESTS.search(f.path)]
        folders = sorted({_folder(b) for b in builds}, key=len, reverse=True)
        for build in builds:
            below = [f for f in code if next((d for d in folders if f.path.startswith(d)), None) == _folder(build)]
            found = _service(stack, build, below)
            if found is not None:
                yield found


def _folder(file: File) -> str:
    return file.path[: len(file.path) - len(file.name)]


def _service(stack: _Stack, build: File, code: list[File]) -> OtherService | None:
    controllers = [f for f in code if stack.controller.search(_plain(f.text))]
    reads = tuple(place for f in controllers for place in _place(stack.route, f))
    if not reads:
        return None
    generator = next(_place(stack.generator, build), None)
    if stack.wired is not None and not any(stack.wired.search(_plain(f.text)) for f in code):
        generator = None
    guard = next((place for f in code for place in _place(stack.guard, f)), None)
    return OtherService(stack.name, _folder(build), reads, generator, guard)


@lru_cache(maxsize=2_000)
def _plain(text: str) -> str:
    """Return the text without its comments, every line kept in its place."""
    for opening, closing in _MARKS:
        kept, start = [], 0
        while (found := text.find(opening, start)) >= 0:
            end = text.find(closing, found + len(opening))
            stop = end + len(closing) if end >= 0 else len(text)
            kept += [text[start:found], "\n" * text.count("\n", found, stop)]
            start = stop
        text = "".join((*kept, text[start:]))
    return re.sub(r"^[ \t]*//[^\n]*", "", text, flags=re.M)


def _place(pattern: re.Pattern[str], file: File) -> Iterator[Evidence]:
    """Yield the first place of a pattern in a file."""
    text = _plain(file.text)
    match = pattern.search(text)
    if match:
        start = match.end() - len(match.group().lstrip())
        line = text.count("\n", 0, start) + 1
        yield evidence(file.path, line, file.line(line))


FACTS = (other_services,)
