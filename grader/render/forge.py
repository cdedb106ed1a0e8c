"""Addresses of a line of a file at a commit, by kind of Git host."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from grader.fetch import Snapshot

PAGED = (".pdf", ".docx", ".odt", ".pptx", ".odp")


def is_paged(path: str) -> bool:
    """Tell whether the line of an evidence is a page or a slide of the file."""
    return path.lower().endswith(PAGED)


def link_of(snapshot: Snapshot, path: str, line: int | None) -> str | None:
    """Return the address of a line of what was graded, in the repository that it came from; None for a document or a local one."""
    if not snapshot.parts:
        return link(snapshot.url, snapshot.commit, path, line)
    folder, _, inside = path.partition("/")
    part, place = (snapshot.parts[folder], inside) if folder in snapshot.parts else (snapshot.parts.get("", {}), path)
    return link(part["url"], part["commit"], place, line) if "url" in part else None


def link(url: str, commit: str, path: str, line: int | None) -> str | None:
    """Return the address of a line on the forge, or None for a local repository."""
    if not url.startswith("https://"):
        return None
    host, name = urlsplit(url).hostname or "", quote(path, safe="/", errors="replace")
    row = line if line and not is_paged(path) else None
    if host == "github.com":
        plain = "?plain=1" if path.lower().endswith((".md", ".markdown", ".rst")) and row else ""
        return f"{url}/blob/{commit}/{name}{plain}" + (f"#L{row}" if row else "")
    if host == "bitbucket.org":
        return f"{url}/src/{commit}/{name}" + (f"#lines-{row}" if row else "")
    if host == "codeberg.org":
        return f"{url}/src/commit/{commit}/{name}" + (f"#L{row}" if row else "")
    return f"{url}/-/blob/{commit}/{name}" + (f"#L{row}" if row else "")
