"""`write_state` and `read_state`: what goes in comes out, to the bit and the type."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograd import CheckpointError, DTypeError, Tensor
from nn.saving import read_state, write_state


def same(a, b):
    """Return whether two states are equal, also in types, NaN and signs of 0."""
    if isinstance(a, np.ndarray):
        return (
            type(b) is np.ndarray
            and a.dtype.newbyteorder("=") == b.dtype
            and a.shape == b.shape
            and a.astype(b.dtype).tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float | np.floating):
        return repr(a) == repr(b)
    return a == b


def round_trip(state, path):
    write_state(path, state)
    return read_state(path)


DTYPES = [*"?bhiqBHIQefd", ">f8", ">f4", ">i4", ">u2"]
SHAPES = [(), (1,), (3,), (0,), (2, 0, 3), (2, 3), (1, 2, 1, 2)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_every_dtype_and_shape(tmp_path, dtype):
    state = {}
    for shape in SHAPES:
        count = math.prod(shape)
        state[str(shape)] = np.arange(count).reshape(shape).astype(dtype)
    back = round_trip(state, tmp_path / "a")
    assert same(state, back)
    assert all(array.dtype.isnative for array in back.values())
    for array in back.values():
        array[...] = 1  # it can be written to


@pytest.mark.parametrize(
    "view",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.arange(12.0)[::-2],
        np.broadcast_to(np.float32(3.0), (2, 3)),
        np.frombuffer(b"xyz" + bytes(range(16)), np.uint8)[3:].view(">i4"),
        np.array([np.nan, -0.0, np.inf, 5e-324]),
        np.array(7, ">i2"),
    ],
    ids=["transposed", "fortran", "backwards", "broadcast", "offset", "special", "0-d"],
)
def test_arrays_that_are_not_plain_memory(tmp_path, view):
    before = view.copy()
    assert same({"x": before}, round_trip({"x": view}, tmp_path / "a"))
    assert before.tobytes() == view.tobytes()  # it was not changed


VALUES: dict[str, Any] = {
    "none": None,
    "true": True,
    "one": 1,
    "one as a float": 1.0,
    "minus zero": -0.0,
    "nan": math.nan,
    "infinities": [math.inf, -math.inf],
    "smallest": 5e-324,
    "beyond float64": 2**53 + 1,
    "128 bits": -(2**127) + 3,
    "10000 digits": 10**10_000 + 7,
    "tuple": (0.9, (0.999, []), ()),
    "scalars": [np.float64(0.1), np.float32(0.1), np.float16(0.1), np.float32("nan")],
    "integers": [np.int64(-(2**63)), np.uint64(2**64 - 1), np.int8(-1), np.bool_(True)],
    "empty": [{}, [], ""],
    "text": '\x00\n"\\ \N{GREEK SMALL LETTER ALPHA} \U0001f600 \ud800',
}


@pytest.mark.parametrize("name", VALUES)
def test_values(tmp_path, name):
    value = VALUES[name]
    assert same(value, round_trip(value, tmp_path / "a"))
    assert same({"a": [value]}, round_trip({"a": [value]}, tmp_path / "a"))


KEYS = [
    *(
        "",
        ".",
        "a.b",
        "__metadata__",
        "$array",
        "$",
        "chalkgrad",
        "sha256",
        "'",
        "\x00",
    ),
    *("\n", '"', "\\", "\ud800", "\U0001f600", " ", "x" * 1000, "../../etc/passwd"),
]


def test_keys_may_be_any_text(tmp_path):
    state = {key: {"x": np.full(2, k), key: k} for k, key in enumerate(KEYS)}
    assert same(state, round_trip(state, tmp_path / "a"))
    flat = {key: np.full(2, k) for k, key in enumerate(KEYS)}
    assert same(flat, round_trip(flat, tmp_path / "a"))


def test_paths_that_look_alike_are_two_arrays(tmp_path):
    state = {"a.b": np.zeros(1), "a": {"b": np.ones(1), "b'": np.full(1, 2.0)}}
    assert same(state, round_trip(state, tmp_path / "a"))


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_states_of_bit_generators(tmp_path, kind):
    rng = np.random.Generator(getattr(np.random, kind)(3))
    rng.standard_normal(7)
    state = rng.bit_generator.state
    again = np.random.Generator(getattr(np.random, kind)(4))
    again.bit_generator.state = round_trip(state, tmp_path / "a")
    assert np.array_equal(again.integers(2**63, size=9), rng.integers(2**63, size=9))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | arrays.arrays(st.sampled_from(["f8", "f4", "i8", "?", ">u2"]), SHAPES[4])
    | arrays.arrays(
        st.sampled_from(["f8", "f2", "u1"]), arrays.array_shapes(min_dims=0)
    )
)
STATES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("states")


@given(state=STATES)
def test_any_state(folder, state):
    assert same(state, round_trip(state, folder / "any"))


class Fraction(float):
    """A number that is more than its value."""


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (np.zeros(2, complex), ["complex128", "real and the imaginary part"]),
        (np.zeros(2, np.longdouble), ["ndarray of dtype"]),
        (np.zeros(2, object), ["object"]),
        (np.array(["a"]), ["ndarray of dtype <U1"]),
        (np.zeros(2, "datetime64[s]"), ["datetime64"]),
        (np.zeros(2, [("a", float)]), ["ndarray"]),
        (np.ma.masked_array([1.0], [True]), ["MaskedArray", "np.asarray"]),
        (np.complex64(1), ["complex64"]),
        (np.str_("a"), ["str_"]),
        (Tensor([1.0]), ["Tensor", ".data"]),
        ({1, 2}, ["set"]),
        (b"ab", ["bytes"]),
        (1j, ["complex"]),
        (Fraction(1), ["Fraction"]),
        (print, ["builtin_function_or_method"]),
        ({1: 2}, ["the key 1", "str(key)"]),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_what_has_no_file_form_is_refused_and_nothing_changes(tmp_path, value, parts):
    path = tmp_path / "a"
    write_state(path, 1)
    with pytest.raises(DTypeError) as caught:
        write_state(path, {"model": [0, value]})
    for part in ["state['model'][", *parts]:
        assert part in str(caught.value)
    assert read_state(path) == 1
    assert [x.name for x in tmp_path.iterdir()] == ["a"]


def test_the_same_state_gives_the_same_bytes(tmp_path):
    state = {"b": np.arange(3.0), "a": np.zeros((2, 2), "f4"), "c": {"x": np.ones(1)}}
    write_state(tmp_path / "a", state)
    write_state(tmp_path / "b", state)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_is_safetensors_with_json(tmp_path):
    from safetensors.numpy import load_file

    write_state(tmp_path / "a", {"w": np.arange(3.0), "lr": math.inf, "n": 2**70})
    loaded = load_file(tmp_path / "a")
    assert list(loaded) == ["w"]
    assert loaded["w"].tolist() == [0, 1, 2]
    content = (tmp_path / "a").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    text = header["__metadata__"]["chalkgrad"].partition(" ")[2]

    def strict(constant):
        raise AssertionError(f"{constant} is no JSON")

    record = json.loads(text, parse_constant=strict)
    assert record["chalkgrad"] == 1
    assert record["state"]["n"] == {"$int": hex(2**70)}
    assert len(record["arrays"]["w"]["sha256"]) == 64


def test_a_file_of_a_later_format_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(write_state.__globals__, "_FORMAT", 2)
    write_state(tmp_path / "a", {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=r"format 2, and .* reads format 1"):
        read_state(tmp_path / "a")
