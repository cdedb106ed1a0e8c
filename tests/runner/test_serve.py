"""The kind `serve`: applications of each framework, started for real and asked for a page."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from types import SimpleNamespace

from checks.runner import empty_folders
from tests.runner.servers import app, free_port, serving
from tests.runner.steps import Base, archive, command, unframed
from tests.runner.test_tests import DJANGO

FASTAPI = "from fastapi import FastAPI\ndef create():\n    app = FastAPI()\n    app.get('/')(lambda: {'a': 1})\n    return app\napp = create()\n"
FLASK = "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    app.add_url_rule('/', view_func=lambda: 'hello')\n    return app\n"


def test_fastapi(environment: Path) -> None:
    with serving({"api/main.py": FASTAPI}, environment, app("fastapi", "main:app", folder="api")) as served:
        assert served.get() == (200, '{"a":1}')
    document = served.document
    assert (document["ready"], document["ended"], document["trouble"]) == (True, None, [])
    assert document["port"] == served.port
    assert document["seconds_to_ready"] > 0
    assert (document["commands"][0]["how"], document["commands"][0]["folder"]) == ("stopped", "api")
    assert "GET / HTTP" in document["commands"][0]["tail"]


def test_factories(environment: Path) -> None:
    with serving({"main.py": FASTAPI}, environment, app("fastapi", "main:create", factory=True)) as served:
        assert served.get()[0] == 200
    with serving({"main.py": FLASK}, environment, app("flask", "main:create_app", factory=True)) as served:
        assert served.get() == (200, "hello")


def test_django_is_migrated_first(environment: Path) -> None:
    with serving(DJANGO, environment, app("django", "shop.settings", folder="site")) as served:
        assert served.get() == (200, "hello")
    assert [c["argv"][1:3] for c in served.document["commands"]] == [["manage.py", "migrate"], ["manage.py", "runserver"]]
    assert served.document["commands"][0]["code"] == 0


def test_node_on_a_port_of_its_own(environment: Path) -> None:
    port = free_port()
    script = f"require('http').createServer((q, r) => r.end('hello')).listen({port})\n"
    with serving({"server.js": script}, environment, app("express", "server.js")) as served:
        assert served.port == port
        assert served.get() == (200, "hello")


def test_node_on_the_port_that_it_is_given(environment: Path) -> None:
    script = "require('http').createServer((q, r) => r.end(process.env.PORT)).listen(process.env.PORT)\n"
    with serving({"server.js": script}, environment, app("express", "server.js")) as served:
        assert served.get() == (200, str(served.port))


def test_an_application_that_fails_tells_why(environment: Path) -> None:
    with serving({"main.py": "raise ValueError('no model')\n"}, environment, app("fastapi", "main:app")) as served:
        assert served.port is None
    assert served.document["ended"] == {"how": "exit", "code": 1}
    assert "ValueError: no model" in served.document["commands"][0]["tail"]


STOPPED_BY_AN_EXAMPLE = """
    import os
    from fastapi import FastAPI
    if os.environ.get("STORE", "memory") != "memory":
        raise ValueError("no such store")
    app = FastAPI()
    app.get("/")(lambda: {"a": os.environ.get("STORE")})
    """


def test_a_value_that_is_an_example_keeps_nothing_from_starting(environment: Path) -> None:
    files: dict[str, str | bytes] = {"main.py": STOPPED_BY_AN_EXAMPLE}
    with serving(files, environment, app("fastapi", "main:app"), variables={"STORE": "your-store"}) as served:
        assert served.get() == (200, '{"a":null}')
    assert [c["how"] for c in served.document["commands"]] == ["exit", "stopped"]
    files = {"main.py": STOPPED_BY_AN_EXAMPLE.replace('.get("STORE", "memory")', '["STORE"]')}
    with serving(files, environment, app("fastapi", "main:app"), variables={"STORE": "your-store"}) as served:
        assert served.port is None
    assert len(served.document["commands"]) == 1
    assert "ValueError: no such store" in served.document["commands"][0]["tail"]
    assert served.document["ended"] == {"how": "exit", "code": 1}


def test_a_folder_that_git_does_not_keep_is_made_once(environment: Path) -> None:
    logs = "import logging\nlogging.getLogger().addHandler(logging.FileHandler('logs/deep/api.log'))\n"
    with serving({"api/main.py": logs + FASTAPI}, environment, app("fastapi", "main:app", folder="api")) as served:
        assert served.get()[0] == 200
    assert served.document["made_folders"] == ["api/logs/deep"]
    static = "from fastapi.staticfiles import StaticFiles\napp.mount('/static', StaticFiles(directory='static'))\n"
    with serving({"main.py": FASTAPI + static}, environment, app("fastapi", "main:app")) as served:
        assert served.get()[0] == 200
    assert served.document["made_folders"] == ["static"]
    reads = "MODEL = open('models/model.pkl', 'rb').read()\n"
    with serving({"main.py": reads + FASTAPI}, environment, app("fastapi", "main:app")) as served:
        assert served.port is None
    assert "made_folders" not in served.document


def test_no_folder_is_made_outside_the_files(tmp_path: Path) -> None:
    step = SimpleNamespace(tree=tmp_path / "work", relative=lambda p: str(p.relative_to(tmp_path / "work")))
    (step.tree / "api").mkdir(parents=True)
    (step.tree / "out").symlink_to(tmp_path)
    running = SimpleNamespace(step=step, document={}, put=lambda **more: running.document.update(more))
    for name in ("../../x/a.log", f"{tmp_path}/y/a.log", "../out/z/a.log", "a/b/c/d/e/f/g/h/a.log"):
        told = f"  open('{name}', 'w')\nFileNotFoundError: [Errno 2] No such file or directory: '{name}'\n"
        assert not empty_folders.provide(running, told, step.tree / "api")  # type: ignore[arg-type]
    many = "".join(f"open('{n}/a', 'w')\nFileNotFoundError: [Errno 2] No such file or directory: '{n}/a'\n" for n in range(20))
    assert empty_folders.provide(running, many, step.tree)  # type: ignore[arg-type]
    assert len(running.document["made_folders"]) == empty_folders.MOST
    assert {p.name for p in tmp_path.iterdir()} == {"work"}


def test_a_server_that_never_listens(environment: Path) -> None:
    files: dict[str, str | bytes] = {"main.py": "import time, signal\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(600)\n"}
    with serving(files, environment, app("fastapi", "main:app"), seconds=6) as served:
        assert served.port is None
    assert (served.document["ready"], served.document["ended"]) == (False, None)


def test_what_is_not_installed_is_told(environment: Path) -> None:
    with serving({"main.py": ""}, environment, app("streamlit", "main.py")) as served:
        assert served.port is None
    assert served.document["trouble"] == ["no-streamlit"]


def test_a_stop_that_comes_with_the_step_is_heard(environment: Path) -> None:
    with Base() as base:
        step = {"nonce": "n", "kind": "serve", "environment": str(environment), "seconds": 60, "base": str(base)}
        given = (
            archive({**step, "app": app("express", "s.js")}, {"s.js": "setTimeout(() => 0, 60000)"})
            + struct.pack(">Q", 4)
            + b"stop"
        )
        done = subprocess.run(command(), input=given, capture_output=True, timeout=40, check=True)
        assert unframed(done.stdout)["commands"][0]["how"] == "stopped"
