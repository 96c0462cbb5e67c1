"""NumPy functions that have no gradient here: computed on the values, or refused.

A function in `PLAIN` gives booleans, positions, shapes or text; there is nothing to
differentiate, so it is computed on the values.  A function in `REFUSED` would lose a
gradient, or makes no sense on tensors; it raises, and says what to write instead.
``docs/numpy_coverage.md`` is made from these tables by `autograd.numpy_coverage`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["PLAIN", "REFUSED", "is_plain", "numpy_name", "refusal"]

PLAIN: set[Callable[..., Any]] = {
    # comparisons and tests: booleans
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.isfinite, np.isinf, np.isnan, np.isnat, np.signbit, np.isneginf, np.isposinf,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.all, np.any,
    np.allclose, np.isclose, np.array_equal, np.array_equiv, np.isin,
    np.iscomplex, np.iscomplexobj, np.isreal, np.isrealobj,
    # positions and counts: integers
    np.argmax, np.argmin, np.argsort, np.argpartition, np.argwhere, np.nonzero,
    np.flatnonzero, np.count_nonzero, np.searchsorted, np.nanargmax, np.nanargmin,
    np.digitize, np.lexsort, np.ix_, np.unravel_index,
    np.ravel_multi_index, np.diag_indices_from, np.tril_indices_from,
    np.triu_indices_from, np.linalg.matrix_rank,
    # operations on whole numbers
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_count, np.invert,
    np.left_shift, np.right_shift, np.gcd, np.lcm, np.packbits, np.unpackbits,
    # shapes, dtypes, memory
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type,
    np.min_scalar_type, np.einsum_path, np.shares_memory, np.may_share_memory,
    # text and files
    np.array_repr, np.array_str, np.array2string, np.save, np.savetxt, np.savez,
    np.savez_compressed,
    # new arrays that only look at shape and dtype
    np.zeros_like, np.ones_like, np.empty_like,
}  # fmt: skip

# Universal functions without a public name, and those of strings.
_PLAIN_UFUNCS = {
    "_ones_like", "_center", "_expandtabs", "_expandtabs_length", "_ljust",
    "_lstrip_chars", "_lstrip_whitespace", "_partition", "_partition_index", "_replace",
    "_rjust", "_rpartition", "_rpartition_index", "_rstrip_chars", "_rstrip_whitespace",
    "_slice", "_strip_chars", "_strip_whitespace", "_zfill", "count", "endswith",
    "find", "index", "isalnum", "isalpha", "isdecimal", "isdigit", "islower",
    "isnumeric", "isspace", "istitle", "isupper", "rfind", "rindex", "startswith",
    "str_len",
}  # fmt: skip
_PLAIN_MODULES = ("numpy.char", "numpy.strings")

_COMPLEX = "its results are complex numbers, which tensors do not hold"
_DATES = "tensors do not hold dates"
_IN_PLACE = "it writes into an existing array; write np.where(mask, values, x)"
_LIKE = "like= a tensor is not supported; drop it, and wrap the result in Tensor"
_SETS = "it loses track of where the values came from; write x[positions], with {}"
_POLYNOMIAL = (
    "write it with the coefficients: x[:-1], np.append, np.convolve, np.polyval"
)

REFUSED: dict[str, str] = {
    "ufunc clip": "write np.clip",
    "ufunc nextafter": "it has no derivative rule: it counts in bits",
    "ufunc spacing": "it has no derivative rule: it counts in bits",
    **dict.fromkeys(
        (
            "np.angle",
            "np.imag",
            "np.sort_complex",
            "np.linalg.eig",
            "np.linalg.eigvals",
        ),
        _COMPLEX,
    ),
    "np.real": "tensors are real; drop it",
    "np.real_if_close": "tensors are real; drop it",
    **dict.fromkeys(
        (
            "np.busday_count",
            "np.busday_offset",
            "np.datetime_as_string",
            "np.is_busday",
        ),
        _DATES,
    ),
    **dict.fromkeys(
        (
            *("np.copyto", "np.fill_diagonal", "np.place", "np.put"),
            *("np.put_along_axis", "np.putmask"),
        ),
        _IN_PLACE,
    ),
    **dict.fromkeys(
        (
            *("np.arange", "np.array", "np.asanyarray", "np.asarray"),
            *("np.ascontiguousarray", "np.asfortranarray", "np.empty", "np.eye"),
            *("np.frombuffer", "np.fromfile", "np.fromfunction", "np.fromiter"),
            *("np.fromstring", "np.full", "np.genfromtxt", "np.identity"),
            *("np.loadtxt", "np.ones", "np.require", "np.tri", "np.zeros"),
        ),
        _LIKE,
    ),
    **dict.fromkeys(
        (
            *("np.intersect1d", "np.setdiff1d", "np.setxor1d", "np.union1d"),
            *("np.unique", "np.unique_all", "np.unique_counts", "np.unique_inverse"),
            "np.unique_values",
        ),
        _SETS.format("the return_index of np.unique(x.data, return_index=True)"),
    ),
    **dict.fromkeys(
        (
            *("np.poly", "np.polyadd", "np.polyder", "np.polydiv", "np.polyint"),
            *("np.polymul", "np.polysub", "np.polynomial.polynomial.polygrid2d"),
            "np.polynomial.polynomial.polyval2d",
        ),
        _POLYNOMIAL,
    ),
    "np.polyfit": "write np.linalg.pinv(np.vander(x, degree + 1)) @ y",
    "np.roots": _COMPLEX,
    **dict.fromkeys(
        (
            *("np.histogram", "np.histogram2d", "np.histogram_bin_edges"),
            "np.histogramdd",
        ),
        "counts have no derivative; np.histogram(x.data) computes them",
    ),
    **dict.fromkeys(
        ("np.apply_along_axis", "np.apply_over_axes"),
        "write the function with axis=, or loop over the rows and np.stack the results",
    ),
    "np.cumulative_prod": "write np.cumprod",
    "np.cumulative_sum": "write np.cumsum",
    "np.nancumprod": "write np.cumprod(np.where(np.isnan(x), 1.0, x))",
    "np.nancumsum": "write np.cumsum(np.where(np.isnan(x), 0.0, x))",
    "np.piecewise": "write np.where or np.select",
    "np.partition": "write np.sort, which has a gradient",
    "np.geomspace": "write start * (stop / start) ** np.linspace(0, 1, num)",
    "np.logspace": "write base ** np.linspace(start, stop, num)",
    "np.trim_zeros": "write x[first:last], with the places from np.flatnonzero(x)",
    "np.unwrap": "add the multiples of 2 pi that np.unwrap(x.data) - x.data gives",
    "np.i0": "it has no derivative rule; a @primitive gives it one (see CONTRIBUTING)",
    "np.nanmedian": "write np.median(x[~np.isnan(x)])",
    "np.nanpercentile": "write np.percentile(x[~np.isnan(x)], q)",
    "np.nanquantile": "write np.quantile(x[~np.isnan(x)], q)",
    "np.linalg.lstsq": "write np.linalg.pinv(a) @ b",
    "np.fft.fftshift": "write np.roll",
    "np.fft.ifftshift": "write np.roll",
}

_REFUSED_MODULES = {
    "np.fft.": _COMPLEX + "; multiply by matrices of np.cos and np.sin",
    "np.lib.recfunctions.": "tensors hold numbers, not fields",
    "np.lib.scimath.": "outside of the domain "
    + _COMPLEX
    + "; write the function of np",
}


def numpy_name(function: Callable[..., Any]) -> str:
    """Return how a NumPy function is called: ``np.linalg.inv``, or ``ufunc add``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.numpy_without_gradient import numpy_name
    >>> numpy_name(np.linalg.inv), numpy_name(np.add)
    ('np.linalg.inv', 'ufunc add')
    """
    if isinstance(function, np.ufunc):
        return f"ufunc {function.__name__}"
    return f"{function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"


def is_plain(function: Callable[..., Any]) -> bool:
    """Return whether a function is computed on the values of tensors."""
    if function in PLAIN:
        return True
    if isinstance(function, np.ufunc):
        return function.__name__ in _PLAIN_UFUNCS
    return function.__module__ in _PLAIN_MODULES


def refusal(function: Callable[..., Any]) -> str:
    """Return why a function is refused and what to write; empty if nobody has said."""
    name = numpy_name(function)
    if name in REFUSED:
        return REFUSED[name]
    for module, reason in _REFUSED_MODULES.items():
        if name.startswith(module):
            return reason
    return ""
