"""What a check says of a criterion that a juror judges: the parts that documents show, or the question to ask."""

from __future__ import annotations

from collections.abc import Sequence

from checks.findings import met, partly, unshown
from checks.parts import Part, missing, present, sentence
from grader.values import Finding, Text


def told(parts: Sequence[Part], subject: Text, ask: Text) -> Finding:
    """Return met when every part is found, partly when some are, else that the repository does not hold it."""
    if not present(parts):
        return unshown(f"{subject.fr} : rien dans le dépôt.", f"{subject.en}: nothing in the repository.", question=ask)
    outcome = partly if missing(parts) else met
    if len(parts) == 1:
        return outcome(f"{subject.fr} : à lire.", f"{subject.en}: to be read.", present(parts), question=ask)
    fr, en = sentence(parts)
    return outcome(f"{subject.fr}, à lire : {fr}.", f"{subject.en}, to be read: {en}.", present(parts), question=ask)
