"""The two sandboxes, each set up once for all its cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running.arena import Arena
from tests.running.arena import arena as set_up

SANDBOXES = (
    pytest.param("docker", marks=pytest.mark.engine),
    pytest.param("bubblewrap", marks=pytest.mark.root),
)


@pytest.fixture(scope="session", params=SANDBOXES)
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Give each sandbox in turn."""
    with set_up(request.param) as made:
        yield made
