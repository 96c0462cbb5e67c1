"""A nested state as JSON and named arrays, and back.

JSON has no arrays, tuples, NaN or NumPy scalars.  Each is written as an object with
one key that begins with a dollar sign::

    {"$array": "model.fc1.weight"}     the array of that name
    {"$tuple": [0.9, 0.999]}
    {"$float": "nan"}                  or "inf", "-inf"
    {"$int": "0x1fffffffffffff0"}      beyond 2**53, where other readers round
    {"$scalar": ["float32", 0.5]}      a NumPy scalar
    {"$dict": [["$key", 1]]}           a dict with a key that begins with "$"
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError

__all__ = ["decode", "encode"]

Arrays = dict[str, npt.NDArray[Any]]

_DTYPES = frozenset(
    np.dtype(kind)
    for kind in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
)
_EXACT = 2**53  # readers that hold numbers in float64 know larger integers by half


def encode(state: Any) -> tuple[Any, Arrays]:
    """Return a state as JSON values, and its arrays by name.

    Parameters
    ----------
    state : dict, list, tuple, str, int, float, bool, None, ndarray or NumPy scalar
        Containers may be nested; the keys of dicts are strings.

    Returns
    -------
    tuple of JSON value and dict of ndarray
        The arrays are named by the keys that lead to them, joined by dots; they are in
        C order and native byte order, and share memory with the state where they can.

    Raises
    ------
    DTypeError
        If the state holds anything else; the message says where.

    Examples
    --------
    >>> import numpy as np
    >>> tree, arrays = encode({"fc1.weight": np.zeros(2), "betas": (0.9, 0.999)})
    >>> tree
    {'fc1.weight': {'$array': 'fc1.weight'}, 'betas': {'$tuple': [0.9, 0.999]}}
    >>> list(arrays)
    ['fc1.weight']
    """
    arrays: Arrays = {}
    return _encoded(state, (), arrays), arrays


def decode(tree: Any, arrays: Arrays) -> Any:
    """Return the state of which `encode` made JSON values and arrays.

    Raises
    ------
    KeyError, TypeError or ValueError
        If they were not made by `encode`.

    Examples
    --------
    >>> decode({"betas": {"$tuple": [0.9, {"$float": "inf"}]}}, {})
    {'betas': (0.9, inf)}
    """
    if isinstance(tree, list):
        return [decode(item, arrays) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag = next(iter(tree), "")
    if not tag.startswith("$"):
        return {key: decode(value, arrays) for key, value in tree.items()}
    ((tag, content),) = tree.items()
    return _decoded(tag, content, arrays)


def _encoded(value: Any, path: tuple[str, ...], arrays: Arrays) -> Any:
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is int:
        return value if abs(value) <= _EXACT else {"$int": hex(value)}
    if type(value) is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if type(value) in (list, tuple):
        items = [_encoded(v, (*path, str(k)), arrays) for k, v in enumerate(value)]
        return items if type(value) is list else {"$tuple": items}
    if isinstance(value, dict):
        return _encoded_dict(value, path, arrays)
    if isinstance(value, np.generic) and value.dtype in _DTYPES:
        return {"$scalar": [value.dtype.name, _encoded(value.item(), path, arrays)]}
    if type(value) is np.ndarray and value.dtype.newbyteorder("=") in _DTYPES:
        name = _free_name(path, arrays)
        native = value.astype(value.dtype.newbyteorder("="), copy=False)
        # `ascontiguousarray` gives a 0-d array an axis.
        arrays[name] = np.ascontiguousarray(native).reshape(value.shape)
        return {"$array": name}
    raise _refusal(value, path)


def _encoded_dict(value: dict[Any, Any], path: tuple[str, ...], arrays: Arrays) -> Any:
    for key in value:
        if not isinstance(key, str):
            raise DTypeError(
                f"{_place(path)} has the key {key!r}; the keys of a saved dict must "
                f"be strings. Write str(key), or save a list of pairs."
            )
    pairs = [(str(k), _encoded(v, (*path, k), arrays)) for k, v in value.items()]
    if any(key.startswith("$") for key, _ in pairs):
        return {"$dict": [list(pair) for pair in pairs]}
    return dict(pairs)


def _decoded(tag: str, content: Any, arrays: Arrays) -> Any:
    if tag == "$array":
        return arrays[content]
    if tag == "$tuple":
        return tuple(decode(item, arrays) for item in content)
    if tag == "$dict":
        return {key: decode(value, arrays) for key, value in content}
    if tag == "$float":
        return float(content)
    if tag == "$int":
        return int(content, 16)
    if tag == "$scalar":
        dtype, number = content
        return np.dtype(dtype).type(decode(number, arrays))
    raise ValueError(f"unknown tag {tag!r}")


def _free_name(path: tuple[str, ...], arrays: Arrays) -> str:
    """Name an array by its path; two paths can look alike, as "a.b" and "a", "b" do."""
    name = ".".join(path).encode("utf-8", "backslashreplace").decode() or "array"
    while name in arrays or name == "__metadata__":  # a key of the file format itself
        name += "'"
    return name


def _place(path: tuple[str, ...]) -> str:
    return f"state{''.join(f'[{key!r}]' for key in path)}"


def _refusal(value: Any, path: tuple[str, ...]) -> DTypeError:
    dtype = f" of dtype {value.dtype}" if hasattr(value, "dtype") else ""
    kind = type(value).__name__
    cure = "Convert it to numbers, strings, lists, dicts or arrays first."
    if kind == "Tensor":
        cure = "Save its .data."
    elif isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        cure = "Write np.asarray(...)."
    elif dtype and value.dtype.kind == "c":
        cure = "Save the real and the imaginary part."
    return DTypeError(
        f"{_place(path)} is a {kind}{dtype}, which has no file form. {cure}"
    )
