"""Python 3.12 and later, read by an older one."""

import ast

import pytest

from checks.facts.newer_syntax import older
from tests.data_samples import examine


@pytest.mark.parametrize(
    "line",
    [
        'print(f"{a["b"]}")',
        "print(f'{a['b']} et {c['d']}')",
        "print(f\"{'\\n'.join(a)}\")",
        'print(f"{x:{width["w"]}}")',
        'print(f"{{}} {a["b"]!r:>10}")',
        'print(f"""{a["""b"""]}""")',
        'print(f"{f"{a[\'b\']}"}")',
        'print(rf"\\d{a["b"]}")',
        'print(f"{a["}"]}")',
        "def first[T](items: list[T]) -> T:\n    return items[0]",
        "class Box[T]:\n    pass",
        "type Pair[T] = tuple[T, T]",
        'x = {"a": f"{len(rows)} {d["k"]}", "b": "{"}  # f"{a["b"]}"',
    ],
)
def test_a_newer_program_parses_with_its_lines(line):
    source = f"first = 1\n{line}\nlast = 3\n"
    tree = ast.parse(older(source))
    assert tree.body[-1].lineno == source.count("\n")


def test_a_field_over_several_lines_keeps_the_text_that_follows():
    source = 'a = f"{\n    b["c"]\n}"\nlast = 1\n'
    assert "last" in ast.unparse(ast.parse(older(source)))


@pytest.mark.parametrize(
    "source", ["", "x = 'it''s'\n", 'y = f"{a}" # "\n', "z = '''a\n\"b'''\n", "w = b'\\'' + r'\\'\n", "d = {1: {2: 3}}\n"]
)
def test_an_older_program_stays_what_it_is(source):
    assert older(source) == source


@pytest.mark.parametrize("source", ['f"' * 5000, "f'{" * 5000, '"' * 9999, "f'{f\"{" * 2000, "{" * 20000, "\\" * 9999])
def test_rubbish_ends(source):
    older(source)


def test_a_project_written_in_a_newer_python_is_read():
    code = (
        'import joblib\nfrom sklearn.metrics import f1_score\nfrom sklearn.svm import SVC\n\ndef main(x, y, d):\n    print(f"{d["nom"]}")\n'
        "    model = SVC()\n    model.fit(x, y)\n    joblib.dump(model, 'm.joblib')\n    return f1_score(y, model.predict(x))\n"
    )
    found = examine({"train.py": code}, "training.creates-a-model")
    assert (found.outcome.value, found.evidence[0].line) == ("met", 8)
