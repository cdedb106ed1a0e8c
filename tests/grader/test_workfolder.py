"""The folder of a grading, and what a killed command leaves of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.workfolder import sweep_folders, work_folder


def test_nothing_is_left(tmp_path: Path) -> None:
    with work_folder(tmp_path) as folder:
        (folder / "a").write_text("1")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone_and_an_abandoned_one_is_swept(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from grader.workfolder import work_folder\n"
        "with work_folder(Path(sys.argv[1])) as f: (f / 'left').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run((sys.executable, "-c", code, str(tmp_path)), cwd=Path(__file__).parents[2])
    assert len(list(tmp_path.iterdir())) == 1
    with work_folder(tmp_path) as folder:
        assert sweep_folders(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [folder]


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "jurygrid-notes").mkdir()
    assert sweep_folders(tmp_path) == 0
    assert (tmp_path / "jurygrid-notes").is_dir()
