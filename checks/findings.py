"""Short constructors for what a check returns. The engine fills the check's id in."""

from __future__ import annotations

from collections.abc import Iterable

from grader.plurals import agree
from grader.values import Evidence, Finding, Outcome, Source, Text

MOST_EVIDENCE = 6  # a juror has twenty minutes: the best places, not every place
LONGEST_EXCERPT = 240
NOT_RUN = "not-run"  # the reason of what reading leaves to running: "could not tell", or a doubt that makes it partly


def evidence(path: str, line: int | None = None, excerpt: str = "", source: Source = Source.READ) -> Evidence:
    """Return a place to open; the excerpt is cut to a line that fits a grid."""
    return Evidence(source, path, line, shortened(" ".join(excerpt.split()), LONGEST_EXCERPT))


def shortened(text: str, most: int) -> str:
    """Return `text` in at most `most` characters, cut between words and marked where it is cut."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip() + "…"


def mention(path: str, line: int | None = None, excerpt: str = "") -> Evidence:
    """Return a place where prose says so."""
    return evidence(path, line, excerpt, Source.MENTIONED)


def _finding(
    outcome: Outcome,
    fr: str,
    en: str,
    where: Iterable[Evidence] = (),
    *,
    reason: str | None = None,
    question: Text | None = None,
    measures: dict[str, float] | None = None,
) -> Finding:
    kept = tuple(dict.fromkeys(where))[:MOST_EVIDENCE]
    return Finding("", outcome, Text(agree(fr, "fr"), agree(en, "en")), kept, reason, measures or {}, question)


def met(fr: str, en: str, where: Iterable[Evidence], **rest: object) -> Finding:
    """Return a finding that the check's sentence holds; it needs evidence."""
    return _finding(Outcome.MET, fr, en, where, **rest)  # type: ignore[arg-type]


def partly(fr: str, en: str, where: Iterable[Evidence] = (), **rest: object) -> Finding:
    """Return a finding that the sentence holds in part, or with a defect that a jury would raise."""
    return _finding(Outcome.PARTLY, fr, en, where, **rest)  # type: ignore[arg-type]


def not_met(fr: str, en: str, where: Iterable[Evidence] = (), **rest: object) -> Finding:
    """Return a finding that nothing shows it, or that what is there contradicts it."""
    return _finding(Outcome.NOT_MET, fr, en, where, **rest)  # type: ignore[arg-type]


def not_applicable(fr: str, en: str, reason: str) -> Finding:
    """Return a finding that the check has no object here."""
    return _finding(Outcome.NOT_APPLICABLE, fr, en, reason=reason)


def inconclusive(fr: str, en: str, reason: str, where: Iterable[Evidence] = (), **rest: object) -> Finding:
    """Return an honest "could not tell", with the code of its reason."""
    return _finding(Outcome.INCONCLUSIVE, fr, en, where, reason=reason, **rest)  # type: ignore[arg-type]


def unshown(fr: str, en: str, where: Iterable[Evidence] = (), **rest: object) -> Finding:
    """Return an open question: the repository shows nothing of it, and other deliverables may."""
    return inconclusive(fr, en, "not-in-repository", where, **rest)
