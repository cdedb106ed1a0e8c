from checks.facts.linters import Issue, LintReport
from tests.facts.test_complexity import HARD
from tests.monitoring_samples import examine, outcome

SIMPLE, IDLE = "quality.functions-stay-simple", "quality.nothing-is-idle"


def idle(number: int, files: int) -> LintReport:
    return LintReport(
        tuple(Issue("ruff", "F401", "waste", "a.py", n, "unused", "import os") for n in range(1, number + 1)), files, files
    )


def test_complexity_is_a_measure_with_its_worst_places():
    found = examine({"a.py": HARD}, SIMPLE)
    assert (found.outcome.value, found.measures["functions"], found.measures["over"]) == ("partly", 2, 1)
    assert (found.evidence[0].line, found.evidence[0].excerpt.split(" : ")[0]) == (1, "tri")
    assert outcome({"a.py": "def f():\n    return 1\n"}, SIMPLE) == "met"
    assert outcome({"README.md": "# complexité 3"}, SIMPLE) == "not_applicable"


def test_nothing_bad_is_ever_not_met():
    assert outcome({"a.py": "x = 1\n"}, IDLE, linters=idle(500, 1)) == "partly"
    assert outcome({"a.py": "\n".join(HARD.replace("tri", f"tri{n}") for n in range(40))}, SIMPLE) == "partly"


def test_idle_code_is_counted_by_kind():
    found = examine({"a.py": "import os\n"}, IDLE, linters=idle(2, 1))
    assert found.why.fr == "2 imports sans usage dans 1 fichier."
    assert found.why.en == "2 unused imports in 1 file."
    assert found.evidence[0].excerpt == "F401 import os"
    assert outcome({"a.py": "x = 1\n"}, IDLE, linters=idle(1, 4)) == "met"
    assert outcome({"a.py": "x = 1\n"}, IDLE, linters=idle(0, 4)) == "met"
    assert outcome({}, IDLE, linters=LintReport((), 0, 0)) == "not_applicable"


def test_a_silent_tool_is_could_not_tell():
    found = examine({"a.py": "x = 1\n"}, IDLE, linters=LintReport((), 1, 1, ("ruff",)))
    assert (found.outcome.value, found.reason) == ("inconclusive", "took-too-long")
