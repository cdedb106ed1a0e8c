"""What the history tells: who committed when, what was merged, which commits repair something and what they touched."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date

from checks.facts.python_code import TEST_PATH
from grader.values import Commit, History

_REPAIR = re.compile(
    r"\b(hot|bug)?fix(e[sd])?\b|\bbugs?\b|\bcorrec\w+|\bcorrig\w+|\brepar(e|er|ation|ed)\b|\bresol(u|ution|ve[sd]?)\b"
    r"|\bdebug\w*|\bdebog\w+|\bhotfix\w*|\bpatch(e[sd])?\b|\bregression\b|\bcrash\w*|\brevert\b"
)
_REQUEST = re.compile(
    r"^merge pull request #(\d+) from \S+?/(\S+)|^merge branch '([^']+)'|\(#(\d+)\)$|^merge request !(\d+)", re.I
)
_ISSUE = re.compile(r"\b(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?|ferme|corrige|refs?|issue)\s*:?\s*#(\d+)", re.I)
_REPAIR_BRANCH = re.compile(
    r"(^|[/_-])(hot|bug)?fix(es)?([/_-]|$)|(^|[/_-])(bug|debug|debogage|correctif|correction|incident)s?([/_-]|$)", re.I
)
_DOCUMENT = re.compile(r"\.(md|txt|rst|pdf|docx|odt|png|jpe?g|svg|pptx|csv)$", re.I)


def folded(text: str) -> str:
    """Return `text` in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge: `request` is the pull or merge request's number or "", `branch` the branch merged or ""."""

    commit: Commit
    request: str = ""
    branch: str = ""

    @property
    def repairs(self) -> bool:
        """Tell whether the branch or the message speaks of a repair."""
        return bool(_REPAIR_BRANCH.search(self.branch)) or bool(_REPAIR.search(folded(self.commit.subject)))


@dataclass(frozen=True, slots=True)
class Fix:
    """A commit whose message speaks of a repair; `tests` are the test files it touched, `issue` the ticket it cites."""

    commit: Commit
    tests: tuple[str, ...] = ()
    issue: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Files touched that are not documents nor images."""
        return tuple(f for f in self.commit.files if not _DOCUMENT.search(f))


@dataclass(frozen=True)
class Chronicle:
    """The history in figures and in repairs; empty when Git's record did not come with the submission."""

    commits: tuple[Commit, ...] = ()
    authors: tuple[tuple[str, int], ...] = ()
    days: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = ()
    fixes: tuple[Fix, ...] = ()
    complete: bool = False

    @property
    def span(self) -> int:
        """Days from the first commit to the last."""
        return (_day(self.days[-1]) - _day(self.days[0])).days if self.days else 0

    @property
    def weeks(self) -> int:
        """Number of distinct weeks with a commit."""
        return len({_day(d).isocalendar()[:2] for d in self.days})

    @property
    def requests(self) -> tuple[Merge, ...]:
        """Merges of a numbered pull or merge request."""
        return tuple(m for m in self.merges if m.request)

    @property
    def repair_branches(self) -> tuple[str, ...]:
        """Names of branches, still there or merged, that are made for a repair."""
        names = dict.fromkeys([*self.branches, *(m.branch for m in self.merges)])
        return tuple(n for n in names if n and _REPAIR_BRANCH.search(n))

    @property
    def root_commits(self) -> frozenset[str]:
        """Hashes of commits without a parent: what they hold was never changed by them."""
        return frozenset(c.sha for c in self.commits if not c.parents)

    def commit(self, prefix: str) -> Commit | None:
        """Return the commit whose hash starts with `prefix` (seven characters or more)."""
        return next((c for c in self.commits if len(prefix) >= 7 and c.sha.startswith(prefix.lower())), None)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _is_day(text: str) -> bool:
    try:
        _day(text)
    except ValueError:
        return False
    return True


def _merge(commit: Commit) -> Merge | None:
    said = _REQUEST.search(commit.subject)
    if not said and len(commit.parents) < 2:
        return None
    number = (said.group(1) or said.group(4) or said.group(5) or "") if said else ""
    branch = (said.group(2) or said.group(3) or "") if said else ""
    return Merge(commit, number, branch)


def _fix(commit: Commit) -> Fix | None:
    if len(commit.parents) > 1 or not _REPAIR.search(folded(commit.subject)):
        return None
    issue = _ISSUE.search(commit.subject)
    return Fix(commit, tuple(f for f in commit.files if TEST_PATH.search(f)), issue.group(1) if issue else "")


def chronicle(history: History) -> Chronicle:
    """Read the history that came with the submission."""
    commits = history.commits
    return Chronicle(
        commits,
        tuple(sorted(Counter(c.author for c in commits).items(), key=lambda pair: (-pair[1], pair[0]))),
        tuple(sorted({c.date[:10] for c in commits if _is_day(c.date)})),
        tuple(sorted(history.branches)),
        tuple(m for c in commits if (m := _merge(c))),
        tuple(f for c in commits if (f := _fix(c))),
        history.complete,
    )


FACTS = (chronicle,)
