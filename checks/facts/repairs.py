"""Which commit, branch or merge repairs an incident that a document tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from checks.facts.chronicle import Chronicle, Fix, Merge, folded
from checks.facts.incidents import Incident, Incidents
from grader.values import Commit

_WORD = re.compile(r"[a-z][a-z0-9]{3,}")
_COMMON = frozenset(
    [
        "incident",
        "incidents",
        "erreur",
        "erreurs",
        "error",
        "errors",
        "correction",
        "corrections",
        "correctif",
        "corrige",
        "corriger",
        "corrigee",
        "corrected",
        "correct",
        "fixed",
        "fixes",
        "fichier",
        "fichiers",
        "file",
        "files",
        "commit",
        "commits",
        "code",
        "source",
        "sources",
        "projet",
        "project",
        "application",
        "applications",
        "python",
        "donnees",
        "data",
        "test",
        "tests",
        "avec",
        "dans",
        "pour",
        "sans",
        "cette",
        "sont",
        "plus",
        "mais",
        "leur",
        "leurs",
        "tous",
        "tout",
        "toute",
        "toutes",
        "comme",
        "elle",
        "elles",
        "nous",
        "vous",
        "fait",
        "faire",
        "etre",
        "avoir",
        "aussi",
        "ainsi",
        "alors",
        "apres",
        "avant",
        "entre",
        "depuis",
        "lors",
        "selon",
        "sous",
        "chaque",
        "aucun",
        "aucune",
        "autre",
        "autres",
        "meme",
        "memes",
        "quand",
        "dont",
        "cela",
        "celui",
        "celle",
        "donc",
        "deja",
        "bien",
        "from",
        "with",
        "this",
        "that",
        "these",
        "those",
        "when",
        "then",
        "there",
        "their",
        "have",
        "been",
        "were",
        "will",
        "would",
        "could",
        "should",
        "into",
        "over",
        "under",
        "after",
        "before",
        "which",
        "while",
        "ajout",
        "ajoute",
        "ajouter",
        "added",
        "adds",
        "update",
        "updated",
        "updates",
        "mise",
        "jour",
        "modification",
        "modifications",
        "modifie",
        "change",
        "changes",
        "changed",
        "merge",
        "branch",
        "main",
        "master",
        "pull",
        "request",
        "readme",
        "docs",
        "documentation",
        "version",
        "versions",
        "feat",
        "chore",
        "refactor",
        "style",
        "build",
        "release",
        "probleme",
        "problemes",
        "problem",
        "issue",
        "issues",
        "solution",
        "solutions",
        "cause",
        "causes",
        "diagnostic",
        "resolution",
        "feature",
        "fonction",
        "function",
        "class",
        "method",
        "script",
        "scripts",
        "ligne",
        "lignes",
        "line",
        "lines",
        "utilisation",
        "utilise",
        "utiliser",
        "using",
        "used",
        "user",
        "users",
        "message",
        "messages",
        "service",
        "services",
        "server",
        "serveur",
        "http",
        "https",
        "local",
        "ancien",
        "ancienne",
        "nouveau",
        "nouvelle",
        "premier",
        "premiere",
        "final",
        "finale",
        "resultat",
        "result",
        "results",
        "page",
        "pages",
    ]
)
_DOCUMENT = re.compile(r"\.(md|txt|rst|pdf|docx|odt|png|jpe?g|svg|pptx)$", re.I)
WIDEST = 60
WIDEST_CHANGE = 20


@dataclass(frozen=True, slots=True)
class Repair:
    """What repairs an incident: `how` is `cited` (the document names the commit), `branch`, `merge`, `fix` or `change`."""

    incident: Incident
    commit: Commit
    how: str
    tests: tuple[str, ...] = ()
    issue: str = ""


@dataclass(frozen=True)
class Repairs:
    """Repairs found, surest first, and whether there is a history to look into."""

    found: tuple[Repair, ...] = ()
    history: bool = False

    def of(self, incident: Incident) -> Repair | None:
        """Return the surest repair of one incident."""
        return next((r for r in self.found if r.incident is incident), None)


def _words(text: str) -> frozenset[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_/.\\-]", " ", text)
    return frozenset(_WORD.findall(folded(f"{spaced} {text}"))) - _COMMON


def _told(incident: Incident) -> frozenset[str]:
    """Return the words of an incident, those of paths and addresses left out: they name the project, not the problem."""
    return _words(" ".join(t for t in incident.text.split() if t.count("/") + t.count("\\") < 2))


def _sources(commit: Commit) -> tuple[str, ...]:
    return tuple(f for f in commit.files if not _DOCUMENT.search(f))


class _Search:
    def __init__(self, chronicle: Chronicle) -> None:
        self.chronicle = chronicle
        self.fixes: dict[str, Fix] = {f.commit.sha: f for f in chronicle.fixes}
        self.merges: dict[str, Merge] = {m.commit.sha: m for m in chronicle.merges}
        self.words = {c.sha: _words(f"{c.subject} {self._branch(c)}") for c in chronicle.commits}
        seen = Counter(w for words in self.words.values() for w in words)
        limit = max(3, len(chronicle.commits) // 10)
        self.rare = frozenset(w for w, count in seen.items() if count <= limit)

    def _branch(self, commit: Commit) -> str:
        merge = self.merges.get(commit.sha)
        return merge.branch if merge else ""

    def repair(self, incident: Incident) -> Repair | None:
        """Return the surest repair of an incident."""
        return self._cited(incident) or self._by_branch(incident) or self._by_words(incident)

    def _cited(self, incident: Incident) -> Repair | None:
        near = incident.parts.get("repair", incident.line)
        hashes = sorted(incident.hashes, key=lambda pair: (pair[0] < near, pair[0]))
        cited = [c for _, text in hashes if (c := self.chronicle.commit(text)) and c.parents]
        best = [c for c in cited if c.sha in self.fixes and _sources(c)] or [
            c for c in cited if _sources(c) or c.sha in self.merges
        ]
        return self._as_repair(incident, best[0], "cited") if best else None

    def _by_branch(self, incident: Incident) -> Repair | None:
        told = _told(incident)
        for merge in self.chronicle.merges:
            named = merge.branch and merge.branch in incident.branches
            alike = (
                merge.repairs
                and len(_words(merge.branch) & told) >= 1
                and len((_words(merge.commit.subject)) & told & self.rare) >= 1
            )
            if named or alike:
                return self._as_repair(incident, merge.commit, "merge")
        return None

    def _by_words(self, incident: Incident) -> Repair | None:
        told = _told(incident)
        scored = [(score, c) for c in self.chronicle.commits if (score := self._score(c, incident, told))]
        if not scored:
            return None
        _, best = max(scored, key=lambda pair: pair[0])
        return self._as_repair(incident, best, "fix" if best.sha in self.fixes else "change")

    def _score(self, commit: Commit, incident: Incident, told: frozenset[str]) -> int:
        """Return how well a commit matches: words in common that few commits use, files that the incident names."""
        sources = _sources(commit)
        if not commit.parents or not sources or len(sources) > WIDEST:
            return 0
        words = self.words[commit.sha]
        shared = len(words & told & self.rare)
        touched = any(f.rsplit("/", 1)[-1].lower() in incident.files for f in sources)
        if not shared or 4 * len(words & told) < len(words):  # most of what the message says is about something else
            return 0
        repairs_it = commit.sha in self.fixes
        if not repairs_it and (len(sources) > WIDEST_CHANGE or len(words & _words(incident.heading)) < 2):
            return 0  # a commit that does not speak of a repair must at least name the incident
        enough = (touched or shared >= 2) if repairs_it else touched and shared >= 2
        return 2 * shared + 3 * touched + 2 * repairs_it if enough else 0

    def _as_repair(self, incident: Incident, commit: Commit, how: str) -> Repair:
        fix = self.fixes.get(commit.sha)
        return Repair(incident, commit, how, fix.tests if fix else (), fix.issue if fix else "")


def _ordered(found: Iterable[Repair]) -> tuple[Repair, ...]:
    rank = {"cited": 0, "merge": 1, "fix": 2, "change": 3}
    return tuple(sorted(found, key=lambda r: (rank[r.how], *(-w for w in r.incident.weight))))


def repairs(incidents: Incidents, chronicle: Chronicle) -> Repairs:
    """Look for the repair of each incident in the history."""
    if not chronicle.commits:
        return Repairs()
    search = _Search(chronicle)
    return Repairs(_ordered(r for i in incidents.told[:20] if (r := search.repair(i))), True)


FACTS = (repairs,)
