"""Reaching anything at all: the machine, its neighbours, the metadata of a cloud, names, sockets in files."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case
from tests.running.test_escape import attack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CASES = {
    "the machine by its addresses": attack("""
        import socket
        for address in @ADDRESSES@:
            assert refused(lambda: socket.create_connection((address, @PORT@), timeout=1)), address
        """),
    "datagrams": attack("""
        import socket
        for address in @ADDRESSES@:
            sender = socket.socket(type=socket.SOCK_DGRAM)
            refused(lambda: sender.sendto(b"here", (address, @PORT@)))
            refused(lambda: sender.sendto(b"here", ("255.255.255.255", @PORT@)))
        """),
    "the metadata of a cloud": attack("""
        import socket, urllib.request
        for address in ("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200"):
            assert refused(lambda: socket.create_connection((address, 80), timeout=1)), address
            assert refused(lambda: urllib.request.urlopen(f"http://{address}/latest/meta-data/", timeout=1)), address
        assert refused(lambda: urllib.request.urlopen("http://metadata.google.internal/", timeout=2))
        assert refused(lambda: socket.create_connection(("fd00:ec2::254", 80), timeout=1))
        """),
    "names": attack("""
        import socket
        for name in ("example.org", "github.com", "host.docker.internal", "gateway.docker.internal", "secret-@MARK@.example.org"):
            assert refused(lambda: socket.getaddrinfo(name, 443)), name
        question = b"\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
        servers = [l.split()[1] for l in open("/etc/resolv.conf") if l.startswith("nameserver")] if os.path.exists("/etc/resolv.conf") else []
        for server in (*servers, "8.8.8.8", "1.1.1.1", "9.9.9.9"):
            asking = socket.socket(type=socket.SOCK_DGRAM)
            asking.settimeout(0.5)
            assert refused(lambda: (asking.sendto(question, (server, 53)), asking.recv(500))), server
        """),
    "sockets in files and without": attack("""
        import socket
        assert refused(lambda: socket.socket(socket.AF_UNIX).connect("\\0@ABSTRACT@"))
        found = []
        for above, inner, names in os.walk("/"):
            inner[:] = [n for n in inner if above != "/" or n not in ("proc", "sys")]
            found += [os.path.join(above, n) for n in names if stat.S_ISSOCK(os.lstat(os.path.join(above, n)).st_mode)]
        assert found == []
        for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket"):
            assert refused(lambda: socket.socket(socket.AF_UNIX).connect(path)), path
        """),
    "raw packets": attack("""
        import socket
        assert refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        assert refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
        assert refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 768))
        """),
    "a network made anew": attack("""
        import fcntl, socket, struct
        one = socket.socket(type=socket.SOCK_DGRAM)
        assert refused(lambda: fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"eth0", 1)))
        assert refused(lambda: fcntl.ioctl(one, 0x8916, struct.pack("16sHH4s8x", b"lo", 2, 0, socket.inet_aton("10.9.9.9"))))
        assert refused(lambda: fcntl.ioctl(one, 0x89a0, b"bridge0"))
        assert set(n for _, n in socket.if_nameindex()) <= {"lo", "tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0"}
        """),
    "proxies and packages at run time": attack("""
        assert not [n for n in os.environ if "proxy" in n.lower()]
        for argv in ((sys.executable, "-m", "pip", "install", "six"), ("/opt/tools/uv", "pip", "install", "--target", "/tmp/t", "six"),
                     ("git", "ls-remote", "https://example.org/x"), ("npm", "view", "left-pad"), ("curl", "-sS", "-m", "2", "http://example.org")):
            try:
                done = subprocess.run(argv, capture_output=True, timeout=8)
            except (OSError, subprocess.TimeoutExpired):
                continue
            assert done.returncode != 0, argv
        """),
    "a machine far away by another family": attack("""
        import socket
        for family, address in ((socket.AF_INET6, ("2001:4860:4860::8888", 53)), (socket.AF_INET6, ("fe80::1", 80)), (40, (2, @PORT@))):
            def reach():
                one = socket.socket(family)
                one.settimeout(1)
                one.connect(address)
            assert refused(reach), address
        """),
    "a service for the machine": Case(
        tests="""
        import os, socket, threading, time
        def test_a():
            for address in ("0.0.0.0", "::"):
                one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
                try: one.bind((address, @PORT@))
                except OSError: continue
                one.listen(1)
            time.sleep(1)
        """,
        outcomes={"test_a": "passed"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_reached(arena: Arena, name: str) -> None:
    arena.play(CASES[name])
