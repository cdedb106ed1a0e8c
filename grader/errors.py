"""The errors of Jurygrid, one tree:

JurygridError                  has a code; its sentence is in `grader.catalogue`, in two languages
├── Refused                    the caller's: they can mend it; exit code 1
│   ├── SourceRefused          the address given cannot be graded
│   ├── RepositoryRefused      the repository was reached, but cannot be graded
│   ├── Unknown                there is no such thing, or it is not the caller's to know of
│   ├── Forbidden              it is there, and this person may not do that to it
│   ├── NotSignedIn            nobody knows yet who asks
│   ├── Conflict               it contradicts what was done before: a closed grid, a key used twice
│   ├── TooLarge, TooMany      over a limit of size or of rate
│   └── RubricInvalid          the instructor's: a rubric, overlay or lexicon is malformed, with its line
└── OurFailure                 ours: never anybody's mark; exit code 3
    └── SandboxFailed          no sandbox, or it died
"""

from __future__ import annotations

from grader.catalogue import sentence


class JurygridError(Exception):
    """Anything we raise on purpose: a code and the values its sentence names."""

    def __init__(self, code: str, **values: object) -> None:
        """Keep the code and the values; the sentence is made when somebody reads it."""
        super().__init__(code)
        self.code = code
        self.values = values

    def sentence(self, language: str) -> str:
        """Return the sentence for a person, in `fr` or `en`."""
        return sentence(self.code, language, **self.values)

    def __str__(self) -> str:
        """Return the English sentence, for logs."""
        return self.sentence("en")


class Refused(JurygridError):
    """The caller asked for something that cannot be done, and can mend it."""


class SourceRefused(Refused):
    """The address given cannot be graded."""


class RepositoryRefused(Refused):
    """The repository was reached, but cannot be graded."""


class Unknown(Refused):
    """There is no such thing, or it is not the caller's to know of."""


class Forbidden(Refused):
    """It is there, and this person may not do that to it."""


class NotSignedIn(Refused):
    """Nobody knows yet who asks."""


class Conflict(Refused):
    """It contradicts what was done before."""


class TooLarge(Refused):
    """Over a limit of size."""


class TooMany(Refused):
    """Over a limit of rate."""


class RubricInvalid(Refused):
    """A rubric, overlay or lexicon is malformed."""


class OurFailure(JurygridError):
    """We failed; it says nothing about the work handed in."""


class SandboxFailed(OurFailure):
    """No sandbox could be had, or it died."""
