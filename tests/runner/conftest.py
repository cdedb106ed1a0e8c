"""The prepared environment that the steps of these tests share, made once from the package index."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.runner.steps import PYTHON

PACKAGES = (
    *("pytest", "coverage", "pytest-timeout", "pytest-asyncio", "fastapi", "uvicorn", "flask", "django<6", "sqlalchemy"),
    *("alembic", "httpx", "psycopg2-binary", "redis", "pymysql"),
)


@pytest.fixture(scope="session")
def environment() -> Iterator[Path]:
    """Make it where any user can read it."""
    with TemporaryDirectory(prefix="runner-environment-") as folder:
        Path(folder).chmod(0o755)
        made, uv = Path(folder) / "environment", str(Path(sys.executable).with_name("uv"))
        subprocess.run((uv, "venv", "--quiet", "--python", PYTHON, str(made)), check=True)
        python = str(made / "bin" / "python")
        subprocess.run((uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *PACKAGES), check=True)
        yield made
