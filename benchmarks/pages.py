"""The page of speeds: each benchmark writes its own part and leaves the others."""

from __future__ import annotations

import os
import platform
from pathlib import Path

PAGE = Path(__file__).parent / "speed.md"


def write_part(title: str, about: str, lines: list[str]) -> None:
    """Replace the part called `title`, or add it at the end."""
    parts = PAGE.read_text("utf-8").split("\n## ") if PAGE.is_file() else ["# Speed\n"]
    said = " ".join(line for line in about.splitlines() if not line.startswith("usage:")).strip()
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    where = f"On {os.cpu_count()} cores, Python {platform.python_version()}; load at the end {load}."
    new = f"{title}\n\n{said}\n{where}\n\n" + "\n".join(lines) + "\n"
    kept = [p for p in parts[1:] if p.partition("\n")[0] != title]
    PAGE.write_text("\n## ".join([parts[0].rstrip() + "\n", *(p.rstrip() + "\n" for p in [*kept, new])]), "utf-8")
