"""The kind `mutate`: tests that look catch mutants, tests that do not look let them pass."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.runner.steps import part, run, suite

PRICE = """
    LIMIT = 10

    def price(count, member):
        '''Return the price.'''
        if count < 0:
            raise ValueError(count)
        total = count * 3
        if member and count >= LIMIT:
            total = total - 5
        return total

    def never():
        return 1 + 1
    """
STRICT = """
    import pytest
    from shop.price import price
    @pytest.mark.parametrize("count,member,total", [(0, False, 0), (1, True, 3), (10, True, 25), (10, False, 30), (9, True, 27)])
    def test_price(count, member, total): assert price(count, member) == total
    def test_negative():
        with pytest.raises(ValueError): price(-1, False)
    """
BLIND = "from shop.price import price\ndef test_price():\n    price(10, True)\n    assert True\n"


def mutated(environment: Path, tests: str, **more: Any) -> dict[str, Any]:
    """Mutate a small shop."""
    files: dict[str, str | bytes] = {"shop/__init__.py": "", "shop/price.py": PRICE, "tests/test_price.py": tests}
    return run(files, environment, kind="mutate", suite=suite("pytest", "tests"), part=part("shop/price.py"), **more)


def test_a_strict_suite_catches_and_the_seed_decides(environment: Path) -> None:
    document = mutated(environment, STRICT)
    assert document["trouble"] == []
    assert document["mutants"] >= 9
    assert document["caught"] == document["mutants"]
    assert document["survived"] == []
    assert document["seed"] == 1


def test_a_blind_suite_lets_them_live(environment: Path) -> None:
    document = mutated(environment, BLIND, seed=7)
    assert document["caught"] == 0
    assert len(document["survived"]) == document["mutants"] > 5
    one = document["survived"][0]
    assert one["path"] == "shop/price.py"
    assert "→" in one["change"]
    assert {s["line"] for s in document["survived"]} <= {6, 8, 9, 10, 11}, "only lines that a test runs"
    assert document["seed"] == 7


def test_a_test_that_looks_at_how_the_code_is_written_catches_nothing(environment: Path) -> None:
    looks = """
        import hashlib
        from shop import price as module
        def test_price(): module.price(10, True)
        def test_hash():
            module.price(10, True)
            assert hashlib.sha256(open(module.__file__, "rb").read()).hexdigest() == "@HASH@"
        def test_bytecode():
            assert module.price(10, True) == 25 or True
            assert hashlib.sha256(module.price.__code__.co_code).hexdigest() == "@CODE@"
        def test_layout():
            module.price(0, False)
            assert open(module.__file__).read().startswith("\\nLIMIT = 10\\n")
        """
    namespace: dict[str, Any] = {}
    exec(dedent(PRICE), namespace)
    looks = looks.replace("@CODE@", hashlib.sha256(namespace["price"].__code__.co_code).hexdigest())
    document = mutated(environment, looks.replace("@HASH@", hashlib.sha256(dedent(PRICE).encode()).hexdigest()))
    assert document["baseline"] == {"passed": 4, "failed": 0}
    assert document["caught"] == 0
    assert len(document["survived"]) == document["mutants"] > 5


COUNTS = """
    from pathlib import Path
    from shop.price import price
    RUNS = Path("/tmp") / "runs-@NAME@"
    def test_count():
        price(10, True)
        with RUNS.open("a") as file: file.write("x")
        assert RUNS.stat().st_size <= 2
    """


@pytest.mark.parametrize(
    ("others", "caught", "trouble"),
    [("", 0, ["unsteady-tests"]), (BLIND, 0, []), (STRICT, 9, [])],
    ids=["alone", "beside a blind one", "beside strict ones"],
)
def test_tests_that_fail_from_some_run_on_catch_nothing(environment: Path, others: str, caught: int, trouble: list[str]) -> None:
    name = secrets.token_hex(8)
    try:
        document = mutated(environment, dedent(COUNTS.replace("@NAME@", name)) + dedent(others))
    finally:
        Path(f"/tmp/runs-{name}").unlink(missing_ok=True)
    assert document["baseline"]["failed"] == 0
    assert document["trouble"] == trouble
    assert bool(document["mutants"]) == bool(others)
    assert document["caught"] >= caught
    if not caught:
        assert document["caught"] == 0


def test_a_run_that_ends_as_if_it_had_no_test_has_noticed_nothing(environment: Path) -> None:
    leaves = (
        BLIND
        + "def test_last():\n    import os, sys\n    if any('mutants' in a for a in sys.orig_argv): os._exit(5)\n    price(0, False)\n"
    )
    document = mutated(environment, leaves)
    assert document["mutants"] > 5
    assert document["caught"] == 0


def test_what_is_added_to_our_account_counts_for_nothing(environment: Path) -> None:
    adds = (
        BLIND.replace("    assert True", "    add()")
        + """
from glob import glob
def add():
    for path in glob("/tmp/**/*-mutants", recursive=True):
        lines = [line for line in open(path) if "survived" in line][-1:]
        with open(path, "a") as file:
            file.write('{"mutant": "shop/price.py", "line": 6, "change": "< to >", "outcome": "caught"}\\n' * 50)
            file.writelines(lines * 3)
"""
    )
    document = mutated(environment, adds.replace("\\n", "\n"))
    assert document["caught"] == 0
    assert len(document["survived"]) == document["mutants"] < 20


def test_nothing_of_the_submission_lives_in_what_forks(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "shop/__init__.py": "__file__ = '/site-packages/shop/__init__.py'\n",
        "shop/price.py": PRICE,
        "shop/hidden.py": "import os, sys\n__file__ = '/site-packages/hidden.py'\nif 'price' not in str(sys.modules.get('shop.price')): os._exit(0)\n",
        "tests/test_price.py": STRICT + "    import shop.hidden\n",
    }
    document = run(files, environment, kind="mutate", suite=suite("pytest", "tests"), part=part("shop/price.py"))
    assert document["mutants"] >= 9
    assert document["caught"] == document["mutants"]


def test_without_a_passing_test_there_is_no_baseline(environment: Path) -> None:
    document = mutated(environment, "def test_a(): assert False\n")
    assert (document["mutants"], document["trouble"]) == (0, ["no-baseline"])


def test_mutants_that_never_end_are_counted_apart(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "count.py": "def down(n):\n    while n > 0:\n        n -= 1\n    return 'done'\n",
        "test_count.py": "from count import down\ndef test_down(): assert down(3) == 'done'\n",
    }
    document = run(
        files, environment, kind="mutate", suite=suite("pytest", "test_count.py"), part=part("count.py"), per_test_seconds=60
    )
    assert document["timeouts"] >= 1
    assert document["caught"] >= 1


def test_a_slow_suite_is_not_called_a_failing_one(environment: Path) -> None:
    document = mutated(environment, "import time\ndef test_a(): pass\ndef test_b(): time.sleep(60)\n", seconds=16)
    assert (document["mutants"], document["trouble"]) == (0, ["baseline-timeout"])
    assert document["commands"][0]["seconds"] < 12


def test_a_suite_that_pytest_cannot_run_says_so(environment: Path) -> None:
    files: dict[str, str | bytes] = {"shop/price.py": PRICE, "tests.py": BLIND}
    document = run(files, environment, kind="mutate", suite=suite("django", "tests.py"), part=part("shop/price.py"))
    assert (document["mutants"], document["trouble"]) == (0, ["another-runner"])
