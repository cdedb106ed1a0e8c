from checks.facts.complexity import complexity
from tests.monitoring_samples import fact, workspace

HARD = """def tri(lignes):  # complexipy: ignore
    for ligne in lignes:
        if ligne:
            for mot in ligne:
                if mot and ligne or lignes:
                    while mot:
                        if mot == 1:
                            return mot
    return None


def simple(x):
    return x
"""


def test_functions_are_measured_whatever_their_comments_say():
    found = fact({"a.py": HARD, "tests/test_a.py": HARD}, "complexity")
    assert [(f.path, f.line, f.name, f.complexity > 15) for f in found.functions] == [
        ("a.py", 1, "tri", True),
        ("a.py", 12, "simple", False),
    ]
    assert [f.name for f in found.over] == ["tri"]


def test_what_does_not_parse_costs_only_itself():
    files = {
        "deep.py": "x = " + "(" * 10_000 + ")" * 10_000,
        "unary.py": "x = " + "-" * 100_000 + "1",
        "attributes.py": "x" + ".a" * 50_000,
        "broken.py": "def f(:\n",
        "good.py": "def f():\n    return 1\n",
    }
    place = workspace(files)
    assert [f.path for f in complexity(place).functions] == ["good.py"]
    assert place.skipped == set()
