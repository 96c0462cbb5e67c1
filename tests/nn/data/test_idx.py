"""idx files: what they hold, and every kind of damage."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx(array):
    array = np.asarray(array)
    header = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    lengths = struct.pack(f">{array.ndim}I", *array.shape)
    return header + lengths + array.astype(array.dtype.newbyteorder(">")).tobytes()


def header(*shape, code=8):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


@pytest.fixture
def read(tmp_path):
    def read_bytes(content):
        path = tmp_path / "data"
        path.write_bytes(content)
        return nn.read_idx(path)

    return read_bytes


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("dtype", CODES)
def test_arrays_come_back(read, dtype, compress):
    array = (np.arange(24) - 5).astype(dtype).reshape(2, 3, 4)
    found = read(compress(idx(array)))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == np.dtype(dtype)
    assert found.dtype.isnative
    assert found.flags.writeable


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_axis_may_be_empty(read, compress):
    assert read(compress(idx(IMAGES[:0]))).shape == (0, 3, 4)


def test_compression_is_seen_from_the_content(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(idx(IMAGES))
    np.testing.assert_array_equal(nn.read_idx(str(path)), IMAGES)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no idx file.*with nothing"),
        (b"\0\0\x08", "no idx file"),
        (b"\x89PNG and more", "no idx file.*89 50 4e 47"),
        (header(2, code=10), "no idx file"),
        (b"\0\0\x08\0\x05", "claims 0 axes"),
        (b"\0\0\x08\xff" + bytes(1020), "claims 255 axes"),
        (header(2, 3, 4)[:-1], "truncated in its header of 3 axes"),
        (idx(IMAGES)[:-1], r"truncated: uint8 \(2, 3, 4\)"),
        (idx(IMAGES) + b"\0", r"bytes left over"),
        (header(0, 2**32 - 1, 2**32 - 1, 2**32 - 1), "which no array can have"),
    ],
)
def test_damage(read, content, message, compress):
    with pytest.raises(ValueError, match=message) as caught:
        read(compress(content))
    assert caught.type is ValueError
    assert "data: " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header(2**31, 2**20), "truncated: .* needs 2,251,799,813,685,260 bytes"),
        (gzip.compress(header(2**31, 2**20)), "compressed bytes cannot hold"),
    ],
    ids=["plain", "gzip"],
)
def test_absurd_sizes_reserve_no_memory(read, content, message):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message):
            read(content)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_bomb_is_not_opened(read):
    """Noise fills the file until its claim could be true, and is still absurd."""
    noise = np.random.default_rng(0).bytes(2**22)
    with pytest.raises(ValueError, match="it claims 3,221,225,472 bytes"):
        read(gzip.compress(header(3 * 2**30) + noise, compresslevel=0))


def test_damage_of_gzip(read):
    whole = gzip.compress(idx(IMAGES))
    wrong_sum = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    for content in (whole[:-9], whole[:-4], whole[:12], wrong_sum, whole + b"rest"):
        with pytest.raises(ValueError, match="data: ") as caught:
            read(content)
        assert caught.type is ValueError


@given(st.data())
def test_a_changed_byte_of_gzip_is_never_a_changed_pixel(tmp_path_factory, data):
    content = bytearray(gzip.compress(idx(IMAGES)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("idx") / "data"
    path.write_bytes(content)
    try:
        found = nn.read_idx(path)
    except ValueError:
        return
    np.testing.assert_array_equal(found, IMAGES)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_truncation_is_noticed(read, compress):
    content = compress(idx(IMAGES))
    for length in range(len(content)):
        with pytest.raises(ValueError, match="data: "):
            read(content[:length])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.read_idx(tmp_path / "missing")
