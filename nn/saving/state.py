"""One safetensors file for a whole state, with a digest of every part.

The header of a safetensors file has room for texts beside the arrays.  There the state
is written under the key ``chalkgrad``: the SHA-256 of the JSON that follows it, and::

    {"chalkgrad": 1, "arrays": {name: {"dtype", "shape", "sha256"}}, "state": ...}

It is one text because safetensors writes several in any order, and the same state shall
give the same bytes.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from autograd import CheckpointError
from nn.saving.atomic import previous_path, write_atomically
from nn.saving.encoding import decode, encode

__all__ = [
    "Arrays",
    "Path",
    "arrays_in",
    "read_checked",
    "read_state",
    "state_in",
    "write_state",
]

Arrays = dict[str, npt.NDArray[Any]]
Result = TypeVar("Result")
Path = str | os.PathLike[str]

_KEY = "chalkgrad"
_FORMAT = 1
_LONGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors format


def write_state(path: Path, state: Any, *, previous: bool = True) -> None:
    """Write a nested state into one file, all of it or nothing.

    Parameters
    ----------
    path : str or path
        The file; ``.safetensors`` is the usual ending.
    state : dict, list, tuple, str, int, float, bool, None, ndarray or NumPy scalar
        Containers may be nested; the keys of dicts are strings.
    previous : bool, default True
        Whether to keep the file that is replaced, as ``NAME.previous``.

    Raises
    ------
    DTypeError
        If the state holds anything else; the message says where.
    CheckpointError
        If the file cannot be written, as on a full disk.  The file that was there
        before is untouched.

    Notes
    -----
    The file is in safetensors format, which holds numbers and texts and nothing that
    could be executed.  It is written under another name, flushed to the disk and then
    renamed, so that ``path`` leads to a complete file at any moment, also if the
    process is killed or the power fails.  Of several writers the last one wins.

    Arrays may be boolean, integer or float16 to float64; big-endian ones are converted.

    Examples
    --------
    >>> import nn, numpy as np, tempfile
    >>> state = {"epoch": 3, "weights": {"w": np.arange(3.0)}, "betas": (0.9, 0.999)}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.saving.write_state(folder + "/run.safetensors", state)
    ...     nn.saving.read_state(folder + "/run.safetensors")
    {'epoch': 3, 'weights': {'w': array([0., 1., 2.])}, 'betas': (0.9, 0.999)}
    """
    import safetensors.numpy

    tree, arrays = encode(state)
    record = {
        _KEY: _FORMAT,
        "arrays": {name: _fingerprint(array) for name, array in arrays.items()},
        "state": tree,
    }
    text = json.dumps(record, allow_nan=False, separators=(",", ":"))
    metadata = {_KEY: f"{_digest(text.encode())} {text}"}
    content = safetensors.numpy.save(arrays, metadata)
    write_atomically(os.fspath(path), content, previous=previous)


def read_state(path: Path) -> Any:
    """Read what `write_state` wrote, after checking every digest.

    Returns
    -------
    dict, list, tuple, str, int, float, bool, None, ndarray or NumPy scalar
        A state that is equal to the written one; its arrays can be written to.

    Raises
    ------
    CheckpointError
        If the file cannot be read, is damaged anywhere or is no such file.  The message
        says whether the previous one is intact.
    """
    return read_checked(path, state_in)


def read_checked(path: Path, read: Callable[[str], Result]) -> Result:
    """Return what a function reads from a file; whatever goes wrong is one error.

    Raises
    ------
    CheckpointError
        If ``read`` fails.  The message says whether it can read the previous file.
    """
    import safetensors

    name = os.fspath(path)
    try:
        return read(name)
    except (safetensors.SafetensorError, *_DAMAGE) as error:
        intact = ""
        with contextlib.suppress(safetensors.SafetensorError, *_DAMAGE):
            read(previous_path(name))
            intact = f" The previous checkpoint is intact: {previous_path(name)}"
        explained = CheckpointError(f"{name}: {_reason(error)}.{intact}")
        explained.errno = getattr(error, "errno", None)
        raise explained from error


# What reading a file raises that is damaged or is something else altogether.
_DAMAGE = (
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def _reason(error: Exception) -> str:
    if isinstance(error, CheckpointError):
        return str(error)
    if isinstance(error, MemoryError):
        return "it does not fit into the memory"
    if isinstance(error, OSError):
        return f"it cannot be read: {error.strerror or error}"
    return f"it is damaged, or no file of this kind ({type(error).__name__}: {error})"


def state_in(name: str) -> Any:
    """Read a state; damage is an error of any kind, which `read_checked` explains."""
    arrays, record = arrays_in(name)
    if record is None:
        raise CheckpointError(
            "it is a safetensors file of another program, which holds no state; its "
            "weights can be read with nn.load_weights"
        )
    return decode(record["state"], arrays)


def arrays_in(name: str) -> tuple[Arrays, dict[str, Any] | None]:
    """Read arrays, and what `write_state` noted: None in files of other programs."""
    metadata, arrays = _read_file(name)
    written = metadata.get(_KEY)
    if written is None:
        texts = [*metadata, *metadata.values()]
        if any(ours in text for ours in (_KEY, "sha256") for text in texts):
            raise CheckpointError("its header is damaged")
        return arrays, None
    record = _checked_record(written)
    _check_arrays(arrays, record["arrays"])
    return arrays, record


def _read_file(name: str) -> tuple[dict[str, str], Arrays]:
    """Return metadata and arrays of a safetensors file."""
    import safetensors

    if os.path.exists(name) and not os.path.isfile(name):
        raise CheckpointError("it is not a file")  # reading a pipe might never end
    with open(name, "rb") as file:
        metadata = _read_metadata(file, os.fstat(file.fileno()).st_size)
        file.seek(0)
        views = safetensors.deserialize(file.read())  # type: ignore[no-untyped-call]
    return metadata, {key: _array(key, view) for key, view in views}


def _read_metadata(file: BinaryIO, size: int) -> dict[str, str]:
    """Return the texts in the header, once its claims are known to fit the file."""
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
        raise CheckpointError(
            f"it is no intact safetensors file: a header of {length} bytes, {size} "
            f"bytes in all"
        )
    header = json.loads(file.read(length))
    metadata: dict[str, str] = header.pop("__metadata__", {})
    ends = [entry["data_offsets"][1] for entry in header.values()]
    declared = 8 + length + max(ends, default=0)
    if declared != size:
        raise CheckpointError(
            f"it should have {declared} bytes and has {size}: it was cut off or changed"
        )
    return metadata


def _array(name: str, view: dict[str, Any]) -> npt.NDArray[Any]:
    dtype = _DTYPES.get(view["dtype"])
    if dtype is None:
        raise CheckpointError(
            f"{name!r} has dtype {view['dtype']}, which NumPy does not know; convert "
            f"it before saving, in PyTorch with .float()"
        )
    return np.frombuffer(view["data"], dtype).reshape(view["shape"])


_DTYPES = {
    "BOOL": np.dtype(np.bool_),
    **{f"I{8 * n}": np.dtype(f"<i{n}") for n in (1, 2, 4, 8)},
    **{f"U{8 * n}": np.dtype(f"<u{n}") for n in (1, 2, 4, 8)},
    **{f"F{8 * n}": np.dtype(f"<f{n}") for n in (2, 4, 8)},
}


def _checked_record(written: str) -> dict[str, Any]:
    digest, _, text = written.partition(" ")
    if _digest(text.encode("utf-8", "surrogatepass")) != digest:
        raise CheckpointError("its header does not match its SHA-256")
    record: dict[str, Any] = json.loads(text)
    if record[_KEY] != _FORMAT:
        raise CheckpointError(
            f"it has format {record[_KEY]}, and this version of chalkgrad reads format "
            f"{_FORMAT}"
        )
    return record


def _check_arrays(arrays: Arrays, expected: dict[str, Any]) -> None:
    if arrays.keys() != expected.keys():
        raise CheckpointError("its header does not list the arrays that it holds")
    for name, array in arrays.items():
        if _fingerprint(array) != expected[name]:
            raise CheckpointError(
                f"{name!r} does not match its SHA-256: it was damaged after saving"
            )


def _fingerprint(array: npt.NDArray[Any]) -> dict[str, Any]:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "sha256": _digest(little.reshape(-1).view(np.uint8)),
    }


def _digest(data: Any) -> str:
    return hashlib.sha256(data).hexdigest()
