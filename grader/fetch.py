"""Brings a repository here without trusting it: bare objects only, no checkout, no hooks, no filters, no redirects.

This is the only module that runs Git. Every command gets a clean environment whose configuration outranks the repository's.
"""

from __future__ import annotations

import base64
import datetime
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import JurygridError, OurFailure, RepositoryRefused, SourceRefused
from grader.paths import is_vendored
from grader.process import Completed, Limits, run
from grader.settings import Settings
from grader.source import LocalSource, RemoteSource, Source, public_addresses
from grader.values import Commit, History, Skipped

MOST_COMMITS = 5_000
MOST_BRANCHES = 20  # of which we ask what they hold
FEWEST_ELSEWHERE = 10  # files from which a branch holds work
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,200}")
_SHA = re.compile(r"[0-9a-f]{40}")
_FORMAT = "%x01%H%x00%an%x00%ct%x00%P%x00%s"

# Values that must hold whatever a repository's own configuration says.
CONFIGURATION: Mapping[str, str] = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.protectNTFS": "true",
    "core.protectHFS": "true",
    "core.alternateRefsCommand": "true",
    "core.quotePath": "false",
    "core.attributesFile": "/dev/null",
    "transfer.fsckObjects": "true",
    "fetch.fsck.zeroPaddedFilemode": "warn",
    "fetch.fsck.missingSpaceBeforeDate": "warn",
    "fetch.fsck.badTimezone": "warn",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "init.templateDir": "",
    "log.mailmap": "false",
    "log.showSignature": "false",
    "safe.directory": "*",
    "advice.detachedHead": "false",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The thing actually graded. `git_dir` holds its objects; `date` is the commit's, ISO 8601 in UTC.

    `parts` is empty for one repository; of what was put together, it tells folder → url and commit ("" is the rest).
    """

    url: str
    ref: str
    commit: str
    tree: str
    date: str
    git_dir: Path
    history: History
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Say = Callable[[str], None]


def fetch(
    source: Source, ref: str | None, *, settings: Settings, folder: Path, say: Say = lambda _: None, token: str | None = None
) -> Snapshot:
    """Bring `source` at `ref` (default branch when None) into `folder` and return what was got.

    Raises SourceRefused and RepositoryRefused, each with the reason. `say` hears what is being done. `token` opens a private
    repository to this command alone: it is in no argument, no file and no address.
    """
    if ref is not None and (not _REF.fullmatch(ref) or ".." in ref or ref.endswith(".lock")):
        raise SourceRefused("ref-malformed", ref=ref)
    if isinstance(source, LocalSource):
        return _local(source, ref, settings)
    return _Remote(source, settings, folder, say, token).snapshot(ref)


def environment(configuration: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a Git command: nothing is inherited but where programs are."""
    pairs = {**CONFIGURATION, **configuration}
    numbered = {
        f"GIT_CONFIG_{kind}_{i}": text
        for i, pair in enumerate(pairs.items())
        for kind, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(pairs)),
        **numbered,
    }


def git(
    git_dir: Path,
    *arguments: str,
    limits: Limits,
    configuration: Mapping[str, str] | None = None,
    stdin: bytes | Path = b"",
    stdout: Path | None = None,
    on_line: Say | None = None,
) -> Completed:
    """Run one Git command on a bare folder of objects."""
    argv = ("git", "--git-dir", str(git_dir), "--no-pager", *arguments)
    return run(argv, environment=environment(configuration or {}), limits=limits, stdin=stdin, stdout=stdout, on_line=on_line)


def _local(source: LocalSource, ref: str | None, settings: Settings) -> Snapshot:
    limits = Limits(seconds=settings.fetch_seconds, file_bytes=settings.most_bytes)
    commit = _resolve(source.git_dir, ref or "HEAD", limits)
    if commit is None and ref is None:
        raise RepositoryRefused(_why_no_head(source.git_dir, limits))
    if commit is None:
        commit = _resolve(source.git_dir, f"refs/remotes/origin/{ref}", limits)
    if commit is None:
        raise RepositoryRefused("ref-unknown", ref=ref or "HEAD")
    return _describe(
        source.url,
        ref or _branch(source.git_dir, limits),
        commit,
        git_dir=source.git_dir,
        history_dir=source.git_dir,
        limits=limits,
    )


def _why_no_head(git_dir: Path, limits: Limits) -> str:
    refs = git(git_dir, "for-each-ref", "--count=1", limits=limits).stdout.strip()
    return "no-default-branch" if refs else "repository-empty"


def _resolve(git_dir: Path, ref: str, limits: Limits) -> str | None:
    done = git(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", limits=limits)
    text = done.stdout.decode("ascii", "replace").strip()
    return text if done.ok and _SHA.fullmatch(text) else None


def _branch(git_dir: Path, limits: Limits) -> str:
    done = git(git_dir, "symbolic-ref", "--quiet", "--short", "HEAD", limits=limits)
    return done.stdout.decode("utf-8", "replace").strip() or "HEAD"


def _describe(url: str, ref: str, commit: str, *, git_dir: Path, history_dir: Path, limits: Limits) -> Snapshot:
    done = git(git_dir, "log", "-1", "--format=%T %ct", "--end-of-options", commit, "--", limits=limits)
    parts = done.stdout.decode("ascii", "replace").split()
    if not done.ok or len(parts) != 2:
        raise RepositoryRefused("repository-damaged")
    return Snapshot(url, ref, commit, parts[0], _utc(parts[1]), git_dir, read_history(history_dir, commit, limits))


def _utc(seconds: str) -> str:
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"


def read_history(git_dir: Path, commit: str, limits: Limits) -> History:
    """Read commits with the paths each touched, and the branches. A damaged or shallow record is marked incomplete."""
    log = (
        "log",
        f"--max-count={MOST_COMMITS}",
        "--no-renames",
        "--name-only",
        f"--format={_FORMAT}",
        "--end-of-options",
        commit,
        "--",
    )
    done = git(git_dir, *log, limits=limits)
    commits = tuple(c for c in map(_commit, done.stdout.decode("utf-8", "replace").split("\x01")[1:]) if c)
    refs = git(git_dir, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", limits=limits)
    names = {_short(r) for r in refs.stdout.decode("utf-8", "replace").splitlines()}
    shallow = (git_dir / "shallow").exists() and (git_dir / "shallow").stat().st_size > 0
    complete = done.ok and not shallow and len(commits) < MOST_COMMITS
    return History(commits, tuple(sorted(names - {"HEAD"})), complete, _elsewhere(git_dir, commit, limits))


def _elsewhere(git_dir: Path, commit: str, limits: Limits) -> tuple[Skipped, ...]:
    """Return the newest branches that hold the work while the graded commit holds little, with how many files it lacks."""
    listed = (
        f"--count={MOST_BRANCHES}",
        "--sort=-committerdate",
        "--format=%(objectname) %(refname)",
        "refs/heads",
        "refs/remotes",
    )
    rows = git(git_dir, "for-each-ref", *listed, limits=limits).stdout.decode("utf-8", "replace").splitlines()
    own = _files(git_dir, commit, limits)
    found: dict[str, Skipped] = {}
    for sha, name in {row.split(" ", 1)[0]: row.split(" ", 1)[-1] for row in reversed(rows)}.items():
        lacking = len(_files(git_dir, sha, limits) - own) if sha != commit and _SHA.fullmatch(sha) else 0
        if lacking >= max(len(own), FEWEST_ELSEWHERE):
            short = _short(name)
            found[short] = Skipped(short, f"other-branch:{lacking}")
    return tuple(found[name] for name in sorted(found))


def _files(git_dir: Path, commit: str, limits: Limits) -> frozenset[str]:
    """Return the candidate's own files of a commit."""
    done = git(git_dir, "ls-tree", "-rz", "--name-only", "--full-tree", "--end-of-options", commit, limits=limits)
    names = done.stdout.decode("utf-8", "replace").split("\0") if done.ok else []
    return frozenset(n for n in names if n and not is_vendored(n))


def _short(ref: str) -> str:
    return re.sub(r"^refs/(heads|remotes/[^/]+)/", "", ref)


def _commit(block: str) -> Commit | None:
    head, _, rest = block.partition("\n")
    parts = head.split("\0")
    if len(parts) != 5:
        return None
    sha, author, seconds, parents, subject = parts
    return Commit(sha, author, _utc(seconds), subject, tuple(parents.split()), tuple(f for f in rest.split("\n") if f))


def _forget_the_host(bare: Path) -> None:
    """Make a partial clone an ordinary folder of objects: what is absent is absent, and nothing asks the host for it again."""
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    for mark in (bare / "objects" / "pack").glob("*.promisor"):
        mark.unlink()


class _Remote:
    """One conversation with a Git host, on the addresses that were checked."""

    def __init__(self, source: RemoteSource, settings: Settings, folder: Path, say: Say, token: str | None) -> None:
        self.source, self.folder, self.say = source, folder, say
        self.limits = Limits(seconds=settings.fetch_seconds, file_bytes=settings.most_bytes)
        self.blob_limit = settings.most_file_bytes
        addresses = public_addresses(source.host, settings.private_networks)
        pinned = addresses[0] if ":" not in addresses[0] else f"[{addresses[0]}]"
        # Pinning closes the gap between checking an address and connecting to it.
        self.configuration = {"protocol.https.allow": "always", "http.curloptResolve": f"{source.host}:{source.port}:{pinned}"}
        if settings.ca_bundle:
            self.configuration["http.sslCAInfo"] = settings.ca_bundle
        if token:
            basic = base64.b64encode(f"oauth2:{token}".encode()).decode()
            self.configuration[f"http.{source.url}.extraHeader"] = f"Authorization: Basic {basic}"

    def snapshot(self, ref: str | None) -> Snapshot:
        objects, history = self.folder / "objects.git", self.folder / "history.git"
        for bare in (objects, history):
            git(bare, "init", "--quiet", "--bare", str(bare), limits=self.limits)
        target, shown = self._target(objects, ref)
        self.say(f"{self.source.url} {shown}")
        blobs = (f"--filter=blob:limit={self.blob_limit}", "--depth=1")
        self._fetch(objects, *blobs, refspecs=(f"+{target}:refs/heads/submitted",))
        commit = _resolve(objects, "refs/heads/submitted", self.limits)
        if commit is None:
            raise RepositoryRefused("ref-unknown", ref=shown)
        self._bring_history(history, commit)
        for bare in (objects, history):
            _forget_the_host(bare)
        return _describe(self.source.url, shown, commit, git_dir=objects, history_dir=history, limits=self.limits)

    def _bring_history(self, history: Path, commit: str) -> None:
        """Bring commits and trees of all branches; a host that will not give them costs the history, not the grading."""
        self.say("history")
        try:
            self._fetch(history, "--filter=blob:none", refspecs=("+refs/heads/*:refs/heads/*", f"+{commit}:refs/submitted"))
        except RepositoryRefused:
            self._fetch(history, "--filter=tree:0", "--depth=1", refspecs=(f"+{commit}:refs/submitted",))

    def _target(self, bare: Path, ref: str | None) -> tuple[str, str]:
        """Return what to ask the host for, and the name to show."""
        if ref is not None and _SHA.fullmatch(ref):
            return ref, ref
        listing = self._run(bare, "ls-remote", "--symref", "--", self.source.url, "HEAD", "refs/heads/*", "refs/tags/*")
        rows = [line.split("\t", 1) for line in listing.stdout.decode("utf-8", "replace").splitlines() if "\t" in line]
        names = {name for first, name in rows if not first.startswith("ref:")}
        default = next((first[5:] for first, name in rows if first.startswith("ref:") and name == "HEAD"), "")
        if not names:
            raise RepositoryRefused("repository-empty")
        if ref is None:
            if "HEAD" not in names:
                raise RepositoryRefused("no-default-branch")
            return "HEAD", default.removeprefix("refs/heads/") or "HEAD"
        for name in (f"refs/heads/{ref}", f"refs/tags/{ref}", ref):
            if name in names:
                return name, ref
        raise RepositoryRefused("ref-unknown", ref=ref)

    def _fetch(self, bare: Path, *options: str, refspecs: tuple[str, ...]) -> None:
        fixed = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance", "--progress")
        self._run(bare, "fetch", *fixed, *options, "--", self.source.url, *refspecs)

    def _run(self, bare: Path, *arguments: str) -> Completed:
        done = git(bare, *arguments, limits=self.limits, configuration=self.configuration)
        if not done.ok:
            raise _refusal(done, self.source)
        return done


def is_disk_full(text: str) -> bool:
    """Tell whether Git failed because our disk is full, which is nothing that a repository could do about."""
    return "No space left on device" in text


# What Git prints → the code of our sentence. Order matters: the first match wins.
_COMPLAINTS = (
    (r"redirect|returned error: 30\d|update url base", "source-redirected"),
    (
        r"not found|returned error: 404|could not read Username|Authentication failed|returned error: 40[13]|access denied",
        "source-absent-or-private",
    ),
    (r"couldn't find remote ref|not our ref|no such remote ref", "ref-unknown"),
    (r"Could not resolve host", "host-unknown"),
    (r"File size limit|File too large|pack exceeds|fetch-pack: invalid index-pack|index-pack failed", "repository-too-large"),
    (r"fsck error|badTree|hasDot|gitmodules", "repository-damaged"),
    (r"SSL|certificate", "host-certificate"),
    (r"Failed to connect|timed out|Operation too slow|Connection|early EOF|unexpected disconnect|RPC failed", "host-unreachable"),
)


def _refusal(done: Completed, source: RemoteSource) -> JurygridError:
    text = done.stderr.decode("utf-8", "replace")
    if is_disk_full(text):
        return OurFailure("disk-full")
    if done.how == "timeout":
        return RepositoryRefused("fetch-timeout", url=source.url)
    if done.how == "output-too-large":
        return RepositoryRefused("repository-too-large")
    code = next((code for pattern, code in _COMPLAINTS if re.search(pattern, text, re.I)), "fetch-failed")
    kind = SourceRefused if code.startswith(("source", "host")) else RepositoryRefused
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return kind(code, url=source.url, host=source.host, ref="", detail=last[:200])
