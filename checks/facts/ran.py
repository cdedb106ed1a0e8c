"""What ran, read from the archive that the runs left: ours in `host.json`, strangers' in `steps/<n>.json`."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from checks.facts.hostile_json import Fields, read_object
from checks.facts.ran_servers import server
from checks.facts.ran_steps import environment, mutation, schema_run, step
from checks.facts.ran_tests import test_run
from checks.facts.ran_values import Ran, Step

MOST_ARCHIVE = 400_000_000
MOST_DOCUMENT = 60_000_000
MOST_STEPS = 60


def ran(ran_archive: bytes) -> Ran:
    """Read the archive; an empty one says that nothing was run. Nothing in it can raise: what is malformed is said so."""
    if not ran_archive:
        return Ran()
    if len(ran_archive) > MOST_ARCHIVE:
        return Ran(whole=True, doubt="too-large")
    try:
        members = dict(_members(ran_archive))
    except (tarfile.TarError, OSError, ValueError, EOFError):
        return Ran(whole=True, doubt="malformed")
    host = read_object(members.pop("host.json", b""))
    if host is None:
        return Ran(whole=True, doubt="malformed")
    return _gathered(Fields(host), members)


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the documents: a too large one is empty, which is malformed to its reader."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                yield member.name.removeprefix("./"), content.read() if member.size <= MOST_DOCUMENT else b""


def _gathered(host: Fields, documents: dict[str, bytes]) -> Ran:
    nonce = host.text("nonce", 200)
    tried: list[tuple[Step, Fields, Fields]] = []
    for given in host.objects("steps", MOST_STEPS):
        data = documents.get(f"steps/{given.count('n')}.json")
        said = Fields(read_object(data)) if data is not None else Fields(None)
        doubt = _doubt(data, said, nonce, given.text("kind", 20))
        tried.append(
            (step(given, said if doubt is None else Fields(None), doubt), said if doubt is None else Fields(None), given)
        )
    return Ran(
        whole=True,
        sandbox=host.text("sandbox", 30),
        environments=tuple(environment(e) for e in host.objects("environments", 60)),
        steps=tuple(s for s, _, _ in tried),
        tests=tuple(test_run(s, said) for s, said, _ in tried if s.kind == "tests"),
        servers=tuple(server(s, said, given.inner("probe")) for s, said, given in tried if s.kind == "serve"),
        schemas=tuple(schema_run(s, said) for s, said, _ in tried if s.kind == "migrate"),
        mutations=tuple(mutation(s, said) for s, said, _ in tried if s.kind == "mutate"),
    )


def _doubt(data: bytes | None, said: Fields, nonce: str, kind: str) -> str | None:
    """Return why a runner's document is not believed."""
    if data is None:
        return "no-document"
    if not said:
        return "malformed"
    if not nonce or said.text("nonce", 200) != nonce:
        return "forged"
    return None if said.text("kind", 20) == kind else "contradictory"


FACTS = (ran,)
