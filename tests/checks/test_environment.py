from tests.monitoring_samples import SERVICE, STACK, examine, outcome

MODEL, APPLICATION = "environment.model-api-is-tracked", "environment.application-is-tracked"
MONITORING, DECLARED = "environment.monitoring-is-tracked", "environment.environment-follows-specification"
THRIFT = "environment.spares-resources"


def test_sources_are_tracked():
    assert [outcome(STACK, c) for c in (MODEL, APPLICATION, MONITORING)] == ["met"] * 3
    assert examine(STACK, MODEL).evidence[0].path == "api/main.py"


def test_no_sources():
    assert [outcome({"README.md": "# API, application, monitoring"}, c) for c in (MODEL, APPLICATION, MONITORING)] == [
        "not_met"
    ] * 3


def test_an_interface_written_elsewhere_than_in_python():
    assert outcome({"front/App.vue": "<template/>"}, APPLICATION) == "met"


def test_a_declared_environment():
    pinned = {"requirements.txt": "fastapi==0.115.0\n", "Dockerfile": "FROM python:3.12\n"}
    assert outcome(pinned, DECLARED) == "met"
    assert outcome({"requirements.txt": "fastapi\n"}, DECLARED) == "partly"
    assert outcome({**pinned, "requirements.txt": "fastapi\n"}, DECLARED) == "partly"
    assert outcome({"app.py": SERVICE}, DECLARED) == "not_met"


def test_packages_named_by_a_command_are_an_environment_in_part():
    readme = "# Ruches\n\n## Installation\n\n```bash\n{}\n```\n"
    assert outcome({"app.py": SERVICE, "README.md": readme.format("pip install fastapi pandas")}, DECLARED) == "partly"
    assert outcome({"app.py": SERVICE, "README.md": readme.format("pip install -r requirements.txt")}, DECLARED) == "not_met"


def test_thrift_is_in_the_code():
    cache = "from functools import lru_cache\n\n@lru_cache\ndef charger():\n    return 1\n"
    page = '<img src="a.webp" loading="lazy">\n'
    assert outcome({"a.py": cache, "templates/a.html": page}, THRIFT) == "met"
    found = examine({"a.py": cache}, THRIFT)
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 3)
    assert outcome({"a.py": "# cache, pagination, compression\n"}, THRIFT) == "not_met"
