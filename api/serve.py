"""`jurygrid serve`: the service. Without a queue, one process does everything, on SQLite."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import signal
import socket
from typing import TYPE_CHECKING, Any

from grader.errors import Refused
from grader.settings import ServiceSettings, all_settings, hand_down
from grader.words import help_text
from grader.workfolder import counts_folder

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

    from api.service import Service


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Raises Refused for an address that would send passwords in clear, or a port that is taken."""
    _must_be_safe(options)
    settings, service = all_settings()
    if options.processes > 1 and service.is_embedded:
        raise Refused("serve-processes")
    here = f"[{options.host}]" if ":" in options.host else options.host
    if not service.address:
        hand_down("JURYGRID_ADDRESS", f"http://{here}:{options.port}")
    with contextlib.closing(_listening(options.host, options.port)) as listening:
        if options.processes <= 1:
            return _alone(options, listening)
        with counts_folder(settings.work_folder):
            return _together(options, listening)


def _alone(options: argparse.Namespace, listening: socket.socket) -> int:
    """Serve in this process, with the threads that grade where there is no queue."""
    import uvicorn

    from api.main import create_app
    from grader.assess import Assessor
    from grader.embedded import Embedded

    service = _ready()
    settings = service.service_settings
    if isinstance(service.queue, Embedded):
        assessor = Assessor.of(service.database, service.files, service.secret, service.settings, settings, service.queue)
        service.queue.start(assessor, settings)
    _welcome(service, options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn takes them while it serves, and repeats them to us once it has ended
    uvicorn.Server(_configuration(create_app(service), settings)).run(sockets=[listening])
    if isinstance(service.queue, Embedded):
        service.queue.stop()
    service.database.close()
    return 0


def _together(options: argparse.Namespace, listening: socket.socket) -> int:
    """Serve in several processes, which are started again when they die."""
    from uvicorn.supervisors import Multiprocess

    service = _ready()
    _welcome(service, options)
    service.database.close()
    configuration = _configuration("api.serve:application", service.service_settings, factory=True, workers=options.processes)
    Multiprocess(configuration, [listening]).run()
    return 0


def application() -> FastAPI:
    """Return the application of one of several processes."""
    from api.main import create_app

    return create_app(_ready())


def _ready() -> Service:
    from api.main import service_from_environment
    from grader.commands.logs import set_up_logs

    service = service_from_environment()
    set_up_logs(service.service_settings.log_level)
    return service


def _configuration(app: FastAPI | str, settings: ServiceSettings, **more: Any) -> Config:
    import uvicorn

    proxies = settings.trusted_proxies
    return uvicorn.Config(app, log_config=None, access_log=False, server_header=False, forwarded_allow_ips=proxies, **more)


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


def _welcome(service: Service, options: argparse.Namespace) -> None:
    """Say where the service is, and how its first administrator comes in."""
    from grader.store.people import first_administrator

    with service.database.begin() as session:
        token = first_administrator(session)
    address = service.service_settings.address
    print(help_text("serving", options.lang).format(address=address), flush=True)
    if token:
        print(help_text("first-administrator", options.lang).format(link=f"{address}/invitation/{token}"), flush=True)
