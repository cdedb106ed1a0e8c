"""The service's commands as an administrator types them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, wait_for_port

COMMAND = str(Path(sys.executable).with_name("jurygrid"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    more = {
        "JURYGRID_DATA_FOLDER": str(tmp_path / "data"),
        "JURYGRID_SAMPLES": "1",
        "JURYGRID_SANDBOX": "none",
        "LANG": "C.UTF-8",
    }
    return {**{k: v for k, v in os.environ.items() if not k.startswith(("JURYGRID_", "LC_"))}, **more}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((COMMAND, *arguments), env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_cohort_is_graded_and_graded_once(environment: dict[str, str], tmp_path: Path) -> None:
    roster = tmp_path / "promo.csv"
    roster.write_text("email;url\na@x.example;sample:strong\nb@x.example;https://nowhere.example/a/b\n")
    bad = run(environment, "grade-all", str(roster))
    assert (bad.returncode, f"{roster}:3:" in bad.stdout) == (1, True)
    roster.write_text("email;url\na@x.example;sample:strong\nb@x.example;sample:weak\n../../c@x.example;sample:weak\n")
    assert run(environment, "grade-all", str(roster), "--dry-run").returncode == 0
    done = run(environment, "grade-all", str(roster), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir() if p.suffix == ".json") == sorted(
        ["a@x.example.json", "b@x.example.json", "_.._c@x.example.json"]
    )
    again = run(environment, "grade-all", str(roster))
    assert "3 of 3" in again.stdout and "0 of" not in again.stdout
    audit = run(environment, "audit")
    assert (audit.returncode, "3 submissions, 3 assessments = 3 ready" in audit.stdout) == (0, True)


def test_serving_from_the_first_link_to_the_end(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    log = (tmp_path / "log").open("w+b")
    serving = subprocess.Popen((COMMAND, "serve", "--port", str(port)), env=environment, stdout=log, stderr=log)
    try:
        wait_for_port(port)
        httpx.get(f"http://127.0.0.1:{port}/health/ready").raise_for_status()
        log.seek(0)
        found = re.search(r"(http://127\.0\.0\.1:\d+)/invitation/(\S+)", log.read().decode())
        assert found and found[1] == f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=found[1]) as client:
            assert client.post(f"/api/invitations/{found[2]}", json={"password": "a long enough secret"}).status_code == 204
            assert client.post(f"/api/invitations/{found[2]}", json={"password": "a long enough secret"}).status_code == 422
        taken = run(environment, "serve", "--port", str(port))
        assert taken.returncode == 1 and str(port) in taken.stderr and "Traceback" not in taken.stderr
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0
    again = run(environment, "admin", "invite", "root@example.org")
    assert "/invitation/" in again.stdout


def test_nothing_is_served_in_clear_beyond_this_machine(environment: dict[str, str]) -> None:
    refused = run(environment, "serve", "--host", "0.0.0.0")
    assert refused.returncode == 1 and "https" in refused.stderr


def test_backup_restore_prune_and_a_person(environment: dict[str, str], tmp_path: Path) -> None:
    roster = tmp_path / "r.csv"
    roster.write_text("email,name,url\nada@x.example,Ada,sample:weak\n")
    assert run(environment, "grade-all", str(roster)).returncode == 0
    assert run(environment, "backup", str(tmp_path / "b.tar.gz")).returncode == 0
    other = {**environment, "JURYGRID_DATA_FOLDER": str(tmp_path / "other")}
    restored = run(other, "restore", str(tmp_path / "b.tar.gz"))
    assert restored.returncode == 0, restored.stderr
    assert run(other, "audit").returncode == 0
    assert run(other, "restore", str(tmp_path / "b.tar.gz")).returncode == 1
    assert run(environment, "prune", "--dry-run").returncode == 0
    assert run(environment, "person", "export", "ada@x.example", str(tmp_path / "ada.zip")).returncode == 0
    assert run(environment, "person", "erase", "ada@x.example").returncode == 0
    assert run(environment, "person", "export", "ada@x.example", str(tmp_path / "again.zip")).returncode == 1
    assert run(environment, "audit").returncode == 0
