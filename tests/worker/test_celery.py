"""A real Celery worker on a real Redis and PostgreSQL: what is handed in is graded, in order, and once."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.store.tables import State
from tests.faults.installation import installation
from tests.servers import PostgreSQL, Redis


@pytest.mark.timeout(240)
def test_what_is_handed_in_is_graded(postgresql_server: PostgreSQL, redis_server: Redis, tmp_path: Path) -> None:
    with installation(tmp_path, postgresql_server, redis_server) as here:
        here.start("worker", "--processes", "2")
        here.start("sweep", "--every", "1")
        here.hand_in(4)
        assert here.wait()[State.READY] == 4
        found = here.reckoned()
        assert found.holds, found.wrong
        assert here.leftovers() == []
        assert {r.attempt for r in here.rows()} == {1}


@pytest.mark.timeout(240)
def test_what_was_never_told_is_told_by_the_sweep(postgresql_server: PostgreSQL, redis_server: Redis, tmp_path: Path) -> None:
    with installation(tmp_path, postgresql_server, redis_server) as here:
        here.hand_in(2)
        import redis

        redis.Redis.from_url(here.redis.url).flushall()
        here.start("worker", "--processes", "1")
        here.start("sweep", "--every", "1")
        assert here.wait()[State.READY] == 2
