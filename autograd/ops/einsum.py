"""Einstein summation: any product of arrays, summed over any indices."""

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import operand
from autograd.primitive import composed, primitive

__all__ = ["einsum"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_S = np.array([[0.5, -1.5, 2.0], [1.1, 0.7, -0.3], [0.2, -0.9, 1.4]])
_C = np.arange(12.0).reshape(2, 3, 2) % 5 - 1.7


def _lengths(terms: Sequence[str], operands: Sequence[Any]) -> dict[str, int]:
    """Return the length of each index; operands of length 1 broadcast."""
    lengths: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            lengths[letter] = n if lengths.get(letter, 1) == 1 else lengths[letter]
    return lengths


def _einsum_rule(
    i: int, g: Any, out: Any, *operands: Any, subscripts: str, optimize: Any
) -> Any:
    """Contract the cotangent with the other operands.

    An index that no other has, at its full length, was summed away: a vector of ones
    brings it back.
    An index that this operand has twice was read on a diagonal: an identity matrix puts
    the gradient there.
    """
    inputs, result = subscripts.split("->")
    terms = inputs.split(",")
    lengths = _lengths(terms, operands)
    others = [k for k in range(len(operands)) if k != i]
    factors = [g, *(operands[k] for k in others)]
    letters = [result, *(terms[k] for k in others)]
    present = _lengths(letters, factors)
    fresh = iter(letter for letter in ascii_letters if letter not in subscripts)
    wanted = ""
    for letter in terms[i]:
        if letter in wanted:
            twin = next(fresh)
            factors.append(np.eye(lengths[letter], dtype=g.dtype))
            letters.append(letter + twin)
            wanted += twin
            continue
        if present.get(letter) != lengths[letter]:
            factors.append(np.ones(lengths[letter], dtype=g.dtype))
            letters.append(letter)
        wanted += letter
    optimize = optimize or len(factors) > 2
    return np.einsum(f"{','.join(letters)}->{wanted}", *factors, optimize=optimize)


@primitive(
    symbol="einsum",
    latex=r"\operatorname{{einsum}}({inputs})",
    vjps=(_einsum_rule,),
    sequence=True,
    broadcasts=True,
    numpy=(),
    method=False,
    samples=[
        ([_A, _S], "ij,jk->ik", False),
        ([_A[:, :1], _S], "ij,jk->ik", False),  # an axis of length 1 is broadcast
        ([_S], "ii->i", False),
        ([_S], "ii->", False),
        ([_A], "ij->", False),
        ([_S], "ij->ji", False),
        ([_A[0], _A[1]], "i,j->", False),
        ([_A, _S, _C], "ij,jj,ijk->ki", True),
    ],
)
def _einsum(operands: Any, subscripts: str, optimize: Any) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


@composed(numpy=(np.einsum,), method=False)
def einsum(*operands: Any, optimize: Any = False) -> Any:
    """Multiply arrays and sum over indices: ``einsum("ij,jk->ik", a, b)`` is ``a @ b``.

    Parameters
    ----------
    *operands : str and Tensor
        The subscripts, then one array for each of their terms; or arrays and lists of
        axis numbers in turn, as NumPy has it.  An index that is repeated within a term
        reads a diagonal; one that the result leaves out is summed over; ``...`` stands
        for the axes without a letter.
    optimize : bool or str, default False
        NumPy's: whether an order of multiplication is chosen that is cheap.

    Raises
    ------
    ShapeError
        If the terms do not match the arrays.

    Notes
    -----
    Formula: the gradient of an operand is the einsum of the incoming gradient with all
    the other operands, over the indices that this operand does not have.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> S = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> trace = np.einsum("ii->", S)
    >>> trace.backward()
    >>> S.grad
    array([[1., 0.],
           [0., 1.]])
    """
    if operands and not isinstance(operands[0], str):
        operands = _from_axis_lists(operands)
    subscripts, arrays = (
        operands[0].replace(" ", ""),
        [operand(x) for x in operands[1:]],
    )
    return _einsum(arrays, _explicit(subscripts, arrays), optimize)


def _from_axis_lists(operands: Sequence[Any]) -> tuple[Any, ...]:
    """Turn ``a, [0, 1], b, [1, 2], [0, 2]`` into ``"AB,BC->AC", a, b``."""
    count = len(operands) // 2
    terms = [_letters(axes) for axes in operands[1::2]]
    subscripts = ",".join(terms[:count])
    if len(operands) % 2:
        subscripts += "->" + _letters(operands[-1])
    return subscripts, *operands[: 2 * count : 2]


def _letters(axes: Any) -> str:
    return "".join("..." if k is Ellipsis else ascii_letters[k] for k in axes)


def _explicit(subscripts: str, arrays: Sequence[Any]) -> str:
    """Write the subscripts with a letter for every axis, and with the result."""
    inputs, arrow, result = subscripts.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(arrays):
        raise ShapeError(
            f"einsum: {subscripts!r} has {len(terms)} terms, but there are "
            f"{len(arrays)} arrays. Write one term for each array."
        )
    spare = [letter for letter in ascii_letters if letter not in subscripts]
    longest = ""
    for k, (term, x) in enumerate(zip(terms, arrays, strict=True)):
        named = len(term.replace("...", ""))
        if named > x.ndim or (named < x.ndim and "..." not in term):
            raise ShapeError(
                f"einsum: term {term!r} of {subscripts!r} has {named} indices, but "
                f"array {k} has shape {x.shape}. Write one letter for each axis, or "
                f"'...'."
            )
        unnamed = "".join(spare[: x.ndim - named][::-1])  # aligned at the right
        longest = max(longest, unnamed, key=len)
        terms[k] = term.replace("...", unnamed)
    if arrow:
        result = result.replace("...", longest)
    else:
        letters = inputs.replace("...", "").replace(",", "")
        result = longest + "".join(sorted(c for c in letters if letters.count(c) == 1))
    return f"{','.join(terms)}->{result}"
