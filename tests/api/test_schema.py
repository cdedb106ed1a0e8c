"""schemathesis against the whole API, as each kind of person: whatever is sent, the service does not break."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from api.main import create_app
from tests.api.test_rules import World, world  # noqa: F401 - the fixture

# These end or stream, and are asked for by hand elsewhere.
_LEFT = ("/api/sign-out", "/events", "/api/people/{person_id}/close", "/grants/{grant_id}")


@pytest.mark.parametrize("who", ["ada", "blaise", "colette", "root"])
def test_nothing_that_is_sent_breaks_it(world: World, who: str) -> None:  # noqa: F811
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(world.service))
    client = world.clients[who]
    headers = {"X-CSRF-Token": str(client.headers["X-CSRF-Token"]), "Cookie": f"jurygrid={client.cookies['jurygrid']}"}
    operations = [o.ok() for o in schema.get_all_operations()]
    wanted = [o for o in operations if not o.path.endswith(_LEFT)]
    assert len(wanted) > 50
    assert sum(_sent(operation, headers) for operation in wanted) > 200


def _sent(operation: Any, headers: dict[str, str]) -> int:
    """Send what the document allows, and what it does not; return how often."""
    asked = 0

    @seed(7)
    @settings(max_examples=6, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def each(data: Any) -> None:
        nonlocal asked
        answer = data.draw(operation.as_strategy()).call(headers=headers, base_url="http://testserver")
        asked += 1
        assert answer.status_code < 500, (operation.label, answer.text[:300])

    each()
    return asked
