"""What processes count together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from grader.measures import of_all_processes
from grader.settings import COUNTS_VARIABLE

OPENS_A_STREAM = """
import sys
from prometheus_client import Counter, Gauge
Gauge("streams", "Open", multiprocess_mode="livesum").inc()
Counter("answers", "Given").inc()
print("opened", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_had_open_is_open_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COUNTS_VARIABLE, str(tmp_path))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENS_A_STREAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout and process.stdout.readline() == b"opened\n"
    counted = of_all_processes()
    assert b"streams 2.0" in generate_latest(counted)
    processes[0].kill()
    processes[0].communicate()
    assert b"streams 1.0" in generate_latest(counted)
    assert b"answers_total 2.0" in generate_latest(counted)
    processes[1].communicate()
