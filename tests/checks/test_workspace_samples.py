from checks.workspace import Workspace

PACKAGE = {f"ruche/{name}.py": b"x = 1\n" for name in ("a", "b", "c")}


def own(files):
    return [f.path for f in Workspace({**files, "examples/demo.py": b"x = 1\n"}).own]


def test_the_samples_of_a_package_are_not_its_application():
    assert "examples/demo.py" not in own({**PACKAGE, "pyproject.toml": b""})


def test_a_folder_of_examples_is_the_project_when_nothing_else_is():
    assert "examples/demo.py" in own({"pyproject.toml": b""})
    assert "examples/demo.py" in own(PACKAGE)
