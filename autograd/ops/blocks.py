"""Elementwise formulas run block by block, so that their temporaries stay in the cache.

A formula of ten NumPy calls writes ten temporary arrays.  On a large array each of them
travels to memory and back, which costs more than the arithmetic; on blocks of a few
thousand elements they do not (measured for gelu: 1.9 times as fast at 10^6 elements).
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.primitive import Fused

__all__: list[str] = []  # for the files beside this one only

_BLOCK = 16384  # elements: a float64 temporary takes 128 KiB


def blockwise(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Run an elementwise formula of one array block by block where that array is large.

    Parameters
    ----------
    formula : callable
        ``formula(x)`` returns an array of the shape and dtype of ``x``, or a tuple of
        such arrays.  Each element depends on the matching element only.
    """

    @functools.wraps(formula)
    def run(x: Any) -> Any:
        if x.__class__ is not np.ndarray or x.size <= _BLOCK or x.dtype.kind != "f":
            return formula(x)
        order: Any = "F" if x.flags.fnc else "C"
        flat = x.reshape(-1, order=order)
        first = formula(flat[:_BLOCK])
        parts = first if isinstance(first, tuple) else (first,)
        wholes = [np.empty(flat.shape, part.dtype) for part in parts]
        for start in range(0, flat.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            if start:
                parts = formula(flat[block])
                parts = parts if isinstance(parts, tuple) else (parts,)
            for whole, part in zip(wholes, parts, strict=True):
                whole[block] = part
        shaped = tuple(whole.reshape(x.shape, order=order) for whole in wholes)
        return shaped if isinstance(first, tuple) else shaped[0]

    return run


def with_slope(formula: Callable[..., Any]) -> Fused:
    """Make a fused implementation of a formula that gives the value and its derivative.

    The forward pass computes both, because they share most of their work; the backward
    pass is then one product.

    Parameters
    ----------
    formula : callable
        ``formula(x) -> (value, derivative)``, elementwise, of an array that is not 0-d.
    """
    run = blockwise(formula)

    def forward(x: Any) -> tuple[Any, Any]:
        if x.ndim:
            return run(x)  # type: ignore[no-any-return]
        value, slope = formula(x.reshape(1))
        return value[0], slope[0]

    def backward(
        g: Any, out: Any, slope: Any, needs: Sequence[bool], x: Any
    ) -> tuple[Any]:
        return (g * slope,)

    return Fused(forward, backward)
