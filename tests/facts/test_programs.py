from tests.data_samples import fact


def programs(contents):
    return fact(contents, "programs")


def test_roles_come_from_what_a_module_does():
    roles = programs(
        {
            "api.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "page.py": "import streamlit as st\nst.write('x')\n",
            "apprend.py": "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n",
            "outils.py": "def f():\n    return 1\n",
            "lancer.py": "if __name__ == '__main__':\n    print(1)\n",
            "tests/test_a.py": "def test_a():\n    assert 1\n",
        }
    ).roles
    assert roles == {
        "api.py": "api",
        "apprend.py": "training",
        "lancer.py": "script",
        "outils.py": "library",
        "page.py": "interface",
        "tests/test_a.py": "test",
    }


def test_launches_by_shell_container_and_schedule():
    contents = {
        "etl/prend.py": "def f():\n    return 1\n",
        "etl/range.py": "def g():\n    return 1\n",
        "etl/garde.py": "def h():\n    return 1\n",
        "planifie.sh": "#!/bin/sh\n# python etl/garde.py\n0 6 * * * python3 /app/etl/prend.py >> /var/log/x\n",
        "Dockerfile": 'FROM python:3.12\nCMD ["python", "-m", "etl.range"]\n',
        "dags/nuit.py": "from airflow import DAG\nwith DAG('nuit') as d:\n    pass\n",
    }
    launches = programs(contents).launches
    assert {p: (x[0].kind, x[0].path, x[0].line) for p, x in launches.items()} == {
        "dags/nuit.py": ("schedule", "dags/nuit.py", 2),
        "etl/prend.py": ("shell", "planifie.sh", 3),
        "etl/range.py": ("shell", "Dockerfile", 2),
    }


def test_reach_follows_calls_by_name_and_stops_at_what_is_not_called():
    contents = {
        "base.py": "class Base:\n    def lit(self):\n        return self.ouvre()\n    def ouvre(self):\n        return 1\n    def efface(self):\n        return 2\n",
        "lancer.py": "from base import Base\n\ndef main():\n    Base().lit()\n\nif __name__ == '__main__':\n    main()\n",
    }
    found = programs(contents)
    assert found.reach("lancer.py") == {
        "lancer.py": frozenset({"", "main"}),
        "base.py": frozenset({"", "Base", "Base.lit", "Base.ouvre"}),
    }
    assert found.owners("base.py", "Base.efface") == ()


def test_modules_that_import_each_other_end():
    contents = {
        "a.py": "from b import g\n\ndef f():\n    return g()\n",
        "b.py": "from a import f\n\ndef g():\n    return f()\n\nif __name__ == '__main__':\n    g()\n",
    }
    assert sorted(programs(contents).reach("b.py")) == ["a.py", "b.py"]
