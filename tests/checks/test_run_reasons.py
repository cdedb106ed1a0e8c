import ast
from pathlib import Path

from checks.run_reasons import REASONS

ROOT = Path(__file__).parents[2]


def returned(path: Path) -> set[str]:
    """Return the codes that functions of a module return as text."""
    tree = ast.parse(path.read_text("utf-8"))
    values = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return) and isinstance(n.value, ast.Constant)]
    return {v.value for v in values if isinstance(v.value, str) and v.value.startswith("no-")}


def test_every_reason_not_to_put_faults_in_has_a_sentence():
    codes = returned(ROOT / "checks/runner/mutating.py")
    assert len(codes) >= 3
    assert codes <= set(REASONS) | {"no-environment"}
    assert all(text.fr != text.en for text in REASONS.values())
