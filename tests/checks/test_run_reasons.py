import ast
from pathlib import Path

from checks.run_reasons import REASONS

ROOT = Path(__file__).parents[2]


def returned(path: Path) -> set[str]:
    """Return the codes that functions of a module return as text."""
    tree = ast.parse(path.read_text("utf-8"))
    values = [v for n in ast.walk(tree) if isinstance(n, ast.Return) for v in ast.walk(n) if isinstance(v, ast.Constant)]
    return {v.value for v in values if isinstance(v.value, str) and v.value.startswith("no-")}


def test_every_reason_not_to_put_faults_in_has_a_sentence():
    codes = returned(ROOT / "checks/runner/mutating.py")
    assert len(codes) >= 4
    assert codes <= set(REASONS)
    assert all(text.fr != text.en for text in REASONS.values())
