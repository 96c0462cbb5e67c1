"""Rows J of the catalogue of traps: files that are hostile, or make false claims."""

import ast
import inspect
import io
import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.saving import read_state, read_weights, write_state
from tests.nn.saving.states import refused

ROOT = Path(__file__).resolve().parents[3]
READERS = [
    read_state,
    read_weights,
    nn.load,
    lambda path: nn.load_weights(nn.Identity(), path),
]


class Payload:
    """Unpickling it would leave a mark."""

    mark: str

    def __reduce__(self):
        return os.mkdir, (self.mark,)


def hostile_files(mark):
    Payload.mark = mark
    pickled = pickle.dumps(Payload())
    npy, npz, torch = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(npy, np.array([Payload()], object), allow_pickle=True)
    np.savez(npz, a=np.array([Payload()], object))
    with zipfile.ZipFile(torch, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
    length = len(pickled).to_bytes(8, "little")
    return [pickled, npy.getvalue(), npz.getvalue(), torch.getvalue(), length + pickled]


@pytest.mark.parametrize("reader", READERS)
def test_J01_a_pickle_is_refused_and_not_executed(tmp_path, reader):
    mark = tmp_path / "executed"
    for content in hostile_files(str(mark)):
        (tmp_path / "a").write_bytes(content)
        refused(tmp_path / "a", reader)
    assert not mark.exists()
    pickle.loads(hostile_files(str(mark))[0])
    assert mark.exists()  # the payload does work


def test_J02_no_switch_turns_pickle_on():
    for function in (*READERS[:3], nn.load_weights, nn.save, write_state):
        parameters = set(inspect.signature(function).parameters)
        assert parameters <= {"path", "model", "state", "previous", "strict", "cast"}


SOURCES = [
    path
    for package in ("autograd", "nn", "viz", "demos", "benchmarks")
    for path in sorted((ROOT / package).rglob("*.py"))
]


def pickling(tree):
    """Yield the lines that unpickle, or that do not say that they will not."""
    for node in ast.walk(tree):
        names = [alias.name for alias in getattr(node, "names", [])]
        names += [getattr(node, "module", None) or ""]
        if isinstance(node, ast.Import | ast.ImportFrom) and {"pickle", "dill"} & set(
            names
        ):
            yield node.lineno
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "np.load",
            "numpy.load",
        ):
            given = {k.arg: ast.unparse(k.value) for k in node.keywords}
            if given.get("allow_pickle") != "False":
                yield node.lineno


def test_J04_numpy_loads_without_pickle_everywhere():
    assert len(SOURCES) > 100
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not list(pickling(tree)), path


def test_J04_the_search_finds_what_it_should():
    bad = "import pickle\nfrom pickle import loads\nnp.load(f)\nnp.load(f, None, True)"
    assert list(pickling(ast.parse(bad))) == [1, 2, 3, 4]
    assert not list(pickling(ast.parse("np.load(f, allow_pickle=False)")))


# ---- what a header claims --------------------------------------------------------


def with_header(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="F64", shape=(2,), offsets=(0, 16)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


CLAIMS = {
    "J05 10**15 elements": with_header(entry(shape=(10**15,), offsets=(0, 8 * 10**15))),
    "J05 named": with_header(
        {"w": entry(shape=(10**15,), offsets=(0, 8 * 10**15))}, bytes(16)
    ),
    "J05 more than it has": with_header({"w": entry(shape=(10**15,))}, bytes(16)),
    "overflow": with_header({"w": entry(shape=(2**62, 4))}, bytes(16)),
    "a header of 2**63 bytes": (2**63).to_bytes(8, "little") + b"{}",
    "a header of all memory": (2**64 - 1).to_bytes(8, "little") + b"{}",
    "negative": with_header({"w": entry(offsets=(16, 0))}, bytes(16)),
    "offset -16": with_header({"w": entry(offsets=(-16, 0))}),
    "overlap": with_header({"v": entry(), "w": entry()}, bytes(16)),
    "a hole": with_header({"w": entry(offsets=(8, 24))}, bytes(24)),
    "too much data": with_header({"w": entry()}, bytes(17)),
    "offsets of text": with_header({"w": entry(offsets=("a", "b"))}, bytes(16)),
    "offsets of floats": with_header({"w": entry(offsets=(0.0, 16.0))}, bytes(16)),
    "no offsets": with_header({"w": {"dtype": "F64", "shape": [2]}}, bytes(16)),
    "infinite": with_header(
        b'{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,1e999]}}', bytes(16)
    ),
    "unknown dtype": with_header({"w": entry("X9")}, bytes(16)),
    "a list": with_header([]),
    "a number": with_header(b"17"),
    "nested": with_header(b"[" * 100_000 + b"]" * 100_000),
    "not UTF-8": with_header(b'{"\xff":1}'),
    "metadata is a list": with_header({"__metadata__": []}),
    "metadata of numbers": with_header({"__metadata__": {"a": 1}}),
    "10000 digits": with_header(b'{"w":' + b"1" * 10_000 + b"}"),
    "empty file": b"",
    "seven bytes": bytes(7),
    "zeros": bytes(1000),
    "text": b"once upon a time there was a checkpoint",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_J05_claims_are_checked_before_anything_is_allocated(tmp_path, name):
    (tmp_path / "a").write_bytes(CLAIMS[name])
    for reader in READERS:
        refused(tmp_path / "a", reader)


def test_J05_the_message_compares_the_claim_with_the_file(tmp_path):
    (tmp_path / "a").write_bytes(CLAIMS["J05 named"])
    assert "8000000000000" in refused(tmp_path / "a")


def test_J05_J08_memory_is_bounded_by_the_size_of_the_file(tmp_path):
    (tmp_path / "a").write_bytes(CLAIMS["J05 named"])
    write_state(tmp_path / "b", {"w": np.zeros(10**6)})
    tracemalloc.start()
    try:
        refused(tmp_path / "a")
        assert tracemalloc.get_traced_memory()[1] < 10**6
        read_state(tmp_path / "b")
        assert tracemalloc.get_traced_memory()[1] < 4 * 8 * 10**6
    finally:
        tracemalloc.stop()


def test_J08_what_does_not_fit_into_memory_is_the_same_error(tmp_path, monkeypatch):
    import safetensors

    def deserialize(data):
        raise MemoryError

    write_state(tmp_path / "a", 1)
    monkeypatch.setattr(safetensors, "deserialize", deserialize)
    assert "does not fit into the memory" in refused(tmp_path / "a")


def test_J08_compressed_files_are_not_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(10**6))
    refused(tmp_path / "a.npz")
