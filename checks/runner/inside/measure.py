"""Branch coverage of the submission's code, measured in the interpreter that runs its tests."""

from __future__ import annotations

import importlib.util
import json
import sys
from hashlib import blake2b
from typing import Any

_SUMMARY = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def begin(wanted: dict[str, Any] | None) -> Any:
    """Start to measure the files of `wanted["code"]`; None where coverage is absent or nothing is to be measured."""
    if not wanted or not wanted["code"] or importlib.util.find_spec("coverage") is None:
        return None
    import coverage

    concurrency = ["thread", *(["greenlet"] if importlib.util.find_spec("greenlet") else [])]
    measured = coverage.Coverage(
        data_file=wanted["data"], branch=True, config_file=False, include=wanted["code"], concurrency=concurrency, messages=False
    )
    # Without comments that take lines out of the measure: the submission does not configure its own grading.
    for kind in ("exclude", "partial"):
        measured.clear_exclude(kind)
    measured.start()
    return measured


def end(measured: Any, wanted: dict[str, Any] | None, told: Any) -> None:
    """Stop, and tell each file's figures; what was never imported counts as not covered."""
    if measured is None or wanted is None:
        return
    try:
        measured.stop()
        measured.json_report(morfs=wanted["code"], outfile=wanted["json"], ignore_errors=True)
        with open(wanted["json"], encoding="utf-8") as file:
            files = json.load(file)["files"]
        for path, entry in files.items():
            told.say(file=path, measured=[entry["summary"][name] for name in _SUMMARY])
    except Exception as error:  # the results of the tests must not be lost with it
        print("no coverage:", error)


def contexts(measured: Any, path: str, told: Any) -> None:
    """Write file → line → tests that ran it, and the modules of other people that were loaded; tell what was written."""
    data = measured.get_data()
    lines = {file: data.contexts_by_lineno(file) for file in data.measured_files()}
    found = {f: {str(n): sorted(c for c in tests if c) for n, tests in by_line.items()} for f, by_line in lines.items()}
    theirs = [n for n, m in list(sys.modules.items()) if "site-packages" in (getattr(m, "__file__", None) or "")]
    data = json.dumps({"lines": found, "modules": theirs[:3000]})
    with open(path, "w", encoding="utf-8") as file:
        file.write(data)
    told.say(contexts=blake2b(data.encode(), digest_size=16).hexdigest())
