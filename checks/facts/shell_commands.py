"""What the commands of a script really do: set up, lint, test, train, evaluate, build, publish, deploy, or only talk."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.facts.shell_catalogue import (
    BUILD,
    BY_PROGRAM,
    DATA_TEST,
    DEPLOY,
    EVALUATE,
    LINT,
    OTHER,
    PUBLISH,
    SAYS_DATA,
    SAYS_DEPLOY,
    SAYS_EVALUATE,
    SAYS_MODEL,
    SAYS_TRAIN,
    SAYS_VERIFY,
    SETUP,
    TAKES_VALUE,
    TALK,
    TALKERS,
    TEST,
    TRAIN,
    WRAPPERS,
)
from checks.workspace import File, Workspace

DEEPEST = 4
MOST_TARGETS = 12
_SPLIT = re.compile(r"(?:&&|\|\||;|\||\n)")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a script: `kind` says what it does, `neutral` why it cannot fail or does nothing, `script` the file it
    starts, `folder` where it runs ("": the root)."""

    text: str
    line: int
    path: str
    kind: str
    neutral: str | None = None
    script: str | None = None
    arguments: tuple[str, ...] = ()
    folder: str = ""


def commands(text: str, *, path: str, line: int, workspace: Workspace, folder: str = "", depth: int = 0) -> tuple[Command, ...]:
    """Return the commands of a shell text whose first line opens at `line` of `path`; local scripts and targets are followed."""
    found: list[Command] = []
    lenient = False
    for offset, whole in _logical_lines(text):
        if re.match(r"set \+e\b", whole):
            lenient = True
        swallowed = "failure-ignored" if lenient or re.search(r"\|\|\s*(true|:|echo\b|exit 0|printf\b)", whole) else None
        for index, piece in enumerate(_SPLIT.split(whole)):
            if index and swallowed and _is_talk(piece):
                continue
            moved = re.match(r"[\s({]*cd\s+(?:\"|')?([\w./-]+)", piece)
            if moved:
                folder = posixpath.normpath(posixpath.join(folder, moved[1]))
                continue
            for command in _command(piece, path, line + offset, workspace, folder, depth):
                found.append(replace(command, neutral=command.neutral or swallowed))
    return tuple(found)


def _is_talk(piece: str) -> bool:
    first = piece.strip().split(" ", 1)[0]
    return first in TALKERS or not first


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, line) with continuations joined, comments and here-documents left out."""
    waiting, start, ending = "", 0, ""
    for offset, raw in enumerate(text.split("\n")):
        line = raw.rstrip("\r")
        if ending:
            ending = "" if line.strip() == ending else ending
            continue
        line = re.sub(r"(^|\s)#(?![{(]).*$", "", line)
        here = re.search(r"<<-?\s*['\"]?(\w+)['\"]?", line)
        ending = here[1] if here else ""
        start = start if waiting else offset
        waiting += (" " if waiting else "") + line.strip().removesuffix("\\").strip()
        if not line.rstrip().endswith("\\") and waiting:
            yield start, waiting
            waiting = ""
    if waiting:
        yield start, waiting


def split_words(piece: str) -> list[str]:
    """Return the words of a command; what the shell would refuse is split on blanks."""
    try:
        return shlex.split(piece)
    except ValueError:
        return piece.split()


def _bare(piece: str) -> str:
    """Drop the brackets of a subshell or a group around a command."""
    plain = piece.strip()
    if plain.startswith(("(", "{ ")):
        plain = plain.lstrip("({ ")
        return plain.rstrip(" })") if plain.count("(") < plain.count(")") or plain.endswith("}") else plain
    return plain.rstrip(" )") if plain.endswith(")") and "(" not in plain else piece


def _command(piece: str, path: str, line: int, workspace: Workspace, folder: str, depth: int) -> Iterator[Command]:
    piece = _bare(piece)
    found = unwrap(split_words(piece))
    if not found:
        return
    program = found[0].rsplit("/", 1)[-1].removesuffix(".exe")
    plain = Command(piece.strip(), line, path, OTHER, arguments=tuple(found), folder=folder.removeprefix("./").strip("."))
    inner = _follow(program, found, workspace, folder, depth)
    if inner is not None:
        script, nested = inner
        busy = [c for c in nested if c.kind != TALK]
        yield from (
            replace(c, path=path, line=line, text=f"{piece.strip()} → {c.text}"[:200], script=c.script or script)
            for c in busy or nested
        )
        if not nested:
            yield replace(plain, kind=_by_name(script), script=script)
        return
    kind = classify(program, found)
    started = _python_script(program, found, workspace, folder)
    if started:
        kind = _by_name(started) if kind == OTHER else kind
    yield replace(
        plain, kind=kind, script=started, neutral=_missing_path(kind, found, workspace, folder) or _toothless(kind, found)
    )
    if kind == PUBLISH and program in ("docker", "podman", "nerdctl") and {"build", "bake"} & set(found):
        yield replace(plain, kind=BUILD)  # `docker buildx build --push` does both


def unwrap(found: list[str]) -> list[str]:
    """Drop variables, runners and containers in front of the program: `docker compose run --rm api pytest` → `pytest`."""
    for _ in range(8):
        while found and re.match(r"^[A-Za-z_]\w*=", found[0]):
            found = found[1:]
        shorter = _unwrap_once(found)
        if shorter == found:
            return found
        found = shorter
    return found


def _unwrap_once(found: list[str]) -> list[str]:
    if found[:1] == ["timeout"] and len(found) > 2:
        return _after_options(found[1:])[1:]
    for wrapper in WRAPPERS:
        if tuple(w.lower() for w in found[: len(wrapper)]) == wrapper and len(found) > len(wrapper):
            return _after_options(found[len(wrapper) :])
    if re.fullmatch(r"python[\d.]*", found[0]) if found else False:
        if len(found) > 2 and found[1] == "-m":
            return found[2:]
        return found
    if found[:1] in (["bash"], ["sh"]) and len(found) > 2 and found[1] in ("-c", "-lc", "-ec"):
        return split_words(found[2])
    container = _container_verb(found)
    return _after_options(found[container:])[1:] if container and len(_after_options(found[container:])) > 1 else found


def _container_verb(found: list[str]) -> int:
    """Return where the words after `docker run|exec`, `docker compose run|exec` begin, or 0."""
    for index, word in enumerate(found[:8]):
        if word in ("run", "exec") and index and found[0] in ("docker", "docker-compose", "podman"):
            return index + 1
    return 0


def _after_options(found: list[str]) -> list[str]:
    index = 0
    while index < len(found) and found[index].startswith("-") and found[index] != "--":
        index += 2 if found[index] in TAKES_VALUE else 1
    return found[index + (index < len(found) and found[index] == "--") :]


def classify(program: str, found: list[str]) -> str:
    """Return what a program with its words does."""
    rest = [w for w in found[1:] if not w.startswith("-")]
    first = rest[0] if rest else ""
    if program in ("docker", "docker-compose", "podman", "buildah", "nerdctl"):
        return _docker(found)
    if program in ("npm", "yarn", "pnpm", "bun"):
        return _node(first, rest)
    if program in ("python", "python3") or re.fullmatch(r"python[\d.]*", program):
        return _python(found)
    if program in ("az", "gcloud", "aws"):
        return DEPLOY if re.search(r"\b(deploy|update|up|sync|cp|apply|create-deployment|restart)\b", " ".join(found)) else SETUP
    if program == "curl":
        return DEPLOY if re.search(r"deploy|hook", " ".join(found), re.I) and "localhost" not in " ".join(found) else OTHER
    if program == "git":
        return _git_push(" ".join(found)) if first == "push" else SETUP
    if program == "gh":
        delivers = first == "release" or (rest[:1] == ["pr"] and rest[1:2] and rest[1] in ("create", "merge", "ready"))
        return PUBLISH if delivers else OTHER
    if program == "dvc":
        return TRAIN if first in ("repro", "exp") else SETUP
    if program == "dbt":
        return DATA_TEST if first == "test" else OTHER
    if program in ("poetry", "uv", "pdm", "hatch"):
        return BUILD if first == "build" else PUBLISH if first == "publish" else SETUP
    if program in ("mvn", "gradle", "go", "cargo", "dotnet", "make"):
        return TEST if "test" in rest else BUILD if {"build", "package"} & set(rest) else OTHER
    if program in ("build", "pyinstaller", "kaniko", "webpack", "vite", "cibuildwheel"):
        return BUILD
    if program == "mlflow":
        return TRAIN if first == "run" else OTHER
    if program in TALKERS:
        return TALK
    return BY_PROGRAM.get(program, OTHER)


def _git_push(text: str) -> str:
    """A push delivers to a platform's remote, or a tag or a release branch; committing badges and data back is no delivery."""
    if re.search(r"huggingface|hf\.co|\bspace\b|heroku|dokku|scalingo|clever|azurewebsites|gigalixir", text, re.I):
        return DEPLOY
    return PUBLISH if re.search(r"--tags|--follow-tags|\bv?\$|\b(prod(uction)?|release|deploy|live|staging)\b", text) else OTHER


def _docker(found: list[str]) -> str:
    text = " ".join(found)
    if re.search(r"\bpush\b|--push\b", text):
        return PUBLISH
    if re.search(r"\bbuild\b|\bbake\b", text):
        return BUILD
    if re.search(r"\bup\b", text):
        return BUILD if "--build" in found else SETUP
    return SETUP if re.search(r"\b(pull|login|run|create|network|volume|start|load)\b", text) else OTHER


def _node(first: str, rest: list[str]) -> str:
    name = rest[1] if first in ("run", "run-script") and len(rest) > 1 else first
    if first in ("ci", "install", "i", "add"):
        return SETUP
    for kind, pattern in (
        (TEST, r"test|e2e|cypress|vitest"),
        (LINT, r"lint|format|typecheck"),
        (BUILD, r"build"),
        (PUBLISH, r"publish"),
        (DEPLOY, r"deploy"),
    ):
        if re.search(pattern, name):
            return kind
    return OTHER


def _python(found: list[str]) -> str:
    rest = [w for w in found[1:] if not w.startswith("-")]
    script = rest[0] if rest else ""
    if script.endswith("manage.py") and len(rest) > 1:
        return (
            TEST
            if rest[1] == "test"
            else SETUP
            if rest[1] in ("migrate", "collectstatic", "makemigrations", "check", "loaddata", "createsuperuser")
            else OTHER
        )
    return OTHER


def _python_script(program: str, found: list[str], workspace: Workspace, folder: str) -> str | None:
    """Return the path of the Python file that a command starts, when it is in the repository."""
    named = [w for w in found if w.endswith(".py") and not w.endswith("manage.py")]
    if program in ("py.test", "pytest"):
        return None
    if not re.fullmatch(r"python[\d.]*|py", program) and program not in ("streamlit", "papermill"):
        named = named[:1] if found[0].endswith(".py") else []
        module = found[0].replace(".", "/") + ".py"
        named = named or ([module] if "." in found[0] and not found[0].endswith(".py") else [])
    for word in named[:1]:
        path = posixpath.normpath(posixpath.join(folder, word))
        return (
            path
            if workspace.get(path)
            else next((f.path for f in workspace.own if f.path.endswith("/" + word.lstrip("./"))), word)
        )
    return None


def _by_name(script: str) -> str:
    """Return what a script does, as far as its name says."""
    stem = re.sub(r"([a-z])([A-Z])", r"\1_\2", script.rsplit("/", 1)[-1].rsplit(".", 1)[0]).lower()
    parts = set(re.split(r"[^a-z]+", stem))
    if parts & SAYS_VERIFY and parts & SAYS_DATA and not parts & SAYS_MODEL:
        return DATA_TEST
    if parts & SAYS_TRAIN:
        return TRAIN
    if parts & SAYS_EVALUATE or (parts & SAYS_VERIFY and parts & SAYS_MODEL):
        return EVALUATE
    if parts & SAYS_DEPLOY:
        return DEPLOY
    if {"test", "tests"} & parts:
        return TEST
    return BUILD if {"build"} & parts else OTHER


def _follow(
    program: str, found: list[str], workspace: Workspace, folder: str, depth: int
) -> tuple[str, tuple[Command, ...]] | None:
    """Return (name, commands) of the local script, Makefile target or package script that a command starts."""
    if depth >= DEEPEST:
        return None
    word = next((w for w in found if w.endswith((".sh", ".bash", ".ps1"))), "")
    if word and (found[0] == word or program in ("bash", "sh", "source", ".", "zsh", "pwsh", "powershell")):
        path = posixpath.normpath(posixpath.join(folder, word))
        file = workspace.get(path) or workspace.get(posixpath.normpath(word))
        return (word, _script_commands(file, workspace, folder, depth + 1)) if file else None
    if program == "make":
        return _make_target(found, workspace, folder, depth)
    if program in ("npm", "yarn", "pnpm"):
        return _package_script(found, workspace, folder, depth)
    return None


def _script_commands(file: File, workspace: Workspace, folder: str, depth: int) -> tuple[Command, ...]:
    """Return the commands of a script; without `set -e`, one that ends with `exit 0` hides what failed before."""
    done = commands(file.text, path=file.path, line=1, workspace=workspace, folder=folder, depth=depth)
    strict = re.search(r"^[ \t]*set\s+-\w*e|^#!.*\s-\w*e|errexit|ErrorActionPreference", file.text, re.M)
    hidden = bool(done) and done[-1].text == "exit 0" and not strict
    return tuple(replace(c, neutral=c.neutral or "failure-ignored") for c in done) if hidden else done


def _make_target(found: list[str], workspace: Workspace, folder: str, depth: int) -> tuple[str, tuple[Command, ...]] | None:
    target = next((w for w in found[1:] if not w.startswith("-") and "=" not in w), "")
    file = workspace.get(posixpath.normpath(posixpath.join(folder, "Makefile")))
    if file is None or not target:
        return None
    done: list[Command] = []
    for number, line in _recipe(file, target):
        done += commands(line, path=file.path, line=number, workspace=workspace, folder=folder, depth=depth + 1)
    return f"make {target}", tuple(done)


def _recipe(file: File, target: str) -> list[tuple[int, str]]:
    """Return (line number, command) of a target and of the targets that it needs first; a leading `-` ignores the failure."""
    wanted, seen = [target], {target}
    body: list[tuple[int, str]] = []
    while wanted and len(seen) < MOST_TARGETS:
        name, inside = wanted.pop(0), False
        own: list[tuple[int, str]] = []
        for number, line in enumerate(file.lines, 1):
            head = re.match(r"([\w./ -]+?)\s*:(?![=:])([^#]*)", line) if not line.startswith("\t") else None
            if head and name in head[1].split():
                inside = True
                fresh = [w for w in head[2].split() if w not in seen]
                wanted += fresh
                seen.update(fresh)
            elif inside and line.strip() and not line.startswith("\t"):
                inside = False
            elif inside and line.strip():
                plain = line.strip().lstrip("@")
                own.append((number, f"{plain.lstrip('-@')} || true" if plain.startswith("-") else plain))
        body = [*own, *body]
    return body


def _package_script(found: list[str], workspace: Workspace, folder: str, depth: int) -> tuple[str, tuple[Command, ...]] | None:
    rest = [w for w in found[1:] if not w.startswith("-")]
    name = rest[1] if rest[:1] == ["run"] and len(rest) > 1 else rest[0] if rest[:1] == ["test"] else ""
    file = workspace.get(posixpath.normpath(posixpath.join(folder, "package.json")))
    if not name or file is None:
        return None
    try:
        script = json.loads(file.text)["scripts"][name]
    except (ValueError, KeyError, TypeError):
        return None
    if "no test specified" in str(script):
        return f"npm {name}", (Command(str(script), 1, file.path, TALK),)
    kind = _node("run", ["run", name])
    nested = commands(str(script), path=file.path, line=1, workspace=workspace, folder=folder, depth=depth + 1)
    return f"npm {name}", tuple(replace(c, kind=kind if c.kind == OTHER else c.kind) for c in nested)


def _missing_path(kind: str, found: list[str], workspace: Workspace, folder: str) -> str | None:
    """Return `path-absent` when every path that a test command names is absent from the repository."""
    if kind != TEST or found[0].rsplit("/", 1)[-1] not in ("pytest", "py.test", "behave", "robot"):
        return None
    named = []
    previous = ""
    for word in found[1:]:
        if not word.startswith("-") and previous not in (
            "-m",
            "-k",
            "-n",
            "-c",
            "-p",
            "-W",
            "-o",
            "--cov",
            "--junitxml",
            "--tb",
            "--maxfail",
            "--durations",
            "--rootdir",
            "--cov-config",
        ):
            named.append(word.split("::")[0])
        previous = word
    named = [w for w in named if not re.search(r"[$*{>]", w) and ("/" in w or w.endswith(".py") or "test" in w.lower())]
    places = [posixpath.normpath(posixpath.join(folder, w)) for w in named]
    known = [p for p in places if p.startswith(("..", "/")) or p == "." or workspace.exists(p)]
    return "path-absent" if named and not known else None


def _toothless(kind: str, found: list[str]) -> str | None:
    if kind == TEST and {"--collect-only", "--co", "--version", "--help"} & set(found):
        return "runs-nothing"
    return "failure-ignored" if kind == LINT and {"--exit-zero", "--exit-code=0"} & set(found) else None
