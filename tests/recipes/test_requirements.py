"""What may be installed of what is declared, and why the rest is left out."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from checks.recipes.requirement_lines import sort_conda, sort_requirement
from checks.recipes.versions import specifier
from grader.plan import LeftOut, Place, Requirement
from tests.recipes.samples import A_TEST, FASTAPI, part, planned, reasons, texts

HERE = Place("requirements.txt", 1)


def sort(text: str) -> list[str]:
    return [i.text if isinstance(i, Requirement) else f"!{i.reason}" for i in sort_requirement(text, HERE)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FastAPI==0.110.0  # web", ["fastapi==0.110.0"]),
        ("uvicorn[standard] >=0.20, <1", ["uvicorn[standard]<1,>=0.20"]),
        ("tomli>=2; python_version<'3.11'", ['tomli>=2 ; python_version < "3.11"']),
        ("flask==3.0.0 --hash=sha256:abc", ["flask==3.0.0"]),
        ("# nothing", []),
        ("", []),
        ("--index-url https://evil.example/simple", ["!option"]),
        ("--find-links=/tmp", ["!option"]),
        ("-e .", ["!option"]),
        ("-e git+https://example.org/x.git#egg=x", ["!url"]),
        ("git+https://example.org/x.git", ["!url"]),
        ("x @ git+ssh://git@example.org/x", ["!url"]),
        ("https://example.org/x-1-py3-none-any.whl", ["!url"]),
        ("en_core @ https://example.org/en.whl", ["!url"]),
        ("../shared", ["!local-path"]),
        (".", ["!local-path"]),
        ("C:\\wheels\\x.whl", ["!local-path"]),
        ("./x-1.0.tar.gz", ["!local-path"]),
        ("certifi @ file:///croot/certifi_1/certifi", ["!local-path", "certifi"]),
        ("numpy=1.26.4=py311h0b4df5a_0", ["numpy==1.26.4"]),
        ("fastapi=0.1", ["!malformed"]),
        ("un paquet", ["!malformed"]),
        ("x" * 900, ["!malformed"]),
        ("a[" + "[" * 300, ["!malformed"]),
        ("pywin32==306", ["!windows-only"]),
        ("requets", ["requets"]),  # reported elsewhere, never refused
        ("fastai", ["fastai"]),
    ],
)
def test_each_line_is_sorted(line: str, expected: list[str]) -> None:
    assert sort(line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.4=py311_0", "numpy==1.26.4"),
        ("conda-forge::pandas>=2", "pandas>=2"),
        ("pytorch==2.2.0", "torch==2.2.0"),
        ("scikit-learn", "scikit-learn"),
    ],
)
def test_conda_packages_are_taken_without_their_builds(text: str, expected: str) -> None:
    assert [i.text for i in sort_conda(text, HERE)] == [expected]


def test_conda_says_what_is_no_python_package() -> None:
    found = sort_conda("libgcc-ng=12.0=h1_0", HERE)
    assert isinstance(found[0], LeftOut) and found[0].reason == "conda"
    assert sort_conda("python=3.11", HERE) == ()


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("^1.2.3", ">=1.2.3,<2.0.0"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^3", ">=3,<4"),
        ("~1.2.3", ">=1.2.3,<1.3.0"),
        ("~1", ">=1,<2"),
        ("1.2.3", "==1.2.3"),
        ("1.*", "==1.*"),
        ("*", ""),
        (">=1.0, <2.0", ">=1.0,<2.0"),
        (">=1.0 <2.0", ">=1.0,<2.0"),
        ("~=1.4", "~=1.4"),
        ("^1.0 || ^2.0", ">=2.0,<3.0"),
    ],
)
def test_constraints_of_poetry_are_translated(constraint: str, expected: str) -> None:
    assert specifier(constraint) == expected


def test_files_named_by_a_list_are_followed_inside_the_repository_only() -> None:
    plan = planned(
        {
            "requirements.txt": "-r deps/base.txt\n-c constraints.txt\nflask\n-r /etc/hostname\n-r ../../secret.txt\n-r absent.txt\n",
            "deps/base.txt": "-r ../requirements.txt\nhttpx==0.27\n",
            "constraints.txt": "flask==3.0.2\n",
        }
    )
    root = part(plan)
    assert texts(root) == ["httpx==0.27", "flask==3.0.2"]
    assert reasons(root) == {"-r /etc/hostname": "outside", "-r ../../secret.txt": "outside", "-r absent.txt": "absent"}
    assert root.requirements[0].place == Place("deps/base.txt", 2)


@pytest.mark.parametrize("data", ["requests==2.31.0\r\n".encode("utf-16"), "requests==2.31.0\r\n".encode("utf-16-le")])
def test_lists_written_by_windows_are_read(data: bytes) -> None:
    assert texts(part(planned({"requirements.txt": data}))) == ["requests==2.31.0"]


def test_test_and_development_lists_join_the_part_and_repeats_are_told() -> None:
    plan = planned(
        {
            "requirements.txt": "requests==2.31.0\nflask\n",
            "requirements-dev.txt": "pytest\nrequests==2.25.0\nflask>=3\n",
            "requirements/test.txt": "httpx\n",
            "tests/requirements.txt": "respx\n",
            "requirements.in": "requests\nnot-read\n",
            "app.py": "",
            "tests/test_a.py": "def test_a():\n    assert True\n",
        }
    )
    assert [p.name for p in plan.parts] == ["root"]
    assert sorted(texts(part(plan))) == ["flask>=3", "httpx", "pytest", "requests==2.31.0", "respx"]
    assert reasons(part(plan)) == {"requests==2.25.0": "repeated"}


def test_parts_that_we_join_repeat_nothing() -> None:
    parts = {
        "a/requirements.txt": "flask==3.0.0\n",
        "b/requirements.txt": "flask==2.0.0\n",
        "a/x.py": "",
        "b/y.py": "",
        "test_z.py": A_TEST,
    }
    whole = part(planned(parts))
    assert (texts(whole), whole.left_out) == (["flask==3.0.0"], ())


def test_pyproject_of_every_tool_is_read() -> None:
    plan = planned(
        {
            "pep/pyproject.toml": """
                [project]
                name = "pep"
                requires-python = ">=3.10"
                dependencies = ["fastapi>=0.100", "local-lib", "pep[dev]"]
                optional-dependencies = {dev = ["pytest"], docs = ["sphinx"]}
                [dependency-groups]
                test = ["httpx", {include-group = "other"}]
                [tool.uv.sources]
                local-lib = {path = "../lib"}
                [tool.pdm.dev-dependencies]
                lint = ["ruff"]
                """,
            "poetry/pyproject.toml": """
                [tool.poetry.dependencies]
                python = "^3.11"
                django = "^5.0"
                celery = {version = "~5.3", extras = ["redis"]}
                theirs = {git = "https://example.org/theirs.git"}
                [tool.poetry.group.dev.dependencies]
                pytest = "*"
                odd = "what?"
                """,
            "pep/a.py": "",
            "poetry/a.py": "",
        }
    )
    pep, poetry = part(plan, "pep"), part(plan, "poetry")
    assert (texts(pep), pep.python) == (["fastapi>=0.100", "pytest", "httpx", "ruff"], ">=3.10")
    assert reasons(pep) == {"local-lib": "local-path"}
    assert texts(poetry) == ["django<6.0,>=5.0", "celery[redis]<5.4,>=5.3", "pytest"]
    assert (reasons(poetry), poetry.python) == ({"theirs": "url", "odd what?": "malformed"}, ">=3.11,<4.0")
    assert pep.requirements[0].place == Place("pep/pyproject.toml", 5)


def test_the_other_declarations_are_read() -> None:
    plan = planned(
        {
            "a/Pipfile": '[packages]\nflask = "==3.0.0"\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.11"\n',
            "b/setup.cfg": "[options]\ninstall_requires =\n  click>=8\n[options.extras_require]\ntest = pytest\n",
            "c/setup.py": "from setuptools import setup\nNEEDS = ['rich']\nsetup(install_requires=NEEDS, python_requires='>=3.9')\n",
            "d/environment.yml": "dependencies:\n  - python=3.11\n  - pandas=2.1\n  - pip:\n    - streamlit==1.30\n    - --index-url x\n",
            "e/package.json": '{"dependencies": {"express": "^4.18"}, "devDependencies": {"../x": "1"}}',
            **{f"{folder}/code.py": "" for folder in "abcd"},
        }
    )
    read = {p.name: (p.language, texts(p), p.python) for p in plan.parts}
    assert read == {
        "a": ("python", ["flask==3.0.0", "pytest"], "==3.11.*"),
        "b": ("python", ["click>=8", "pytest"], ""),
        "c": ("python", ["rich"], ">=3.9"),
        "d": ("python", ["pandas==2.1.*", "streamlit==1.30"], ""),
        "e": ("node", ["express@^4.18"], ""),
    }
    assert reasons(part(plan, "d")) == {"--index-url x": "option"}


def test_malformed_and_huge_declarations_cost_only_themselves() -> None:
    plan = planned(
        {
            "requirements.txt": "\n".join(f"package-{n}" for n in range(5000)),
            "pyproject.toml": "[project\n",
            "setup.py": "def (",
            "package.json": "[" * 100_000,
            "environment.yml": "a: &a [*a]\n",
            "Pipfile": b"\xff\xfe\x00",
            "setup.cfg": "no section",
            "a.py": "",
        }
    )
    assert len(part(plan).requirements) == 400
    many = planned({f"p{n}/requirements.txt": "flask\n" for n in range(40)} | {f"p{n}/a.py": "" for n in range(40)})
    assert len(many.parts) <= 12


APART = {"src/api/requirements.txt": "fastapi==0.115.0\n", "src/api/main.py": FASTAPI, "tests/test_api.py": A_TEST}
JOB = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n"


@pytest.mark.parametrize("name", ["requirements-dev.txt", "dev-requirements.txt", "requirements_test.txt"])
def test_a_root_that_declares_its_tools_alone_is_given_what_its_parts_ask_for(name: str) -> None:
    assert texts(part(planned({**APART, name: "pytest\n"}))) == ["pytest", "fastapi==0.115.0"]
    assert texts(part(planned({**APART, "requirements.txt": "numpy\n"}))) == ["numpy"]
    empty = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\n'
    assert texts(part(planned({**APART, "pyproject.toml": empty}))) == ["fastapi==0.115.0"]


def test_what_the_chain_installs_for_the_tests_is_installed() -> None:
    steps = """
        - run: pip install -r requirements.txt --index-url https://mirror.example/simple
        - run: python -m pip install --upgrade pip pytest-asyncio "httpx>=0.27" fastapi==0.1 flake8 git+https://x.example/y
        - run: uv pip install $MORE ruff respx
        - run: pip install -r ${{ env.REQUIREMENTS_FILE }} ${{ matrix.extra || 'none' }}
        - run: pytest
        """
    other = "  lint:\n    runs-on: x\n    steps:\n      - run: pip install radon\n"
    files = {"requirements.txt": "fastapi==0.115.0\n", "main.py": FASTAPI, "test_a.py": A_TEST}
    chain = JOB + indent(dedent(steps).strip("\n"), "      ") + "\n" + other
    found = part(planned({**files, ".github/workflows/ci.yml": chain}))
    assert texts(found) == ["fastapi==0.115.0", "pytest-asyncio", "httpx>=0.27", "respx"]
    assert found.requirements[1].place == Place(".github/workflows/ci.yml", 7)


def test_guides_say_what_to_install_where_nothing_declares_it() -> None:
    guide = "# App\nRun `pip install pandas` first, or\n```\n$ pip install fastapi uvicorn[standard]==0.30.0\n!pip3 install -q 'numpy<2' && ls\n```\n"
    bare = {"main.py": FASTAPI, "README.md": guide}
    assert texts(part(planned(bare))) == ["fastapi", "uvicorn[standard]==0.30.0", "numpy<2"]
    assert texts(part(planned({**bare, "requirements.txt": "fastapi\n"}))) == ["fastapi"]
