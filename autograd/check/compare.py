"""`compare`: gradients derived by hand, beside those of the recorded graph."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.check.comparison import Comparison, Row
from autograd.check.conventions import find_conventions
from autograd.check.graph_order import backward_order
from autograd.check.hints import find_pattern, is_multiple
from autograd.check.names import Names, TensorNames, spelled
from autograd.check.term_sizes import TermSizes
from autograd.engine import differentiate
from autograd.errors import DTypeError, GradientError
from autograd.tensor import Tensor, describe

__all__ = ["compare"]


def compare(
    cost: Tensor, hand: Mapping[str, Any], names: Names = None, *, rtol: float = 1e-10
) -> Comparison:
    """Compare hand-derived gradients with the true ones.

    Parameters
    ----------
    cost : Tensor
        The number that was differentiated, with its graph.
    hand : dict of str to array_like
        The hand-derived gradients, under keys such as ``dZ2``, ``d_Z2``, ``gradZ2``,
        ``grad_Z2`` or ``Z2_grad`` for the tensor ``Z2``.
    names : dict or sequence of dict, optional
        The tensors by name, for example ``[parameters, cache]`` or ``locals()``; dicts
        inside are looked into.  Not needed for tensors made with ``name=``.
    rtol : float, default 1e-10
        A gradient is close if no element differs by more than this times the largest
        element of the true gradient or, where its terms cancel, times the largest sum
        of their magnitudes.  For float32 at least 1.2e-5 is allowed.

    Returns
    -------
    Comparison
        Prints as a table, is true if all is right, and has ``.rows``.

    Raises
    ------
    GradientError
        If ``cost`` is not one recorded number.
    DTypeError
        If a hand-derived gradient is not an array of numbers.
    ValueError
        If ``hand`` is empty, or a name fits two tensors.

    Notes
    -----
    The true gradients are computed here, from the graph; ``.grad`` is neither read nor
    written.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, compare
    >>> W, X = Tensor([[1.0, 2.0]]), np.array([[3.0, 1.0], [4.0, 1.0]])
    >>> Z = W @ X
    >>> cost = np.mean(Z**2)
    >>> print(compare(cost, {"dZ": 2 * Z.data, "dW": 2 * Z.data @ X.T / 2}, locals()))
    gradient  verdict     worst abs  worst rel  at      hint
    --------  ----------  ---------  ---------  ------  -----------------------------
    dZ        convention    0.0e+00    0.0e+00  [0, 0]  2 * dcost/dZ; 1/m comes later
    dW        exact         0.0e+00    0.0e+00  [0, 0]
    <BLANKLINE>
    2 of 2 gradients are right, 1 of them by a convention of scale.
    """
    arrays = _checked(cost, hand)
    order = backward_order(cost)
    known = TensorNames(order, names)
    tensors = {key: known.find(key) for key in hand}
    wanted = [tensor for tensor in tensors.values() if tensor is not None]
    judge = _Judge(cost, wanted, {n for tensor in order for n in tensor.shape}, rtol)
    judged = [
        _Judged(Row(key, "unknown", hint=known.suggest(key)))
        if tensor is None
        else judge.judge(key, arrays[key], tensor)
        for key, tensor in tensors.items()
    ]
    position: dict[Tensor | None, int] = {x: k for k, x in enumerate(order)}
    judged.sort(key=lambda item: position.get(item.tensor, len(order)))
    return Comparison(tuple(_with_conventions(judged)))


@dataclass(frozen=True)
class _Judged:
    """A row, its tensor, and how many times too big an intermediate's gradient is."""

    row: Row
    tensor: Tensor | None = None
    times: int | None = None
    scaled: Row | None = None  # measured against that many times the true gradient


def _checked(cost: Tensor, hand: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Return the hand-derived gradients as arrays, after looking at all arguments."""
    if not isinstance(cost, Tensor) or not cost.requires_grad:
        what = describe(cost) if isinstance(cost, Tensor) else type(cost).__name__
        raise GradientError(
            f"compare: the cost must be computed from tensors that require a gradient, "
            f"got {what}. Make the parameters with Tensor(...)."
        )
    if cost.size != 1:
        raise GradientError(
            f"compare: the cost must be one number, got {describe(cost)}. Reduce it "
            f"with .sum() or .mean()."
        )
    if not isinstance(hand, Mapping):
        raise TypeError(
            f"compare: hand must be a dict such as {{'dW1': dW1}}, got "
            f"{type(hand).__name__}."
        )
    if not hand:
        raise ValueError("compare: there is nothing to compare, hand is empty.")
    return {key: _as_array(key, value) for key, value in hand.items()}


def _as_array(key: str, value: Any) -> npt.NDArray[Any]:
    if not isinstance(key, str):
        raise TypeError(
            f"compare: a key must be the name of a gradient, got {key!r} of type "
            f"{type(key).__name__}."
        )
    try:
        array = np.asarray(value.data if isinstance(value, Tensor) else value)
    except ValueError as error:
        raise DTypeError(f"compare: {key} is not an array: {error}.") from error
    if array.dtype.kind not in "fiu":
        raise DTypeError(
            f"compare: {key} must be an array of numbers, got {type(value).__name__} "
            f"of dtype {array.dtype}."
        )
    return array


class _Judge:
    """The true gradients, and what a hand-derived one is measured against."""

    def __init__(
        self, cost: Tensor, wanted: list[Tensor], lengths: set[int], rtol: float
    ) -> None:
        self.cost = cost
        found = differentiate(cost, np.ones_like(cost.data)[()], wanted, record=False)
        self.gradients = dict(zip(wanted, found, strict=True))
        self.lengths = lengths
        self.rtol = rtol

    @functools.cached_property
    def term_sizes(self) -> TermSizes:
        return TermSizes(self.cost)

    def judge(self, key: str, hand: npt.NDArray[Any], tensor: Tensor) -> _Judged:
        if self.gradients[tensor] is None:
            reason = (
                "was it computed in another forward pass?"
                if tensor.requires_grad
                else "it is a constant"
            )
            hint = f"the cost does not depend on it; {reason}"
            return _Judged(Row(key, "unknown", hint=hint))
        true = np.asarray(self.gradients[tensor])
        row = _measure(key, hand, true, self.rtol)
        if row.verdict == "differs" and hand.shape == true.shape:
            row = self._beside_terms(row, hand, true, tensor)
        if row.is_right or row.hint:
            return _Judged(row, tensor)
        return self._explained(row, hand, true, tensor)

    def _beside_terms(
        self, row: Row, hand: npt.NDArray[Any], true: npt.NDArray[Any], tensor: Tensor
    ) -> Row:
        """Measure a difference once more, against the terms that the gradient adds up.

        They may cancel: then the result, small or zero, is no measure of its rounding.
        """
        size = self.term_sizes[tensor]
        allowed = _allowed(hand, true, self.rtol) * size
        terms = f"terms of size {size:.2g} cancel"
        if row.worst_absolute <= allowed:
            relative = row.worst_absolute / size
            return replace(row, verdict="close", worst_relative=relative, hint=terms)
        if size and np.max(np.abs(true)) <= allowed:
            return replace(row, hint=f"the true gradient is zero: its {terms}")
        return row

    def _explained(
        self, row: Row, hand: npt.NDArray[Any], true: npt.NDArray[Any], tensor: Tensor
    ) -> _Judged:
        """Say what the values tell about a wrong gradient."""
        lengths = self.lengths | {true.size}
        pattern = find_pattern(hand, true, lengths)
        times = [n for n in sorted(lengths) if n > 1 and is_multiple(pattern.factor, n)]
        if not times or tensor.is_leaf:
            return _Judged(replace(row, hint=pattern.text), tensor)
        hint = f"{pattern.text} Or does it come later, in dW and db?"
        scaled = _measure(row.name, hand, true * times[0], self.rtol)
        return _Judged(replace(row, hint=hint), tensor, times[0], scaled)


def _measure(
    key: str, hand: npt.NDArray[Any], true: npt.NDArray[Any], rtol: float
) -> Row:
    """Compare two arrays element by element."""
    if hand.shape != true.shape:
        return Row(key, "differs")
    if not hand.size:
        return Row(key, "exact", 0.0, 0.0, ())
    with np.errstate(invalid="ignore"):  # inf - inf
        difference = np.where(hand == true, 0.0, np.abs(hand - true))
    worst = np.unravel_index(np.argmax(difference), true.shape)
    absolute = float(difference[worst])
    largest = float(np.max(np.abs(true)))
    relative = absolute / largest if largest else (float("inf") if absolute else 0.0)
    if np.array_equal(hand, true):
        verdict = "exact"
    else:
        is_close = relative <= _allowed(hand, true, rtol)
        verdict = "close" if is_close else "differs"
    return Row(key, verdict, absolute, relative, tuple(int(k) for k in worst))


def _allowed(hand: npt.NDArray[Any], true: npt.NDArray[Any], rtol: float) -> float:
    """Return the relative difference that is none: more in single precision."""
    kinds = [array.dtype for array in (hand, true) if array.dtype.kind == "f"]
    return max(rtol, *(100 * float(np.finfo(kind).eps) for kind in kinds))


def _with_conventions(judged: list[_Judged]) -> list[Row]:
    """Recognise intermediates that are m times too big and made good later."""
    compared: set[Tensor] = set()
    right: set[Tensor] = set()
    factors: dict[Tensor, int] = {}
    for item in judged:
        if item.tensor is None:
            continue
        compared.add(item.tensor)
        if item.row.is_right:
            right.add(item.tensor)
        if item.times:
            factors[item.tensor] = item.times
    scaled = find_conventions(factors, right, compared)
    return [
        replace(
            item.scaled,
            verdict="convention",
            hint=_convention(item.row.name, item.times),
        )
        if item.tensor in scaled and item.times and item.scaled
        else item.row
        for item in judged
    ]


def _convention(key: str, times: int) -> str:
    return f"{times} * dcost/d{spelled(key)[0]}; 1/m comes later"
