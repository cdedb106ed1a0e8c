from tests.monitoring_samples import fact

COMPOSE = """
    services:
      api:
        build: {context: ./api, dockerfile: Dockerfile}
        ports: ["8080:8000"]
        environment:
          CLE: ${CLE:-essai}
        volumes:
          - ./api/reglages.yml:/app/reglages.yml
          - ./absent.yml:/app/absent.yml
          - donnees:/data
        depends_on: [base]
      base:
        image: postgres:${VERSION:-16}
        healthcheck: {test: pg_isready}
        environment:
          - POSTGRES_DB=avis
"""
FILES = {
    "docker-compose.yml": COMPOSE,
    "api/Dockerfile": "FROM python:3.12 AS b\nFROM b\nRUN a \\\n  && b\nUSER app\n",
    "api/reglages.yml": "a: 1\n",
}


def test_services_with_their_lines_ports_and_mounts():
    containers = fact(FILES, "containers")
    api, base = containers.services
    assert (api.name, api.line, api.ports, api.depends_on, api.dockerfile) == (
        "api",
        2,
        (("8080", "8000"),),
        ("base",),
        "api/Dockerfile",
    )
    assert [(m.source, m.present, m.line) for m in api.mounts] == [
        ("api/reglages.yml", True, 8),
        ("absent.yml", False, 9),
        ("", False, 10),
    ]
    assert (base.image, base.healthcheck, base.environment[0].name) == ("postgres:16", True, "POSTGRES_DB")


def test_dockerfiles_step_by_step():
    built = fact(FILES, "containers").dockerfiles[0]
    assert built.base == "b"
    assert [(s.line, s.name) for s in built.steps] == [(1, "FROM"), (2, "FROM"), (3, "RUN"), (5, "USER")]


def test_a_broken_compose_file_costs_that_file():
    containers = fact({**FILES, "compose.dev.yml": "services: [\n"}, "containers")
    assert [s.name for s in containers.services] == ["api", "base"]
