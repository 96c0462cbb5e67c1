"""Parameters: the tensors that a module owns and training changes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Tensor

__all__ = ["Parameter", "float_dtype", "require_rng", "uniform_parameter"]


def Parameter(
    data: npt.ArrayLike,
    requires_grad: bool = True,
    *,
    dtype: npt.DTypeLike = np.float32,
    name: str | None = None,
) -> Tensor:
    """Return a tensor of the dtype that parameters have by default.

    A parameter is nothing but a leaf `Tensor` that was assigned to an attribute of a
    module; this function only differs from ``Tensor(data)`` in its default dtype.

    Parameters
    ----------
    data : array_like
        The initial value; it is copied.
    requires_grad : bool, default True
        Whether it is trained.  To make a parameter that is not, pass it to
        `Module.register_parameter`, or call ``requires_grad_(False)`` after assigning.
    dtype : dtype, default float32
        A floating-point dtype; float64 for lessons, where differences are taken.
    name : str, optional
        By default the module names it with its path, such as ``fc1.weight``.

    Raises
    ------
    DTypeError
        If ``dtype`` is not floating point.

    Examples
    --------
    >>> from nn import Parameter
    >>> Parameter([1.0, 2.0])
    Tensor([1., 2.], dtype=float32)
    """
    return Tensor(data, requires_grad, dtype=float_dtype("Parameter", dtype), name=name)


def float_dtype(owner: str, dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Return a dtype after checking that parameters can have it."""
    checked = np.dtype(dtype)
    if checked.kind != "f":
        raise DTypeError(
            f"{owner}: dtype must be floating point, got {checked}. "
            f"Write dtype=np.float32 or dtype=np.float64."
        )
    return checked


def require_rng(owner: str, rng: np.random.Generator | None) -> np.random.Generator:
    """Return the generator of random numbers, or say how to make one.

    A seed is refused: two layers of one shape with equal seeds would start equal.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{owner}: it needs random numbers, but got rng={rng!r}. Write "
            f"rng = numpy.random.default_rng(0) once, and pass rng=rng to every layer."
        )
    return rng


def uniform_parameter(
    shape: tuple[int, ...],
    bound: float,
    rng: np.random.Generator,
    dtype: npt.DTypeLike,
) -> Tensor:
    """Return a parameter drawn from U(-bound, bound), PyTorch's default for layers."""
    return Parameter(rng.uniform(-bound, bound, shape), dtype=dtype)
