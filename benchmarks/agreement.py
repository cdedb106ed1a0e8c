"""Grades labelled repositories so that their grids can be compared with hand labels.

usage: python -m benchmarks.agreement --repos repos.json --sources DIR --grids DIR

`repos.json` lists {id, commit, rubric}; DIR holds one local repository per id. One `jurygrid-grid/1` document is written
per repository, named after its id; the comparison itself is the labellers' own tool.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from grader.contract import as_json
from grader.errors import JurygridError
from grader.examiner import Examiner
from grader.pipeline import Order, grade
from grader.rubric import load_rubric
from grader.settings import read_settings


def main() -> int:
    """Grade every repository at the commit that was labelled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--grids", type=Path, required=True)
    parser.add_argument("--sandbox", default="auto")
    options = parser.parse_args()
    options.grids.mkdir(parents=True, exist_ok=True)
    settings, failures = read_settings(), 0
    for row in json.loads(options.repos.read_text("utf-8")):
        order = Order(str(options.sources / row["id"]), load_rubric(row["rubric"]), settings, row["commit"])
        try:
            with Examiner(settings, options.sandbox) as examiner:
                grid = grade(order, examiner)
        except JurygridError as error:
            print(f"{row['id']}: {error}", file=sys.stderr)
            failures += 1
            continue
        (options.grids / f"{row['id']}.json").write_text(as_json(grid), "utf-8")
        print(f"{row['id']}  {grid.timings['total']:.1f} s  {len(grid.report.skipped)} left out")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
