"""Entry of the examination sandbox: `python -I -m checks [--in FILE] [--out FILE]`, archive in, one JSON report out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from checks.examiner import examine


def main() -> int:
    """Read the archive, examine, write the report."""
    parser = argparse.ArgumentParser(prog="checks", description=__doc__)
    parser.add_argument("--in", dest="source", type=Path, help="archive to read (standard input when absent)")
    parser.add_argument("--out", type=Path, help="report to write (standard output when absent)")
    options = parser.parse_args()
    if options.source:
        with options.source.open("rb") as stream:
            report = examine(stream)
    else:
        report = examine(sys.stdin.buffer)
    if options.out:
        options.out.write_bytes(report)
    else:
        sys.stdout.buffer.write(report)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
