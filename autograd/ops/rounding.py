"""Rounding to whole numbers: step functions, whose derivative is 0.

Each of them keeps the graph intact: what lies behind receives zeros, not an error.
"""

from typing import Any

import numpy as np

from autograd.numpy_protocol import numpy_functions
from autograd.ops.cotangents import stopped
from autograd.ops.reducing import refuse_out
from autograd.primitive import composed, primitive
from autograd.tensor import Tensor

__all__ = ["ceil", "fix", "floor", "rint", "round", "trunc"]

_BETWEEN = np.array([[-2.7, -0.4, 0.3], [1.6, 2.2, 12.9]])


@primitive(
    symbol="⌊x⌋",
    latex=r"\left\lfloor {0} \right\rfloor",
    vjps=(lambda g, out, x: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    samples=[(_BETWEEN,)],
)
def floor(x: Any) -> Any:
    """Return the largest whole number that is not above x.

    Formula: the derivative is 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor, floor
    >>> floor(Tensor([-1.5, 1.5]))
    Tensor([-2.,  1.], op=floor)
    """
    return np.floor(x)


@primitive(
    symbol="⌈x⌉",
    latex=r"\left\lceil {0} \right\rceil",
    vjps=(lambda g, out, x: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    samples=[(_BETWEEN,)],
)
def ceil(x: Any) -> Any:
    """Return the smallest whole number that is not below x.

    Formula: the derivative is 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor, ceil
    >>> ceil(Tensor([0.5, 1.5]))
    Tensor([1., 2.], op=ceil)
    """
    return np.ceil(x)


@primitive(
    symbol="trunc",
    latex=r"\operatorname{{trunc}}({0})",
    vjps=(lambda g, out, x: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    samples=[(_BETWEEN,)],
)
def trunc(x: Any) -> Any:
    """Return x without its fractional part.

    Formula: the derivative is 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor, trunc
    >>> trunc(Tensor([-1.5, 1.5]))
    Tensor([-1.,  1.], op=trunc)
    """
    return np.trunc(x)


@composed(numpy=numpy_functions("fix"), method=False)
def fix(x: Any, out: None = None) -> Any:
    """Return x without its fractional part: another name of `trunc`.

    Formula: the derivative is 0.

    Examples
    --------
    >>> from autograd import Tensor, fix
    >>> fix(Tensor([-1.5, 1.5]))
    Tensor([-1.,  1.], op=trunc)
    """
    refuse_out("fix", out)
    return trunc(x)


@primitive(
    symbol="rint",
    latex=r"\operatorname{{rint}}({0})",
    vjps=(lambda g, out, x: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    samples=[(_BETWEEN,)],
)
def rint(x: Any) -> Any:
    """Return the nearest whole number; halves go to the even one.

    Formula: the derivative is 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor, rint
    >>> rint(Tensor([0.5, 1.5, 2.6]))
    Tensor([0., 2., 3.], op=rint)
    """
    return np.rint(x)


@primitive(
    symbol="round",
    latex=r"\operatorname{{round}}({0})",
    vjps=(lambda g, out, x, decimals: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    numpy=(),
    method=False,
    samples=[(_BETWEEN,), (_BETWEEN / 7, 2), (_BETWEEN, {"decimals": -1})],
)
def _round(x: Any, decimals: int = 0) -> Any:
    return np.round(x, decimals)


@composed(numpy=numpy_functions("round", "around", "round_"))
def round(a: Any, decimals: int = 0, out: None = None) -> Any:
    """Round to a number of decimals; halves go to the even neighbour.

    Parameters
    ----------
    a : Tensor
        Any shape.
    decimals : int, default 0
        How many digits stay behind the decimal point; negative ones count to its left.
    out : None
        Not supported on tensors.

    Notes
    -----
    Formula: the derivative is 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.234, 5.678]).round(1)
    Tensor([1.2, 5.7], op=round)
    """
    refuse_out("round", out)
    return _round(a, decimals)


setattr(Tensor, "__round__", round)  # noqa: B010  (the stubs do not know it)
