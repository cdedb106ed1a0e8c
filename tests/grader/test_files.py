"""Kept files, in a folder and in S3-compatible storage (a real HTTP server of it), by the hash of what they hold."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from grader.errors import OurFailure
from grader.files import Files


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        for name, value in {
            "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": address,
            "AWS_DEFAULT_REGION": "eu-west-3",
        }.items():
            patch.setenv(name, value)
        made = {"LocationConstraint": "eu-west-3"}
        boto3.client("s3", endpoint_url=address).create_bucket(Bucket="jury", CreateBucketConfiguration=made)
        yield "s3://jury/kept"
        server.stop()


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files(str(tmp_path / "files") if request.param == "folder" else request.getfixturevalue("s3"))


def test_what_is_kept_comes_back(files: Files, tmp_path: Path) -> None:
    data = bytes(range(256)) * 9_000
    name, size = files.keep(io.BytesIO(data))
    assert size == len(data) and files.has(name) and files.answers()
    files.bring(name, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data
    assert files.keep(io.BytesIO(data)) == (name, size)  # the same again is the same
    files.remove(name)
    files.remove(name)
    assert not files.has(name)
    with pytest.raises(OurFailure, match="vanished"):
        files.bring(name, tmp_path / "again")


def test_a_source_that_breaks_leaves_nothing(files: Files) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 2_000_000:
                raise ConnectionError("cut")
            return super().read(size)

    before = set(files.system.find(files.base))
    with pytest.raises((ConnectionError, OurFailure)):
        files.keep(Breaking(b"x" * 5_000_000))
    assert set(files.system.find(files.base)) == before


def test_a_file_that_changed_is_noticed(tmp_path: Path) -> None:
    files = Files(str(tmp_path / "files"))
    name, _ = files.keep(io.BytesIO(b"handed in"))
    (tmp_path / "files" / name[:2] / name).write_bytes(b"changed")
    with pytest.raises(OurFailure, match="no longer"):
        files.bring(name, tmp_path / "back")
