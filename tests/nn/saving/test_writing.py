"""Rows J of the catalogue of traps: what saving leaves behind when it fails."""

import errno
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from autograd import CheckpointError
from nn.saving import atomic, read_state, write_state
from nn.saving.atomic import previous_path
from tests.nn.saving.states import equal, refused, saved, state


def test_the_previous_file_is_kept(tmp_path):
    path = tmp_path / "a"
    for k in range(3):
        write_state(path, state(k))
    assert equal(read_state(path), state(2))
    assert equal(read_state(previous_path(path)), state(1))
    write_state(path, state(3), previous=False)
    assert equal(read_state(path), state(3))
    assert equal(read_state(previous_path(path)), state(1))
    assert sorted(x.name for x in tmp_path.iterdir()) == ["a", "a.previous"]


def test_the_previous_file_is_kept_without_hard_links(tmp_path, monkeypatch):
    def link(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(atomic.os, "link", link)
    test_the_previous_file_is_kept(tmp_path)


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "last").symlink_to("run/7")
    for k in range(2):
        write_state(tmp_path / "last", state(k))
    assert (tmp_path / "last").is_symlink()
    assert equal(read_state(tmp_path / "run/7"), state(1))
    assert equal(read_state(previous_path(tmp_path / "last")), state(0))


def test_the_mode_of_the_file_is_the_usual_one(tmp_path):
    (tmp_path / "usual").touch()
    write_state(tmp_path / "a", 1)
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_J16_temporary_files_of_dead_writers_are_removed(tmp_path):
    abandoned = [".a.1-0.saving", ".a.77-3.saving", ".a.77-3.old"]
    others = [
        ".a.saving",
        "a.1-0.saving",
        ".b.1-0.saving",
        ".a.1-0.saving.txt",
        ".ab.1",
    ]
    for name in abandoned + others:
        (tmp_path / name).write_bytes(b"x")
    write_state(tmp_path / "a", 1)
    assert {x.name for x in tmp_path.iterdir()} == {"a", *others}


def test_J16_a_temporary_file_that_is_being_written_stays(tmp_path):
    final = str(tmp_path / "a")
    temporary, file = atomic._create(final)
    write_state(final, 1)
    assert Path(temporary).exists()
    file.close()  # as when its writer dies
    write_state(final, 2)
    assert not Path(temporary).exists()


def test_a_file_that_got_the_name_of_an_abandoned_one_stays(tmp_path, monkeypatch):
    """Between looking at a file and locking it, the name may have a new owner."""
    path = tmp_path / ".a.1-0.saving"
    path.write_bytes(b"abandoned")
    (tmp_path / "new").write_bytes(b"new")
    lock = atomic._lock

    def lock_late(file, *, wait):
        if not wait:
            os.replace(tmp_path / "new", path)
        lock(file, wait=wait)

    monkeypatch.setattr(atomic, "_lock", lock_late)
    write_state(tmp_path / "a", 1)
    assert path.read_bytes() == b"new"


def test_a_file_that_was_taken_for_abandoned_is_made_again(tmp_path, monkeypatch):
    """Between making a file and locking it, another writer may remove it."""
    lock, taken = atomic._lock, []

    def lock_late(file, *, wait):
        if not taken:
            taken.extend(tmp_path.glob(".a.*.saving"))
            taken[0].unlink()
        lock(file, wait=wait)

    monkeypatch.setattr(atomic, "_lock", lock_late)
    write_state(tmp_path / "a", 1)
    assert len(taken) == 1
    assert read_state(tmp_path / "a") == 1
    assert [x.name for x in tmp_path.iterdir()] == ["a"]


class Interruption(BaseException):
    """As KeyboardInterrupt: no Exception."""


@pytest.mark.parametrize("call", ["write", "fsync", "link", "replace"])
@pytest.mark.parametrize("kind", [OSError, Interruption])
def test_a_failure_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, call, kind):
    path = tmp_path / "a"
    write_state(path, state(0))
    write_state(path, state(1))

    def fail(*args):
        raise kind(errno.EIO, "Input/output error")

    monkeypatch.setattr(atomic.os, call, fail)
    if call == "link":  # a copy is made in its place
        monkeypatch.setattr(atomic.shutil, "copyfile", fail)
    with pytest.raises(CheckpointError if kind is OSError else kind) as caught:
        write_state(path, state(2))
    monkeypatch.undo()
    if kind is OSError:
        assert "Input/output error" in str(caught.value)
        assert caught.value.errno == errno.EIO
    assert equal(read_state(path), state(1))
    assert equal(read_state(previous_path(path)), state(0))
    assert sorted(x.name for x in tmp_path.iterdir()) == ["a", "a.previous"]


def test_failures_after_the_new_file_is_in_place_say_so(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_state(path, state(0))
    (tmp_path / "a.previous").mkdir()
    with pytest.raises(CheckpointError, match=r"a was saved, but then: Is a directory"):
        write_state(path, state(1))
    assert equal(read_state(path), state(1))
    assert sorted(x.name for x in tmp_path.iterdir()) == ["a", "a.previous"]

    flush, calls = os.fsync, []

    def fail_on_folders(file):
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.EIO, "Input/output error")
        flush(file)

    monkeypatch.setattr(atomic.os, "fsync", fail_on_folders)
    with pytest.raises(CheckpointError, match=r"a was saved, but then: Input/output"):
        write_state(path, state(2), previous=False)
    assert len(calls) == 2
    assert equal(read_state(path), state(2))


@contextmanager
def file_size_limit(size):
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def unchanged(folder, reason):
    """Check that a save fails, says why, and leaves everything as it was."""
    path = folder / "a"
    with pytest.raises(CheckpointError) as caught:
        write_state(path, {**state(2), "large": np.zeros(500_000)})
    assert caught.value.errno == reason
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == reason
    assert str(path) in str(caught.value)
    assert "is as it was" in str(caught.value)
    assert equal(read_state(path), state(1))
    assert equal(read_state(previous_path(path)), state(0))
    assert sorted(x.name for x in folder.iterdir()) == ["a", "a.previous"]
    return str(caught.value)


def test_J18_the_limit_of_the_file_size(tmp_path):
    saved(tmp_path / "a", 0)
    saved(tmp_path / "a", 1)
    with file_size_limit(100_000):
        text = unchanged(tmp_path, errno.EFBIG)
    assert "needs 4 MB" in text
    assert "ulimit -f" in text


@contextmanager
def mounted(folder, *options):
    """Mount something on a folder, where the system lets us."""
    done = subprocess.run(
        ["mount", *options, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"mount is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


needs_mount = pytest.mark.skipif(
    not (sys.platform == "linux" and os.geteuid() == 0), reason="needs root to mount"
)


@needs_mount
def test_J17_a_full_disk(tmp_path):
    with mounted(tmp_path, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        saved(tmp_path / "a", 0)
        saved(tmp_path / "a", 1)
        text = unchanged(tmp_path, errno.ENOSPC)
        assert "it needs 4 MB" in text
        assert "MB are free" in text
        saved(tmp_path / "a", 3)
        assert equal(read_state(tmp_path / "a"), state(3))


@needs_mount
def test_a_read_only_disk(tmp_path):
    saved(tmp_path / "a", 0)
    saved(tmp_path / "a", 1)
    with mounted(tmp_path, "--bind", str(tmp_path)):
        remount = ["mount", "-o", "remount,bind,ro", str(tmp_path)]
        subprocess.run(remount, check=True, capture_output=True)
        unchanged(tmp_path, errno.EROFS)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_J17_a_device_that_is_full(tmp_path, monkeypatch):
    """What needs no mount: the system's own ENOSPC, from another open file."""
    saved(tmp_path / "a", 0)
    saved(tmp_path / "a", 1)
    write = os.write

    def write_to_full(file, data):
        full = os.open("/dev/full", os.O_WRONLY)
        try:
            return write(full, data)
        finally:
            os.close(full)

    monkeypatch.setattr(atomic.os, "write", write_to_full)
    assert "MB are free" in unchanged(tmp_path, errno.ENOSPC)


def test_a_read_only_folder(tmp_path, monkeypatch):
    """Root may write everywhere: the system's answer to others is given here."""
    saved(tmp_path / "a", 0)
    saved(tmp_path / "a", 1)

    def refuse(path, mode):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    tmp_path.chmod(0o555)
    if os.geteuid() == 0:
        monkeypatch.setattr(atomic, "FileIO", refuse)
    try:
        assert "Permission denied" in unchanged(tmp_path, errno.EACCES)
    finally:
        tmp_path.chmod(0o755)


def test_places_that_are_no_files(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CheckpointError, match="folder"):
        write_state(tmp_path / "folder", 1)
    assert not list((tmp_path / "folder").iterdir())
    assert "is not a file" in refused(tmp_path / "folder")
    assert "is not a file" in refused(tmp_path / "pipe")
    assert "is not a file" in refused(Path("/dev/zero"))
    assert "No such file" in refused(tmp_path / "missing")
    missing = tmp_path / "no such" / "a"
    with pytest.raises(CheckpointError, match="no such does not exist") as caught:
        write_state(missing, 1)
    assert caught.value.errno == errno.ENOENT
