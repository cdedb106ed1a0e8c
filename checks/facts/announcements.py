"""What documents announce: absent files, boards, mock-ups, deployed addresses, other repositories of the project, printed CI chains."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from checks.facts.documents import Documents, Section
from checks.workspace import File, Workspace

_PATH = re.compile(
    r"`([\w.@-]+(?:/[\w.@ -]+)+\.(?:md|pdf|docx|odt|png|jpg|svg|ya?ml|json|sql|ipynb|py|html|csv|txt))`|`([\w@-]+\.(?:md|pdf|docx|odt|drawio))`"
)
_BOARD = re.compile(
    r"trello\.com/(b|invite)/|atlassian\.net|notion\.(so|site)|github\.com/(users|orgs)/[^/]+/projects/|github\.com/[^/]+/[^/]+/projects|"
    r"linear\.app|miro\.com|asana\.com|monday\.com|clickup\.com|taiga\.io|jira\.|gitlab\.com/.+/-/boards|airtable\.com",
    re.I,
)
_MOCKUP = re.compile(
    r"figma\.com|balsamiq\.cloud|whimsical\.com|adobe\.com/xd|xd\.adobe|moqups\.com|excalidraw\.com|penpot|marvelapp|canva\.com",
    re.I,
)
_LIVE = re.compile(
    r"\.(onrender\.com|herokuapp\.com|azurewebsites\.net|azurecontainerapps\.io|run\.app|vercel\.app|netlify\.app|fly\.dev|streamlit\.app|hf\.space|"
    r"railway\.app|up\.railway\.app|pythonanywhere\.com|web\.app|cloudfront\.net|koyeb\.app)",
    re.I,
)
_FORGE = re.compile(r"https?://(?:www\.)?(github|gitlab)\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?$", re.I)
# A configuration printed in a report: what no sentence about a chain says.
_CHAIN_LINES = (
    re.compile(r"^[ \t]*(?:-[ \t]*)?runs-on:[ \t]*\S", re.M),
    re.compile(r"^[ \t]*(?:-[ \t]*)?uses:[ \t]*[\w.-]+/[\w./-]+@", re.M),
    re.compile(r"^[ \t]*(?:-[ \t]*)?(?:jobs|stages|before_script|steps):[ \t]*$", re.M),
    re.compile(r"^[ \t]*(?:on|trigger):[ \t]*(?:\[|$)", re.M),
    re.compile(r"^[ \t]*(?:-[ \t]*)?(?:script|run|vmImage|image):[ \t]*\S", re.M),
)
_CI_SERVER = re.compile(
    r"^\s*(?:FROM|image:)\s+[\"']?((?:[\w.-]+(?::\d+)?/)?(?:jenkins/jenkins|jenkinsci/\S+|bitnami/jenkins|jenkins(?=[:\s\"']|$)|gitlab/gitlab-(?:ce|ee|runner)|woodpeckerci/\S+|drone/drone\S*"
    r"|jetbrains/teamcity-\S+|concourse/concourse|gocd/gocd-server\S*|gitea/(?:gitea|act_runner)|forgejo/\S+)[\w.:-]*)",
    re.I,
)
LEAST_CHAIN_LINES = 3
MOST = 400


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that a document points to: `kind` is `absent`, `board`, `mock-up`, `live`, `repository`, `chain` (printed
    in it) or `ci-server` (that the project starts)."""

    kind: str
    path: str
    line: int
    target: str
    text: str = ""


@dataclass(frozen=True)
class Announcements:
    """Everything announced, in document order."""

    all: tuple[Announcement, ...]

    def of(self, *kinds: str) -> tuple[Announcement, ...]:
        """Return the announcements of these kinds."""
        return tuple(a for a in self.all if a.kind in kinds)


def announcements(workspace: Workspace, documents: Documents) -> Announcements:
    """Read what the counted sections announce."""
    found = [a for section in documents.sections for a in _in_section(section, workspace)]
    found += [a for file in workspace.named("dockerfile*", "*.dockerfile", "*compose*.y*ml") for a in _servers(file)]
    return Announcements(tuple(dict.fromkeys(found))[:MOST])


def _servers(file: File) -> Iterator[Announcement]:
    """Yield the servers of continuous integration that the project starts itself: they keep their jobs, the repository does not."""
    for number, line in enumerate(file.lines[:2000], 1):
        if hit := _CI_SERVER.match(line[:300]):
            yield Announcement("ci-server", file.path, number, hit[1][:300], line.strip()[:200])


def _in_section(section: Section, workspace: Workspace) -> Iterator[Announcement]:
    for link in (*section.links, *section.images):
        kind = _kind(link.target, section, workspace)
        if kind:
            yield Announcement(kind, section.path, link.line, link.target[:300], link.text)
    for line, text in section.lines:
        for match in re.finditer(r"https?://[^\s)>\]\"'`|]+", text):
            kind = _kind(match[0].rstrip(".,;"), section, workspace)
            if kind:
                yield Announcement(kind, section.path, line, match[0][:300], text[:200])
    yield from _printed_chain(section)


def _printed_chain(section: Section) -> Iterator[Announcement]:
    """Yield the configuration of a chain that a section prints, as code or, out of a PDF, as prose."""
    for line, text in (
        (section.lines[0][0], section.text) if section.lines else (section.line, ""),
        *((c.line, c.text) for c in section.code),
    ):
        if sum(shape.search(text) is not None for shape in _CHAIN_LINES) >= LEAST_CHAIN_LINES:
            yield Announcement("chain", section.path, line, section.heading[:200])


def _kind(target: str, section: Section, workspace: Workspace) -> str:
    for kind, pattern in (("board", _BOARD), ("mock-up", _MOCKUP), ("live", _LIVE)):
        if pattern.search(target):
            return kind
    if _FORGE.match(target):
        return "repository"
    if "://" in target[:12] or target.startswith(("#", "mailto:", "data:", "//")) or not re.search(r"\.\w{1,5}($|#)|/$", target):
        return ""
    return "" if is_there(target, section.path, workspace) else "absent"


def is_there(target: str, from_path: str, workspace: Workspace) -> bool:
    """Tell whether a relative link leads to a file or a folder of the repository, left-out ones included."""
    plain = unquote(target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
    places = {posixpath.normpath(posixpath.join(posixpath.dirname(from_path), plain)), posixpath.normpath(plain.lstrip("/."))}
    left_out = {s.path for s in workspace.skipped}
    return any(p in (".", "") or p.startswith("..") or workspace.exists(p) or p in left_out for p in places)


FACTS = (announcements,)
