"""What a repository asks of the installers: addresses, options, files, names; nothing of it is followed, all of it is listed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.facts import influences
from tests.running.arena import TESTS, Arena, Case, Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TRAP = (
    "import os, socket\nopen('@SENTINEL@/written', 'w').write('x')\nsocket.create_connection(('127.0.0.1', @PORT@))\n"
    "from setuptools import setup\nsetup(name='hives', version='1', install_requires=['{asked}'])\n"
)


def listed(*wanted: tuple[str, str]) -> Callable[[Told], None]:
    """Return what asserts that these (beginning of the text, reason) are in the list of what was left out."""

    def look(told: Told) -> None:
        shown = [(p.text, p.reason) for p in told.run.left_out]
        missing = [w for w in wanted if not any(t.startswith(w[0]) and r == w[1] for t, r in shown)]
        assert missing == [], shown

    return look


def asks(files: dict[str, str], *wanted: tuple[str, str], told: tuple[str, ...] = ()) -> Case:
    """Return a repository with these files, whose own requirements are prepared, and whose one test passes."""
    return Case(files, tests=TESTS, own_requirements=True, outcomes={"test_innocent": "passed"}, then=listed(*wanted), told=told)


CASES = {
    "options of pip": asks(
        {
            "requirements.txt": "--index-url http://127.0.0.1:@PORT@/simple\n--extra-index-url http://10.0.0.1:@PORT@/simple\n-i http://127.0.0.1:@PORT@/\n"
            "--find-links http://127.0.0.1:@PORT@/\n--trusted-host 127.0.0.1\n--no-index\n--pre\n--no-binary :all:\n--use-feature=x\n"
        },
        ("--index-url", "option"),
        ("--extra-index-url", "option"),
        ("-i ", "option"),
        ("--find-links", "option"),
        ("--trusted-host", "option"),
        ("--no-binary", "option"),
    ),
    "files of the machine": asks(
        {
            "requirements.txt": "-r /etc/passwd\n-r @SECRET@\n-r ../../../etc/passwd\n-c /etc/hosts\n--requirement=/etc/passwd\n-r absent.txt\n-r requirements.txt\n"
        },
        ("-r /etc/passwd", "outside"),
        ("-r ../../../etc", "outside"),
        ("-c /etc/hosts", "outside"),
        ("-r absent.txt", "absent"),
    ),
    "addresses": asks(
        {
            "requirements.txt": "git+https://127.0.0.1:@PORT@/x.git\ngit+ssh://git@127.0.0.1:@PORT@/x\nhttp://127.0.0.1:@PORT@/x-1.0-py3-none-any.whl\n"
            "x @ http://127.0.0.1:@PORT@/x.zip\ny @ git+file:///etc\nhg+http://127.0.0.1:@PORT@/x\n-e git+https://127.0.0.1:@PORT@/x#egg=x\n"
        },
        ("git+https", "url"),
        ("git+ssh", "url"),
        ("http://127", "url"),
        ("x @ http", "url"),
        ("hg+http", "url"),
        ("-e git+https", "url"),
    ),
    "paths": asks(
        {
            "requirements.txt": "./evil\n-e .\n../../x\nfile:///etc\n/opt/x.whl\nC:\\x\\y.whl\n~/x\nevil/dist/evil-1.0.tar.gz\n",
            "evil/setup.py": TRAP,
        },
        ("./evil", "local-path"),
        ("../../x", "local-path"),
        ("file:///etc", "local-path"),
        ("/opt/x.whl", "local-path"),
    ),
    "a setup.py that acts": asks({"setup.py": TRAP.replace("{asked}", "absent-hostile-package-of-tests")}),
    "a way to build of one's own": asks(
        {
            "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n\n[project]\nname = 'hives'\nversion = '1'\n"
            "dependencies = ['evil @ file:///etc', 'x @ http://127.0.0.1:@PORT@/x.whl']\n\n[[tool.uv.index]]\nurl = 'http://127.0.0.1:@PORT@/'\ndefault = true\n\n"
            "[tool.uv]\nindex-url = 'http://127.0.0.1:@PORT@/'\nno-binary = true\n\n[tool.uv.sources]\nflask = { git = 'http://127.0.0.1:@PORT@/' }\n",
            "evil.py": "open('@SENTINEL@/written', 'w')\n",
        },
        ("x @ http", "url"),
    ),
    "settings of the installers": asks(
        {
            "pip.conf": "[global]\nindex-url = http://127.0.0.1:@PORT@/\n",
            "uv.toml": "index-url = 'http://127.0.0.1:@PORT@/'\n",
            ".netrc": "machine 127.0.0.1 login a password b\n",
            ".npmrc": "registry=http://127.0.0.1:@PORT@/\n",
            ".env": "PIP_INDEX_URL=http://127.0.0.1:@PORT@/\nUV_INDEX_URL=http://127.0.0.1:@PORT@/\nUV_DEFAULT_INDEX=http://127.0.0.1:@PORT@/\n",
            ".python-version": "../../../../etc/passwd\n",
            "setup.cfg": "[easy_install]\nindex_url = http://127.0.0.1:@PORT@/\n[metadata]\nname = hives\n",
            "Pipfile": "[[source]]\nurl = 'http://127.0.0.1:@PORT@/simple'\nverify_ssl = false\nname = 'x'\n\n[packages]\n",
        }
    ),
    "words that are no requirement": asks(
        {
            "requirements.txt": "; rm -rf / #\n$(touch @SENTINEL@/written)\n`id`\nx; python_version < '__import__(\"os\")'\n--config-settings=x\n"
            "<script>alert(1)</script>\n\x1b[2Jx==1\n"
            + "y" * 5_000
            + "\nz==1 \\\n--hash=sha256:0 \\\n--global-option=x \\\n@@@\n"
        },
        ("$(touch", "malformed"),
        ("<script>", "malformed"),
    ),
    "a name one letter away": Case(
        {"requirements.txt": "numpy==1.26.4\nreqeusts==2.31.0\nflsak\n"},
        outcomes={"test_innocent": "passed"},
        told=(influences.LOOKALIKE.en.format(meant="requests"), influences.LOOKALIKE.en.format(meant="flask")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_is_asked_is_followed(arena: Arena, name: str) -> None:
    arena.play(CASES[name])
