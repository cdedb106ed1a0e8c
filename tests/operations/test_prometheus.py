"""A real Prometheus reads a real service and its workers: every alert and every panel gets an answer."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from grader.store.tables import State
from tests.faults.installation import end, installation
from tests.operations.test_monitoring import queries
from tests.servers import PostgreSQL, Redis, free_port, wait_for_port

OPERATIONS = Path(__file__).parents[2] / "operations" / "prometheus"


def test_the_rules_and_the_configuration_are_sound_and_each_alert_can_fire() -> None:
    for argv in (("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")):
        done = subprocess.run(("promtool", *argv), cwd=OPERATIONS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    alerts = [r["alert"] for g in yaml.safe_load((OPERATIONS / "alerts.yml").read_text("utf-8"))["groups"] for r in g["rules"]]
    tested = (OPERATIONS / "alerts.test.yml").read_text("utf-8")
    assert [a for a in alerts if f'alertname="{a}"' not in tested] == []


@contextlib.contextmanager
def prometheus(folder: Path, targets: dict[str, int]) -> Iterator[httpx.Client]:
    """Start one with our configuration, its targets on this machine."""
    configuration = yaml.safe_load((OPERATIONS / "prometheus.yml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(OPERATIONS / "alerts.yml")]
    assert [j["job_name"] for j in configuration["scrape_configs"]] == list(targets)
    configuration["scrape_configs"] = [
        {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for name, port in targets.items()
    ]
    file, port = folder / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(configuration), "utf-8")
    argv = (
        "prometheus",
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for_port(port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10) as client:
            yield client
    finally:
        end(process)


def asked(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    """Return the samples that answer a query."""
    answer = client.get("/query", params={"query": query}).json()
    assert answer["status"] == "success", (query, answer)
    return list(answer["data"]["result"])


def total(client: httpx.Client, query: str) -> float:
    return sum(float(s["value"][1]) for s in asked(client, query))


def eventually(client: httpx.Client, query: str, wanted: float) -> bool:
    """Wait until a query's sum is so: it is asked of what Prometheus read last."""
    until = time.monotonic() + 40
    while total(client, query) != wanted and time.monotonic() < until:
        time.sleep(0.5)
    return total(client, query) == wanted


@pytest.mark.timeout(240)
def test_prometheus_reads_the_service_and_its_workers(postgresql_server: PostgreSQL, redis_server: Redis, tmp_path: Path) -> None:
    api, workers = free_port(), free_port()
    with installation(tmp_path, postgresql_server, redis_server, JURYGRID_METRICS_ADDRESS=f"127.0.0.1:{workers}") as here:
        here.start("worker", "--processes", "2")
        here.start("sweep", "--every", "1")
        here.start("serve", "--port", str(api), "--processes", "2")
        wait_for_port(workers)
        wait_for_port(api)
        with prometheus(tmp_path, {"jurygrid": api, "workers": workers}) as client:
            here.hand_in(3)
            assert here.wait()[State.READY] == 3
            graded = 'sum(jurygrid_steps_ended_total{job="workers", step="grade", how="done"})'
            # Two processes count, and Prometheus reads their sum.
            assert eventually(client, graded, 3)
            assert total(client, "sum(jurygrid_stage_seconds_count{stage='total'}) + sum(jurygrid_reports_reused_total)") == 3
            assert eventually(client, "sum(up)", 2)
            for _ in range(40):  # whichever process answers, each request is counted, and the sum is told by both
                httpx.get(f"http://127.0.0.1:{api}/health/live").raise_for_status()
            lived = [
                l for l in httpx.get(f"http://127.0.0.1:{api}/metrics").text.splitlines() if "/health/live" in l and "_total" in l
            ]
            assert float(lived[0].rpartition(" ")[2]) >= 40, lived
            assert total(client, 'sum(jurygrid_assessments{state="ready"})') == 3
            for query in queries():
                asked(client, query)
            rules = client.get("/rules").json()["data"]["groups"][0]["rules"]
            assert {(r["name"], r["health"]) for r in rules} == {(r["name"], "ok") for r in rules}, json.dumps(rules)
            assert {r["name"] for r in rules if r["state"] == "firing"} == set()
        assert here.leftovers() == []
    assert list(Path(here.settings.work_folder).iterdir()) == []
