"""Reading, writing or changing what is not theirs: the machine's files, ours, the kernel's."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

REFUSED = """
    import ctypes, os, pathlib, stat, subprocess, sys
    import pytest

    def refused(act):
        try:
            got = act()
        except (OSError, ValueError):
            return True
        print(got)
        return False

    libc = ctypes.CDLL(None, use_errno=True)
    """


def attack(body: str) -> Case:
    """Return a case whose one test passes only when everything it tries is refused."""
    lines = body.strip("\n").splitlines()
    pad = len(lines[0]) - len(lines[0].lstrip())
    text = REFUSED + "\n    def test_a():\n" + "\n".join(f"        {line[pad:]}" for line in lines) + "\n"
    return Case(tests=text, outcomes={"test_a": "passed"})


CASES = {
    "the secrets of the machine": attack("""
        roots = ("", "/proc/1/root", "/proc/self/root", f"/proc/{os.getppid()}/root", "/host", "/mnt", "/oldroot", "/proc/1/cwd")
        found = [open(r + "@SECRET@").read() for r in roots if not refused(lambda: open(r + "@SECRET@").read())]
        assert found == []
        """),
    "a folder that anybody may write": attack("""
        for root in ("", "/proc/1/root", "/proc/self/cwd/../../.."):
            assert refused(lambda: open(root + "@SENTINEL@/written", "w"))
            assert refused(lambda: os.unlink(root + "@SECRET@"))
            assert refused(lambda: os.rename(root + "@SENTINEL@", "/tmp/gone"))
        """),
    "our own files": attack("""
        for folder in (*@OURS@, "@STORE@"):
            assert refused(lambda: os.listdir(folder))
        for path in ("/opt/runner/runner/main.py", "/opt/environment/bin/python", "/opt/environment/pyvenv.cfg", "/opt/tools/uv",
                     "/etc/passwd", "/usr/bin/python3", "/usr/lib/python3/dist-packages/sitecustomize.py", "/opt/new", "/new", "/usr/new"):
            assert refused(lambda: open(path, "a")), path
            assert refused(lambda: os.chmod(path, 0o777)), path
            assert refused(lambda: os.unlink(path)), path
        """),
    "the next user of the environment": attack("""
        import sysconfig
        site = sysconfig.get_paths()["purelib"]
        assert site.startswith("/opt/environment")
        for name in ("sitecustomize.py", "evil.pth", "pytest/__init__.py", "_pytest/main.py"):
            assert refused(lambda: open(os.path.join(site, name), "a"))
        assert refused(lambda: os.rename(site, site + ".old"))
        assert refused(lambda: os.utime(site))
        """),
    "variables of those who started us": attack("""
        given = {"AWS_MAX_ATTEMPTS", "AWS_EC2_METADATA_DISABLED", "GIT_PYTHON_REFRESH"}  # by the runner, to everybody
        assert {n for n in os.environ if n.startswith(("JURYGRID", "DOCKER", "UV_", "PIP_", "SSH", "GIT_", "AWS"))} <= given
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                refused(lambda: (entry / "environ").read_bytes())
                refused(lambda: (entry / "cmdline").read_bytes())
        assert refused(lambda: open("/proc/1/environ", "rb").read())
        """),
    "the memory and files of whoever guards": attack("""
        for pid in (1, os.getppid()):
            for name in ("mem", "maps", "environ", "auxv", "fd/0", "fd/1", "fd/3", "io", "syscall", "stack"):
                assert refused(lambda: open(f"/proc/{pid}/{name}", "r+b").read(1)), name
                assert refused(lambda: open(f"/proc/{pid}/{name}", "rb").read(1)), name
            assert libc.ptrace(16, pid, 0, 0) == -1
            room = ctypes.create_string_buffer(64)
            mine = (ctypes.c_size_t * 2)(ctypes.addressof(room), 64)
            theirs = (ctypes.c_size_t * 2)(ctypes.addressof(room), 64)
            assert libc.process_vm_readv(pid, mine, 1, theirs, 1, 0) == -1
        """),
    "switches of the kernel": attack("""
        for path, text in {"/proc/sys/kernel/core_pattern": "|/tmp/x", "/proc/sysrq-trigger": "b", "/proc/sys/vm/drop_caches": "3",
                           "/proc/self/oom_score_adj": "-1000", "/proc/sys/kernel/hostname": "owned", "/proc/1/oom_score_adj": "1000",
                           "/proc/sys/net/ipv4/ip_forward": "1", "/sys/kernel/mm/transparent_hugepage/enabled": "never",
                           "/proc/sys/kernel/modprobe": "/tmp/x", "/proc/acpi/wakeup": "x", "/sys/power/state": "mem"}.items():
            def write():
                with open(path, "w") as file: file.write(text)
            assert refused(write), path
        for path in ("/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmem", "/dev/kmsg", "/dev/port"):
            assert refused(lambda: open(path, "rb").read(1)), path
        """),
    "control groups": attack("""
        import glob
        for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/rdma"):
            assert refused(lambda: os.mkdir(folder + "/escape")), folder
            for name in ("release_agent", "notify_on_release", "cgroup.procs", "pids.max", "memory.limit_in_bytes", "memory.max"):
                assert refused(lambda: open(f"{folder}/{name}", "w").write("1")), name
        os.mkdir("/tmp/cg")
        for kind in (b"cgroup", b"cgroup2", b"sysfs", b"proc", b"tmpfs", b"devpts", b"overlay"):
            assert libc.mount(kind, b"/tmp/cg", kind, 0, None) == -1
        """),
    "other users' rights": attack("""
        import shutil
        assert os.getuid() != 0
        for number in (0, 1, 33, 998):
            assert refused(lambda: os.setuid(number)) and refused(lambda: os.setgid(number)) and refused(lambda: os.setgroups([number]))
        shell = shutil.copy("/bin/sh", "/tmp/sh")
        os.chmod(shell, 0o6755)
        told = subprocess.run([shell, "-p", "-c", "id -u; id -ru"], capture_output=True, text=True).stdout.split()
        assert set(told) <= {str(os.getuid())}
        assert refused(lambda: os.chown(shell, 0, 0))
        for program in ("su", "mount", "passwd", "newgrp", "chsh"):
            if shutil.which(program):
                subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
        status = dict(l.split(":", 1) for l in open("/proc/self/status").read().splitlines())
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapBnd"], 16) == 0
        assert status["NoNewPrivs"].strip() == "1"
        """),
    "device nodes": attack("""
        for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 10, 229)):
            assert refused(lambda: os.mknod("/tmp/node", kind | 0o666, os.makedev(major, minor)))
        real = [p for p in os.listdir("/dev") if os.path.exists(f"/dev/{p}") and stat.S_ISBLK(os.stat(f"/dev/{p}").st_mode)]
        assert real == []
        for name in ("sda", "vda", "nvme0n1", "fuse", "kvm", "net/tun", "loop-control", "mapper/control", "uinput"):
            assert refused(lambda: open(f"/dev/{name}", "r+b")), name
        """),
    "namespaces of one's own": attack("""
        for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x02000000):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if libc.unshare(flag) == -1 else 1)
            assert os.waitpid(pid, 0)[1] == 0, hex(flag)
        for name in ("mnt", "pid", "net", "user"):
            assert refused(lambda: os.open(f"/proc/1/ns/{name}", os.O_RDONLY)) or libc.setns(os.open(f"/proc/1/ns/{name}", os.O_RDONLY), 0) == -1
        """),
    "mounts and roots": attack("""
        os.makedirs("/tmp/root", exist_ok=True)
        assert refused(lambda: os.chroot("/tmp/root"))
        assert libc.pivot_root(b"/tmp/root", b"/tmp/root") == -1 if hasattr(libc, "pivot_root") else True
        for flags in (4096, 32, 32 | 4096, 1 << 18):
            assert libc.mount(b"/", b"/tmp/root", b"none", flags, None) == -1
        assert libc.umount2(b"/opt/environment", 2) == -1
        assert libc.umount2(b"/proc", 2) == -1
        """),
    "the machine itself": attack("""
        assert libc.reboot(0x01234567) == -1
        assert libc.sethostname(b"owned", 5) == -1
        assert libc.swapoff(b"/dev/sda") == -1
        assert libc.syscall(175, 0, 0, b"") == -1
        assert libc.syscall(313, 0, b"", 0) == -1
        assert libc.syscall(246, 0, 0, 0, 0) == -1
        assert refused(lambda: __import__("time").clock_settime(0, 0.0))
        assert refused(lambda: os.nice(-5))
        """),
    "what the next step would find": Case(
        tests="""
        import pathlib
        def test_a():
            for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/opt/environment", "/run/lock"):
                try: pathlib.Path(folder, "@MARK@").write_text("left")
                except OSError: pass
            for path in ("beside/schema.sql", "../work/beside/schema.sql"):
                pathlib.Path(path).write_text("DROP TABLE hive;")
        """,
        outcomes={"test_a": "passed"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_outside_is_read_or_written(arena: Arena, name: str) -> None:
    arena.play(CASES[name])
