"""What asks a tool to look away, in code, settings and ignore lists: listed for the jury, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.workspace import File, Workspace
from grader.values import Suppression

MARK = re.compile(
    r"#.{0,200}?\b(nosec|noqa|pylint:\s*(disable|skip-file)|type:\s*ignore|pragma:\s*(no\s*cover|allowlist\s*secret)|nosemgrep"
    r"|noinspection|pyright:\s*ignore|mypy:\s*ignore-errors|complexipy:\s*ignore|gitleaks:allow|nopycln|fmt:\s*(off|skip)"
    r"|isort:\s*skip)\b",
    re.I,
)
FRONT_MARK = re.compile(
    r"(//|/\*)\s*(eslint-disable|@ts-ignore|@ts-nocheck|@ts-expect-error|istanbul ignore|c8 ignore|v8 ignore|biome-ignore"
    r"|prettier-ignore|sonarlint)|\{/\*\s*eslint-disable",
    re.I,
)
SHELL_MARK = re.compile(
    r"#\s*(shellcheck\s+disable|hadolint\s+ignore|checkov:skip|trivy:ignore|kics-scan|yamllint\s+disable)\b", re.I
)
SETTING = re.compile(
    r"^\s*(skips|exclude_dirs|ignore|extend-ignore|extend_ignore|per-file-ignores|per_file_ignores|disable|omit|exclude_lines"
    r"|exclude_also|ignore_errors|disable_error_code|ignore_missing_imports|ignore-paths|ignore-patterns|exclude)\s*="
    r"|^\s*\[tool\.ruff\.(lint\.)?(extend-)?per-file-ignores\]",
    re.I,
)
SETTING_FILES = (
    ".bandit",
    ".flake8",
    "setup.cfg",
    "tox.ini",
    "pyproject.toml",
    ".pylintrc",
    "pylintrc",
    ".coveragerc",
    "mypy.ini",
    "ruff.toml",
    ".ruff.toml",
    "pytest.ini",
)
IGNORE_FILES = (
    ".trivyignore",
    ".gitleaksignore",
    ".semgrepignore",
    ".eslintignore",
    ".hadolint.yaml",
    ".snyk",
    ".secrets.baseline",
)
MOST = 300
LARGEST = 500_000
LONGEST_LINE = 2000
LONGEST_SHOWN = 200


def suppressions(workspace: Workspace) -> tuple[Suppression, ...]:
    """List every mark by which the submission asks a tool to look away."""
    found: list[Suppression] = []
    for file in workspace.own:
        if len(found) >= MOST:
            break
        found += _of(file)
    return tuple(found[:MOST])


def _of(file: File) -> Iterator[Suppression]:
    marks = _mark_of(file)
    if marks is None:
        if file.name in IGNORE_FILES:
            yield Suppression(file.path, 1, file.line(1)[:LONGEST_SHOWN])
    elif not file.is_binary and file.size < LARGEST:
        for number, text in enumerate(file.lines, 1):
            if len(text) < LONGEST_LINE and marks.search(text):
                yield Suppression(file.path, number, text.strip()[:LONGEST_SHOWN])


def _mark_of(file: File) -> re.Pattern[str] | None:
    if file.name in SETTING_FILES:
        return SETTING
    if file.suffix in (".py", ".pyi"):
        return MARK
    if file.suffix in (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"):
        return FRONT_MARK
    return SHELL_MARK if file.suffix in (".sh", ".yml", ".yaml", ".tf") or file.name.startswith("Dockerfile") else None


FACTS = (suppressions,)
