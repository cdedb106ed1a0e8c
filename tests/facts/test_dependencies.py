from tests.monitoring_samples import fact


def test_declarations_of_every_kind():
    found = fact(
        {
            "requirements.txt": "fastapi==0.115.0\npandas>=2\n# torch==2\n-r autre.txt\nuvicorn[standard]~=0.30\n",
            "bloc2/pyproject.toml": '[project]\nname = "a"\ndependencies = ["Flask==3.0.0"]\n[tool.poetry.dependencies]\npython = "^3.11"\nrequests = "^2"\n',
            "front/package.json": '{"dependencies": {"react": "18.2.0"}}',
            "environment.yml": "dependencies:\n  - numpy=1.26\n  - pip:\n      - mlflow==2.9\n",
        },
        "dependencies",
    )
    assert {(p.name, p.pinned) for p in found.packages} == {
        ("fastapi", True),
        ("pandas", False),
        ("uvicorn", False),
        ("flask", True),
        ("requests", False),
        ("react", True),
        ("numpy", True),
        ("mlflow", True),
    }
    assert (found.declares("mlflow").path, found.declares("mlflow").line) == ("environment.yml", 4)


def test_a_lock_file_fixes_what_stands_beside_it():
    found = fact({"pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask"]\n', "uv.lock": "x"}, "dependencies")
    assert (found.locks, found.pinned_share) == (("uv.lock",), 1.0)


def test_a_broken_file_costs_that_file():
    assert fact({"pyproject.toml": "[project", "requirements.txt": "flask\n"}, "dependencies").files == ("requirements.txt",)
