"""One shell line with which a juror does by hand what the plan does."""

from __future__ import annotations

import posixpath
import shlex

from grader.plan import App, Database, Part, Suite

_TESTS = {
    "pytest": "python -m pytest",
    "unittest": "python -m unittest",
    "django": "python manage.py test",
    "vitest": "npx vitest run",
    "jest": "npx jest",
    "node": "node --test",
}


def command_of(part: Part, step: Suite | App | Database) -> str:
    """Return the line that reproduces a step from the root of the repository: enter the folder, install, run."""
    if isinstance(step, Suite):
        run = _tests(step)
    elif isinstance(step, App):
        run = _serve(step)
    else:
        run = _create(step)
    return " && ".join(c for c in (_enter(step.folder), _install(part, step.folder), run) if c)


def _enter(folder: str) -> str:
    return f"cd {shlex.quote(folder)}" if folder else ""


def _install(part: Part, folder: str) -> str:
    """Return how to install what the part declares, as seen from the folder of the step."""
    if part.language == "node":
        return "npm ci" if part.requirements else ""
    paths = dict.fromkeys(r.place.path for r in part.requirements)
    lists = [p for p in paths if p.endswith((".txt", ".in"))]
    pieces = [f"-r {shlex.quote(posixpath.relpath(p, folder or '.'))}" for p in lists]
    others = dict.fromkeys(
        posixpath.dirname(p) for p in paths if posixpath.basename(p) in ("pyproject.toml", "setup.py", "setup.cfg")
    )
    pieces += [shlex.quote(posixpath.relpath(d or ".", folder or ".")) for d in others]
    written = dict.fromkeys(p for p in paths if posixpath.basename(p) == "Pipfile" or p.endswith((".yml", ".yaml")))
    pieces += [shlex.quote(r.text) for r in part.requirements if r.place.path in written]
    return f"pip install {' '.join(pieces)}" if pieces else ""


def _tests(suite: Suite) -> str:
    targets = [_label(t) if suite.runner == "django" else t for t in suite.targets]
    settings = f"DJANGO_SETTINGS_MODULE={shlex.quote(suite.settings)} " if suite.settings and suite.runner == "pytest" else ""
    return settings + " ".join((_TESTS.get(suite.runner, "python -m pytest"), *map(shlex.quote, targets)))


def _label(target: str) -> str:
    """Return a file of tests as Django's runner wants it: a dotted name."""
    return target.removesuffix(".py").replace("/", ".") if target.endswith(".py") else target


def _serve(app: App) -> str:
    target = shlex.quote(app.target)
    lines = {
        "flask": f"python -m flask --app {target if not app.factory else shlex.quote(app.target + '()')} run",
        "django": "python manage.py runserver",
        "streamlit": f"python -m streamlit run {target}",
        "gradio": f"python {target}",
        "express": f"node {target}",
    }
    return lines.get(app.framework) or f"python -m uvicorn {target}{' --factory' if app.factory else ''}"


def _create(database: Database) -> str:
    target = shlex.quote(database.target)
    program = "psql -v ON_ERROR_STOP=1 -f" if database.engine == "postgresql" else "sqlite3 new.db <"
    lines = {
        "alembic": "python -m alembic upgrade head",
        "django": "python manage.py migrate",
        "ddl": f"{program} {target}",
    }
    create = lines.get(database.kind) or f"python -m {target}"
    return " && ".join((create, *(f"python {shlex.quote(script)}" for script in database.imports)))
