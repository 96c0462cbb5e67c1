""".npz archives: what they hold, and every kind of damage."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn

ARRAYS = {
    "X": np.arange(6.0).reshape(2, 3),
    "y": np.array([1, 0], np.int8),
    "F": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "names": np.array(["a", "bcd"]),
    "empty": np.empty((0, 3), np.float32),
    "scalar": np.array(2.5),
}


def npz(save=np.savez, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


def npy(descr, shape, data=b"", version=(1, 0)):
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}"
    text = header.encode() + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def archive(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path):
    def read_bytes(content):
        path = tmp_path / "data.npz"
        path.write_bytes(content)
        return nn.read_npz(path)

    return read_bytes


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back(read, save):
    found = read(npz(save, **ARRAYS))
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    assert found["F"].flags.f_contiguous


def test_headers_of_version_2(read):
    content = archive(("a.npy", npy("<f8", (2,), bytes(16), version=(2, 0))))
    assert read(content)["a"].tolist() == [0.0, 0.0]


class Payload:
    executed = False

    def __reduce__(self):
        return (setattr, (Payload, "executed", True))


def test_pickle_is_refused_and_not_executed(read):
    content = npz(a=np.array([Payload()], dtype=object))
    with pytest.raises(ValueError, match=r"a\.npy: dtype object.*pickle"):
        read(content)
    assert not Payload.executed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a zip file"),
        (b"text", "not a zip file"),
        (npy("<f8", (1,), bytes(8)), "not a zip file"),
        (archive(("a.txt", b"text")), "no .npz archive of one array for each name"),
        (archive(("a.npy", b"text")), "magic string"),
        (archive(("a.npy", npy("<f8", (2,), bytes(15)))), "needs 16 bytes.* has 15"),
        (archive(("a.npy", npy("<f8", (2,), bytes(17)))), "needs 16 bytes.* has 17"),
        (archive(("a.npy", npy("<f8", (-1, -2), bytes(16)))), r"\(-1, -2\)"),
        (archive(("a.npy", npy("<U0", (10**15,)))), "not plain numbers or text"),
        (archive(("a.npy", npy("<V2", (1,), bytes(2)))), "not plain numbers or text"),
        (archive(("a.npy", npy("<f8", (2,), version=(9, 9)))), "version"),
        (archive(("a.npy", npy("oops", (2,), bytes(2)))), "descr"),
        (archive(("a.npy", npy("<f8", "[", bytes(2)))), "header"),
    ],
)
def test_damage(read, content, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(content)
    assert caught.type is ValueError
    assert "data.npz: " in str(caught.value)


def test_two_arrays_of_one_name(read):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = archive(("a.npy", npy("<f8", ())), ("a.npy", npy("<f8", ())))
    with pytest.raises(ValueError, match="one array for each name"):
        read(content)


def test_absurd_sizes_reserve_no_memory(read):
    content = archive(("a.npy", npy("<f8", (10**15,), bytes(8))))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="needs 8,000,000,000,000,000 bytes"):
            read(content)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_bomb_is_not_opened(read):
    """The directory of the archive claims 4 GB, whatever the members are."""
    content = bytearray(npz(a=np.zeros(3)))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**32 - 2)
    with pytest.raises(ValueError, match="it claims 4,294,967,294 bytes"):
        read(bytes(content))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@given(data=st.data())
def test_a_changed_byte_is_never_a_changed_number(tmp_path_factory, save, data):
    content = bytearray(npz(save, X=ARRAYS["X"], y=ARRAYS["y"]))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("npz") / "data.npz"
    path.write_bytes(content)
    try:
        found = nn.read_npz(path)
    except ValueError:
        return
    np.testing.assert_equal(found, {"X": ARRAYS["X"], "y": ARRAYS["y"]})


def test_an_array_that_the_directory_hides(read):
    content = bytearray(npz(X=ARRAYS["X"], y=ARRAYS["y"]))
    comment_length = content.index(b"PK\x01\x02") + 32
    content[comment_length] = 255
    with pytest.raises(ValueError, match="leads to 1 arrays"):
        read(bytes(content))


def test_every_truncation_is_noticed(read):
    content = npz(y=ARRAYS["y"])
    for length in range(len(content)):
        with pytest.raises(ValueError, match=r"data\.npz: "):
            read(content[:length])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.read_npz(tmp_path / "missing.npz")
