"""The environment in which a submission's commands run: ours, with the plan's variables added, never what started us."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from .step import Step

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
INSIDE = Path(__file__).parent / "inside"
# There is no world outside: clients that would ask it again for minutes are told to give up at once, and browsers of a screen that
# there is none. The submission may say otherwise.
ALONE = MappingProxyType(
    {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "3",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "WANDB_MODE": "offline",
        "DO_NOT_TRACK": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        "MPLBACKEND": "Agg",
        "SDL_VIDEODRIVER": "dummy",
        "QT_QPA_PLATFORM": "offscreen",
    }
)
_OURS = re.compile(
    r"^(PATH|HOME|SHELL|TMPDIR|IFS|ENV|BASH\w*|LD_\w*|PYTHON\w*|LC_\w*|NODE_OPTIONS|PYTEST\w*|COVERAGE\w*|COV_CORE\w*)$", re.I
)


def environment_of(step: Step, more: Mapping[str, str] = MappingProxyType({}), *, bare: bool = False) -> dict[str, str]:
    """Return the variables of a command: the plan's unless `bare`, what this command needs, and what nobody overrides."""
    given = {} if bare else step.variables
    wanted = {n: v for n, v in given.items() if not _OURS.match(n) and "\0" not in n + v and "=" not in n}
    return {
        **ALONE,
        **wanted,
        **more,
        "PATH": f"{step.environment}/bin:{step.environment}/node_modules/.bin:{SYSTEM_PATH}",
        "HOME": str(step.home),
        "TMPDIR": str(step.base),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
        "VIRTUAL_ENV": str(step.environment),
        "CI": "true",
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
    }


def python(step: Step) -> str:
    """Return the interpreter of the prepared environment."""
    return str(step.environment / "bin" / "python")


def has_python(step: Step) -> bool:
    """Tell whether there is a prepared Python environment."""
    return os.access(python(step), os.X_OK)


def packages(step: Step) -> Path | None:
    """Return the folder of the environment's packages."""
    return next(iter(sorted((step.environment / "lib").glob("python3*/site-packages"))), None)


def has_package(step: Step, name: str) -> bool:
    """Tell whether the environment holds a top-level module or package of this name."""
    folder = packages(step)
    return folder is not None and ((folder / name).is_dir() or (folder / f"{name}.py").is_file())


def link_modules(step: Step, folder: Path) -> None:
    """Show the prepared Node modules to a folder that has none of its own: one by one, since tools keep caches beside them."""
    modules = step.environment / "node_modules"
    place = folder / "node_modules"
    if modules.is_dir() and not place.exists() and not place.is_symlink():
        place.mkdir()
        for entry in modules.iterdir():
            (place / entry.name).symlink_to(entry)
