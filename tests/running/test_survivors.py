"""Living on after the end, and ending whoever guards."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case
from tests.running.test_exhaustion import LATE, SOON

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GONE = ("runner-killed", "killed", "no-document", "timeout", "out-of-time", "stopped-early")

CASES = {
    "daemons, forked twice": Case(
        tests="""
        import os, signal, time
        def test_a():
            for _ in range(8):
                if os.fork() == 0:
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    signal.signal(signal.SIGHUP, signal.SIG_IGN)
                    if os.fork(): os._exit(0)
                    os.closerange(0, 256)
                    os.execvp("sh", ["@MARK@", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"])
            time.sleep(0.3)
        """,
        outcomes={"test_a": "passed"},
    ),
    "two that start each other again": Case(
        tests="""
        import os, time
        def test_a():
            if os.fork() == 0:
                os.setsid()
                while True:
                    child = os.fork()
                    if child == 0:
                        parent = os.getppid()
                        while os.getppid() == parent: time.sleep(0.001)
                        os.setsid()
                        continue
                    os.waitpid(child, 0)
            time.sleep(0.3)
        """,
        outcomes={"test_a": "passed"},
    ),
    "one that forks faster than it is looked for": Case(
        tests="""
        import os
        def test_a():
            if os.fork() == 0:
                os.setsid()
                while True:
                    try:
                        if os.fork(): os._exit(0)
                    except OSError: pass
        """,
        outcomes={"test_a": "passed"},
    ),
    "killing the parent": Case(tests="import os, time\ndef test_a(): os.kill(os.getppid(), 9); time.sleep(3)\n", doubt=GONE),
    "killing everybody": Case(tests="import os, time\ndef test_a(): os.kill(-1, 9); time.sleep(3)\n", doubt=GONE),
    "killing the first process": Case(
        tests="""
        import os, signal
        def test_a():
            for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGABRT):
                try: os.kill(1, number)
                except OSError: pass
        """,
        outcomes={"test_a": "passed"},
    ),
    "stopping every ancestor": Case(
        tests="""
        import os, time
        def test_a():
            for name in os.listdir("/proc"):
                if name.isdigit() and int(name) != os.getpid():
                    try: os.kill(int(name), 19)
                    except OSError: pass
            time.sleep(600)
        """,
        seconds=SOON,
        doubt=LATE,
    ),
    "a successor that takes the parent's place": Case(
        tests="""
        import os, time
        def test_a():
            parent = os.getppid()
            if os.fork() == 0:
                os.setsid()
                os.kill(parent, 9)
                os.execvp("sh", ["@MARK@", "-c", "echo ready 1 >&2; sleep 600"])
            time.sleep(3)
        """,
        doubt=GONE,
    ),
    "a shell in the background of a shell": Case(
        tests="""
        import subprocess
        def test_a():
            subprocess.Popen(["sh", "-c", "(setsid sh -c 'while :; do sleep 1; : @MARK@; done' &) &"], start_new_session=True)
            subprocess.Popen("nohup setsid sleep 601 @MARK@ >/dev/null 2>&1 &", shell=True)
        """,
        outcomes={"test_a": "passed"},
    ),
    "timers of the system": Case(
        tests="""
        import os, subprocess
        def test_a():
            for argv in (["crontab", "-"], ["at", "now"], ["systemd-run", "--user", "sleep", "9"], ["loginctl", "enable-linger"]):
                try: subprocess.run(argv, input=b"* * * * * sleep 9 # @MARK@\\n", capture_output=True, timeout=5)
                except (OSError, subprocess.TimeoutExpired): pass
            for path in ("/etc/cron.d/x", "/var/spool/cron/crontabs/x", os.path.expanduser("~/.config/systemd/user/x.service")):
                try: os.makedirs(os.path.dirname(path), exist_ok=True); open(path, "w").write("x")
                except OSError: pass
        """,
        outcomes={"test_a": "passed"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_left_running(arena: Arena, name: str) -> None:
    arena.play(CASES[name])
