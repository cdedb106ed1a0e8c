"""`jurygrid serve`: the service. Without a queue, one process does everything, on SQLite."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import signal
import socket
from dataclasses import replace

from grader.errors import Refused
from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Raises Refused for an address that would send passwords in clear, or a port that is taken."""
    import uvicorn

    from api.main import create_app, service_from_environment
    from grader.assess import Assessor
    from grader.commands.logs import set_up_logs
    from grader.embedded import Embedded

    _must_be_safe(options)
    listening = _listening(options.host, options.port)
    service = service_from_environment()
    set_up_logs(service.service_settings.log_level)
    if not service.service_settings.address:
        here = f"[{options.host}]" if ":" in options.host else options.host
        service = replace(service, service_settings=replace(service.service_settings, address=f"http://{here}:{options.port}"))
    settings = service.service_settings
    if isinstance(service.queue, Embedded):
        assessor = Assessor.of(service.database, service.files, service.secret, service.settings, settings, service.queue)
        service.queue.start(assessor, settings)
    _welcome(service, options)
    config = uvicorn.Config(
        create_app(service), log_config=None, access_log=False, server_header=False, forwarded_allow_ips=settings.trusted_proxies
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn takes them while it serves, and repeats them to us once it has ended
    with contextlib.closing(listening):
        uvicorn.Server(config).run(sockets=[listening])
    if isinstance(service.queue, Embedded):
        service.queue.stop()
    service.database.close()
    return 0


def _must_be_safe(options: argparse.Namespace) -> None:
    try:
        is_here = ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        is_here = options.host == "localhost"
    if not is_here and not options.behind_proxy:
        raise Refused("serve-in-clear", host=options.host)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refused("port-taken", port=port, detail=error.strerror or error) from None
    return listening


def _welcome(service: object, options: argparse.Namespace) -> None:
    """Say where the service is, and how its first administrator comes in."""
    from api.service import Service
    from grader.store.people import first_administrator

    assert isinstance(service, Service)
    with service.database.begin() as session:
        token = first_administrator(session)
    address = service.service_settings.address
    print(help_text("serving", options.lang).format(address=address), flush=True)
    if token:
        print(help_text("first-administrator", options.lang).format(link=f"{address}/invitation/{token}"), flush=True)
