"""What of the submission's pytest configuration its tests need to run at all; the rest of it does not rule."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .junit import read_text
from .step import Step
from .surroundings import packages

LONGEST = 1_000_000
_FILES = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_NEEDED = (
    *("python_files", "python_classes", "python_functions", "norecursedirs", "testpaths", "markers", "usefixtures"),
    *("asyncio_mode", "asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope", "anyio_mode", "xfail_strict"),
    *("DJANGO_SETTINGS_MODULE", "DJANGO_CONFIGURATION", "django_find_project", "FAIL_INVALID_TEMPLATE_VARS"),
    *("env", "env_files", "consider_namespace_packages", "bdd_features_base_dir", "mock_use_standalone_module"),
)
_FLAGS = re.compile(r"^--(import-mode|asyncio-mode|ds|dc|reuse-db|create-db|nomigrations|no-migrations)(=[\w.-]+)?$")
# Plugins that tests need in order to run; those that only report, spread, repeat or reorder are left out.
_PLUGINS = frozenset(
    (
        *("pytest-asyncio", "anyio", "pytest-django", "pytest-mock", "pytest-flask", "pytest-httpx", "pytest-env", "respx"),
        *("requests-mock", "hypothesis", "pytest-bdd", "pytest-aiohttp", "pytest-tornado", "faker", "pytest-factoryboy"),
        *("pytest-freezer", "freezegun", "pytest-postgresql", "pytest-redis", "pytest-subtests", "pytest-lazy-fixtures"),
        *("pytest-dependency", "pytest-order", "pytest-benchmark", "pytest-datadir", "pytest-regressions", "pytest-dotenv"),
        *("pytest-check", "pytest-recording", "pytest-vcr", "pyfakefs", "syrupy", "schemathesis", "pytest-flask-sqlalchemy"),
        *("pytest-sqlalchemy", "pytest-mock-resources", "pytest-celery", "celery", "pytest-httpserver", "pytest-responses"),
        *("pytest-trio", "pytest-twisted", "pytest-localserver", "pytest-clarity", "time-machine", "moto", "pytest-timeout"),
        *("pytest-mongodb", "pytest-alembic", "pytest-lazy-fixture", "pytest-cases", "pytest-parametrization", "pytest-socket"),
    )
)


def options_of(folder: Path) -> dict[str, str]:
    """Return the options written for pytest in a folder, values as an ini file has them; {} when there are none."""
    for name in ("pytest.toml", ".pytest.toml"):
        if (folder / name).is_file():
            return _as_text(_toml(folder / name).get("pytest"))
    for name, section in _FILES:
        found = _ini(folder / name, section)
        if found is not None:
            return found
    tool = _toml(folder / "pyproject.toml").get("tool")
    pytest = tool.get("pytest") if isinstance(tool, dict) else None
    return _as_text(pytest.get("ini_options", pytest)) if isinstance(pytest, dict) else {}


def _text(path: Path) -> str:
    return read_text(path, LONGEST) or ""


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _as_text(options: object) -> dict[str, str]:
    if not isinstance(options, dict):
        return {}
    return {k: "\n".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in options.items() if not isinstance(v, dict)}


def _ini(path: Path, section: str) -> dict[str, str] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(_text(path))
    except configparser.Error:
        return None
    return dict(parser.items(section)) if parser.has_section(section) else None


def installed_from(*folders: Path) -> list[Path]:
    """Return the `src` folders of projects that their authors install before they test them (`pip install -e .`)."""
    named = ("pyproject.toml", "setup.py", "setup.cfg")
    found = (f / "src" for f in folders if (f / "src").is_dir() and any((f / name).is_file() for name in named))
    return list(dict.fromkeys(found))


def ini_file(options: dict[str, str], folder: Path, loaded: list[str], sources: Iterable[Path] = ()) -> str:
    """Return the text of our own `pytest.ini` that keeps what their tests need, paths made absolute; `sources` can be imported too."""
    lines = ["[pytest]"]
    roots = [str(folder / p) for p in _words(options.get("pythonpath", ""))]
    roots += [str(s) for s in sources if str(s) not in roots]
    if roots:
        lines += ["pythonpath =", *(f"    {shlex.quote(root)}" for root in roots)]
    if any(p.startswith("pytest_asyncio") for p in loaded):  # unset, it fills the output with a warning
        options = {"asyncio_default_fixture_loop_scope": "function", **options}
    for name in _NEEDED:
        if name in options:
            value = options[name]
            if name == "env_files":
                value = "\n".join(str(folder / p) for p in _words(value))
            lines.append(f"{name} = {_indented(value)}")
    return "\n".join(lines) + "\n"


def _indented(value: str) -> str:
    return "\n    ".join(line.strip() for line in value.strip().splitlines() if line.strip())


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def kept_flags(options: dict[str, str]) -> list[str]:
    """Return the flags of their `addopts` without which their tests cannot be imported."""
    return [w for w in _words(options.get("addopts", "")) if _FLAGS.match(w)]


def plugins(step: Step) -> list[str]:
    """Return the modules of the known plugins that the environment holds."""
    folder = packages(step)
    found = []
    for entry in sorted(folder.glob("*.dist-info/entry_points.txt")) if folder else ():
        name = re.sub(r"[-_.]+", "-", entry.parent.name.rsplit("-", 1)[0].removesuffix(".dist").rsplit("-", 1)[0]).lower()
        parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
        try:
            parser.read_string(_text(entry))
        except configparser.Error:
            continue
        if name in _PLUGINS and parser.has_section("pytest11"):
            found += [value.split("[")[0].strip() for _, value in parser.items("pytest11")]
    return found
